"""Cells that a spreadsheet would take for formulas: how they are guarded on the way out, and read on the way in.

A spreadsheet calculates a cell that begins with `=` or `@`, with a tab or a line end, and one that begins with `+` or
`-` and is no plain number or phone number ("+79161234567" and "+7 (916) 123-45-67" stay; "+7-916-123" is calculated).
Such a cell gets an apostrophe in front, and so does one that has an apostrophe before such a beginning already: so each
guarded cell comes back as it was.
"""

from __future__ import annotations

import polars as pl

_SIGNS = "=@+\\-＝＠＋－"  # the wide ones count where Chinese or Japanese is the language of Excel
_FORMULA = rf"^\s*[{_SIGNS}]|^[\t\r\n]"
_QUOTED = rf"^'+(?:\s*[{_SIGNS}]|[\t\r\n])"
_SUSPECTED = rf"^[\s'{_SIGNS}]"
_PHONE = r"\+\d{7,15}(?: ext\. \d{1,15})?"
_PLAIN = rf"^[+\-]\d+(?:[.,]\d+)?$|^\+\d+[ (][\d ()\-]*$|^[+\-]$|^{_PHONE}(?:; {_PHONE})*$"


def guarded(text: pl.Expr, *, again: bool = True) -> pl.Expr:
    """Return texts with an apostrophe in front of whatever is a formula to a spreadsheet.

    Cells of a file that go into another, apostrophes and all, are not guarded `again`.
    """
    formula = text.str.contains(_FORMULA) & ~text.str.contains(_PLAIN)
    return pl.when(formula | text.str.contains(_QUOTED) if again else formula).then("'" + text).otherwise(text)


def suspected(text: pl.Expr) -> pl.Expr:
    """Return whether `guarded` may change a text: a quick look, which passes most columns with nothing to guard."""
    return text.str.contains(_SUSPECTED)


def unguarded(text: pl.Expr) -> pl.Expr:
    """Return texts without the apostrophe that `guarded`, or a CRM, put in front of what looks like a formula."""
    return pl.when(text.str.contains(_QUOTED)).then(text.str.slice(1)).otherwise(text)
