"""Chats that Telegram Desktop exports as JSON (one chat, or all of an account): a row for each message.

To add a column: a line in `_row`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core.errors import InputRefused
from crmtool.core.journal import file_names
from crmtool.io.readers import table
from crmtool.io.readers.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS = ("Key", "Date", "Direction", "Account", "Phone", "Name", "Our name", "Text", "Thread", "Attachments")
_LARGEST = 1 << 30  # bytes
_KINDS = r"personal_chat|bot_chat|private_group|private_supergroup|public_supergroup|private_channel|public_channel"
_CHAT = re.compile(rf'"type"\s*:\s*"(?:{_KINDS}|saved_messages)"')
_FILES = ("file", "photo")


def is_chat(head: str) -> bool:
    """Tell whether a JSON text begins as an export of chats does."""
    return bool(_CHAT.search(head)) and ('"messages"' in head or '"chats"' in head)


def read(path: Path) -> Table:
    """Return the messages of an export. Raises InputRefused where it is no such, or too large to be held."""
    if path.stat().st_size > _LARGEST:
        raise InputRefused(f"{path.name} is larger than 1 GB.", "Export the chats one by one.")
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise InputRefused(f"{path.name} is no whole JSON document.", "Export the chats again.") from None
    rows = list(_rows(content))
    if not rows:
        raise InputRefused(f"{path.name} holds no message.", "Export the chats again, with their messages.")
    cells = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String()), orient="row")
    return Table(
        name=path.name,
        sha256=table.digest(path),
        cells=cells.select(pl.when(pl.all() != "").then(pl.all())),
        rows=pl.int_range(1, cells.height + 1, eager=True).alias(table.ROW),
        refused=table.refused([]),
        blank=0,
        encoding="utf-8",
        format="telegram",
        header=0,
    )


def _rows(content: Any) -> Iterator[tuple[str | None, ...]]:  # noqa: ANN401  # what a JSON document holds
    chats = [content]
    me = ""
    if isinstance(content, dict) and isinstance(content.get("chats"), dict):
        chats = content["chats"].get("list") or []
        about = content.get("personal_information")
        me = f"user{about.get('user_id')}" if isinstance(about, dict) else ""
    for chat in chats:
        if isinstance(chat, dict) and isinstance(chat.get("messages"), list):
            yield from _messages(chat, me)


def _messages(chat: dict[str, Any], me: str) -> Iterator[tuple[str | None, ...]]:
    """Yield the messages of a chat; what the program itself says (who joined, a new picture) is left out."""
    for message in chat["messages"]:
        if isinstance(message, dict) and message.get("type", "message") == "message":
            yield _row(chat, message, me)


def _row(chat: dict[str, Any], message: dict[str, Any], me: str) -> tuple[str | None, ...]:
    sender, number = _said(message.get("from_id")), _said(chat.get("id"))
    personal = chat.get("type") in {"personal_chat", "bot_chat"}
    theirs = f"user{number}" if personal else sender
    out = sender == me or (personal and sender != theirs)
    return (
        f"{number}/{_said(message.get('id'))}",
        _said(message.get("date_unixtime")) or _said(message.get("date")),
        "out" if out else "in",
        None if out and not personal else theirs,
        None,
        _said(chat.get("name")) if personal else _said(message.get("from")),
        _said(message.get("from")) if out else None,
        _text(message.get("text")),
        number,
        _attached(message),
    )


def _said(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _text(text: object) -> str:
    """Return the text of a message; parts with a look of their own are objects."""
    if isinstance(text, list):
        return "".join(_text(part.get("text") if isinstance(part, dict) else part) for part in text)
    return _said(text)


def _attached(message: dict[str, Any]) -> str | None:
    named = [_said(message.get("file_name")) or _said(message.get(kind)) for kind in _FILES if message.get(kind)]
    size = message.get("file_size")
    listed = [
        {
            "name": file_names.safe(name),
            "type": _said(message.get("mime_type")) or None,
            "size": size if isinstance(size, int) else None,
            "sha256": None,
        }
        for name in named
    ]
    return json.dumps(listed, ensure_ascii=False) if listed else None
