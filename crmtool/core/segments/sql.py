"""The pieces a compiled filter is made of: SQL from constants, and values that are parameters only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: What the conditions of a filter are about; `contact_facets` has what they ask for most, by id, roots alone.
CONTACTS = "contact c INDEXED BY contact_facets"

#: Contacts that segments speak of: golden records that are not archived.
_ROOT, _KEPT = "c.root_id = c.id", "c.id NOT IN (SELECT root_id FROM archived)"
PRESENT = f"{_ROOT} AND {_KEPT}"

#: What begins a list of contacts that is made once, and that `c` is looked up in: the roots of those who have rows `x`.
#: Where a contact leads is looked up among the few that are part of another; the index of all is far larger.
LISTED = (
    "c.id IN (SELECT ifnull((SELECT n.root_id FROM contact n INDEXED BY contact_absorbed "
    "WHERE n.id = x.contact_id AND n.root_id <> n.id), x.contact_id)"
)


@dataclass(frozen=True)
class Coloured:
    """A parameter that is known when the filter runs: a JSON list of the contacts whose `field` has these colours."""

    field: str
    colours: tuple[str, ...]


Param = str | int | Coloured
Sql = tuple[str, tuple[Param, ...]]
Vocabularies = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Condition:
    """A compiled filter: SQL over root contacts `contact c`, its parameters in order, and the fields it reads."""

    sql: str
    params: tuple[Param, ...]
    fields: tuple[str, ...]

    def query(self, columns: str, order: str = "") -> str:
        """Return the one query that gives `columns` (SQL over `c`) of the contacts this holds for."""
        return f"SELECT {columns} FROM {CONTACTS} WHERE {_ROOT} AND ({self.sql}) AND {_KEPT} {order}"


def chained(groups: Iterable[tuple[Param, ...]]) -> tuple[Param, ...]:
    """Return the parameters of several pieces of SQL, one after another."""
    return tuple(param for group in groups for param in group)


def negated(condition: Sql) -> Sql:
    """Return the negation of a condition; what is unknown counts as false, so both together hold everybody."""
    sql, params = condition
    return f"NOT ifnull({sql}, 0)", params


def marks(params: Iterable[object]) -> str:
    """Return the question marks of some parameters."""
    return ", ".join("?" for _ in params)
