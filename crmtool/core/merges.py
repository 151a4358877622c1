"""Merging is a verdict, unmerging takes verdicts back; the golden records follow (see `golden`)."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import golden, plans
from crmtool.core.errors import Conflict, UsageError
from crmtool.core.plans import Edit, Plan, Revision, edit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crmtool.core.rules import Rules


def plan_verdict(
    pair: tuple[int, int],
    decision: str,
    actor: str,
    clusters: golden.Clusters,
    revision: Revision,
    rules: Rules,
    next_ids: Mapping[str, int],
) -> Plan:
    """Return the plan that records a person's verdict on two contacts: "same" joins them, "different" keeps them apart.

    `clusters` are those of both. Raises Conflict where a person said otherwise before, UsageError where they are one or
    where that was said before.
    """
    left, right = (_root(clusters, contact) for contact in pair)
    _contradiction(left, right, decision, clusters)
    verdict = {
        "id": next_ids["verdict"],
        "left_id": min(left, right),
        "right_id": max(left, right),
        "decision": decision,
        "by": actor,
        "reason": "decided by a person",
        "changeset_id": revision.next,
    }
    created = edit("verdict", created=pl.DataFrame([verdict]))
    word = "merge" if decision == "same" else decision
    return _recomputed(f"duplicates {word} {pair[0]} {pair[1]}", created, clusters, revision, rules, next_ids)


def plan_unmerge(
    pair: tuple[int, int], clusters: golden.Clusters, revision: Revision, rules: Rules, next_ids: Mapping[str, int]
) -> Plan:
    """Return the plan that parts two contacts of one cluster by taking back the newest verdicts that join them.

    Raises UsageError where they are not joined.
    """
    if _root(clusters, pair[0]) != _root(clusters, pair[1]) or pair[0] == pair[1]:
        raise UsageError(
            f"Contacts {pair[0]} and {pair[1]} are not merged with one another.",
            "See what belongs together with: crmtool contacts show ID",
        )
    joining = clusters.verdicts.filter(pl.col("decision") == "same")
    cut = _cut(joining.select("left_id", "right_id", "id").rows(), *pair)
    before = clusters.verdicts.filter(pl.col("id").is_in(cut))
    after = before.with_columns(retracted_in=pl.lit(revision.next), changeset_id=pl.lit(revision.next))
    change = edit("verdict", updated=(before, after))
    return _recomputed(f"duplicates unmerge {pair[0]} {pair[1]}", change, clusters, revision, rules, next_ids)


def _root(clusters: golden.Clusters, contact: int) -> int:
    found = clusters.contacts.filter(pl.col("id") == contact)["root_id"]
    if found.is_empty():
        raise UsageError(f"There is no contact {contact}.", "Find it with: crmtool contacts find TEXT")
    return int(found[0])


def _contradiction(left: int, right: int, decision: str, clusters: golden.Clusters) -> None:
    """Refuse a verdict against one that holds, or that says the same again."""
    if left == right:
        done = "are one already" if decision == "same" else "are merged"
        raise UsageError(
            f"These contacts {done}: both lead to {left}.", "Part them with: crmtool duplicates unmerge A B"
        )
    rooted = dict(clusters.contacts.select("id", "root_id").rows())
    kept_apart = clusters.verdicts.filter(pl.col("decision") == "different")
    for a, b, by, number in kept_apart.select("left_id", "right_id", "by", "changeset_id").rows():
        if {rooted.get(a), rooted.get(b)} == {left, right}:
            error = Conflict if decision == "same" else UsageError
            raise error(
                f"{by} decided in change set {number} that contacts {left} and {right} are different.",
                f"If that was wrong, take it back first: crmtool undo {number}",
            )


def _recomputed(
    command: str,
    change: Edit,
    clusters: golden.Clusters,
    revision: Revision,
    rules: Rules,
    next_ids: Mapping[str, int],
) -> Plan:
    """Return the plan of a change of verdicts with the golden records that follow."""
    kept = clusters.verdicts.filter(~pl.col("id").is_in(change.before["id"].implode()))
    holding = pl.concat([kept, change.created, change.after]).filter(pl.col("retracted_in").is_null())
    after = replace(clusters, verdicts=holding)
    ids = clusters.contacts["id"]
    computed = golden.recomputed(ids, after, rules.survivorship, revision.next, next_ids["channel"])
    return Plan(command, revision, rules.fingerprint, plans.merged([{"verdict": change}, computed]))


def _cut(edges: Iterable[tuple[int, int, int]], start: int, goal: int) -> list[int]:
    """Return the ids of edges (a, b, id) to take away so that no path is left: on each path, the newest."""
    left = list(edges)
    cut: list[int] = []
    while path := _path(left, start, goal):
        cut.append(max(path))
        left = [edge for edge in left if edge[2] != cut[-1]]
    return cut


def _path(edges: list[tuple[int, int, int]], start: int, goal: int) -> list[int]:
    """Return the ids of the edges on a shortest path, none when there is no path."""
    neighbours: dict[int, list[tuple[int, int]]] = {}
    for a, b, i in chain(edges, ((b, a, i) for a, b, i in edges)):
        neighbours.setdefault(a, []).append((b, i))
    came: dict[int, tuple[int, int]] = {start: (start, 0)}  # contact -> the one before it on the way, and the edge
    queue = deque([start])
    while queue and goal not in came:
        here = queue.popleft()
        for there, i in neighbours.get(here, ()):
            if there not in came:
                came[there] = (here, i)
                queue.append(there)
    return _walked(came, goal) if goal in came else []


def _walked(came: Mapping[int, tuple[int, int]], goal: int) -> list[int]:
    """Return the ids of the edges on the way back from `goal` to the contact that came from itself."""
    edges = []
    here, (before, edge) = goal, came[goal]
    while before != here:
        edges.append(edge)
        here, (before, edge) = before, came[before]
    return edges
