"""The SQL of what is known of contacts beside their fields: tags, channels, interactions, deals, consent, segments.

All is read through the contact's root: `c` is a golden record, and what was written to any contact it is made of
counts. A condition that few contacts meet is a list made once (`c.id IN ...`); a number or a day of each contact is a
value computed for those that the other conditions leave.
"""

from __future__ import annotations

from crmtool.core.segments.fields import occurring
from crmtool.core.segments.sql import LISTED, Param, Sql, marks

#: An interaction's day, as it was where it happened; a deal is bought on the day it closed.
_AT = "substr(x.at, 1, 10)"
_BOUGHT_ON = "coalesce(x.closed_on, x.opened_on)"


def among(table: str, condition: str, params: tuple[Param, ...]) -> Sql:
    """Return that a row `x` of a table, written to any contact of this one's cluster, meets a condition.

    The condition holds only for rows of a contact.
    """
    return f"{LISTED} FROM {table} x WHERE {condition})", params


def tagged(tag: str) -> Sql:
    """Return that a contact has a tag, however it was written."""
    named = f"x.tag IN (SELECT v.x FROM ({occurring('contact_tag', 'tag')}) v WHERE same(v.x, ?))"
    return among("contact_tag", named, (tag,))


def reachable(kind: str, part: str | None) -> Sql:
    """Return that a contact has a channel of a kind, or one whose value has a part."""
    sql, params = (" AND instr(folded(x.value), ?) > 0", (part,)) if part else ("", ())
    found, every = _read_through("1", "channel", f" AND x.kind = ?{sql}", (kind, *params))
    return f"EXISTS {found}", every


def consenting(purpose: str, channel: str | None, today: str) -> Sql:
    """Return that a consent holds today: for a channel, or for any."""
    holds = (
        "SELECT root_id FROM consent_state WHERE purpose = ? AND state = 'given'"
        " AND (until IS NULL OR until >= ?) AND substr(at, 1, 10) <= ?"
    )
    of_today = (purpose, today, today)
    if channel is None:
        return f"c.id IN ({holds})", of_today
    said = "SELECT root_id FROM consent_state WHERE purpose = ? AND channel = ?"
    return (
        f"(c.id IN ({holds} AND channel = ?) OR c.id IN ({holds} AND channel IS NULL) AND c.id NOT IN ({said}))",
        (*of_today, channel, *of_today, purpose, channel),
    )


# --- interactions -----------------------------------------------------------------------------------------------------


def interacted_since(day: str, kind: str | None) -> Sql:
    """Return that there was an interaction on a day or after it; faster than the last day of each contact."""
    sql, params = _of_kind(kind)
    return among("interaction", f"x.contact_id IS NOT NULL AND x.at >= ?{sql}", (day, *params))


def last_interaction(kind: str | None) -> Sql:
    """Return the day of the last interaction."""
    sql, params = _of_kind(kind)
    return _read_through("substr(max(x.at), 1, 10)", "interaction", sql, params)


def interactions(kind: str | None, since: str | None, before: str | None) -> Sql:
    """Return how many interactions there were."""
    sql, params = _of_kind(kind)
    period, days = _period(_AT, since, before)
    return _read_through("count(*)", "interaction", sql + period, (*params, *days))


def _of_kind(kind: str | None) -> Sql:
    return (" AND x.kind = ?", (kind,)) if kind else ("", ())


def _period(day: str, since: str | None, before: str | None) -> Sql:
    """Return the conditions that `day` (SQL) is in a period: from `since`, and before `before`."""
    sql = (f" AND {day} >= ?" if since else "") + (f" AND {day} < ?" if before else "")
    return sql, tuple(bound for bound in (since, before) if bound)


def _read_through(value: str, table: str, condition: str, params: tuple[Param, ...]) -> Sql:
    """Return a value computed from the rows `x` of a table that belong to a contact."""
    return (
        f"(SELECT {value} FROM {table} x WHERE x.contact_id IN "
        f"(SELECT n.id FROM contact n WHERE n.root_id = c.id){condition})"
    ), params


# --- deals ------------------------------------------------------------------------------------------------------------


def bought(won: tuple[str, ...], product: str | None, since: str | None, before: str | None) -> Sql:
    """Return that something was bought: a product, in a period."""
    stages, params = _won(won)
    period, days = _period(_BOUGHT_ON, since, before)
    if product is None:
        return among("deal", f"x.contact_id IS NOT NULL{stages}{period}", (*params, *days))
    named = f"x.product IN (SELECT v.x FROM ({occurring('deal', 'product')}) v WHERE same(v.x, ?))"
    return among("deal", f"x.contact_id IS NOT NULL AND {named}{stages}{period}", (product, *params, *days))


def of_deals(value: str, won: tuple[str, ...], currency: str | None, since: str | None, before: str | None) -> Sql:
    """Return a value computed from what was bought, `value` being SQL over deals `x`."""
    stages, params = _won(won)
    period, days = _period(_BOUGHT_ON, since, before)
    money, code = (" AND x.currency = ?", (currency,)) if currency else ("", ())
    return _read_through(value, "deal", stages + money + period, (*params, *code, *days))


def of_buyers(condition: Sql) -> Sql:
    """Return a condition that holds for nobody without a deal, asked of those who have one alone."""
    buyers = "(SELECT DISTINCT contact_id FROM deal WHERE contact_id IS NOT NULL)"
    somebody, _ = among(buyers, "1", ())
    sql, params = condition
    return f"({somebody} AND {sql})", params


#: The values of `of_deals`. Amounts of several currencies have no sum: the value is then empty.
_ALIKE = "CASE WHEN min(ifnull(x.currency, '')) IS max(ifnull(x.currency, '')) THEN {} END"
SUM = _ALIKE.format("total(x.amount)")
AVERAGE = _ALIKE.format("avg(x.amount)")
COUNT = "count(*)"
LAST = f"max({_BOUGHT_ON})"
FIRST = f"min({_BOUGHT_ON})"


def _won(won: tuple[str, ...]) -> Sql:
    """Return the condition that a deal was bought; where no stage is said to mean it, a day of closing does."""
    return (f" AND x.stage IN ({marks(won)})", won) if won else (" AND x.closed_on IS NOT NULL", ())


# --- segments ---------------------------------------------------------------------------------------------------------


def entered(segment: str) -> Sql:
    """Return the day a contact last entered a segment, as the refreshes saw it."""
    return _read_through("max(x.entered_on)", "segment_membership", " AND x.segment = ?", (segment,))
