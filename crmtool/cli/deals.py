"""`crmtool deals`: what was offered and bought, from files and by hand, and what contacts are worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import interactions, journals, screen
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from crmtool.core.rules import Rules

_Limit = Annotated[int, typer.Option(min=1, help="Lines to show.")]


def declare(app: typer.Typer) -> None:
    """Add the commands."""
    noun = typer.Typer(help="Deals and purchases.", no_args_is_help=True)
    app.add_typer(noun, name="deals")
    _from_files(noun)
    _by_hand(noun)
    _looking(noun)


def _from_files(noun: typer.Typer) -> None:
    @command(noun, "import", reads=True, writes=True)
    def import_(
        session: Session,
        files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files of deals; - for a pipe.")],
        source: Annotated[str | None, typer.Option(help="Name of the source.", show_default=False)] = None,
    ) -> int:
        """Read deals and purchases from files; amounts are exact, a deal keeps the history of its stages.

        Example: crmtool deals import deals.csv
        """
        name = f"deals import {files[0].name}" + (f" and {len(files) - 1} more" if len(files) > 1 else "")
        with session.turn(name):
            return journals.imported(session, name, files, "deal", journals.wishes(session, source))


def _by_hand(noun: typer.Typer) -> None:
    @command(noun, "add", writes=True)
    def add(
        session: Session,
        contact: Annotated[int, typer.Argument(metavar="ID", help="Id of a contact.", show_default=False)],
        title: Annotated[str, typer.Argument(help="What it is about.", show_default=False)],
        amount: Annotated[str, typer.Option(help="How much: '1 234,56 ₽'.")] = "",
        product: Annotated[str, typer.Option(help="What is bought.")] = "",
        stage: Annotated[str, typer.Option(help="Where it stands; without it the first stage.")] = "",
        on: Annotated[str, typer.Option(metavar="DAY", help="When it began, or ended; without it: today.")] = "",
        owner: Annotated[str, typer.Option(help="Who of us; without it: you.")] = "",
    ) -> None:
        """Keep a deal of a contact.

        Example: crmtool deals add 17 "Licence, 10 seats" --amount "120 000 ₽" --stage offer
        """
        from crmtool.core.journal import byhand, deals
        from crmtool.io import timelines

        rules = session.rules
        name = f"deals add {contact}"
        with session.turn(name):
            store = session.store
            with store.reading():
                root, revision, ids = timelines.root(store, contact), store.revision(), store.next_ids()
            where = _stage(rules, stage) if stage else next(iter(rules.deals.open), None)
            day = interactions.moment(session, on)[:10] if on else session.today.isoformat()
            ended = where in {*rules.deals.won, *rules.deals.lost}
            units, currency = _money(rules, amount)
            row = {"contact_id": root, "title": title.strip(), "product": product or None, "amount": units}
            row |= {"currency": currency, "stage": where, "owner": owner or session.actor, "opened_on": day}
            row["closed_on"] = day if ended else None
            plan = byhand.plan_add(name, "deal", [row], revision, rules.fingerprint, ids)
            said = f"Contact {root}: {title}, {deals.money(units, currency) or 'no amount'}, {where}"
            session.offer(plan, lambda: screen.say(said))

    @command(noun, "link", writes=True)
    def link(
        session: Session,
        deal: Annotated[int, typer.Argument(metavar="DEAL", help="Id of a deal.", show_default=False)],
        contact: Annotated[int, typer.Argument(metavar="CONTACT", help="Whose it is.", show_default=False)],
    ) -> None:
        """Say whose a deal is.

        Example: crmtool deals link 6 48
        """
        import polars as pl

        from crmtool.core.journal import byhand
        from crmtool.io import timelines

        name = f"deals link {deal}"
        with session.turn(name):
            with session.store.reading():
                found = _deal(session, deal)
                owner = pl.Series([timelines.root(session.store, contact)], dtype=pl.Int64)
                revision = session.store.revision()
            plan = byhand.plan_link(name, found, owner, revision, session.rules.fingerprint, "deal")
            session.offer(plan, lambda: screen.say(f"Deal {deal}: of contact {owner[0]}"))

    @command(noun, "move", writes=True)
    def move(
        session: Session,
        deal: Annotated[int, typer.Argument(metavar="DEAL", help="Id of a deal.", show_default=False)],
        stage: Annotated[str, typer.Argument(metavar="STAGE", help="Where it stands now.", show_default=False)],
        on: Annotated[str, typer.Option(metavar="DAY", help="Since when; without it: today.")] = "",
    ) -> None:
        """Bring a deal to another stage; the history keeps the one before.

        Example: crmtool deals move 3 won
        """
        from crmtool.core.journal import byhand

        name = f"deals move {deal}"
        with session.turn(name):
            store = session.store
            with store.reading():
                found = _deal(session, deal)
                revision, ids = store.revision(), store.next_ids()
            where = _stage(session.rules, stage)
            day = interactions.moment(session, on)[:10] if on else session.today.isoformat()
            plan = byhand.plan_move(found, where, day, session.actor, session.rules, revision, ids["deal_stage"])
            session.offer(plan, lambda: screen.say(f"Deal {deal}: {found['stage'][0]} -> {where} on {day}"))


def _looking(noun: typer.Typer) -> None:
    @command(noun, "list")
    def list_(
        session: Session,
        contact: Annotated[int | None, typer.Option(help="Only of this contact.", show_default=False)] = None,
        stage: Annotated[str, typer.Option(help="Only in this stage.")] = "",
        limit: _Limit = 30,
    ) -> None:
        """List deals, the newest first.

        Example: crmtool deals list --stage offer
        """
        from crmtool.core.journal import deals
        from crmtool.io import timelines

        where = _stage(session.rules, stage) if stage else None
        with session.store.reading():
            root = timelines.root(session.store, contact) if contact is not None else None
            found = timelines.deals_of(session.store, root, where)
        if session.options.as_json:
            screen.document(found.to_dicts())
        elif not session.options.quiet:
            rows = [
                (
                    *(d["id"], d["name"], d["title"] or d["product"], deals.money(d["amount"], d["currency"])),
                    *(d["stage"], d["closed_on"] or d["opened_on"]),
                )
                for d in found.head(limit).to_dicts()
            ]
            screen.table(["", "contact", "deal", "amount", "stage", "on"], rows, right=[0, 3], whole=[5])
            screen.say(f"{screen.counted(found.height, 'deal')}" + (f", {limit} shown" if found.height > limit else ""))

    @command(noun, "worth")
    def worth(session: Session, limit: _Limit = 20) -> None:
        """Show what contacts bought: how often, for how much, how regularly, and where they stand as buyers.

        Example: crmtool deals worth
        """
        from crmtool.core.journal import deals
        from crmtool.io import timelines

        with session.store.reading():
            found = timelines.worth_of_all(session.store, session.rules.deals.won, session.today.isoformat())
        if session.options.as_json:
            screen.document(found.to_dicts())
        elif not session.options.quiet:
            rows = [
                (
                    *(w["root_id"], w["name"], w["count"], deals.money(w["total"], w["currency"])),
                    *(deals.money(_cents(w["average"])), w["last_on"], w["days_between"], w["life"]),
                )
                for w in found.head(limit).to_dicts()
            ]
            heads = ["", "contact", "bought", "in all", "average", "last", "days", "buyer"]
            screen.table(heads, rows, right=[0, 2, 3, 4, 6], whole=[5])
            screen.say(f"{screen.counted(found['root_id'].n_unique(), 'buyer')}. days: median between two purchases.")


def _deal(session: Session, deal: int) -> pl.DataFrame:
    """Return the row of a deal. Raises UsageError where there is none."""
    found = session.store.snapshot("deal", where="id", keys=[deal])
    if found.is_empty():
        raise UsageError(f"There is no deal {deal}.", "See them with: crmtool deals list")
    return found


def _stage(rules: Rules, text: str) -> str:
    """Return the canonical name of a stage. Raises UsageError for one that deals.toml does not have."""
    from crmtool.core.folding import folded

    vocabulary = rules.vocabularies.get(rules.deals.vocabulary)
    known = rules.deals.states()
    meant = vocabulary.index.get(folded(text), text) if vocabulary else text
    if meant not in known:
        raise UsageError(f"There is no stage {text!r}.", f"Known are: {', '.join(known)} (rules/deals.toml)")
    return meant


def _cents(units: int | None) -> int | None:
    """Return an amount to the second decimal, half up."""
    return None if units is None else (units + 50) // 100 * 100


def _money(rules: Rules, text: str) -> tuple[int | None, str | None]:
    """Return an amount in whole ten-thousandths and its currency. Raises UsageError."""
    import polars as pl

    from crmtool.core import findings
    from crmtool.core.imports import values
    from crmtool.core.journal import deals
    from crmtool.core.normalizers.registry import normalized

    if not text.strip():
        return None, None
    read: dict[str, Any] = normalized("money", pl.Series([text]), values.settings_for(rules.normalize, None, {})).row(
        0, named=True
    )
    units, currency, wrong = deals.parts(pl.Series([read["clean"]], dtype=pl.String)).row(0)
    if units is None:
        code = wrong or read["code"] or "money.invalid"
        raise UsageError(f"{text!r} {findings.message(code, None)}.", "Write it as 1234.56 RUB.")
    return units, currency or rules.deals.currency
