"""Stage two: cells to cleaned fields, each distinct value once.

Every mapped column goes through the normalizer of its field's kind; what comes back is joined to the rows again and
gathered into one frame in the shape of `model.CLEAN`, beside the raw row and its key in the source.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core import findings, model
from crmtool.core.abreast import abreast
from crmtool.core.imports import addresses, homes, mail, origins, places, states, tags, towns, values
from crmtool.core.imports.headings import partners
from crmtool.core.imports.labels import label_of_cell
from crmtool.core.imports.mapping import EXTRA, SERVICE, Joined, Mapped
from crmtool.core.imports.steps import Step
from crmtool.core.rules import ADDRESS, Rules, field_of, label_of, own_field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

#: The row numbers beside the cells; a name no heading has (headings lose control characters).
ROW = "\x00row"
_PARTS = (*model.NAME_PARTS, "gender")
_TELLERS = ("country", "region")  # what they say of a row decides how other columns are read
_CHANNEL_COLUMNS = ("kind", "value", "label", "extension", "type")


@dataclass(frozen=True)
class Cleaned:
    """Cleaned rows.

    `records` has row, source_key, raw (JSON), surplus (whether cells of a rejected row are left over), the columns of
    `model.CLEAN`, tags (list) and perhaps verified_on; `steps` say how each column was cleaned; `joined` holds the
    cells that were put together of several columns, one column for each, aligned with the rows.
    """

    records: pl.DataFrame
    steps: tuple[Step, ...]
    findings: pl.DataFrame
    joined: pl.DataFrame = field(default_factory=pl.DataFrame)


class _Reading(NamedTuple):
    """A table that is read, how, and heading -> heading of the column that says its labels."""

    numbered: pl.DataFrame
    mapped: Mapped
    rules: Rules
    synonyms: Mapping[str, Mapping[str, str]]
    labels: Mapping[str, str]


class Stepped(NamedTuple):
    """The cells with their row numbers (`ROW`) and joined columns, what became of each column, and the joined alone."""

    numbered: pl.DataFrame
    steps: tuple[Step, ...]
    joined: pl.DataFrame


def cleaned(
    cells: pl.DataFrame,
    rows: pl.Series,
    mapped: Mapped,
    rules: Rules,
    synonyms: Mapping[str, Mapping[str, str]],
    servers: Callable[[pl.Series], pl.DataFrame] | None = None,
) -> Cleaned:
    """Return the cleaned fields of a table of text cells.

    `cells` has one String column per heading, `rows` the row numbers; `synonyms` is vocabulary -> folded synonym ->
    canonical value. `servers` tells of domains in ASCII whether they take mail (domain, state); None: nobody asks.
    """
    surplus = (
        cells[EXTRA].is_not_null() if EXTRA in cells.columns else pl.Series([False]).new_from_index(0, cells.height)
    )
    cells = cells.drop(SERVICE, strict=False)
    numbered, steps, joined = stepped(cells, rows, mapped, rules, synonyms)
    steps = mail.asked(steps, servers)
    told: list[Callable[[], pl.DataFrame]] = [
        lambda: origins.said(cells, mapped.key),
        lambda: fields(numbered, steps, mapped, rules).drop("row"),
    ]
    frames = abreast(lambda each: each(), told, cells.height)
    records = pl.concat([pl.DataFrame({"row": rows, "surplus": surplus}), *frames], how="horizontal")
    steps += _inside(steps, mapped)
    found = findings.joined(remarks(numbered, steps), *_unknown_tags(numbered, steps, rules))
    return Cleaned(records, steps, found, joined)


def fields(numbered: pl.DataFrame, steps: tuple[Step, ...], mapped: Mapped, rules: Rules) -> pl.DataFrame:
    """Return the cleaned fields of each row: row, the columns of `model.CLEAN`, tags (list) and perhaps verified_on."""
    frame = numbered.select(row=ROW).with_columns(_scalars(numbered, steps, mapped, rules))
    for several in (
        _channels(numbered, steps),
        _tags(numbered, steps, mapped, rules),
        _custom(numbered, steps, mapped),
    ):
        frame = frame.join(several, on="row", how="left", maintain_order="left")
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in model.CLEAN.items() if name not in frame.columns]
    return frame.with_columns(absent)


def stepped(
    cells: pl.DataFrame, rows: pl.Series, mapped: Mapped, rules: Rules, synonyms: Mapping[str, Mapping[str, str]]
) -> Stepped:
    """Return what became of each column that is a field; arguments as for `cleaned`."""
    joined = cells.select(_joined(join) for join in mapped.joins)
    numbered = cells.with_columns(rows.alias(ROW), *joined.get_columns())
    return Stepped(numbered, _steps(numbered, mapped, rules, synonyms), joined)


def _joined(join: Joined) -> pl.Expr:
    """Return the cells of several columns as one, null where all are empty."""
    whole = pl.concat_str(
        [model.named(heading).str.strip_chars() for heading in join.columns],
        separator=join.separator,
        ignore_nulls=True,
    )
    return pl.when(whole != "").then(whole).alias(join.heading)


def _steps(
    numbered: pl.DataFrame, mapped: Mapped, rules: Rules, synonyms: Mapping[str, Mapping[str, str]]
) -> tuple[Step, ...]:
    """Return what became of each column that is a field; those that tell how others are to be read come first."""
    columns = _columns(mapped)
    reading = _Reading(numbered, mapped, rules, synonyms, partners(numbered.columns, mapped.rule.labels))
    tellers = {h: _step(h, target, reading) for h, target in columns.items() if field_of(target) in _TELLERS}
    home = homes.homes(numbered, _told(tellers, "country"))
    known = {h: states.named(s, numbered[h], home, synonyms.get("region", {})) for h, s in tellers.items()}
    others = [heading for heading in columns if heading not in tellers]
    done = abreast(lambda h: _step(h, columns[h], reading, home, tellers), others, numbered.height)
    known.update(zip(others, done, strict=True))
    return tuple(known[heading] for heading in columns)


def _step(
    heading: str,
    target: str,
    reading: _Reading,
    home: pl.Series | None = None,
    tellers: Mapping[str, Step] | None = None,
) -> Step:
    """Return what became of one column; `home` is the country of each row, `tellers` what its columns say."""
    numbered, mapped, rules, synonyms, labels = reading
    said = values.said_of(numbered.columns, mapped.rule)
    rule = rules.fields.field.get(target) or rules.fields.field.get(field_of(target))
    known = synonyms.get(rule.vocabulary, {}) if rule and rule.vocabulary else {}
    settings = replace(values.settings_for(rules.normalize, mapped.rule.region, known), vocabularies=synonyms)
    kind, cells = values.kind_of(target, rules.fields), numbered[heading]
    if kind == "phone" and home is not None:
        return Step(heading, target, homes.normalized(cells, home, heading, said, settings), labels.get(heading))
    near = _around(heading, tellers, reading) if kind == field_of(target) == "city" and tellers else None
    if near is not None:
        done = towns.normalized(cells, near, heading, said, settings)
        return Step(heading, target, done, labels.get(heading), near.select(towns.beside()).to_series())
    done = values.normalized(cells, heading, kind, said, settings)
    named = places.places(done, settings) if kind == field_of(target) == "address" else None
    return Step(heading, target, done, labels.get(heading), places=named)


def _told(tellers: Mapping[str, Step], field_: str) -> dict[str, pl.DataFrame]:
    return {heading: step.values for heading, step in tellers.items() if field_of(step.target) == field_}


def _around(heading: str, tellers: Mapping[str, Step], reading: _Reading) -> pl.DataFrame | None:
    """Return the country and region beside each cell of a column of cities (see `towns.around`).

    Those of its own address tell it; where that has none, those of the others.
    """
    unit = _units(_columns(reading.mapped), reading.mapped)
    beside = {h: step for h, step in tellers.items() if unit[h] == unit[heading]}
    country, region = (_told(beside, name) or _told(tellers, name) for name in _TELLERS)
    return towns.around(reading.numbered, country, region, reading.synonyms.get("region", {}))


def _columns(mapped: Mapped) -> dict[str, str]:
    """Return heading -> target of what is cleaned, joined columns in the place of the first of them."""
    whole = {join.columns[0]: join for join in mapped.joins}
    inside = {(heading, join.target) for join in mapped.joins for heading in join.columns}
    columns: dict[str, str] = {}
    for heading, target in mapped.columns.items():
        if heading in whole:
            columns[whole[heading].heading] = whole[heading].target
        if target not in {"ignore", "key"} and (heading, target) not in inside:
            columns[heading] = target
    return columns


def encoded(records: pl.DataFrame) -> pl.Series:
    """Return the cleaned fields of each record as JSON text; fields nobody has are not mentioned."""
    used = [name for name in model.CLEAN if records[name].null_count() < records.height]
    text = model.json_object(used)
    for part in _CHANNEL_COLUMNS:  # inside a text the quotes would be escaped, so this can only be a part of a channel
        text = text.str.replace_all(f',"{part}":null', "", literal=True)
    return records.with_columns(text.alias("clean"))["clean"]


def _scalars(numbered: pl.DataFrame, steps: tuple[Step, ...], mapped: Mapped, rules: Rules) -> list[pl.Series]:
    """Return one column per golden field; where several columns are one field, the first filled one counts.

    Notes are joined instead, so that none is lost, and parts of an address belong together.
    """
    found: dict[str, list[pl.Series]] = {}
    # a column of its own for a part of the name says more than the split of a whole name
    for step in sorted(steps, key=lambda step: step.target == "name"):
        if step.target in {*model.FIELDS, "name", "kind", "verified_on"} - {*ADDRESS}:
            for name, column in _fields(numbered[step.heading], step).items():
                found.setdefault(name, []).append(column)
    columns = [_together(name, several) for name, several in found.items()] + _address(numbered, steps, mapped)
    defaults = {f: t for f, t in mapped.rule.defaults.items() if f in model.FIELDS}
    if "source" in rules.fields.field and mapped.source != model.MANUAL:
        defaults.setdefault("source", mapped.source)
    filled = [column.fill_null(defaults[column.name]) if column.name in defaults else column for column in columns]
    return filled + [
        pl.Series(f, [t], pl.String).new_from_index(0, numbered.height).alias(f)
        for f, t in defaults.items()
        if f not in {column.name for column in columns}
    ]


def _together(name: str, columns: list[pl.Series]) -> pl.Series:
    """Return several columns of one field as one: notes line by line, of others the first filled."""
    if len(columns) == 1:
        return columns[0].alias(name)
    frame = pl.DataFrame([column.alias(str(n)) for n, column in enumerate(columns)])
    if name != "note":
        return frame.select(pl.coalesce(pl.all()).alias(name)).to_series()
    whole = pl.concat_str(pl.all(), separator="\n", ignore_nulls=True)
    return frame.select(pl.when(whole != "").then(whole).alias(name)).to_series()


def _address(numbered: pl.DataFrame, steps: tuple[Step, ...], mapped: Mapped) -> list[pl.Series]:
    """Return the parts of each row's address; of several addresses the first one counts, the nameless before others."""
    parts = [step for step in steps if field_of(step.target) in ADDRESS]
    unit = _units({step.heading: step.target for step in parts}, mapped)
    together: dict[str, addresses.Parts] = {"": []}
    for step in parts:
        cleaned_cells = _fields(numbered[step.heading], step)[step.target]
        together.setdefault(unit[step.heading], []).append((field_of(step.target), cleaned_cells))
    for step in parts:
        if step.places is not None:
            said = step.asked(numbered[step.heading]).join(step.places, on="value", how="left", maintain_order="left")
            together[unit[step.heading]] = addresses.filled(together[unit[step.heading]], said)
    chosen = addresses.chosen([several for several in together.values() if several])
    return [column.alias(part) for part, column in chosen.items()]


def _inside(steps: tuple[Step, ...], mapped: Mapped) -> tuple[Step, ...]:
    """Return the parts of whole addresses that have no columns of their own, each as a step."""
    targets = {step.heading: step.target for step in steps if field_of(step.target) in ADDRESS}
    unit = _units(targets, mapped)
    own = {(unit[heading], field_of(target)) for heading, target in targets.items()}
    return tuple(
        Step(step.heading, part, places.answers(step.places, part))
        for step in steps
        if step.places is not None
        for part in places.PARTS
        if (unit[step.heading], part) not in own
    )


def _units(columns: Mapping[str, str], mapped: Mapped) -> dict[str, str]:
    """Return heading -> name of the address it is a part of (see `addresses.units`), joined columns among them."""
    origin = {join.heading: join.columns[0] for join in mapped.joins}
    unit = addresses.units(
        {origin.get(heading, heading): target for heading, target in columns.items()}, _entries(mapped)
    )
    return {h: unit[origin.get(h, h)] for h, target in columns.items() if field_of(target) in ADDRESS}


def _entries(mapped: Mapped) -> list[str]:
    """Return the headings a mapping writes, in which a `*` may stand."""
    joins = mapped.rule.join.values()
    return [*mapped.rule.columns, *(entry for join in joins for entry in join.columns)]


def _fields(cells: pl.Series, step: Step) -> dict[str, pl.Series]:
    """Return the fields one column gives, aligned with the rows."""
    first = step.values.filter(pl.col("seq") == 0)
    parts = [name for name in _PARTS if name in first.columns] if step.target == "name" else []
    joined = step.asked(cells).join(first, on=step.keys, how="left", maintain_order="left")
    if not parts:
        return {step.target: joined["clean"]}
    unsplit = joined.select(pl.when(pl.all_horizontal(pl.col(parts).is_null())).then("clean")).to_series()
    return {"name": unsplit, **{name: joined[name] for name in parts}}


def _long(numbered: pl.DataFrame, step: Step) -> pl.DataFrame:
    """Return every normalized value of a column with the row it stands in (columns of the step, and row)."""
    cells = step.asked(numbered[step.heading]).with_columns(numbered[ROW].alias("row"))
    if step.labels is not None:
        cells = cells.with_columns(numbered[step.labels].alias("said"))
    return cells.drop_nulls("value").join(step.values, on=step.keys, maintain_order="left")


def _label(long: pl.DataFrame, step: Step) -> pl.Expr:
    """Return the label of each value of a channel: what its column of labels says, else its target, else its cell."""
    usual = pl.lit(label_of(step.target), pl.String)
    usual = pl.coalesce(usual, "label") if "label" in long.columns else usual
    if "said" not in long.columns:
        return usual
    kind = field_of(step.target)
    known = {text: label_of_cell(text, kind) for text in long["said"].drop_nulls().unique()}
    return pl.coalesce(pl.col("said").replace_strict(known, default=None, return_dtype=pl.String), usual)


def _channels(numbered: pl.DataFrame, steps: tuple[Step, ...]) -> pl.DataFrame:
    """Return the channels of each row as a list (columns row, channels)."""
    parts = []
    for step in steps:
        kind = field_of(step.target)
        if kind in model.CHANNELS:
            long = _long(numbered, step).filter(pl.col("clean").is_not_null())
            given = {"kind": pl.lit(kind), "value": pl.col("clean"), "label": _label(long, step)}
            rest = {n: pl.col(n) if n in long.columns else pl.lit(None) for n in _CHANNEL_COLUMNS if n not in given}
            parts.append(long.select("row", **{n: e.cast(pl.String) for n, e in {**given, **rest}.items()}))
    if not parts:
        return pl.DataFrame(schema={"row": pl.Int64(), "channels": model.CLEAN["channels"]})
    every = pl.concat(parts).unique(["row", "kind", "value", "extension"], keep="first", maintain_order=True)
    listed = every.select("row", channels=pl.struct(*_CHANNEL_COLUMNS))
    return listed.group_by("row", maintain_order=True).agg("channels")


def _tags(numbered: pl.DataFrame, steps: tuple[Step, ...], mapped: Mapped, rules: Rules) -> pl.DataFrame:
    """Return the tags of each row, those of the mapping included (columns row, tags)."""
    listed = list(_listed(numbered, steps).values())
    return tags.tags(numbered, numbered[ROW].alias("row"), listed, mapped.rule, rules.tags.names())


def _unknown_tags(numbered: pl.DataFrame, steps: tuple[Step, ...], rules: Rules) -> list[pl.DataFrame]:
    """Return the findings about tags that the dictionary does not have."""
    listed = _listed(numbered, steps)
    return [tags.unknown(each, heading, rules.tags.names()) for heading, each in listed.items()]


def _listed(numbered: pl.DataFrame, steps: tuple[Step, ...]) -> dict[str, pl.DataFrame]:
    """Return the cells of each column of tags (columns row, tags), by its heading."""
    return {s.heading: _long(numbered, s).select("row", tags="clean") for s in steps if s.target == "tags"}


def _custom(numbered: pl.DataFrame, steps: tuple[Step, ...], mapped: Mapped) -> pl.DataFrame:
    """Return the workspace's own fields of each row (columns row, custom)."""
    parts = [
        _long(numbered, step)
        .filter(pl.col("clean").is_not_null())
        .select("row", custom=pl.struct(field=pl.lit(own_field(step.target)), value="clean"))
        for step in steps
        if own_field(step.target)
    ]
    schema = {"row": pl.Int64(), "custom": pl.Struct({"field": pl.String(), "value": pl.String()})}
    every = pl.concat([pl.DataFrame(schema=schema), *parts])
    every = pl.concat([every, *_defaults(numbered, every, mapped)])
    return every.group_by("row", maintain_order=True).agg("custom")


def _defaults(numbered: pl.DataFrame, filled: pl.DataFrame, mapped: Mapped) -> Iterator[pl.DataFrame]:
    """Yield the fields of one's own that the mapping gives to the rows without them."""
    for target, text in mapped.rule.defaults.items():
        if name := own_field(target):
            have = filled.filter(pl.col("custom").struct.field("field") == name)["row"]
            lack = numbered.filter(~pl.col(ROW).is_in(have.implode()))
            yield lack.select(row=ROW, custom=pl.struct(field=pl.lit(name), value=pl.lit(text)))


def remarks(numbered: pl.DataFrame, steps: tuple[Step, ...]) -> pl.DataFrame:
    """Return what the normalizers said, at the rows where it applies."""
    parts = []
    for step in steps:
        said = step.values.filter(pl.col("code").is_not_null()).select(*step.keys, "code", "suggestion")
        if said.height:
            cells = step.asked(numbered[step.heading]).with_columns(numbered[ROW].alias("row"))
            at = cells.join(said, on=step.keys)
            parts.append(findings.found(at, column=step.heading, field=step.target))
    return findings.joined(*parts)
