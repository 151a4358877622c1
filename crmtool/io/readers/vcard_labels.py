"""What the types and labels of vCard call a value: the words that headings use, or someone's own label.

To add a word: in `WORDS`, with the word of the headings; to add a messenger or a network: in `SERVICES`.
"""

from __future__ import annotations

import re
from functools import lru_cache

WORDS = {
    "work": "work",
    "business": "work",
    "home": "home",
    "cell": "mobile",
    "mobile": "mobile",
    "cellular": "mobile",
    "iphone": "mobile",
    "fax": "fax",
    "pager": "pager",
    "main": "main",
    "other": "",
    # what a line can carry, and what is said by default, is no label
    **dict.fromkeys(("voice", "msg", "text", "video", "internet", "dom", "intl", "postal", "parcel", "pref"), ""),
}
_KIND = ("fax", "pager", "mobile", "main")
_PLACE = ("work", "home")
SERVICES = {
    "telegram": "telegram",
    "whatsapp": "whatsapp",
    "viber": "viber",
    "skype": "skype",
    "signal": "signal",
    "vk": "vk",
    "vkontakte": "vk",
    "facebook": "facebook",
    "icq": "icq",
    "jabber": "jabber",
    "xmpp": "jabber",
    "gtalk": "google talk",
    "google-talk": "google talk",
    "googletalk": "google talk",
    "aim": "aim",
    "msn": "msn",
    "yahoo": "yahoo",
    "ymsgr": "yahoo",
    "qq": "qq",
    "wechat": "wechat",
    "sip": "sip",
}
NETWORKS = ("linkedin", "twitter", "instagram", "youtube", "tiktok", "github", "xing", "flickr", "ok", "odnoklassniki")


@lru_cache(maxsize=4096)
def named(types: tuple[str, ...], label: str) -> tuple[str, str, str]:
    """Return the kind and the place that headings call a value by, and a label of someone's own, which has neither.

    >>> named(("work", "cell", "voice"), ""), named(("voice",), "_$!<HomeFAX>!$_"), named(("work",), "Офис")
    (('mobile', 'work', ''), ('fax', 'home', ''), ('', '', 'Офис'))
    """
    shown = re.sub(r"^_\$!<(.*)>!\$_$", r"\1", label.strip())
    words = re.sub(r"([a-z])([A-Z])", r"\1 \2", shown).lower().split() if shown else list(types)
    own = [word.removeprefix("x-") for word in words if word not in WORDS]
    if own:
        return "", "", shown or " ".join(word.removeprefix("x-") for word in words if WORDS.get(word) != "")
    told = {WORDS[word] for word in words}
    kind = next((word for word in _KIND if word in told), "")
    place = next((word for word in _PLACE if word in told), "")
    return kind, place, ""


def service(*names: str) -> str:
    """Return the messenger that one of these names is, "" for none.

    >>> service("home", "Telegram"), service("X-SKYPE-USERNAME"), service("x-custom")
    ('telegram', 'skype', '')
    """
    for name in names:
        plain = re.sub(r"^x-|-(username|id)$", "", name.strip().lower())
        if plain in SERVICES:
            return SERVICES[plain]
    return ""


def network(*names: str) -> str:
    """Return the social network that one of these names is, "" for none."""
    return next((name.strip().lower() for name in names if name.strip().lower() in NETWORKS), "")
