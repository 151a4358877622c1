"""The shape of `rules/freshness.toml`: the regulation, what proves a channel, and what the health of a base is.

To add an event that makes a field due: its name in `EVENTS`, and how it is found in `crmtool.io.freshness`.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from crmtool.core import model
from crmtool.core.rule import Name, Rule, Words

#: What a contact is checked for beside its golden fields.
CHECKED = (*model.FIELDS, "name", "email", "phone", "consent")

#: Events that make a field due; "stage NAME" beside them: a deal that came to a stage.
EVENTS = ("deal opened", "deal closed", "bounce", "call", "email", "meeting", "chat", "ticket", "web")
STAGE = "stage "

_Months = Annotated[int, Field(ge=1, le=1200)]
_Days = Annotated[int, Field(ge=0, le=36500)]
_Weight = Annotated[float, Field(ge=0)]


class Override(Rule):
    """What is otherwise for the contacts of a segment; the first override whose segment holds a contact counts."""

    segment: Name
    every_months: _Months | None = None
    grace_days: _Days | None = None


class Check(Rule):
    """One line of the freshness regulation: who checks a field, how often and how."""

    field: Name  # one of `CHECKED`
    owner: Name  # role that checks it
    how: Name
    every_months: _Months | None = None  # None: only after events
    after: Words = ()  # events that make the field due
    within_days: _Days = 14  # of such an event
    grace_days: _Days = 30  # how long a new, never verified value may wait
    required: bool = True  # whether it counts for the colour of its contact
    override: tuple[Override, ...] = ()

    @model_validator(mode="after")
    def _due_somehow(self) -> Self:
        if self.every_months is None and not self.after:
            raise ValueError("a check needs every_months, or events in after")
        if any(each.every_months is None and each.grace_days is None for each in self.override):
            raise ValueError("an override says every_months or grace_days")
        return self


class Proof(Rule):
    """What proves a channel without anybody checking it."""

    incoming: bool = False  # a call, letter or message that came in from the very number or address


class Outcomes(Rule):
    """How reports of mailing tools and filled sheets say what became of a value; case does not matter."""

    confirmed: Words = ()
    wrong: Words = ()
    unreachable: Words = ()


class Health(Rule):
    """How much each part weighs in the health score; 0 leaves it out."""

    freshness: _Weight = 35
    completeness: _Weight = 25
    validity: _Weight = 15
    uniqueness: _Weight = 10
    consent: _Weight = 10
    ownership: _Weight = 5


class Freshness(Rule):
    """`freshness.toml`: the regulation."""

    due_days: _Days = 31  # yellow this long before it turns red
    inactive_months: _Months = 12  # without a deal, a conversation or a new list
    tolerance: Annotated[float, Field(gt=0, lt=1)] = 0.1  # share that may have died when the next check comes
    check: tuple[Check, ...]
    proof: Proof = Field(default_factory=Proof)
    outcomes: Outcomes = Field(default_factory=Outcomes)
    health: Health = Field(default_factory=Health)
