"""Conditions a nightly run fails on: 'red > 20%', 'duplicates > 500', 'score < 70'."""

from __future__ import annotations

import difflib
import operator
import re
from typing import TYPE_CHECKING, NamedTuple

from crmtool.core.audits.report import LABELS
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmtool.core.audits.report import Report

_FORM = re.compile(r"\s*([a-z_]+)\s*(<=|>=|<|>|=)\s*(\d+(?:[.,]\d+)?)\s*(%?)\s*")
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}


class Gate(NamedTuple):
    """A figure of the report, a sign and a bound; with `share` the bound is in percent of what the line counts of."""

    text: str
    code: str
    sign: str
    bound: float
    share: bool


def gate(text: str) -> Gate:
    """Return a condition as people write it. Raises UsageError with what was probably meant."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise UsageError(f"--fail-on {text!r} is no condition.", "For example: --fail-on 'red > 20%'")
    code, sign, bound, percent = found.groups()
    known = [*LABELS, "score"]
    if code not in known:
        near = difflib.get_close_matches(code, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}"
        raise UsageError(f"--fail-on {text!r}: there is no figure {code!r}.", hint)
    return Gate(" ".join(text.split()), code, sign, float(bound.replace(",", ".")), bool(percent))


def failed(report: Report, gate: Gate) -> str:
    """Return what fails, in a sentence; nothing where the gate holds or there is nothing to measure."""
    value = _value(report, gate)
    if value is None or not _SIGNS[gate.sign](value, gate.bound):
        return ""
    unit = "%" if gate.share else ""
    number = f"{value:.1f}".removesuffix(".0")
    return f"{gate.text}: {gate.code} is {number}{unit}"


def _value(report: Report, gate: Gate) -> float | None:
    if gate.code == "score":
        return report.score
    line = report.line(gate.code)
    if not gate.share:
        return line.count
    if line.of is None:
        raise UsageError(f"--fail-on {gate.text!r}: {gate.code} is no share of anything.", "Leave out the %.")
    return 100 * line.count / line.of if line.of else None
