"""The whole audit of a day, from the store and the rules: figures, health, tables, lists of work, and what changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core.audits import freshness
from crmtool.core.audits.quarters import Quarter, quarter_of
from crmtool.core.audits.report import WORK, Line, Report, Work, compared, health
from crmtool.io import freshness as reading
from crmtool.io.auditing import figures, people, segments, tables

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from crmtool.core.rules import Rules
    from crmtool.io.store import Store

ROWS = 400  # of a list; a page of a million rows opens nowhere
BY = ("owner", "source", "segment", "region", "field")


def report(
    store: Store,
    rules: Rules,
    day: dt.date,
    *,
    quarter: Quarter | None = None,
    by: tuple[str, ...] = ("owner", "field"),
    rows: int = ROWS,
) -> Report:
    """Return the audit of a day; nothing is written.

    `quarter` is the one whose imports are told, that of the day unless given; `by` names some of `BY`; `rows` bounds
    each list. Raises UsageError where a saved segment is no filter.
    """
    with store.reading():
        return _report(store, rules, day, quarter or quarter_of(day), by, rows)


def flags_of(store: Store, rules: Rules, day: dt.date) -> pl.DataFrame:
    """Return a flag for each value the regulation has checked (columns: `freshness.JUDGED`)."""
    return freshness.judged(reading.facts(store, rules, day), rules.freshness, day)


def work(store: Store, rules: Rules, flags: pl.DataFrame) -> list[dict[str, Any]]:
    """Return flags as rows of a work list, in their order, with names and values (keys: `WORK`)."""
    fields = list(dict.fromkeys(check.field for check in rules.freshness.check if check.field != "consent"))
    columns = list(dict.fromkeys(["id", "name", "email", "phone", "owner", *fields]))
    known = store.snapshot("contact", columns, where="id", keys=flags["contact_id"].unique())
    people = {row["id"]: row for row in known.to_dicts()}
    return [_task(flag, people[flag["contact_id"]], rules) for flag in flags.to_dicts()]


def _task(flag: Mapping[str, Any], contact: Mapping[str, Any], rules: Rules) -> dict[str, Any]:
    check = rules.freshness.check[flag["check"]]
    named = {"name": contact["name"] or contact["email"] or contact["phone"], "owner": contact["owner"]}
    said = {"field": check.field, "value": contact.get(check.field), "checker": check.owner, "how": check.how}
    every = {**flag, **named, **said}
    return {name: every[name] for name in WORK}


def _report(store: Store, rules: Rules, day: dt.date, quarter: Quarter, by: tuple[str, ...], rows: int) -> Report:
    who = people.people(store, rules.fields, reading.golden(rules), by, figures.looked_at(rules))
    standing = reading.standing(store, day)
    facts = reading.facts(store, rules, day, reading.Known(who.select("contact_id", "has"), standing))
    flags = freshness.judged(facts, rules.freshness, day)
    since = figures.months_before(day, rules.freshness.inactive_months)
    told = tables.Told(store, rules, day, quarter, who, flags, since)
    counts = _counts(told, facts.seen, standing)
    lines = tuple(_line(code, counts, told) for code in _OF)
    before, trend = _snapshots(store, quarter, day)
    required = int(who["asked"].sum())
    revision = store.revision()
    return Report(
        as_of=day,
        quarter=quarter,
        revision=revision.number,
        fingerprint=rules.fingerprint,
        rules=rules.freshness,
        contacts=who.height,
        lines=compared(lines, before.get("figures", {})),
        parts=health(counts, who.height, required - int(who["lacking"].sum()), required, rules.freshness.health),
        tables=tuple(tables.every(told, by, rows)),
        work=tuple(_work(store, rules, flags, flag, rows) for flag in ("red", "yellow")),
        before=before,
        trend=trend,
        digest=revision.digest,
    )


#: Code of a line -> the count it is a share of, and the command that mends it, if it is always the same.
_OF: dict[str, tuple[str, str]] = {
    "red": ("checked", "crmtool audit due"),
    "yellow": ("checked", "crmtool audit plan"),
    "green": ("checked", ""),
    "red_values": ("values", "crmtool audit due"),
    "never_verified": ("values", "crmtool audit plan"),
    "found_bad": ("values", "crmtool audit due --bad"),
    "incomplete": ("contacts", ""),
    "bad_email": ("emails", "crmtool audit due --bad --field email"),
    "bad_phone": ("phones", "crmtool audit due --bad --field phone"),
    "unreachable": ("contacts", 'crmtool contacts list --segment "email is empty and phone is empty"'),
    "invalid": ("", "crmtool refresh --dry-run"),
    "duplicates": ("", "crmtool duplicates review"),
    "duplicate_contacts": ("contacts", "crmtool duplicates review"),
    "merged": ("", "crmtool history"),
    "consent": ("contacts", ""),
    "no_consent": ("contacts", ""),
    "consent_expiring": ("consents", "crmtool audit due --field consent"),
    "consent_over": ("consents", "crmtool audit due --field consent"),
    "consent_withdrawn": ("consents", ""),
    "inactive": ("contacts", "crmtool contacts archive --inactive --dry-run"),
    "archived": ("", "crmtool contacts restore --help"),
    "no_owner": ("contacts", 'crmtool contacts list --segment "owner is empty"'),
    "strays": ("", "crmtool rules learn"),
    "stale_tags": ("tags", "crmtool tags review"),
    "empty_segments": ("segments", "crmtool segments list"),
    "imported": ("", "crmtool history"),
    "rejects": ("read", "crmtool history"),
    "writers": ("", "crmtool roles review"),
}


def _line(code: str, counts: Mapping[str, int], told: tables.Told) -> Line:
    of, command = _OF[code]
    if code == "incomplete":
        command = tables.listing(told)
    if code == "no_consent":
        command = tables.unasked(told.rules)
    return Line(code, counts[code], counts[of] if of else None, command if counts[code] else "")


def _counts(told: tables.Told, seen: pl.DataFrame, standing: pl.DataFrame) -> dict[str, int]:
    """Return every count there is, by code, and what shares are told of."""
    store, rules, who, flags = told.store, told.rules, told.people, told.flags
    reach = who.with_columns(
        **{
            f"good_{field}": pl.col(f"has_{field}") & ~pl.col("contact_id").is_in(_bad(told, field).implode())
            for field in ("email", "phone")
        }
    )
    return {
        "contacts": who.height,
        **figures.of_freshness(flags, told.colours["flag"], rules),
        **figures.of_duplicates(store, who),
        **figures.of_consent(standing, who, told.day, rules.freshness.due_days),
        "emails": int(who["has_email"].sum()),
        "phones": int(who["has_phone"].sum()),
        "incomplete": int((who["lacking"] > 0).sum()),
        "unreachable": int((~(reach["good_email"] | reach["good_phone"])).sum()),
        "invalid": figures.invalid(rules, told.day, who),
        "inactive": figures.inactive(store, who, seen, told.since).len(),
        "archived": figures.counted(store, "SELECT count(*) FROM archived"),
        "no_owner": who["owner"].null_count(),
        "strays": told.strays.height,
        "stale_tags": told.stale_tags.height,
        "tags": figures.counted(store, "SELECT count(DISTINCT tag) FROM contact_tag"),
        "empty_segments": segments.empty(store, rules, told.day, flags),
        "segments": len(rules.segments),
        "imported": int(told.files["rows"].sum()),
        "rejects": int(told.files["rejects"].sum()),
        "read": int(told.files["rows"].sum()) + int(told.files["rejects"].sum()),
        "writers": told.sets["actor"].n_unique() if told.sets.height else 0,
    }


def _bad(told: tables.Told, field: str) -> pl.Series:
    return told.flags.filter(figures.is_bad(told.flags, told.rules, field))["contact_id"]


def _work(store: Store, rules: Rules, flags: pl.DataFrame, flag: str, rows: int) -> Work:
    """Return the first values to check with a flag, longest due first."""
    chosen = flags.filter(pl.col("flag") == flag)
    order = [pl.col("due_on").fill_null(pl.date(1, 1, 1)), "contact_id", "check"]
    first = chosen.bottom_k(rows, by=order).sort(order)
    return Work(flag, tuple(work(store, rules, first)), chosen.height)


def _snapshots(store: Store, quarter: Quarter, day: dt.date) -> tuple[dict[str, Any], tuple[tuple[str, float], ...]]:
    """Return the last snapshot before a quarter (as_of, figures), and day and score of all until a day."""
    kept = store.snapshot("audit_snapshot", ["as_of", "figures"]).unique("as_of", keep="last").sort("as_of")
    every = [{"as_of": on, "figures": json.loads(figures)} for on, figures in kept.rows() if on < day.isoformat()]
    earlier = [each for each in every if each["as_of"] < quarter.first.isoformat()]
    trend = [(each["as_of"], each["figures"]["score"]) for each in every if "score" in each["figures"]]
    return (earlier[-1] if earlier else {}), tuple(trend)
