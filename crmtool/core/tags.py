"""Tags of contacts: another name for one or several, and the quarterly list of what should be looked at.

To add a reason for review: a line in `_REASONS` and an expression in `review`.
"""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.comparators.names import match_key_of
from crmtool.core.folding import folded, folds
from crmtool.core.plans import Plan, Revision, edit

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from crmtool.core.tag_rules import Tags

#: Columns of tags in use: how many contacts have one, and the day it was last given.
USED: dict[str, pl.DataType] = {"tag": pl.String(), "contacts": pl.Int64(), "last_on": pl.String()}

#: Columns of the review: `like` is the tag it is nearly the same as.
REVIEW: dict[str, pl.DataType] = {
    "tag": pl.String(),
    "contacts": pl.Int64(),
    "reason": pl.String(),
    "like": pl.String(),
}
_REASONS = ("expired", "near-duplicate", "unknown", "unused", "idle")
_NEAR = 88.0  # of 100: how alike two keys of some length must be
_LONG = 6  # characters of a key that may differ in one
_MOST = 3_000  # tags compared each with each: four million pairs, a second


def plan_renamed(
    rows: pl.DataFrame, old: Iterable[str], new: str, command: str, revision: Revision, fingerprint: str
) -> Plan:
    """Return the plan that gives contacts the tag `new` in place of some others.

    `rows` are those of contact_tag that have an old tag or the new one, whatever their case. A contact that has the new
    one already just loses the others.
    """
    olds = {folded(tag) for tag in old}
    affected = rows.filter(folds(rows["tag"]).is_in([*olds, folded(new)]) & (rows["tag"] != new)).sort("id")
    have = rows.filter(pl.col("tag") == new)["contact_id"]
    first = ~pl.col("contact_id").is_in(have.implode()) & pl.col("contact_id").is_first_distinct()
    before = affected.filter(first)
    after = before.with_columns(tag=pl.lit(new), changeset_id=pl.lit(revision.next, pl.Int64))
    removed = affected.join(before, on="id", how="anti")
    return Plan(
        command, revision, fingerprint, {"contact_tag": edit("contact_tag", updated=(before, after), removed=removed)}
    )


def review(used: pl.DataFrame, tags: Tags, today: dt.date) -> pl.DataFrame:
    """Return the tags that somebody should look at (columns: REVIEW), the most used first under each reason.

    `used` has the tags of contacts (columns: USED). Expired: past its last day and still on contacts; near-duplicate:
    perhaps the same as one used more; unknown: no near-duplicate, and not in the dictionary; unused: in it and on
    nobody; idle: given to nobody for the months that the dictionary says.
    """
    known = {folded(name): rule for name, rule in tags.tag.items()}
    over = {name for name, rule in known.items() if rule.until is not None and rule.until < today}
    rows = used.with_columns(fold=folds(used["tag"]))
    idle = pl.col("last_on").str.to_date("%Y-%m-%d", strict=False).dt.offset_by(f"{tags.idle_months}mo") < today
    here = set(rows["fold"])
    on_nobody = [(name, 0, None) for name in tags.tag if folded(name) not in here]
    near = _near(used)
    parts = {
        "expired": rows.filter(pl.col("fold").is_in(list(over))),
        "near-duplicate": rows.join(near, on="tag"),
        "unknown": rows.filter(~pl.col("fold").is_in(list(known))).join(near, on="tag", how="anti"),
        "unused": pl.DataFrame(on_nobody, schema=USED, orient="row"),
        "idle": rows.filter(idle),
    }
    shaped = [_shaped(part, reason) for reason, part in parts.items()]
    order = pl.col("reason").cast(pl.Enum(_REASONS))
    return pl.concat(shaped).sort(order, pl.col("contacts"), "tag", descending=[False, True, False])


def _shaped(rows: pl.DataFrame, reason: str) -> pl.DataFrame:
    like = pl.col("like") if "like" in rows.columns else pl.lit(None, pl.String).alias("like")
    return rows.select("tag", "contacts", pl.lit(reason).alias("reason"), like).cast(pl.Schema(REVIEW))


def key(tag: str) -> str:
    """Return a key under which ways to write one tag meet: separators, alphabets and the century of a year are gone.

    >>> key("вебинар_май24") == key("Вебинар май 24") == key("vebinar-may 2024")
    True
    """
    apart = re.sub(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])|[\W_]+", " ", folded(tag))
    short = re.sub(r"\b20(\d\d)\b", r"\1", apart)
    return (match_key_of(short) or short).replace(" ", "")


def _near(used: pl.DataFrame) -> pl.DataFrame:
    """Return tags that are nearly the same as one that more contacts have (columns tag, like); each once."""
    ordered = used.sort(pl.col("contacts"), "tag", descending=[True, False])["tag"].head(_MOST).to_list()
    keys = {tag: key(tag) for tag in ordered}
    like: dict[str, str] = {}
    for more, less in combinations(ordered, 2):
        if less not in like and more not in like and _alike(keys[more], keys[less]):
            like[less] = more
    return pl.DataFrame(
        {"tag": list(like), "like": list(like.values())}, schema={"tag": pl.String(), "like": pl.String()}
    )


def _alike(one: str, other: str) -> bool:
    """Tell whether two keys are the same, or long and nearly so; numbers must agree: "expo 24" is not "expo 25"."""
    if one == other:
        return True
    if min(len(one), len(other)) < _LONG or _digits(one) != _digits(other):
        return False
    from rapidfuzz import fuzz

    return fuzz.ratio(one, other, score_cutoff=_NEAR) > 0


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
