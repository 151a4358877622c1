"""Duplicates in the store: its contacts matched, persons with persons and companies with companies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.duplicates import blocking, matching, queue
from crmtool.io import gathering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmtool.core.duplicates.matching import Matched
    from crmtool.core.rules import Match
    from crmtool.io.store import Store

_PAIR = {"left_id": pl.Int64(), "right_id": pl.Int64()}
_DIFFERENT = "v.decision = 'different'"
_WEIGHED = "(v.decision <> 'unsure' OR v.weight IS NOT NULL)"
_UNWEIGHED = "v.decision = 'unsure' AND v.weight IS NULL"


def found(store: Store, rules: Match) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the pairs of root contacts to put before a person (`queue.OFFERED`), and what blocking brought.

    They are those that are probably the same and not known yet, and those that wait without a weight.
    """
    known, waiting = _pairs(store, _WEIGHED), _pairs(store, _UNWEIGHED)
    pairs, blocks = [pl.DataFrame(schema=queue.OFFERED)], [pl.DataFrame(schema=blocking.REPORT)]
    for _, parties, matched in each(store, rules):
        ids = parties["id"]
        every = pl.concat([queue.offered(matched, ids), queue.weighed(matched, ids, waiting)])
        pairs.append(queue.fresh(every.unique(list(_PAIR), keep="first", maintain_order=True), known))
        blocks.append(matched.candidates.report)
    return pl.concat(pairs).sort("weight", "left_id", "right_id", descending=[True, False, False]), pl.concat(blocks)


def each(store: Store, rules: Match) -> Iterator[tuple[str, pl.DataFrame, Matched]]:
    """Yield the contacts of each kind as parties (with id), and how they matched."""
    everyone, different = gathering.parties(store), _pairs(store, _DIFFERENT)
    for (kind,), parties in everyone.group_by("kind", maintain_order=True):
        if parties.height > 1:
            ids = parties["id"]
            rows = pl.DataFrame({"id": ids}).with_row_index("row")
            apart = different.join(rows, left_on="left_id", right_on="id").join(rows, left_on="right_id", right_on="id")
            sides = [apart[name].cast(pl.Int64).to_numpy() for name in ("row", "row_right")]
            matched = matching.matched(parties.drop("id", "kind"), rules, apart=(sides[0], sides[1]))
            yield str(kind), parties, matched


def _pairs(store: Store, condition: str) -> pl.DataFrame:
    """Return the pairs of roots that holding verdicts of some sort are about."""
    sql = f"""SELECT DISTINCT min(l.root_id, r.root_id), max(l.root_id, r.root_id) FROM verdict v
              JOIN contact l ON l.id = v.left_id JOIN contact r ON r.id = v.right_id
              WHERE v.retracted_in IS NULL AND l.root_id <> r.root_id AND {condition}"""  # noqa: S608  # words of our own
    return store.query(sql, [], _PAIR)
