"""Reads what was found out from a file: a work list that was filled in, or the report of a mailing tool.

A work list says contact, field and value; a report says e-mails or phones. To know another heading: a word in
`_HEADINGS`, or `--column HEADING=MEANING`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import verifications
from crmtool.core.errors import UsageError
from crmtool.core.imports import values
from crmtool.core.imports.headings import heading_key
from crmtool.core.normalizers import registry
from crmtool.io import gathering, languages

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from crmtool.core.rules import Rules
    from crmtool.io.readers.table import Table
    from crmtool.io.store import Store

#: Meaning of a column -> its headings beside those of our own work lists.
_HEADINGS = {
    "contact": ("id", "contact id", "crmtool id"),
    "outcome": ("status", "статус", "result", "event", "state", "bounce type", "стан", "результат"),
    "on": ("date", "дата", "day", "timestamp", "time", "sent at", "час", "время"),
}
#: Heading of our work lists -> meaning.
_OURS = {"contact": "contact", "field": "field", "value": "value", "outcome": "outcome", "right value": "right",
         "checked on": "on"}  # fmt: skip
MEANINGS = ("contact", "field", "value", "outcome", "right", "on", "email", "phone")


@dataclass(frozen=True)
class Answers:
    """What a file says.

    `said`: row, contact_id (of the file, or of who has the value), field, value, outcome, on, right (the value as it
    should be, where the file gives one); `unanswered` rows say nothing; `refused`: row, value, why.
    """

    said: pl.DataFrame
    unanswered: int
    refused: pl.DataFrame


def is_work_list(table: Table) -> bool:
    """Tell whether a table is a work list of our own, in any of its languages, by its headings."""
    found = {heading_key(heading) for heading in table.cells.columns}
    ours = [{heading_key(languages.speech(name).t(word)) for word in _OURS} for name in languages.LANGUAGES]
    return any(headings <= found for headings in ours)


def together(parts: Mapping[str, Answers]) -> Answers:
    """Return what several sheets (by name) say as one; both frames also tell the `sheet` of a row."""
    refused = [part.refused.with_columns(sheet=pl.lit(name)) for name, part in parts.items()]
    said = pl.concat([part.said.with_columns(sheet=pl.lit(name)) for name, part in parts.items()], how="diagonal")
    return Answers(said, sum(part.unanswered for part in parts.values()), pl.concat(refused))


def answers(
    store: Store,
    rules: Rules,
    table: Table,
    *,
    columns: Mapping[str, str],
    outcome: str | None,
    day: dt.date,
    region: str | None = None,
) -> Answers:
    """Return what a file says was found out; `outcome` is that of every row where no column says it, `day` likewise.

    `columns` (heading -> one of MEANINGS) wins over what is known of headings. Raises UsageError where it is not told
    what the rows are about, or what was found out.
    """
    meant = _meant(table, rules, columns)
    if not ({"contact", "field"} <= meant.keys() or {"email", "phone"} & meant.keys()):
        raise UsageError(
            f"No column of {table.name} says whose value was checked.",
            "Say it with --column 'Heading=email' (or phone, or contact and field).",
        )
    if "outcome" not in meant and outcome is None:
        raise UsageError(
            f"No column of {table.name} says what was found out.",
            "Say it with --column 'Heading=outcome', or --found-wrong, --unreachable, --confirmed for all rows.",
        )
    rows = _rows(table, meant, rules, outcome, day)
    told = rows.filter(pl.col("outcome").is_not_null() & pl.col("known").is_not_null() & pl.col("on").is_not_null())
    about = _of_contacts(told) if "contact" in meant else _of_addresses(store, rules, told, meant, region)
    return Answers(about, rows.filter(pl.col("outcome").is_null()).height, _refused(rows, told, about))


def _meant(table: Table, rules: Rules, columns: Mapping[str, str]) -> dict[str, str]:
    """Return meaning -> heading; the first heading of a meaning counts."""
    if odd := [meaning for meaning in columns.values() if meaning not in MEANINGS]:
        raise UsageError(f"--column: {odd[0]!r} is no meaning here.", f"There are: {', '.join(MEANINGS)}")
    known = {heading_key(word): meaning for meaning, words in _HEADINGS.items() for word in words}
    for field in ("email", "phone"):
        rule = rules.fields.field.get(field)
        known |= {heading_key(word): field for word in (field, *(rule.headings if rule else ()))}
    for language in languages.LANGUAGES:
        say = languages.speech(language).t
        known |= {heading_key(say(heading)): meaning for heading, meaning in _OURS.items()}
    said = {heading_key(heading): meaning for heading, meaning in columns.items()}
    found: dict[str, str] = {}
    for heading in table.cells.columns:
        meaning = said.get(heading_key(heading)) or known.get(heading_key(heading))
        if meaning:
            found.setdefault(meaning, heading)
    return found


def _rows(table: Table, meant: Mapping[str, str], rules: Rules, outcome: str | None, day: dt.date) -> pl.DataFrame:
    """Return the rows with their meanings as columns, the outcome as read, and `known`, what it means."""
    frame = pl.DataFrame({"row": table.rows, **{m: table.cells[heading] for m, heading in meant.items()}})
    blank = [pl.when(pl.col(m).str.strip_chars() != "").then(pl.col(m).str.strip_chars()).alias(m) for m in meant]
    frame = frame.with_columns(blank)
    if "outcome" not in meant:
        frame = frame.with_columns(outcome=pl.lit(outcome))
    if "right" not in meant:
        frame = frame.with_columns(right=pl.lit(None, pl.String))
    known = verifications.outcomes(frame["outcome"], rules.freshness.outcomes)
    if "outcome" not in meant:
        known = frame["outcome"]
    settings = values.settings_for(rules.normalize, None, {})
    days = frame["on"] if "on" in meant else pl.Series([None] * frame.height, dtype=pl.String)
    read = registry.normalized("day", days.drop_nulls().unique(), settings)
    dated = dict(read.select("value", "clean").iter_rows())
    on = [day.isoformat() if text is None else dated.get(text) for text in days]
    return frame.with_columns(known=known, on=pl.Series(on, dtype=pl.String))


def _of_contacts(told: pl.DataFrame) -> pl.DataFrame:
    """Return what a work list says."""
    return told.select(
        "row", pl.col("contact").str.extract(r"^(\d{1,18})$", 1).cast(pl.Int64).alias("contact_id"), "field", "value",
        "on", "right", outcome="known",
    ).drop_nulls(["contact_id", "field", "value"])  # fmt: skip


def _of_addresses(
    store: Store, rules: Rules, told: pl.DataFrame, meant: Mapping[str, str], region: str | None
) -> pl.DataFrame:
    """Return what a report says of addresses, for every contact that has one."""
    settings = values.settings_for(rules.normalize, region, {})
    parts = []
    for kind in ("email", "phone"):
        if kind in meant:
            cells = told.select("row", "known", "on", "right", cell=kind).drop_nulls("cell")
            clean = registry.normalized(kind, cells["cell"].unique(), settings).select(cell="value", value="clean")
            rows = cells.join(clean.drop_nulls(), on="cell").with_columns(kind=pl.lit(kind))
            parts.append(rows.select("row", "kind", "value", "known", "on", "right"))
    every = pl.concat(parts)
    holders = gathering.holders(store, every.select("kind", "value")).select("root_id", "kind", "value").unique()
    return (
        every.join(holders, on=["kind", "value"])
        .select("row", "value", "on", "right", contact_id="root_id", field="kind", outcome="known")
        .sort("row", "contact_id")
    )


def _refused(rows: pl.DataFrame, told: pl.DataFrame, about: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that say something and cannot be used (columns row, value, why)."""
    answered = rows.filter(pl.col("outcome").is_not_null())
    unknown = answered.filter(pl.col("known").is_null()).select("row", value="outcome", why=pl.lit("verify.outcome"))
    undated = answered.filter(pl.col("known").is_not_null() & pl.col("on").is_null())
    unread = undated.select("row", value=pl.lit(None, pl.String), why=pl.lit("verify.day"))
    nobody = told.join(about.select("row").unique(), on="row", how="anti")
    whose = [name for name in ("value", "email", "phone", "contact") if name in nobody.columns]
    absent = nobody.select("row", value=pl.coalesce(whose), why=pl.lit("verify.nobody"))
    return pl.concat([unknown, unread, absent]).sort("row")
