"""What was found out about values, many at once: from a filled work list, or a report of a mailing tool.

A verification is only ever added. To understand another answer: a word in `[outcomes]` of `rules/freshness.toml`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import golden, model
from crmtool.core.folding import folded, folds
from crmtool.core.plans import Plan, edit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmtool.core.freshness_rules import Outcomes
    from crmtool.core.plans import Revision
    from crmtool.core.rules import Rules

#: What is said of one value.
SAID: dict[str, pl.DataType] = {
    name: model.TABLES["verification"][name]
    for name in ("contact_id", "field", "value", "outcome", "on", "by", "method")
}
OUTCOMES = ("confirmed", "wrong", "unreachable")


def outcomes(answers: pl.Series, rules: Outcomes) -> pl.Series:
    """Return the outcome that each answer means, null where the rules know no such answer.

    An answer is known as a whole or by what stands before its first sign: "Hard: unknown user" is "hard".
    """
    words = {folded(word): outcome for outcome in OUTCOMES for word in getattr(rules, outcome)}
    whole = folds(answers)
    beginning = whole.str.extract(r"^([\pL\pN _-]+)", 1).str.strip_chars()
    return pl.select(
        pl.coalesce(each.replace_strict(words, default=None, return_dtype=pl.String) for each in (whole, beginning))
    ).to_series()


def plan_verifications(
    command: str,
    said: pl.DataFrame,
    known: pl.DataFrame,
    revision: Revision,
    rules: Rules,
    next_ids: Mapping[str, int],
    clusters: golden.Clusters,
) -> Plan:
    """Return the plan that keeps what was found out (`said`: columns of SAID); what is `known` already is left out.

    `clusters` are those of the contacts: golden records follow where the rules let a verified value survive.
    """
    key = ["contact_id", "field", "value", "outcome", "on", "method"]
    new = said.select(*SAID).unique(key, maintain_order=True, keep="first")
    new = new.join(known.select(key), on=key, how="anti", nulls_equal=True, maintain_order="left")
    rows = new.sort("contact_id", maintain_order=True).with_columns(
        id=pl.int_range(pl.len(), dtype=pl.Int64) + next_ids["verification"],
        changeset_id=pl.lit(revision.next, pl.Int64),
    )
    change = {"verification": edit("verification", created=rows)}
    edits = golden.after_checks(change, clusters, rules.survivorship, revision.next, next_ids)
    return Plan(command, revision, rules.fingerprint, edits)
