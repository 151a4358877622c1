"""Where a file's bytes come from: a path, standard input ("-"), a gzip file unpacked.

Readers open files more than once, so what is no plain file is first spooled to one of its own, in a folder that only
this user may enter, removed afterwards. To add a packing: a line in `_UNPACKERS`.
"""

from __future__ import annotations

import gzip
import os
import sys
import tempfile
import zlib
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from crmtool.core.errors import InputRefused, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STANDARD_INPUT = "standard input"
UNPACKED = 8 << 30  # bytes; more than any list of people
RATIO = 200  # times its packed size: lists shrink to a tenth or a fiftieth, bombs to a thousandth
_HARMLESS = 64 << 20  # bytes that may come out of any file, however small
_BLOCK = 1 << 20
_GZIP = b"\x1f\x8b"


@contextmanager
def opened(path: Path) -> Iterator[tuple[Path, Path]]:
    """Yield two plain files for `path`: the one to read, unpacked, and the one that was given (for its digest).

    "-" is standard input, named so. Raises UsageError where standard input is a terminal, InputRefused for a packed
    file that is damaged or unpacks to more than a list of people, OSError for a path that cannot be read.
    """
    with ExitStack() as stack:

        def private(name: str) -> Path:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="crmtool-"))  # made with mode 0700
            return Path(folder, name)

        given = _spooled(private) if str(path) == "-" else path
        _check_plain(given)
        yield _unpacked(given, private), given


def _check_plain(path: Path) -> None:
    if path.exists() and not path.is_file() and not path.is_dir():
        raise InputRefused(f"{path} is not a plain file.", "Save it as a file first, or pipe it in and name it '-'.")


def _spooled(private: Callable[[str], Path]) -> Path:
    stream = sys.stdin
    if stream is None or stream.isatty():
        hint = "Pipe the list in, e.g. crmtool read - < clients.csv, or name a file."
        raise UsageError("'-' means standard input, and nothing is piped in.", hint)
    target = private(STANDARD_INPUT)
    with _created(target) as file:
        while block := stream.buffer.read(_BLOCK):
            file.write(block)
    return target


def _created(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _unpacked(path: Path, private: Callable[[str], Path]) -> Path:
    with path.open("rb") as file:
        head = file.read(max(len(magic) for magic in _UNPACKERS))
    unpack = next((unpack for magic, unpack in _UNPACKERS.items() if head.startswith(magic)), None)
    if unpack is None:
        return path
    target = private(path.name)  # readers name a file in what they say
    unpack(path, target)
    return target


def _gunzip(path: Path, target: Path) -> None:
    most = min(UNPACKED, max(_HARMLESS, RATIO * path.stat().st_size))
    try:
        with gzip.open(path) as packed, _created(target) as file:
            while block := packed.read(_BLOCK):
                file.write(block)
                if file.tell() > most:
                    hint = "Unpack it yourself, and give the file inside if it is what you expect."
                    raise InputRefused(f"{path.name} unpacks to far more than its size promises.", hint)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InputRefused(f"{path.name} is damaged: it cannot be unpacked.", "Copy it again.") from None


_UNPACKERS: dict[bytes, Callable[[Path, Path], None]] = {_GZIP: _gunzip}
