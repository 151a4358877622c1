"""A file of contacts in, the same columns cleaned out, part by part: no workspace and no store.

`cleansed` maps and cleans; `written` lets the parts go by into the files a person wants and tells what they held.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core import findings, plans
from crmtool.core.errors import ColumnsUnknown
from crmtool.core.imports import cleansing, uniqueness, validation
from crmtool.io import intake, rejects
from crmtool.io.readers import table as tables_
from crmtool.io.writers import csv, files, tables

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from crmtool.core.imports.mapping import Mapped
    from crmtool.core.rules import Rules
    from crmtool.io.readers.table import Table

REPORT = ("row", "column", "field", "code", "severity", "value", "suggestion", "message")


class Part(NamedTuple):
    """A part of a file: as read, what its columns are, its cells cleaned, and all there is to say about it."""

    table: Table
    mapped: Mapped
    cells: pl.DataFrame
    tally: pl.DataFrame  # `cleansing.TALLY`
    findings: pl.DataFrame


@dataclass(frozen=True)
class Told:
    """What is kept of a file that went by.

    `table` has its headings and the rows that could not be read, but no cells; `tally` is as `cleansing.TALLY`,
    `counted` as `screen.findings` wants it.
    """

    table: Table
    mapped: Mapped
    rows: int
    tally: pl.DataFrame
    counted: pl.DataFrame

    @property
    def errors(self) -> int:
        """How often a row falls short of a rule for which an import would set it aside."""
        severe = (pl.col("severity") == findings.ERROR) & pl.col("code").is_in(findings.OF_RULES)
        return int(self.counted.filter(severe)["rows"].sum())


@dataclass(frozen=True)
class Targets:
    """Where to write: the cleaned rows, what there is to say; None: nowhere."""

    output: Path | None = None
    report: Path | None = None
    force: bool = False

    @property
    def refused(self) -> Path | None:
        """Where the rows that could not be read go: OUT.refused.csv beside OUT."""
        return self.output.with_name(f"{self.output.stem}.refused.csv") if self.output else None

    @property
    def beside(self) -> list[Path]:
        """All that may be written but the cleaned rows."""
        return [path for path in (self.report, self.refused) if path is not None]


def cleansed(
    tables: Iterable[Table],
    rules: Rules,
    wishes: intake.Wishes,
    today: dt.date | None = None,
    *,
    expand: bool = False,
    servers: intake.Servers | None = None,
    least: bool = True,
) -> Iterator[Part]:
    """Yield the parts of one file cleaned; columns mean in each what they mean in the first.

    What the rules ask of rows is told as at an import, and no row is set aside for it; rules about `today` need it.
    `servers` tells whether domains take mail (`mail_servers.asking`); None: nobody asks.
    Columns that are not surely known stay as read, with a finding. Raises ColumnsUnknown where not at `least` one
    column is known, UsageError as `mapping.mapped` does.
    """
    synonyms = {name: vocabulary.index for name, vocabulary in rules.vocabularies.items()}
    mapped, held = None, pl.DataFrame(schema=uniqueness.HOLDERS)
    for table in tables:
        first = mapped is None
        mapped = mapped or mapping(table, rules, wishes, least=least)
        done = cleansing.cleansed(table.cells, table.rows, mapped, rules, synonyms, expand=expand, servers=servers)
        asked = validation.standards(rules, mapped.columns, today)
        repeated, held = uniqueness.repeated(done.records, held, asked)
        said = findings.joined(
            table.findings,
            findings.found(table.refused.select("row", "code")),
            mapped.findings if first else findings.empty(),
            done.findings,
            validation.broken(done.records, asked, first=first),
            repeated,
        )
        yield Part(table, mapped, done.cells, done.tally, said)


def mapping(table: Table, rules: Rules, wishes: intake.Wishes, *, least: bool) -> Mapped:
    """Return what the columns are. Here a table need not say who its rows are about: any known column is enough.

    Raises as `cleansed` does.
    """
    parts = dict.fromkeys(cleansing.expanded(table.cells.columns), "ignore")
    any_field = rules.fields.model_copy(update={"identity": tuple(rules.fields.field) if least else ()})
    try:
        return intake.mapped(
            table,
            rules.model_copy(update={"fields": any_field}),
            replace(wishes, columns={**parts, **wishes.columns}),
        )
    except ColumnsUnknown as unknown:
        headings = ", ".join(table.cells.columns[:12])
        raise ColumnsUnknown(
            f"No column is recognised, so there is nothing to clean: {headings}.", unknown.hint
        ) from None


def written(parts: Iterable[Part], targets: Targets) -> Told:
    """Let the parts go by, into the files that are wanted, and return what they held.

    All files are private and whole or not there. Raises UsageError where one is there already (without `force`) or
    its ending says no format, NotWritable as `files.atomic` does.
    """
    told: list[Told] = []
    with _report(targets) as report:
        cells = _passing(parts, told, report)
        if targets.output:
            tables.write_guarded(cells, targets.output, force=targets.force)
        for _ in cells:
            pass
    whole = _whole(told)
    if targets.refused and whole.table.refused.height:
        csv.write_csv(rejects.rows(whole.table), targets.refused, bom=True, force=True)
    return whole


def _passing(parts: Iterable[Part], told: list[Told], report: Callable[[pl.DataFrame], None]) -> Iterator[pl.DataFrame]:
    """Yield the cleaned cells of each part; note what is to be told of it."""
    for part in parts:
        report(part.findings)
        counted = plans.tallied(part.findings, part.table.name)
        bare = replace(
            part.table, cells=part.table.cells.clear(), rows=part.table.rows.clear(), findings=findings.empty()
        )
        told.append(Told(bare, part.mapped, part.cells.height, part.tally, counted))
        yield part.cells


def _whole(told: list[Told]) -> Told:
    """Return what was told of the parts as told of the whole."""
    kinds = [name for name in cleansing.TALLY if name != "cells"]
    tally = pl.concat([part.tally for part in told])
    return Told(
        tables_.joined(part.table for part in told),
        told[0].mapped,
        sum(part.rows for part in told),
        tally.group_by(kinds, maintain_order=True).agg(pl.col("cells").sum()),
        plans.counted(pl.concat([part.counted for part in told])),
    )


@contextmanager
def _report(targets: Targets) -> Iterator[Callable[[pl.DataFrame], None]]:
    """Give what takes the findings of each part, to a CSV file where one is wanted."""
    if targets.report is None:
        yield lambda _: None
        return
    with files.atomic(targets.report, force=targets.force) as temporary, temporary.open("wb") as out:
        csv.guarded(_told(findings.empty())).write_csv(out, include_bom=True)
        yield lambda found: csv.guarded(_told(found)).write_csv(out, include_header=False)


def _told(found: pl.DataFrame) -> pl.DataFrame:
    """Return findings in the columns of `REPORT`, with their sentences."""
    means = {code: findings.CATALOGUE[code].message for code in found["code"].unique()}
    sentence = pl.col("code").replace_strict(means, return_dtype=pl.String)
    filled = sentence.str.replace("{suggestion}", pl.col("suggestion").fill_null(""), literal=True)
    return found.with_columns(message=filled).select(REPORT)
