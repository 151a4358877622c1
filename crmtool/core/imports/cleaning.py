"""Stage two: cells to cleaned fields, each distinct value once.

Every mapped column goes through the normalizer of its field's kind; what comes back is joined to the rows again and
gathered into one frame in the shape of `model.CLEAN`, beside the raw row and its key in the source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import polars_hash as _chash  # noqa: F401  # registers the `chash` expressions

from crmtool.core import findings, model
from crmtool.core.imports.mapping import EXTRA, SERVICE, Mapped
from crmtool.core.normalizers import registry
from crmtool.core.rules import Rules, field_of, label_of

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The row numbers beside the cells; a name no heading has (headings lose control characters).
ROW = "\x00row"
_PARTS = (*model.NAME_PARTS, "gender")
_CHANNEL_COLUMNS = ("kind", "value", "label", "extension", "type")


@dataclass(frozen=True)
class Step:
    """What became of one column: its normalized distinct values (columns: see `normalizers.registry`)."""

    heading: str
    target: str
    values: pl.DataFrame


@dataclass(frozen=True)
class Cleaned:
    """Cleaned rows.

    `records` has row, source_key, raw (JSON), surplus (whether cells of a rejected row are left over), the columns of
    `model.CLEAN`, tags (list) and perhaps verified_on; `steps` say how each column was cleaned.
    """

    records: pl.DataFrame
    steps: tuple[Step, ...]
    findings: pl.DataFrame


def cleaned(
    cells: pl.DataFrame, rows: pl.Series, mapped: Mapped, rules: Rules, synonyms: Mapping[str, Mapping[str, str]]
) -> Cleaned:
    """Return the cleaned fields of a table of text cells.

    `cells` has one String column per heading, `rows` the row numbers; `synonyms` is vocabulary -> folded synonym ->
    canonical value.
    """
    surplus = (
        cells[EXTRA].is_not_null() if EXTRA in cells.columns else pl.Series([False]).new_from_index(0, cells.height)
    )
    cells = cells.drop(SERVICE, strict=False)
    numbered = cells.with_columns(rows.alias(ROW))
    steps = tuple(
        Step(heading, target, _normalized(cells[heading], heading, target, mapped, rules, synonyms))
        for heading, target in mapped.columns.items()
        if target not in {"ignore", "key"}
    )
    frame = (
        rows.rename("row").to_frame().with_columns(raw=_raw(cells), source_key=_keys(cells, mapped), surplus=surplus)
    )
    frame = frame.with_columns(_scalars(numbered, steps, mapped, rules))
    frame = frame.join(_channels(numbered, steps), on="row", how="left", maintain_order="left")
    frame = frame.join(_tags(numbered, steps, mapped), on="row", how="left", maintain_order="left")
    frame = frame.join(_custom(numbered, steps), on="row", how="left", maintain_order="left")
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in model.CLEAN.items() if name not in frame.columns]
    return Cleaned(frame.with_columns(absent), steps, _findings(numbered, steps))


def encoded(records: pl.DataFrame) -> pl.Series:
    """Return the cleaned fields of each record as JSON text; fields nobody has are not mentioned."""
    used = [name for name in model.CLEAN if records[name].null_count() < records.height]
    text = model.json_object(used)
    for part in _CHANNEL_COLUMNS:  # inside a text the quotes would be escaped, so this can only be a part of a channel
        text = text.str.replace_all(f',"{part}":null', "", literal=True)
    return records.with_columns(text.alias("clean"))["clean"]


def _normalized(
    cells: pl.Series,
    heading: str,
    target: str,
    mapped: Mapped,
    rules: Rules,
    synonyms: Mapping[str, Mapping[str, str]],
) -> pl.DataFrame:
    """Return the normalized distinct values of one column."""
    values = cells.alias("value").drop_nulls().unique().sort()
    rule = rules.fields.field.get(target) or rules.fields.field.get(field_of(target))
    kind: str = rule.kind if rule else "text"
    settings = registry.Settings(
        region=mapped.rule.region or rules.normalize.region,
        name_order=rules.normalize.name_order,
        date_order=rules.normalize.date_order,
        year_pivot=rules.normalize.year_pivot,
        placeholders=frozenset(word.casefold() for word in rules.normalize.placeholders),
        vocabulary=synonyms.get(rule.vocabulary, {}) if rule and rule.vocabulary else {},
        email_typos=rules.normalize.email_typos,
    )
    kind = {"tags": "text", "verified_on": "date", "key": "text"}.get(kind, kind)
    separator = mapped.rule.split.get(heading)
    if separator is None or kind in {"phone", "email"}:  # these take several values in a cell by themselves
        return registry.normalized(kind, values, settings)
    return _split(kind, values, separator, settings)


def _split(kind: str, values: pl.Series, separator: str, settings: registry.Settings) -> pl.DataFrame:
    """Normalize each of several values in a cell."""
    pieces = values.alias("cell").to_frame().with_columns(value=pl.col("cell").str.split(separator)).explode("value")
    pieces = pieces.filter(pl.col("value").str.strip_chars() != "")
    done = registry.normalized(kind, pieces["value"].unique().sort(), settings)
    whole = pieces.join(done, on="value", maintain_order="left").with_columns(seq=pl.int_range(pl.len()).over("cell"))
    return whole.with_columns(value="cell").drop("cell")


def _raw(cells: pl.DataFrame) -> pl.Series:
    return cells.select(model.json_object(cells.columns).alias("raw")).to_series()


def _keys(cells: pl.DataFrame, mapped: Mapped) -> pl.Series:
    """Return what names each row in its source: its key columns, else a hash of all it says."""
    content = model.json_object(cells.columns).chash.blake3().str.head(32)  # type: ignore[attr-defined]  # a namespace of polars_hash
    if not mapped.key:
        return cells.select(content.alias("source_key")).to_series()
    key = pl.concat_str([model.named(h).str.strip_chars() for h in mapped.key], separator="|", ignore_nulls=True)
    return cells.select(pl.when(key != "").then(key).otherwise(content).alias("source_key")).to_series()


def _scalars(numbered: pl.DataFrame, steps: tuple[Step, ...], mapped: Mapped, rules: Rules) -> list[pl.Series]:
    """Return one column per golden field; where several columns are one field, the first filled one counts."""
    found: dict[str, list[pl.Series]] = {}
    # a column of its own for a part of the name says more than the split of a whole name
    for step in sorted(steps, key=lambda step: step.target == "name"):
        if step.target in {*model.FIELDS, "name", "kind", "verified_on"}:
            for field, values in _fields(numbered[step.heading], step).items():
                found.setdefault(field, []).append(values)
    columns = [_coalesced(field, values) for field, values in found.items()]
    defaults = {f: t for f, t in mapped.rule.defaults.items() if f in model.FIELDS}
    if "source" in rules.fields.field and mapped.source != model.MANUAL:
        defaults.setdefault("source", mapped.source)
    filled = [values.fill_null(defaults[values.name]) if values.name in defaults else values for values in columns]
    return filled + [
        pl.Series(f, [t], pl.String).new_from_index(0, numbered.height).alias(f)
        for f, t in defaults.items()
        if f not in found
    ]


def _coalesced(name: str, columns: list[pl.Series]) -> pl.Series:
    frame = pl.DataFrame([column.alias(str(n)) for n, column in enumerate(columns)])
    return frame.select(pl.coalesce(pl.all()).alias(name)).to_series()


def _fields(cells: pl.Series, step: Step) -> dict[str, pl.Series]:
    """Return the fields one column gives, aligned with the rows."""
    first = step.values.filter(pl.col("seq") == 0)
    parts = [name for name in _PARTS if name in first.columns] if step.target == "name" else []
    joined = cells.alias("value").to_frame().join(first, on="value", how="left", maintain_order="left")
    if not parts:
        return {step.target: joined["clean"]}
    unsplit = joined.select(pl.when(pl.all_horizontal(pl.col(parts).is_null())).then("clean")).to_series()
    return {"name": unsplit, **{name: joined[name] for name in parts}}


def _long(numbered: pl.DataFrame, step: Step) -> pl.DataFrame:
    """Return every normalized value of a column with the row it stands in (columns of the step, and row)."""
    cells = numbered.select(pl.col(ROW).alias("row"), model.named(step.heading).alias("value")).drop_nulls("value")
    return cells.join(step.values, on="value", maintain_order="left")


def _channels(numbered: pl.DataFrame, steps: tuple[Step, ...]) -> pl.DataFrame:
    """Return the channels of each row as a list (columns row, channels)."""
    parts = []
    for step in steps:
        kind = field_of(step.target)
        if kind in model.CHANNELS:
            long = _long(numbered, step).filter(pl.col("clean").is_not_null())
            given = {"kind": pl.lit(kind), "value": pl.col("clean"), "label": pl.lit(label_of(step.target))}
            rest = {n: pl.col(n) if n in long.columns else pl.lit(None) for n in _CHANNEL_COLUMNS if n not in given}
            parts.append(long.select("row", **{n: e.cast(pl.String) for n, e in {**given, **rest}.items()}))
    if not parts:
        return pl.DataFrame(schema={"row": pl.Int64(), "channels": model.CLEAN["channels"]})
    every = pl.concat(parts).unique(["row", "kind", "value", "extension"], keep="first", maintain_order=True)
    listed = every.select("row", channels=pl.struct(*_CHANNEL_COLUMNS))
    return listed.group_by("row", maintain_order=True).agg("channels")


def _tags(numbered: pl.DataFrame, steps: tuple[Step, ...], mapped: Mapped) -> pl.DataFrame:
    """Return the tags of each row, those of the mapping included (columns row, tags)."""
    parts = [
        _long(numbered, step)
        .select("row", tags=pl.col("clean").str.split(",").list.eval(pl.element().str.strip_chars()))
        .explode("tags")
        for step in steps
        if step.target == "tags"
    ]
    parts += [numbered.select(row=ROW, tags=pl.lit(tag)) for tag in mapped.rule.tags]
    schema = {"row": pl.Int64(), "tags": pl.String()}
    every = pl.concat([pl.DataFrame(schema=schema), *parts]).filter(pl.col("tags") != "")
    return every.unique(maintain_order=True).group_by("row", maintain_order=True).agg("tags")


def _custom(numbered: pl.DataFrame, steps: tuple[Step, ...]) -> pl.DataFrame:
    """Return the workspace's own fields of each row (columns row, custom)."""
    parts = [
        _long(numbered, step)
        .filter(pl.col("clean").is_not_null())
        .select("row", custom=pl.struct(field=pl.lit(step.target.removeprefix("attr.")), value="clean"))
        for step in steps
        if step.target.startswith("attr.")
    ]
    schema = {"row": pl.Int64(), "custom": pl.Struct({"field": pl.String(), "value": pl.String()})}
    return pl.concat([pl.DataFrame(schema=schema), *parts]).group_by("row", maintain_order=True).agg("custom")


def _findings(numbered: pl.DataFrame, steps: tuple[Step, ...]) -> pl.DataFrame:
    """Return what the normalizers said, at the rows where it applies."""
    parts = []
    for step in steps:
        said = step.values.filter(pl.col("code").is_not_null()).select("value", "code", "suggestion")
        if said.height:
            at = numbered.select(pl.col(ROW).alias("row"), model.named(step.heading).alias("value")).join(
                said, on="value"
            )
            parts.append(findings.found(at, column=step.heading, field=step.target))
    return findings.joined(*parts)
