"""The counts of an audit that are asked of the store: duplicates, consents, activity, words, imports."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import consents, model, requirements
from crmtool.core.audits import freshness
from crmtool.core.imports import validation
from crmtool.core.segments import fields
from crmtool.io.columns import packed, part
from crmtool.io.freshness import ROOTS, local_day, seen

if TYPE_CHECKING:
    import datetime as dt

    from crmtool.core.audits.quarters import Quarter
    from crmtool.core.rules import Requirement, Rules
    from crmtool.io.store import Store

_COUNT = {"count": pl.Int64()}
_BAD = ("found wrong", "unreachable")
_STRAYS = {"field": pl.String(), "value": pl.String(), "contacts": pl.Int64()}
_INDEXED = {"type", "stage", "source", "owner", "city", "region", "country"}  # `contact_city` and the like
_PARTLY = {"company"}  # kinds of field whose vocabulary has parts of values: legal forms
_BROKEN = {"value.pattern", "value.length", "value.range", "value.unknown", "value.cross"}


def counted(store: Store, sql: str) -> int:
    """Return the one number a SELECT gives."""
    return int(store.query(sql, [], _COUNT).item() or 0)


# -- freshness --------------------------------------------------------------------------------------------------------


def of_freshness(flags: pl.DataFrame, colours: pl.Series, rules: Rules) -> dict[str, int]:
    """Return the counts of flags: contacts by colour (`colours`: that of each), and values."""
    of_contacts = {flag: int((colours == flag).sum()) for flag in freshness.FLAGS}
    reasons = flags["reason"]
    bad = {f"bad_{field}": int(is_bad(flags, rules, field).sum()) for field in ("email", "phone")}
    return {
        **of_contacts,
        **bad,
        "checked": colours.len(),
        "values": flags.height,
        "red_values": int((flags["flag"] == "red").sum()),
        "never_verified": int((reasons.is_in(["new", "never verified"])).sum()),
        "found_bad": int(reasons.is_in(list(_BAD)).sum()),
    }


def is_bad(flags: pl.DataFrame, rules: Rules, field: str) -> pl.Series:
    """Tell which flags say that a value of a field was found wrong or unreachable; several lines count once."""
    numbers = [number for number, check in enumerate(rules.freshness.check) if check.field == field][:1]
    return flags.select(pl.col("check").is_in(numbers) & pl.col("reason").is_in(_BAD)).to_series()


# -- duplicates -------------------------------------------------------------------------------------------------------


def of_duplicates(store: Store, people: pl.DataFrame) -> dict[str, int]:
    """Return how many pairs wait, how many contacts are in them, and how many were merged into others."""
    sides = {"left_id": pl.Int64(), "right_id": pl.Int64()}
    pairs = store.query("SELECT left_id, right_id FROM review", [], sides)
    pairs = pairs.filter(pl.all_horizontal(pl.col("left_id", "right_id").is_in(people["contact_id"].implode())))
    return {
        "duplicates": pairs.select(a=pl.min_horizontal(*sides), b=pl.max_horizontal(*sides)).n_unique(),
        "duplicate_contacts": pl.concat([pairs["left_id"], pairs["right_id"]]).n_unique() if pairs.height else 0,
        "merged": counted(store, "SELECT count(*) FROM contact INDEXED BY contact_node WHERE id <> root_id"),
    }


# -- consent ----------------------------------------------------------------------------------------------------------


def of_consent(standing: pl.DataFrame, people: pl.DataFrame, day: dt.date, due_days: int) -> dict[str, int]:
    """Return how many contacts have a valid consent, and how many consents end soon, have ended, were withdrawn.

    `standing`: where consents stand on the day (`consents.CURRENT`).
    """
    now = standing.join(people, left_on="root_id", right_on="contact_id", how="semi")
    until = pl.col("until").str.to_date("%Y-%m-%d", strict=False)
    given = now.filter(consents.holds(day))
    over = (pl.col("state") == "expired") | ((pl.col("state") == "given") & (until < day))
    return {
        "consent": given["root_id"].n_unique(),
        "no_consent": people.height - given["root_id"].n_unique(),
        "consents": now.height,
        "consent_expiring": given.filter((until - pl.lit(day)).dt.total_days() <= due_days).height,
        "consent_over": now.filter(over).height,
        "consent_withdrawn": now.filter(pl.col("state") == "withdrawn").height,
    }


# -- activity ---------------------------------------------------------------------------------------------------------


def inactive(store: Store, people: pl.DataFrame, seen: pl.DataFrame, since: dt.date) -> pl.Series:
    """Return the contacts without a conversation, a deal or a new list since a day (`seen`: contact_id, seen)."""
    alive = [
        _since(store, "SELECT DISTINCT contact_id FROM interaction WHERE at >= ?", since),
        _since(store, "SELECT contact_id FROM deal WHERE opened_on >= ?1 OR closed_on >= ?1", since),
    ]
    roots = pl.concat(alive).rename("id").to_frame()
    sql = "SELECT id, root_id FROM contact INDEXED BY contact_node WHERE id <> root_id"
    named = store.query(sql, [], {"id": pl.Int64(), "root_id": pl.Int64()})
    living = roots.join(named, on="id", how="left").select(pl.coalesce("root_id", "id").alias("contact_id"))
    came = seen.filter(pl.col("seen") >= since).select("contact_id")
    return people.select("contact_id").join(pl.concat([living, came]), on="contact_id", how="anti")["contact_id"]


def silent(store: Store, day: dt.date, months: int) -> pl.Series:
    """Return the golden records without any sign of life for so many months, until a day."""
    people = packed(store, {"contact_id": ("n.id", pl.Int64())}, f"FROM contact n WHERE {ROOTS}", "n.id")
    return inactive(store, people, seen(store, day), months_before(day, months))


def months_before(day: dt.date, months: int) -> dt.date:
    """Return the day some calendar months before a day."""
    moved: dt.date = pl.select(pl.lit(day).dt.offset_by(f"-{months}mo")).item()
    return moved


def _since(store: Store, sql: str, day: dt.date) -> pl.Series:
    ids = {"contact_id": ("contact_id", pl.Int64())}
    return part(store, ids, f"FROM ({sql})", [day.isoformat()])["contact_id"].drop_nulls()


# -- words ------------------------------------------------------------------------------------------------------------


def looked_at(rules: Rules) -> list[str]:
    """Return the golden fields whose every value an audit looks at: for `strays` and `invalid`."""
    named = {name for rule in _of_values(rules) for name in _named(rule)}
    if "name" in named or any(rule.kind for rule in _of_values(rules)):
        named |= {"kind", "company", *validation_names()}
    return sorted(named | {*_words(rules)} - _INDEXED)


def _words(rules: Rules) -> dict[str, list[str]]:
    """Return the fields that have a vocabulary, and the values it knows."""
    return {
        name: list(rules.vocabularies[rule.vocabulary].values)
        for name, rule in rules.fields.field.items()
        if rule.vocabulary and rule.kind not in _PARTLY and name in model.FIELDS
    }


def strays(store: Store, rules: Rules, said: pl.DataFrame) -> pl.DataFrame:
    """Return the values of fields with a vocabulary that stand in none (columns field, value, contacts), most first.

    `said` has the values of golden records, of the fields in `looked_at`.
    """
    known = _words(rules)
    told = [_counted_indexed(store, name, known[name]) for name in known if name in _INDEXED]
    for name in [name for name in known if name not in _INDEXED]:
        tallied = said.select(value=name).drop_nulls().group_by("value").agg(contacts=pl.len().cast(pl.Int64))
        odd = tallied.filter(~pl.col("value").is_in(known[name]))
        told.append(odd.select(pl.lit(name).alias("field"), "value", "contacts"))
    every = pl.concat([pl.DataFrame(schema=_STRAYS), *told])
    return every.sort("contacts", "field", "value", descending=[True, False, False])


def _counted_indexed(store: Store, name: str, known: list[str]) -> pl.DataFrame:
    """Return the values of an indexed field that are not known, and how many contacts have each."""
    occurring = fields.occurring("contact", name, "root_id = id AND ")
    sql = f"""SELECT '{name}', n.{name}, count(*) FROM contact n WHERE n.{name} IN
              (SELECT x FROM ({occurring}) WHERE x NOT IN (SELECT value FROM json_each(?))) AND {ROOTS} GROUP BY 2"""
    return store.query(sql, [json.dumps(known)], _STRAYS)


def stale_tags(store: Store, since: dt.date) -> pl.DataFrame:
    """Return the tags that no contact got since a day (columns tag, contacts, last), the oldest first."""
    sql = """SELECT t.tag, count(DISTINCT n.root_id), max(s.at) FROM contact_tag t
             JOIN changeset s ON s.id = t.changeset_id JOIN contact n ON n.id = t.contact_id GROUP BY t.tag"""
    rows = store.query(sql, [], {"tag": pl.String(), "contacts": pl.Int64(), "last": pl.String()})
    days = rows.with_columns(last=pl.Series([local_day(at) for at in rows["last"]], dtype=pl.Date()))
    return days.filter(pl.col("last") < since).sort("last", "tag")


# -- validity ---------------------------------------------------------------------------------------------------------


def invalid(rules: Rules, day: dt.date, said: pl.DataFrame) -> int:
    """Return how many golden values break what the rules ask of values and of fields together.

    `said` has the ids and the values of golden records, of the fields in `looked_at`.
    """
    rows = said.select(looked_at(rules)).with_columns(row=said["contact_id"])
    standards = validation.standards(rules, {}, day)
    found = [validation.broken(rows, _only(standards, rule)) for rule in _of_values(rules)]
    return sum(frame.filter(pl.col("code").is_in(list(_BROKEN))).height for frame in found)


def validation_names() -> tuple[str, ...]:
    """Return the columns a whole name is told from."""
    return ("name", "given_name", "middle_name", "family_name")


def _only(standards: validation.Standards, rule: Requirement) -> validation.Standards:
    return replace(standards, requirements=(rule.model_copy(update={"required": (), "at_least_one": ()}),))


def _of_values(rules: Rules) -> list[Requirement]:
    """Return the rules that ask something of golden values that can be looked at here."""
    return [
        rule
        for rule in requirements.gathered(rules.fields)
        if (rule.compare or requirements.demands_of_values(rule)) and {*_named(rule)} <= {*model.FIELDS, "name"}
    ]


def _named(rule: Requirement) -> list[str]:
    sides = requirements.comparison(rule.compare) if rule.compare else None
    return [*rule.field, *(condition.field for condition in rule.when), *((sides.left, sides.right) if sides else ())]


# -- imports and rights -----------------------------------------------------------------------------------------------


def changesets(store: Store, quarter: Quarter, day: dt.date) -> pl.DataFrame:
    """Return the change sets of a quarter until a day (columns id, on, actor, command)."""
    sets = store.changesets().select("id", "at", "actor", "command")
    days = sets.with_columns(on=pl.Series([local_day(at) for at in sets["at"]], dtype=pl.Date()))
    inside = (pl.col("on") >= quarter.first) & (pl.col("on") <= min(quarter.last, day))
    return days.filter(inside).select("id", "on", "actor", "command")


def files(store: Store, sets: pl.DataFrame) -> pl.DataFrame:
    """Return what came in with some change sets (columns changeset_id, source, name, rows, rejects)."""
    sql = """SELECT f.changeset_id, f.source, f.name, (SELECT count(*) FROM record r WHERE r.file_id = f.id),
                    (SELECT count(*) FROM reject j WHERE j.file_id = f.id)
             FROM file f WHERE f.changeset_id IN (SELECT value FROM json_each(?)) ORDER BY f.id"""
    types = {"source": pl.String(), "name": pl.String(), "rows": pl.Int64(), "rejects": pl.Int64()}
    return store.query(sql, [json.dumps(sets["id"].to_list())], {"changeset_id": pl.Int64(), **types})
