"""From files to a plan: each part of a file is mapped, cleaned and checked, then planned against the store.

`prepared` needs no store; `plans` reads what stands there and gives one plan for each part. A file that fits in one
part is one plan. The parts of a large file, or several files, become one change set: each plan is made when the one
before is written, so that rows meet across parts and files (see `Store.apply_parts`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core import findings, golden
from crmtool.core.imports import (
    checking,
    cleaning,
    domains,
    linking,
    planning,
    policies,
    strangers,
    uniqueness,
    validation,
)
from crmtool.core.imports import mapping as mappings
from crmtool.core.imports.sources import GENERIC
from crmtool.io import gathering, keeping_out

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from crmtool.core.imports.checking import Checked
    from crmtool.core.imports.cleaning import Cleaned
    from crmtool.core.imports.linking import Met
    from crmtool.core.imports.mapping import Mapped
    from crmtool.core.plans import Plan
    from crmtool.core.rules import Rules
    from crmtool.core.survivorship_rules import Survivorship
    from crmtool.io.keeping_out import Watch
    from crmtool.io.readers.table import Table
    from crmtool.io.store import Store

    #: Asks a person what columns are; gives heading -> target.
    Ask = Callable[[Table, Mapped], Mapping[str, str]]
    #: Tells of domains whether they take mail (see `mail_servers.asking`).
    Servers = Callable[[pl.Series], pl.DataFrame]

_SAMPLE = 5_000  # rows looked at to tell what columns are

#: What becomes of rows: every row read is in exactly one of these.
OUTCOMES = ("new", "updated", "unchanged", "repeated", "skipped", "rejected", "kept_out", "blank")
_COUNTS = ("read", *OUTCOMES, "joined", "to_review")


@dataclass(frozen=True)
class Wishes:
    """What a person says about an import; None: the rules say it."""

    mapping: str | None = None
    source: str | None = None
    region: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    on_duplicate: str | None = None
    readmit: bool = False  # let people in who were erased


@dataclass(frozen=True)
class Prepared:
    """A part of a file after the stages that need no store."""

    table: Table
    mapped: Mapped
    cleaned: Cleaned
    checked: Checked
    policy: str
    read: int  # rows below the header
    first: bool = True  # of its file
    kept_out: int = 0  # rows of people who were erased
    today: dt.date | None = None

    @property
    def rejects(self) -> tuple[Table, pl.DataFrame]:
        """The rows set aside: a table of nothing else, and their numbers with the reasons (row, reasons)."""
        wrong = self.checked.rejected.select("row", "reasons")
        kept = self.table.rows.is_in(wrong["row"].implode())
        return replace(self.table, cells=self.table.cells.filter(kept), rows=self.table.rows.filter(kept)), wrong


def asked(table: Table, rules: Rules, wishes: Wishes, ask: Ask) -> Wishes:
    """Return the wishes with what `ask` says about the columns of this file that are not sure."""
    found = mapped(table, rules, wishes)
    return replace(wishes, columns={**wishes.columns, **ask(table, found)}) if found.questions else wishes


def prepared(
    tables: Iterable[Table],
    rules: Rules,
    wishes: Wishes,
    today: dt.date | None = None,
    servers: Servers | None = None,
    watch: Watch | None = None,
) -> Iterator[Prepared]:
    """Yield the parts of one file, mapped, cleaned and checked; columns mean in each what they mean in the first.

    Rules about `today` need it; without `servers` no domain is asked about, without `watch` nobody kept out. Raises
    UsageError and ColumnsUnknown as `mapping.mapped` does, the latter also for what is not sure.
    """
    synonyms = {name: vocabulary.index for name, vocabulary in rules.vocabularies.items()}
    columns, seen = None, None
    for table in tables:
        first = columns is None
        columns = columns or mappings.settled(mapped(table, rules, wishes))
        read, out = table.read, 0
        cleaned = cleaning.cleaned(table.cells, table.rows, columns, rules, synonyms, servers)
        if watch:
            kept = keeping_out.from_contacts(table, cleaned, columns.source, watch)
            table, cleaned, out = kept  # noqa: PLW2901  # as read, less them
        standards = validation.standards(rules, columns.columns, today)
        checked = checking.checked(cleaned.records, rules.fields, seen, standards)
        seen = checked.seen
        policy = wishes.on_duplicate or columns.rule.on_duplicate
        made = [Prepared(table, columns, cleaned, checked, policy, read, first, out, today)]
        del cleaned, checked  # nothing here may hold on to a part while others work on it
        yield made.pop()


def mapped(table: Table, rules: Rules, wishes: Wishes) -> Mapped:
    """Return what the columns of a table are (see `mapping.mapped`)."""
    return mappings.mapped(
        table.cells.columns,
        rules,
        mapping=wishes.mapping,
        source=wishes.source,
        region=wishes.region,
        columns=wishes.columns,
        file_format=table.format,
        sample=table.cells.head(_SAMPLE),
    )


def lightened(part: Prepared, rules: Rules) -> Prepared:
    """Let go of what only a sample shows: how each value was cleaned, and the cells of rows that are not rejected."""
    cleaned = replace(part.cleaned, records=part.cleaned.records.clear(), steps=(), joined=part.cleaned.joined.clear())
    table = part.table if uniqueness.rejects_for_it(rules.fields) else part.rejects[0]
    return replace(part, table=table, cleaned=cleaned)


def plans(
    store: Store,
    rules: Rules,
    parts: Iterable[Prepared],
    command: str,
    heard: Callable[[Prepared, Plan], None] | None = None,
) -> Iterator[Plan]:
    """Yield a plan for each part; `heard` is told of each, without the rows that were accepted."""
    file_id = None
    for part in parts:
        file_id = None if part.first else file_id
        part = _uniquely(store, rules, part)  # noqa: PLW2901  # the rows before it are in the store by now
        plan = planned(store, rules, part, command, file_id)
        created = plan.edits["file"].created
        file_id = int(created["id"][0]) if created.height else file_id
        part = replace(part, checked=part.checked.told())  # noqa: PLW2901  # or the rows stay while the plan is applied
        if heard:
            heard(part, plan)
        yield plan
        del plan


def planned(store: Store, rules: Rules, part: Prepared, command: str, file_id: int | None = None) -> Plan:
    """Return the plan of importing one part into the store as it stands.

    `file_id` is the file's row where an earlier part has written it.
    """
    with store.reading():
        ids = store.next_ids()
        apart, met = _met(store, part, ids)
        verdicts, said = _verdicts(store, rules, met)
        if part.policy == "skip" and (known := policies.joining(verdicts)).len():
            left = met.fresh.filter(pl.col("contact_id").is_in(known.implode()))["source_key"]
            kept = apart.accepted.filter(~pl.col("source_key").is_in(left.implode()))
            apart = replace(apart, accepted=kept, skipped=apart.skipped + left.len())
            met = linking.met(kept, _known(store, kept, part.mapped.source, ids), ids["record"], ids["contact"])
            verdicts, said = _verdicts(store, rules, met)
        verdicts, met = _as_wished(verdicts, met, apart, part.policy)
        standing = _standing(store, met, verdicts, ids, rules.survivorship)
        rejected = _new_rejects(store, part)
        employers = _employers(store, part.checked.accepted)
    remarks = findings.joined(
        part.table.findings,
        findings.found(part.table.refused.select("row", "code")),
        part.mapped.findings if part.first else findings.empty(),
        part.cleaned.findings,
        part.checked.findings,
        strangers.told(apart.others),
        said,
        employers,
    )
    facts = {**_facts(part, met, verdicts, apart.skipped), **told_by_hand(part.mapped, rules)}
    incoming = planning.Incoming(_file(part), met, verdicts, rejected, remarks, facts, file_id, part.today)
    return planning.plan_import(command, incoming, standing, rules)


def _uniquely(store: Store, rules: Rules, part: Prepared) -> Prepared:
    """Return a part with what rules say of values that somebody else has; rows may be set aside for it."""
    fields = uniqueness.fields_asked(rules.fields)
    if not fields:
        return part
    with store.reading():
        _, met = _met(store, part, store.next_ids())
        verdicts, _ = _verdicts(store, rules, met)
        rows = pl.concat([met.updated.select(met.fresh.columns), met.fresh]).sort("row")
        holders = gathering.holding(store, {name: validation.held(rows, name)["value"].unique() for name in fields})
        led = gathering.roots_of(store, rows["contact_id"]).select(left_id="id", right_id="root_id")
    same = verdicts.filter(pl.col("decision") == "same").select("left_id", "right_id")
    edges = pl.concat([same, led])
    everyone = pl.concat([rows["contact_id"], holders["root_id"], *edges.get_columns()]).unique()
    asked = validation.standards(rules, part.mapped.columns, None)
    found = uniqueness.taken(rows, holders, golden.roots(everyone, edges), asked)
    return replace(part, checked=uniqueness.told_apart(part.checked, found, asked))


def _met(store: Store, part: Prepared, ids: Mapping[str, int]) -> tuple[policies.Apart, Met]:
    accepted, source = part.checked.accepted, part.mapped.source
    known = _known(store, accepted, source, ids)
    own = part.mapped.name == GENERIC and source == part.mapped.rule.source  # nobody vouches for the keys
    apart = policies.by_key(accepted, known, part.policy, trusted=not own)
    if apart.twins.height or apart.others.len():
        known = _known(store, apart.accepted, source, ids)
    elif apart.skipped:
        known = known.join(apart.accepted.select("source_key"), on="source_key", how="semi")
    fills = part.policy == "fill"
    return apart, linking.met(apart.accepted, known, ids["record"], ids["contact"], fills=fills)


def _known(store: Store, accepted: pl.DataFrame, source: str, ids: Mapping[str, int]) -> pl.DataFrame:
    """Return the records this source has given under the keys of some rows."""
    keys = accepted["source_key"] if ids["record"] > 1 else accepted["source_key"].clear()
    return store.snapshot("record", where="source_key", keys=keys).filter(pl.col("source") == source)


def _verdicts(store: Store, rules: Rules, met: Met) -> tuple[pl.DataFrame, pl.DataFrame]:
    strong = linking.strong_channels(met.fresh, rules.duplicates.link)
    holders = gathering.holders(store, strong.select("kind", "value").unique())
    apart = gathering.apart(store, holders["root_id"].unique())
    return linking.verdicts(met.fresh, strong, holders, rules.duplicates.link, apart)


def _as_wished(verdicts: pl.DataFrame, met: Met, apart: policies.Apart, policy: str) -> tuple[pl.DataFrame, Met]:
    """Return verdicts and rows as the policy on duplicates has them."""
    twins = policies.twin_verdicts(met, apart.twins)
    found = verdicts.join(twins, on=["left_id", "right_id"], how="anti", maintain_order="left")
    verdicts = pl.concat([twins.select(verdicts.columns), found])
    if policy == "review":
        return policies.to_review(verdicts), met
    return verdicts, replace(met, fresh=policies.filling(met.fresh)) if policy == "fill" else met


def _employers(store: Store, accepted: pl.DataFrame) -> pl.DataFrame:
    """Return findings about people without a company whose mail domain is that of one company, here or in the base."""
    people = domains.mail(accepted)
    asked = domains.asking(people)
    if asked.is_empty():
        return findings.empty()
    known = gathering.at_domains(store, asked)
    return domains.suggested(people, pl.concat([known, domains.holding(accepted).select(known.columns)]))


def _standing(
    store: Store, met: Met, verdicts: pl.DataFrame, ids: Mapping[str, int], rules: Survivorship
) -> planning.Standing:
    touched = pl.concat([met.updated["contact_id"], verdicts["left_id"], verdicts["right_id"]]).unique()
    contacts = pl.concat([touched, met.updated["contact_id"]]).unique()
    return planning.Standing(
        store.revision(),
        ids,
        gathering.clusters(store, touched, rules),
        store.snapshot("contact_tag", ["contact_id", "tag"], where="contact_id", keys=contacts),
        store.snapshot("verification", ["contact_id", "field", "value", "on"], where="contact_id", keys=contacts),
        store.snapshot("consent", where="contact_id", keys=contacts),
    )


def _file(part: Prepared) -> dict[str, Any]:
    table, mapped = part.table, part.mapped
    columns = {heading: mapped.columns.get(heading) for heading in table.cells.columns}
    return {
        "name": table.name,
        "sha256": table.sha256,
        "source": mapped.source,
        "mapping": mapped.name,
        "encoding": table.encoding,
        "columns": json.dumps(columns, ensure_ascii=False),
    }


def _facts(part: Prepared, met: Met, verdicts: pl.DataFrame, skipped: int) -> dict[str, Any]:
    table, checked = part.table, part.checked
    counts = {
        "new": met.fresh.height,
        "updated": met.updated.height,
        "unchanged": met.unchanged,
        "repeated": checked.repeated,
        "skipped": skipped,
        "rejected": checked.rejected.height + table.refused.height,
        "kept_out": part.kept_out,
        "blank": table.blank,
        "joined": policies.joining(verdicts).len(),
        "to_review": int((verdicts["decision"] == "unsure").sum()),
    }
    about = {"file": table.name, "sha256": table.sha256, "source": part.mapped.source, "mapping": part.mapped.name}
    return {**about, "read": part.read, **counts}


def told_by_hand(mapped: Mapped, rules: Rules) -> dict[str, Any]:
    """Return what a person said about a file beside its mapping, to be kept: under `said` region and columns."""
    rule = rules.mappings.get(mapped.name)
    usual = rule.region if rule else None
    region = {"region": mapped.rule.region} if mapped.rule.region != usual else {}
    told = {heading: mapped.columns[heading] for heading, how in mapped.how.items() if how == "option"}
    about = {**region, **({"columns": told} if told else {})}
    return {"said": about} if about else {}


def total(facts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the facts of all parts as those of the whole: one file's own, or under `files` those of each."""
    files: dict[str, dict[str, Any]] = {}
    for part in facts:
        name = f"{part['file']} {part['sha256']}"
        files[name] = _added(files[name], part) if name in files else dict(part)
    each = list(files.values())
    if len(each) == 1:
        return each[0]
    return {"files": each, **{name: sum(one[name] for one in each) for name in _COUNTS}}


def _added(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, **{name: one[name] + other[name] for name in _COUNTS}}


def _new_rejects(store: Store, part: Prepared) -> pl.DataFrame:
    """Return the rows that are set aside and were not set aside before (columns row, raw, reasons)."""
    unread = part.table.refused.select("row", "raw", "code", suggestion=pl.lit(None, pl.String))
    refused = unread.with_columns(reasons=findings.sentences(unread)).select("row", "raw", "reasons")
    every = pl.concat([part.checked.rejected.select("row", "raw", "reasons"), refused]).sort("row")
    known = store.snapshot("reject", ["raw"], where="raw", keys=every["raw"])
    return every.join(known, on="raw", how="anti", maintain_order="left")
