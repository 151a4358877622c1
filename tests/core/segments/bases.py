"""A small base that filters are tried on, with every kind of fact in it."""

import datetime as dt
import json

from crmtool.core.segments import compiling
from crmtool.core.segments.context import Context
from crmtool.io.connecting import connected
from crmtool.io.store import Store

TODAY = dt.date(2026, 11, 21)
VOCABULARIES = {"city": {"киев": "Київ", "kyiv": "Київ", "київ": "Київ"}}
SEGMENTS = {
    "kyiv": "city = 'Київ'",
    "vip-kyiv": "in_segment('kyiv') and has_tag('vip')",
    "loop": "in_segment('pool')",
    "pool": "id = 1 or in_segment('loop')",
    "self": "in_segment('self')",
    "broken": "citty = 'x'",
}
CONTEXT = Context(
    TODAY,
    custom=frozenset({"attr.nps", "attr.renewal_on"}),
    vocabularies=VOCABULARIES,
    segments=SEGMENTS,
    won=("won",),
    checked=frozenset({"email", "phone"}),
)

#: id, and what is not empty; 5 is absorbed by 1.
CONTACTS = [
    {"id": 1, "name": "Олена Коваль", "city": "Київ", "email": "Olena@Firma.UA", "first_contact_on": "2026-11-20"},
    {"id": 2, "name": "Пётр Ёлкин", "city": "Москва", "phone": "+79161234567", "birthday": "1990-05-17"},
    {"id": 3, "name": "Ann O'Neil", "city": "Kyiv-Hills", "first_contact_on": "2025-01-01", "postcode": "01001"},
    {"id": 4, "name": "Ромашка", "kind": "company", "custom": {"nps": "10", "renewal_on": "2027-01-01"}},
    {"id": 5, "root_id": 1},
    {"id": 6, "name": "Nine", "birthday": "--03-05", "custom": {"nps": "9", "renewal_on": "2026-01-01"}},
    {"id": 7, "name": "Words", "custom": {"nps": "n/a", "renewal_on": "soon"}},
]
TAGS = [(1, "VIP"), (2, "vip "), (3, "vips")]
CHANNELS = [(5, "email", "second@firma.ua"), (2, "phone", "+79161234567"), (3, "messenger", "t.me/ann")]
INTERACTIONS = [
    (1, "call", "2026-06-01T10:00:00+03:00"),
    (5, "email", "2026-11-10T23:30:00+02:00"),
    (2, "call", "2026-10-22T09:00:00+03:00"),
    (2, "call", "2026-11-01T09:00:00+03:00"),
    (None, "call", "2026-11-20T09:00:00+03:00"),
]
#: contact, product, amount in whole units, currency, stage, day it closed
DEALS = [
    (1, "Курс «Старт»", 1000, "UAH", "won", "2026-01-15"),
    (5, "Курс «Старт»", 500, "UAH", "won", "2026-11-01"),
    (1, "Support", 9000, "UAH", "lost", "2026-11-02"),
    (2, "Support", 100, "USD", "won", "2025-05-05"),
    (2, None, 2000, "UAH", "won", "2026-05-05"),
    (3, "Support", 70, "USD", "offer", None),
]
#: contact, purpose, channel, state, at, until
CONSENTS = [
    (1, "newsletter", None, "given", "2026-01-01", None),
    (5, "newsletter", "email", "withdrawn", "2026-02-01", None),
    (2, "newsletter", None, "given", "2026-01-01", "2026-11-20"),
    (3, "newsletter", "email", "given", "2026-01-01", "2026-11-21"),
    (4, "calls", "phone", "given", "2026-01-01", None),
    (6, "newsletter", None, "given", "2026-11-22", None),
]
#: segment, contact, entered, left
MEMBERSHIPS = [
    ("kyiv", 1, "2026-05-01", None),
    ("kyiv", 2, "2026-05-01", "2026-06-01"),
    ("kyiv", 5, "2026-07-01", None),
]


def filled(path):
    """Make the base; return a connection to it."""
    Store.create(path, "0" * 64).close()
    db = connected(path, "rw")
    db.execute("PRAGMA foreign_keys = OFF")
    for contact in CONTACTS:
        row = {"kind": "person", "root_id": contact["id"], **contact}
        row["custom"] = json.dumps(row["custom"]) if "custom" in row else None
        _put(db, "contact", **row)
    for contact, tag in TAGS:
        _put(db, "contact_tag", contact_id=contact, tag=tag)
    for contact, kind, value in CHANNELS:
        _put(db, "channel", contact_id=contact, kind=kind, value=value)
    for n, (contact, kind, at) in enumerate(INTERACTIONS):
        _put(db, "interaction", contact_id=contact, kind=kind, at=at, source="x", source_key=str(n))
    for n, deal in enumerate(DEALS):
        names = ("contact_id", "product", "amount", "currency", "stage", "closed_on")
        row = dict(zip(names, deal, strict=True))
        _put(db, "deal", **{**row, "amount": row["amount"] * 10_000}, source="x", source_key=str(n))
    for said in CONSENTS:
        names = ("contact_id", "purpose", "channel", "state", "at", "until")
        _put(db, "consent", **dict(zip(names, said, strict=True)))
    for member in MEMBERSHIPS:
        names = ("segment", "contact_id", "entered_on", "left_on")
        _put(db, "segment_membership", **dict(zip(names, member, strict=True)))
    return db


def _put(db, table, **row):
    row = {"changeset_id": 1, "proof": b"", **row}
    columns = ", ".join(f'"{name}"' for name in row)
    db.execute(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def compiled(expression):
    """Return the condition of a filter in the surroundings of this base."""
    return compiling.compiled(expression, CONTEXT)


def found(db, expression):
    """Return the ids of the contacts a filter holds for."""
    condition = compiled(expression)
    return [row[0] for row in db.execute(condition.query("c.id", "ORDER BY c.id"), condition.params)]
