"""Reads from the store what an export asks for: who is meant, who may be written to, and their rows, part by part.

To add a mark that keeps people out of every export: its statement in `_MARKS`, its name in `core.exports.gate`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from crmtool.core import consents, model
from crmtool.core.export_rules import channel_of
from crmtool.core.exports import gate, log, salutations, table
from crmtool.core.segments.sql import CONTACTS
from crmtool.io import beside, columns, companies

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from crmtool.core.export_rules import Export
    from crmtool.io.store import Store

PART = 50_000  # contacts at once: bounds what is in memory
_ABREAST = 2  # parts that are read side by side
_MARKS = {"archived": "SELECT root_id FROM archived"}
_IDS = {"root_id": pl.Int64()}
_COLUMNS = ("name", "kind", *model.FIELDS, "phone", "custom")
#: Contacts whose ids are given as JSON, and all that are of their clusters.
_CHOSEN = "FROM json_each(?) k CROSS JOIN contact c ON c.id = k.value"
_MEMBERS = "FROM json_each(?) k CROSS JOIN contact n ON n.root_id = k.value"
_ROOT: columns.Columns = {"root_id": ("n.root_id", pl.Int64())}
_SALUTED = ("given_name", "middle_name", "family_name", "gender", "country", "phone")


@dataclass(frozen=True)
class Ask:
    """Who is meant (a condition of `core.segments` over contacts `c`), and for which consent on which day."""

    sql: str
    params: Sequence[Any]
    purpose: str | None
    channel: str | None
    on: dt.date
    each_channel: bool  # every address of the channel, not the main one alone


def judged(store: Store, ask: Ask) -> pl.DataFrame:
    """Return everybody who is meant with the reason they are left out for (columns: `gate.ADDRESSES`, reason)."""
    source = f"FROM {CONTACTS} WHERE c.root_id = c.id AND ({ask.sql})"
    with store.guarded():
        ids = columns.part(store, {"root_id": ("c.id", pl.Int64())}, source, ask.params)["root_id"].sort()
    marks = _marks(store)
    refused = _refused(store, ask)
    parts = beside.read(store, [*portions(ids)], lambda one, part: _judged(one, ask, part, marks, refused))
    return pl.concat(parts) if parts else pl.DataFrame(schema={**gate.ADDRESSES, "reason": pl.String()})


def given(store: Store, segment: str, profile: str) -> pl.Series:
    """Return the contacts that were in a file of a segment by a profile, by their roots of now."""
    entries = store.query(
        "SELECT people FROM export_log WHERE segment = ? AND profile = ?", [segment, profile], {"people": pl.String()}
    )
    sql = "SELECT DISTINCT n.root_id FROM json_each(?) k CROSS JOIN contact n ON n.id = k.value"
    parts = [store.query(sql, [_json(part)], _IDS)["root_id"] for part in portions(log.people(entries["people"]))]
    return pl.concat([pl.Series("root_id", [], pl.Int64), *parts])


def _judged(store: Store, ask: Ask, ids: pl.Series, marks: pl.DataFrame, refused: pl.DataFrame) -> pl.DataFrame:
    candidates = _addresses(store, ask, ids)
    if ask.purpose is None:
        return gate.judged(candidates, marks)
    standing = gate.state(_consents(store, ids), ask.purpose, ask.channel, ask.on)
    return gate.judged(candidates, marks, standing, _checks(store, ids), refused)


def _addresses(store: Store, ask: Ask, ids: pl.Series) -> pl.DataFrame:
    """Return the addresses by which contacts are written to: one for each, or all of the channel."""
    people = ids.rename("root_id").to_frame()
    if ask.each_channel:
        own = _channels(store, ids, [str(ask.channel)]).select("root_id", "value", "label")
        once = own.unique(["root_id", "value"], keep="first", maintain_order=True)
        return people.join(once, on="root_id", how="left", maintain_order="left")
    if ask.channel in {"email", "phone"}:
        of = {"root_id": ("c.id", pl.Int64()), "value": (f'c."{ask.channel}"', pl.String())}
        return columns.part(store, of, _CHOSEN, [_json(ids)]).with_columns(label=pl.lit(None, pl.String))
    if ask.channel:
        own = _channels(store, ids, [ask.channel]).unique("root_id", keep="first", maintain_order=True)
        return people.join(own.select("root_id", "value", "label"), on="root_id", how="left", maintain_order="left")
    return people.with_columns(value=pl.lit("", pl.String), label=pl.lit(None, pl.String))


def _marks(store: Store) -> pl.DataFrame:
    """Return the contacts with a mark that keeps them out of every export (root_id, reason)."""
    found = [store.query(sql, [], _IDS).with_columns(reason=pl.lit(mark)) for mark, sql in _MARKS.items()]
    return pl.concat(found)


def _checks(store: Store, ids: pl.Series) -> pl.DataFrame:
    """Return the newest verification of each address (root_id, value, outcome); of one day the worst."""
    of = {name: (f'v."{name}"', pl.String()) for name in ("value", "outcome", "on")}
    source = f"""{_MEMBERS} CROSS JOIN verification v ON v.contact_id = n.id
                 WHERE v.field IN ('email', 'phone', 'messenger')"""
    found = columns.part(store, {**_ROOT, **of}, source, [_json(ids)])
    worst = pl.col("outcome").replace_strict({"wrong": 0, "unreachable": 1}, default=2, return_dtype=pl.Int8)
    newest = found.sort(pl.col("on"), -worst, descending=True, nulls_last=True)
    return newest.unique(["root_id", "value"], keep="first", maintain_order=True).drop("on")


def _refused(store: Store, ask: Ask) -> pl.DataFrame:
    """Return the addresses of everybody who withdrew the consent (column value), whoever else has them."""
    if ask.purpose is None:
        return pl.DataFrame(schema={"value": pl.String()})
    sql = """SELECT DISTINCT n.root_id FROM consent e JOIN contact n ON n.id = e.contact_id
             WHERE e.purpose = ? AND e.state = 'withdrawn'"""
    ids = store.query(sql, [ask.purpose], _IDS)["root_id"]
    parts = []
    for part in portions(ids):
        standing = gate.state(_consents(store, part), ask.purpose, ask.channel, ask.on)
        gone = standing.filter(pl.col("state") == "withdrawn")["root_id"]
        parts.append(_channels(store, gone, [ask.channel] if ask.channel else ["email", "phone"]).select("value"))
    return pl.concat([pl.DataFrame(schema={"value": pl.String()}), *parts]).unique()


def _consents(store: Store, ids: pl.Series) -> pl.DataFrame:
    """Return where the consents of contacts stand (columns: `consents.CURRENT`)."""
    of = {name: (f"e.{name}", pl.String()) for name in ("purpose", "channel", "state", "at", "until")}
    source = f"{_MEMBERS} CROSS JOIN consent e ON e.contact_id = n.id"
    said = columns.part(store, {**_ROOT, "contact_id": ("n.id", pl.Int64()), **of}, source, [_json(ids)])
    return consents.current(said.drop("root_id"), said.select("root_id", id="contact_id").unique())


def _channels(store: Store, ids: pl.Series, kinds: Sequence[str]) -> pl.DataFrame:
    """Return the channels of contacts (columns: `table.CHANNELS`), the main one first.

    Each value comes once, or once with each of its extensions.
    """
    of = {name: (f"h.{name}", kind) for name, kind in table.CHANNELS.items()}
    order = {"main": ("h.value IS c.email OR h.value IS c.phone", pl.Int64()), "id": ("h.id", pl.Int64())}
    source = f"""{_MEMBERS} CROSS JOIN channel h ON h.contact_id = n.id CROSS JOIN contact c ON c.id = n.root_id
                 WHERE h.kind IN (SELECT value FROM json_each(?))"""
    found = columns.part(store, {**of, **_ROOT, **order}, source, [_json(ids), json.dumps(list(kinds))])
    found = found.sort("root_id", "main", "id", descending=[False, True, False]).select(*table.CHANNELS)
    return _once(_extended(found))


def _once(found: pl.DataFrame) -> pl.DataFrame:
    """Return each channel once, with what any of the contacts that have it says of it."""
    key = ["root_id", "kind", "value", "extension"]
    again = found.select(key).is_duplicated()
    if not again.any():
        return found
    named = pl.col("label", "type").drop_nulls().first()
    return found.group_by(key, maintain_order=True).agg(named).select(*table.CHANNELS)


def _extended(found: pl.DataFrame) -> pl.DataFrame:
    """Return channels of which one without an extension has that of the first like it with one, if there is any."""
    if found["extension"].null_count() == found.height:
        return found
    first = pl.col("extension").drop_nulls().first().over("root_id", "kind", "value")
    return found.with_columns(extension=pl.coalesce("extension", first))


def parts(store: Store, people: pl.DataFrame, profile: Export) -> Iterator[table.Made]:
    """Yield the rows of the people of an export (columns: `gate.ADDRESSES`), part by part."""
    each = profile.rows == "channel"

    def made(one: Store, ids: pl.Series) -> table.Made:
        mine = people.filter(pl.col("root_id").is_in(ids.implode()))
        return table.table(chunk(one, mine, profile), profile, mine if each else None)

    ids = people["root_id"].unique(maintain_order=True)
    for some in portions(ids, _ABREAST):
        yield from beside.read(store, [*portions(some)], made)


def chunk(store: Store, people: pl.DataFrame, profile: Export) -> table.Chunk:
    """Return what a profile shows of some people (columns: `gate.ADDRESSES`).

    Of the channel of a marketing profile only the addresses that were judged: no other may be written to.
    """
    ids = people["root_id"].unique(maintain_order=True)
    fields = set(profile.columns.values())
    each = {profile.channel} if profile.rows == "channel" and profile.channel else set()
    kinds = sorted({channel[0] for field in fields if (channel := channel_of(field))} | each)
    own = {"custom" if field.startswith(("attr.", "utm.")) else field for field in fields}
    wanted = own | ({*_SALUTED} if "salutation" in fields else set())
    own_columns = {name: (f'c."{name}"', pl.String()) for name in _COLUMNS if name in wanted}
    contacts = columns.part(store, {"id": ("c.id", pl.Int64()), **own_columns}, _CHOSEN, [_json(ids)])
    tags = "tags" in fields
    allowed = any(field.startswith("consent.") for field in fields)
    channels = _channels(store, ids if kinds else ids.clear(), kinds)
    if profile.purpose and profile.channel:
        judged = people.select("root_id", "value", kind=pl.lit(profile.channel))
        kept = channels.join(judged, on=["root_id", "kind", "value"], how="semi", maintain_order="left")
        channels = pl.concat([kept, channels.filter(pl.col("kind") != profile.channel)])
    return table.Chunk(
        companies.renamed(store, contacts.sort("id")),
        channels,
        _tags(store, ids if tags else ids.clear()),
        _consents(store, ids if allowed else ids.clear()),
    )


def _tags(store: Store, ids: pl.Series) -> pl.DataFrame:
    source = f"{_MEMBERS} CROSS JOIN contact_tag t ON t.contact_id = n.id"
    return columns.part(store, {**_ROOT, "tag": ("t.tag", pl.String())}, source, [_json(ids)])


def strata(store: Store, ids: pl.Series, fields: Sequence[str]) -> pl.DataFrame:
    """Return contacts with the fields a sample is stratified by (id and the fields)."""
    columns = "".join(f', c."{name}"' for name in fields)
    sql = f"SELECT c.id{columns} FROM json_each(?) k CROSS JOIN contact c ON c.id = k.value"
    schema = {"id": pl.Int64(), **dict.fromkeys(fields, pl.String())}
    found = [store.query(sql, [_json(part)], schema) for part in portions(ids)]
    return pl.concat([pl.DataFrame(schema=schema), *found])


class Preview(NamedTuple):
    """What the personal fields of an export look like."""

    nameless: int  # without a given name
    neutral: int  # of unknown gender
    greetings: list[dict[str, Any]]  # salutation and contacts: the first names' place is a dash
    odd: list[dict[str, Any]]  # id, given_name, oddity


def previewed(store: Store, ids: pl.Series, language: salutations.Language) -> Preview:
    """Return a preview of the personal fields of contacts."""
    columns = ", ".join(f'c."{name}"' for name in _SALUTED)
    sql = f"SELECT c.id, {columns} FROM json_each(?) k CROSS JOIN contact c ON c.id = k.value"
    schema = {"id": pl.Int64(), **dict.fromkeys(_SALUTED, pl.String())}
    found = pl.concat([pl.DataFrame(schema=schema), *(store.query(sql, [_json(p)], schema) for p in portions(ids))])
    greeted = found.with_columns(salutation=salutations.salutation(language), oddity=salutations.oddity())
    forms = greeted.select(
        salutation=pl.col("salutation").str.replace(r"^(Dear|Уважаем\S+|Здравствуйте,|Шановн\S+|Вітаємо,) .*$", "$1 …")
    )
    counts = (
        forms.group_by("salutation").agg(contacts=pl.len()).sort("contacts", "salutation", descending=[True, False])
    )
    odd = greeted.filter(pl.col("oddity").is_not_null()).select("id", "given_name", "oddity")
    return Preview(
        int(found["given_name"].null_count()), int(found["gender"].null_count()), counts.to_dicts(), odd.to_dicts()
    )


def portions(ids: pl.Series, parts: int = 1) -> Iterator[pl.Series]:
    """Return ids in portions of so many times `PART`."""
    size = PART * parts
    return (ids.slice(start, size) for start in range(0, ids.len(), size))


def _json(ids: pl.Series) -> str:
    return f"[{ids.cast(pl.String).str.join(',').item()}]"
