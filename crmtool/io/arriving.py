"""The contacts that an import brings, matched with the base by the stored model: what `duplicates find` would find.

Only contacts that the import touched are looked at, and those they hang together with; the rest is not read.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from crmtool.core.duplicates import arrivals, matching, models, queue
from crmtool.io import doubles, gathering, match_keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crmtool.core.duplicates.matching import Matched
    from crmtool.core.match_rules import Model
    from crmtool.core.plans import Plan
    from crmtool.core.rules import Rules
    from crmtool.io.match_keys import Database
    from crmtool.io.store import Store

    #: Pairs to ask about (`queue.OFFERED`), and why there are none.
    Offered = tuple[pl.DataFrame, str | None]

_SMALL = 1_400  # contacts: so few are compared each with each, as `find` does
_MOST = 50_000  # contacts: so many at once are for `find`
_FAR = 6  # steps from a new contact over contacts that hang together
_PAIR = {"left_id": pl.Int64(), "right_id": pl.Int64()}


class Heard(NamedTuple):
    """What there is to say: pairs put into the queue, those of them that are certain, and who was not matched, why."""

    matched: int = 0
    certain: int = 0
    unmatched: str | None = None


def trained(rules: Rules) -> dict[str, Model]:
    """Return the models that imports match by; none where they shall not, or the rules have changed since."""
    learned, match = rules.learned, rules.duplicates.match
    if learned is None or not match.at_import:
        return {}
    kept = {kind: learned.of(kind) for kind in ("person", "company")}
    return {
        kind: model for kind, model in kept.items() if model and models.unfit(learned, kind, match, model.rows) is None
    }


def plans(store: Store, rules: Rules, folder: Path, before: Iterator[Plan], heard: list[Heard]) -> Iterator[Plan]:
    """Yield the plans of an import, and after them the one that puts new pairs into the queue.

    `folder` is the workspace, whose codes (`match_keys`) are brought up to date; `heard` is told what came of it.
    """
    kept, number = trained(rules), store.revision().number
    small = store.next_ids()["contact"] <= _SMALL
    with nullcontext() if small else match_keys.opened(folder) as db:
        if db is not None:
            match_keys.kept(db, store, rules, kept)
        yield from before
        touched = match_keys.touched_since(store, number)
        if touched.is_empty():
            return
        if touched.len() > _MOST:
            heard.append(Heard(unmatched=f"{touched.len()} contacts at once are for: crmtool duplicates find"))
            return
        if db is None:
            found = [_among_few(store, rules, kind, touched) for kind in kept]
        else:
            with match_keys.looking(db):
                match_keys.updated(db, store, rules, kept)
                found = [_among_many(db, store, rules, kind, touched) for kind in kept]
    pairs = pl.concat([pairs for pairs, _ in found]).sort("weight", *_PAIR, descending=[True, False, False])
    reasons = [reason for _, reason in found if reason]
    heard.append(Heard(pairs.height, int(pairs["certain"].sum()), "; ".join(reasons) or None))
    ids = store.next_ids()["verdict"]
    yield queue.plan_find(pairs, {}, store.revision(), rules.fingerprint, ids)


def _among_few(store: Store, rules: Rules, kind: str, touched: pl.Series) -> Offered:
    """Return the new pairs of a kind in a small base: all contacts are compared with all, as `find` does."""
    here = gathering.parties(store, gathering.forms(rules)).filter(pl.col("kind") == kind)
    reason, model = _model(rules, kind, here.height)
    if model is None:
        return pl.DataFrame(schema=queue.OFFERED), reason
    apart = doubles.placed(here["id"], doubles.judged(store, doubles.DIFFERENT))
    found = matching.matched(here.drop("id", "kind"), rules.duplicates.match, apart=apart, model=model)
    return _new(store, found, here["id"], touched), None


def _among_many(db: Database, store: Store, rules: Rules, kind: str, touched: pl.Series) -> Offered:
    """Return the new pairs of a kind in a large base: of those who share a code, and who hangs together with them."""
    none, match = pl.DataFrame(schema=queue.OFFERED), rules.duplicates.match
    reason, model = _model(rules, kind, match_keys.parties(db, kind))
    if model is None:
        return none, reason
    here, pairs = _neighbours(db, store, model, kind, rules, touched)
    if here.is_empty():
        return none, None
    apart = doubles.placed(here["id"], doubles.judged(store, doubles.DIFFERENT, here["id"]))
    near, counts = doubles.placed(here["id"], pairs), match_keys.counting(db, kind)
    found = arrivals.matched(here.drop("id", "kind"), near, match, model, counts, apart)
    return _new(store, found, here["id"], touched), None


def _model(rules: Rules, kind: str, many: int) -> tuple[str | None, Model | None]:
    """Return the model of a kind, or why there is none to use."""
    reason = models.unfit(rules.learned, kind, rules.duplicates.match, many)
    if reason:
        return f"the model does not fit a {kind}: {reason}; learn anew with: crmtool duplicates train", None
    return None, rules.learned.of(kind) if rules.learned else None


def _neighbours(
    db: Database, store: Store, model: Model, kind: str, rules: Rules, touched: pl.Series
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the touched contacts of a kind and those they hang together with, as parties, and the pairs of them."""
    bars, counts = arrivals.bars(model, kind, rules.duplicates.match), match_keys.counting(db, kind)
    asked, asking, forms = touched, touched, gathering.forms(rules)
    pairs, here = pl.DataFrame(schema=_PAIR), gathering.parties(store, forms, touched.clear())
    for _ in range(_FAR):
        fresh = match_keys.meeting(db, asking, bars).join(pairs, on=[*_PAIR], how="anti")
        pairs = pl.concat([pairs, fresh])
        ends = pl.concat([fresh["left_id"], fresh["right_id"].rename("left_id")]).unique()
        further = gathering.parties(store, forms, ends.filter(~ends.is_in(here["id"].implode())).sort())
        here = pl.concat([here, further.filter(pl.col("kind") == kind)]).sort("id")
        compared = here.filter(pl.col("id").is_in(ends.implode()))
        near = arrivals.near(compared.drop("id", "kind"), doubles.placed(compared["id"], fresh), model, counts)
        members = compared["id"].gather(np.unique(np.concatenate([near.left, near.right])))
        asking = members.filter(~members.is_in(asked.implode()))
        asked = pl.concat([asked.rename("id"), asking.rename("id")])
        if asking.is_empty():
            break
    return here, pairs.sort(*_PAIR)


def _new(store: Store, found: Matched, ids: pl.Series, touched: pl.Series) -> pl.DataFrame:
    """Return the pairs to ask about that have a touched contact; the others are not asked about on the way."""
    waiting, known = (doubles.judged(store, sort, touched) for sort in (doubles.UNWEIGHED, doubles.WEIGHED))
    pairs = doubles.to_ask(found, ids, waiting, known)
    roots = gathering.roots_of(store, touched)["root_id"].unique().implode()
    return pairs.filter(pl.col("left_id").is_in(roots) | pl.col("right_id").is_in(roots))
