"""The tables of an audit: flags by something, empty cells, strays, tags, imports, and who may write.

To add a table: a function that returns a `Table`, called in `every`, and its title and headings in the catalogues of
`crmtool/io/locales`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.audits import freshness
from crmtool.core.audits.report import Table
from crmtool.io.auditing import figures, people
from crmtool.io.auditing.segments import Segment, members

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from crmtool.core.audits.quarters import Quarter
    from crmtool.core.rules import Rules
    from crmtool.io.store import Store

#: A command as the history keeps it, without what it was given.
_COMMAND = r"^((?:contacts|duplicates|interactions|deals|consents|tags|segments|rules|backup) \S+|\S+)"

_FLAGGED = ("green", "yellow", "red", "total")


@dataclass(frozen=True)
class Told:
    """What an audit looks at; the larger answers of the store are asked for once."""

    store: Store
    rules: Rules
    day: dt.date
    quarter: Quarter
    people: pl.DataFrame  # `people.people`
    flags: pl.DataFrame  # `freshness.JUDGED`
    since: dt.date  # who showed no sign of life since is inactive

    @cached_property
    def colours(self) -> pl.DataFrame:
        """The colour of each contact with something to check."""
        return freshness.by_contact(self.flags, self.rules.freshness)

    @cached_property
    def strays(self) -> pl.DataFrame:
        """Values that no vocabulary knows."""
        return figures.strays(self.store, self.rules, self.people)

    @cached_property
    def stale_tags(self) -> pl.DataFrame:
        """Tags that nobody got for long."""
        return figures.stale_tags(self.store, self.since)

    @cached_property
    def segments(self) -> list[Segment]:
        """The saved segments."""
        return members(self.store, self.rules, self.day, self.flags)

    @cached_property
    def sets(self) -> pl.DataFrame:
        """The change sets of the quarter."""
        return figures.changesets(self.store, self.quarter, self.day)

    @cached_property
    def files(self) -> pl.DataFrame:
        """What came in this quarter."""
        return figures.files(self.store, self.sets)

    @cached_property
    def missing(self) -> list[tuple[str, int]]:
        """Required fields and how many contacts lack them, most first."""
        names = people.required(self.rules.fields)
        bits = self.people["missing"]
        counts = [(name, int(((bits // (1 << n)) % 2).sum())) for n, name in enumerate(names)]
        return sorted(((name, count) for name, count in counts if count), key=lambda each: (-each[1], each[0]))


def every(told: Told, by: tuple[str, ...], limit: int) -> Iterator[Table]:
    """Yield the tables of an audit that have rows, each cut to `limit`; `by` are dimensions of the first ones."""
    made = [*(_by(told, dimension) for dimension in by), _missing(told), _strays(told), _tags(told)]
    made += [_imports(told), _writers(told)]
    for table in made:
        if table.rows:
            yield Table(table.title, table.columns, table.rows[:limit], table.total, table.flags)


def listing(told: Told) -> str:
    """Return the command that lists the contacts without what most lack."""
    return _list(told.missing[0][0]) if told.missing else "crmtool refresh --dry-run"


def unasked(rules: Rules) -> str:
    """Return the command that lists contacts who allow nothing; `audit due` knows only consents there are."""
    without = [f"not consent('{purpose}')" for purpose in sorted(rules.consents.purpose) if "'" not in purpose]
    return f'crmtool contacts list --segment "{" and ".join(without)}"' if without else ""


def _table(title: str, columns: tuple[str, ...], frame: pl.DataFrame, *, flags: bool = False) -> Table:
    return Table(title, columns, tuple(frame.rows()), frame.height, flags)


def _by(told: Told, dimension: str) -> Table:
    """Return flags by a dimension: of values by field, of contacts by anything else."""
    frame = {"field": _by_field, "segment": _by_segment}.get(dimension, _by_column)(told, dimension)
    ordered = frame.sort("red", "total", descending=True, maintain_order=True)
    columns = (dimension, *_FLAGGED, *(("incomplete",) if "incomplete" in frame.columns else ()))
    return _table(f"By {dimension}", columns, ordered, flags=True)


def _by_field(told: Told, _: str) -> pl.DataFrame:
    names = [check.field for check in told.rules.freshness.check]
    of_lines = freshness.counts(told.flags, pl.col("check"))  # first by line: names of millions of flags take long
    field = pl.col("by").replace_strict(range(len(names)), names, return_dtype=pl.String)
    return of_lines.group_by(field).agg(pl.col(*_FLAGGED).sum()).sort("by")


def _by_column(told: Told, dimension: str) -> pl.DataFrame:
    joined = told.people.select("contact_id", "lacking", by=dimension).join(told.colours, on="contact_id", how="left")
    return freshness.counts(joined, pl.col("by"), incomplete=(pl.col("lacking") > 0).sum().cast(pl.Int64))


def _by_segment(told: Told, _: str) -> pl.DataFrame:
    schema = {"by": pl.String(), **dict.fromkeys(_FLAGGED, pl.Int64())}
    parts = [pl.DataFrame(schema=schema)]
    for segment in told.segments:
        inside = told.colours.filter(pl.col("contact_id").is_in(segment.members.implode()))
        counted = freshness.counts(inside, pl.lit(segment.name))
        total = counted.with_columns(total=pl.lit(segment.members.len(), pl.Int64))
        parts.append(total.select(schema.keys()))
    return pl.concat(parts)


def _missing(told: Told) -> Table:
    total = told.people.height
    rows = tuple((name, count, _share(count, total), _list(name)) for name, count in told.missing)
    return Table("Required and empty", ("field", "contacts", "share", "command"), rows, len(rows))


def _list(name: str) -> str:
    return f'crmtool contacts list --segment "{name} is empty"'


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _strays(told: Told) -> Table:
    return _table("Values that no vocabulary knows", ("field", "value", "contacts"), told.strays)


def _tags(told: Told) -> Table:
    return _table("Tags that nobody got for long", ("tag", "contacts", "last given"), told.stale_tags)


def _imports(told: Told) -> Table:
    counted = told.files.group_by("source").agg(
        pl.len().cast(pl.Int64).alias("files"), pl.col("rows").sum(), pl.col("rejects").sum()
    )
    shares = counted.with_columns(share=pl.col("rejects") / (pl.col("rows") + pl.col("rejects")))
    ordered = shares.sort("rows", "source", descending=[True, False])
    return _table("Imports of the quarter", ("source", "files", "rows", "rejects", "rejected"), ordered)


def _writers(told: Told) -> Table:
    of_actor = told.sets.group_by("actor").agg(
        sets=pl.len().cast(pl.Int64),
        last=pl.col("on").max(),
        commands=pl.col("command").str.extract(_COMMAND).unique().sort().str.join(", "),
    )
    ordered = of_actor.sort("sets", "actor", descending=[True, False])
    return _table("Who changed the base this quarter: review their rights", ("who", "changes", "last", "with"), ordered)
