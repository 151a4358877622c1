"""A labelled file, or any file of contacts, as parties to be matched: read, mapped and cleaned, every column kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core import model
from crmtool.core.duplicates import companies
from crmtool.core.errors import UsageError
from crmtool.core.imports import cleansing as cleansing_
from crmtool.core.imports.mapping import SERVICE
from crmtool.core.normalizers import registry
from crmtool.core.rules import field_of
from crmtool.io import cleansing, gathering

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crmtool.core.imports.mapping import Mapped
    from crmtool.core.rules import Rules
    from crmtool.io.intake import Wishes
    from crmtool.io.readers.table import Table

_ROW = "key"  # a column that only names the row
_PARTS = ("given_name", "middle_name", "family_name")
_PERSONS = 0.8  # of the names: below, a column of names is one of something else
_FORMS = 0.1  # of the names that have a legal form: from there on they are names of companies


class Labelled(NamedTuple):
    """The rows of a file as read, the parties they are, what each column was taken for, and the truth."""

    cells: pl.DataFrame
    parties: pl.DataFrame
    columns: Mapping[str, str]  # heading -> field; a column that is none is compared as it stands
    truth: pl.Series | None


def labelled(tables: Iterable[Table], rules: Rules, wishes: Wishes, truth: str | None) -> Labelled:
    """Return the rows of a file as parties; `truth` names the column whose equal values are one party.

    Columns that are not known fields become `attr.HEADING`. Raises UsageError where there is no such column or no row.
    """
    synonyms = {name: vocabulary.index for name, vocabulary in rules.vocabularies.items()}
    mapped: Mapped | None = None
    read, clean = [], []
    for table in tables:
        mapped = mapped or _mapped(table, rules, wishes, truth)
        read.append(table.cells.drop(SERVICE, strict=False))
        texts = cleansing_.texts(table.cells, table.rows, mapped, rules, synonyms)
        clean.append(texts.drop(*SERVICE, *([] if truth is None else [truth]), strict=False))
    cells = pl.concat(read, how="diagonal") if read else pl.DataFrame()
    if mapped is None or not cells.height:
        raise UsageError("The file has no rows.", "Look at it with: crmtool read FILE")
    whole = pl.concat(clean, how="diagonal")
    columns = {heading: _field(heading, mapped) for heading in whole.columns}
    parties = _apart(_called(_parties(whole, columns), rules), rules)
    return Labelled(cells, parties, columns, cells[truth] if truth is not None else None)


def _mapped(table: Table, rules: Rules, wishes: Wishes, truth: str | None) -> Mapped:
    """Return what the columns of a file are; the truth is not cleaned."""
    headings = [heading for heading in table.cells.columns if heading not in SERVICE]
    if truth is not None and truth not in headings:
        raise UsageError(f"There is no column {truth!r}.", f"The columns are: {', '.join(headings)}")
    told = {} if truth is None else {truth: "ignore"}
    return cleansing.mapping(table, rules, replace(wishes, columns={**told, **wishes.columns}), least=False)


def _field(heading: str, mapped: Mapped) -> str:
    """Return the field a column is compared as; one that may be the key of the row is that."""
    perhaps = {unsure.heading: unsure.target for unsure in mapped.unsure}
    target = mapped.columns.get(heading) or perhaps.get(heading, "")
    if target == _ROW:
        return _ROW
    known = field_of(target) if target and heading in mapped.columns else ""
    return known if known in (*model.FIELDS, *model.CHANNELS, "name") else f"attr.{heading}"


def _parties(cells: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """Return one column for each field: of channels all values, of others the first column that has one."""
    fields: dict[str, list[str]] = {}
    for heading, field in columns.items():
        if field != _ROW:
            fields.setdefault(field, []).append(heading)
    return cells.select(
        (
            pl.concat_list(_cell(heading).str.split(cleansing_.BETWEEN) for heading in headings)
            if field in model.CHANNELS
            else pl.coalesce(_cell(heading) for heading in headings)
        ).alias(field)
        for field, headings in fields.items()
    )


def _called(parties: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return parties with the parts of their names, where only whole names are known and most are a person's.

    An import does the same, row by row; here a column may as well hold names of companies, or of dishes.
    """
    if "name" not in parties.columns or {"given_name", "family_name"} & {*parties.columns}:
        return parties
    settings = registry.Settings(name_order=rules.normalize.name_order)
    answers = registry.normalized("person", parties["name"].drop_nulls().unique(maintain_order=True), settings)
    split = answers.filter(pl.col("clean").is_not_null() & pl.col("code").is_null()).unique("value")
    found = parties.select(value="name").join(
        split.select("value", *_PARTS), on="value", how="left", maintain_order="left"
    )
    persons = found[_PARTS[0]].is_not_null() | found[_PARTS[-1]].is_not_null()
    filled = parties["name"].is_not_null()
    if (persons & filled).sum() < _PERSONS * max(int(filled.sum()), 1):
        return parties
    return parties.hstack(found.select(_PARTS))


def _apart(parties: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return parties by what those in the store are compared by: companies taken apart, people with their employers."""
    if {*_PARTS} & {*parties.columns} or not {"name", "company"} & {*parties.columns}:
        return companies.employed(parties, gathering.forms(rules))
    found = companies.apart(parties, gathering.forms(rules))
    named, formal = (found.height - found[name].null_count() for name in ("name", "legal_form"))
    return found if formal >= _FORMS * named else companies.employed(parties, gathering.forms(rules))


def _cell(heading: str) -> pl.Expr:
    return model.named(heading).str.strip_chars().replace("", None)
