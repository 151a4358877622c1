"""Files around the store that hold people who were erased: told by their own addresses and their whole names.

Text is rewritten: the rows of delimited text and of tables on pages are cut out whole, of anything else the line; every
other byte stays. Rows that tell by a name alone are cut from what we made (reports), not from what came from outside: a
name is not one person's. What is no text is named, as are exports. To read another kind of file: `_text`.
"""

from __future__ import annotations

import csv
import io
import json
import lzma
import re
import zipfile
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from crmtool.core.folding import folded
from crmtool.io.writers import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_NOTE = "erasing.json"
_OURS = ("crm.db", "crm.key", "crm.lock", "crmtool.toml", _NOTE)  # and what begins so
_MADE, _LEFT, _PASSED = "reports", "exports", {"rules", "logs", "backups"}
_DELIMITED = {".csv", ".tsv"}
_PAGES = {".html", ".htm"}
_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_MOST = 1 << 28  # bytes of text of one file that are looked at
_DIGITS = 10  # of a phone, from its end
_TOKEN = re.compile(r"[^\s<>,;:\"'()\[\]|&=]+")
_NUMBER = re.compile(r"\+?\d[\d\s().\-\u00a0]{5,}\d")
_WORD = re.compile(r"[^\W\d_][\w'’\-]*")
_CELLS = re.compile(r"<tr\b.*?</tr>\s*", re.DOTALL | re.IGNORECASE)
_LINE = re.compile(r"[^\n]*\n?")
_NO_LETTERS = re.compile(r"[^ -~\u0400-\u04ff]+")
_MARKUP = re.compile(r"<[^>]*>")
_BINARY = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")
_ERASED = "(erased)"
#: What files begin with whose letters are compressed or locked:
#: PDF, gzip, bzip2, xz, zstd, 7-Zip, RAR; Parquet, Arrow, age.
_CLOSED = (
    *(b"%PDF-", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c", b"Rar!"),
    *(b"PAR1", b"ARROW1", b"age-encryption.org/"),
)
_OLE, _LOCKED = b"\xd0\xcf\x11\xe0", "EncryptedPackage".encode("utf-16-le")  # a workbook with a password
#: What archives that are damaged, locked or of an unknown kind raise; bzip2 says OSError.
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError),
    *(RuntimeError, NotImplementedError, ValueError),
)


class Sought(NamedTuple):
    """What people are known by: addresses in small letters, ends of phones, names as pairs of folded words."""

    addresses: frozenset[str]
    phones: frozenset[str]
    names: frozenset[frozenset[str]]


class Swept(NamedTuple):
    """Files by what becomes of them, as paths within the workspace."""

    rewritten: list[str]
    left: list[str]

    @property
    def workbooks(self) -> int:
        """How many of those that are left are spreadsheets."""
        return sum(name.lower().endswith(_WORKBOOKS) for name in self.left)


def sought(reached: Iterable[tuple[str, str]], names: Iterable[tuple[str | None, str | None]]) -> Sought:
    """Return what is looked for: of addresses (kind, value) and names (given, family)."""
    values = list(reached)
    phones = (re.sub(r"\D", "", value)[-_DIGITS:] for kind, value in values if kind == "phone")
    pairs = (frozenset((folded(given), folded(family))) for given, family in names if given and family)
    return Sought(
        frozenset(value.lower() for kind, value in values if kind != "phone"), frozenset(phones), frozenset(pairs)
    )


def noted(root: Path, number: int, wanted: Sought) -> None:
    """Keep whom change set `number` will erase until the files are swept: a run may be stopped in between."""
    names = sorted(sorted(name) for name in wanted.names)
    known = {"number": number, "addresses": sorted(wanted.addresses), "phones": sorted(wanted.phones), "names": names}
    with files.atomic(root / _NOTE, force=True) as temporary:
        temporary.write_text(json.dumps(known), "utf-8")


def recalled(root: Path) -> tuple[int, Sought] | None:
    """Return what a run that was stopped had noted; None: there is nothing, or nothing that can be read."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        known = json.loads((root / _NOTE).read_text("utf-8"))
        names = frozenset(frozenset(name) for name in known["names"])
        return known["number"], Sought(frozenset(known["addresses"]), frozenset(known["phones"]), names)
    return None


def forgotten(root: Path) -> None:
    """Remove what was noted."""
    (root / _NOTE).unlink(missing_ok=True)


def swept(root: Path, wanted: Sought, *, looks: bool = False) -> Swept:
    """Take people out of the files of a workspace; with `looks` only tell which those are.

    A file that nobody can look into is left: too large, locked, compressed, damaged, or not ours to read.
    Raises OSError where the disk fails.
    """
    rewritten, left = [], []
    for path in _files(root):
        name = str(path.relative_to(root))
        try:
            text = _text(path)
        except FileNotFoundError:
            continue
        except PermissionError:
            text = None
        if text is None:  # nobody looked at it
            left.append(name)
            continue
        made = name.startswith(f"{_MADE}/")
        if not any(_spans(text[0], wanted, names=True)):
            continue
        clean = _without(path, text[0], wanted, names=made)
        if text[1] is None or name.startswith(f"{_LEFT}/") or clean == text[0]:
            left.append(name)
            continue
        rewritten.append(name)
        if not looks:
            with files.atomic(path, force=True) as temporary:
                temporary.write_bytes(clean.encode(text[1]))
        if any(_spans(clean, wanted, names=True)):
            left.append(name)
    return Swept(rewritten, left)


def _files(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        top = path.relative_to(root).parts[0]
        if path.is_file() and not path.is_symlink() and top not in _PASSED and not top.startswith(_OURS):
            yield path


def _text(path: Path) -> tuple[str, str | None] | None:
    """Return the text of a file and its encoding; None for that: it cannot be written back; None: it cannot be seen.

    Raises OSError where the disk does not give it: a file that was not looked at may hold anybody.
    """
    if path.stat().st_size > _MOST:
        return None
    with path.open("rb") as file:
        content = file.read()
    if zipfile.is_zipfile(io.BytesIO(content)):
        return None if (texts := _packed(content)) is None else (texts, None)
    if _is_closed(content):
        return None
    if content[:2] not in {b"\xff\xfe", b"\xfe\xff"} and _BINARY.search(content):
        return _readings(content), None
    for encoding in ("utf-16",) if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8", "cp1251"):
        with suppress(UnicodeDecodeError):
            text = content.decode(encoding)
            return text, encoding if text.encode(encoding) == content else None
    return content.decode("latin-1"), None


def _is_closed(content: bytes) -> bool:
    """Tell whether the letters of a file are compressed or locked."""
    return content.startswith(_CLOSED) or (content.startswith(_OLE) and _LOCKED in content)


def _readings(content: bytes) -> str:
    """Return the letters in bytes that are no text, by each encoding: old workbooks have some in UTF-16."""
    wide = (content[at:].decode("utf-16-le", "replace") for at in (0, 1))
    texts = [content.decode("utf-8", "replace"), content.decode("cp1251", "replace"), *wide]
    return "\n".join(_NO_LETTERS.sub(" ", text) for text in texts)


def _packed(content: bytes) -> str | None:
    """Return the texts inside of a workbook or an archive; None where not all of them can be seen."""
    texts, left = [], _MOST
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                with archive.open(member) as packed:
                    inside = packed.read(left + 1)
                left -= len(inside)
                if left < 0 or _is_closed(inside):
                    return None
                texts.append(_MARKUP.sub(" ", inside.decode("utf-8", "replace")))
    except _UNREADABLE:
        return None
    return "\n".join(texts)


def _spans(text: str, wanted: Sought, *, names: bool) -> Iterator[tuple[int, int]]:
    """Yield where people are in a text."""
    for token in _TOKEN.finditer(text):
        if token[0].lower().strip(".") in wanted.addresses:
            yield token.span()
    for number in _NUMBER.finditer(text) if wanted.phones else ():
        if re.sub(r"\D", "", number[0])[-_DIGITS:] in wanted.phones:
            yield number.span()
    if names and wanted.names:
        yield from _named(text, wanted)


def _named(text: str, wanted: Sought) -> Iterator[tuple[int, int]]:
    """Yield where both words of a name stand, side by side or with one between them."""
    known = frozenset().union(*wanted.names)
    before: list[tuple[str, int, int]] = []
    for word in _WORD.finditer(text):
        said = folded(word[0])
        if said in known:
            for other, start, _ in before:
                if frozenset((other, said)) in wanted.names and len(text[start : word.end()].splitlines()) == 1:
                    yield start, word.end()
        before = [*before[-1:], (said, *word.span())]


def _without(path: Path, text: str, wanted: Sought, *, names: bool) -> str:
    """Return a text without the rows that people are in."""
    kept, last = [], 0
    for start, end in _rows(path, text):
        row = text[start:end]
        if not any(_spans(row, wanted, names=names)):
            continue
        kept.append(text[last:start])
        last = end
    return _blotted("".join([*kept, text[last:]]), wanted, names=names)


def _rows(path: Path, text: str) -> Iterator[tuple[int, int]]:
    """Yield where each row of a text begins and ends."""
    ending = path.suffix.lower()
    if ending in _DELIMITED:
        yield from _records(text)
    elif ending != ".json":
        yield from (row.span() for row in (_CELLS if ending in _PAGES else _LINE).finditer(text) if row[0])


def _records(text: str) -> Iterator[tuple[int, int]]:
    """Yield the records of delimited text, which may go over several lines; its header is none."""
    lines = list(io.StringIO(text, newline=""))
    ends = [0]
    for line in lines:
        ends.append(ends[-1] + len(line))
    separator = max(";,\t|", key=(lines or [""])[0].count)
    reader, first = csv.reader(lines, delimiter=separator), 0
    with suppress(csv.Error):
        for _ in reader:
            if first:
                yield ends[first], ends[reader.line_num]
            first = reader.line_num


def _blotted(text: str, wanted: Sought, *, names: bool) -> str:
    """Return a text with what is left of people in it blotted out."""
    for start, end in sorted(set(_spans(text, wanted, names=names)), reverse=True):
        text = text[:start] + _ERASED + text[end:]
    return text
