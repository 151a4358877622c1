"""Merging is a verdict, unmerging takes verdicts back; the golden records follow (see `golden`).

One decision of a person: `plan_verdict`, with the values chosen by hand where there are some. Many decisions at once,
of a rule or a filled sheet: `judged` tells which of them can be, `plan_decisions` makes the plan of these.
`plan_unmerge` and `plan_take_back` part what a verdict holds together. `merged_values` and `compared` show what becomes
of two contacts before it is done. All take `golden.Clusters` that hold the whole clusters of every contact they speak
of, and give a `Plan`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core import golden, hand_edits, model, plans, survivorship, verdict_paths
from crmtool.core.errors import Conflict, UsageError
from crmtool.core.plans import Edit, Plan, Revision, edit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmtool.core.rules import Rules
    from crmtool.core.survivorship_rules import Survivorship

#: Decisions about pairs of contacts, to become verdicts.
DECISIONS: dict[str, pl.DataType] = {
    "left_id": pl.Int64(),
    "right_id": pl.Int64(),
    "decision": pl.String(),  # "same" or "different"
    "by": pl.String(),  # a person, or "rule:NAME"
    "reason": pl.String(),
    "weight": pl.Float64(),
}
_PAIR = ["left_id", "right_id"]
BY_A_PERSON = "decided by a person"


@dataclass(frozen=True)
class Chosen:
    """Values a person chose for the contact that survives: a hand edit of it.

    `said` and `known` are as `hand_edits.edited` wants them.
    """

    said: pl.DataFrame
    known: pl.DataFrame


def plan_verdict(
    pair: tuple[int, int],
    decision: str,
    actor: str,
    clusters: golden.Clusters,
    revision: Revision,
    rules: Rules,
    next_ids: Mapping[str, int],
    chosen: Chosen | None = None,
) -> Plan:
    """Return the plan that records a person's verdict on two contacts: "same" joins them, "different" keeps them apart.

    `clusters` are those of both. Raises Conflict where a person said otherwise before, UsageError where they are one or
    where that was said before.
    """
    left, right = (_root(clusters, contact) for contact in pair)
    _contradiction(left, right, decision, clusters)
    row = {"left_id": left, "right_id": right, "decision": decision, "by": actor, "reason": BY_A_PERSON, "weight": None}
    word = "merge" if decision == "same" else decision
    command = f"duplicates {word} {pair[0]} {pair[1]}"
    decisions = pl.DataFrame([row], schema=DECISIONS)
    return plan_decisions(command, decisions, clusters, revision, rules, next_ids, chosen)


def plan_decisions(
    command: str,
    decisions: pl.DataFrame,
    clusters: golden.Clusters,
    revision: Revision,
    rules: Rules,
    next_ids: Mapping[str, int],
    chosen: Chosen | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Plan:
    """Return the plan that makes verdicts of decisions (columns: `DECISIONS`) that `judged` lets pass."""
    verdicts = _rooted(decisions, clusters).select(
        pl.min_horizontal(*_PAIR).alias("left_id"),
        pl.max_horizontal(*_PAIR).alias("right_id"),
        "decision",
        "by",
        "reason",
        "weight",
        id=pl.int_range(pl.len(), dtype=pl.Int64) + next_ids["verdict"],
        changeset_id=pl.lit(revision.next, pl.Int64),
    )
    edits = {"verdict": edit("verdict", created=verdicts)}
    return _recomputed(command, edits, clusters, revision, rules, next_ids, chosen=chosen, facts=facts)


def judged(decisions: pl.DataFrame, clusters: golden.Clusters) -> pl.DataFrame:
    """Return decisions (columns: `DECISIONS`) with `refusal`: null where they can be, else why they cannot, in words.

    "" is a refusal too: of what holds already. Decisions that contradict one another, or a verdict that holds, are all
    refused, whatever the order they come in.
    """
    rooted = _rooted(decisions, clusters)
    left, right = pl.min_horizontal(*_PAIR), pl.max_horizontal(*_PAIR)
    both = decisions.with_columns(rooted.select(a=left, b=right))
    said = pl.struct("a", "b")
    both = both.with_columns(
        refusal=pl.when(
            pl.col("a").is_null() | pl.col("b").is_null() | rooted["left_id"].is_null() | rooted["right_id"].is_null()
        )
        .then(pl.lit("one of the two does not exist"))
        .when(~pl.col("decision").is_in(["same", "different"]))
        .then(pl.lit("is neither same nor different"))
        .when((pl.col("a") == pl.col("b")) & (pl.col("decision") == "same"))
        .then(pl.lit(""))
        .when(pl.col("a") == pl.col("b"))
        .then(pl.lit("they are merged; part them with duplicates unmerge"))
        .when(pl.col("decision").n_unique().over(said) > 1)
        .then(pl.lit("was decided both ways"))
        .when(pl.col("decision").cum_count().over(said, "decision") > 1)
        .then(pl.lit(""))
    )
    return _consistent(both, _apart(clusters)).drop("a", "b")


def plan_unmerge(
    pair: tuple[int, int],
    clusters: golden.Clusters,
    revision: Revision,
    rules: Rules,
    next_ids: Mapping[str, int],
    consents: pl.DataFrame | None = None,
    choices: Edit | None = None,
) -> Plan:
    """Return the plan that parts two contacts of one cluster by taking back the newest verdicts that join them.

    `consents` are rows of that table of the cluster: what was refused of the two together is refused of both apart.
    `choices` is the edit of hand-made records that takes back what was chosen for the merge with it. Raises UsageError
    where they are not joined.
    """
    if _root(clusters, pair[0]) != _root(clusters, pair[1]) or pair[0] == pair[1]:
        raise UsageError(
            f"Contacts {pair[0]} and {pair[1]} are not merged with one another.",
            "See what belongs together with: crmtool contacts show ID",
        )
    command = f"duplicates unmerge {pair[0]} {pair[1]}"
    return _taken_back(command, joining(pair, clusters), clusters, revision, rules, next_ids, consents, choices)


def plan_take_back(
    number: int,
    clusters: golden.Clusters,
    revision: Revision,
    rules: Rules,
    next_ids: Mapping[str, int],
    consents: pl.DataFrame | None = None,
    choices: Edit | None = None,
) -> Plan:
    """Return the plan that takes one verdict back, by its id; `clusters` are those of its contacts.

    `consents` and `choices` are as for `plan_unmerge`. Raises UsageError where no such verdict holds.
    """
    if number not in clusters.verdicts["id"]:
        raise UsageError(f"No verdict {number} holds.", "See them with: crmtool duplicates verdicts")
    command = f"duplicates verdicts --take-back {number}"
    return _taken_back(command, [number], clusters, revision, rules, next_ids, consents, choices)


def joining(pair: tuple[int, int], clusters: golden.Clusters) -> list[int]:
    """Return the ids of the verdicts to take back to part two contacts: of each way between them the newest."""
    same = clusters.verdicts.filter(pl.col("decision") == "same")
    return verdict_paths.cut(same.select(*_PAIR, "id").rows(), *pair)


def merged_values(pair: tuple[int, int], clusters: golden.Clusters, rules: Survivorship) -> pl.DataFrame:
    """Return every value of the records of two contacts as if they were one (columns: `survivorship.TOLD`).

    What is chosen there is what the merge would keep; what is open has no clear winner.
    """
    roots = [_root(clusters, contact) for contact in pair]
    members = clusters.contacts.filter(pl.col("root_id").is_in(roots)).select(contact_id="id")
    one = pl.lit(min(roots), pl.Int64).alias("root_id")
    sides = [frame.join(members, on="contact_id").with_columns(one) for frame in (clusters.records, clusters.checks)]
    return survivorship.told(sides[0], sides[1], rules)


def compared(pair: tuple[int, int], clusters: golden.Clusters, plan: Plan) -> pl.DataFrame:
    """Return the golden values of two contacts beside that of their merge (columns field, left, right, merged; texts).

    `plan` is the one that merges them; fields that neither has are left out.
    """
    roots = [_root(clusters, contact) for contact in pair]
    after = plan.edits["contact"].after.filter(pl.col("id") == min(roots))
    standing = clusters.contacts
    after = after if after.height else standing.filter(pl.col("id") == min(roots))
    sides = [*(standing.filter(pl.col("id") == root) for root in roots), after]
    fields = [name for name in standing.columns if name not in {"id", "root_id", "changeset_id", *model.NAME_PARTS}]
    columns = zip(("left", "right", "merged"), sides, strict=True)
    values = {name: [side.get_column(field).item() for field in fields] for name, side in columns}
    frame = pl.DataFrame({"field": fields, **values}, schema=dict.fromkeys(("field", *values), pl.String()))
    return frame.filter(pl.any_horizontal(pl.col(*values).is_not_null()))


# -- what can be ----------------------------------------------------------------------------------------------------


def _root(clusters: golden.Clusters, contact: int) -> int:
    place = clusters.contacts["id"].index_of(contact)
    if place is None:
        raise UsageError(f"There is no contact {contact}.", "Find it with: crmtool contacts find TEXT")
    return int(clusters.contacts["root_id"][place])


def _rooted(decisions: pl.DataFrame, clusters: golden.Clusters) -> pl.DataFrame:
    """Return decisions about the contacts that carry the golden records, null for contacts that do not exist."""
    ids, led = clusters.contacts["id"], clusters.contacts["root_id"]
    return decisions.with_columns(pl.col(_PAIR).replace_strict(ids, led, default=None, return_dtype=pl.Int64))


def _apart(clusters: golden.Clusters) -> pl.DataFrame:
    """Return the pairs of roots that a holding verdict keeps apart (columns a, b, by, number), each once."""
    different = _rooted(clusters.verdicts.filter(pl.col("decision") == "different"), clusters)
    a, b = pl.min_horizontal(*_PAIR), pl.max_horizontal(*_PAIR)
    return different.select(a=a, b=b, by="by", number="id").drop_nulls(["a", "b"]).unique(["a", "b"], keep="first")


def _consistent(both: pl.DataFrame, apart: pl.DataFrame) -> pl.DataFrame:
    """Refuse the decisions of every cluster that would join two whom somebody keeps apart."""
    can = both.filter(pl.col("refusal").is_null())
    known = can.join(apart.select("a", "b", held="number"), on=["a", "b"], how="semi")
    known = known.filter(pl.col("decision") == "different").select("a", "b", known=pl.lit(value=True))
    told = pl.col("decision") == "different"
    said = can.filter(told).select("a", "b", "by", number=pl.lit(None, pl.Int64))
    edges = can.filter(~told).select(left_id="a", right_id="b")
    everyone = pl.concat([can["a"], can["b"].rename("a"), apart["a"], apart["b"].rename("a")]).unique()
    led = golden.roots(everyone.rename("id"), edges)
    wrong = (
        pl.concat([apart, said])
        .join(led.select(a="id", one="root_id"), on="a")
        .join(led.select(b="id", other="root_id"), on="b")
        .filter(pl.col("one") == pl.col("other"))
        .unique("one", keep="first", maintain_order=True)
    )
    why = wrong.select(
        "one",
        why=pl.format(
            "would join {} and {}, of whom {} decided that they are different{}",
            "a",
            "b",
            "by",
            pl.coalesce(pl.format(" (verdict {})", "number"), pl.lit("")),
        ),
    )
    placed = both.join(led.select(a="id", one="root_id"), on="a", how="left", maintain_order="left")
    placed = placed.join(why, on="one", how="left", maintain_order="left")
    placed = placed.join(known.unique(), on=["a", "b"], how="left", maintain_order="left")
    again = pl.when(pl.col("known") & told).then(pl.lit(""))
    # a decision "different" is wrong only where the two would be joined by others
    led_b = both.select(id="b").join(led, on="id", how="left", maintain_order="left")["root_id"]
    concerned = ~told | (pl.col("one") == led_b)
    return placed.with_columns(refusal=pl.coalesce("refusal", pl.when(concerned).then("why"), again)).drop(
        "one", "why", "known"
    )


def _contradiction(left: int, right: int, decision: str, clusters: golden.Clusters) -> None:
    """Refuse a verdict against one that holds, or that says the same again."""
    if left == right:
        done = "are one already" if decision == "same" else "are merged"
        raise UsageError(
            f"These contacts {done}: both lead to {left}.", "Part them with: crmtool duplicates unmerge A B"
        )
    led = dict(zip(clusters.contacts["id"], clusters.contacts["root_id"], strict=True))
    for a, b, said, by, number in clusters.verdicts.select(*_PAIR, "decision", "by", "id").rows():
        if said != "different" or {led.get(a), led.get(b)} != {left, right}:
            continue
        error = Conflict if decision == "same" else UsageError
        raise error(
            f"{by} decided that contacts {left} and {right} are different (verdict {number}).",
            f"If that was wrong, take it back first: crmtool duplicates verdicts --take-back {number}",
        )


# -- plans ----------------------------------------------------------------------------------------------------------


def _taken_back(
    command: str,
    numbers: list[int],
    clusters: golden.Clusters,
    revision: Revision,
    rules: Rules,
    next_ids: Mapping[str, int],
    consents: pl.DataFrame | None,
    choices: Edit | None,
) -> Plan:
    before = clusters.verdicts.filter(pl.col("id").is_in(numbers))
    after = before.with_columns(retracted_in=pl.lit(revision.next), changeset_id=pl.lit(revision.next))
    change = edit("verdict", updated=(before, after))
    edits = {"verdict": change, **({"record": choices} if choices else {})}
    if choices:
        gone = pl.concat([choices.removed["id"], choices.before["id"]])
        back = golden.records_of(choices.after).select(clusters.records.columns)
        kept = clusters.records.filter(~pl.col("id").is_in(gone.implode()))
        clusters = replace(clusters, records=pl.concat([kept, back]))
    plan = _recomputed(command, edits, clusters, revision, rules, next_ids)
    if consents is None:
        return plan
    refused = _refused_apart(before, consents, clusters, plan).with_columns(
        id=pl.int_range(pl.len(), dtype=pl.Int64) + next_ids["consent"],
        changeset_id=pl.lit(revision.next, pl.Int64),
    )
    return replace(plan, edits={**plan.edits, "consent": edit("consent", created=refused)}) if refused.height else plan


def _refused_apart(
    verdicts: pl.DataFrame, consents: pl.DataFrame, clusters: golden.Clusters, plan: Plan
) -> pl.DataFrame:
    """Return what was refused since the verdicts joined them, once more for each contact that parts from that one."""
    since = verdicts.filter(pl.col("decision") == "same")["changeset_id"].min()
    said = (
        consents.filter((pl.col("state") != "given") & (pl.col("changeset_id") > (since or 0)))
        if since
        else consents.clear()
    )
    after = plan.edits["contact"].after.select("id", now="root_id")
    roots = clusters.contacts.select("id", "root_id").join(after, on="id", how="left")
    roots = roots.with_columns(now=pl.coalesce("now", "root_id"))
    here = said.join(roots.rename({"id": "contact_id"}), on="contact_id")
    others = roots.select("root_id", to="now").unique(maintain_order=True)
    parted = here.join(others, on="root_id").filter(pl.col("to") != pl.col("now"))
    return parted.sort("id", "to").with_columns(contact_id="to").select(said.columns)


def _recomputed(
    command: str,
    edits: dict[str, Edit],
    clusters: golden.Clusters,
    revision: Revision,
    rules: Rules,
    next_ids: Mapping[str, int],
    *,
    chosen: Chosen | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Plan:
    """Return the plan of a change of verdicts with the golden records that follow."""
    change = edits["verdict"]
    if chosen is None and not any((rows["decision"] == "same").any() for rows in (change.created, change.after)):
        same = {table: edit(table) for table in ("contact", "channel")}  # nobody joins or parts
        return Plan(command, revision, rules.fingerprint, plans.merged([edits, same]), facts=facts or {})
    kept = clusters.verdicts
    if change.before.height:
        kept = kept.filter(~pl.col("id").is_in(change.before["id"].implode()))
    holding = pl.concat([kept, change.created, change.after]).filter(pl.col("retracted_in").is_null())
    after = replace(clusters, verdicts=holding)
    ids = clusters.contacts["id"]
    if chosen is not None:
        roots = golden.roots(ids, golden.same_edges(holding))
        said, known = chosen.said, chosen.known
        made, records = hand_edits.edited(said, known, clusters, roots, revision.next, next_ids["record"])
        edits, after = {**edits, "record": made}, replace(after, records=records)
    computed = golden.recomputed(ids, after, rules.survivorship, revision.next, next_ids["channel"])
    return Plan(command, revision, rules.fingerprint, plans.merged([edits, computed]), facts=facts or {})
