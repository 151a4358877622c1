"""Duplicates in the store: its contacts matched, persons with persons and companies with companies."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core.duplicates import blocking, matching, models, queue, reweighing
from crmtool.io import gathering

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crmtool.core.comparators.coding import Numbers
    from crmtool.core.duplicates.matching import Matched
    from crmtool.core.duplicates.models import Trained
    from crmtool.core.duplicates.reweighing import Judged
    from crmtool.core.match_rules import Model
    from crmtool.core.rules import Rules
    from crmtool.io.store import Store

_PAIR = {"left_id": pl.Int64(), "right_id": pl.Int64()}
#: Sorts of verdicts: two are different; decided, or weighed; waiting without a weight.
DIFFERENT = "v.decision = 'different'"
WEIGHED = "(v.decision <> 'unsure' OR v.weight IS NOT NULL)"
UNWEIGHED = "v.decision = 'unsure' AND v.weight IS NULL"
_JUDGED = """SELECT left_id, right_id, max(decision = 'same') FROM verdict
             WHERE retracted_in IS NULL AND decision IN ('same', 'different') AND "by" NOT LIKE 'rule:%'
             GROUP BY min(left_id, right_id), max(left_id, right_id) ORDER BY min(id)"""


class Found(NamedTuple):
    """Pairs of root contacts (`queue.OFFERED`), what blocking brought (`blocking.REPORT`), what weighed them."""

    pairs: pl.DataFrame
    blocks: pl.DataFrame
    told: list[str]


def found(store: Store, rules: Rules) -> Found:
    """Return the pairs of root contacts to put before a person, and what there is to say of them.

    They are those that are probably the same and not known yet, and those that wait without a weight.
    """
    known, waiting = judged(store, WEIGHED), judged(store, UNWEIGHED)
    pairs, blocks = [pl.DataFrame(schema=queue.OFFERED)], [pl.DataFrame(schema=blocking.REPORT)]
    counts = {}
    for kind, parties, matched in each(store, rules):
        ids = parties["id"]
        counts[kind] = parties.height
        pairs.append(to_ask(matched, ids, waiting, known))
        blocks.append(matched.candidates.report)
    ordered = pl.concat(pairs).sort("weight", "left_id", "right_id", descending=[True, False, False])
    return Found(ordered, pl.concat(blocks), told(rules, counts))


def to_ask(matched: Matched, ids: pl.Series, waiting: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of a match to put before a person: those `waiting` without a weight too, those `known` not."""
    every = pl.concat([queue.offered(matched, ids), queue.weighed(matched, ids, waiting)])
    return queue.fresh(every.unique(list(_PAIR), keep="first", maintain_order=True), known)


def each(store: Store, rules: Rules) -> Iterator[tuple[str, pl.DataFrame, Matched]]:
    """Yield the contacts of each kind as parties (with id), and how they matched.

    The model that was trained decides where it fits; else what it would be is learned on the way, and not kept.
    """
    different, match = judged(store, DIFFERENT), rules.duplicates.match
    for kind, parties in kinds(store, rules):
        model = usable(rules, kind, parties.height)
        sides = placed(parties["id"], different)
        yield kind, parties, matching.matched(parties.drop("id", "kind"), match, apart=sides, model=model)


def kinds(store: Store, rules: Rules) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the root contacts of each kind of which there is more than one, as parties with id and kind."""
    for (kind,), parties in gathering.parties(store, gathering.forms(rules)).group_by("kind", maintain_order=True):
        if parties.height > 1:
            yield str(kind), parties


def usable(rules: Rules, kind: str, contacts: int) -> Model | None:
    """Return the model for so many contacts of a kind; None where there is none that fits (see `models.unfit`)."""
    learned = rules.learned
    fits = models.unfit(learned, kind, rules.duplicates.match, contacts) is None
    return learned.of(kind) if learned and fits else None


def told(rules: Rules, counts: Mapping[str, int]) -> list[str]:
    """Return by what the contacts of each kind are weighed, in sentences; nothing where nothing was ever trained."""
    learned, match = rules.learned, rules.duplicates.match
    if learned is None:
        return []
    reasons = {kind: models.unfit(learned, kind, match, many) for kind, many in counts.items()}
    by = [f"Weighed by the model of {learned.day}."] if None in reasons.values() else []
    return by + [
        f"The model of {learned.day} is not used for a {kind}: {reason}. Learn anew with: crmtool duplicates train"
        for kind, reason in reasons.items()
        if reason
    ]


def trained(store: Store, rules: Rules) -> Iterator[tuple[str, Trained]]:
    """Yield what is learned from the contacts of each kind."""
    for kind, parties in kinds(store, rules):
        yield kind, matching.trained(parties.drop("id", "kind"), rules.duplicates.match)


def decided(store: Store, rules: Rules) -> Iterator[tuple[str, Model, Judged]]:
    """Yield for each kind what people decided about pairs, as the weights see them, and the model these are of.

    Contacts that were joined are compared as they were alone. The model is the one that was trained where it fits, else
    what would be.
    """
    for kind, roots in kinds(store, rules):
        pairs = store.query(_JUDGED, [], {**_PAIR, "same": pl.Int64()})
        ids = pl.concat([pairs["left_id"], pairs["right_id"]]).unique()
        alone = gathering.parted(store, ids, rules.survivorship, gathering.forms(rules)).filter(pl.col("kind") == kind)
        parties = pl.concat([roots.join(alone, on="id", how="anti", maintain_order="left"), alone])
        fields, match = parties.drop("id", "kind"), rules.duplicates.match
        model = usable(rules, kind, roots.height) or models.model(matching.trained(roots.drop("id", "kind"), match))
        comparisons = matching.compared(fields, model)[1]
        rows = pl.int_range(parties.height, dtype=pl.Int64, eager=True)
        if comparisons:
            inside = pairs.filter(pl.all_horizontal(pl.col(*_PAIR).is_in(alone["id"].implode())))
            left, right = (inside[side].replace_strict(parties["id"], rows).to_numpy() for side in _PAIR)
            weights = replace(models.weights(model), scale={})
            yield kind, model, reweighing.judged(comparisons, weights, left, right, (inside["same"] == 1).to_numpy())


def placed(ids: pl.Series, pairs: pl.DataFrame) -> tuple[Numbers, Numbers]:
    """Return pairs of contacts (left_id, right_id) as rows of `ids`; those of others are left out."""
    rows = pl.DataFrame({"id": ids, "row": pl.int_range(len(ids), dtype=pl.Int64, eager=True)})
    here = pairs.join(rows, left_on="left_id", right_on="id", maintain_order="left").join(
        rows, left_on="right_id", right_on="id", maintain_order="left"
    )
    return here["row"].to_numpy(), here["row_right"].to_numpy()


def judged(store: Store, condition: str, ids: pl.Series | None = None) -> pl.DataFrame:
    """Return the pairs of roots that holding verdicts of some sort are about; with `ids` those of these contacts."""
    what = f"""SELECT DISTINCT min(l.root_id, r.root_id), max(l.root_id, r.root_id) FROM {{}}
               JOIN contact l ON l.id = v.left_id JOIN contact r ON r.id = v.right_id
               WHERE v.retracted_in IS NULL AND l.root_id <> r.root_id AND {condition}"""
    if ids is None:
        return store.query(what.format("verdict v"), [], _PAIR)
    nodes = """json_each(?) k CROSS JOIN contact a ON a.id = k.value CROSS JOIN contact n ON n.root_id = a.root_id
               CROSS JOIN verdict v ON v.{} = n.id"""
    sides = [what.format(nodes.format(side)) for side in _PAIR]
    return store.query(" UNION ".join(sides), [json.dumps(ids.to_list())] * 2, _PAIR)
