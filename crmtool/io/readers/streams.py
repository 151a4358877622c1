"""A file of text as lines, one after another in little memory, for formats whose lines need not agree on an encoding.

A line that does not fit the encoding of the file gets its letters by the encoding it names itself, or by the one that
the lines like it are in; address books are often several exports put together.
"""

from __future__ import annotations

import codecs
import re
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from crmtool.core.errors import InputRefused
from crmtool.io.readers import encodings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LONGEST = 1 << 26  # characters of a line; a picture in one line may take millions
_BLOCK = 1 << 20
_ENOUGH = 1 << 18  # bytes of lines that are not plain ASCII
_LINE = 4096
_TELLING = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")
_NAMED = re.compile(r"CHARSET=\"?([A-Za-z0-9._-]+)", re.IGNORECASE)


class Stream(NamedTuple):
    """The encoding of a file, whether it was guessed, and that of lines that do not fit it, if there are any."""

    encoding: str
    guessed: bool = False
    other: str | None = None


def surveyed(path: Path, encoding: str | None) -> Stream:
    """Find out the encoding of a file, or take the one a person named. Raises UsageError for an unknown one."""
    if encoding:
        return Stream(encodings.decoded(b"", encoding, whole=True).encoding)
    with path.open("rb") as file:
        first = file.read(_BLOCK)
        marked = encodings.detected(first[:_LINE])
        if marked.encoding.startswith("utf-16"):
            return Stream(marked.encoding)
        telling = _telling(chain((first,), iter(lambda: file.read(_BLOCK), b"")))
    guess = encodings.detected(b"\n".join(telling))
    strange = [line for line in telling if not _may_be_utf8(line)]
    return Stream(guess.encoding, guess.guessed, encodings.detected(b"\n".join(strange)).encoding if strange else None)


def _telling(blocks: Iterable[bytes]) -> list[bytes]:
    """Return the first lines that are not plain ASCII, as many as tell an encoding."""
    found: list[bytes] = []
    size = 0
    for block in blocks:
        for line in () if block.isascii() else _TELLING.findall(block):
            found.append(line[:_LINE])
            size += len(found[-1])
            if size > _ENOUGH:
                return found
    return found


def _may_be_utf8(line: bytes) -> bool:
    """Tell whether a line, or a piece of one cut inside a letter, is UTF-8."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(line.lstrip(_INSIDE) if len(line) >= _LINE else line)
    except UnicodeDecodeError:
        return False
    return True


_INSIDE = bytes(range(0x80, 0xC0))


def lines(path: Path, stream: Stream) -> Iterator[str]:
    """Give the lines of a file without their ends, be they line feeds, carriage returns or both.

    Bytes of no encoding become U+FFFD. Raises InputRefused for a line longer than `LONGEST`.
    """
    errors = "replace" if stream.encoding.startswith("utf-16") else "surrogateescape"
    rest, mark = "", "\ufeff"
    with path.open(encoding=stream.encoding, errors=errors) as file:
        while block := file.read(_BLOCK):
            text, mark = rest + block.removeprefix(mark), ""
            *whole, rest = text.split("\n")
            if len(rest) > LONGEST:
                raise InputRefused(f"{path.name} has a line of more than 64 MB.", "Export the list again.")
            yield from whole if _fits(text, stream) else (_fitted(line, stream) for line in whole)
    yield from [_fitted(rest, stream)] if rest else []


def _fits(text: str, stream: Stream) -> bool:
    """Tell whether all lines of a text are in the encoding of the file."""
    if text.isascii() or stream.encoding.startswith("utf-16"):
        return True
    if stream.other and stream.encoding != "utf-8":
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _fitted(line: str, stream: Stream) -> str:
    return line if _fits(line, stream) else mended(line, stream)


def mended(line: str, stream: Stream) -> str:
    """Return a line, read with lone surrogates for the bytes that did not fit, with letters for all its bytes.

    >>> text = "N:Анна".encode("cp1251").decode("utf-8", "surrogateescape")
    >>> mended(text, Stream("utf-8", other="cp1251"))
    'N:Анна'
    """
    raw = line.encode(stream.encoding, "surrogateescape")
    if stream.other is None:
        return raw.decode(stream.encoding, "replace")
    named = _NAMED.search(line.partition(":")[0])
    for encoding in ("utf-8", named[1] if named else stream.other, stream.other):
        try:
            return raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode(stream.other, "replace")
