"""`crmtool contacts`: look one up, see where each value came from, and say something about it by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import archiving, consents, erasing, interactions, rights, screen, sheets, timelines, verifying, whys
from crmtool.cli.history import shown
from crmtool.cli.segments import PRESENT, condition, either
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from crmtool.core.plans import Plan
    from crmtool.io.store import Store

_Id = Annotated[int, typer.Argument(metavar="ID", help="Id of a contact.", show_default=False)]
_Limit = Annotated[int, typer.Option(min=1, help="Lines to show.")]
_PHONE_DIGITS = 5  # fewer are the number of a house
_LIST = ("id", "name", "city", "phone", "email")


def declare(app: typer.Typer) -> None:
    """Add the commands."""
    noun = typer.Typer(help="Look at contacts and edit them by hand.", no_args_is_help=True)
    app.add_typer(noun, name="contacts")
    consents.declare_proof(noun)
    interactions.note(noun)
    timelines.timeline(noun)
    verifying.declare(noun)
    archiving.declare(noun)
    sheets.declare(noun)
    rights.declare(noun)
    erasing.declare(noun)

    @command(noun, "list")
    def list_(
        session: Session,
        segment: Annotated[str, typer.Option(help="Name of a segment, or a filter.")] = "",
        where: Annotated[str, typer.Option(help="A filter; with --segment both must hold.")] = "",
        limit: _Limit = 50,
    ) -> None:
        """List contacts, all or those of a segment.

        Example: crmtool contacts list --segment vip-kyiv
        """
        chosen = condition(session, either(session, segment, where)) if segment or where else None
        _listed(
            session,
            f"{PRESENT} AND ({chosen.sql})" if chosen else PRESENT,
            list(chosen.params) if chosen else [],
            limit,
        )

    @command(noun, "find")
    def find(session: Session, text: Annotated[str, typer.Argument(show_default=False)], limit: _Limit = 20) -> None:
        """Find contacts by a part of a name, company, e-mail or phone; ё and е, capitals and spaces do not matter.

        Example: crmtool contacts find "семенов"
        """
        from crmtool.core.folding import folded
        from crmtool.io import companies

        where = """instr(folded(c.name), ?) OR instr(folded(c.company), ?)
            OR c.company IN (SELECT value FROM json_each(?)) OR EXISTS (
            SELECT 1 FROM channel h JOIN contact n ON n.id = h.contact_id
            WHERE n.root_id = c.id AND (instr(h.value, ?) OR (? <> '' AND instr(h.value, ?))))"""
        digits = "".join(filter(str.isdigit, text))
        digits = digits.lstrip("8") if len(digits) >= _PHONE_DIGITS else ""
        words = folded(text)
        former = [old for old, now in companies.renames(session.store).items() if words in folded(now)]
        _listed(session, where, [words, words, json.dumps(former), words, digits, digits], limit)

    @command(noun, "show")
    def show(
        session: Session,
        contact: _Id,
        why: Annotated[bool, typer.Option("--why", help="Only why each value is what it is, and what lost.")] = False,
    ) -> None:
        """Show a contact: the golden record, the source of each value, its records, channels, tags and history.

        Example: crmtool contacts show 17 --why
        """
        (whys.shown if why else _looked_up)(session, contact)

    @command(noun, "set", writes=True)
    def set_(
        session: Session,
        contact: _Id,
        values: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE...", show_default=False)],
    ) -> None:
        """Set fields by hand; values are cleaned like any other, and win over every file.

        Example: crmtool contacts set 17 city=Київ phone=+380441234567
        """
        given = dict(_pair(text) for text in values)
        with session.turn(f"contacts set {contact}"):
            plan = plan_set(session, contact, given)
            session.offer(plan, lambda: shown(plan))

    @command(noun, "tag", writes=True)
    def tag(session: Session, contact: _Id, tags: Annotated[list[str], typer.Argument(show_default=False)]) -> None:
        """Give a contact tags.

        Example: crmtool contacts tag 17 vip partner
        """
        from crmtool.core import contacts
        from crmtool.io import gathering

        with session.turn(f"contacts tag {contact}"):
            store = session.store
            with store.reading():
                root = gathering.root_of(store, contact)
                known = store.snapshot("contact_tag", ["tag"], where="contact_id", keys=_members(store, root))
                clean = [" ".join(tag.split()) for tag in tags if tag.strip()]
                rules, next_id = session.rules, store.next_ids()["contact_tag"]
                plan = contacts.plan_tag(
                    root, clean, known, store.revision(), rules.fingerprint, next_id, rules.tags.names()
                )
            session.offer(plan, lambda: _tagged(plan))


def _tagged(plan: Plan) -> None:
    """Show what is given, and which tags are strange."""
    from crmtool.core import findings

    shown(plan)
    for tag, code in plan.findings.select("value", "code").rows():
        screen.remark(screen.safe(f"{tag} {findings.message(code, None)}."))


def _pair(text: str) -> tuple[str, str]:
    field, sign, value = text.partition("=")
    if not sign or not field.strip():
        raise UsageError(f"{text!r} is not FIELD=VALUE.", "For example: city=Київ")
    if not value.strip():
        raise UsageError(f"{field} has no value.", "A value can be replaced; to take an edit back: crmtool undo NUMBER")
    return field.strip(), value


def plan_set(session: Session, contact: int, given: dict[str, str]) -> Plan:
    """Return the plan of a hand edit of the contact that this one leads to. Raises UsageError as `editing.planned`."""
    from crmtool.io import editing, gathering

    root = gathering.root_of(session.store, contact)
    return editing.planned(session.store, session.rules, f"contacts set {contact}", {root: given})


def _members(store: Store, root: int) -> list[int]:
    return store.snapshot("contact", ["id"], where="root_id", keys=[root])["id"].to_list()


def _golden(store: Store, root: int) -> dict[str, Any]:
    return store.snapshot("contact", where="id", keys=[root]).to_dicts()[0]


# -- screens --------------------------------------------------------------------------------------------------------


def _listed(session: Session, where: str, params: list[Any], limit: int) -> None:
    import polars as pl

    columns = ", ".join(f"c.{name}" for name in _LIST)
    sql = f"SELECT {columns} FROM contact c WHERE c.root_id = c.id AND ({where}) ORDER BY c.id"
    types = {name: pl.Int64() if name == "id" else pl.String() for name in _LIST}
    rows = session.store.query(sql, params, types)
    if session.options.as_json:
        screen.document(rows.to_dicts())
    elif not session.options.quiet:
        screen.table(["", *_LIST[1:]], rows.head(limit).rows(), right=[0], whole=[3])
        screen.say(
            screen.counted(rows.height, "contact") + (f", the first {limit} shown" if rows.height > limit else "")
        )


def _looked_up(session: Session, contact: int) -> None:
    with session.store.reading():
        facts = _facts(session.store, contact)
    if session.options.as_json:
        screen.document(facts)
    elif not session.options.quiet:
        _shown(facts, contact)


def _facts(store: Store, contact: int) -> dict[str, Any]:
    """Return everything about a contact, read through its root."""
    import polars as pl

    from crmtool.io import companies, gathering

    root = gathering.root_of(store, contact)
    members = _members(store, root)
    golden = _golden(store, root)
    former = companies.former(store, pl.Series([golden["company"]], dtype=pl.String()))
    records = store.snapshot("record", where="contact_id", keys=members)
    files = dict(
        store.snapshot("file", ["id", "name"], where="id", keys=records["file_id"].drop_nulls().unique()).rows()
    )
    changes = store.changes_of("contact", members)
    sets = store.changesets().filter(pl.col("id").is_in([*changes["changeset_id"], *records["changeset_id"]]))
    sides = [store.snapshot("verdict", where=side, keys=members) for side in ("left_id", "right_id")]
    return {
        "id": root,
        "asked": contact,
        "members": members,
        "golden": {
            name: value for name, value in golden.items() if value is not None and name not in {"id", "root_id"}
        },
        "merged_company": next(iter(former.to_dicts()), None),
        "records": [
            {
                **row,
                "file": files.get(row["file_id"]),
                "raw": json.loads(row["raw"] or "{}"),
                "clean": json.loads(row["clean"]),
            }
            for row in records.to_dicts()
        ],
        "channels": store.snapshot("channel", where="contact_id", keys=members).to_dicts(),
        "tags": sorted(set(store.snapshot("contact_tag", ["tag"], where="contact_id", keys=members)["tag"])),
        "verifications": store.snapshot("verification", where="contact_id", keys=members).to_dicts(),
        "verdicts": pl.concat(sides).unique("id").sort("id").to_dicts(),
        "history": sets.select("id", "at", "actor", "command").to_dicts(),
    }


def _shown(facts: dict[str, Any], contact: int) -> None:
    if contact != facts["id"]:
        screen.say(f"Contact {contact} was joined to {facts['id']}.")
    golden = facts["golden"]
    screen.say(screen.safe(f"Contact {facts['id']}: {golden.get('name') or golden.get('email') or '(no name)'}"))
    hidden = {"name", "changeset_id", "custom"}
    rows = [(n, v, _origin(facts["records"], n, v)) for n, v in golden.items() if n not in hidden]
    if merged := facts["merged_company"]:
        said = (merged["company"], f"contact {merged['id']}, formerly {merged['name']}")
        rows = [(n, *(said if n == "company" else (v, origin))) for n, v, origin in rows]
    own = json.loads(golden.get("custom", "{}")).items()
    screen.table(["field", "value", "from"], [*rows, *((f"attr.{n}", v, "") for n, v in own)])
    if facts["tags"]:
        screen.say(screen.safe(f"Tags: {', '.join(facts['tags'])}"))
    seen: dict[tuple[str, str], tuple[Any, ...]] = {}
    for c in facts["channels"]:
        seen.setdefault((c["kind"], c["value"]), (c["kind"], c["value"], c["extension"], c["label"], c["type"]))
    screen.table(["channel", "value", "ext.", "label", "type"], seen.values(), title="Channels")
    records = [
        (r["id"], r["contact_id"], r["source"], r["file"] or "by hand", r["row"], r["changeset_id"])
        for r in facts["records"]
    ]
    screen.table(
        ["record", "contact", "source", "file", "row", "change set"],
        records,
        title="Source records",
        right=[0, 1, 4, 5],
    )
    _verdicts(facts)
    if facts["verifications"]:
        checks = [(v["field"], v["value"], v["outcome"], v["on"], v["by"], v["method"]) for v in facts["verifications"]]
        screen.table(["field", "value", "outcome", "on", "by", "how"], checks, title="Verifications")
    lines = [(h["id"], h["at"][:16].replace("T", " "), h["actor"], h["command"]) for h in facts["history"]]
    screen.table(["", "when (UTC)", "who", "command"], lines, title="History", right=[0])


def _verdicts(facts: dict[str, Any]) -> None:
    rows = [
        (v["left_id"], v["right_id"], v["decision"], v["by"], v["reason"], v["retracted_in"]) for v in facts["verdicts"]
    ]
    if rows:
        screen.table(["", "", "verdict", "by", "because", "taken back in"], rows, title="Verdicts", right=[0, 1])


def _origin(records: list[dict[str, Any]], field: str, value: str) -> str:
    """Return which records say a golden value: file and row, newest last."""
    saying = [r for r in records if _says(r["clean"], field, value)]
    return ", ".join(f"{r['file']} row {r['row']}" if r["file"] else "by hand" for r in saying)


def _says(clean: dict[str, Any], field: str, value: str) -> bool:
    channels = clean.get("channels") or []
    within = field == "note" and clean.get("note") is not None and clean["note"] in value
    return within or clean.get(field) == value or any(c["kind"] == field and c["value"] == value for c in channels)
