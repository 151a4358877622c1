"""The words of the house as data: tables, their columns, and the fields of a contact.

Facts are what came in or what a person said; `contact` (but for its id) and `channel` are computed from them and may be
computed anew at any time. Every table has `id` (never reused) and `changeset_id`, the change set that last wrote it.
To add a column: here and as a migration in `crmtool/io/migrations`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import polars as pl
from polars import selectors

Schema = Mapping[str, pl.DataType]

_ID, _TEXT = pl.Int64(), pl.String()

#: Golden fields of a contact that hold one text, in the order people read them.
FIELDS = (
    "prefix",
    "given_name",
    "middle_name",
    "family_name",
    "suffix",
    "gender",
    "birthday",
    "company",
    "job_title",
    "country",
    "region",
    "city",
    "postcode",
    "address",
    "tax_id",
    "type",
    "stage",
    "owner",
    "source",
    "first_contact_on",
    "note",
)

#: Kinds of channel. A field may carry a label: "phone.mobile" is a phone labelled "mobile".
CHANNELS = ("email", "phone", "messenger", "site")

#: Parts of a person's name, in the order of a display name.
NAME_PARTS = ("prefix", "given_name", "middle_name", "family_name", "suffix")

TABLES: dict[str, Schema] = {
    "file": {
        "id": _ID,
        "name": _TEXT,  # without folders
        "sha256": _TEXT,
        "source": _TEXT,
        "mapping": _TEXT,  # name of the mapping
        "encoding": _TEXT,
        "columns": _TEXT,  # JSON object: heading -> field, in the order of the file
        "changeset_id": _ID,
    },
    "contact": {
        "id": _ID,
        "root_id": _ID,  # the contact that carries the golden record; itself unless absorbed
        "kind": _TEXT,  # "person" or "company"
        "name": _TEXT,  # display name; null on absorbed contacts, as every golden field
        **dict.fromkeys(FIELDS, _TEXT),
        "email": _TEXT,  # main channels
        "phone": _TEXT,
        "custom": _TEXT,  # JSON object of the workspace's own fields
        "changeset_id": _ID,
    },
    "record": {
        "id": _ID,
        "contact_id": _ID,
        "source": _TEXT,
        "source_key": _TEXT,
        "file_id": _ID,  # null for hand edits
        "row": _ID,
        "raw": _TEXT,  # JSON object: heading -> cell exactly as read
        "clean": _TEXT,  # JSON object of cleaned fields, see CLEAN
        "changeset_id": _ID,
    },
    "channel": {
        "id": _ID,
        "contact_id": _ID,  # the contact whose record named it; read through its root
        "kind": _TEXT,
        "value": _TEXT,
        "label": _TEXT,
        "extension": _TEXT,
        "type": _TEXT,  # phone: "mobile", "fixed", "toll_free" ...; email: "personal" or "role"
        "changeset_id": _ID,
    },
    "contact_tag": {"id": _ID, "contact_id": _ID, "tag": _TEXT, "changeset_id": _ID},
    "verdict": {
        "id": _ID,
        "left_id": _ID,
        "right_id": _ID,
        "decision": _TEXT,  # "same", "different" or "unsure"; unsure by a rule waits for review
        "by": _TEXT,  # a person, or "rule:NAME"
        "reason": _TEXT,
        "retracted_in": _ID,  # change set that took it back; null: it holds
        "changeset_id": _ID,
        "weight": pl.Float64(),  # match weight in bits where a rule compared the two
    },
    "verification": {
        "id": _ID,
        "contact_id": _ID,
        "field": _TEXT,
        "value": _TEXT,  # what was confirmed or found wrong
        "outcome": _TEXT,  # "confirmed", "wrong" or "unreachable"
        "on": _TEXT,  # ISO day
        "by": _TEXT,
        "method": _TEXT,
        "changeset_id": _ID,
    },
    "reject": {
        "id": _ID,
        "file_id": _ID,
        "row": _ID,
        "raw": _TEXT,
        "reasons": _TEXT,  # all of them, in words
        "changeset_id": _ID,
    },
    "interaction": {
        "id": _ID,
        "contact_id": _ID,  # null while it is not known whose it is
        "kind": _TEXT,  # "call", "email", "meeting", "chat", "ticket", "web" or "note"
        "at": _TEXT,  # ISO moment with its zone
        "author": _TEXT,  # who of us
        "channel": _TEXT,  # "phone", "email", "messenger" or "site"
        "address": _TEXT,  # theirs: the number, mailbox or handle it went through
        "direction": _TEXT,  # "in" or "out"
        "seconds": _ID,
        "subject": _TEXT,
        "body": _TEXT,
        "outcome": _TEXT,
        "tags": _TEXT,  # JSON list
        "next_step": _TEXT,
        "next_on": _TEXT,  # ISO day
        "thread": _TEXT,  # what belongs to one conversation
        "source": _TEXT,
        "source_key": _TEXT,  # with the source, what it is known by when it comes again
        "file_id": _ID,
        "row": _ID,
        "raw": _TEXT,
        "changeset_id": _ID,
        "ignored": _ID,  # 1: of nobody known, and nobody wants to know
    },
    "deal": {
        "id": _ID,
        "contact_id": _ID,
        "title": _TEXT,
        "product": _TEXT,
        "amount": _ID,  # whole ten-thousandths, see MONEY
        "currency": _TEXT,  # ISO 4217
        "stage": _TEXT,
        "owner": _TEXT,
        "opened_on": _TEXT,  # ISO day
        "closed_on": _TEXT,  # ISO day it was won or lost
        "source": _TEXT,
        "source_key": _TEXT,
        "file_id": _ID,
        "row": _ID,
        "raw": _TEXT,
        "changeset_id": _ID,
    },
    "deal_stage": {"id": _ID, "deal_id": _ID, "stage": _TEXT, "on": _TEXT, "by": _TEXT, "changeset_id": _ID},
    "attachment": {
        "id": _ID,
        "interaction_id": _ID,
        "deal_id": _ID,
        "contact_id": _ID,
        "name": _TEXT,  # made safe: no folders, nothing unseen
        "type": _TEXT,  # media type
        "size": _ID,  # bytes
        "sha256": _TEXT,
        "path": _TEXT,  # within the folder it was found in; null: it is inside of a message
        "changeset_id": _ID,
    },
    "consent": {
        "id": _ID,
        "contact_id": _ID,
        "purpose": _TEXT,
        "channel": _TEXT,  # null: every channel
        "address": _TEXT,  # null: every address of the channel
        "state": _TEXT,  # "given", "withdrawn", "expired" or "unknown"
        "at": _TEXT,  # ISO day or moment it was said
        "until": _TEXT,  # ISO day; null: without end
        "source": _TEXT,
        "text_version": _TEXT,
        "evidence": _TEXT,
        "changeset_id": _ID,
    },
    "archive": {
        "id": _ID,
        "contact_id": _ID,  # archived is who is archived with every contact he is made of: the view `archived`
        "on": _TEXT,  # ISO day
        "by": _TEXT,
        "reason": _TEXT,
        "changeset_id": _ID,
    },
    "audit_snapshot": {
        "id": _ID,
        "as_of": _TEXT,  # ISO day
        "rules": _TEXT,  # fingerprint of the rules it was made by
        "figures": _TEXT,  # JSON object: figure of the audit -> number
        "changeset_id": _ID,
    },
    "run": {
        "id": _ID,
        "name": _TEXT,  # of the pipeline, or "backup drill"
        "started_at": _TEXT,  # ISO moments in UTC
        "ended_at": _TEXT,
        "outcome": _TEXT,  # "done", "failed" or "stopped"
        "code": _ID,  # the exit code
        "steps": _TEXT,  # JSON list: step, outcome, code, seconds, counts
        "changeset_id": _ID,
    },
    "segment_membership": {
        "id": _ID,
        "segment": _TEXT,
        "contact_id": _ID,
        "entered_on": _TEXT,  # ISO day of the refresh that first saw them in
        "left_on": _TEXT,  # ISO day of the refresh that first saw them out again; null: they are in
        "changeset_id": _ID,
    },
    "export_log": {
        "id": _ID,
        "segment": _TEXT,  # its name, or the filter as written
        "profile": _TEXT,
        "purpose": _TEXT,  # of the consent that was asked for; null: none was
        "part": _TEXT,  # "sample" or "rest" of a trial; null: everybody
        "fields": _TEXT,  # JSON list
        "rows": _ID,
        "people": _TEXT,  # ids of contacts as JSON list of runs [first, last]
        "withheld": _TEXT,  # JSON object: reason -> how many
        "file": _TEXT,  # its name without folders
        "sha256": _TEXT,
        "revision": _ID,  # change set up to which the base was read
        "changeset_id": _ID,
    },
    "tombstone": {
        "id": _ID,
        "person": _ID,  # the root contact that was erased; its id is never given again
        "kind": _TEXT,  # what the mark is of, see `core.tombstones`
        "mark": _TEXT,  # keyed hash
        "on": _TEXT,  # ISO day
        "reason": _TEXT,
        "withdrawn": _TEXT,  # JSON list: purposes of which the person had withdrawn a consent
        "changeset_id": _ID,
    },
}

#: An amount of money is kept as a whole number of such parts: exact sums in every currency of ISO 4217.
MONEY = 10_000

#: Tables that are computed: an undo computes them anew instead of turning them back.
DERIVED = frozenset({"contact", "channel"})

#: Where a row points at another; every one of them keeps a contact from being removed.
REFERENCES: dict[str, tuple[str, ...]] = {
    "record": ("contact_id",),
    "channel": ("contact_id",),
    "contact_tag": ("contact_id",),
    "verdict": ("left_id", "right_id"),
    "verification": ("contact_id",),
    "interaction": ("contact_id",),
    "deal": ("contact_id",),
    "attachment": ("contact_id",),
    "consent": ("contact_id",),
    "archive": ("contact_id",),
    "segment_membership": ("contact_id",),
}

CHANNEL_STRUCT = pl.Struct({name: pl.String() for name in ("kind", "value", "label", "extension", "type")})

#: The shape of `record.clean`: golden fields, channels, tags, and `attr.*` for the workspace's own fields.
CLEAN: dict[str, pl.DataType] = {
    "kind": _TEXT,
    "name": _TEXT,  # the whole name where it could not be split
    **dict.fromkeys(FIELDS, _TEXT),
    "channels": pl.List(CHANNEL_STRUCT),
    "custom": pl.List(pl.Struct({"field": pl.String(), "value": pl.String()})),
    "instead_of": pl.List(pl.Int64()),  # records whose notes the note of this hand edit stands in for
    "fill": pl.Boolean(),  # its values count only where no other record has one
}

#: Source of hand edits; the most trusted.
MANUAL = "manual"


def empty(table: str) -> pl.DataFrame:
    """Return a frame of `table` without rows."""
    return _bare(table).clone()


@cache
def _bare(table: str) -> pl.DataFrame:
    """Return the frame, made once: every decision on a pair asks for several."""
    return pl.DataFrame(schema=dict(TABLES[table]))


def named(heading: str) -> pl.Expr:
    """Return the column of a heading, whatever characters it has: "*" and "^a$" are no patterns here."""
    return selectors.by_name(heading).as_expr()


def json_object(columns: Iterable[str]) -> pl.Expr:
    """Return an expression giving each row as a JSON object of `columns`, nulls left out.

    Columns may have any name: `named` takes "*" and "^a$" for headings, which `pl.col` takes for patterns.
    """
    members = [
        pl.when(named(name).is_not_null()).then(
            pl.struct(named(name)).struct.json_encode().str.strip_prefix("{").str.strip_suffix("}")
        )
        for name in columns
    ]
    inside = pl.concat_str(members, separator=",", ignore_nulls=True) if members else pl.lit("")
    return pl.lit("{") + inside + pl.lit("}")


def where(frame: pl.DataFrame, condition: pl.Expr) -> pl.DataFrame:
    """Return the rows for which a condition holds; the frame itself where it holds for all: a filter would copy it."""
    mask = frame.select(condition.alias("holds"))["holds"]
    return frame if mask.all(ignore_nulls=False) else frame.filter(mask)


def decoded(clean: pl.Series) -> pl.DataFrame:
    """Return the cleaned fields of records as a frame of the columns in `CLEAN`, from their JSON text."""
    return clean.str.json_decode(pl.Struct(CLEAN)).alias("clean").to_frame().unnest("clean")
