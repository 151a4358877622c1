"""Contacts as a sheet that people edit and send back: what is written, and what of it comes back as an edit.

Every row carries its contact's id and a check of each of its cells. So a cell that a person changed is told from one
that the base changed meanwhile, without keeping the sheet. Both in one row: the row is refused, with both values.
"""

from __future__ import annotations

import hashlib
import json
from typing import NamedTuple

import polars as pl

from crmtool.core import guards, model
from crmtool.core.imports.mapping import SERVICE

ID, GUARD = "id", "row check"

#: What can be edited in a sheet; `name` only of contacts whose name is not known in parts.
EDITABLE = ("name", *model.FIELDS, "email", "phone")
#: Columns that are there though nobody has a value.
USUAL = ("name", "given_name", "middle_name", "family_name", "company", "job_title", "city", "email", "phone", "note")

#: Cells that differ from what was written, or whose base does.
_CELLS = {"row": pl.Int64(), "id": pl.Int64(), "field": pl.String(), "said": pl.String(), "base": pl.String()}


class Back(NamedTuple):
    """What came back in a sheet.

    `edits` has row, id, field, said, base; `refused` has row, id, reason; `unknown` are headings that are no field and
    hold something; `unchanged` counts the other rows.
    """

    edits: pl.DataFrame
    refused: pl.DataFrame
    unknown: list[str]
    unchanged: int


def values(contacts: pl.DataFrame, custom: tuple[str, ...] = ()) -> pl.DataFrame:
    """Return what a sheet says of root contacts, as text: id, `EDITABLE`, and the own fields asked for as attr.NAME."""
    own = contacts["custom"].str.json_path_match
    attributes = [own(f"$[{json.dumps(name, ensure_ascii=False)}]").alias(f"attr.{name}") for name in custom]
    return contacts.select(ID, *EDITABLE).with_columns(attributes)


def sheet(said: pl.DataFrame, fields: list[str]) -> pl.DataFrame:
    """Return contacts as a sheet of some fields, with a check of every cell."""
    return said.select(pl.col(ID).cast(pl.String), *fields).with_columns(_guards(said, fields).alias(GUARD))


def usual(said: pl.DataFrame) -> list[str]:
    """Return the fields of a sheet where nobody says which: those that somebody has, and a few more."""
    return [name for name in said.columns if name != ID and (name in USUAL or said[name].null_count() < said.height)]


def back(cells: pl.DataFrame, rows: pl.Series, now: pl.DataFrame, roots: dict[int, int]) -> Back:
    """Return what came back in a sheet.

    `cells` are the sheet's, `rows` their numbers; `now` is `values` of the contacts as they stand; `roots` says where
    each contact leads.
    """
    fields = [name for name in cells.columns if name in now.columns and name != ID]
    known = {*fields, ID, GUARD, *SERVICE}
    unknown = [name for name in cells.columns if name not in known and cells[name].null_count() < cells.height]
    numbered = cells.select(
        pl.Series("row", rows),
        id=pl.col(ID).str.strip_chars().str.to_integer(strict=False),
        **{f"said {name}": _plain(pl.col(name)) for name in fields},
        guard=pl.col(GUARD),
    )
    wrong = numbered.select("row", "id", reason=_misplaced(numbered, roots)).filter(pl.col("reason").is_not_null())
    fine = numbered.join(wrong.select("row"), on="row", how="anti", maintain_order="left")
    long = _long(fine, now, fields)
    refused = pl.concat([wrong, _refused(long)]).sort("row")
    edited = long.filter("edited").join(refused.select("row"), on="row", how="anti", maintain_order="left")
    touched = pl.concat([edited["row"], refused["row"]]).n_unique()
    return Back(edited.select(*_CELLS), refused, unknown, cells.height - touched)


def _plain(text: pl.Expr) -> pl.Expr:
    """Return a text as it is compared: spreadsheets change line ends, and formulas are written behind an apostrophe."""
    plain = text.str.replace_all("\r\n?", "\n").str.strip_chars()
    return plain.str.replace(r"^'([\s=@+\-＝＠＋－])", "${1}").fill_null("")


def _guards(said: pl.DataFrame, fields: list[str]) -> pl.Series:
    checks = [pl.format("{}={}", pl.lit(_mark(name)), guards.guard(_plain(pl.col(name)))) for name in fields]
    return said.select(pl.concat_str(checks, separator=";") if checks else pl.lit("")).to_series()


def _mark(field: str) -> str:
    """Return by what the check of a field is found: its name may have any signs."""
    return hashlib.blake2s(field.encode(), digest_size=4).hexdigest()


def _misplaced(numbered: pl.DataFrame, roots: dict[int, int]) -> pl.Series:
    """Return why rows can be no edit of a contact, null where they can."""
    root = pl.col("id").replace_strict(roots, default=None, return_dtype=pl.Int64)
    reason = (
        pl.when(pl.col("id").is_null())
        .then(pl.lit("has no id; new people come in with: crmtool import"))
        .when(root.is_null())
        .then(pl.format("there is no contact {}", "id"))
        .when(root != pl.col("id"))
        .then(pl.format("contact {} was merged into {} since the sheet was written", "id", root))
        .when(pl.col("guard").is_null())
        .then(pl.lit("has lost its row check"))
        .when(pl.col("id").cum_count().over("id") > 1)
        .then(pl.format("stands twice in the sheet: contact {}", "id"))
    )
    return numbered.select(reason.alias("reason")).to_series()


def _long(fine: pl.DataFrame, now: pl.DataFrame, fields: list[str]) -> pl.DataFrame:
    """Return the cells that were written, each with what is said now and what the base says (see `_CELLS`)."""
    checks = {f"check {name}": pl.col("guard").str.extract(f"{_mark(name)}=(g[0-9a-f]{{12}})") for name in fields}
    both = fine.with_columns(**checks)
    base = now.select(ID, *(_plain(pl.col(name)).alias(f"base {name}") for name in fields))
    both = both.join(base, on=ID, how="left", maintain_order="left")
    split = both.join(now.select(ID, split=pl.coalesce("given_name", "family_name").is_not_null()), on=ID, how="left")
    parts = [
        split.select(
            "row",
            ID,
            field=pl.lit(name),
            said=f"said {name}",
            base=f"base {name}",
            check=f"check {name}",
            split="split",
        )
        for name in fields
    ]
    empty = pl.DataFrame(schema={**_CELLS, "check": pl.String(), "split": pl.Boolean()})
    long = pl.concat([empty, *parts]).filter(pl.col("check").is_not_null())
    return (
        long.with_columns(
            edited=guards.guard(pl.col("said")) != pl.col("check"),
            moved=guards.guard(pl.col("base")) != pl.col("check"),
        )
        .filter((pl.col("said") != pl.col("base")) | pl.col("moved"))
        .with_columns(edited=pl.col("edited") & (pl.col("said") != pl.col("base")))
    )


def _refused(long: pl.DataFrame) -> pl.DataFrame:
    """Return the rows whose edits cannot be, with the reasons."""
    of_edited = long.filter(pl.col("edited").any().over("row"))
    reason = (
        pl.when(pl.col("moved"))
        .then(pl.format("{} was changed in the base since: here {}, there {}", "field", _shown("said"), _shown("base")))
        .when(pl.col("edited") & (pl.col("said") == ""))
        .then(pl.format("{} was emptied: a value can be replaced, not taken away ({})", "field", _shown("base")))
        .when(pl.col("edited") & (pl.col("field") == "name") & pl.col("split"))
        .then(pl.lit("name is made of its parts: edit these"))
    )
    told = of_edited.with_columns(reason=reason).filter(pl.col("reason").is_not_null())
    return told.group_by("row", "id", maintain_order=True).agg(pl.col("reason").str.join("; "))


def _shown(name: str) -> pl.Expr:
    return pl.when(pl.col(name) == "").then(pl.lit("nothing")).otherwise(pl.format("«{}»", pl.col(name).str.head(60)))
