"""What a role may: which commands, which writes; and how a change planned from part of the base becomes a whole one.

A role that sees part of the base plans from what it sees. Its plan says rightly what is to be different, not what rows
are: `grafted` puts the differences on the rows as they are. To add a command that asks for a right: a line in
`COMMANDS`; a table: a line in `_TABLES`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core import model, plans
from crmtool.core.errors import RoleRefused
from crmtool.core.role_rules import FACTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crmtool.core.plans import Edit, Plan
    from crmtool.core.role_rules import Right, Role

#: First words of a command -> the right it asks for; the longest beginning counts.
COMMANDS: dict[str, Right] = {
    "import": "import",
    "import --readmit": "erase",
    "interactions import": "import",
    "deals import": "import",
    "consents import": "import",
    "consents bounces": "import",
    "contacts import-sheet": "import",
    "export": "export",
    "contacts export-sheet": "export",
    "contacts export-person": "export",
    "duplicates export": "export",
    "duplicates find": "merge",
    "duplicates review": "merge",
    "duplicates merge": "merge",
    "duplicates unmerge": "merge",
    "duplicates different": "merge",
    "duplicates verdicts": "merge",
    "duplicates import-scores": "merge",
    "duplicates keys": "merge",
    "duplicates train": "operate",
    "duplicates learn": "operate",
    "duplicates evaluate": "merge",
    "contacts archive": "archive",
    "contacts restore": "archive",
    "history": "history",
    "undo": "undo",
    "contacts erase": "erase",
    "apply": "operate",
    "refresh": "operate",
    "segments refresh": "operate",
    "backup": "operate",
    "doctor": "operate",
    "run": "operate",
    "runs": "operate",
    "rules learn": "operate",
    "map --save": "operate",
    "roles review": "operate",
    "roles make-view": "operate",
}
#: Table -> the right that lets write to it, or the fact that must be writable.
_TABLES: dict[str, str] = {
    "file": "import",
    "reject": "import",
    "verdict": "merge",
    "contact_tag": "tags",
    "interaction": "interactions",
    "attachment": "interactions",
    "deal": "deals",
    "deal_stage": "deals",
    "consent": "consents",
    "archive": "archive",
    "export_log": "export",
    "audit_snapshot": "operate",
    "segment_membership": "operate",
    "run": "operate",
    "tombstone": "erase",
}
_SEE = "See what yours may with: crmtool roles show"


@dataclass(frozen=True)
class Holder:
    """Who acts: a user of the operating system, their role by its name, and how the field owner calls them."""

    user: str
    name: str
    role: Role
    owners: tuple[str, ...]
    bound: bool = False  # it counts who acts: the rules name users, or crmtool runs for others


def admitted(holder: Holder, command: str) -> None:
    """Let a command go on (`command`: its words, such as "contacts list", "map --save"). Raises RoleRefused."""
    words = command.split()
    beginnings = (" ".join(words[:count]) for count in range(len(words), 0, -1))
    right = next((COMMANDS[beginning] for beginning in beginnings if beginning in COMMANDS), None)
    if right is not None and right not in holder.role.may:
        raise RoleRefused(f"The role {holder.name} may not: {command}.", _SEE)


def shown(holder: Holder, fields: Iterable[str]) -> None:
    """Let a filter look at some fields (see `segments.sql.Condition`). Raises RoleRefused.

    What cannot be seen cannot be asked for either: how many it holds for would tell.
    """
    kept = sorted({field for field in map(_asked, fields) if not _is_shown(holder.role, field)})
    if kept:
        raise RoleRefused(f"The role {holder.name} does not see {', '.join(kept)}, so it cannot ask for it.", _SEE)


def _asked(field: str) -> str:
    """Return what a role calls what a filter reads."""
    return {"tag": "tags", "consent": "consents", "interaction": "interactions", "deal": "deals"}.get(field, field)


def _is_shown(role: Role, field: str) -> bool:
    """Tell whether what a filter reads is shown as it is; who was in which segment may tell of any field."""
    if field in {"id", "kind"}:
        return True
    if field == "name":
        return all(role.reads(part) for part in ("name", *model.NAME_PARTS, "company"))
    if field == "segment":
        return role.sees_all
    return role.reads(field) and (field != "note" or role.notes == "all")


# -- writing --------------------------------------------------------------------------------------------------------


def permitted(holder: Holder, plan: Plan) -> None:
    """Let a plan go on: every table, field and fact it writes is one the role may write. Raises RoleRefused."""
    if plan.undoes is not None:
        refused = [] if "undo" in holder.role.may else ["what takes a change set back"]
    elif "tombstone" in plan.edits and "erase" in holder.role.may:  # an erasure goes through every table
        refused = []
    else:
        refused = sorted(set(_refused(holder.role, plan.edits)))
    if refused:
        raise RoleRefused(
            f"The role {holder.name} may not write: {', '.join(refused)}.", f"Nothing was changed. {_SEE}"
        )


def _refused(role: Role, edits: Mapping[str, Edit]) -> Iterator[str]:
    """Yield what a plan writes and may not."""
    yield from (_TABLES[table] for table, edit in edits.items() if edit.size and not _may_write(role, table))
    contacts = edits.get("contact")
    if contacts is not None and contacts.created.height and not {"create", "import"} & {*role.may}:
        yield "new contacts"
    if "record" in edits:
        yield from _refused_fields(role, edits["record"])
    if "verification" in edits:
        yield from _refused_checks(role, edits["verification"])


def _may_write(role: Role, table: str) -> bool:
    asked = _TABLES.get(table)
    if asked is None or (asked == "merge" and "import" in role.may):  # files come with verdicts by rule
        return True
    return role.level(asked) == "write" if asked in FACTS else asked in role.may


def _refused_checks(role: Role, edit: Edit) -> Iterator[str]:
    for field in pl.concat([edit.created, edit.before, edit.removed])["field"].drop_nulls().unique():
        name = field.split(".")[0]
        if role.level(name) != "write":
            yield name


def _refused_fields(role: Role, edit: Edit) -> Iterator[str]:
    """Yield the fields that records say and the role may not write."""
    if set(edit.created["source"]) - {model.MANUAL} and "import" not in role.may:
        yield "records of sources"
    if {role.default, *role.fields.values()} == {"write"}:
        return
    nothing = edit.created.with_columns(clean=pl.lit("{}"))
    before = model.decoded(pl.concat([nothing, edit.before, edit.removed])["clean"])
    after = model.decoded(pl.concat([edit.created, edit.after, edit.removed.with_columns(clean=pl.lit("{}"))])["clean"])
    for field in (*model.FIELDS, "name"):
        if role.level(field) != "write" and before[field].ne_missing(after[field]).any():
            yield field
    yield from _refused_members(role, "channels", "kind", before, after)
    yield from _refused_members(role, "custom", "field", before, after)


def _refused_members(role: Role, column: str, key: str, before: pl.DataFrame, after: pl.DataFrame) -> Iterator[str]:
    """Yield the kinds of channels, or own fields, that differ and may not be written."""
    every = [frame.select(column).explode(column).drop_nulls()[column].struct.field(key) for frame in (before, after)]
    for name in pl.concat(every).unique().sort():
        field = name if column == "channels" or name.startswith(("utm.", "consent.")) else f"attr.{name}"
        of = pl.col(column).list.filter(pl.element().struct.field(key) == name).fill_null([])
        texts = [
            frame.select(of.list.eval(pl.element().struct.json_encode()).list.join("\n")).to_series()
            for frame in (before, after)
        ]
        if role.level(field) != "write" and texts[0].ne_missing(texts[1]).any():
            yield field


# -- from part of a row to the whole --------------------------------------------------------------------------------


def grafted(edits: Mapping[str, Edit], truth: Mapping[str, pl.DataFrame]) -> dict[str, Edit]:
    """Return edits that change the rows as they are (`truth`: by table) where `edits` change them as they were seen.

    Computed tables are left out. `truth` has every row that is updated or removed.
    """
    return {
        table: _grafted(table, edit, truth[table])
        for table, edit in edits.items()
        if table not in model.DERIVED and edit.size
    }


def _grafted(table: str, edit: Edit, truth: pl.DataFrame) -> Edit:
    before = truth.join(edit.before, on="id", how="semi").sort("id")
    differs = plans.differing(edit.before, edit.after)
    after = before.with_columns(
        pl.select(pl.when(differs[name]).then(edit.after[name]).otherwise(before[name]).alias(name)).to_series()
        for name in before.columns
    )
    if table == "record":
        texts = {name: _texts(edit, before, name) for name in ("raw", "clean")}
        after = after.with_columns(pl.Series(name, values, pl.String()) for name, values in texts.items())
    removed = truth.join(edit.removed, on="id", how="semi").sort("id")
    return replace(edit, before=before, after=after, removed=removed)


def _texts(edit: Edit, truth: pl.DataFrame, column: str) -> list[str]:
    """Return the JSON objects of a column with what is different put on them as they are."""
    rows = zip(truth[column], edit.before[column], edit.after[column], strict=True)
    return [json.dumps(_with(*(json.loads(text or "{}") for text in row)), ensure_ascii=False) for row in rows]


def _with(true: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return `true` with what `after` says otherwise than `before`; of lists the members that were not seen stay.

    >>> _with({"a": 1, "b": 2}, {"b": 2}, {"b": 3})
    {'a': 1, 'b': 3}
    >>> _with({"c": [1, 2]}, {"c": [2]}, {"c": [3]}), _with({"c": [1]}, {"c": []}, {"b": 2})
    ({'c': [1, 3]}, {'c': [1], 'b': 2})
    """
    made = dict(true)
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name), after.get(name)
        if isinstance(old or new, list) or [] in (old, new):
            old, new = old or [], new or []
            made[name] = [*(each for each in true.get(name) or [] if each not in old), *new]
        elif new is None:
            made.pop(name, None)
        elif old != new:
            made[name] = new
    return made
