"""Reports, read from the store: weekly, sources, funnel, owners, cohorts.

To add a report: a function `(store, rules, day) -> Report` and a line in `REPORTS`.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.journal import worth
from crmtool.core.reports import forecast
from crmtool.core.reports.shapes import Report, Section, money, share

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crmtool.core.rules import Rules
    from crmtool.io.store import Store

_TEXT, _ID = pl.String(), pl.Int64()
_WEEK = 7
_YEAR = 365
_MONTHS = 12
_MOST = 50  # lines of a list


def weekly(store: Store, rules: Rules, day: dt.date) -> Report:
    """Return what happened in the seven days up to a day, beside the seven before."""
    weeks = [
        (day - dt.timedelta(days=_WEEK - 1), day),
        (day - dt.timedelta(days=2 * _WEEK - 1), day - dt.timedelta(_WEEK)),
    ]
    counts = [_week(store, rules, first, last) for first, last in weeks]
    lines = [(name, counts[0].get(name, 0), counts[1].get(name, 0)) for name in dict.fromkeys([*counts[0], *counts[1]])]
    schema = {"what": _TEXT, "this week": _ID, "week before": _ID}
    first, last = weeks[0]
    return Report(
        f"Week from {first} to {last}",
        (
            Section("What happened", pl.DataFrame(lines, schema=schema, orient="row")),
            Section("Won this week", _won(store, rules, first, last)),
            Section("Won this week by owner", _won(store, rules, first, last, "owner")),
            Section("Open deals", _open(store, rules), "What they may bring: crmtool report funnel"),
        ),
    )


def _open(store: Store, rules: Rules) -> pl.DataFrame:
    """Return the open deals by stage, in the order deals go through them."""
    sql = "SELECT stage, currency, count(*), sum(amount) FROM deal GROUP BY stage, currency"
    found = store.query(sql, [], {"stage": _TEXT, "currency": _TEXT, "deals": _ID, "amount": _ID})
    order = {stage: at for at, stage in enumerate(rules.deals.open)}
    place = pl.col("stage").replace_strict(order, default=None, return_dtype=pl.Int64)
    ended = pl.col("stage").is_in([*rules.deals.won, *rules.deals.lost]).fill_null(value=False)
    still = found.filter(~ended).sort(place, "stage", "currency", nulls_last=True)
    return money(still, ["amount"])


def _week(store: Store, rules: Rules, first: dt.date, last: dt.date) -> dict[str, int]:
    """Return counts of a period by what they are of; its last day is whole."""
    begin, end = first.isoformat(), (last + dt.timedelta(days=1)).isoformat()
    counts = {"new contacts": _count(store, _NEW, [begin, end])}
    kinds = store.query(
        "SELECT kind, count(*) FROM interaction WHERE at >= ? AND at < ? GROUP BY kind ORDER BY kind",
        [begin, end],
        {"kind": _TEXT, "count": _ID},
    )
    counts |= {f"interactions: {kind}": count for kind, count in kinds.rows()}
    counts["deals opened"] = _count(
        store, "SELECT count(*) FROM deal WHERE opened_on >= ? AND opened_on < ?", [begin, end]
    )
    for state, stages in (("won", rules.deals.won), ("lost", rules.deals.lost)):
        closed = store.query(_CLOSED, [begin, end], {"stage": _TEXT, "count": _ID})
        counts[f"deals {state}"] = int(closed.filter(pl.col("stage").is_in([*stages]))["count"].sum())
    return counts


_CLOSED = "SELECT stage, count(*) FROM deal WHERE closed_on >= ? AND closed_on < ? GROUP BY stage"
#: Contacts that change sets of a period made and that are there.
_NEW = """SELECT count(*) FROM changeset s CROSS JOIN change c ON c.changeset_id = s.id
          CROSS JOIN contact k ON k.id BETWEEN c.row_id AND c.last_id
          WHERE s.at >= ? AND s.at < ? AND c.tbl = 'contact' AND c.op = 'create' AND k.root_id = k.id"""


def _count(store: Store, sql: str, params: list[str]) -> int:
    return int(store.query(sql, params, {"count": _ID})["count"][0])


def _won(store: Store, rules: Rules, first: dt.date, last: dt.date, by: str | None = None) -> pl.DataFrame:
    sql = """SELECT d.owner, d.currency, d.stage, d.amount FROM deal d WHERE d.closed_on >= ? AND d.closed_on < ?"""
    types = {"owner": _TEXT, "currency": _TEXT, "stage": _TEXT, "amount": _ID}
    found = store.query(sql, [first.isoformat(), (last + dt.timedelta(days=1)).isoformat()], types)
    won = found.filter(pl.col("stage").is_in([*rules.deals.won]))
    keys = [by, "currency"] if by else ["currency"]
    sums = won.group_by(keys).agg(deals=pl.len().cast(pl.Int64), amount=pl.col("amount").sum())
    return money(
        sums.sort(
            "currency", "amount", *keys[:-1], descending=[False, True, *[False] * (len(keys) - 1)], nulls_last=True
        ),
        ["amount"],
    )


def _outlook(store: Store, rules: Rules, day: dt.date) -> tuple[Section, ...]:
    """Return what open deals may bring, with the error of the way it is told."""
    told = forecast.forecast(steps(store), rules.deals, day)
    shown = money(told.stages.with_columns(chance=(100 * pl.col("chance")).round(1)), ["amount", "expected"]).rename(
        {"chance": "chance, %"}
    )
    return (Section("Open deals and what they may bring", shown, _reliable(told)),)


def _reliable(told: forecast.Forecast) -> str:
    if told.error is None or told.bias is None:
        return (
            f"Not enough data to test this forecast: {told.tested} of the last {_MONTHS} months had enough deals that"
            f" are closed by now. A chance without a count of closed deals is that of deals.toml."
        )
    return (
        f"Back-test on {told.tested} months: off by {told.error:.0%} on the average; in all it said {told.bias:.0%} of"
        " what came."
    )


def steps(store: Store) -> pl.DataFrame:
    """Return the history of all deals (columns: `forecast.STEPS`); one without a history stands where it is."""
    sql = """SELECT d.id, d.amount, d.currency, s.stage, s."on" FROM deal_stage s JOIN deal d ON d.id = s.deal_id
             UNION ALL
             SELECT d.id, d.amount, d.currency, d.stage, coalesce(d.closed_on, d.opened_on) FROM deal d
             WHERE d.stage IS NOT NULL AND NOT EXISTS (SELECT 1 FROM deal_stage s WHERE s.deal_id = d.id)"""
    types = {**forecast.STEPS, "on": _TEXT}
    found = store.query(sql, [], types)
    return found.with_columns(pl.col("on").str.head(10).str.to_date("%Y-%m-%d", strict=False)).drop_nulls("on")


def sources(store: Store, rules: Rules, day: dt.date) -> Report:
    """Return what each source brings: contacts, buyers, money, time to the first sale; and where UTM disagrees."""
    del day
    people = store.query(
        """SELECT c.id, c.source, c.first_contact_on, c.type, c.owner FROM contact c
           WHERE c.id = c.root_id AND c.id NOT IN (SELECT root_id FROM archived)""",
        [],
        {"root_id": _ID, "source": _TEXT, "first_contact_on": _TEXT, "type": _TEXT, "owner": _TEXT},
    )
    bought = _bought(store, rules)
    return Report(
        "Sources",
        (
            *(_brought(people, bought, by) for by in ("source", "owner", "type")),
            Section("Declared source against UTM", _disagreements(store, rules), _UTM),
        ),
    )


_UTM = "First and last are the marks of the first and the last record that has any; only differences are listed."


def _bought(store: Store, rules: Rules) -> pl.DataFrame:
    from crmtool.io import timelines

    return timelines.purchases(store, None, rules.deals.won)


def _brought(people: pl.DataFrame, bought: pl.DataFrame, by: str) -> Section:
    """Return contacts, buyers and money by a field of contacts."""
    first = bought.group_by("root_id").agg(pl.col("first_on").min(), purchases=pl.col("count").sum())
    both = people.join(first, on="root_id", how="left")
    day = pl.col("first_on").str.head(10).str.to_date(strict=False)
    waited = (day - pl.col("first_contact_on").str.head(10).str.to_date(strict=False)).dt.total_days()
    counts = (
        both.with_columns(waited=pl.when(waited >= 0).then(waited))
        .group_by(by)
        .agg(
            contacts=pl.len().cast(pl.Int64),
            buyers=pl.col("first_on").count().cast(pl.Int64),
            purchases=pl.col("purchases").sum().cast(pl.Int64),
            days_to_sale=pl.col("waited").median(),
        )
    )
    sums = (
        bought.join(people.select("root_id", by), on="root_id")
        .group_by(by, "currency")
        .agg(buyers_of=pl.len().cast(pl.Int64), total=pl.col("total").sum(), bought=pl.col("count").sum())
    )
    per = sums.with_columns(ltv=pl.col("total") // pl.col("buyers_of"), check=pl.col("total") // pl.col("bought"))
    whole = counts.with_columns(conversion=share("buyers", "contacts")).join(per, on=by, how="left", nulls_equal=True)
    shown = whole.sort("contacts", by, "currency", descending=[True, False, False]).select(
        by, "contacts", "buyers", "conversion", "days_to_sale", "currency", "total", "check", "ltv"
    )
    named = money(shown, ["total", "check", "ltv"]).rename(
        {"conversion": "%", "days_to_sale": "days to sale", "total": "in all", "check": "average", "ltv": "by buyer"}
    )
    return Section(f"By {by}", named.head(_MOST), bar="contacts")


def _disagreements(store: Store, rules: Rules) -> pl.DataFrame:
    """Return how many contacts have which declared source and other UTM sources (source, first, last, contacts)."""
    sql = """SELECT n.root_id, c.source, (SELECT json_extract(u.value, '$.value') FROM json_each(r.clean, '$.custom') u
                                          WHERE json_extract(u.value, '$.field') = 'utm.source'), r.id
             FROM record r JOIN contact n ON n.id = r.contact_id JOIN contact c ON c.id = n.root_id
             WHERE instr(r.clean, '"utm.source"') AND c.source IS NOT NULL ORDER BY r.id"""
    found = store.query(sql, [], {"root_id": _ID, "source": _TEXT, "utm": _TEXT, "id": _ID}).drop_nulls("utm")
    rule = rules.fields.field.get("source")
    words = rules.vocabularies.get(rule.vocabulary or "") if rule else None
    known = words.index if words else {}
    meant = pl.col("utm").str.to_lowercase().replace_strict(known, default=pl.col("utm"), return_dtype=_TEXT)
    touched = (
        found.with_columns(utm=meant)
        .group_by("root_id", "source", maintain_order=True)
        .agg(first=pl.col("utm").first(), last=pl.col("utm").last())
    )
    odd = touched.filter((pl.col("first") != pl.col("source")) | (pl.col("last") != pl.col("source")))
    counted = odd.group_by("source", "first", "last").agg(contacts=pl.len().cast(pl.Int64))
    return counted.sort("contacts", "source", "first", "last", descending=[True, False, False, False]).head(_MOST)


def funnel(store: Store, rules: Rules, day: dt.date) -> Report:
    """Return how far the deals that began in the last year came, and what open ones may bring."""
    since = day - dt.timedelta(days=_YEAR)
    every = steps(store).filter(pl.col("on") <= day)
    begun = every.group_by("deal_id").agg(begin=pl.col("on").min()).filter(pl.col("begin") >= since)
    mine = every.join(begun, on="deal_id", how="semi")
    order = [*rules.deals.open, *rules.deals.won[:1]]
    place = {stage: at for at, stage in enumerate(order)} | dict.fromkeys(rules.deals.won, len(order) - 1)
    reached = mine.with_columns(place=pl.col("stage").replace_strict(place, default=None, return_dtype=pl.Int64))
    far = reached.group_by("deal_id").agg(far=pl.col("place").max())
    lines = [(stage, far.filter(pl.col("far") >= at).height) for at, stage in enumerate(order)]
    frame = pl.DataFrame(lines, schema={"stage": _TEXT, "deals": _ID}, orient="row")
    used = [stage for stage in order if stage in set(mine["stage"])]
    frame = frame.filter(pl.col("stage").is_in(used)).with_columns(
        pl.Series(
            "%",
            [
                round(100 * n / begun.height, 1) if begun.height else None
                for n in frame.filter(pl.col("stage").is_in(used))["deals"]
            ],
            dtype=pl.Float64,
        )
    )
    waits = _waits(mine)
    whole = frame.join(waits, on="stage", how="left", maintain_order="left")
    lost = standing_lost(mine, rules, day)
    note = f"{begun.height} deals began since {since}, {lost} are lost. A deal counts in all stages up to its farthest."
    return Report("Funnel", (Section("How far deals came", whole, note, "deals"), *_outlook(store, rules, day)))


def standing_lost(mine: pl.DataFrame, rules: Rules, day: dt.date) -> int:
    """Return how many of some deals are lost on a day."""
    return forecast.standing(mine, day).filter(pl.col("stage").is_in([*rules.deals.lost])).height


def _waits(mine: pl.DataFrame) -> pl.DataFrame:
    """Return the median days that deals stayed in each stage they left."""
    order = mine.sort("deal_id", "on", maintain_order=True)
    stay = (pl.col("on").shift(-1).over("deal_id") - pl.col("on")).dt.total_days()
    return (
        order.with_columns(days=stay)
        .drop_nulls("days")
        .group_by("stage")
        .agg(pl.col("days").median().alias("days in it"))
    )


def owners(store: Store, rules: Rules, day: dt.date) -> Report:
    """Return what each owner has open and won in the month of a day, beside the plan, and how often they spoke."""
    month = day.replace(day=1)
    found = store.query(
        "SELECT owner, currency, stage, amount, closed_on FROM deal",
        [],
        {"owner": _TEXT, "currency": _TEXT, "stage": _TEXT, "amount": _ID, "closed_on": _TEXT},
    )
    now = pl.col("closed_on").is_between(pl.lit(month.isoformat()), pl.lit(day.isoformat() + "~"))
    won, ended = pl.col("stage").is_in([*rules.deals.won]), pl.col("stage").is_in([*rules.deals.lost])
    sums = found.group_by("owner", "currency").agg(
        open=(~won & ~ended).sum().cast(pl.Int64),
        pipeline=pl.col("amount").filter(~won & ~ended).sum(),
        won=won.sum().cast(pl.Int64),
        lost=ended.sum().cast(pl.Int64),
        month=pl.col("amount").filter(won & now).sum(),
        average=pl.col("amount").filter(won).mean().round().cast(pl.Int64),
    )
    closed = (pl.col("won") + pl.col("lost")).alias("closed")
    shown = (
        sums.with_columns(closed)
        .with_columns(conversion=share("won", "closed"))
        .sort("month", "owner", "currency", descending=[True, False, False], nulls_last=True)
    )
    named = money(
        shown.select("owner", "open", "currency", "pipeline", "won", "conversion", "average", "month"),
        ["pipeline", "average", "month"],
    ).rename({"conversion": "%", "month": "won this month"})
    spoke = store.query(
        """SELECT author, kind, count(*) FROM interaction WHERE at >= ? AND author IS NOT NULL
           GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2""",
        [month.isoformat()],
        {"owner": _TEXT, "kind": _TEXT, "times": _ID},
    )
    return Report(
        f"Owners, {month:%Y-%m}",
        (
            Section("Deals", named),
            Section(
                "Plan and fact", _plan(sums, rules.deals.plan), "The plan of a month stands in deals.toml, [plan]."
            ),
            Section("Interactions this month", spoke.head(_MOST), bar="times"),
        ),
    )


def _plan(sums: pl.DataFrame, plan: Mapping[str, str]) -> pl.DataFrame:
    """Return plan and fact of the month; `plan` is owner -> amount with its currency."""
    from crmtool.core.journal import deals
    from crmtool.core.normalizers.registry import Settings, normalized

    schema = {"owner": _TEXT, "currency": _TEXT, "plan": _ID}
    read = normalized("money", pl.Series([*dict.fromkeys(plan.values())], dtype=_TEXT), Settings())
    parts = dict(zip(read["value"], deals.parts(read["clean"]).rows(), strict=True))
    rows = [(owner, parts[text][1], parts[text][0]) for owner, text in plan.items()]
    frame = pl.DataFrame(rows, schema=schema, orient="row").join(
        sums.select("owner", "currency", fact="month"), on=["owner", "currency"], how="left", nulls_equal=True
    )
    whole = frame.with_columns(pl.col("fact").fill_null(0)).with_columns(share("fact", "plan").alias("%"))
    return money(whole.select("owner", "currency", "plan", "fact", "%"), ["plan", "fact"])


def cohorts(store: Store, rules: Rules, day: dt.date) -> Report:
    """Return for the buyers of each month how many bought again in the months after."""
    found = store.query(
        "SELECT n.root_id, d.currency, d.amount, d.closed_on, d.stage FROM deal d JOIN contact n ON n.id = d.contact_id"
        " WHERE d.closed_on IS NOT NULL",
        [],
        worth.DEALS,
    )
    bought = found.filter(pl.col("stage").is_in([*rules.deals.won])).with_columns(
        month=pl.col("closed_on").str.head(7), number=_month("closed_on")
    )
    first = bought.group_by("root_id").agg(cohort=pl.col("month").min(), begin=pl.col("number").min())
    later = bought.join(first, on="root_id").with_columns(after=pl.col("number") - pl.col("begin"))
    sizes = (
        first.group_by("cohort").agg(buyers=pl.len().cast(pl.Int64)).sort("cohort", descending=True).head(2 * _MONTHS)
    )
    frame = sizes
    this = day.year * _MONTHS + day.month
    for after in (1, 2, 3, 6, 12):
        again = later.filter(pl.col("after") == after).group_by("cohort").agg(n=pl.col("root_id").n_unique().cast(_ID))
        both = frame.join(again, on="cohort", how="left", maintain_order="left")
        past = _month("cohort") + after <= this  # a month to come says nothing
        told = pl.when(past).then((100 * pl.col("n").fill_null(0) / pl.col("buyers")).round(1))
        frame = both.with_columns(told.alias(f"+{after}, %")).drop("n")
    return Report(
        "Cohorts",
        (Section("Bought again so many months later, by the month of the first purchase", frame, bar="buyers"),),
    )


def _month(column: str) -> pl.Expr:
    parts = [pl.col(column).str.slice(at, size).cast(pl.Int64, strict=False) for at, size in ((0, 4), (5, 2))]
    return parts[0] * _MONTHS + parts[1]


REPORTS: Mapping[str, Callable[[Store, Rules, dt.date], Report]] = {
    "weekly": weekly,
    "sources": sources,
    "funnel": funnel,
    "owners": owners,
    "cohorts": cohorts,
}
