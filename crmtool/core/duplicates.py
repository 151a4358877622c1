"""Which contacts may be the same: pairs that agree on an e-mail address, a phone number or a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import model, plans
from crmtool.core.comparators import names
from crmtool.core.plans import Plan, Revision

if TYPE_CHECKING:
    from crmtool.core.rules import Find

_PAIR = ("left_id", "right_id")


@dataclass(frozen=True)
class Found:
    """Pairs for a person to decide (left_id, right_id, reason); blocks too large to pair (kind, value, contacts)."""

    pairs: pl.DataFrame
    skipped: pl.DataFrame


def found(contacts: pl.DataFrame, channels: pl.DataFrame, decided: pl.DataFrame, rules: Find) -> Found:
    """Return the pairs of root contacts that agree on something `rules` name.

    `contacts` has id, kind and name of roots; `channels` has root_id, kind and value; `decided` has left_id and
    right_id (roots) of pairs that were judged or are waiting: these are not offered again.
    """
    keys = _keys(contacts, channels).filter(pl.col("kind").is_in(list(rules.by)))
    sizes = keys.group_by("kind", "value").agg(contacts=pl.len())
    large = sizes.filter(pl.col("contacts") > rules.max_block)
    blocks = keys.join(large, on=["kind", "value"], how="anti").join(
        sizes.filter(pl.col("contacts") > 1), on=["kind", "value"], how="semi"
    )
    agreeing = blocks.join(blocks, on=["kind", "value"], suffix="_right").filter(pl.col("id") < pl.col("id_right"))
    pairs = agreeing.group_by(left_id="id", right_id="id_right").agg(shared=pl.col("kind").unique().sort())
    fresh = pairs.join(_ordered(decided), on=_PAIR, how="anti")
    reason = pl.format("the same {}", pl.col("shared").list.join(", "))
    order = [pl.col("shared").list.len(), *(pl.col(name) for name in _PAIR)]
    named = fresh.sort(order, descending=[True, False, False]).select(*_PAIR, reason=reason)
    return Found(named, large.sort("contacts", "value", descending=[True, False]))


def plan_find(found: Found, revision: Revision, fingerprint: str, next_verdict: int) -> Plan:
    """Return the plan that puts pairs into the review queue."""
    number = revision.next
    queued = found.pairs.with_columns(
        id=pl.int_range(pl.len(), dtype=pl.Int64) + next_verdict,
        decision=pl.lit("unsure"),
        by=pl.lit("rule:find"),
        changeset_id=pl.lit(number),
    )
    edits = {"verdict": plans.edit("verdict", created=queued)}
    facts = {"pairs": found.pairs.height, "blocks_skipped": found.skipped.height}
    return Plan("duplicates find", revision, fingerprint, edits, facts=facts)


def _keys(contacts: pl.DataFrame, channels: pl.DataFrame) -> pl.DataFrame:
    """Return what contacts may agree on (columns id, kind, value), each once per contact."""
    tokens = names.match_key(contacts["name"]).str.split(" ").list.sort()
    # one word names too many people, but a company well enough
    enough = pl.when(pl.col("what") == "company").then(1).otherwise(2)
    by_name = contacts.select("id", tokens=tokens, what="kind").filter(pl.col("tokens").list.len() >= enough)
    whole = by_name.select("id", kind=pl.lit("name"), value=pl.format("{} {}", "what", pl.col("tokens").list.join(" ")))
    reached = channels.filter(pl.col("kind").is_in(["email", "phone"])).select("kind", "value", id="root_id")
    return pl.concat([whole, reached.select(whole.columns)]).unique(maintain_order=True)


def _ordered(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return pairs with the smaller id on the left."""
    both = pl.DataFrame(pairs, schema={name: model.TABLES["verdict"][name] for name in _PAIR})
    return both.select(left_id=pl.min_horizontal(*_PAIR), right_id=pl.max_horizontal(*_PAIR))
