"""Numbers of a sheet as text: every digit that a spreadsheet keeps, no exponent, no point behind a whole number."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from crmtool.io.readers import excel_formats
from crmtool.io.readers.excel_answer import IMPRECISE

EXACT = 10**15  # whole numbers below it are kept to the last digit
_DOUBLE = 2**53  # and those below this one are at least held


def plain(number: float) -> str:
    r"""Return a number with the 15 digits that a spreadsheet keeps; marked where it has had more.

    >>> [plain(number) for number in (79161234567.0, 0.1 + 0.2, 4.27e-07, 1e15)]
    ['79161234567', '0.3', '0.000000427', '\x1b31000000000000000']
    """
    digits = f"{number:.15g}"
    return _unfolded(number, digits) if "e" in digits else digits


def _unfolded(number: float, digits: str) -> str:
    """Return a number without its exponent."""
    if EXACT <= abs(number) < _DOUBLE and number == int(number):
        return f"{IMPRECISE}{int(number)}"
    mark = IMPRECISE if abs(number) >= EXACT else ""
    return f"{mark}{Decimal(digits):f}"


def whole(number: int) -> str:
    """Return a whole number, marked where it has more digits than a spreadsheet keeps."""
    return str(number) if abs(number) < EXACT else f"{IMPRECISE}{number}"


def text(number: float, code: str) -> str:
    """Return a number as its format shows it where that adds digits, else plainly."""
    return (shown(number, code) if code else None) or plain(number)


@lru_cache(1 << 16)
def shown(number: float, code: str) -> str | None:
    """Return what `excel_formats.shown` does, remembered."""
    return excel_formats.shown(number, code)
