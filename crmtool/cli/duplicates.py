"""`crmtool duplicates`: find pairs, look at the queue, merge, part, and say that two are different."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crmtool.cli import evaluating, explaining, screen, training
from crmtool.cli.history import shown
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from crmtool.core.plans import Plan
    from crmtool.io.doubles import Found
    from crmtool.io.store import Store

_One = Annotated[int, typer.Argument(help="Id of a contact.", show_default=False)]
_Limit = Annotated[int, typer.Option(min=1, help="Lines to show.")]


def declare(app: typer.Typer) -> None:
    """Add the commands."""
    noun = typer.Typer(help="Find, merge and part contacts that are the same.", no_args_is_help=True)
    app.add_typer(noun, name="duplicates")
    evaluating.declare(noun)
    explaining.declare(noun)
    training.declare(noun)

    @command(noun, "find", writes=True)
    def find(session: Session, limit: _Limit = 20) -> None:
        """Put pairs of contacts that are probably the same into the review queue.

        Example: crmtool duplicates find --yes
        """
        with session.turn("duplicates find"):
            found, plan = _found(session)
            session.offer(plan, lambda: _pairs_shown(session.store, found, limit))

    @command(noun, "list")
    def list_(session: Session, limit: _Limit = 20) -> None:
        """Show the pairs that wait for a decision.

        Example: crmtool duplicates list --limit 50
        """
        queue = _queue(session.store)
        if session.options.as_json:
            screen.document(_named(session.store, queue).to_dicts())
        elif not session.options.quiet:
            _table(session.store, queue, limit)

    @command(noun, "merge", writes=True)
    def merge(session: Session, left: _One, right: _One) -> None:
        """Join two contacts: the older id carries the golden record, the other one leads to it. Nothing is lost.

        Example: crmtool duplicates merge 17 42
        """
        _judge(session, left, right, "same")

    @command(noun, "different", writes=True)
    def different(session: Session, left: _One, right: _One) -> None:
        """Say that two contacts are not the same; they are never offered again.

        Example: crmtool duplicates different 17 42
        """
        _judge(session, left, right, "different")

    @command(noun, "unmerge", writes=True)
    def unmerge(
        session: Session,
        contact: _One,
        other: Annotated[
            int | None, typer.Argument(help="The other one, if not what it leads to.", show_default=False)
        ] = None,
    ) -> None:
        """Part contacts that were joined, by a person or a rule: both come back with all that is theirs.

        Example: crmtool duplicates unmerge 42
        """
        from crmtool.core import merges
        from crmtool.io import gathering

        with session.turn("duplicates unmerge"):
            store = session.store
            with store.reading():
                clusters = gathering.clusters(store, [contact])
                pair = (other if other is not None else _other(clusters.contacts, contact), contact)
                plan = merges.plan_unmerge(pair, clusters, store.revision(), session.rules, store.next_ids())
            session.offer(plan, lambda: shown(plan))


def _judge(session: Session, left: int, right: int, decision: str) -> None:
    from crmtool.core import merges
    from crmtool.io import gathering

    with session.turn(f"duplicates {decision}"):
        store = session.store
        with store.reading():
            clusters = gathering.clusters(store, [left, right])
            plan = merges.plan_verdict(
                (left, right), decision, session.actor, clusters, store.revision(), session.rules, store.next_ids()
            )
        session.offer(plan, lambda: shown(plan))


def _other(contacts: pl.DataFrame, contact: int) -> int:
    """Return what a contact is parted from: its root, or the only other one."""
    roots: dict[int, int] = dict(contacts.select("id", "root_id").rows())
    if contact not in roots:
        raise UsageError(f"There is no contact {contact}.", "Find it with: crmtool contacts find TEXT")
    others = [i for i in roots if i != contact]
    if roots[contact] != contact:
        return roots[contact]
    if len(others) == 1:
        return others[0]
    what = f"is joined with {', '.join(map(str, others))}" if others else "is not joined with anyone"
    raise UsageError(f"Contact {contact} {what}.", "Say which two to part: crmtool duplicates unmerge A B")


def _found(session: Session) -> tuple[Found, Plan]:
    """Return the pairs for a person, and the plan that puts them into the queue."""
    from crmtool.core.duplicates import queue
    from crmtool.io import doubles

    store = session.store
    with store.reading():
        found = doubles.found(store, session.rules)
        facts = {
            "certain": int(found.pairs["certain"].sum()),
            "groups_left_out": int(found.blocks["left_out"].sum()),
        }
        fingerprint, verdict = session.rules.fingerprint, store.next_ids()["verdict"]
        plan = queue.plan_find(found.pairs, facts, store.revision(), fingerprint, verdict)
    return found, plan


def _queue(store: Store) -> pl.DataFrame:
    """Return the pairs waiting for a person, those judged meanwhile left out: the certain first, then the heaviest."""
    import polars as pl

    types = {
        "left_id": pl.Int64(),
        "right_id": pl.Int64(),
        "weight": pl.Float64(),
        "certain": pl.Int64(),
        "reason": pl.String(),
    }
    sql = "SELECT min(left_id, right_id), max(left_id, right_id), weight, certain, reason FROM review ORDER BY id"
    pairs = store.query(sql, [], types).group_by("left_id", "right_id", maintain_order=True)
    waiting = pairs.agg(pl.col("weight").drop_nulls().last(), pl.col("certain").max() == 1, pl.col("reason").first())
    order = ["certain", "weight", "left_id", "right_id"]
    return waiting.sort(order, descending=[True, True, False, False], nulls_last=True)


def _named(store: Store, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return pairs with the names and main channels of both."""
    import polars as pl

    ids = pl.concat([pairs["left_id"], pairs["right_id"]]).unique()
    people = store.snapshot("contact", ["id", "name", "email", "phone"], where="id", keys=ids)
    left = people.rename({"id": "left_id", "name": "left_name", "email": "left_email", "phone": "left_phone"})
    right = people.rename({"id": "right_id", "name": "right_name", "email": "right_email", "phone": "right_phone"})
    return pairs.join(left, on="left_id", maintain_order="left").join(right, on="right_id", maintain_order="left")


def _pairs_shown(store: Store, found: Found, limit: int) -> None:
    _table(store, found.pairs, limit)
    for line in found.told:
        screen.say(line)
    for block in found.blocks.filter(found.blocks["left_out"] > 0).to_dicts():
        screen.say(
            f"Not paired under {block['rule']}: {screen.counted(block['left_out'], 'group')} of together "
            f"{screen.counted(block['rows_left_out'], 'contact')}, the largest of {block['largest']}."
        )


def _table(store: Store, pairs: pl.DataFrame, limit: int) -> None:
    named = _named(store, pairs.head(limit))
    rows = [
        (
            p["left_id"],
            p["left_name"] or p["left_email"],
            p["right_id"],
            p["right_name"] or p["right_email"],
            "" if p["weight"] is None else f"{p['weight']:.1f}{'!' if p['certain'] else ''}",
            p["reason"],
        )
        for p in named.to_dicts()
    ]
    if rows:
        screen.table(["", "contact", "", "perhaps the same", "bits", "because of"], rows, right=[0, 2, 4])
    more = f" (the first {limit} are shown)" if pairs.height > limit else ""
    sure = f", {int(pairs['certain'].sum())} of them certain (!)" if pairs["certain"].any() else ""
    screen.say(
        f"{screen.counted(pairs.height, 'pair')}{sure}{more}. "
        "Decide with: crmtool duplicates merge A B, or different A B"
    )
