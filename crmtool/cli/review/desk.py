"""Between the steward and the store: what a pair is, what a decision does, and taking it back.

Every decision is a change set of its own through the one door, `Session.offer`, in a turn that lasts milliseconds. What
others did meanwhile is seen when a pair is opened and again before anything is written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import polars as pl

from crmtool.cli.review import comparing
from crmtool.cli.review import sitting as sittings
from crmtool.cli.review.sitting import Pair, Sitting, Step
from crmtool.core import golden, merges
from crmtool.core.errors import CrmError
from crmtool.io import gathering, reviewing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from crmtool.cli.review.comparing import Line, Side
    from crmtool.cli.session import Session
    from crmtool.core.golden import Clusters
    from crmtool.core.plans import Plan
    from crmtool.io.reviewing import Wanted

    #: What is to be written of two contacts, each plan asked for when the one before is written.
    Planned = Callable[[Session, tuple[int, int]], Iterator[Plan]]


class Settled(CrmError):
    """The pair needs no decision any more; the message says why. `roots` says where contacts that were joined lead."""

    exit_code = 6

    def __init__(self, why: str, roots: Mapping[int, int]) -> None:
        super().__init__(why)
        self.roots = roots


@dataclass(frozen=True)
class Case:
    """A pair as it stands: both sides, the rules' reasons, and the plan of "same" with the golden record it makes.

    `clusters` is all of it as it was read for that plan.
    """

    pair: Pair
    sides: tuple[Side, Side]
    reasons: tuple[str, ...]
    clusters: Clusters
    merge: Plan
    golden: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Member:
    """One of the contacts that may belong together: as its own records alone say it is, and where it leads now."""

    side: Side
    root: int


def seated(session: Session, wanted: Wanted | None = None, steps: Sequence[Step] = ()) -> Sitting:
    """Return the sitting over the pairs that wait, those that are wanted; `steps` are those of the one before."""
    return sittings.begun(_waiting(session, wanted), wanted, steps)


def _waiting(session: Session, wanted: Wanted | None) -> list[Pair]:
    with session.store.reading():
        pairs = reviewing.waiting(session.store)
        if wanted:
            pairs = reviewing.chosen(session.store, pairs, wanted)
    return [Pair(*row) for row in pairs.iter_rows()]


def opened(session: Session, pair: Pair) -> Case:
    """Return a pair as it stands now. Raises Settled where it does not wait any more."""
    store = session.store
    with store.reading():
        clusters = _clusters(session, pair)
        facts = reviewing.facts(store, clusters.contacts["id"])
        plan = _verdict(session, pair[:2], "same", clusters)
    sides = tuple(comparing.side(contact, clusters, facts) for contact in pair[:2])
    known = {row["id"]: row for rows in (clusters.contacts, plan.edits["contact"].after) for row in rows.to_dicts()}
    reasons = comparing.reasons(clusters, *pair[:2])
    return Case(pair, (sides[0], sides[1]), reasons, clusters, plan, comparing.single(known[pair.left]))


def faced(session: Session, sitting: Sitting) -> tuple[Sitting, Case | None, list[str]]:
    """Return the sitting at the next pair that waits, that pair, and what there is to say of those that do not.

    No pair: nothing waits any more.
    """
    remarks: list[str] = []
    while sitting.pair:
        try:
            return sitting, opened(session, sitting.pair), remarks
        except Settled as settled:
            if settled.message:
                remarks.append(f"{sitting.pair.left} and {sitting.pair.right}: {settled.message}")
            moved = sittings.rerooted(sitting, settled.roots)
            sitting = sittings.vanished(sitting) if moved is sitting else moved
    return sitting, None, remarks


def stepped(
    session: Session,
    sitting: Sitting,
    case: Case | None,
    does: str,
    seconds: float,
    choices: Mapping[str, str] | None = None,
) -> tuple[Sitting, str]:
    """Return the sitting after a step (`Key.does`: same, different, skip or undo), and what to say of it.

    `seconds` is the time it took, `choices` are values by hand for the one that both become. Raises Settled where the
    pair was decided meanwhile, Locked where another run goes on writing, Conflict where a decision that is taken back
    carries later work, UsageError for a value that cannot be.
    """
    if does == "undo" or case is None:
        return _undone(session, sitting)
    left, right = case.pair[:2]
    if does == "skip":
        return sittings.skipped(sitting), f"{left} and {right}: skipped"
    number = said(session, case, does, choices)
    sitting = sittings.decided(sitting, does, number, seconds)
    if does == "same":
        sitting = sittings.rerooted(sitting, {right: left})
    return sitting, f"{left} and {right}: {does}, as change set {number}"


def gathered(
    session: Session, sitting: Sitting, said: str, changeset: int | None, seconds: float
) -> tuple[Sitting, str]:
    """Return the sitting after something was said of a whole cluster, and what to say of that."""
    if changeset is None:
        return sitting, "nobody thinks so: nothing was written"
    step = Step(sitting.waiting[sitting.at], said, changeset, seconds)
    after = sittings.again(replace(sitting, steps=(*sitting.steps, step)), _waiting(session, sitting.wanted))
    return replace(after, at=min(sitting.at, max(len(after.waiting) - 1, 0))), f"{said}, as change set {changeset}"


def _undone(session: Session, sitting: Sitting) -> tuple[Sitting, str]:
    if not sitting.steps:
        return sitting, "there is nothing to take back in this sitting"
    last = sitting.steps[-1]
    what = f"{last.pair.left} and {last.pair.right}: {last.said}"
    before = sittings.taken_back(sitting)
    if last.changeset is None:
        return before, f"{what}, taken back"
    number = _taken_back(session, last.changeset)
    return sittings.again(before, _waiting(session, sitting.wanted), last.pair), f"{what}, taken back as {number}"


def said(session: Session, case: Case, decision: str, choices: Mapping[str, str] | None = None) -> int:
    """Write a decision on a pair, "same" or "different", and return its change set; raises as `stepped`."""
    step = session.step()
    with step.turn(f"duplicates review {case.pair.left} {case.pair.right}"):
        stands = session.store.revision() == case.merge.base
        if decision == "same" and not choices and stands:
            return _kept(step.offer(case.merge, _silent))
        with session.store.reading():
            clusters = case.clusters if stands else _clusters(session, case.pair)
            plan = _verdict(session, case.pair[:2], decision, clusters)
        if not choices or decision != "same":
            return _kept(step.offer(plan, _silent))
        return _kept(step.offer_parts(_with_choices(session, plan, case.pair.left, choices), dict, lambda _: None))


def _taken_back(session: Session, changeset: int) -> int:
    """Take a change set back; return the one that does so, or itself where somebody did before."""
    from crmtool.io import reversal

    step = session.step()
    with step.turn(f"duplicates review: undo {changeset}"):
        return step.offer(reversal.planned(session.store, session.rules, changeset), _silent) or changeset


# -- clusters -------------------------------------------------------------------------------------------------------


def members(session: Session, contacts: Iterable[int]) -> list[Member]:
    """Return all contacts of some clusters, each as its own records alone say it is, those that are one together."""
    store = session.store
    with store.reading():
        clusters = gathering.clusters(store, contacts, session.rules.survivorship)
        facts = reviewing.facts(store, clusters.contacts["id"])
        alone = replace(clusters, verdicts=clusters.verdicts.clear())
        ids, number = clusters.contacts["id"], store.revision().next
        edits = golden.recomputed(ids, alone, session.rules.survivorship, number, store.next_ids()["channel"])
    changed = edits["contact"].after
    kept = clusters.contacts.filter(~pl.col("id").is_in(changed["id"].implode()))
    apart = replace(clusters, contacts=pl.concat([kept, changed]))
    roots = comparing.led(clusters)
    return [Member(comparing.side(i, apart, facts), roots[i]) for i in sorted(roots, key=lambda i: (roots[i], i))]


def lines_of(found: Sequence[Member]) -> list[Line]:
    """Return the fields of contacts beside one another."""
    return comparing.compared([member.side for member in found], {})


def joined(session: Session, contacts: Sequence[int]) -> int | None:
    """Say that contacts are all the same, as one change set; None where they are one already."""
    first, *rest = contacts
    return _written(session, f"{len(contacts)} are one", [(first, other) for other in rest], _join)


def parted(session: Session, contacts: Sequence[int], others: Sequence[int]) -> int | None:
    """Say that no contact is the same as any of the others, as one change set; None where nobody thinks so.

    Those that are one come apart; pairs that wait get the verdict "different".
    """
    pairs = [(one, other) for one in contacts for other in others]
    return _written(session, f"{len(contacts)} of {len(contacts) + len(others)} split off", pairs, _part)


def kept_apart(session: Session, contacts: Sequence[int]) -> int | None:
    """Say that of some contacts no two are the same, as one change set; None where nobody thinks so."""
    return _written(session, f"{len(contacts)} are different", list(combinations(contacts, 2)), _part)


# -- within -----------------------------------------------------------------------------------------------------------


def _clusters(session: Session, pair: Pair) -> Clusters:
    return gathering.clusters(session.store, pair[:2], session.rules.survivorship)


def _roots(clusters: Clusters, pair: tuple[int, int]) -> tuple[int, int]:
    """Return where two contacts lead."""
    roots = comparing.led(clusters)
    return roots[pair[0]], roots[pair[1]]


def _verdict(session: Session, pair: tuple[int, int], decision: str, clusters: Clusters) -> Plan:
    """Return the plan of a verdict on two roots that wait. Raises Settled where they are no such any more."""
    roots = {contact: root for contact, root in comparing.led(clusters).items() if contact != root}
    why = comparing.standing(clusters, *pair)
    if why or not roots.keys().isdisjoint(pair):
        raise Settled(why or "", roots)
    return _planned(session, pair, decision, clusters)


def _planned(session: Session, pair: tuple[int, int], decision: str, clusters: Clusters) -> Plan:
    store, rules = session.store, session.rules
    return merges.plan_verdict(pair, decision, session.actor, clusters, store.revision(), rules, store.next_ids())


def _with_choices(session: Session, plan: Plan, root: int, choices: Mapping[str, str]) -> Iterator[Plan]:
    """Yield the plan of a merge, and that of the values by hand once it is written."""
    from crmtool.io import editing

    yield plan
    by_hand = editing.planned(session.store, session.rules, plan.command, {root: choices})
    if not by_hand.is_empty:
        yield by_hand


def _written(session: Session, what: str, pairs: Sequence[tuple[int, int]], planned: Planned) -> int | None:
    """Write what `planned` says of pairs, one after another, as one change set; None where that is nothing."""
    step, store = session.step(), session.store

    def parts() -> Iterator[Plan]:
        for pair in pairs:
            for plan in planned(session, pair):
                yield replace(plan, command=f"duplicates review: {what}")

    with step.turn(f"duplicates review: {what}"):
        with store.reading():
            some = next(parts(), None)
        return None if some is None else step.offer_parts(parts(), dict, lambda _: None)


def _join(session: Session, pair: tuple[int, int]) -> Iterator[Plan]:
    """Yield the plan that makes two contacts one, unless they are."""
    store = session.store
    clusters = gathering.clusters(store, pair, session.rules.survivorship)
    left, right = _roots(clusters, pair)
    if left != right:
        yield _planned(session, (left, right), "same", clusters)


def _part(session: Session, pair: tuple[int, int]) -> Iterator[Plan]:
    """Yield the plans that part two contacts where they are one, and keep them apart where somebody thinks they are."""
    store, rules = session.store, session.rules
    clusters = gathering.clusters(store, pair, session.rules.survivorship)
    left, right = _roots(clusters, pair)
    were_one = left == right
    if were_one:
        yield merges.plan_unmerge(pair, clusters, store.revision(), rules, store.next_ids())
        clusters = gathering.clusters(store, pair, session.rules.survivorship)  # as they are once that is written
        left, right = _roots(clusters, pair)
    why = comparing.standing(clusters, left, right)
    if why is None or (were_one and left != right and why == comparing.NOBODY):
        yield _planned(session, (left, right), "different", clusters)


def _kept(number: int | None) -> int:
    """Return the number of a change set that must be there: a verdict is never empty."""
    if number is None:
        raise CrmError("Nothing was written.", "Open the review again.")
    return number


def _silent() -> None:
    """Show nothing of a plan: the screen has shown it."""
