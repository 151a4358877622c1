"""Mailboxes (mbox) and single messages (eml) as letters: a row for each person on the other side of each.

A letter is going out where its sender is one of us, else coming in. Who we are is said by the rules; without that it is
who stands in most letters of the mailbox, or who a single message was delivered to. Attachments are listed with their
hash and never opened. To add a column: a line in `_row`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import replace
from email import message_from_bytes
from email.errors import MessageError
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core import findings
from crmtool.core.errors import InputRefused
from crmtool.core.journal import file_names, quoting
from crmtool.io.readers import fitting, mail_messages, table
from crmtool.io.readers.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from email.message import Message as Parsed
    from pathlib import Path

    from crmtool.io.readers.mail_messages import Message
    from crmtool.io.readers.table import Options

COLUMNS = (
    *("Key", "Date", "Direction", "Address", "Name", "Our address", "Subject", "Text", "Thread", "Tags"),
    "Attachments",
)
_LARGEST = 64 << 20  # bytes of a message that are looked at; no provider takes larger ones
_PART = 2_000  # messages of a part
_ASKED = 2_000  # messages looked at to tell whose mailbox it is
_FEW = 3
_IDS = re.compile(r"<[^<>\s]{1,998}>")
_HEADERS = ("message-id", "in-reply-to", "references", "delivered-to", "x-original-to", "received")


class _Letter(NamedTuple):
    """A message, the headers beside those of `mail_messages`, and what hangs on it (a JSON list)."""

    message: Message
    headers: dict[str, list[str]]
    attachments: str | None
    digest: str


def read(path: Path, options: Options, ours: frozenset[str]) -> Iterator[Table]:
    """Yield the letters of a mailbox or a message, in parts. With a limit only so many messages are read.

    Raises InputRefused where there is no message, UsageError for options that say nothing about mail.
    """
    fitting.check(replace(options, format=None), path.name, "mail")
    box = _is_box(path)
    about = _about(path, "mbox" if box else "eml")
    own = ours or _owner(path, box=box)
    with path.open("rb") as file:
        messages = mail_messages.split(file.read, _LARGEST) if box else iter([file.read(_LARGEST)])
        wanted = islice(messages, options.limit)
        row, parts = 1, 0
        while batch := list(islice(wanted, _PART)):
            part = _part(batch, row, about, own, first=not parts)
            row += part.cells.height + part.refused.height
            parts += 1
            yield part
    if not parts:
        raise InputRefused(f"{path.name} holds no message.", "Save the mailbox as mbox or .eml files.")


def _is_box(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(5) == b"From "


def _about(path: Path, kind: str) -> Table:
    return Table(
        name=path.name,
        sha256=table.digest(path),
        cells=pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String())),
        rows=pl.Series(table.ROW, [], pl.Int64()),
        refused=table.refused([]),
        blank=0,
        encoding="utf-8",
        format="letters",
        header=0,
        sheet=kind,
    )


def _owner(path: Path, *, box: bool) -> frozenset[str]:
    """Return the address that stands in most messages of a mailbox; none where no address does."""
    if not box:
        return frozenset()
    with path.open("rb") as file:
        heads = (mail_messages.parsed(head) for head in islice(mail_messages.split(file.read), _ASKED))
        return most_common([{person.address for person in head.people} for head in heads if head])


def most_common(groups: list[set[str]]) -> frozenset[str]:
    """Return the member that most of several groups have, and no other as many; none where there is none such.

    >>> most_common([{"a", "b"}, {"a", "c"}, {"a", "d"}])
    frozenset({'a'})
    """
    counted = Counter(member for group in groups for member in group).most_common(2)
    if len(groups) < _FEW or not counted or counted[0][1] * 2 <= len(groups):
        return frozenset()
    alone = len(counted) == 1 or counted[1][1] < counted[0][1]
    return frozenset({counted[0][0]}) if alone else frozenset()


def _part(batch: list[bytes], row: int, about: Table, own: frozenset[str], *, first: bool) -> Table:
    rows: list[tuple[str | None, ...]] = []
    numbers: list[int] = []
    refused: list[tuple[int, str, str]] = []
    doubtful = 0
    for raw in batch:
        letter = _letter(raw)
        if letter is None:
            refused.append((row, raw[:4096].decode("utf-8", "replace"), "mail.nobody"))
            row += 1
            continue
        mine = own | _delivered(letter)
        doubtful += not mine
        for each in _rows(letter, mine):
            rows.append(each)
            numbers.append(row)
            row += 1
    cells = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String()), orient="row")
    doubts = pl.DataFrame({"suggestion": [str(doubtful)] if doubtful else []}, schema={"suggestion": pl.String})
    return replace(
        about,
        cells=cells.select(pl.when(pl.all() != "").then(pl.all())),
        rows=pl.Series(table.ROW, numbers, pl.Int64()),
        refused=table.refused(refused),
        findings=findings.found(doubts if first else doubts.head(1), "mail.ours"),
    )


def _letter(raw: bytes) -> _Letter | None:
    """Return a message; None where it names nobody with an address."""
    whole, headers, attached = _whole(raw)
    cut = len(raw) > mail_messages.KEPT
    message = mail_messages.parsed(raw[: mail_messages.KEPT], None if cut else whole)
    if message is None:
        return None
    return _Letter(message, headers, attached, hashlib.sha256(raw).hexdigest()[:32])


def _whole(raw: bytes) -> tuple[Parsed | None, dict[str, list[str]], str | None]:
    """Return a message with its parts, its headers and what is attached; nothing of one that cannot be taken apart."""
    try:
        whole = message_from_bytes(raw)
        headers = {name: [str(value) for value in whole.get_all(name, [])] for name in _HEADERS}
        return whole, headers, _attachments(whole)
    except (RecursionError, MessageError, ValueError, LookupError, AssertionError):
        return None, {name: [] for name in _HEADERS}, None


def _attachments(whole: Parsed) -> str | None:
    """Return a JSON list of what is attached: name, media type, size and hash."""
    found: list[dict[str, object]] = []
    for part in whole.walk():
        name = part.get_filename()
        if part.is_multipart() or (name is None and part.get_content_disposition() != "attachment"):
            continue
        data = part.get_payload(decode=True)
        content = data if isinstance(data, bytes) else b""
        said = file_names.safe(mail_messages.decoded(str(name)) if name else None, f"attachment {len(found) + 1}")
        found.append(
            {
                "name": said,
                "type": part.get_content_type(),
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
        )
    return json.dumps(found, ensure_ascii=False) if found else None


def _delivered(letter: _Letter) -> frozenset[str]:
    """Return the addresses a message was delivered to."""
    values = [*letter.headers["delivered-to"], *letter.headers["x-original-to"]]
    return frozenset(address for value in values for _, address in mail_messages.addresses(value))


def _rows(letter: _Letter, own: frozenset[str]) -> Iterator[tuple[str | None, ...]]:
    """Yield a row for each person on the other side; where all are ours, one for the sender."""
    message = letter.message
    senders = [p for p in message.people if p.role == "from"] or message.people[:1]
    out = any(_is_ours(person.address, own) for person in senders)
    others = [p for p in message.people if p.role in {"to", "cc", "bcc"}] if out else senders
    theirs = {p.address: p for p in reversed(others) if not _is_ours(p.address, own)} or {
        senders[0].address: senders[0]
    }
    mine = [p.address for p in message.people if _is_ours(p.address, own)]
    for person in reversed(theirs.values()):
        yield _row(letter, person, mine[0] if mine else None, "out" if out else "in")


def _is_ours(address: str, own: Iterable[str]) -> bool:
    return address in own or f"@{address.rpartition('@')[2]}" in own


def _row(letter: _Letter, person: mail_messages.Person, mine: str | None, direction: str) -> tuple[str | None, ...]:
    message, headers = letter.message, letter.headers
    ids = {name: _IDS.findall(" ".join(headers[name])) for name in ("message-id", "in-reply-to", "references")}
    own_id = ids["message-id"][0] if ids["message-id"] else letter.digest
    thread = next((ids[name][0] for name in ("references", "in-reply-to") if ids[name]), own_id)
    return (
        f"{own_id}#{person.address}",
        _date(message, headers["received"]),
        direction,
        person.address,
        person.name,
        mine,
        message.subject,
        quoting.own(message.text),
        thread,
        "bulk" if message.bulk else None,
        letter.attachments,
    )


def _date(message: Message, received: list[str]) -> str | None:
    """Return the moment of a message: what it says, else when it was first received."""
    stamps = (mail_messages.day(value.rpartition(";")[2].strip()) for value in reversed(received))
    moment = message.day or next((stamp for stamp in stamps if stamp), None)
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00") if moment else None
