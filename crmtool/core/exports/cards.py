"""Contacts as vCards, 3.0 (RFC 2426) or 4.0 (RFC 6350), made column by column.

To add a property: a line in `_lines`. Values are escaped and lines folded at 75 bytes as the standards ask for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.export_rules import channel_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmtool.core.export_rules import Export
    from crmtool.core.exports.table import Chunk

_FOLD = 75  # bytes of a line
_TYPES = {"mobile": "cell", "work": "work", "home": "home", "fax": "fax", "pager": "pager", "personal": "home"}
_CHANNELS = {"phone": "TEL", "email": "EMAIL", "site": "URL", "messenger": "IMPP"}
_NAME = ("family_name", "given_name", "middle_name", "prefix", "suffix")
_ADDRESS = ("address", "city", "region", "postcode", "country")


def cards(chunk: Chunk, profile: Export) -> pl.DataFrame:
    """Return contacts as cards (one column, card), with the fields that the profile names and whatever channels."""
    fields = set(profile.columns.values())
    wide = chunk.contacts
    for more in _gathered(chunk, fields):
        wide = wide.join(more, left_on="id", right_on="root_id", how="left", maintain_order="left")
    absent = [pl.lit(None, pl.String).alias(name) for name in (*_NAME, *_ADDRESS, "name") if name not in wide.columns]
    lines = [line.fill_null("") for line in _lines(wide.columns, fields, profile.vcard)]
    start = pl.lit(f"BEGIN:VCARD\nVERSION:{profile.vcard}\n")
    text = wide.with_columns(absent).select(card=pl.concat_str([start, *lines, pl.lit("END:VCARD\n")]))
    return text.select(_folded(text["card"]))


def _lines(columns: list[str], fields: set[str], version: str) -> Iterator[pl.Expr]:
    """Yield the lines of a property each, null where there is nothing."""
    if "id" in fields:
        yield pl.format("UID:crmtool-{}\n", "id")
    whole = pl.concat_str(
        [pl.col(part) for part in ("given_name", "middle_name", "family_name")], separator=" ", ignore_nulls=True
    )
    shown = pl.coalesce("name", pl.when(whole != "").then(whole), pl.lit("?"))
    yield pl.format("FN:{}\n", _escaped(shown))
    yield pl.format("N:{}\n", _joined(_NAME))
    if "kind" in fields and version == "4.0":
        yield pl.when(pl.col("kind") == "company").then(pl.lit("KIND:org\n"))
    texts = {"company": "ORG", "job_title": "TITLE", "note": "NOTE"}
    yield from (pl.format(f"{texts[name]}:{{}}\n", _escaped(pl.col(name))) for name in texts if name in columns)
    if "birthday" in columns:
        yield pl.format("BDAY:{}\n", pl.col("birthday"))
    if "gender" in columns and version == "4.0":
        yield pl.format("GENDER:{}\n", pl.col("gender").replace_strict({"male": "M", "female": "F"}, default=None))
    filled = pl.any_horizontal(pl.col(name).is_not_null() for name in _ADDRESS)
    yield pl.when(filled).then(pl.format("ADR:;;{}\n", _joined(_ADDRESS)))
    yield from (pl.col(name) for name in ("\x00channels", "\x00tags") if name in columns)


def _gathered(chunk: Chunk, fields: set[str]) -> Iterator[pl.DataFrame]:
    """Yield what a contact has several of as lines of its card (root_id and a column)."""
    kinds = {channel[0] for field in fields if (channel := channel_of(field))}
    if kinds:
        wanted = chunk.channels.filter(pl.col("kind").is_in(list(kinds)))
        yield wanted.group_by("root_id", maintain_order=True).agg(_channel().str.join("").alias("\x00channels"))
    if "tags" in fields:
        tags = chunk.tags.unique().sort("root_id", "tag").group_by("root_id", maintain_order=True)
        yield tags.agg(pl.format("CATEGORIES:{}\n", _escaped(pl.col("tag")).str.join(",")).alias("\x00tags"))


def _channel() -> pl.Expr:
    """Return the line of a channel; a label that no type stands for is kept as one of the owner's own."""
    label = pl.coalesce("label", pl.when(pl.col("type") == "mobile").then(pl.lit("mobile")))
    types = label.replace_strict(_TYPES, default=None, return_dtype=pl.String)
    typed = pl.when(types.is_not_null()).then(pl.format(";TYPE={}", types)).otherwise(pl.lit(""))
    extended = pl.col("value") + pl.format(" ext. {}", "extension").fill_null("")
    name = pl.col("kind").replace_strict(_CHANNELS, return_dtype=pl.String)
    messenger = pl.format("{}:{}", label.fill_null("x-im"), extended)
    value = pl.when(pl.col("kind") == "messenger").then(messenger).otherwise(extended)
    return pl.format("{}{}:{}\n", name, typed, _escaped(value))


def _joined(parts: tuple[str, ...]) -> pl.Expr:
    return pl.concat_str([_escaped(pl.col(part)).fill_null("") for part in parts], separator=";")


def _escaped(text: pl.Expr) -> pl.Expr:
    """Return a value with what has a meaning in a card escaped; other control characters are dropped."""
    escaped = text.str.replace_many(["\\", "\r\n", "\n", "\r", ";", ","], ["\\\\", "\\n", "\\n", "\\n", "\\;", "\\,"])
    return escaped.str.replace_all("[\x00-\x08\x0b-\x1f]", "")


def _folded(cards: pl.Series) -> pl.Series:
    """Return cards with CRLF at line ends and no line over 75 bytes; long lines are folded once each."""
    lines = cards.str.strip_suffix("\n").str.split("\n")
    each = pl.DataFrame({"card": pl.int_range(cards.len(), eager=True), "line": lines}).explode("line")
    long = each["line"].filter(each["line"].str.len_bytes() > _FOLD).unique()
    folds = {line: _fold(line) for line in long}
    done = each.with_columns(pl.col("line").replace(list(folds), list(folds.values()))) if folds else each
    whole = done.group_by("card", maintain_order=True).agg(pl.col("line").str.join("\r\n"))
    return (whole["line"] + "\r\n").alias("card")


def _fold(line: str) -> str:
    """Return one long line as lines of at most 75 bytes, broken between letters."""
    pieces, size = [""], 0
    for sign in line:
        size += len(sign.encode())
        if size > _FOLD:
            pieces.append("")
            size = 1 + len(sign.encode())
        pieces[-1] += sign
    return "\r\n ".join(pieces)
