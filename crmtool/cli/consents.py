"""`crmtool consents` and `crmtool contacts consent`: who allowed us what, how that came in, and the proof of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from crmtool.cli import screen
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from crmtool.core.consent_entries import About
    from crmtool.core.plans import Plan
    from crmtool.io.ledger import Listed

State = Literal["given", "withdrawn", "expired", "unknown"]
_Purpose = Annotated[str, typer.Option(help="What it is for; see consents.toml.", show_default=False)]
_Channel = Annotated[
    str | None, typer.Option(help="Only this channel: email, phone ...; else the purpose's own.", show_default=False)
]
_Day = Annotated[
    str | None, typer.Option("--at", metavar="DAY", help="When it was said; else now.", show_default=False)
]
_Until = Annotated[str | None, typer.Option(metavar="DAY", help="Last day a consent holds.", show_default=False)]
_Source = Annotated[str | None, typer.Option(help="Where it came from: form, letter, call ...", show_default=False)]
_Version = Annotated[str | None, typer.Option(help="Version of the text they agreed to.", show_default=False)]
_Evidence = Annotated[str | None, typer.Option(help="Where the proof is kept.", show_default=False)]
_PROOF = ("purpose", "channel", "address", "state", "at", "until", "source", "text_version", "evidence")
_SHOWN = 20  # addresses that are listed


def declare(app: typer.Typer) -> None:
    """Add the commands."""
    noun = typer.Typer(help="Who allowed us what: a ledger that is only ever added to.", no_args_is_help=True)
    app.add_typer(noun, name="consents")

    @command(noun, "add", writes=True)
    def add(
        session: Session,
        contact: Annotated[int, typer.Argument(metavar="ID", help="Id of a contact.", show_default=False)],
        purpose: _Purpose,
        state: Annotated[State, typer.Option(help="Where the consent stands now.", show_default=False)],
        channel: _Channel = None,
        at: _Day = None,
        until: _Until = None,
        source: _Source = None,
        text_version: _Version = None,
        evidence: _Evidence = None,
    ) -> None:
        """Write down what somebody allowed or forbade us.

        Example: crmtool consents add 17 --purpose newsletter --state withdrawn --source call
        """
        more = {"source": source, "text_version": text_version, "evidence": evidence}
        said = {**_said(session, purpose, state, channel, at, until), **more}
        with session.turn(f"consents add {contact}"):
            plan = _plan_add(session, contact, said)
            session.offer(plan, lambda: screen.say(f"Contact {contact}: {_phrase(said)}"))

    @command(noun, "import", reads=True, writes=True)
    def import_(
        session: Session,
        file: Annotated[Path, typer.Argument(metavar="FILE", help="A list with e-mails or phones.")],
        purpose: _Purpose,
        state: Annotated[State, typer.Option(help="What the list says of everybody on it.", show_default=False)],
        channel: _Channel = None,
        at: _Day = None,
        until: _Until = None,
        source: _Source = None,
        text_version: _Version = None,
    ) -> None:
        """Write down what a list of e-mails or phones says: who unsubscribed, or who signed up.

        Example: crmtool consents import unsubscribed.csv --purpose newsletter --state withdrawn
        """
        from crmtool.core import consent_entries
        from crmtool.io import ledger

        said = _said(session, purpose, state, channel, at, until)
        said |= {"source": source or file.stem, "text_version": text_version, "evidence": file.name}
        with session.turn(f"consents import {file.name}"):
            store = session.store
            listed = _listed(session, file).of_kind(said["channel"])
            with store.reading():
                found = ledger.found(store, listed.rows)
                known = store.snapshot("consent", where="contact_id", keys=found["contact_id"].unique())
                entries = consent_entries.new_entries(listed.rows, found, known, said)
                about = _about(session, f"consents import {file.name}", _facts(listed, found))
                plan = consent_entries.plan_list(about, entries, store.next_ids()["consent"])
            session.offer(plan, lambda: _list_shown(plan, listed, found, _phrase(said)))

    @command(noun, "bounces", reads=True, writes=True)
    def bounces(
        session: Session,
        file: Annotated[Path, typer.Argument(metavar="FILE", help="A list with e-mails or phones.")],
        kind: Annotated[
            Literal["hard", "soft"], typer.Option(help="What came back: for good (hard) or for now (soft).")
        ] = "hard",
        at: _Day = None,
    ) -> None:
        """Write down which addresses came back; rows that say hard or soft themselves are taken at their word.

        Example: crmtool consents bounces bounced.csv
        """
        from crmtool.io import ledger

        day = _day("--at", at) or session.today.isoformat()
        with session.turn(f"consents bounces {file.name}"):
            listed = _listed(session, file)
            with session.store.reading():
                found = ledger.found(session.store, listed.rows)
                plan = _plan_bounces(session, f"consents bounces {file.name}", listed, found, kind, day)
            session.offer(plan, lambda: _list_shown(plan, listed, found, f"came back on {day}"))


def declare_proof(noun: typer.Typer) -> None:
    """Add `contacts consent`."""

    @command(noun, "consent")
    def consent(
        session: Session,
        contact: Annotated[int, typer.Argument(metavar="ID", help="Id of a contact.", show_default=False)],
    ) -> None:
        """Show where the consents of a contact stand, and every entry of the ledger with who wrote it.

        Example: crmtool contacts consent 17
        """
        from crmtool.io import ledger

        with session.store.reading():
            proof = ledger.proof(session.store, _root(session, contact), session.today)
        if session.options.as_json:
            screen.document(
                {"contact": contact, "stands": proof.stands.to_dicts(), "entries": proof.entries.to_dicts()}
            )
        elif not session.options.quiet:
            _proof_shown(proof.stands, proof.entries)


def purpose_known(session: Session, purpose: str) -> None:
    """Raise UsageError for a purpose that `consents.toml` does not have."""
    known = session.rules.consents.purpose
    if purpose not in known:
        names = ", ".join(sorted(known)) or "none"
        raise UsageError(f"There is no purpose {purpose!r} in consents.toml.", f"Known are: {names}")


def _said(
    session: Session, purpose: str, state: str, channel: str | None, at: str | None, until: str | None
) -> dict[str, Any]:
    """Return what is said of a consent. Raises UsageError."""
    from crmtool.core import model

    purpose_known(session, purpose)
    rule = session.rules.consents.purpose[purpose]
    if channel is not None and channel not in model.CHANNELS:
        raise UsageError(f"There is no channel {channel!r}.", f"Known are: {', '.join(model.CHANNELS)}")
    said_at = _day("--at", at)
    if said_at and said_at > session.today.isoformat():
        raise UsageError(f"--at {said_at} is yet to come.", "Give the day it was said.")
    last = _day("--until", until)
    if last and state != "given":
        raise UsageError("--until is the end of a consent that was given.", "Leave it out.")
    begun = dt.date.fromisoformat(said_at) if said_at else session.today
    end = _months_after(begun, rule.months) if rule.months and state == "given" and not last else last
    moment = said_at or session.now.isoformat(timespec="seconds")
    return {"purpose": purpose, "channel": channel or rule.channel, "state": state, "at": moment, "until": end}


def _months_after(day: dt.date, months: int) -> str:
    import polars as pl

    return str(pl.select(pl.lit(day).dt.offset_by(f"{months}mo")).item())


def _day(option: str, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(f"{option} {text!r} is no day.", "Write it as 2026-01-31.") from None


def _phrase(said: dict[str, Any]) -> str:
    end = f" until {said['until']}" if said["until"] else ""
    way = f" by {said['channel']}" if said["channel"] else ""
    return f"{said['purpose']}{way}: {said['state']}, said on {said['at'][:10]}{end}"


def _root(session: Session, contact: int) -> int:
    from crmtool.io import gathering

    found = gathering.roots_of(session.store, [contact])["root_id"]
    if found.is_empty():
        raise UsageError(f"There is no contact {contact}.", "Find it with: crmtool contacts find TEXT")
    return int(found[0])


def _plan_add(session: Session, contact: int, said: dict[str, Any]) -> Plan:
    from crmtool.core import consent_entries

    store = session.store
    with store.reading():
        entry = {"contact_id": _root(session, contact), **said}
        return consent_entries.plan_add(entry, store.revision(), session.rules.fingerprint, store.next_ids()["consent"])


def _plan_bounces(session: Session, command: str, listed: Listed, found: pl.DataFrame, kind: str, day: str) -> Plan:
    import polars as pl

    from crmtool.core import consent_entries

    store = session.store
    said = pl.coalesce("bounce", pl.lit(kind)).replace_strict(consent_entries.BOUNCES, return_dtype=pl.String)
    bounced = listed.rows.with_columns(outcome=said).join(found, on=["kind", "value"], maintain_order="left")
    known = store.snapshot("verification", where="contact_id", keys=found["contact_id"].unique())
    about = _about(session, command, _facts(listed, found))
    return consent_entries.plan_bounces(about, bounced, known, day, session.actor, store.next_ids()["verification"])


def _about(session: Session, command: str, facts: dict[str, Any]) -> About:
    from crmtool.core.consent_entries import About

    return About(command, session.store.revision(), session.rules.fingerprint, facts)


def _listed(session: Session, file: Path) -> Listed:
    """Return the addresses of a list. Raises InputRefused and UsageError as an import does."""
    from crmtool.io import intake, ledger
    from crmtool.io.readers import files

    said = session.reading
    wishes = intake.Wishes(said.mapping, None, said.region, said.columns)
    return ledger.listed(files.parts(file, said.options()), session.rules, wishes, session.today)


# -- screens --------------------------------------------------------------------------------------------------------


def _facts(listed: Listed, found: pl.DataFrame) -> dict[str, Any]:
    return {
        "listed": listed.rows.select("kind", "value").n_unique(),
        "contacts": found["contact_id"].n_unique(),
        "unknown": listed.absent(found).height,
        "unusable": listed.unusable,
    }


def _list_shown(plan: Plan, listed: Listed, found: pl.DataFrame, what: str) -> None:
    facts = _facts(listed, found)
    screen.say(what)
    screen.say(f"Addresses: {facts['listed']}, of {screen.counted(facts['contacts'], 'contact')}")
    if facts["unusable"]:
        screen.say(f"Rows without a usable e-mail or phone: {facts['unusable']}")
    absent = listed.absent(found)["value"]
    if absent.len():
        more = f" and {absent.len() - _SHOWN} more" if absent.len() > _SHOWN else ""
        screen.say(f"Not in the base, so nothing is kept of them: {', '.join(absent.head(_SHOWN))}{more}")
    from crmtool.core import plans

    screen.changes(plans.counts(plan))


def _proof_shown(stands: pl.DataFrame, entries: pl.DataFrame) -> None:
    if entries.is_empty():
        screen.say("Nothing was ever said about consent.")
        return
    rows = [(s["purpose"], s["channel"] or "any", s["state"], s["holds"], s["until"]) for s in stands.to_dicts()]
    screen.table(["purpose", "channel", "stands", "holds today", "until"], rows, title="Where it stands")
    for entry in entries.to_dicts():
        facts = [f"{name.replace('_', ' ')} {entry[name]}" for name in _PROOF[6:] if entry[name]]
        way = " ".join(entry[name] for name in ("purpose", "channel", "address") if entry[name])
        end = f" until {entry['until']}" if entry["until"] else ""
        screen.say(f"{entry['at'][:16].replace('T', ' ')}  {way}: {entry['state']}{end}")
        kept = f"kept by {entry['actor']} in change set {entry['changeset_id']}, contact {entry['contact_id']}"
        screen.say("    " + "; ".join([*facts, kept]))
