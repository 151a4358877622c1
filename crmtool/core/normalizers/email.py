"""E-mail addresses: one spelling, what is known of the mailbox, and what is wrong with it; no network.

A plain address is read column-wise, any other cell by `email_cells`. Parts before the @ that are not plain are checked
by email-validator, a domain once however many addresses it has (`email_domains`). What is mistyped is only suggested:
mail.com is no slip for gmail.com. To add a shared mailbox: `email_boxes`; a repair of a cell: `email_cells`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from email_validator import EmailNotValidError, validate_email

from crmtool.core import mailboxes
from crmtool.core.normalizers import email_boxes, email_broken, email_cells, email_domains
from crmtool.core.normalizers.cells import answered, only, prepared
from crmtool.core.normalizers.registry import normalizer

if TYPE_CHECKING:
    from crmtool.core.normalizers.registry import Settings

EXTRA: dict[str, pl.DataType] = {
    "status": pl.String(),
    "domain": pl.String(),
    "canonical": pl.String(),
    "local": pl.String(),
    "type": pl.String(),
    "free": pl.Boolean(),
    "disposable": pl.Boolean(),
}

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN_LOCAL = rf"^{_ATOM}(?:\.{_ATOM})*$"
_ADDRESS = rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_PLAIN = rf"^{_ADDRESS}$"
_NAMED = rf"^[^<>@;]*< ?{_ADDRESS} ?>$|^(?i:mailto:){_ADDRESS}$"
_PLAIN_LIST = rf"^(?:{_ADDRESS} ?[,;] ?)+{_ADDRESS}[;,]?$"
_CYRILLIC = "[\u0400-\u052f]"
_MOST_BYTES = 254  # RFC 5321: a path of 256 with its brackets
_MOST_LOCAL = 64  # RFC 5321


@normalizer("email")
def email(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return addresses in lower case, one row per address of a cell.

    Adds `status` ("valid", "possible": of an ending nobody knows or likely mistyped, "invalid": no address, or one
    that takes no mail, "unknown"), `local` and `domain` (as people read it), `canonical` (ASCII, one for all spellings
    of a mailbox: to compare with), `type` ("role" for a mailbox that several people read, else "personal"), `free` and
    `disposable`. Codes: email.invalid and email.broken (null in `clean`), email.placeholder (nobody has it),
    email.repaired, email.typo (kept; `suggestion` has the likely one, unless the rules say to write it),
    email.reserved, email.example, email.ending, email.disposable, email.cyrillic (all kept).

    >>> from crmtool.core.normalizers.registry import Settings
    >>> email(pl.Series(["Иван <IVAN@mail.ru>"]), Settings())["clean"].item()
    'ivan@mail.ru'
    """
    addresses = _pieces(prepared(values.str.replace_all(r"[\r\n\t]+", ";"), settings).with_columns(value=values))
    addresses = _judged(_with_domain(_with_local(addresses), settings), settings)
    return answered(addresses, EXTRA)


def _pieces(cells: pl.DataFrame) -> pl.DataFrame:
    """Return one row per address of a cell: `piece`, as it can be checked, and `mended`; `seq` counts them."""
    odd = cells.filter(pl.col("text").is_not_null() & ~pl.col("text").str.contains(_PLAIN))["text"].unique()
    if odd.is_empty():
        return cells.with_columns(seq=pl.lit(0), piece="text", mended=pl.lit(None, pl.String))
    easy = odd.str.contains(rf"{_NAMED}|{_PLAIN_LIST}")
    rows = [(text, n, *piece) for text in odd.filter(~easy) for n, piece in enumerate(email_cells.pieces(text))]
    schema = {"text": pl.String, "seq": pl.Int64, "piece": pl.String, "mended": pl.String}
    read = pl.concat([_easy(odd.filter(easy)), pl.DataFrame(rows, schema=schema, orient="row")], how="diagonal")
    joined = cells.join(read, on="text", how="left", maintain_order="left")
    return joined.with_columns(seq=pl.col("seq").fill_null(0), piece=pl.coalesce("piece", "text"))


def _easy(texts: pl.Series) -> pl.DataFrame:
    """Return the addresses of lists and of names with an address (columns text, seq, piece), each once."""
    addresses = pl.col("text").str.replace(r"^[^<>@]*[<:]", "").str.to_lowercase().str.extract_all(_ADDRESS)
    listed = texts.rename("text").to_frame().with_columns(piece=addresses.list.unique(maintain_order=True))
    return listed.with_columns(seq=pl.int_ranges(pl.col("piece").list.len())).explode("piece", "seq")


def _with_local(addresses: pl.DataFrame) -> pl.DataFrame:
    """Return `addresses` with `local` (null: not valid) and `written`, the domain in lower case."""
    parts = pl.col("piece").str.to_lowercase().str.splitn("@", 2)
    split = addresses.with_columns(parts.struct.rename_fields(["before", "written"]).struct.unnest())
    plain = pl.col("before").str.contains(_PLAIN_LOCAL)
    others = {local: _local(local) for local in split.filter(~plain)["before"].drop_nulls().unique()}
    checked = (
        pl.when(plain)
        .then("before")
        .otherwise(pl.col("before").replace_strict(others, default=None, return_dtype=pl.String))
    )
    return split.with_columns(local=pl.when(checked.str.len_bytes() <= _MOST_LOCAL).then(checked))


def _local(local: str) -> str | None:
    """Return the part before the @ as email-validator normalizes it, in lower case; None where it takes none."""
    try:
        return validate_email(f"{local}@example.com", check_deliverability=False).local_part.lower()
    except EmailNotValidError:
        return None


def _with_domain(addresses: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return `addresses` with the facts about their domains and `clean`, null where a part is not valid."""
    addresses = _corrected(addresses, settings) if settings.apply_email_typos else addresses
    facts = email_domains.facts(addresses["written"].drop_nulls().unique(), settings.email_typos)
    joined = addresses.join(facts, left_on="written", right_on="domain", how="left", maintain_order="left")
    length = pl.concat_str("local", "ascii", separator="@").str.len_bytes()
    whole = pl.concat_str("local", "shown", separator="@")
    return joined.with_columns(clean=pl.when(length <= _MOST_BYTES).then(whole))


def _corrected(addresses: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return `addresses` with the likely domain in the place of a mistyped one."""
    facts = email_domains.facts(addresses["written"].drop_nulls().unique(), settings.email_typos)
    slips = facts.drop_nulls("likely").select("domain", "likely")
    joined = addresses.join(slips, left_on="written", right_on="domain", how="left", maintain_order="left")
    mistyped = pl.col("likely").is_not_null()
    return joined.with_columns(
        written=pl.coalesce("likely", "written"),
        mended=pl.when(mistyped).then(pl.lit("email.typo")).otherwise("mended"),
    ).drop("likely")


def _judged(addresses: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return `addresses` with what there is to say about each, and its parts."""
    filler = email_boxes.made_up(addresses["local"], addresses["ascii"])
    word = pl.col("piece").str.to_lowercase().is_in(list(email_boxes.MADE_UP))
    judged = addresses.with_columns(code=_filling(filler, word)).with_columns(
        clean=pl.when(pl.col("code").is_null()).then("clean")
    )
    refused = pl.col("clean").is_null() & pl.col("code").is_null() & pl.col("piece").is_not_null()
    broken = {piece: email_broken.likely(piece) for piece in judged.filter(refused)["piece"].unique()}
    judged = judged.with_columns(meant=pl.col("piece").replace_strict(broken, default=None, return_dtype=pl.String))
    judged = judged.with_columns(rule=_rule(), code=pl.coalesce("code", _code()))
    known = pl.col("clean").is_not_null()
    parts: dict[str, pl.Expr | pl.Series] = {
        "local": pl.col("local"),
        "domain": pl.col("shown"),
        "canonical": mailboxes.canonical(judged["local"], judged["ascii"]),
        "type": email_boxes.kinds(judged["local"], email_boxes.ROLES | settings.email_roles),
        "free": pl.col("free"),
        "disposable": pl.col("disposable"),
    }
    kept = {name: pl.when(known).then(part) for name, part in parts.items()}
    return judged.with_columns(suggestion=_suggestion(), status=_status(), **kept)


def _filling(filler: pl.Series, word: pl.Expr) -> pl.Expr:
    """Return the code of what stands where there is no address."""
    return (
        pl.when(pl.col("text").is_null())
        .then("code")
        .when(pl.lit(filler) & pl.col("clean").is_not_null())
        .then(pl.lit("email.placeholder"))
        .when(word)
        .then(pl.lit("value.placeholder"))
    )


def _rule() -> pl.Expr:
    """Return what changed an address."""
    other = pl.col("clean") != pl.col("value")
    small = only(other, pl.col("value")).str.to_lowercase()
    only_case = pl.col("clean") == small
    only_domain = pl.concat_str(only(other, pl.col("before")), pl.lit("@"), only(other, pl.col("written"))) == small
    told = pl.when(only_case).then(pl.lit("email.case")).when(only_domain).then(pl.lit("email.domain"))
    return pl.when(other).then(pl.coalesce("mended", told, pl.lit("email.format")))


def _code() -> pl.Expr:
    """Return what there is to say about an address; of several things the gravest."""
    takes = pl.col("takes_mail")
    lost = pl.col("clean").is_null() & pl.col("text").is_not_null()
    return (
        pl.when(lost & pl.col("meant").is_not_null())
        .then(pl.lit("email.broken"))
        .when(lost)
        .then(pl.lit("email.invalid"))
        .when(pl.col("likely").is_not_null())
        .then(pl.lit("email.typo"))
        .when(takes != "yes")
        .then(pl.lit("email.") + takes)
        .when(pl.col("disposable"))
        .then(pl.lit("email.disposable"))
        .when(pl.col("local").str.contains(_CYRILLIC) & pl.col("ascii").eq_missing(pl.col("shown")))
        .then(pl.lit("email.cyrillic"))
        .when(pl.col("mended") != "email.quotes")
        .then(pl.lit("email.repaired"))
    )


def _status() -> pl.Expr:
    """Return what an address is worth in one word."""
    codes = {
        **dict.fromkeys(("value.placeholder", "email.placeholder"), "unknown"),
        **dict.fromkeys(("email.invalid", "email.broken", "email.reserved"), "invalid"),
        **dict.fromkeys(("email.typo", "email.ending", "email.cyrillic"), "possible"),
    }
    told = pl.col("code").replace_strict(codes, default="valid", return_dtype=pl.String)
    return pl.when(pl.col("code").is_null()).then(pl.lit("valid")).otherwise(told)


def _suggestion() -> pl.Expr:
    """Return the likely address for a typo or a broken one, the mended one for a repair."""
    slip = pl.concat_str(pl.col("local"), pl.lit("@"), pl.col("likely"))
    return (
        pl.when(pl.col("code") == "email.broken")
        .then("meant")
        .when(pl.col("code") == "email.typo")
        .then(slip)
        .when(pl.col("code") == "email.repaired")
        .then("clean")
    )
