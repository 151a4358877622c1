"""Filters meet the store: what they may refer to is taken from the rules, what they hold is counted and listed.

Every query here runs guarded (see `guarding`): reading only, and for a limited time.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import model
from crmtool.core.errors import RoleRefused, UsageError
from crmtool.core.rules import own_field
from crmtool.core.segments import compiling
from crmtool.core.segments.context import Context
from crmtool.core.segments.refusals import suggested
from crmtool.core.segments.sql import Coloured, Condition
from crmtool.io import companies
from crmtool.io.deferring import Deferred, Shelf

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Mapping, Sequence

    from crmtool.core.rules import Rules
    from crmtool.core.segments.sql import Param
    from crmtool.io.store import Store


def context(rules: Rules, today: dt.date, *, coloured: bool = True) -> Context:
    """Return what filters of a workspace may refer to; `coloured`: the freshness of fields too."""
    vocabularies = {name: rule.vocabulary for name, rule in rules.fields.field.items() if rule.vocabulary}
    return Context(
        today,
        custom=Deferred(lambda: dict.fromkeys(_own_fields(rules), "")),
        vocabularies=Shelf(vocabularies, lambda name: rules.vocabularies[vocabularies[name]].index),
        segments=Shelf(rules.segments, lambda name: rules.segments[name].where),
        won=rules.deals.won,
        purposes=frozenset(rules.consents.purpose),
        checked=frozenset(check.field for check in rules.freshness.check) if coloured else frozenset(),
    )


def _own_fields(rules: Rules) -> set[str]:
    """Return the workspace's own fields, as asked for: those of the catalogue, and those that mappings fill."""
    targets = {*rules.fields.field}
    for mapping in rules.mappings.values():
        targets |= {*mapping.columns.values(), *mapping.join, *mapping.defaults}
    return {target for target in targets if own_field(target)}


def condition(store: Store, rules: Rules, today: dt.date, segment: str) -> Condition:
    """Return the condition of a saved segment, or of a filter written in its place. Raises UsageError."""
    return conditions(store, rules, today, [segment])[0]


def conditions(store: Store, rules: Rules, today: dt.date, segments: Sequence[str]) -> list[Condition]:
    """Return the conditions of segments and filters, ready to run. Raises UsageError for one that is neither."""

    def coloured(_: Collection[str]) -> pl.DataFrame:
        from crmtool.io import freshness

        return freshness.colours(store, rules, today)

    return bound(compiled(store, rules, today, segments), coloured)


def compiled(store: Store, rules: Rules, today: dt.date, segments: Sequence[str]) -> list[Condition]:
    """Return the conditions of segments and filters, colours not yet known. Raises UsageError as `conditions` does."""
    known = replace(context(rules, today), renamed=Deferred(lambda: companies.renames(store)))
    found = [compiling.compiled(expression(rules, segment), known) for segment in segments]
    for each in found:
        store.show(each.fields)
    return found


def bound(conditions: Sequence[Condition], coloured: Callable[[Collection[str]], pl.DataFrame]) -> list[Condition]:
    """Return conditions ready to run; `coloured` gives the colours of fields as `freshness.colours` does."""
    asked = {param for each in conditions for param in each.params if isinstance(param, Coloured)}
    if not asked:
        return [*conditions]
    colours = coloured({each.field for each in asked})
    lists = {each: _bound(each, colours) for each in asked}
    return [replace(each, params=tuple(_known(param, lists) for param in each.params)) for each in conditions]


def askable(store: Store, rules: Rules, today: dt.date, segments: Sequence[str]) -> list[str]:
    """Return the saved segments that may be asked for here: a role asks only for what it sees."""
    if not store.is_veiled:
        return list(segments)
    known = context(rules, today)

    def shown(segment: str) -> bool:
        try:
            store.show(compiling.compiled(rules.segments[segment].where, known).fields)
        except RoleRefused:
            return False
        return True

    return [segment for segment in segments if shown(segment)]


def expression(rules: Rules, segment: str) -> str:
    """Return the expression of a saved segment, or the text itself where it is one. Raises UsageError."""
    if segment in rules.segments:
        return f"in_segment('{segment}')" if "'" not in segment else rules.segments[segment].where
    if segment.replace("-", "").replace("_", "").isalnum():
        raise UsageError(f"There is no segment {segment!r}.", suggested(segment, sorted(rules.segments)))
    return segment


def _known(param: Param, bound: Mapping[Coloured, str]) -> Param:
    return bound[param] if isinstance(param, Coloured) else param


def _bound(param: Coloured, colours: pl.DataFrame) -> str:
    """Return a parameter as it is known now: the contacts who have its colours."""
    wanted = (pl.col("field") == param.field) & pl.col("colour").is_in(param.colours)
    ids = colours.filter(wanted)["contact_id"].cast(pl.String).str.join(",").item()
    return f"[{ids}]"


def counted(store: Store, condition: Condition) -> int:
    """Return how many contacts a condition holds for."""
    with store.guarded():
        return int(store.query(condition.query("count(*)"), condition.params, {"count": pl.Int64()}).item())


def members(store: Store, condition: Condition) -> pl.Series:
    """Return the ids of the contacts a condition holds for, in order."""
    with store.guarded():
        packed = store.query(condition.query("json_group_array(c.id)"), condition.params, {"id": pl.String()})["id"]
    return packed.str.json_decode(pl.List(pl.Int64())).list.explode(empty_as_null=False).sort()


def standing(store: Store, segments: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the memberships of segments that nobody has left, and where the contacts in them lead (id, root_id)."""
    names = ", ".join(f'm."{name}"' for name in model.TABLES["segment_membership"])
    source = "FROM segment_membership m WHERE m.left_on IS NULL AND m.segment IN (SELECT value FROM json_each(?))"
    keys = [json.dumps(list(segments))]
    rows = store.query(f"SELECT {names} {source} ORDER BY m.id", keys, model.TABLES["segment_membership"])
    roots = f"SELECT DISTINCT n.id, n.root_id {source.replace('WHERE', 'JOIN contact n ON n.id = m.contact_id WHERE')}"
    return rows, store.query(roots, keys, {"id": pl.Int64(), "root_id": pl.Int64()})


def history(store: Store, segment: str) -> pl.DataFrame:
    """Return all memberships of a segment by root contact (columns root_id, entered_on, left_on)."""
    sql = """SELECT n.root_id, m.entered_on, m.left_on FROM segment_membership m JOIN contact n ON n.id = m.contact_id
             WHERE m.segment = ?"""
    return store.query(sql, [segment], {"root_id": pl.Int64(), "entered_on": pl.String(), "left_on": pl.String()})
