"""Labels of channels and addresses: what "* Work", "Рабочий" or "Home Fax" in a column of labels mean.

To add a word: in the line of its label; a word of four letters and more also stands for words that begin with it. Lines
above go before lines below: a "Home Fax" is a fax.
"""

from __future__ import annotations

from crmtool.core.folding import folded

_LABELS = {
    "fax": "fax факс",
    "pager": "pager пейджер",
    "telegram": "telegram телеграм tg",
    "whatsapp": "whatsapp ватсап вотсап вацап",
    "viber": "viber вайбер",
    "skype": "skype скайп",
    "signal": "signal",
    "vk": "vk вк вконтакте vkontakte",
    "facebook": "facebook фейсбук fb",
    "instagram": "instagram инстаграм",
    "linkedin": "linkedin",
    "mobile": "mobile cell cellular cellphone iphone handy мобильн мобільн моб сотов сот мобилка мобілка",
    "work": "work business office company corporate organization рабоч раб служебн корпорат офис робоч роб службов "
    "офіс компани компані организаци організаці фирм фірм",
    "home": "home house домашн дом дім проживан",
    "personal": "personal private личн частн особист приватн",
    "billing": "billing invoice плательщик платник счетов",
    "shipping": "shipping delivery доставк",
    "mailing": "mailing postal почтов поштов рассыл розсил",
    "legal": "legal registered юридическ юридичн юр",
    "actual": "actual фактич факт",
    "main": "main primary pref основн главн головн",
    "other": "other другой другая другое інший інша інше прочее разное",
}
_STEM = 4  # letters; a shorter word is an abbreviation and stands for itself only


def label_in(text: str, kind: str = "") -> str | None:
    """Return the label a text names, None for none; `kind` is the channel: a mailbox at home is a personal one.

    >>> label_in("* Work"), label_in("Домашній"), label_in("HOME;FAX"), label_in("Home", "email"), label_in("Дача")
    ('work', 'home', 'fax', 'personal', None)
    """
    words = "".join(c if c.isalpha() else " " for c in folded(text)).split()
    found = next((label for label, known in _LABELS.items() if _names(words, known.split())), None)
    return "personal" if (found, kind) == ("home", "email") else found


def label_of_cell(text: str, kind: str) -> str | None:
    """Return the label that a cell of a column of labels says; one nobody knows stays as written.

    >>> label_of_cell("* Mobile", "phone"), label_of_cell("_$!<Work>!$_", "phone"), label_of_cell(" Дача ", "phone")
    ('mobile', 'work', 'Дача')
    """
    return label_in(text, kind) or " ".join(text.strip(" *").split()) or None


def _names(words: list[str], known: list[str]) -> bool:
    """Return whether one of the words is known, or begins with a known stem in Cyrillic, where words have endings."""
    return any(
        word == stem or (len(stem) >= _STEM and not stem.isascii() and word.startswith(stem))
        for word in words
        for stem in known
    )
