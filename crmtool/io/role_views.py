"""What a role sees of the store, as SQL: for each table a view of the same name that stands before it.

The views are TEMP, so an unqualified name in a query means them; the tables behind are closed to everything else (see
`role_store`). To add a table or column: it is shown as it is unless a function here keeps something back, so look
whether it holds what a role may keep, and say so in `_COLUMNS` or `_ROWS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmtool.core import model
from crmtool.core.rules import OWN
from crmtool.io.changelog import CHANGESETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crmtool.core.role_rules import Role
    from crmtool.core.roles import Holder

#: The contacts that a role of its own records sees; filled before anything else is read.
MINE = "role_contacts"
_PLACES = ("id", "changeset_id", "tbl", "op", "row_id", "last_id")
_SAID = ("before", "after", "before_proof", "after_proof", "block", "erased_of", "erased")
_NO_PROOF = "x'' AS proof"
#: What a role calls a field of the workspace's own, of the key it is kept under.
_OWN_KEY = "iif({0} LIKE 'utm.%' OR {0} LIKE 'consent.%', {0}, 'attr.' || {0})"
_SEEN = f"(SELECT id FROM temp.{MINE})"


def mine(holder: Holder) -> list[tuple[str, list[str]]]:
    """Return the statements that list the contacts of a user, each with its parameters."""
    marks = ", ".join("?" for _ in holder.owners)
    fill = f"""INSERT INTO temp.{MINE} SELECT n.id FROM main.contact c JOIN main.contact n ON n.root_id = c.id
               WHERE c.id = c.root_id AND c.owner IS NOT NULL AND c.owner IN ({marks})"""
    return [(f"CREATE TEMP TABLE {MINE} (id INTEGER PRIMARY KEY)", []), (fill, list(holder.owners))]


def views(role: Role) -> dict[str, str]:
    """Return for each table of the store the SELECT that shows what a role sees of it."""
    shown = {table: _view(role, table) for table in model.TABLES}
    return {
        **shown,
        "changeset": _changesets(role),
        "change": _changes(role),
        "about": "SELECT '' AS name, '' AS value",
    }


def _view(role: Role, table: str) -> str:
    """Return the view of a table: its columns as the role sees them, of the rows that it sees."""
    special = _columns(role, table)
    columns = ", ".join(f'{special.get(name, _quoted(name))} AS "{name}"' for name in model.TABLES[table])
    where = " AND ".join(_rows(role, table)) or "1"
    return f'SELECT {columns}, {_NO_PROOF} FROM main."{table}" WHERE {where}'


def _quoted(name: str) -> str:
    return f'"{name}"'


# -- columns --------------------------------------------------------------------------------------------------------


def _columns(role: Role, table: str) -> Mapping[str, str]:
    """Return what stands for the columns of a table that are not shown as they are."""
    if table == "contact":
        return _of_contacts(role)
    if table == "channel":
        return {"value": _by_kind(role, "kind", '"value"'), "extension": _if_read(role, "phone", '"extension"')}
    if table == "interaction":
        return _of_interactions(role)
    if role.sees_all:
        return {}
    return {
        "record": _of_records(role),
        "verdict": {"reason": "'compared'"},
        "verification": {"value": _by_kind(role, "field", '"value"')},
        "deal": {"source_key": "CAST(id AS TEXT)", "raw": "NULL"},
        "consent": {"address": _by_kind(role, "channel", '"address"'), "evidence": "NULL"},
        "archive": {"reason": "NULL"},
        "file": {"columns": "'{}'"},
    }.get(table, {})


def _of_contacts(role: Role) -> dict[str, str]:
    columns = {name: _shown(role, name, _quoted(name)) for name in (*model.FIELDS, "email", "phone")}
    if role.notes != "all":
        fits = f"id IN {_SEEN}" if role.notes == "own" else "0"
        columns["note"] = f"CASE WHEN {fits} THEN {columns['note']} END"
    parts = min((role.level(name) for name in ("name", *model.NAME_PARTS)), key=_rank)
    name = _leveled(parts, '"name"')
    columns["name"] = f'CASE WHEN "name" IS company THEN {_shown(role, "company", _quoted("name"))} ELSE {name} END'
    columns["custom"] = f"CASE WHEN custom IS NOT NULL THEN {_own_fields(role)} END"
    return columns if not role.sees_all else {}


def _rank(level: str) -> int:
    return ("hide", "mask", "read", "write").index(level)


def _own_fields(role: Role) -> str:
    """Return the JSON object of a contact's own fields, of those the role sees."""
    key = _OWN_KEY.format("key")
    value = _cases(role, key, "value")
    return f"(SELECT json_group_object(key, {value}) FROM json_each(custom) WHERE {_among(role, key)})"


def _cases(role: Role, key: str, value: str) -> str:
    """Return a value, masked where the level of its field says so."""
    masked = [field for field, level in role.fields.items() if level == "mask"]
    clear = [field for field in role.fields if role.reads(field)]
    if role.default == "mask":
        return f"iif({key} IN ({_texts(clear)}), {value}, masked({value}))"
    return f"iif({key} IN ({_texts(masked)}), masked({value}), {value})" if masked else value


def _among(role: Role, key: str, *, only_read: bool = False) -> str:
    """Return that the field of a key is shown: as it is, or masked too."""
    fits = role.reads if only_read else lambda name: role.level(name) != "hide"
    if fits(""):
        return f"{key} NOT IN ({_texts(name for name in role.fields if not fits(name))})"
    return f"{key} IN ({_texts(name for name in role.fields if fits(name))})"


def _texts(names: Iterable[str]) -> str:
    return ", ".join("'" + name.replace("'", "''") + "'" for name in names)


def _shown(role: Role, field: str, value: str) -> str:
    return _leveled(role.level(field), value)


def _leveled(level: str, value: str) -> str:
    return {"hide": "NULL", "mask": f"masked({value})"}.get(level, value)


def _if_read(role: Role, field: str, value: str) -> str:
    return value if role.reads(field) else "NULL"


def _by_kind(role: Role, kind: str, value: str) -> str:
    """Return a value by the level of the field that the column `kind` names ("phone", "phone.mobile", "city")."""
    key = f"substr({kind}, 1, instr({kind} || '.', '.') - 1)"
    every = {*model.FIELDS, *model.CHANNELS, "name"}
    hidden, masked = ([name for name in every if role.level(name) == level] for level in ("hide", "mask"))
    other = _leveled(min((role.default, *role.fields.values()), key=_rank), value)
    own = [name for name in every if role.reads(name)]
    return (
        f"CASE WHEN {key} IN ({_texts(own)}) THEN {value} WHEN {key} IN ({_texts(masked)}) THEN masked({value}) "
        f"WHEN {key} IN ({_texts(hidden)}) THEN '' ELSE {other} END"
    )


def _of_interactions(role: Role) -> dict[str, str]:
    kept = {} if role.sees_all else {"raw": "NULL", "source_key": "CAST(id AS TEXT)", "thread": "NULL"}
    if not role.sees_all:
        kept["address"] = _by_kind(role, "channel", '"address"')
    if role.notes != "all":
        fits = "contact_id IN " + _SEEN if role.notes == "own" else "0"
        said = ("subject", "body", "outcome", "tags", "next_step")
        kept |= {name: f"CASE WHEN {fits} THEN {_quoted(name)} END" for name in said}
    return kept


def _of_records(role: Role) -> dict[str, str]:
    """Return what is shown of records: of hand edits what was typed in fields that are read, of others no cells."""
    if role.reads_fields and role.notes == "all":
        return {}
    unread = [name for name in model.FIELDS if not role.reads(name)]
    if role.notes != "all":
        unread = [*dict.fromkeys([*unread, "note"])]
    if not all(role.reads(name) for name in model.NAME_PARTS):
        unread.append("name")
    clean = "clean" + "".join(f", '$.{name}'" for name in unread)
    kinds = [kind for kind in model.CHANNELS if role.reads(kind)]
    key = _OWN_KEY.format("(value ->> 'field')")
    said = f"json_remove({clean})"
    for name, fits in (
        ("channels", f"value ->> 'kind' IN ({_texts(kinds)})"),
        ("custom", _among(role, key, only_read=True)),
    ):
        members = f"(SELECT json_group_array(json(value)) FROM json_each(clean, '$.{name}') WHERE {fits})"
        said = f"json_replace({said}, '$.{name}', json({members}))"
    typed = "substr(key, 1, instr(key || '.', '.') - 1)"
    names = f"iif({typed} IN ({_texts(OWN)}), key, {typed})"
    read = [name for name in (*model.FIELDS, *model.CHANNELS, "name") if name not in unread and role.reads(name)]
    fits = f"{names} IN ({_texts(read)}) OR ({typed} IN ({_texts(OWN)}) AND {_among(role, names, only_read=True)})"
    raw = f"(SELECT json_group_object(key, value) FROM json_each(raw) WHERE {fits})"
    return {
        "clean": said,
        "raw": f"iif(source = '{model.MANUAL}' AND json_valid(raw), {raw}, '{{}}')",
        "source_key": f"iif(source = '{model.MANUAL}', source_key, CAST(id AS TEXT))",
    }


# -- rows -----------------------------------------------------------------------------------------------------------


def _rows(role: Role, table: str) -> list[str]:
    """Return the conditions that rows of a table must meet to be seen."""
    return [*_own_rows(role, table), *_shown_rows(role, table)]


def _own_rows(role: Role, table: str) -> Iterable[str]:
    if role.records == "all":
        return []
    if table == "contact":
        return [f"id IN {_SEEN}"]
    if table == "file":
        return [f"id IN (SELECT file_id FROM main.record WHERE contact_id IN {_SEEN})"]
    if table == "deal_stage":
        return [f"deal_id IN (SELECT id FROM main.deal WHERE contact_id IN {_SEEN})"]
    if table == "attachment":
        of = "{0}_id IN (SELECT id FROM main.{0} WHERE contact_id IN " + _SEEN + ")"
        return [f"(contact_id IN {_SEEN} OR {of.format('deal')} OR {of.format('interaction')})"]
    return [f"{side} IN {_SEEN}" for side in model.REFERENCES.get(table, ())]


def _shown_rows(role: Role, table: str) -> Iterable[str]:
    """Return what keeps rows back: facts that are hidden, and what could tell of hidden values by being there."""
    facts = {"contact_tag": "tags", "interaction": "interactions", "deal": "deals", "deal_stage": "deals"}
    fact = {**facts, "consent": "consents"}.get(table)
    if fact and role.level(fact) == "hide":
        return ["0"]
    if table == "channel":
        return [f"kind NOT IN ({_texts(kind for kind in model.CHANNELS if role.level(kind) == 'hide')})"]
    if table == "attachment" and not _sees_documents(role):
        return ["0"]
    if table in {"reject", "segment_membership", "audit_snapshot", "tombstone"} and not role.sees_all:
        return ["0"]
    return ["0"] if table == "export_log" and "history" not in role.may else []


def _sees_documents(role: Role) -> bool:
    """Tell whether a role sees documents: their names tell of whom and of what they are."""
    named = all(role.reads(part) for part in ("name", *model.NAME_PARTS))
    return named and role.notes == "all" and role.level("interactions") != "hide" != role.level("deals")


# -- history --------------------------------------------------------------------------------------------------------


def _changesets(role: Role) -> str:
    """Return what a role sees of change sets: with the right to see history all, else when each was."""
    if "history" in role.may:
        return f"SELECT {', '.join(CHANGESETS)} FROM main.changeset"
    kept = {"actor": "''", "command": "''", "facts": "'{}'"}
    return f"SELECT {', '.join(f'{kept.get(name, name)} AS {name}' for name in CHANGESETS)} FROM main.changeset"


def _changes(role: Role) -> str:
    """Return what a role sees of changes: with the right to see history all, else which rows came when."""
    if "history" in role.may:
        return "SELECT * FROM main.change"
    kept = ", ".join(f"NULL AS {name}" for name in _SAID)
    return f"SELECT {', '.join(_PLACES)}, {kept}, {_NO_PROOF} FROM main.change WHERE op = 'create'"
