"""E-mail addresses: lower case, ASCII domain, syntax by email-validator; no network.

A cell may hold several addresses, `mailto:`, or `Name <address>`. Plain ASCII local parts are checked column-wise,
others by the library; a domain is checked once however many addresses it has. Mistyped domains come from the rules and
are only suggested: mail.com is no slip for gmail.com. To add a shared mailbox: `_ROLES`; a letter: `_LOOK_ALIKES`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl
from email_validator import EmailNotValidError, validate_email

from crmtool.core.normalizers.cells import answered, prepared
from crmtool.core.normalizers.registry import normalizer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmtool.core.normalizers.registry import Settings

EXTRA: dict[str, pl.DataType] = {"type": pl.String()}

#: Local parts of mailboxes that several people read, in the languages of our users.
_ROLES = """
abuse accounting accounts admin administrator ads advert advertising agency all billing booking bookings buh
buhgalter buhgalteria bux callcenter career careers client clients commercial company compliance contact
contacts contracts customer customerservice customers delivery dev director dispatch dogovor donotreply editor
editorial education enquiries enquiry event events export finance general glavbuh guest hallo headoffice hello
help helpdesk hi hostmaster hr import info information inbox inquiries inquiry invoice invoices it job jobs
kadry kassa kontakt kontakty legal list logist logistic logistics mail mailbox mailer-daemon main manager
management marketing market media member members moderator news newsletter no-reply nobody noc noreply oferta
office office1 ofis ok opt order orders otdel partner partners pay payment payments personnel pochta postmaster
post pr press priemnaya privacy prodazhi purchase purchasing reception recruiting recruitment redaktsiya reklama
registrar reservation reservations resume root rezume sale sales secretary security sekretar service services
shop site sklad sklep snab snabzhenie social staff subscribe supply support team tech technical tender tenders
ticket tickets usenet vacancy vakansii vopros web webmaster welcome work zakaz zakazy zakupka zakupki zayavka
"""
ROLES = frozenset(_ROLES.split())

#: Cyrillic letters that look like Latin ones on a screen.
_LOOK_ALIKES = dict(zip("асеорхуіјѕһԁԛԝкмтАВСЕНІЈКМОРЅТХУ", "aceopxyijshdqwkmtABCEHIJKMOPSTXY", strict=True))
_CYRILLIC = re.compile("[\u0400-\u052f]")
_LATIN = re.compile("[A-Za-z]")

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN_LOCAL = rf"^{_ATOM}(?:\.{_ATOM})*$"
_NAMED = '(?:"[^"]*"|[^,;<>"])*<([^<>]*@[^<>]*)>'
_NEIGHBOURS = r"(@[^\s,;|@]+)[\s,|]+([^\s,;|@]+@)"
_STRAY_BEFORE = '"«»“”„([<,;: '  # no address begins with one; a full stop in front may stand for a lost letter
_STRAY_BEHIND = '"«»“”„)]>,;:.\\ '
_QUOTED = r"^'(.*)'$"
_MOST_BYTES = 254  # RFC 5321: a path of 256 with its brackets


@normalizer("email")
def email(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return addresses in lower case with an ASCII domain, one row per address of a cell.

    Adds `type`: "role" for a mailbox of `ROLES`, else "personal". Codes: email.invalid (null in `clean`),
    email.repaired (look-alike letters or stray characters mended), email.typo (kept; `suggestion` has the likely one).

    >>> from crmtool.core.normalizers.registry import Settings
    >>> email(pl.Series(["Иван <IVAN@mail.ru>"]), Settings())["clean"].item()
    'ivan@mail.ru'
    """
    lines = values.str.replace_all(r"[\r\n]+", ";")
    addresses = _split(prepared(lines, settings).with_columns(value=values))
    addresses = addresses.with_columns(mended=_mended(addresses["piece"]))
    addresses = _with_parts(addresses).with_columns(clean=_joined()).with_columns(_type())
    likely = pl.col("ascii_domain").replace_strict(
        list(settings.email_typos), list(settings.email_typos.values()), default=None, return_dtype=pl.String
    )
    addresses = addresses.with_columns(likely=pl.when(pl.col("clean").is_not_null()).then(likely))
    return answered(addresses.with_columns(rule=_rule(), code=_code(), suggestion=_suggestion()), EXTRA)


def _split(cells: pl.DataFrame) -> pl.DataFrame:
    """Return one row per address of a cell: `piece`, as written; `seq` counts them.

    Spaces part addresses only where each side has its @: in "ivan petrov@mail.ru" the space may be the mistake.
    """
    text = pl.col("text").str.replace_all(r"(?i)\bmailto:", "")
    named = text.str.contains(_NAMED)
    free = text.str.replace_all(_NAMED, ";${1};").str.replace_all(" ?[@＠] ?", "@")
    for _ in range(2):  # an address between two others belongs to a match on either side
        free = free.str.replace_all(_NEIGHBOURS, "${1};${2}")
    listed = free.str.split(";").list.eval(pl.element().str.strip_chars(" ,|").replace("", None).drop_nulls())
    addresses = listed.list.eval(pl.element().filter(pl.element().str.contains("@", literal=True)))
    pieces = pl.when(named).then(addresses).otherwise(listed)
    filled = pl.when(pieces.list.len() > 0).then(pieces).otherwise(pl.concat_list("text"))
    many = cells.with_columns(piece=filled)
    return many.with_columns(seq=pl.int_ranges(pl.col("piece").list.len())).explode("piece", "seq")


def _mended(pieces: pl.Series) -> pl.Series:
    """Return addresses without stray characters at the ends and with look-alike letters made Latin."""
    bare = pieces.str.strip_chars_start(_STRAY_BEFORE).str.strip_chars_end(_STRAY_BEHIND).str.replace(_QUOTED, "${1}")
    odd = bare.filter(bare.str.contains(_CYRILLIC.pattern)).unique()
    return bare.replace(odd, pl.Series([_latin(address) for address in odd], dtype=pl.String))


def _latin(address: str) -> str:
    """Return an address with Cyrillic look-alikes made Latin where Latin letters stand beside them.

    >>> _latin("ivаn@mаil.соm"), _latin("иван@почта.рф")
    ('ivan@mail.com', 'иван@почта.рф')
    """
    local, at, domain = address.rpartition("@")
    labels = [_word(label) for label in domain.split(".")]
    if len(labels) > 1 and not _CYRILLIC.search("".join(labels[:-1])):
        labels[-1] = _all_latin(labels[-1]) or labels[-1]
    return _word(local) + at + ".".join(labels)


def _word(word: str) -> str:
    """Return a word of both alphabets in Latin if all its Cyrillic letters have a Latin double."""
    return (_all_latin(word) if _LATIN.search(word) else "") or word


def _all_latin(word: str) -> str:
    """Return `word` with the doubles of all its Cyrillic letters, empty if one has none."""
    plain = "".join(_LOOK_ALIKES.get(letter, letter) for letter in word)
    return "" if _CYRILLIC.search(plain) else plain


def _with_parts(addresses: pl.DataFrame) -> pl.DataFrame:
    """Return `addresses` with `local` and `ascii_domain`, null where they are not valid."""
    parts = pl.col("mended").str.to_lowercase().str.extract_groups(r"^([^@]+)@([^@]+)$")
    split = addresses.with_columns(written=parts.struct.field("1"), domain=parts.struct.field("2"))
    plain = pl.col("written").str.contains(_PLAIN_LOCAL)
    locals_ = _checked(split.filter(~plain)["written"], "{}@example.com", "local_part")
    domains = _checked(split["domain"], "x@{}", "ascii_domain")
    return split.with_columns(
        local=pl.when(plain).then("written").otherwise(_translated("written", locals_)),
        ascii_domain=_translated("domain", domains),
    )


def _checked(words: pl.Series, form: str, part: str) -> dict[str, str]:
    """Return the part of an address of this form that email-validator gives for each distinct word it takes."""
    found = ((word, _validated(form.format(word), part)) for word in words.drop_nulls().unique())
    return {word: clean for word, clean in found if clean}


def _validated(address: str, part: str) -> str | None:
    """Return a part of a valid address, None for an invalid one; reserved test domains are valid."""
    try:
        found = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return str(getattr(found, part))


def _translated(column: str, table: Mapping[str, str]) -> pl.Expr:
    """Return `column` by `table`, null for what is not in it."""
    return pl.col(column).replace_strict(list(table), list(table.values()), default=None, return_dtype=pl.String)


def _joined() -> pl.Expr:
    """Return the whole address, null if a part is missing or it is too long."""
    whole = pl.concat_str(pl.col("local").str.to_lowercase(), "ascii_domain", separator="@")
    return pl.when(whole.str.len_bytes() <= _MOST_BYTES).then(whole)


def _type() -> pl.Expr:
    """Return whether one person or a role reads the mailbox; what follows a plus says nothing."""
    box = pl.col("local").str.replace(r"\+.*$", "").str.to_lowercase()
    kind = pl.when(box.is_in(list(ROLES))).then(pl.lit("role")).otherwise(pl.lit("personal"))
    return pl.when(pl.col("clean").is_not_null()).then(kind).alias("type")


def _repaired() -> pl.Expr:
    """Tell whether an address was wrong as written, and is right now."""
    return pl.col("clean").is_not_null() & (pl.col("mended") != pl.col("piece"))


def _rule() -> pl.Expr:
    """Return what changed an address."""
    only_case = pl.col("clean") == pl.col("value").str.to_lowercase()
    name = (
        pl.when(_repaired())
        .then(pl.lit("email.repaired"))
        .when(only_case)
        .then(pl.lit("email.case"))
        .otherwise(pl.lit("email.format"))
    )
    return pl.when(pl.col("clean") != pl.col("value")).then(name)


def _code() -> pl.Expr:
    """Return what there is to say about an address."""
    return (
        pl.when(pl.col("text").is_null())
        .then("code")
        .when(pl.col("clean").is_null())
        .then(pl.lit("email.invalid"))
        .when(pl.col("likely").is_not_null())
        .then(pl.lit("email.typo"))
        .when(_repaired())
        .then(pl.lit("email.repaired"))
    )


def _suggestion() -> pl.Expr:
    """Return the likely address for a typo, the mended one for a repair."""
    meant = pl.concat_str(pl.col("local"), pl.lit("@"), pl.col("likely"))
    return pl.coalesce(meant, pl.when(_repaired()).then("clean"))
