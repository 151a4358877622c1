"""`crmtool contacts erase --retention`: whom `rules/retention.toml` keeps no longer, as one batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crmtool.cli import screen
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

    from crmtool.cli.session import Session
    from crmtool.core.plans import Plan

_COMMAND = "contacts erase --retention"
_SHOWN = 50  # contacts that are listed


class Due(NamedTuple):
    """Whom the rules keep no longer (ids of contacts), and each rule with how many it is about."""

    erase: pl.Series
    archive: pl.Series
    rules: Sequence[tuple[str, str, int]]

    @property
    def reason(self) -> str:
        """The rules by which somebody is erased, as the reason."""
        return "retention: " + "; ".join(name for name, then, people in self.rules if then == "erase" and people)


def due(session: Session) -> Due:
    """Return whom the rules keep no longer; who would be archived and erased is erased. Raises UsageError."""
    import polars as pl

    from crmtool.cli.segments import condition
    from crmtool.io import selecting
    from crmtool.io.auditing import figures

    if not session.rules.retention.keep:
        raise UsageError("rules/retention.toml has no rule.", "Write one there; an example stands in it.")
    found, lines = {then: [pl.Series("id", [], dtype=pl.Int64)] for then in ("erase", "archive")}, []
    store = session.store
    with store.reading():
        for rule in session.rules.retention.keep:
            silent = figures.silent(store, session.today, rule.silent_months)
            members = selecting.members(store, condition(session, rule.segment)).rename("id")
            ids = members.filter(members.is_in(silent.implode()))
            ids = ids.filter(~ids.is_in(_archived(session).implode())) if rule.then == "archive" else ids
            found[rule.then].append(ids)
            lines.append((rule.name, rule.then, ids.len()))
    erase = pl.concat(found["erase"]).unique().sort()
    archive = pl.concat(found["archive"]).unique().sort()
    return Due(erase, archive.filter(~archive.is_in(erase.implode())), lines)


def _archived(session: Session) -> pl.Series:
    import polars as pl

    return session.store.query("SELECT root_id FROM archived", [], {"id": pl.Int64()})["id"]


def archiving(session: Session, whom: Due) -> Iterator[Plan]:
    """Yield the plan that archives whom the rules archive; it is made when it is asked for."""
    from crmtool.core import archiving as archives

    store = session.store
    nodes = store.snapshot("contact", ["id", "root_id"], where="root_id", keys=whom.archive)
    there = store.snapshot("archive", ["contact_id"], where="contact_id", keys=nodes["id"])
    silent = nodes.rename({"id": "contact_id"}).join(there, on="contact_id", how="anti", maintain_order="left")
    stamp = {"on": session.today.isoformat(), "by": session.actor, "reason": "retention"}
    revision, ids, nobody = store.revision(), store.next_ids(), whom.archive.clear()
    yield archives.plan_archive(_COMMAND, silent, nobody, stamp, revision, session.rules.fingerprint, ids)


def shown(whom: Due) -> None:
    """Show the rules with how many people they are about, and the contacts."""
    screen.table(["rule", "then", "people"], whom.rules, right=[2])
    for word, ids in (("erased", whom.erase), ("archived", whom.archive)):
        if ids.len():
            rest = f" and {ids.len() - _SHOWN} more" if ids.len() > _SHOWN else ""
            screen.say(f"To be {word}: {', '.join(map(str, ids.head(_SHOWN)))}{rest}")
