"""Contacts beside one another: for each field what every one says, how that agrees, and what would come of it.

Pure: made of values, drawn by `drawing`. To compare another fact: a line in `_PLURAL` or a field of `core.model`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
from anyascii import anyascii
from rapidfuzz import fuzz

from crmtool.core import model
from crmtool.core.folding import folded

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from crmtool.core.golden import Clusters
    from crmtool.io.reviewing import Facts

#: How the values of a field agree: a sign for the eye, a word for the ear.
MARKS = {"=": "same", "~": "alike", "≠": "differs", "+": "only one"}
_OWN = "attr."  # before the names of the workspace's own fields
_ALIKE = 80.0  # per cent of the letters of two spellings of one thing
_SINGLE = ("kind", "name", *model.FIELDS)
_CHANNEL = ("contact_id", "kind", "value", "extension")
_PLURAL = (*model.CHANNELS, "tags")  # of these all are kept
#: Why a pair does not wait, where no verdict says so.
NOBODY = "nobody asks any more"
_WHOLE = "name"  # stands for its parts where nobody has them


@dataclass(frozen=True)
class Side:
    """One contact: `values` of its fields (channels and tags: several), whom it absorbed, and what happened with it."""

    contact: int
    values: Mapping[str, tuple[str, ...]]
    absorbed: tuple[int, ...] = ()
    past: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One field of several contacts: the values of each, how they agree (`MARKS`), and what it would become."""

    field: str
    values: tuple[tuple[str, ...], ...]
    mark: str
    result: tuple[str, ...]

    @property
    def several(self) -> bool:
        """Whether all values are kept, so that none is chosen."""
        return self.field in _PLURAL


def side(contact: int, clusters: Clusters, facts: Facts) -> Side:
    """Return a root contact as its cluster says it is."""
    ids = clusters.contacts["id"].to_list()
    members = {member for member, root in zip(ids, clusters.contacts["root_id"], strict=True) if root == contact}
    golden = clusters.contacts.row(ids.index(contact), named=True)
    told = [(k, _reached(v, x)) for c, k, v, x in clusters.channels.select(_CHANNEL).iter_rows() if c in members]
    several = {kind: tuple(dict.fromkeys(value for k, value in told if k == kind)) for kind in model.CHANNELS}
    tags = sorted({tag for member, tag in facts.tags.iter_rows() if member in members})
    values = single(golden) | several | {"tags": tuple(tags)}
    known = {name: those for name, those in values.items() if those}
    return Side(contact, known, tuple(sorted(members - {contact})), past(facts, members))


def single(golden: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the fields of a golden record (a row of the table `contact`) that hold one value each."""
    plain: dict[str, tuple[str, ...]] = {name: (str(golden[name]),) for name in _SINGLE if golden.get(name) is not None}
    if any(part in plain for part in model.NAME_PARTS) or plain.get("kind") == ("company",):
        plain.pop(_WHOLE, None)
    own = json.loads(golden.get("custom") or "{}")
    return plain | {f"{_OWN}{name}": (str(value),) for name, value in own.items() if value is not None}


def _reached(value: str, extension: str | None) -> str:
    return f"{value} ext. {extension}" if extension else value


def compared(sides: Sequence[Side], golden: Mapping[str, tuple[str, ...]]) -> list[Line]:
    """Return the fields that any of the contacts has, in the order people read them; `golden` says what they become."""
    known = dict.fromkeys(name for each in sides for name in each.values)
    ordered = [*(name for name in (*_SINGLE, *_PLURAL) if name in known), *(n for n in known if n.startswith(_OWN))]
    lines = []
    for name in ordered:
        values = tuple(each.values.get(name, ()) for each in sides)
        every = tuple(dict.fromkeys(value for each in values for value in each))
        lines.append(Line(name, values, mark(name, values), every if name in _PLURAL else golden.get(name, ())))
    return [line for line in lines if line.field != "kind" or line.mark != "="]


def mark(field: str, values: Sequence[tuple[str, ...]]) -> str:
    """Return how the values of a field agree: a key of `MARKS`."""
    told = [set(each) for each in values if each]
    if len(told) < len(values):
        return "+"
    if all(each == told[0] for each in told):
        return "="
    if field in _PLURAL:
        return "~" if set.intersection(*told) else "≠"
    first, *others = [_spelled(value) for each in values for value in each]
    return "~" if all(fuzz.ratio(first, other) >= _ALIKE for other in others) else "≠"


def _spelled(value: str) -> str:
    """Return a text as it is likened: in Latin letters, without capitals."""
    return anyascii(folded(value))


def led(clusters: Clusters) -> dict[int, int]:
    """Return where contacts lead."""
    return dict(zip(clusters.contacts["id"], clusters.contacts["root_id"], strict=True))


def standing(clusters: Clusters, left: int, right: int) -> str | None:
    """Return why a pair need not be asked about any more, by what `clusters` say; None: it waits."""
    rooted = led(clusters)
    if left not in rooted or right not in rooted:
        return "one of them is no more"
    sides = {rooted[left], rooted[right]}
    if len(sides) == 1:
        return "they are one by now"
    said = clusters.verdicts.select("left_id", "right_id", "decision", "by").rows()
    between = [(decision, by) for a, b, decision, by in said if {rooted.get(a), rooted.get(b)} == sides]
    different = [by for decision, by in between if decision == "different"]
    if different:
        return f"{different[0]} said that they are different"
    return None if any(decision == "unsure" for decision, _ in between) else NOBODY


def reasons(clusters: Clusters, left: int, right: int) -> tuple[str, ...]:
    """Return why a pair waits, in the words of the rules that asked."""
    rooted = led(clusters)
    said = clusters.verdicts.select("left_id", "right_id", "decision", "reason").rows()
    sides = {rooted[left], rooted[right]}
    found = [why for a, b, word, why in said if word == "unsure" and why and {rooted.get(a), rooted.get(b)} == sides]
    return tuple(dict.fromkeys(found))


def past(facts: Facts, members: Container[int]) -> tuple[str, ...]:
    """Return what happened with a contact, a line each: the last interactions, where it is from, what was checked."""
    spoken = [
        f"{row['at'][:10]} {row['kind']}{_with(row['direction'], row['author'])}: {row['subject'] or 'no subject'}"
        for row in _of(facts.interactions, members)
    ]
    origins = [_origin(row) for row in _of(facts.origins, members)]
    checked = [f"{row['on']} {row['field']} {row['outcome']} by {row['by']}" for row in _of(facts.checked, members)]
    return tuple(dict.fromkeys([*spoken, *origins, *checked]))


def _of(rows: pl.DataFrame, members: Container[int]) -> list[dict[str, Any]]:
    return [row for row in rows.to_dicts() if row["contact_id"] in members]


def _origin(row: Mapping[str, Any]) -> str:
    where = f"{row['file']} row {row['row']}" if row["file"] else row["source"]
    return f"{row['at'][:10]} {where} (change set {row['changeset_id']})"


def _with(direction: str | None, author: str | None) -> str:
    return "".join(f" {word}" for word in (direction, author and f"with {author}") if word)
