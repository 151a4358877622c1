"""The distinct values of one column, made what the mapping says of them, then normalized.

In this order: a cell is split, its values are translated, days are read in the form they have; then the normalizer of
the field's kind. To add something a mapping may say of values: a key in `SourceMapping` and a step in `_read_as`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.folding import folded, folds
from crmtool.core.imports.headings import said
from crmtool.core.normalizers import registry
from crmtool.core.rules import field_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crmtool.core.rules import Fields, Normalize, SourceMapping

_DAY = r"^\s*(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})((?:\D.*)?)$"
_ORDERS = {"DMY": "$1.$2.$3$4", "MDY": "$2.$1.$3$4"}  # written so that no reader takes the month for the day
_MONTHS = 12
_KINDS = {"tags": "text", "verified_on": "day", "key": "text"}


@dataclass(frozen=True)
class Said:
    """What a mapping says of the columns of a table: heading -> what it says."""

    split: Mapping[str, str] = field(default_factory=dict)
    translate: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # folded value -> value
    formats: Mapping[str, str] = field(default_factory=dict)


def said_of(headings: Iterable[str], rule: SourceMapping) -> Said:
    """Return what a mapping says of these headings."""
    headings = list(headings)
    translate = {
        heading: {folded(written): wanted for written, wanted in table.items()}
        for heading, table in said(headings, rule.translate).items()
    }
    return Said(said(headings, rule.split), translate, said(headings, rule.formats))


def settings_for(normalize: Normalize, region: str | None, vocabulary: Mapping[str, str]) -> registry.Settings:
    """Return what a normalizer may need; `vocabulary` is folded synonym -> canonical value."""
    return registry.Settings(
        region=region or normalize.region,
        name_order=normalize.name_order,
        date_order=normalize.date_order,
        year_pivot=normalize.year_pivot,
        placeholders=frozenset(word.casefold() for word in normalize.placeholders),
        vocabulary=vocabulary,
        email_typos=normalize.email_typos,
        apply_email_typos=normalize.apply_email_typos,
        email_roles=frozenset(word.casefold() for word in normalize.email_roles),
    )


def kind_of(target: str, fields: Fields) -> str:
    """Return the kind of the values of a target; the beginning and the end of a consent are days."""
    rule = fields.field.get(target) or fields.field.get(field_of(target))
    if rule is None:
        return "day" if target.startswith("consent.") and target.endswith((".at", ".until")) else "text"
    return _KINDS.get(rule.kind, rule.kind)


def normalized(cells: pl.Series, heading: str, kind: str, said: Said, settings: registry.Settings) -> pl.DataFrame:
    """Return the normalized distinct values of a column (columns: see `registry`), `value` being the cell as read."""
    values = cells.alias("value").drop_nulls().unique(maintain_order=True)
    if not any(heading in table for table in (said.split, said.translate, said.formats)):
        return registry.normalized(kind, values, settings)
    pieces = read(values, heading, said)
    done = registry.normalized(kind, pieces["value"].unique(maintain_order=True), settings)
    whole = pieces.join(done, on="value", maintain_order="left").with_columns(seq=pl.int_range(pl.len()).over("cell"))
    return whole.with_columns(value="cell", rule=pl.coalesce("rule", "read_as")).drop("cell", "read_as")


def read(cells: pl.Series, heading: str, said: Said) -> pl.DataFrame:
    """Return what a mapping makes of distinct cells: cell, value (one or more of each), read_as (what changed it)."""
    return _read_as(_pieces(cells, said.split.get(heading)), heading, said)


def _pieces(values: pl.Series, separator: str | None) -> pl.DataFrame:
    """Return the pieces of each cell (columns cell, value)."""
    frame = values.alias("cell").to_frame()
    if separator is None:
        return frame.with_columns(value="cell")
    split = frame.with_columns(value=pl.col("cell").str.split(separator.strip() or separator)).explode("value")
    stripped = split.with_columns(pl.col("value").str.strip_chars())
    return stripped.filter(pl.col("value") != "")


def _read_as(pieces: pl.DataFrame, heading: str, said: Said) -> pl.DataFrame:
    """Put in place of each value what the mapping says it means; `read_as` names what did it."""
    read = pieces.with_columns(read_as=pl.lit(None, pl.String))
    if heading in said.translate:
        read = _replaced(read, _translated(read["value"], said.translate[heading]), "mapping.translate")
    if heading in said.formats:
        read = _replaced(read, _days(read["value"], said.formats[heading]), "mapping.format")
    return read.filter(pl.col("value") != "")


def _replaced(read: pl.DataFrame, wanted: pl.Series, rule: str) -> pl.DataFrame:
    """Put the wanted values, where there are any, in place of those read."""
    other = wanted.is_not_null() & (wanted != read["value"])
    return read.with_columns(
        value=pl.coalesce(wanted.alias("wanted"), "value"),
        read_as=pl.when(other).then(pl.lit(rule)).otherwise("read_as"),
    )


def _translated(values: pl.Series, table: Mapping[str, str]) -> pl.Series:
    """Return what each value means by the mapping, null where it says nothing."""
    return folds(values).replace_strict(dict(table), default=None, return_dtype=pl.String)


def _days(values: pl.Series, form: str) -> pl.Series:
    """Return days in a look that leaves no doubt, null where they are not of the form."""
    if form not in _ORDERS:
        return values.str.strip_chars().str.to_date(form, strict=False).dt.to_string("iso")
    month = values.str.extract(_DAY, 2 if form == "DMY" else 1).cast(pl.Int64, strict=False)
    text = values.str.replace(_DAY, _ORDERS[form])
    return pl.select(pl.when(month <= _MONTHS).then(text)).to_series()
