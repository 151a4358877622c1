"""`crmtool duplicates find | list`: fill the review queue, and look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crmtool.cli import evaluating, explaining, merging, reweighing, scaling, screen, training, verdicts
from crmtool.cli.review import command as reviewing
from crmtool.cli.session import Session, command

if TYPE_CHECKING:
    import polars as pl

    from crmtool.core.plans import Plan
    from crmtool.io.doubles import Found
    from crmtool.io.store import Store

_Limit = Annotated[int, typer.Option(min=1, help="Lines to show.")]


def declare(app: typer.Typer) -> None:
    """Add the commands."""
    noun = typer.Typer(help="Find, merge and part contacts that are the same.", no_args_is_help=True)
    app.add_typer(noun, name="duplicates")
    evaluating.declare(noun)
    explaining.declare(noun)
    training.declare(noun)
    reweighing.declare(noun)
    merging.declare(noun)
    scaling.declare(noun)
    verdicts.declare(noun)
    reviewing.declare(noun)

    @command(noun, "find", writes=True)
    def find(session: Session, limit: _Limit = 20) -> None:
        """Put pairs of contacts that are probably the same into the review queue.

        Example: crmtool duplicates find --yes
        """
        with session.turn("duplicates find"):
            found, plan = _found(session)
            session.offer(plan, lambda: _found_shown(session.store, found, limit))

    @command(noun, "list")
    def list_(session: Session, limit: _Limit = 20) -> None:
        """Show the pairs that wait for a decision.

        Example: crmtool duplicates list --limit 50
        """
        from crmtool.io.merging import waiting

        queue = waiting(session.store)
        if session.options.as_json:
            screen.document(_named(session.store, queue).to_dicts())
        elif not session.options.quiet:
            pairs_shown(session.store, queue, limit)


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


def _named(store: Store, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return pairs with the names and main channels of both."""
    import polars as pl

    ids = pl.concat([pairs["left_id"], pairs["right_id"]]).unique()
    people = store.snapshot("contact", ["id", "name", "email", "phone"], where="id", keys=ids)
    left = people.rename({"id": "left_id", "name": "left_name", "email": "left_email", "phone": "left_phone"})
    right = people.rename({"id": "right_id", "name": "right_name", "email": "right_email", "phone": "right_phone"})
    return pairs.join(left, on="left_id", maintain_order="left").join(right, on="right_id", maintain_order="left")


def _found_shown(store: Store, found: Found, limit: int) -> None:
    pairs_shown(store, found.pairs, limit)
    for line in found.told:
        screen.say(line)
    for block in found.blocks.filter(found.blocks["left_out"] > 0).to_dicts():
        screen.say(
            f"Not paired under {block['rule']}: {screen.counted(block['left_out'], 'group')} of together "
            f"{screen.counted(block['rows_left_out'], 'contact')}, the largest of {block['largest']}."
        )


def pairs_shown(store: Store, pairs: pl.DataFrame, limit: int) -> None:
    """Show pairs (`queue.OFFERED`), the first of them by name, and how to decide."""
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
