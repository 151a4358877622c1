"""The cells of a journal as values: each column by the kind of its target, every distinct value once.

To add a kind of value: a line in `_READ`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings, model
from crmtool.core.abreast import abreast
from crmtool.core.imports import values
from crmtool.core.imports.headings import said
from crmtool.core.imports.origins import said as origin
from crmtool.core.journal import moments, words
from crmtool.core.normalizers.registry import Settings, normalized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from crmtool.core.journal.columns import Columns
    from crmtool.core.journal.targets import Target

ROW = "\x00row"  # a name no heading has
_QUIET = {"caller", "called"}  # one of the two is a number of ours, often an extension


@dataclass(frozen=True)
class Ways:
    """How values are read: what the rules say, the zone of times without one, and the synonyms of stages."""

    settings: Settings
    zone: str = "UTC"
    stages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cleaned:
    """Rows of a journal.

    `rows` has row, source_key, raw (JSON) and a text column for every target that any column is, null where it says
    nothing; `findings` tell of values that could not be read.
    """

    rows: pl.DataFrame
    findings: pl.DataFrame


def cleaned(cells: pl.DataFrame, rows: pl.Series, columns: Columns, known: Mapping[str, Target], ways: Ways) -> Cleaned:
    """Return the values of text cells. Several columns of one target: the first filled counts, of notes all do."""
    about = values.said_of(cells.columns, columns.rule)
    forms = said(cells.columns, columns.rule.formats)

    def read(heading: str, target: str) -> tuple[pl.Series, pl.DataFrame]:
        done = _column(cells[heading], heading, known[target].kind, about, forms.get(heading), ways)
        column = cells.select(model.named(heading)).to_series().rename("value").to_frame()
        both = column.with_columns(rows.alias("row")).join(done, on="value", how="left", maintain_order="left")
        odd = both.clear() if target in _QUIET else both.drop_nulls("code")
        return both["clean"], findings.found(odd, column=heading, field=target)

    every = abreast(lambda each: read(*each), columns.targets.items(), rows.len())
    found: dict[str, list[pl.Series]] = {}
    for target, (clean, _) in zip(columns.targets.values(), every, strict=True):
        found.setdefault(target, []).append(clean)
    made = [_together(target, several, known[target].kind) for target, several in found.items()]
    frame = pl.DataFrame([rows.alias("row"), *made]).with_columns(_defaults(columns, found, rows.len()))
    keys = origin(cells, columns.key)
    return Cleaned(frame.with_columns(keys["source_key"], keys["raw"]), findings.joined(*(odd for _, odd in every)))


def _defaults(columns: Columns, found: Iterable[str], height: int) -> list[pl.Series | pl.Expr]:
    """Return what the mapping says of rows that say nothing themselves."""
    filled: list[pl.Series | pl.Expr] = []
    for target, text in columns.rule.defaults.items():
        if target in found:
            filled.append(pl.col(target).fill_null(text))
        else:
            filled.append(pl.Series(target, [text], pl.String).new_from_index(0, height))
    return filled


def _together(target: str, several: list[pl.Series], kind: str) -> pl.Series:
    if len(several) == 1:
        return several[0].alias(target)
    frame = pl.DataFrame([column.alias(str(n)) for n, column in enumerate(several)])
    if kind != "note":
        return frame.select(pl.coalesce(pl.all()).alias(target)).to_series()
    whole = pl.concat_str(pl.all(), separator="\n", ignore_nulls=True)
    return frame.select(pl.when(whole != "").then(whole).alias(target)).to_series()


def _column(
    cells: pl.Series, heading: str, kind: str, about: values.Said, form: str | None, ways: Ways
) -> pl.DataFrame:
    """Return the distinct values of a column (columns value: the cell as read, clean, code)."""
    distinct = cells.alias("value").drop_nulls().unique(maintain_order=True)
    exact = form if form and "%" in form else None
    told = replace(about, formats={}) if exact else about
    if not any(heading in table for table in (told.split, told.translate, told.formats)):
        return _READ[kind](distinct, exact, ways)
    pieces = values.read(distinct, heading, told)
    done = _READ[kind](pieces["value"].unique(maintain_order=True), exact, ways)
    both = pieces.join(done, on="value", how="left", maintain_order="left")
    return (
        both.group_by("cell", maintain_order=True)
        .agg(pl.col("clean", "code").drop_nulls().first())
        .rename({"cell": "value"})
    )


# -- kinds of values ------------------------------------------------------------------------------------------------


def _normalized(kind: str) -> Callable[[pl.Series, str | None, Ways], pl.DataFrame]:
    """Return what reads a kind that has a normalizer; of several values in a cell the first usable one counts."""

    def read(distinct: pl.Series, _form: str | None, ways: Ways) -> pl.DataFrame:
        done = normalized(kind, distinct, ways.settings)
        once = done.filter(pl.col("seq") == 0) if done["seq"].max() in {0, None} else done
        if once.height == done.height:
            return done.select("value", "clean", "code")
        return done.group_by("value", maintain_order=True).agg(pl.col("clean", "code").drop_nulls().first())

    return read


def _text(distinct: pl.Series, _form: str | None, _ways: Ways) -> pl.DataFrame:
    clean = pl.col("value").str.replace_all(r"\s+", " ").str.strip_chars()
    return _plain(distinct, clean)


def _note(distinct: pl.Series, _form: str | None, _ways: Ways) -> pl.DataFrame:
    return _plain(distinct, pl.col("value").str.replace_all("\r\n?", "\n").str.strip_chars())


def _plain(distinct: pl.Series, clean: pl.Expr) -> pl.DataFrame:
    frame = distinct.alias("value").to_frame().with_columns(clean=clean, code=pl.lit(None, pl.String))
    return frame.with_columns(clean=pl.when(pl.col("clean") != "").then("clean"))


def _whole(distinct: pl.Series, _form: str | None, _ways: Ways) -> pl.DataFrame:
    return _plain(distinct, pl.col("value").str.strip_chars().str.extract(r"^(\d{1,18})(?:\.0)?$"))


def _moment(distinct: pl.Series, form: str | None, ways: Ways) -> pl.DataFrame:
    return moments.moments(distinct, ways.zone, ways.settings, form)


def _day(distinct: pl.Series, form: str | None, ways: Ways) -> pl.DataFrame:
    """Return days; of a moment the day it is in the zone of the file."""
    if form:
        return _plain(distinct, pl.col("value").str.strip_chars().str.to_date(form, strict=False).dt.to_string("iso"))
    done = normalized("day", distinct, ways.settings)
    return done.filter(pl.col("seq") == 0).select("value", "clean", "code")


def _kind(distinct: pl.Series, _form: str | None, _ways: Ways) -> pl.DataFrame:
    return pl.DataFrame({"value": distinct, "clean": words.kinds(distinct)}).with_columns(code=pl.lit(None, pl.String))


def _direction(distinct: pl.Series, _form: str | None, _ways: Ways) -> pl.DataFrame:
    """Return "in" or "out", and with it an outcome that the word says: "in/missed"."""
    meant = words.directions(distinct)
    both = meant.select(pl.concat_str("direction", "said", separator="/", ignore_nulls=True).alias("clean"))
    known = pl.when(pl.col("clean") != "").then("clean")
    return both.with_columns(distinct.alias("value"), clean=known, code=pl.lit(None, pl.String))


def _seconds(distinct: pl.Series, _form: str | None, _ways: Ways) -> pl.DataFrame:
    read = [words.seconds(text) for text in distinct]
    clean = pl.Series(read, dtype=pl.Int64).cast(pl.String)
    frame = pl.DataFrame({"value": distinct, "clean": clean})
    odd = pl.col("clean").is_null() & (pl.col("value").str.strip_chars() != "")
    return frame.with_columns(code=pl.when(odd).then(pl.lit("duration.invalid")))


def _minutes(distinct: pl.Series, form: str | None, ways: Ways) -> pl.DataFrame:
    done = _seconds(distinct, form, ways)
    bare = pl.col("value").str.contains(r"^\s*\d+(?:[.,]\d+)?\s*$")
    number = pl.col("value").str.strip_chars().str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    minutes = (number * 60).round().cast(pl.Int64, strict=False).cast(pl.String)
    return done.with_columns(clean=pl.when(bare).then(minutes).otherwise("clean"))


def _tags(distinct: pl.Series, _form: str | None, _ways: Ways) -> pl.DataFrame:
    """Return tags as a JSON list."""
    parts = (
        distinct.alias("value")
        .to_frame()
        .with_columns(
            pl.col("value")
            .str.split(";")
            .list.eval(pl.element().str.split(",").explode().str.strip_chars())
            .list.eval(pl.element().filter(pl.element() != ""))
            .alias("tags")
        )
    )
    texts = parts["tags"].map_elements(_json_list, return_dtype=pl.String)
    return parts.select("value", clean=texts, code=pl.lit(None, pl.String))


def _json_list(tags: pl.Series) -> str | None:
    import json

    return json.dumps(tags.unique(maintain_order=True).to_list(), ensure_ascii=False) if tags.len() else None


def _currency(distinct: pl.Series, _form: str | None, ways: Ways) -> pl.DataFrame:
    """Return ISO 4217 codes: a name of a currency is read as it is behind an amount."""
    done = normalized("money", "1 " + distinct.str.strip_chars(), ways.settings).filter(pl.col("seq") == 0)
    code = pl.col("value").str.strip_chars().str.to_uppercase().str.extract("^([A-Z]{3})$")
    told = pl.DataFrame({"value": distinct, "known": done["currency"]})
    clean = pl.coalesce("known", code)
    odd = clean.is_null() & (pl.col("value").str.strip_chars() != "")
    return told.select("value", clean=clean, code=pl.when(odd).then(pl.lit("currency.unknown")))


def _stage(distinct: pl.Series, _form: str | None, ways: Ways) -> pl.DataFrame:
    done = normalized("vocabulary", distinct, replace(ways.settings, vocabulary=ways.stages))
    return done.select("value", "clean", "code")


_READ: Mapping[str, Callable[[pl.Series, str | None, Ways], pl.DataFrame]] = {
    "text": _text,
    "note": _note,
    "whole": _whole,
    "phone": _normalized("phone"),
    "email": _normalized("email"),
    "messenger": _normalized("messenger"),
    "money": _normalized("money"),
    "moment": _moment,
    "day": _day,
    "what": _kind,
    "direction": _direction,
    "seconds": _seconds,
    "minutes": _minutes,
    "tags": _tags,
    "currency": _currency,
    "stage": _stage,
}
