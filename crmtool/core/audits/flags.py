"""How fresh the base is: every value of the regulation as a green, yellow or red flag, and their counts.

    green   confirmed, and the next check is more than `due_days` away
    yellow  the next check is at most `due_days` away; or nobody has confirmed the value yet and it is new
    red     the check is overdue; or never confirmed and no longer new; or found wrong or unreachable since confirmed

A flag speaks of one value: what was found out about another value of the field does not count. Days after `as_of` are
not known yet. To add a reason: a branch in `_judged`; to add a flag: a line in `FLAGS`, from best to worst.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.errors import RuleError

if TYPE_CHECKING:
    import datetime as dt

    from crmtool.core.freshness_rules import Check, Freshness

#: From best to worst.
FLAGS = ("green", "yellow", "red")

SCHEMA: dict[str, pl.DataType] = {
    "contact_id": pl.Int64(),
    "name": pl.String(),
    "owner": pl.String(),
    "field": pl.String(),
    "value": pl.String(),
    "flag": pl.String(),
    "due_on": pl.Date(),  # the day of the next check; null: never confirmed, and nobody knows since when it is here
    "verified_on": pl.Date(),  # the last time this very value was confirmed
    "reason": pl.String(),
    "checker": pl.String(),  # the role that checks
    "how": pl.String(),
}

_KEY = ("contact_id", "field", "value")


def flags(
    contacts: pl.DataFrame, verifications: pl.DataFrame, seen: pl.DataFrame, rules: Freshness, as_of: dt.date
) -> pl.DataFrame:
    """Return a flag for each value of a field that `rules` has checked (columns: SCHEMA), by contact and field.

    `contacts`: id, name, owner and the fields, roots only; `verifications`: contact_id of the root, field, value,
    outcome, on; `seen`: contact_id, on, the last day on which the contact's values came in. Days are ISO text. On one
    day "wrong" outdoes "unreachable" and both outdo "confirmed". Reasons: verified, due soon, overdue, new, never
    verified, found wrong, unreachable. Raises RuleError for a field that contacts do not have.
    """
    _demand_fields(contacts, rules)
    known, came = _known(verifications, as_of), _came(seen, as_of)
    dated = [_dated(_values(contacts, check), known, came, check) for check in rules.check]
    judged = [_judged(values, rules.due_days, as_of) for values in dated]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *judged]).sort(*_KEY, "checker", "how")


def by_contact(flags: pl.DataFrame) -> pl.DataFrame:
    """Return the worst flag of each contact, its first due day, and how many of its values have which flag.

    Columns: contact_id, name, owner, flag, due_on, green, yellow, red; worst first, then by due day and contact.
    """
    ranked = flags.group_by("contact_id").agg(
        pl.col("name", "owner").first(), _rank().max().alias("rank"), pl.col("due_on").min(), *_counts()
    )
    return (
        ranked.with_columns(flag=pl.col("rank").replace_strict(dict(enumerate(FLAGS)), return_dtype=pl.String))
        .sort(pl.col("rank"), "due_on", "contact_id", descending=[True, False, False])
        .select("contact_id", "name", "owner", "flag", "due_on", *FLAGS)
    )


def summary(flags: pl.DataFrame, by: str = "owner") -> pl.DataFrame:
    """Return how many values have which flag, by a column of SCHEMA (columns: by, green, yellow, red, total).

    In the order of `by`; values of nobody (null) come last.
    """
    return flags.group_by(by).agg(*_counts(), total=pl.len().cast(pl.Int64)).sort(by, nulls_last=True)


def worst_first(flags: pl.DataFrame) -> pl.DataFrame:
    """Return the flags as a work list: red before yellow before green, longest due first."""
    return flags.sort(_rank(), "due_on", "contact_id", "field", descending=[True, False, False, False])


def _rank() -> pl.Expr:
    """Return how bad a flag is, from 0."""
    return pl.col("flag").replace_strict(FLAGS, range(len(FLAGS)), return_dtype=pl.Int8)


def _counts() -> list[pl.Expr]:
    return [(pl.col("flag") == flag).sum().cast(pl.Int64).alias(flag) for flag in FLAGS]


def _day(column: str) -> pl.Expr:
    """Return ISO text as days; what is no day is null and so proves nothing."""
    return pl.col(column).str.to_date("%Y-%m-%d", strict=False)


def _known(verifications: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Return, for each value, the last day of each outcome until `as_of` (columns: _KEY and an outcome each)."""
    until = verifications.with_columns(_day("on")).filter(pl.col("on") <= as_of)
    outcomes = ("confirmed", "wrong", "unreachable")
    return until.group_by(_KEY).agg(pl.col("on").filter(pl.col("outcome") == one).max().alias(one) for one in outcomes)


def _came(seen: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Return the last day until `as_of` on which values of a contact came in (columns: contact_id, seen)."""
    return (
        seen.with_columns(_day("on")).filter(pl.col("on") <= as_of).group_by("contact_id").agg(seen=pl.col("on").max())
    )


def _demand_fields(contacts: pl.DataFrame, rules: Freshness) -> None:
    absent = [check.field for check in rules.check if check.field not in contacts.columns]
    if absent:
        raise RuleError([f"freshness.toml: check.field: contacts have no single value {field!r}" for field in absent])


def _values(contacts: pl.DataFrame, check: Check) -> pl.DataFrame:
    """Return the values one line of the regulation has checked."""
    return contacts.select(
        pl.col("id").alias("contact_id"),
        "name",
        "owner",
        pl.lit(check.field).alias("field"),
        pl.col(check.field).cast(pl.String).alias("value"),
        pl.lit(check.owner).alias("checker"),
        pl.lit(check.how).alias("how"),
    ).drop_nulls("value")


def _dated(values: pl.DataFrame, known: pl.DataFrame, came: pl.DataFrame, check: Check) -> pl.DataFrame:
    """Add the day a value was last found bad, when it is to be confirmed again, and until when it is new."""
    joined = values.join(known, on=_KEY, how="left").join(came, on="contact_id", how="left")
    return joined.with_columns(
        failed=pl.max_horizontal("wrong", "unreachable"),
        again=pl.col("confirmed").dt.offset_by(f"{check.every_months}mo"),
        new_until=pl.col("seen") + pl.duration(days=check.grace_days),
    )


def _judged(values: pl.DataFrame, due_days: int, as_of: dt.date) -> pl.DataFrame:
    """Return the values with flag, reason, due_on and verified_on; the first reason that holds is the one."""
    bad = pl.col("failed").is_not_null() & (pl.col("failed") >= pl.col("confirmed")).fill_null(value=True)
    never = pl.col("confirmed").is_null()
    left = (pl.col("again") - as_of).dt.total_days()
    reason = (
        pl.when(bad & (pl.col("wrong") == pl.col("failed")))
        .then(pl.lit("found wrong"))
        .when(bad)
        .then(pl.lit("unreachable"))
        .when(never & (pl.col("new_until") >= as_of))
        .then(pl.lit("new"))
        .when(never)
        .then(pl.lit("never verified"))
        .when(left < 0)
        .then(pl.lit("overdue"))
        .when(left <= due_days)
        .then(pl.lit("due soon"))
        .otherwise(pl.lit("verified"))
    )
    due = pl.when(bad).then("failed").when(never).then("new_until").otherwise("again")
    shades = {"verified": "green", "due soon": "yellow", "new": "yellow"}
    flag = reason.replace_strict(shades, default="red", return_dtype=pl.String)
    return values.with_columns(flag=flag, reason=reason, due_on=due, verified_on="confirmed").select(*SCHEMA)
