"""Walks through the tool without a terminal: each step is planned as the commands plan it, and applied.

To add a step: a method of `Walk` that returns what `_take` returns.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
from people import Sheet

from crmtool.cli import archiving as archiving_cli
from crmtool.cli import contacts as contacts_cli
from crmtool.cli import duplicates as duplicates_cli
from crmtool.cli.session import Options, Session
from crmtool.core import archiving, contacts, golden, merges, plans, verifications
from crmtool.core.rules import Rules
from crmtool.io import gathering, intake, merging, reversal, rulebook, unmerging
from crmtool.io.readers import files
from crmtool.io.readers.table import Options as ReadOptions
from crmtool.io.store import Stamp, Store
from crmtool.io.workspace import Workspace, created

_VOCABULARIES = {
    "city": '[values]\n"Москва" = ["Moscow", "г. Москва"]\n"Киев" = ["Київ", "Kyiv", "г. Киев"]\n',
    "country": '[values]\n"RU" = ["Россия"]\n"UA" = ["Україна"]\n',
}
ACTOR = "steward"


def template(folder: Path) -> Workspace:
    """Make a workspace to copy: the rules that come with crmtool, two small vocabularies, phones of Russia."""
    workspace = created(folder)
    for name, text in _VOCABULARIES.items():
        path = workspace.rules_path / "vocabularies" / f"{name}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'title = "{name}"\n{text}', "utf-8")
    normalize = workspace.rules_path / "normalize.toml"
    normalize.write_text(normalize.read_text("utf-8").replace('# region = "RU"', 'region = "RU"'), "utf-8")
    return workspace


class Walk:
    """One workspace, and the steps a person takes in it; `place` is deleted at the end."""

    def __init__(self, start: Workspace, place: Path, rules: Rules) -> None:
        self.place = place
        root = Path(shutil.copytree(start.root, place / "workspace", ignore=shutil.ignore_patterns("rules")))
        self.session = Session(Options(workspace=root, quiet=True, yes=True))
        self.session.__dict__["rules"] = rules  # read once for all walks
        self.session.__dict__["actor"] = ACTOR
        self.rules = rules
        self.store._db.execute("PRAGMA synchronous = OFF")  # nobody pulls the plug on these

    @property
    def store(self) -> Store:
        """The open store."""
        return self.session.store

    def end(self) -> None:
        """Close and delete everything."""
        self.store.close()
        shutil.rmtree(self.place)

    # -- steps --------------------------------------------------------------------------------------------------

    def import_(self, sheet: Sheet) -> int | None:
        """Import a list."""
        return self._take(lambda: self.planned_import(sheet))

    def planned_import(self, sheet: Sheet) -> plans.Plan:
        """Return the plan of importing a list."""
        path = self.place / "list.csv"
        path.write_text(sheet.text(), "utf-8")
        parts = intake.prepared(files.parts(path, ReadOptions()), self.rules, intake.Wishes(source=sheet.source))
        (plan,) = intake.plans(self.store, self.rules, parts, "import list.csv")
        return plan

    def judge(self, left: int, right: int, decision: str, keep: dict[str, int] | None = None) -> int | None:
        """Say that two contacts are the same or different; `keep` is field -> the contact whose value survives."""

        def plan() -> plans.Plan:
            around = gathering.clusters(self.store, [left, right])
            ids, revision = self.store.next_ids(), self.store.revision()
            chosen = merging.chosen(self.store, self.rules, (left, right), keep or {})
            return merges.plan_verdict((left, right), decision, ACTOR, around, revision, self.rules, ids, chosen)

        return self._take(plan)

    def unmerge(self, left: int, right: int) -> int | None:
        """Part two contacts."""

        def plan() -> plans.Plan:
            around = gathering.clusters(self.store, [left])
            ids, revision = self.store.next_ids(), self.store.revision()
            consents = self.store.snapshot("consent", where="contact_id", keys=around.contacts["id"])
            choices = unmerging.choices(self.store, merges.joining((left, right), around), around)
            return merges.plan_unmerge((left, right), around, revision, self.rules, ids, consents, choices)

        return self._take(plan)

    def fact(self, contact: int, table: str) -> int | None:
        """Write an interaction, a deal or a consent of a contact."""

        def plan() -> plans.Plan:
            number, revision = self.store.next_ids()[table], self.store.revision()
            at = {"at": "2026-01-02T03:04:05+00:00", "source": "walk"}
            row = {
                "interaction": {"kind": "call", **at, "source_key": str(number)},
                "deal": {"amount": 10_000, "source": "walk", "source_key": str(number)},
                "consent": {"purpose": "news", "state": "withdrawn", **at},
            }[table]
            row |= {"id": number, "contact_id": gathering.root_of(self.store, contact), "changeset_id": revision.next}
            edits = {table: plans.edit(table, created=pl.DataFrame([row]))}
            return plans.Plan(f"walk {table}", revision, self.rules.fingerprint, edits)

        return self._take(plan)

    def find(self) -> int | None:
        """Fill the review queue."""
        return self._take(lambda: duplicates_cli._found(self.session)[-1])

    def set(self, contact: int, field: str, value: str) -> int | None:
        """Edit a field by hand."""
        return self._take(lambda: contacts_cli.plan_set(self.session, contact, {field: value}))

    def tag(self, contact: int, tag: str) -> int | None:
        """Give a tag."""

        def plan() -> plans.Plan:
            root = gathering.root_of(self.store, contact)
            members = contacts_cli._members(self.store, root)
            known = self.store.snapshot("contact_tag", ["tag"], where="contact_id", keys=members)
            ids, revision = self.store.next_ids(), self.store.revision()
            return contacts.plan_tag(root, [tag], known, revision, self.rules.fingerprint, ids["contact_tag"])

        return self._take(plan)

    def verify(self, contact: int) -> int | None:
        """Keep that an e-mail address was confirmed."""

        def plan() -> plans.Plan:
            root = gathering.root_of(self.store, contact)
            said = {"contact_id": root, "field": "email", "value": "ivan@mail.ru", "outcome": "confirmed"}
            said |= {"on": "2026-01-02", "by": ACTOR, "method": "call"}
            rows = pl.DataFrame([said], schema=verifications.SAID)
            known = self.store.snapshot("verification", where="contact_id", keys=[root])
            around, ids = gathering.clusters(self.store, [root]), self.store.next_ids()
            command, revision = f"contacts verify {root}", self.store.revision()
            return verifications.plan_verifications(command, rows, known, revision, self.rules, ids, around)

        return self._take(plan)

    def archive(self, contact: int) -> int | None:
        """Archive a person: each contact they are made of."""
        root = pl.Series("id", [gathering.root_of(self.store, contact)])
        return self._take(lambda: archiving_cli._plan(self.session, root, root.clear(), "silent"))

    def restore(self, contact: int) -> int | None:
        """Take a person out of the archive."""

        def plan() -> plans.Plan:
            members = contacts_cli._members(self.store, gathering.root_of(self.store, contact))
            rows = self.store.snapshot("archive", where="contact_id", keys=members)
            return archiving.plan_restore("contacts restore", rows, self.store.revision(), self.rules.fingerprint)

        return self._take(plan)

    def archived(self) -> list[int]:
        """Return who is out of segments and reports."""
        return self.store.query("SELECT root_id FROM archived ORDER BY 1", [], {"id": pl.Int64()})["id"].to_list()

    def undo(self, number: int) -> int | None:
        """Take a change set back."""
        return self._take(lambda: reversal.planned(self.store, self.rules, number))

    def _take(self, planned: Callable[[], plans.Plan]) -> int | None:
        """Plan twice, find the same plan, and apply it; return its number, None for an empty plan."""
        plan = planned()
        assert plans.digest(planned()) == plans.digest(plan)
        return None if plan.is_empty else self.store.apply(plan, Stamp(ACTOR, "2026-01-02T03:04:05+00:00"))

    # -- looking ------------------------------------------------------------------------------------------------

    def contacts(self) -> list[int]:
        """Return the ids of all contacts."""
        return self.store.snapshot("contact", ["id"])["id"].to_list()

    def roots(self) -> dict[int, int]:
        """Return where each contact leads."""
        return dict(self.store.snapshot("contact", ["id", "root_id"]).rows())

    def everything(self) -> golden.Clusters:
        """Return all clusters of the store."""
        verdicts = self.store.snapshot("verdict").filter(pl.col("retracted_in").is_null())
        records = golden.records_of(self.store.snapshot("record"))
        contacts, channels = self.store.snapshot("contact"), self.store.snapshot("channel")
        return golden.Clusters(contacts, channels, records, verdicts, self.store.snapshot("verification"))


def rules_of(workspace: Workspace) -> Rules:
    """Return the rules of a workspace."""
    return rulebook.loaded(workspace.rules_path)
