"""What the regulation of freshness asks of the store, read for a million contacts at once, and the colours of it.

To add an event that makes a field due: its name in `crmtool.core.freshness_rules.EVENTS`, and a line in `_EVENTS` or a
kind of interaction.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core import consents, model
from crmtool.core.audits import freshness
from crmtool.core.freshness_rules import STAGE
from crmtool.io.columns import packed, taken

if TYPE_CHECKING:
    import numpy as np

    from crmtool.core.rules import Rules
    from crmtool.io.store import Store

#: Contacts an audit is about: golden records that are not archived.
ROOTS = "n.id = n.root_id AND n.id NOT IN (SELECT root_id FROM archived)"

_OUTCOMES = ("confirmed", "wrong", "unreachable")
_NEVER = -(1 << 31)  # a day before all days
_ID, _DAY = pl.Int64(), pl.Date()

#: Event -> the day it happened, and where; `n` is the contact it happened to.
_EVENTS = {
    "deal opened": ("e.opened_on", "deal e JOIN contact n ON n.id = e.contact_id", ""),
    "deal closed": ("e.closed_on", "deal e JOIN contact n ON n.id = e.contact_id", ""),
    "bounce": ('e."on"', "verification e JOIN contact n ON n.id = e.contact_id", "e.outcome <> 'confirmed'"),
}


def colours(store: Store, rules: Rules, day: dt.date) -> pl.DataFrame:
    """Return the colour of each checked field of each contact on a day (columns contact_id, field, colour).

    Golden records only, without the archived; `field` is of the regulation, `colour` green, yellow or red. Where the
    regulation checks nothing, nobody has a colour.
    """
    flags = freshness.judged(facts(store, rules, day), rules.freshness, day)
    return freshness.colours(flags, rules.freshness)


class Known(NamedTuple):
    """What facts are told of and somebody has read already.

    `present`: the contacts, and which of the `golden` fields they have, as bits of one number (contact_id, has);
    `standing`: where consents stand on the day.
    """

    present: pl.DataFrame
    standing: pl.DataFrame


def golden(rules: Rules) -> list[str]:
    """Return the fields of golden records that the regulation checks."""
    return list(dict.fromkeys(check.field for check in rules.freshness.check if check.field != "consent"))


def facts(store: Store, rules: Rules, day: dt.date, known: Known | None = None) -> freshness.Facts:
    """Return what the flags of a day are computed from; what happened later is not known yet."""
    fields = {check.field for check in rules.freshness.check}
    with store.reading():
        present, now = known or Known(_present(store, golden(rules)), standing(store, day))
        days = _Days(present["contact_id"], golden(rules))
        _checked(store, days, day)
        if rules.freshness.proof.incoming:
            _incoming(store, days, day)
        came = seen(store, day)
        known_since = present.with_columns(seen=days.beside(came, "seen"))
        of_fields = {field: _values(known_since, days, field) for field in days.fields}
        if "consent" in fields:
            of_fields["consent"] = _consents(now, present, came, day)
        return freshness.Facts(of_fields, _events(store, rules, day), _members(store, rules, day), came)


class _Days:
    """The last day of each outcome of each field of each contact, as one array of day numbers."""

    def __init__(self, ids: pl.Series, fields: list[str]) -> None:
        import numpy as np

        self.fields = fields
        self.width = len(_OUTCOMES) * len(fields)
        self._count = ids.len()
        self._places = np.full(int(ids.max() or 0) + 1, -1, dtype=np.int64)  # type: ignore[arg-type]  # ids are numbers
        self._places[ids.to_numpy()] = np.arange(ids.len())
        self._days = np.full(ids.len() * self.width, _NEVER, dtype=np.int32)

    def add(self, told: pl.DataFrame) -> None:
        """Take in outcomes: `code` is the id of a contact times the width, plus the column; `on` the day."""
        import numpy as np

        told = told.drop_nulls()
        ids, columns = np.divmod(told["code"].to_numpy(), self.width)
        inside = ids < self._places.size
        places = self._places[np.where(inside, ids, 0)]
        inside &= places >= 0
        where = places[inside] * self.width + columns[inside]
        np.maximum.at(self._days, where, told["on"].to_physical().to_numpy()[inside])

    def outcomes(self, field: str) -> list[pl.Series]:
        """Return the days of each outcome of a field, a series each, in the order of the contacts."""
        table: np.ndarray[tuple[int, int], np.dtype[np.int32]] = self._days.reshape(-1, self.width)
        first = self.fields.index(field) * len(_OUTCOMES)
        return [_as_days(table[:, first + n].copy(), name) for n, name in enumerate(_OUTCOMES)]

    def beside(self, told: pl.DataFrame, name: str) -> pl.Series:
        """Return a column of days of some contacts (contact_id, each once) in the order of ours."""
        import numpy as np

        ids = told["contact_id"].to_numpy()
        inside = ids < self._places.size
        places = self._places[np.where(inside, ids, 0)]
        inside &= places >= 0
        days = np.full(self._count, _NEVER, dtype=np.int32)
        days[places[inside]] = told[name].to_physical().to_numpy()[inside]
        return _as_days(days, name)


def _as_days(numbers: np.ndarray[tuple[int], np.dtype[np.int32]], name: str) -> pl.Series:
    days = pl.Series(name, numbers)
    return pl.select(pl.when(days > _NEVER).then(days).cast(_DAY).alias(name)).to_series()


def _present(store: Store, fields: list[str]) -> pl.DataFrame:
    """Return the contacts and which of some fields they have, as bits of one number (contact_id, has)."""
    bits = " + ".join(f'((n."{field}" IS NOT NULL) << {place})' for place, field in enumerate(fields)) or "0"
    columns = {"contact_id": ("n.id", _ID), "has": (bits, _ID)}
    return packed(store, columns, f"FROM contact n WHERE {ROOTS}", "n.id")


def _checked(store: Store, days: _Days, day: dt.date) -> None:
    """Take in the verifications of the very values that contacts have."""
    if not days.fields:
        return
    place = " ".join(
        f"WHEN '{field}' THEN iif(v.value = c.\"{field}\", {len(_OUTCOMES) * n}, NULL)"
        for n, field in enumerate(days.fields)
    )
    outcome = "CASE v.outcome WHEN 'confirmed' THEN 0 WHEN 'wrong' THEN 1 ELSE 2 END"
    code = f"c.id * {days.width} + CASE v.field {place} END + {outcome}"
    until = f"""v."on" <= '{day}'"""
    own = f"FROM contact c CROSS JOIN verification v ON v.contact_id = c.id WHERE c.root_id = c.id AND {until}"
    merged = f"""FROM contact n INDEXED BY contact_node CROSS JOIN contact c ON c.id = n.root_id
                 CROSS JOIN verification v ON v.contact_id = n.id WHERE n.root_id <> n.id AND {until}"""
    columns = {"code": (code, _ID), "on": ('v."on"', _DAY)}
    taken(store, columns, own, "c.id", days.add)  # no two parts have a contact in common
    days.add(packed(store, columns, merged, "n.id"))


def _incoming(store: Store, days: _Days, day: dt.date) -> None:
    """Take in what came in from a number or an address: it works."""
    for field in {"email", "phone"} & {*days.fields}:
        code = f"n.root_id * {days.width} + {len(_OUTCOMES) * days.fields.index(field)}"
        source = f"""FROM contact n CROSS JOIN interaction i ON n.id = i.contact_id
                     CROSS JOIN contact c ON c.id = n.root_id
                     WHERE i.direction = 'in' AND i.address = c."{field}" AND substr(i.at, 1, 10) <= '{day}'"""
        days.add(packed(store, {"code": (code, _ID), "on": ("substr(i.at, 1, 10)", _DAY)}, source, "n.id"))


def _values(present: pl.DataFrame, days: _Days, field: str) -> pl.DataFrame:
    """Return what is known of the values of a field (columns: `freshness.FACTS`), from contact_id, has, seen."""
    has = (pl.col("has").to_physical() & (1 << days.fields.index(field))) != 0
    told = present.with_columns(*days.outcomes(field))
    return model.where(told, has).select(*freshness.FACTS)


def seen(store: Store, day: dt.date, *, first: bool = False) -> pl.DataFrame:
    """Return the last (or first) day on which values of a contact came in (columns contact_id, seen), each once."""
    import numpy as np

    sets = store.query("SELECT id, at FROM changeset", [], {"changeset_id": _ID, "at": pl.String()})
    on = np.array([local_day(at) for at in sets["at"]], dtype="datetime64[D]").astype(np.int64)
    never = np.iinfo(np.int64).max if first else np.iinfo(np.int64).min
    by_set = np.full(int(sets["changeset_id"].max() or 0) + 1, never)  # type: ignore[arg-type]  # ids are numbers
    by_set[sets["changeset_id"].to_numpy()] = np.where(on <= (day - dt.date(1970, 1, 1)).days, on, never)
    columns = {"contact_id": ("r.contact_id", _ID), "changeset_id": ("r.changeset_id", _ID)}
    records = packed(store, columns, "FROM record r INDEXED BY record_contact", "r.contact_id")
    roots = _roots(store)
    # by id, in an array of a place for each: grouping takes three times as long
    found = np.full(roots.size, never)
    lower = np.minimum if first else np.maximum
    lower.at(found, roots[records["contact_id"].to_numpy()], by_set[records["changeset_id"].to_numpy()])
    there = np.flatnonzero(found != never)
    days = pl.Series("seen", found[there].astype(np.int32)).cast(_DAY)
    return pl.DataFrame([pl.Series("contact_id", there, dtype=_ID), days])


def _roots(store: Store) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the root of each contact, by its id."""
    import numpy as np

    nodes = {"id": _ID, "root_id": _ID}
    merged = store.query("SELECT id, root_id FROM contact INDEXED BY contact_node WHERE id <> root_id", [], nodes)
    last = store.query("SELECT ifnull(max(id), 0) FROM contact", [], {"id": _ID}).item()
    roots = np.arange(last + 1)
    roots[merged["id"].to_numpy()] = merged["root_id"].to_numpy()
    return roots


def local_day(moment: str) -> dt.date:
    """Return the day it was here at a moment written in UTC."""
    return dt.datetime.fromisoformat(moment).astimezone().date()


def standing(store: Store, day: dt.date) -> pl.DataFrame:
    """Return where consents stand on a day (columns: `consents.CURRENT`)."""
    texts = {name: (f"e.{name}", pl.String()) for name in ("purpose", "channel", "state", "at", "until")}
    columns = {"contact_id": ("e.contact_id", _ID), "root_id": ("n.root_id", _ID), **texts}
    source = f"""FROM consent e CROSS JOIN contact n ON n.id = e.contact_id WHERE substr(e.at, 1, 10) <= '{day}'"""
    entries = packed(store, columns, source, "e.contact_id")
    return consents.current(entries.drop("root_id"), entries.select("root_id", id="contact_id").unique())


def _consents(now: pl.DataFrame, present: pl.DataFrame, came: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    """Return, for who allows us something, when it was last said (columns: `freshness.FACTS`; `now`: `standing`)."""
    given = now.filter(consents.holds(day))
    said = given.group_by(contact_id="root_id").agg(
        confirmed=pl.col("at").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).max()
    )
    never = pl.lit(None, _DAY)
    told = said.join(present, on="contact_id", how="semi").join(came, on="contact_id", how="left")
    return told.with_columns(wrong=never, unreachable=never).select(*freshness.FACTS).sort("contact_id")


def _events(store: Store, rules: Rules, day: dt.date) -> dict[str, pl.DataFrame]:
    """Return the last day of each event that the regulation names (columns contact_id, on)."""
    named = dict.fromkeys(event for check in rules.freshness.check for event in check.after)
    return {event: _event(store, event, day) for event in named}


def _event(store: Store, event: str, day: dt.date) -> pl.DataFrame:
    on, source, condition = _EVENTS.get(event) or _of_stage_or_kind(event)
    where = f" AND ({condition})" if condition else ""
    source = f"FROM {source} WHERE {on} <= '{day}'{where}"
    told = packed(store, {"contact_id": ("n.root_id", _ID), "on": (on, _DAY)}, source, "n.id")
    return told.drop_nulls().group_by("contact_id").agg(pl.col("on").max())


def _of_stage_or_kind(event: str) -> tuple[str, str, str]:
    if event.startswith(STAGE):
        stage = event.removeprefix(STAGE).replace("'", "''")
        deals = "deal_stage e JOIN deal d ON d.id = e.deal_id JOIN contact n ON n.id = d.contact_id"
        return 'e."on"', deals, f"e.stage = '{stage}'"
    return "substr(e.at, 1, 10)", "interaction e JOIN contact n ON n.id = e.contact_id", f"e.kind = '{event}'"


def _members(store: Store, rules: Rules, day: dt.date) -> dict[str, pl.Series]:
    """Return the contacts of each segment that has periods of its own."""
    named = dict.fromkeys(each.segment for check in rules.freshness.check for each in check.override)
    return {name: in_segment(store, rules, rules.segments[name].where, day) for name in named}


def in_segment(store: Store, rules: Rules, where: str, day: dt.date) -> pl.Series:
    """Return the ids of the golden records a filter holds for on a day. Raises UsageError for what is no filter."""
    from crmtool.core.segments import compiling
    from crmtool.io import selecting

    # without colours: the regulation would ask for itself
    condition = compiling.compiled(where, selecting.context(rules, day, coloured=False))
    return selecting.members(store, condition)
