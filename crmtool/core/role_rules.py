"""The shape of `rules/roles.toml`: who may see and do what. `core.roles` says what follows from it.

To add a right: its name in `Right`, what it is for in `RIGHTS`, and the commands that ask for it in `core.roles`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from pydantic import Field

from crmtool.core import model
from crmtool.core.rule import Name, Rule, Words

Level = Literal["hide", "mask", "read", "write"]
Right = Literal["import", "export", "create", "merge", "archive", "history", "undo", "erase", "operate"]

#: From nothing to everything.
LEVELS: tuple[Level, ...] = ("hide", "mask", "read", "write")
#: What each right is for, in the order people read them.
RIGHTS: dict[Right, str] = {
    "import": "take files in",
    "export": "write files of contacts",
    "create": "add contacts by hand",
    "merge": "decide who is the same",
    "archive": "archive and bring back",
    "history": "see what was done, and values as they were",
    "undo": "take change sets back",
    "erase": "erase a person",
    "operate": "copies, pipelines, saved plans, what is computed for the whole base",
}
#: What is known of a contact beside its fields; shown or hidden, never masked.
FACTS = ("tags", "interactions", "deals", "consents")
#: Fields that are part of another: who names that one means them too.
PARTS = dict.fromkeys(model.NAME_PARTS, "name")
_OWN = ("attr.", "utm.", "consent.")
#: Rights that reach values of any field and contact, whatever the views of a role show.
_REACHING = ("import", "merge", "history", "undo", "erase", "operate")


class Role(Rule):
    """What one role may see and do."""

    title: str = ""
    default: Level = "read"  # for fields that are not named
    fields: Mapping[Name, Level] = {}
    records: Literal["all", "own"] = "all"  # own: contacts whose owner is the user
    notes: Literal["all", "own", "none"] = "all"  # whose notes, and what was said in calls and letters
    may: tuple[Right, ...] = ()
    take: Words = Field(default=(), alias="as")  # roles its people may take for one command, with --as

    def level(self, field: str) -> Level:
        """Return what may be done with a field.

        >>> role = Role(default="read", fields={"name": "mask", "prefix": "read", "tax_id": "hide"})
        >>> [role.level(name) for name in ("tax_id", "family_name", "prefix", "city")]
        ['hide', 'mask', 'read', 'read']
        """
        level = self.fields.get(field) or self.fields.get(PARTS.get(field, "")) or self.default
        return "hide" if level == "mask" and field in FACTS else level

    def reads(self, field: str) -> bool:
        """Tell whether a field is shown as it is."""
        return self.level(field) in {"read", "write"}

    @property
    def reads_fields(self) -> bool:
        """Whether every field, also one that is not known yet, is shown as it is."""
        return {"hide", "mask"}.isdisjoint({self.default, *self.fields.values()})

    @property
    def sees_all(self) -> bool:
        """Whether nothing that is known of any contact is kept from this role."""
        return self.reads_fields and self.records == "all" and self.notes == "all"

    @property
    def is_free(self) -> bool:
        """Whether this role may see and do everything."""
        writes = {self.default, *self.fields.values()} == {"write"}
        return writes and self.sees_all and set(self.may) == set(RIGHTS)


class User(Rule):
    """A user of the operating system."""

    role: Name
    owner: Words = ()  # how the field owner calls this person; the name of the user counts too


class Roles(Rule):
    """`roles.toml`."""

    default: Name = "admin"  # the role of whoever has no table below
    role: Mapping[Name, Role] = {"admin": Role(default="write", may=tuple(RIGHTS))}
    user: Mapping[Name, User] = {}


def mistakes(roles: Roles) -> Iterator[tuple[str, str]]:
    """Yield (place, what is wrong) for what contradicts itself or cannot be kept."""
    for name, role in roles.role.items():
        yield from ((f"role.{name}.{place}", wrong) for place, wrong in _of_role(role))


def named(roles: Roles) -> dict[str, str]:
    """Return the places that name a role, with the names."""
    taken = {f"role.{name}.as: {other}": other for name, role in roles.role.items() for other in role.take}
    return {"default": roles.default, **taken, **{f"user.{name}.role": user.role for name, user in roles.user.items()}}


def fields(roles: Roles) -> dict[str, str]:
    """Return the places that name a field, with the names; a workspace's own fields are left out."""
    every = ((name, field) for name, role in roles.role.items() for field in role.fields)
    return {f"role.{name}.fields.{field}": field for name, field in every if not field.startswith(_OWN)}


def known_fields() -> set[str]:
    """Return the fields and facts that a role may name."""
    return {*model.FIELDS, *model.CHANNELS, "name", *FACTS}


def _of_role(role: Role) -> Iterator[tuple[str, str]]:
    for fact in FACTS:
        if role.fields.get(fact) == "mask":
            yield f"fields.{fact}", "can be hidden or shown, not masked"
    for right in _kept_from(role):
        yield "may", f"{right} reaches every value, so it wants a role that sees all fields, contacts and notes"
    if role.records == "own" and "export" in role.may:
        yield "may", "export wants a role that sees every contact: a withdrawal said of another one would be missed"


def _kept_from(role: Role) -> Iterable[str]:
    return () if role.sees_all else [right for right in _REACHING if right in role.may]
