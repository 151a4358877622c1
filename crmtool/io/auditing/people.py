"""The people an audit is about: whose they are, where they came from, and what they lack of what the rules require."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import model, requirements
from crmtool.core.folding import folded
from crmtool.core.rules import field_of, label_of, own_field
from crmtool.io.columns import packed
from crmtool.io.freshness import ROOTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crmtool.core.rules import Condition, Fields, Requirement
    from crmtool.io.store import Store

#: What flags and figures can be told by, beside segment and field.
DIMENSIONS = ("owner", "source", "region")

_REACHED = ("email", "phone")
_BITS = 60  # of one number
_GOLDEN = {*model.FIELDS, "name", "email", "phone"}


def required(fields: Fields) -> list[str]:
    """Return the fields that some rule requires, alone or among others, in the order of the rules."""
    asking = _asking(fields)
    return list(dict.fromkeys(name for rule in asking for name in (*rule.required, *rule.at_least_one)))


def people(
    store: Store, fields: Fields, golden: Sequence[str], by: Iterable[str], values: Iterable[str] = ()
) -> pl.DataFrame:
    """Return golden records without the archived, by id.

    Columns: contact_id, owner, what else of `DIMENSIONS` is in `by`, and the fields in `values`; `has`, which of
    `golden` fields it has, as bits of one number; has_email, has_phone; `asked`, how many cells the rules require of
    it, and `lacking`, how many of those are empty; `missing`, the empty ones of `required` as bits of one number.
    """
    asking = _asking(fields)
    names = required(fields)
    texts = [name for name in DIMENSIONS if name == "owner" or name in by]
    told = {name: (f'n."{name}"', pl.String()) for name in (*texts, *values)}
    alone = [name for rule in asking for name in rule.required]
    asked = [name for name in dict.fromkeys((*golden, *_REACHED, *alone)) if name not in told]
    conditions = {f"has {name}": filled(name) for name in asked}
    for number, rule in enumerate(asking):
        conditions |= {f"about {number}": _concerned(rule), f"without {number}": _without_any(rule)}
    columns = {"contact_id": ("n.id", pl.Int64()), **told, **_bits(list(conditions.values()))}
    read = packed(store, columns, f"FROM contact n WHERE {ROOTS}", "n.id")
    bits = {f"has {name}": pl.col(name).is_not_null().cast(pl.Int64) for name in told}
    bits |= {name: _bit(place) for place, name in enumerate(conditions)}
    has = {f"has_{kind}": bits[f"has {kind}"].cast(pl.Boolean) for kind in _REACHED}
    of_golden = pl.sum_horizontal(pl.lit(0), *(bits[f"has {name}"] * (1 << place) for place, name in enumerate(golden)))
    owed = _owed(asking, names, bits)
    return read.select("contact_id", *told, has=of_golden.cast(pl.Int64), **has, **owed)


def _bits(conditions: list[str]) -> dict[str, tuple[str, pl.DataType]]:
    """Return columns of SQL that hold conditions as bits of as few numbers as they fit, asked of each contact once."""
    parts = [conditions[first : first + _BITS] for first in range(0, len(conditions), _BITS)]
    sums = [" + ".join(f"(({condition}) << {place})" for place, condition in enumerate(part)) for part in parts]
    return {f"bits {number}": (each, pl.Int64()) for number, each in enumerate(sums)}


def _bit(place: int) -> pl.Expr:
    """Return the condition at a place of `_bits`, 0 or 1."""
    return (pl.col(f"bits {place // _BITS}") & (1 << place % _BITS)).ne(0).cast(pl.Int64)


def _owed(asking: list[Requirement], names: list[str], bits: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    """Return `asked`, `lacking` and `missing` of `people`, from the bits of what a contact lacks and what asks it."""
    asked = lacking = missing = pl.lit(0, pl.Int64)
    for number, rule in enumerate(asking):
        about, required = bits[f"about {number}"], {name: 1 - bits[f"has {name}"] for name in rule.required}
        asked = asked + about * (len(rule.required) + bool(rule.at_least_one))
        lacking = lacking + about * pl.sum_horizontal(bits[f"without {number}"], *required.values())
        for name, lacks in required.items():
            missing = missing | (about * lacks * (1 << names.index(name)))
    return {"asked": asked, "lacking": lacking, "missing": missing}


def filled(name: str) -> str:
    """Return the SQL that tells whether contact `n` has a value for a field, a channel, or a field of one's own."""
    if name in _GOLDEN:
        return f'(n."{name}" IS NOT NULL)'
    kind, label = field_of(name), label_of(name)
    if kind in model.CHANNELS:
        labelled = f" AND h.label = {_text(label)}" if label else ""
        return f"""EXISTS (SELECT 1 FROM contact m JOIN channel h ON h.contact_id = m.id
                           WHERE m.root_id = n.id AND h.kind = '{kind}'{labelled})"""
    if name == "tags":
        return """EXISTS (SELECT 1 FROM contact m JOIN contact_tag t ON t.contact_id = m.id WHERE m.root_id = n.id)"""
    path = f'$."{own_field(name) or name}"'.replace("'", "''")
    return f"(json_extract(n.custom, '{path}') IS NOT NULL)"


def _asking(fields: Fields) -> list[Requirement]:
    """Return the rules that require something to be filled."""
    return [rule for rule in requirements.gathered(fields) if rule.required or rule.at_least_one]


def _without_any(rule: Requirement) -> str:
    """Return the SQL that tells whether all of the fields of which a rule requires one are empty."""
    return f"NOT ({' OR '.join(filled(name) for name in rule.at_least_one)})" if rule.at_least_one else "0"


def _concerned(rule: Requirement) -> str:
    """Return the SQL that tells whether a rule is about contact `n`."""
    kind = [f"n.kind = '{rule.kind}'"] if rule.kind else []
    return " AND ".join([*kind, *(_holds(condition) for condition in rule.when)]) or "1"


def _holds(condition: Condition) -> str:
    """Return the SQL of a condition: case does not matter, and an empty field differs from every word."""
    parts = []
    if condition.filled is not None or not (condition.equals or condition.differs):
        parts.append(filled(condition.field) if condition.filled is not False else f"NOT {filled(condition.field)}")
    if condition.equals:
        parts.append(_says(condition.field, condition.equals))
    if condition.differs:
        parts.append(f"NOT {_says(condition.field, condition.differs)}")
    return f"({' AND '.join(parts)})"


def _says(name: str, words: Iterable[str]) -> str:
    path = _text(f'$."{own_field(name) or name}"')
    value = f'n."{name}"' if name in _GOLDEN else f"json_extract(n.custom, {path})"
    return f"ifnull(folded({value}) IN ({', '.join(_text(folded(word)) for word in words)}), 0)"


def _text(value: str) -> str:
    quoted = value.replace("'", "''")
    return f"'{quoted}'"
