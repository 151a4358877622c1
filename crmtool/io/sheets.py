"""Contacts to a sheet and back: reads the store for `core.contact_sheets`, and cleans the edits like any hand edit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from crmtool.core import contact_sheets, contacts, findings
from crmtool.core.errors import InputRefused, UsageError
from crmtool.io import editing, gathering

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from crmtool.core.plans import Plan
    from crmtool.core.rules import Rules
    from crmtool.io.readers.table import Table
    from crmtool.io.store import Store


class Returned(NamedTuple):
    """A sheet that came back: the plan, its edits (row, id, field, said, base), and the rows that were refused."""

    plan: Plan
    edits: pl.DataFrame
    refused: pl.DataFrame
    unknown: list[str]


def written(store: Store, ids: pl.Series, fields: Iterable[str]) -> pl.DataFrame:
    """Return some root contacts as a sheet, in the order given; without fields those that somebody has.

    Raises UsageError for a field that a sheet cannot have.
    """
    said = _values(store, ids)
    said = pl.DataFrame({"id": ids}).join(said, on="id", maintain_order="left")
    wanted = list(dict.fromkeys(fields)) or contact_sheets.usual(said)
    absent = [name for name in wanted if name not in said.columns or name == contact_sheets.ID]
    if absent:
        raise UsageError(
            f"A sheet has no column {', '.join(absent)}.", f"Known are: {', '.join(contact_sheets.EDITABLE)}, attr.NAME"
        )
    return contact_sheets.sheet(said, wanted)


def _values(store: Store, ids: pl.Series) -> pl.DataFrame:
    rows = store.snapshot("contact", where="id", keys=ids)
    own = rows["custom"].drop_nulls().unique().sort()
    names = tuple(sorted({name for text in own for name in json.loads(text)}))
    return contact_sheets.values(rows, names)


def returned(store: Store, rules: Rules, table: Table, command: str, others: Collection[str] = ()) -> Returned:
    """Return what a sheet brings back, as a plan.

    `others` are headings that somebody else reads, such as those of a list of verifications; any other heading that is
    no field is told and not used. Raises InputRefused for a table that is no sheet of contacts.
    """
    absent = [name for name in (contact_sheets.ID, contact_sheets.GUARD) if name not in table.cells.columns]
    if absent:
        raise InputRefused(
            f"This is no sheet of contacts: it has no column {', '.join(absent)}.",
            "Make one with: crmtool contacts export-sheet -o sheet.xlsx",
        )
    ids = table.cells[contact_sheets.ID].str.strip_chars().str.to_integer(strict=False).drop_nulls().unique()
    with store.reading():
        roots = dict(gathering.roots_of(store, ids).iter_rows())
        now = _values(store, ids)
        back = contact_sheets.back(table.cells.drop(others, strict=False), table.rows, now, roots)
        edits, wrong, said = _cleaned(store, rules, back.edits)
        around = gathering.clusters(store, edits["id"].unique())
        ids_, revision = store.next_ids(), store.revision()
        plan = contacts.plan_edits(command, said.said, said.known, around, revision, rules, ids_)
    refused = pl.concat([back.refused, wrong]).sort("row")
    told = pl.concat([_refused_cells(refused), _unknown(back.unknown)], how="diagonal")
    facts: dict[str, Any] = {
        "file": table.name,
        "edited": edits["id"].n_unique(),
        "cells": edits.height,
        "refused": refused.height,
        "unchanged": back.unchanged,
    }
    plan = type(plan)(plan.command, plan.base, plan.rules, plan.edits, findings.found(told), facts)
    return Returned(plan, edits, refused, back.unknown)


def _cleaned(store: Store, rules: Rules, edits: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, editing.Said]:
    """Return the edits whose values can be used, the rows with others (row, id, reason), and the hand edits."""
    said = editing.said(store, rules, _wanted(edits))
    if said.findings.is_empty():
        return edits, edits.select("row", "id", reason="said").clear(), said
    told = said.findings.with_columns(message=findings.sentences(said.findings))
    why = told.select(id="row", reason=pl.format("{}: {} {}", "column", "value", "message"))
    rows = edits.select("row", "id").unique(maintain_order=True).join(why, on="id", maintain_order="left")
    wrong = rows.group_by("row", "id", maintain_order=True).agg(pl.col("reason").str.join("; "))
    fine = edits.join(wrong.select("row"), on="row", how="anti", maintain_order="left")
    return fine, wrong, editing.said(store, rules, _wanted(fine))


def _wanted(edits: pl.DataFrame) -> dict[int, dict[str, str]]:
    wanted: dict[int, dict[str, str]] = {}
    for contact, field, text in edits.select("id", "field", "said").iter_rows():
        wanted.setdefault(contact, {})[field] = text
    return wanted


def _refused_cells(refused: pl.DataFrame) -> pl.DataFrame:
    return refused.select("row", value="reason", code=pl.lit("sheet.row"), suggestion="reason")


def _unknown(headings: list[str]) -> pl.DataFrame:
    columns = {"column": headings, "code": ["sheet.column"] * len(headings)}
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String()))
