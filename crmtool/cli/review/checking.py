"""A value that is verified while a pair is asked about: what is offered to be said, and what is kept of it.

What is typed: whose value (the id of one of the two), what was found out (any word of `[outcomes]` of the regulation),
and how. Each is a change set of its own, a step of the sitting, and the pair goes on waiting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.cli import verifying
from crmtool.cli.review import sitting as sittings
from crmtool.core import verifications
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from crmtool.cli.review.desk import Case
    from crmtool.cli.review.sitting import Sitting
    from crmtool.cli.session import Session
    from crmtool.core.freshness_rules import Check

_FIRST = ("phone", "email")  # what is meant where the cursor is on nothing that is checked
_FORM = "For example: {} confirmed call; or wrong, or unreachable."


class Asked(NamedTuple):
    """What is to be verified: a field, and the line to begin with: whose it is, what was found out, how."""

    field: str
    line: str


def asked(session: Session, case: Case, field: str) -> Asked | None:
    """Return what is asked about the field under the cursor, or the phone or e-mail; None: neither has one."""
    known = {check.field: check for check in session.rules.freshness.check if check.field != "consent"}
    for name in dict.fromkeys((field, *_FIRST)):
        having = [side.contact for side in case.sides if side.values.get(name)]
        if name in known and having:
            return Asked(name, f"{having[0]} confirmed {known[name].how}")
    return None


def verified(session: Session, sitting: Sitting, case: Case, field: str, line: str) -> tuple[Sitting, str]:
    """Keep what was typed of a field; return the sitting with that step, and what to say of it.

    Raises UsageError where the line says nothing that can be kept.
    """
    contact, outcome, method = _read(session, case, field, line)
    step = session.step()
    command = f"contacts verify {contact}"
    with step.turn(command):
        golden = session.store.snapshot("contact", where="id", keys=[contact]).row(0, named=True)
        if golden[field] is None:
            raise UsageError(f"Contact {contact} has no {field}.", "")
        said = verifying.rows(session, [(contact, field, golden[field], outcome, None)])
        number = step.offer(verifying.verified(session, command, said, method), lambda: None)
    if number is None:
        return sitting, f"{field} {golden[field]}: that was known already"
    told = f"{field} {golden[field]}: {outcome} by {method}, as change set {number}"
    return sittings.noted(sitting, outcome, number), told


def _read(session: Session, case: Case, field: str, line: str) -> tuple[int, str, str]:
    """Return whose value a line speaks of, what was found out, and how."""
    contact, word, *rest = [*line.split(), "", ""][: max(len(line.split()), 2)]
    ids = {str(side.contact): side.contact for side in case.sides}
    outcome = verifications.outcomes(pl.Series([word], dtype=pl.String), session.rules.freshness.outcomes).item()
    if contact not in ids or outcome is None:
        raise UsageError(f"{line!r} says nothing of {' or '.join(ids)}.", _FORM.format(next(iter(ids))))
    return ids[contact], outcome, " ".join(rest) or _check(session, field).how


def _check(session: Session, field: str) -> Check:
    return next(check for check in session.rules.freshness.check if check.field == field)
