"""The bytes of a text file as UTF-8, in blocks that end with a line: a file of any size in little memory."""

from __future__ import annotations

import codecs
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.errors import InputRefused
from crmtool.io.readers import table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future
    from pathlib import Path

BLOCK = 1 << 23  # bytes read at once: fewer cost more calls, more cost memory
_LONGEST = 1 << 28  # bytes of one line
_HEAD = 1 << 18  # bytes of text that show how a file is built
_TELLING = 1 << 18  # bytes of lines that are not plain ASCII, enough to tell their encoding
_SURVEYED = 1 << 20
_MARK = codecs.BOM_UTF8
_UTF8 = ("utf-8", "ascii")
_END = re.compile(rb"\r\n|\n|\r")


def sample(path: Path) -> bytes:
    """Return the beginning of a file and the first of its lines, wherever they are, that are not plain ASCII."""
    with path.open("rb") as file:
        head = file.read(_SURVEYED)
        telling, size = list[bytes](), sum(len(line) for line in _strange(head))
        while size < _TELLING and (data := file.read(_SURVEYED)):
            telling += _strange(data)
            size += sum(len(line) for line in telling)
    return b"\n".join([head, *telling])


def _strange(data: bytes) -> list[bytes]:
    if data.isascii():
        return []
    return [line[:_TELLING] for line in data.replace(b"\r", b"\n").split(b"\n") if not line.isascii()]


@contextmanager
def digest(path: Path) -> Iterator[Future[str]]:
    """Yield the SHA-256 of a file in hexadecimal, computed beside other work."""
    with ThreadPoolExecutor(1) as aside:
        yield aside.submit(table.digest, path)


def texts(path: Path, encoding: str, size: int) -> Iterator[bytes]:
    """Give a file as UTF-8, without a byte order mark, in blocks of about `size` bytes that end with a line.

    The last one gets a line feed if it has no end. Bytes that do not fit the encoding become U+FFFD. Raises
    InputRefused for a line longer than any contact.
    """
    blocks = _blocks(path, encoding, size)
    first = next(blocks, b"")
    yield from chain([first.removeprefix(_MARK)] if first else [], blocks)


def _blocks(path: Path, encoding: str, size: int) -> Iterator[bytes]:
    rest = b""
    for piece in _pieces(path, encoding, size):
        text = rest + piece
        at = cut(text)
        if at:
            yield _valid(text[:at])
        rest = text[at:]
        if len(rest) > _LONGEST:
            hint = "A list has a row to a line. Export it again as CSV or Excel."
            raise InputRefused(f"{path.name} has a line of more than {_LONGEST >> 20} MB.", hint)
    if rest:
        yield _valid(rest) + (b"" if rest.endswith(b"\r") else b"\n")


def _pieces(path: Path, encoding: str, size: int) -> Iterator[bytes]:
    decoder = None if encoding in _UTF8 else codecs.getincrementaldecoder(encoding)("replace")
    with path.open("rb") as file:
        while data := file.read(size):
            yield data + file.readline(_SURVEYED) if decoder is None else _encoded(decoder.decode(data))
    if decoder is not None:
        yield _encoded(decoder.decode(b"", final=True))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def cut(text: bytes) -> int:
    """Return the length of the whole lines at the beginning of a text that goes on."""
    fed = text.rfind(b"\n") + 1
    return fed or text.rfind(b"\r", 0, len(text) - 1) + 1  # a last return may have its line feed in the next piece


def _valid(text: bytes) -> bytes:
    if text.isascii() or _fits(text):
        return text
    return text.decode("utf-8", "replace").encode()


def _fits(text: bytes) -> bool:
    try:
        pl.Series([text]).cast(pl.String)
    except pl.exceptions.ComputeError:
        return False
    return True


def peeked(blocks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the first lines of a text, the same whatever the size of its blocks, and all its blocks."""
    seen, size = list[bytes](), 0
    for block in blocks:
        seen.append(block)
        size += len(block)
        if size > _HEAD:
            break
    text = b"".join(seen)
    if size <= _HEAD:
        return text, iter(seen)
    return text[: cut(text[: _HEAD + 1]) or _line_end(text, 0)], chain(seen, blocks)


def after(text: bytes, lines: int) -> tuple[int, int]:
    """Return where the first `lines` lines of a text end, and how many of them are in the text that follows."""
    at = 0
    while lines and at < len(text):
        at = _line_end(text, at)
        lines -= 1
    return at, lines


def _line_end(text: bytes, at: int) -> int:
    """Return where the line that begins at a position ends."""
    end = _END.search(text, at)
    return end.end() if end else len(text)
