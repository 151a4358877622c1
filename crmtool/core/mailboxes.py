"""One spelling for all addresses of one mailbox, to compare with and never to write to.

Stands below normalizers and comparators, which may not import one another. To add a rule of a provider: `_CANONICAL`;
another name of one: `_SAME`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

#: Domains of one and the same mailbox.
_YANDEX = """
ya.ru yandex.com yandex.ua yandex.by yandex.kz yandex.uz yandex.com.tr yandex.az yandex.co.il yandex.com.am
yandex.com.ge yandex.ee yandex.fr yandex.kg yandex.lt yandex.lv yandex.md yandex.tj yandex.tm narod.ru
"""
_SAME = {
    "gmail.com": ("googlemail.com",),
    "yandex.ru": _YANDEX.split(),
    "proton.me": ("protonmail.com", "protonmail.ch", "pm.me"),
    "icloud.com": ("me.com", "mac.com"),
}
_OWN = {name: own for own, names in _SAME.items() for name in (own, *names)}
#: Signs that a provider does not read, by the domain of the mailbox: what they are, what stands for them.
_CANONICAL = {"gmail.com": (r"\.", ""), "yandex.ru": (r"\.", "-"), "proton.me": ("[._-]", "")}
#: Domains where what follows a plus only sorts the mail.
_SORTING = """
outlook.com outlook.de hotmail.com hotmail.co.uk hotmail.fr hotmail.de hotmail.it hotmail.es live.com live.ru live.co.uk
msn.com icloud.com fastmail.com fastmail.fm hey.com zoho.com mail.ru bk.ru inbox.ru list.ru internet.ru xmail.ru
rambler.ru duck.com tutanota.com tuta.io mailbox.org posteo.de
"""
_TAGGING = frozenset(_SORTING.split())


def spelled(addresses: pl.Series) -> pl.Series:
    """Return addresses (String) as `canonical` spells them; what has no @ as it is, in lower case.

    >>> spelled(pl.Series(["I.Petrov+shop@GoogleMail.com", "i.petrov@mail.example"])).to_list()
    ['ipetrov@gmail.com', 'i.petrov@mail.example']
    """
    small = addresses.str.strip_chars().str.to_lowercase()
    box, domain = small.str.extract(r"^(.+)@[^@]+$"), small.str.extract(r"@([^@]+)$")
    whole = canonical(box, domain)
    return pl.select(pl.coalesce(whole, small)).to_series()


def canonical(locals_: pl.Series, domains: pl.Series) -> pl.Series:
    """Return one spelling for all of one mailbox, to compare with and never to write to.

    `locals_` are in lower case, `domains` in ASCII. The dots of Gmail, the dots and hyphens of Yandex and Proton, tags
    behind a plus, and the several domains of one provider are alike; where a provider is not known, nothing is.
    """
    box = domains.replace(_OWN)
    tagged = box.is_in([*_TAGGING, *_CANONICAL]).fill_null(value=False)
    plain = where(locals_, tagged & locals_.str.contains("+", literal=True), untagged)
    for own, (pattern, instead) in _CANONICAL.items():
        mask = (box == own) & plain.str.contains(pattern)
        plain = where(plain, mask, lambda some, p=pattern, i=instead: some.str.replace_all(p, i))  # type: ignore[misc]  # bound by its defaults
    kept = pl.select(pl.when(plain.str.len_bytes() > 0).then(plain).otherwise(locals_)).to_series()
    return pl.select(pl.concat_str(kept, box, separator="@")).to_series()


def untagged(locals_: pl.Series) -> pl.Series:
    """Return local parts without what follows a plus."""
    tagged = locals_.str.contains(r"^[^+]+\+")
    return where(locals_, tagged, lambda some: some.str.extract(r"^([^+]+)"))


def where(texts: pl.Series, mask: pl.Series, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Return `texts` with those under a mask changed: most texts need no change, and a replacement takes its time."""
    places = mask.fill_null(value=False).arg_true()
    return texts.clone().scatter(places, change(texts.gather(places))) if len(places) else texts
