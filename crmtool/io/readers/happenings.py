"""Files of what happened: mailboxes, calendars and chats by their messages and meetings, all else as any table.

To add a format: a function `(path, options, ours) -> Iterator[Table]` in a file here, and how its beginning looks.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from crmtool.core.errors import InputRefused
from crmtool.io.readers import calendars, chats, files, letter_box, sources, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from crmtool.io.readers.table import Options, Table

_HEAD = 1 << 16
_MAIL = {".eml", ".mbox"}


def parts(path: Path, options: Options, ours: Iterable[str] = (), today: dt.date = dt.date.min) -> Iterator[Table]:
    """Read a file of what happened as text cells, in parts that fit in memory; there is at least one.

    `ours` are addresses of our own; of meetings that come again the times up to `today` are read. Raises as
    `files.parts` does.
    """
    own = frozenset(address.lower() for address in ours)
    if not path.is_file() and str(path) != "-":
        yield from files.parts(path, options)
        return
    try:
        with sources.opened(path) as (plain, _):
            kind = options.format or _kind(plain)
            if kind in {"mail", "mbox", "eml"}:
                yield from letter_box.read(plain, options, own)
                return
            if kind in {"ics", "calendar"}:
                yield from calendars.read(plain, options, own, today)
                return
            if kind == "telegram":
                yield from table.slices(chats.read(plain), files.PART)
                return
            yield from files.parts(plain, options)
    except PermissionError:
        raise InputRefused(f"{path} may not be read by you.", "Ask its owner for the right to read it.") from None


def _kind(path: Path) -> str:
    """Return "mail", "ics" or "telegram" where the beginning of a file says so, else ""."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().decode("utf-8", "replace")
    if re.match(r"BEGIN\s*:\s*VCALENDAR", text, re.IGNORECASE):
        return "ics"
    if text.startswith("{") and chats.is_chat(text):
        return "telegram"
    try:
        kind = files.kind(head, path.name)
    except InputRefused:
        return ""  # the reader of tables says why
    named = kind == "csv" and path.suffix.lower() in _MAIL  # a message of which hardly a header is left
    return "mail" if named or kind == "mail" else ""
