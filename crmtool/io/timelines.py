"""Reads from the store what happened with contacts: what waits for a name, and everything about one of them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core import model
from crmtool.core.errors import UsageError
from crmtool.core.journal import deals, from_notes, words, worth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmtool.io.store import Store

_TEXT = pl.String()
_NOTES = "notes"  # source of interactions that notes hold
WAITING: dict[str, pl.DataType] = {
    "id": pl.Int64(),  # of the latest
    "address": _TEXT,
    "kind": _TEXT,
    "times": pl.Int64(),
    "first": _TEXT,
    "latest": _TEXT,
    "subject": _TEXT,
}


def root(store: Store, contact: int) -> int:
    """Return the contact that carries the golden record. Raises UsageError when there is none."""
    found = store.snapshot("contact", ["root_id"], where="id", keys=[contact])["root_id"]
    if found.is_empty():
        raise UsageError(f"There is no contact {contact}.", "Find it with: crmtool contacts find TEXT")
    return int(found[0])


def waiting(store: Store) -> pl.DataFrame:
    """Return the addresses under which interactions of nobody known wait, the most frequent first (`WAITING`)."""
    sql = """SELECT id, address, kind, count(*), min(at), max(at), coalesce(subject, substr(body, 1, 60))
             FROM interaction WHERE contact_id IS NULL AND ignored IS NULL
             GROUP BY coalesce(address, 'row ' || id) ORDER BY 4 DESC, 6 DESC, 1"""
    return store.query(sql, [], WAITING)


def known_by_now(store: Store) -> tuple[pl.DataFrame, pl.Series]:
    """Return the waiting interactions whose address one contact alone has by now, and whose they are."""
    sql = """SELECT i.id, min(n.root_id) FROM interaction i
             CROSS JOIN channel c ON c.kind = i.channel AND c.value = i.address
             CROSS JOIN contact n ON n.id = c.contact_id
             WHERE i.contact_id IS NULL AND i.ignored IS NULL AND i.address IS NOT NULL
             GROUP BY i.id HAVING count(DISTINCT n.root_id) = 1 ORDER BY i.id"""
    found = store.query(sql, [], {"id": pl.Int64(), "owner": pl.Int64()})
    rows = store.snapshot("interaction", list(model.TABLES["interaction"]), where="id", keys=found["id"])
    return rows, found["owner"]


def in_notes(store: Store) -> list[dict[str, Any]]:
    """Return the interactions that notes of contacts hold and that are not kept yet, as rows of the table."""
    sql = """SELECT c.id, c.note, s.at FROM contact c JOIN changeset s ON s.id = c.changeset_id
             WHERE c.note GLOB '*[0-9][./-][0-9]*' AND c.id = c.root_id ORDER BY c.id"""
    notes = store.query(sql, [], {"id": pl.Int64(), "note": _TEXT, "at": _TEXT})
    rows = [
        {
            "contact_id": contact,
            "kind": piece.kind,
            "at": piece.on,
            "body": piece.text,
            "next_step": piece.next_step,
            "next_on": piece.next_on,
            "source": _NOTES,
            "source_key": f"{contact} {piece.on} {hashlib.sha256(piece.text.encode()).hexdigest()[:16]}",
        }
        for contact, note, at in notes.rows()
        for piece in from_notes.pieces(note, dt.date.fromisoformat(at[:10]))
    ]
    once = {row["source_key"]: row for row in rows}
    kept = store.query("SELECT source_key FROM interaction WHERE source = ?", [_NOTES], {"key": _TEXT})["key"]
    return [row for key, row in once.items() if key not in set(kept)]


# -- everything about one contact -----------------------------------------------------------------------------------

EVENTS: dict[str, pl.DataType] = {
    "at": _TEXT,  # ISO moment in UTC, or a day
    "kind": _TEXT,  # see `KINDS`
    "who": _TEXT,  # who of us
    "direction": _TEXT,
    "what": _TEXT,
    "next_step": _TEXT,
    "next_on": _TEXT,
    "seconds": pl.Int64(),
    "amount": pl.Int64(),  # whole ten-thousandths
    "currency": _TEXT,
    "files": pl.Int64(),  # attachments
    "contact_id": pl.Int64(),  # the contact it was written to
    "changeset_id": pl.Int64(),  # the change set that wrote it last
}

_SPLIT = [*EVENTS].index("what") + 1
_FOUND: dict[str, pl.DataType] = dict(
    [*[*EVENTS.items()][:_SPLIT], ("more", _TEXT), ("rest", _TEXT), *[*EVENTS.items()][_SPLIT:]]
)
#: How each kind of event is found. ?1 is the root, ?2 how many at most, the newest first.
_MINE = "(SELECT id FROM contact WHERE root_id = ?1)"
_REST = "NULL, NULL, NULL, NULL, NULL, 0"  # next_step to files
_SOURCES = {
    "interaction": f"""
        SELECT i.at, i.kind, i.author, i.direction, i.subject, i.body, '[' || i.outcome || ']', i.next_step, i.next_on,
               i.seconds, NULL, NULL, (SELECT count(*) FROM attachment a WHERE a.interaction_id = i.id), i.contact_id,
               i.changeset_id
        FROM interaction i WHERE i.contact_id IN {_MINE} ORDER BY i.at DESC LIMIT ?2""",
    "deal": f"""
        SELECT s."on", 'deal', coalesce(s.by, d.owner), NULL, s.stage, d.title, d.product, NULL, NULL, NULL, d.amount,
               d.currency, (SELECT count(*) FROM attachment a WHERE a.deal_id = d.id), d.contact_id, s.changeset_id
        FROM deal d JOIN deal_stage s ON s.deal_id = d.id WHERE d.contact_id IN {_MINE} ORDER BY 1 DESC LIMIT ?2""",
    "document": f"""
        SELECT s.at, 'document', s.actor, NULL, a.name, NULL, NULL, {_REST}, a.contact_id, a.changeset_id
        FROM attachment a JOIN changeset s ON s.id = a.changeset_id
        WHERE a.contact_id IN {_MINE} ORDER BY 1 DESC LIMIT ?2""",
    "verification": f"""
        SELECT v."on", 'verification', v.by, NULL, v.field || ifnull(' ' || v.value, ''), v.outcome, v.method,
               {_REST}, v.contact_id, v.changeset_id
        FROM verification v WHERE v.contact_id IN {_MINE} ORDER BY 1 DESC LIMIT ?2""",
    "consent": f"""
        SELECT e.at, 'consent', NULL, NULL, e.purpose || ifnull(' by ' || e.channel, ''), e.state, e.source,
               {_REST}, e.contact_id, e.changeset_id
        FROM consent e WHERE e.contact_id IN {_MINE} ORDER BY 1 DESC LIMIT ?2""",
    "merge": f"""
        SELECT s.at, 'merge', v.by, NULL,
               v.left_id || CASE v.decision WHEN 'same' THEN ' is ' WHEN 'different' THEN ' is not ' ELSE ' may be ' END
               || v.right_id, v.reason,
               iif(v.retracted_in IS NULL, NULL, 'taken back'), {_REST}, v.left_id, v.changeset_id
        FROM (SELECT * FROM verdict WHERE left_id IN {_MINE} UNION SELECT * FROM verdict WHERE right_id IN {_MINE}) v
        JOIN changeset s ON s.id = v.changeset_id ORDER BY 1 DESC LIMIT ?2""",
    "import": f"""
        SELECT s.at, 'import', s.actor, NULL, f.name || ' row ' || r.row, r.source, NULL, {_REST}, r.contact_id,
               f.changeset_id
        FROM record r JOIN file f ON f.id = r.file_id JOIN changeset s ON s.id = f.changeset_id
        WHERE r.contact_id IN {_MINE} ORDER BY 1 DESC LIMIT ?2""",
    "edit": f"""
        SELECT s.at, 'edit', s.actor, NULL, s.command, NULL, NULL, {_REST}, r.contact_id, c.changeset_id
        FROM record r JOIN change c ON c.tbl = 'record' AND c.row_id = r.id AND (c.op = 'update' OR r.file_id IS NULL)
        JOIN changeset s ON s.id = c.changeset_id WHERE r.contact_id IN {_MINE} ORDER BY 1 DESC LIMIT ?2""",
    "tag": f"""
        SELECT s.at, 'tag', s.actor, NULL, t.tag, NULL, NULL, {_REST}, t.contact_id, t.changeset_id
        FROM contact_tag t JOIN changeset s ON s.id = t.changeset_id
        WHERE t.contact_id IN {_MINE} ORDER BY 1 DESC LIMIT ?2""",
}
KINDS = (*words.KINDS, *(name for name in _SOURCES if name != "interaction"))


def events(store: Store, root_id: int, kinds: Iterable[str] = (), since: str = "", limit: int = 200) -> pl.DataFrame:
    """Return what happened with a contact and those it was joined with, the newest first (columns: `EVENTS`).

    `kinds` are of `KINDS`, none: all; `since` is an ISO day or moment. At most `limit` come back.
    """
    wanted = {*kinds} or {*KINDS}
    sources = {name for name in _SOURCES if name in wanted or (name == "interaction" and wanted & {*words.KINDS})}
    narrow = wanted & {*words.KINDS} != {*words.KINDS} or since  # then rows fall out after the limit
    most = -1 if narrow else limit
    parts = [store.query(_SOURCES[name], [root_id, most], _FOUND) for name in _SOURCES if name in sources]
    what = pl.concat_str("what", "more", "rest", separator=" — ", ignore_nulls=True)
    whole = pl.concat([pl.DataFrame(schema=_FOUND), *parts]).with_columns(what=what).select(*EVENTS)
    kept = whole.filter(pl.col("kind").is_in(sorted(wanted)) & (pl.col("at") >= since))
    return kept.sort("at", descending=True, maintain_order=True, nulls_last=True).head(limit)


_ABOVE = {"Company": "company", "Phone": "phone", "E-mail": "email", "City": "city", "Stage": "stage", "Owner": "owner"}


def about(store: Store, root_id: int, won: tuple[str, ...]) -> dict[str, Any]:
    """Return what stands above a timeline: id, name, and facts (title, value) that are known of the contact."""
    golden = store.snapshot("contact", where="id", keys=[root_id]).to_dicts()[0]
    bought = purchases(store, [root_id], won)
    named = {
        "Company": "company",
        "Phone": "phone",
        "E-mail": "email",
        "City": "city",
        "Stage": "stage",
        "Owner": "owner",
    }
    facts = [(title, golden[field]) for title, field in named.items() if golden[field]]
    for deal in bought.to_dicts():
        often = f", every {deal['days_between']} days" if deal["days_between"] is not None else ""
        total = f"{deal['count']} for {deals.money(deal['total'], deal['currency'])}"
        facts.append(("Bought", f"{total}, {deal['first_on']} to {deal['last_on']}{often}"))
    name = golden["name"] or golden["email"] or golden["phone"] or "(no name)"
    return {"id": root_id, "name": name, "facts": facts}


def purchases(store: Store, roots: Iterable[int] | None = None, won: tuple[str, ...] = ("won",)) -> pl.DataFrame:
    """Return what contacts bought (columns: `core.journal.worth.PURCHASES`), all or some of them."""
    only = "" if roots is None else "AND n.root_id IN (SELECT value FROM json_each(?))"
    sql = f"""SELECT n.root_id, d.currency, d.amount, d.closed_on, d.stage FROM deal d
              JOIN contact n ON n.id = d.contact_id WHERE d.closed_on IS NOT NULL {only}"""
    params = [] if roots is None else [json.dumps(list(roots))]
    return worth.purchases(store.query(sql, params, worth.DEALS), won)


LISTED: dict[str, pl.DataType] = {
    "id": pl.Int64(),
    "root_id": pl.Int64(),
    "name": _TEXT,
    **{name: model.TABLES["deal"][name] for name in deals.FIELDS},
    "source": _TEXT,
}


def deals_of(store: Store, root_id: int | None, stage: str | None) -> pl.DataFrame:
    """Return deals with their contacts (columns: `LISTED`), the newest first; of one contact, in one stage, or all."""
    sql = """SELECT d.id, n.root_id, coalesce(c.name, c.email, c.phone), d.title, d.product, d.amount, d.currency,
                    d.stage, d.owner, d.opened_on, d.closed_on, d.source
             FROM deal d LEFT JOIN contact n ON n.id = d.contact_id LEFT JOIN contact c ON c.id = n.root_id
             WHERE (?1 IS NULL OR n.root_id = ?1) AND (?2 IS NULL OR d.stage = ?2)
             ORDER BY coalesce(d.closed_on, d.opened_on) DESC, d.id DESC"""
    return store.query(sql, [root_id, stage], LISTED)


def worth_of_all(store: Store, won: tuple[str, ...], day: str) -> pl.DataFrame:
    """Return what buyers bought and where they stand on a day (`worth.PURCHASES`, name, life), the best first."""
    bought = purchases(store, None, won)
    names = store.query(
        "SELECT id, coalesce(name, email, phone) FROM contact WHERE id IN (SELECT value FROM json_each(?))",
        [json.dumps(bought["root_id"].unique().to_list())],
        {"root_id": pl.Int64(), "name": _TEXT},
    )
    whole = bought.join(names, on="root_id", how="left").join(worth.life_cycle(bought, day), on="root_id", how="left")
    return whole.sort("total", "root_id", "currency", descending=[True, False, False], nulls_last=True)
