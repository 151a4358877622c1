"""What an OpenDocument sheet says besides its values: errors, formulas, hidden rows, merged cells, digits shown.

Runs in the limited child process. The document is gone through only where a search of its bytes shows that there is
something to find. Format: OpenDocument 1.3 part 3, 9 and 19; `calcext` marks errors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from crmtool.io.readers import safe_xml
from crmtool.io.readers.excel_answer import Span
from crmtool.io.readers.excel_marks import Marks

if TYPE_CHECKING:
    from collections.abc import Mapping

_BLOCK = 1 << 20
_TELLING = re.compile(
    rb"value-type=\"error\"|:formula=|visibility=\"(?:collapse|filter)\"|-spanned=\"|min-integer-digits=\"(?:[2-9]|1\d)"
)
_SHOWN = re.compile(r"[+\d() -]+")
_REPEATED = 1000  # times that a row is marked; longer repetitions are empty ones


@dataclass
class _Walk:
    """Where the parser is; rows and columns are counted from 1."""

    sheet: str
    inside: bool = False
    row: int = 0
    rows: int = 1  # times that the row stands there
    column: int = 0
    cell: Mapping[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)


def marks(part: IO[bytes], sheet: str) -> Marks:
    """Return the marks of a sheet; `part` is the content of the document, and can be read twice."""
    if not _tells(part):
        return Marks()
    part.seek(0)
    found, walk = Marks(), _Walk(sheet)

    def start(tag: str, said: dict[str, str]) -> None:
        name, attributes = safe_xml.local(tag), {safe_xml.local(key): value for key, value in said.items()}
        # calcext has a value-type of its own beside that of office; it alone knows errors
        kinds = {value for key, value in said.items() if safe_xml.local(key) == "value-type"}
        _begun(walk, found, name, {**attributes, "kinds": " ".join(sorted(kinds))})

    def end(tag: str) -> None:
        _ended(walk, found, safe_xml.local(tag))

    parser = safe_xml.parser()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, walk.texts.append
    while block := part.read(_BLOCK):
        parser.Parse(block)
    return found


def _tells(part: IO[bytes]) -> bool:
    before = b""
    while block := part.read(_BLOCK):
        if _TELLING.search(before + block):
            return True
        before = block[-64:]
    return False


def _begun(walk: _Walk, found: Marks, name: str, said: dict[str, str]) -> None:
    if name == "table":
        walk.inside, walk.row, walk.rows = said.get("name") == walk.sheet, 0, 1
    elif walk.inside and name == "table-row":
        walk.row, walk.column = walk.row + walk.rows if walk.row else 1, 0
        walk.rows = _count(said, "number-rows-repeated")
        if said.get("visibility") in {"collapse", "filter"}:
            found.hidden.extend(range(walk.row, walk.row + min(walk.rows, _REPEATED)))
    elif walk.inside and name in {"table-cell", "covered-table-cell"}:
        walk.column, walk.cell = walk.column + 1, said
        walk.texts.clear()


def _count(said: Mapping[str, str], name: str) -> int:
    text = said.get(name, "1")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 1  # noqa: PLR2004 - digits


def _ended(walk: _Walk, found: Marks, name: str) -> None:
    if name == "table":
        walk.inside = False
    elif walk.inside and name in {"table-cell", "covered-table-cell"}:
        _told(walk, found)
        walk.column += _count(walk.cell, "number-columns-repeated") - 1


def _told(walk: _Walk, found: Marks) -> None:
    text, cell = "".join(walk.texts), walk.cell
    place = (walk.row, walk.column)
    right, below = _count(cell, "number-columns-spanned"), _count(cell, "number-rows-spanned")
    if right > 1 or below > 1:
        found.merged.append(Span(*place, walk.row + below - 1, walk.column + right - 1))
    if "error" in cell["kinds"]:
        found.errors.append((*place, text or "#ERROR"))
        found.texts[place] = ""
    elif "formula" in cell and not cell["kinds"] and not text:
        found.uncomputed.append(place)
    elif cell["kinds"] == "float" and _adds_digits(cell.get("value", ""), text):
        found.texts.update({(walk.row + more, walk.column): text for more in range(min(walk.rows, _REPEATED))})


def _adds_digits(value: str, text: str) -> bool:
    """Tell whether a whole number is shown with digits before it which it does not hold.

    >>> [_adds_digits("1234", text) for text in ("01234", "1 234", "1234,00", "+7 1234")]
    [True, False, False, True]
    """
    digits = "".join(filter(str.isdigit, text))
    return _SHOWN.fullmatch(text) is not None and digits != value and digits.endswith(value) and value.isdecimal()
