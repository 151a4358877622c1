"""Which reader a file needs, told by its first bytes and not by its name.

To add a format: a function `(path, options) -> Iterator[Table]` in a file here (`_whole` makes one of a function that
returns a single Table), a line in `FORMATS`, how to know it in `kind`, and what people call it in `NAMES`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from crmtool.core.errors import InputRefused, UsageError
from crmtool.io.readers import csv, encodings, excel, json, ldif, mail, parquet, sources, table, vcard
from crmtool.io.readers.table import Options, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Reader = Callable[[Path, Options], Iterator[Table]]

PART = 200_000  # rows of a part; bounds what is held in memory at once


def _whole(read: Callable[[Path, Options], Table]) -> Reader:
    return lambda path, options: table.slices(read(path, options), PART)


FORMATS: dict[str, Reader] = {
    "csv": csv.parts,
    "excel": _whole(excel.read),
    "html": _whole(excel.read_html),
    "xml": _whole(excel.read_xml),
    "json": json.parts,
    "jsonl": json.parts,
    "mail": _whole(mail.read),
    "parquet": parquet.parts,
    "vcard": vcard.read,
    "ldif": ldif.read,
}

#: What people call a format -> its key in `FORMATS`.
NAMES = {
    "csv": "csv",
    "tsv": "csv",
    "txt": "csv",
    "excel": "excel",
    "xlsx": "excel",
    "xlsm": "excel",
    "xlsb": "excel",
    "xls": "excel",
    "ods": "excel",
    "json": "json",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "mbox": "mail",
    "eml": "mail",
    "parquet": "parquet",
    "html": "html",
    "htm": "html",
    "xml": "xml",
    "vcard": "vcard",
    "vcf": "vcard",
    "ldif": "ldif",
    "ldi": "ldif",
}
_SEPARATED = {"tsv": "\t"}  # names that say what stands between the cells

_HEAD = 1 << 16
_LINES = 100
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"(\xb5/\xfd", "a Zstandard archive"),
    (b"SQLite format 3", "a database"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"PARE", "an encrypted Parquet file"),
)
_TEXTS = ((r"<\?xml|<!doctype", "an XML document", "Open it in a spreadsheet and save it as .xlsx."),)
#: Headers of messages; two of them among the first lines, all of which are headers, make a message.
_HEADERS = re.compile(
    r"(?:return-path|received|from|to|cc|date|subject|message-id|mime-version|delivered-to|sender|reply-to|in-reply-to"
    r"|content-type|content-transfer-encoding|dkim-signature|authentication-results)[ \t]*:",
    re.IGNORECASE,
)
_HEADER = re.compile(r"[!-9;-~]{1,80}[ \t]*:|[ \t]")
#: How a text of a format begins (bytes read as Latin-1, without zeros).
_BEGINNINGS = (
    (r"""\{\s*(["{}']|//|/\*|\w+\s*:)|\[\s*(["\[{\]]|//|/\*)""", "json"),
    (r"BEGIN\s*:\s*VCARD", "vcard"),
    (r"From [^\r\n]{1,300}\r?\n(?:>?From |[!-9;-~]{1,80}:)", "mail"),
    (r"#\s*extended LDIF|(?:#[^\r\n]*+[\r\n]|\s|version:\s*+\d++\s)*+dn::?\s*\S", "ldif"),
)
_ANY = re.IGNORECASE | re.DOTALL
_TABLE_HINT = "Export the list as CSV or Excel and give that file."


def read(path: Path, options: Options | None = None) -> Table:
    """Read a file of contacts as text cells, whole (see `parts`)."""
    return table.joined(parts(path, options or Options()))


def parts(path: Path, options: Options) -> Iterator[Table]:
    """Read a file of contacts as text cells, in parts that fit in memory; there is at least one.

    "-" is standard input; a gzip file is unpacked, and the digest is of the file as given. Raises InputRefused where
    there is no table to read, UsageError for options that do not fit and for "-" without anything piped in.
    """
    try:
        with sources.opened(path) as (plain, given):
            yield from _parts(plain, given, known(options))
    except FileNotFoundError:
        raise InputRefused(f"There is no file {path}.", "Check the spelling and the folder.") from None
    except IsADirectoryError:
        raise InputRefused(f"{path} is a folder.", "Name one file in it.") from None
    except PermissionError:
        raise InputRefused(f"{path} may not be read by you.", "Ask its owner for the right to read it.") from None
    except OSError as fault:
        raise InputRefused(f"{path} cannot be read: {fault.strerror}.", "Copy the file here and try again.") from None


def _parts(plain: Path, given: Path, options: Options) -> Iterator[Table]:
    head = _head(plain)
    found = FORMATS[options.format or kind(head, plain.name)](plain, options)
    if plain == given:
        yield from found
        return
    digest = table.digest(given)
    yield from (replace(part, sha256=digest) for part in found)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise InputRefused(f"{path.name} is empty.", "Export the list again.")
    return head


def known(options: Options) -> Options:
    """Return `options` with the format under its key in `FORMATS`. Raises UsageError for a name nobody knows."""
    if options.format is None:
        return options
    name = options.format.strip().lower().removeprefix(".")
    if name not in NAMES:
        raise UsageError(f"There is no format called {options.format!r}.", f"Use one of: {', '.join(sorted(NAMES))}.")
    return replace(options, format=NAMES[name], delimiter=options.delimiter or _SEPARATED.get(name))


def kind(head: bytes, name: str) -> str:
    """Return the format, a key of `FORMATS`, of a file that begins with `head`.

    Raises InputRefused for files that hold no table of text.
    """
    if head.startswith(_WORKBOOKS):
        return "excel"
    if head.startswith(b"PAR1"):
        return "parquet"
    foreign = next((what for magic, what in _FOREIGN if head.startswith(magic)), None)
    if foreign or _binary(head):
        raise InputRefused(f"{name} is {foreign or 'not text'}.", _TABLE_HINT)
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")[:4000].replace(b"\0", b"").decode("latin-1")
    if tables := _marked_up(head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").decode("latin-1")):
        return tables
    for pattern, what, hint in _TEXTS:
        if re.match(pattern, start, re.IGNORECASE):
            raise InputRefused(f"{name} is {what}.", hint)
    told = next((form for pattern, form in _BEGINNINGS if re.match(pattern, start, re.IGNORECASE)), None)
    return told or ("mail" if _is_message(head.lstrip(b"\r\n").decode("latin-1")) else "csv")


def _is_message(text: str) -> bool:
    """Tell whether nearly all lines down to an empty one are headers, two of them of messages."""
    lines = list(takewhile(str.strip, text.splitlines()))[:_LINES]
    headers = [line for line in lines if _HEADER.match(line)]
    known = {found[0].lower() for line in headers if (found := _HEADERS.match(line))}
    return len(known) > 1 and headers[0] == lines[0] and len(headers) + 1 + len(lines) // 10 >= len(lines)


def _marked_up(text: str) -> str | None:
    """Return which kind of tables a text with tags has: what web programs save under the name of a workbook."""
    if not text.startswith("<"):
        return None
    if (
        re.match(r"<\?xml|<\w*:?workbook", text, re.IGNORECASE)
        and "urn:schemas-microsoft-com:office:spreadsheet" in text
    ):
        page = re.search(r"<html[\s>]", text, re.IGNORECASE)
        return "html" if page else "xml"
    page = re.match(
        r"(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|meta|body|table|style|div)\b", text, _ANY
    )
    return "html" if page else None


def _binary(head: bytes) -> bool:
    """Tell whether control characters are too many for text; UTF-16 has a zero in every other place and is text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or encodings.wide(head):
        return False
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > max(3, len(head) // 20)


_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r\x0c")
