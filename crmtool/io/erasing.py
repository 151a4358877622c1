"""Erasing people: what is theirs in every table and in the log, the plan that removes it, and the marks they leave.

People are whole clusters. The plan removes their rows through the ordinary door; while it is being written, the log
loses what it kept of them (`blanking`). Deals stay without a name, so that sums stay true. What others said stays.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import golden, model, persons, plans, tombstones
from crmtool.core.errors import UsageError
from crmtool.core.folding import folded
from crmtool.core.plans import Plan
from crmtool.io import blanking, gathering, person

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crmtool.core.plans import Edit
    from crmtool.io.person import Rows
    from crmtool.io.store import Store

_OWNED = {"id": pl.Int64(), "person": pl.Int64()}
_STAYING = {"export_log", "deal_stage"}  # they hold no values of the person: ids, stages
_DEAL = {"contact_id": None, "title": None, "raw": None, "row": None}
_TOGETHER = ("contact", "record", "channel", "verification", "consent")  # where a merge may leave values of the other
_LEAST = 3  # characters of a value that tells anything


@dataclass(frozen=True)
class Found:
    """Everything that is people's: `people` (id of a contact, person: the root), rows that stand, and that are gone."""

    people: pl.DataFrame
    standing: Rows
    gone: Rows
    owner: int  # whose rows are that point at no contact

    @property
    def persons(self) -> pl.Series:
        """The root contacts."""
        return self.people["person"].unique().sort()

    def rows(self, table: str) -> pl.DataFrame:
        """Return the rows of a table, those that stand and those that are gone."""
        return pl.concat([rows[table] for rows in (self.standing, self.gone) if table in rows])


def found(store: Store, contacts: Iterable[int]) -> Found:
    """Return what is held about the people some contacts are, also of contacts that are gone.

    Raises UsageError where one never was, or was erased.
    """
    wanted = sorted(set(contacts))
    roots = gathering.roots_of(store, wanted)
    absent = pl.Series("id", sorted(set(wanted) - set(roots["id"])), dtype=pl.Int64)
    for unknown in absent.filter(~absent.is_in(_once(store, absent).implode())):
        raise UsageError(f"There is no contact {unknown}.", "Find it with: crmtool contacts find TEXT")
    nodes = store.snapshot("contact", ["id", "root_id"], where="root_id", keys=roots["root_id"].unique())
    people = pl.concat([nodes.rename({"root_id": "person"}), absent.to_frame().with_columns(person="id")])
    gone = {table: person.removed(store, table, people["id"]) for table in model.TABLES}
    standing = person.standing(store, people["id"], gone["channel"])
    known = persons.marks(pl.concat([standing["channel"], gone["channel"]]))
    for table, text in {"interaction": "address", "reject": "raw"}.items():
        gone[table] = pl.concat([gone[table], person.removed_of_nobody(store, table, known, text)]).unique("id")
    whole = Found(people, standing, gone, int(people["person"].min()))  # type: ignore[arg-type]  # there is one
    gone["deal_stage"] = person.removed_by(store, "deal_stage", {"deal_id": gone["deal"]["id"]})
    sides = {"interaction_id": whole.rows("interaction")["id"], "deal_id": whole.rows("deal")["id"]}
    more = person.removed_by(store, "attachment", sides)
    gone["attachment"] = pl.concat([gone["attachment"], more]).unique("id").sort("id")
    return whole


def nobody(owner: int) -> Found:
    """Return that nobody was found, in which rows may be put that are of `owner`."""
    none = {table: model.empty(table) for table in model.TABLES}
    return Found(pl.DataFrame(schema=_OWNED), none, dict(none), owner)


def _once(store: Store, ids: pl.Series) -> pl.Series:
    """Return the contacts that were there once, are gone, and were not erased."""
    sql = """SELECT k.value FROM json_each(?) k WHERE EXISTS (
                 SELECT 1 FROM change c WHERE c.tbl = 'contact' AND k.value BETWEEN c.row_id AND c.last_id)
             AND NOT EXISTS (SELECT 1 FROM change c WHERE c.tbl = 'contact' AND c.row_id = k.value
                             AND c.erased IS NOT NULL AND c.erased_of NOT NULL AND c.op = 'remove')"""
    return store.query(sql, [json.dumps(ids.to_list())], {"id": pl.Int64()})["id"]


def parts(store: Store, rules: str, command: str, who: Found, marks: pl.DataFrame) -> Iterator[Plan]:
    """Yield the plan that erases people, and take them out of the log when it is written.

    `rules` is the fingerprint, `marks` are the tombstones they leave (see `marks`).
    """
    with store.reading():
        edits = {**_edits(store, who), "tombstone": plans.edit("tombstone", created=_numbered(store, marks))}
        partners = _partners(who, _joined(store))
        plan = Plan(command, store.revision(), rules, edits, facts={"erased": who.persons.len()})
    yield plan
    owned = {table: _owned(who, table) for table in model.TABLES if table not in _STAYING}
    owned["contact"] = who.people
    owned["deal_stage"] = who.gone["deal_stage"].select("id", person=pl.lit(who.owner, pl.Int64))
    entries = [_entries(store, table, rows) for table, rows in owned.items() if rows.height]
    store.blank(pl.concat([*entries, *_of_partners(store, who, partners)]).unique("id"), owned)


def names(store: Store, who: Found, text: str) -> bool:
    """Tell whether a text says a name or an address of people."""
    clean = _clean(store, who)
    called = pl.concat([clean[name] for name in ("given_name", "family_name", "name")]).drop_nulls()
    words = {word for value in called for word in folded(value).split() if len(word) >= _LEAST}
    said = set(re.findall(r"[\w'-]+", folded(text)))
    reached = clean["channels"].explode(empty_as_null=True).struct.field("value").drop_nulls()
    return bool(words & said) or any(folded(value) in folded(text) for value in reached.unique())


# -- what becomes of the rows ---------------------------------------------------------------------------------------


def _edits(store: Store, who: Found) -> dict[str, Edit]:
    """Return the edits that remove the rows of people; deals lose what names them."""
    staying = {*_STAYING, "deal"}
    edits = {t: plans.edit(t, removed=rows) for t, rows in who.standing.items() if t not in staying and rows.height}
    deals = who.standing["deal"]
    if deals.height:
        bare = deals.with_columns(
            *(pl.lit(value).alias(name) for name, value in _DEAL.items()),
            source_key=pl.format("erased {}", "id"),
            changeset_id=pl.lit(store.revision().next, pl.Int64),
        )
        edits["deal"] = plans.edit("deal", updated=(deals, bare))
    return edits


def _owned(who: Found, table: str) -> pl.DataFrame:
    """Return the rows of a table with whose they are (columns id, person); what names no contact is of the first."""
    if table not in who.standing and table not in who.gone:
        return pl.DataFrame(schema=_OWNED)
    sides = ("id",) if table == "contact" else model.REFERENCES.get(table, ())
    rows = who.rows(table)
    of = dict(who.people.rows())
    owners = [pl.col(side).replace_strict(of, default=None, return_dtype=pl.Int64) for side in sides]
    return rows.select("id", person=pl.coalesce(*owners, pl.lit(who.owner, pl.Int64))).unique("id")


def _entries(store: Store, table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the entries of the log about rows (columns id, person), with whose they are."""
    entries = blanking.entries(store, table, rows["id"])
    of = rows.select(row_id="id", erased_of="person")
    return entries.drop("erased_of").join(of, on="row_id", how="left", maintain_order="left").select(entries.columns)


# -- whom they were joined with once --------------------------------------------------------------------------------


def _joined(store: Store) -> pl.DataFrame:
    """Return the pairs that anybody ever called the same (columns left_id, right_id), taken back or not."""
    pair = {"left_id": pl.Int64(), "right_id": pl.Int64()}
    standing = store.query("SELECT left_id, right_id FROM verdict WHERE decision = 'same'", [], pair)
    return pl.concat([standing, person.ever_same(store).select(*pair)]).unique()


def _partners(who: Found, joined: pl.DataFrame) -> pl.DataFrame:
    """Return the contacts that were joined with people once and are not now (columns id, person)."""
    ids = pl.concat([who.people["id"], joined["left_id"].rename("id"), joined["right_id"].rename("id")]).unique()
    led = golden.roots(ids, joined)
    of = led.join(who.people, on="id").group_by("root_id").agg(pl.col("person").min())
    return led.join(of, on="root_id").join(who.people, on="id", how="anti").select("id", "person")


def _of_partners(store: Store, who: Found, partners: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the entries about these contacts that hold a value only the people had."""
    if partners.is_empty():
        return
    theirs = store.snapshot("record", ["clean"], where="contact_id", keys=partners["id"])
    values = sorted(_values(_clean(store, who)) - _values(model.decoded(theirs["clean"])))
    for table in _TOGETHER:
        sides = ("id",) if table == "contact" else model.REFERENCES[table]
        rows = store.snapshot(table, ["id", *({*sides} - {"id"})], where=sides[0], keys=partners["id"])
        gone = person.removed(store, table, partners["id"])
        both = pl.concat(
            [rows.select("id", contact=sides[0]), gone.select("id", contact=sides[0])] if gone.width else [rows]
        )
        owned = both.join(partners.select(contact="id", person="person"), on="contact").unique("id")
        entries = _entries(store, table, owned.select("id", "person"))
        said = pl.concat_str("before", "after", ignore_nulls=True)
        yield entries.filter(said.str.contains_any(values))


def _values(clean: pl.DataFrame) -> set[str]:
    """Return the values in cleaned fields, in pieces that JSON writes as they are."""
    columns = [clean[name] for name in ("name", *model.FIELDS)]
    lists = [clean[name].explode(empty_as_null=True).struct.field("value") for name in ("channels", "custom")]
    texts = pl.concat([column.rename("value") for column in (*columns, *lists)]).drop_nulls().unique()
    pieces = texts.str.split("\n").explode().str.split('"').explode().str.split("\\").explode().str.strip_chars()
    return set(pieces.filter(pieces.str.len_chars() >= _LEAST))


# -- the marks they leave -------------------------------------------------------------------------------------------


def _clean(store: Store, who: Found) -> pl.DataFrame:
    """Return what was ever read of people: of (the person), origin, raw, and the columns of `model.CLEAN`."""
    rows = who.rows("record").unique("id").join(_owned(who, "record"), on="id")
    now = rows.select("id", "raw", "clean", of="person", origin="source")
    log = blanking.entries(store, "record", rows["id"]).filter(pl.col("op") == "update")
    told = pl.Struct({"clean": pl.String(), "raw": pl.String()})
    sides = pl.concat([log.select(id="row_id", image=side) for side in ("before", "after")])
    images = sides.with_columns(pl.col("image").str.json_decode(told)).unnest("image")
    then = images.join(now.rename({"clean": "c", "raw": "r"}), on="id")
    then = then.with_columns(clean=pl.coalesce("clean", "c"), raw=pl.coalesce("raw", "r")).select(now.columns)
    every = pl.concat([now, then]).unique(["of", "origin", "raw", "clean"], maintain_order=True)
    return every.select("of", "origin", "raw").hstack(model.decoded(every["clean"]))


def marks(store: Store, who: Found, stamp: Mapping[str, str]) -> pl.DataFrame:
    """Return the tombstones of people (columns of that table but id and changeset_id); `stamp`: on and reason."""
    told = _told(store, who)
    sealed = told.select(person="of", kind="kind", mark=store.sealed(tombstones.sealing(told)))
    return (
        sealed.join(_withdrawn(who), on="person", how="left", maintain_order="left")
        .with_columns(**{name: pl.lit(stamp[name]) for name in ("on", "reason")})
        .sort("person", "kind", "mark")
    )


def known_by(store: Store, who: Found) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the addresses that are people's alone (kind, text), and their names (given_name, family_name)."""
    told = _told(store, who).filter(pl.col("kind").is_in(tombstones.REACHED))
    return told.select("kind", "text").unique(), _clean(store, who).select("given_name", "family_name").unique()


def _told(store: Store, who: Found) -> pl.DataFrame:
    """Return all that tells people and nobody else (columns: `tombstones.TEXTS`)."""
    rows = [tombstones.texts(_clean(store, who))]
    for table in ("interaction", "deal"):
        each = who.rows(table).join(_owned(who, table), on="id").rename({"person": "of", "source": "origin"})
        rows.append(tombstones.written(each))
    rows.append(tombstones.written(_refused(store, who)))
    told = pl.concat(rows).filter("alone").unique(["of", "kind", "text"], maintain_order=True)
    return told.join(_shared(store, who, told), on=["kind", "text"], how="anti", maintain_order="left")


def _refused(store: Store, who: Found) -> pl.DataFrame:
    """Return the rejected rows of people: of, raw, and origin (the source of their file)."""
    rows = who.rows("reject").join(_owned(who, "reject"), on="id")
    files = store.snapshot("file", ["id", "source"], where="id", keys=rows["file_id"].drop_nulls().unique())
    return rows.join(files.select(file_id="id", origin="source"), on="file_id").rename({"person": "of"})


def _shared(store: Store, who: Found, told: pl.DataFrame) -> pl.DataFrame:
    """Return the addresses that somebody else has too (columns kind, text)."""
    types = {"kind": pl.String(), "text": pl.String()}
    sql = """SELECT DISTINCT h.kind, h.value FROM json_each(?) k
             CROSS JOIN channel h ON h.kind = ? AND h.value = k.value
             JOIN contact n ON n.id = h.contact_id WHERE n.root_id NOT IN (SELECT value FROM json_each(?))"""
    others, found = json.dumps(who.persons.to_list()), [pl.DataFrame(schema=types)]
    for kind in tombstones.REACHED:
        values = json.dumps(told.filter(pl.col("kind") == kind)["text"].to_list())
        found.append(store.query(sql, [values, kind, others], types))
    numbers = json.dumps(told.filter(pl.col("kind") == "tax_id")["text"].to_list())
    sql = """SELECT DISTINCT 'tax_id', tax_id FROM contact WHERE tax_id IN (SELECT value FROM json_each(?))
             AND root_id NOT IN (SELECT value FROM json_each(?))"""
    return pl.concat([*found, store.query(sql, [numbers, others], types)])


def _withdrawn(who: Found) -> pl.DataFrame:
    """Return the purposes each person had said no to (columns person, withdrawn as JSON list)."""
    said = who.standing["consent"].filter(pl.col("state") == "withdrawn").join(_owned(who, "consent"), on="id")
    lists = said.group_by("person").agg(pl.col("purpose").unique().sort())
    texts = [json.dumps(each, ensure_ascii=False) for each in lists["purpose"].to_list()]
    return lists.select("person").with_columns(pl.Series("withdrawn", texts, dtype=pl.String))


def _numbered(store: Store, fresh: pl.DataFrame) -> pl.DataFrame:
    """Return tombstones as rows of their table."""
    first = store.next_ids()["tombstone"]
    number = pl.lit(store.revision().next, pl.Int64)
    return fresh.with_columns(id=pl.int_range(pl.len(), dtype=pl.Int64) + first, changeset_id=number)
