"""Values that only one contact may have: rows that bring one which somebody else has, in the base or above in the file.

Who is somebody else is known only after linking: a row that joins a known contact may say what that one says.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings, model, requirements
from crmtool.core.imports import checking, validation

if TYPE_CHECKING:
    from crmtool.core.imports.checking import Checked
    from crmtool.core.imports.validation import Standards
    from crmtool.core.rules import Fields

#: Who holds values in the base.
HOLDERS: dict[str, pl.DataType] = {"field": pl.String(), "value": pl.String(), "root_id": pl.Int64()}


def fields_asked(fields: Fields) -> list[str]:
    """Return the fields that some rule wants to be unique."""
    asked = [rule for rule in requirements.gathered(fields) if rule.unique]
    return list(dict.fromkeys(name for rule in asked for name in rule.field))


def rejects_for_it(fields: Fields) -> bool:
    """Return whether a row may be set aside for what somebody else has."""
    return any(rule.unique and rule.severity == findings.ERROR for rule in requirements.gathered(fields))


def taken(rows: pl.DataFrame, holders: pl.DataFrame, roots: pl.DataFrame, asked: Standards) -> pl.DataFrame:
    """Return a finding for each value of a row that somebody else had before.

    `rows` has row, contact_id and the columns of `model.CLEAN`; `holders` is as `HOLDERS`; `roots` says which contact
    (id) is which person (root_id), as it will be after linking.
    """
    parts = [
        _taken(model.where(rows, validation.concerned(rows, rule)), name, holders, roots).with_columns(
            column=validation.column(name, asked),
            field=pl.lit(name),
            severity=pl.lit(rule.severity),
            suggestion=pl.lit(requirements.spoken(rule, asked.language)),
        )
        for rule in asked.requirements
        if rule.unique
        for name in rule.field
    ]
    return pl.concat([findings.empty(), *(findings.found(part, "value.unique") for part in parts)])


def repeated(rows: pl.DataFrame, earlier: pl.DataFrame, asked: Standards) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return a finding for each value that a row of the same file has before, and what the rows up to here hold.

    Without a base nobody is known, so every row is somebody else. `rows` has row and the columns of `model.CLEAN`;
    `earlier` is what the parts of the file before hold, as `HOLDERS`, the number of the row in the place of the person.
    """
    fields = dict.fromkeys(name for rule in asked.requirements if rule.unique for name in rule.field)
    if not fields:
        return findings.empty(), earlier
    numbers = pl.concat([earlier["root_id"], rows["row"].rename("root_id")]).unique()
    roots = pl.DataFrame({"id": numbers, "root_id": numbers})
    found = taken(rows.with_columns(contact_id="row"), earlier, roots, asked)
    held = [validation.held(rows, name).select(field=pl.lit(name), value="value", root_id="row") for name in fields]
    first = pl.concat([earlier, *held]).sort("root_id", maintain_order=True)
    return found, first.unique(["field", "value"], keep="first", maintain_order=True)


def _taken(rows: pl.DataFrame, name: str, holders: pl.DataFrame, roots: pl.DataFrame) -> pl.DataFrame:
    """Return the values of a field that others had before (columns row, value)."""
    people = rows.select("row", id="contact_id").join(roots, on="id")
    here = validation.held(rows, name).join(people, on="row").select("row", "value", "root_id").sort("row")
    known = holders.filter(pl.col("field") == name).select("value", id="root_id").join(roots, on="id")
    before = known.select("value", "root_id").unique(maintain_order=True)
    first = (
        pl.concat([before, here.select("value", "root_id")]).group_by("value").agg(pl.first("root_id").alias("first"))
    )
    others = here.join(before, on=["value", "root_id"], how="anti", maintain_order="left").join(first, on="value")
    return others.filter(pl.col("root_id") != pl.col("first")).select("row", "value").unique().sort("row", "value")


def told_apart(checked: Checked, found: pl.DataFrame, asked: Standards) -> Checked:
    """Return the rows with those set aside that break a rule which is an error; all of `found` is told."""
    wrong = checking.rejected(checked.accepted, found.filter(pl.col("severity") == findings.ERROR), asked)
    return replace(
        checked,
        accepted=model.where(checked.accepted, ~pl.col("row").is_in(wrong["row"].implode())),
        rejected=pl.concat([checked.rejected, wrong]).sort("row"),
        findings=findings.joined(checked.findings, found),
    )
