"""How much memory, time and text a workbook may cost: in proportion to what it says it holds, never without bound.

Looks only at the directory of the archive; nothing is unpacked. A real sheet shrinks ten or thirty times when it is
packed, a bomb a thousand times: so what is granted follows the packed size, which a bomb has to pay for in bytes.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, NamedTuple

from crmtool.core.errors import InputRefused

if TYPE_CHECKING:
    from pathlib import Path

UNPACKED = 8 << 30  # bytes of all parts together
LARGE = 100 << 20  # bytes of a part from which on its packing is looked at
PACKED = 200  # times that a large part may have been packed smaller
SECONDS = 8  # of processor time for any file
FREE = 2 << 20  # packed bytes that are opened within these seconds
SAVE_AS = "Open it in a spreadsheet, save the one sheet that is needed as CSV, and give that file."
_MB = 1 << 20


class Limits(NamedTuple):
    """What the process that opens a file may use."""

    memory: int  # bytes of address space
    seconds: int  # of processor time
    output: int  # characters written


def granted(packed: int, unpacked: int) -> Limits:
    """Return the limits for a file of so many bytes that hold so many when unpacked.

    Measured on 100,000 and 700,000 rows of 15 columns: 2 bytes of memory for a byte of unpacked sheet, 0.3 seconds for
    a packed megabyte on an idle machine, up to 2 on a crowded one. Granted is a multiple of that; small files, which
    most that are made to do harm are, have seconds enough in `SECONDS`.
    """
    beyond = max(0, min(packed, unpacked) - FREE) / _MB
    return Limits(
        memory=min(600 * _MB + min(4 * unpacked, 60 * packed), 12 << 30),
        seconds=int(SECONDS + 4 * beyond),
        output=min(64 * _MB + 2 * unpacked, 1 << 30),
    )


def of_workbook(path: Path) -> Limits:
    """Return the limits for a workbook; InputRefused for archives that are none, are cut, or are made to burst."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(2) != b"PK":  # an old workbook may hold an archive somewhere inside
            return granted(size, size)
    parts = _parts(path)
    if not any(_holds_sheets(part.filename) for part in parts):
        raise InputRefused(f"{path.name} is an archive, not a workbook.", "Unpack it and give the file inside.")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > UNPACKED or any(map(_bursts, parts)):
        raise InputRefused(f"{path.name} unpacks to {unpacked // _MB} MB, which no list needs.", SAVE_AS)
    return granted(min(size, sum(part.compress_size for part in parts)), unpacked)


def _parts(path: Path) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError):
        raise InputRefused(f"{path.name} is damaged: its end is missing.", "Copy or export it again.") from None


def _holds_sheets(name: str) -> bool:
    plain = name.replace("\\", "/").lower()
    return plain == "content.xml" or (plain.startswith("xl/") and "workbook" in plain)


def _bursts(part: zipfile.ZipInfo) -> bool:
    return part.file_size > LARGE and part.file_size > PACKED * max(part.compress_size, 1)
