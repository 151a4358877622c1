"""Periods of checking that follow from how values die, as lines of rule files, ready to paste.

A period of a group is an override, and overrides speak of segments: groups by a field of contacts get a segment each,
unless one with that very filter is saved already.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crmtool.core.audits.decay import Decay
    from crmtool.core.freshness_rules import Check
    from crmtool.core.rules import Rules

_NAMED = re.compile(r"(attr\.)?[^\W\d]\w*(\.\w+)*")  # what a filter takes for a field
_ESCAPED = re.compile(r'["\\]')


def proposals(found: list[Decay], rules: Rules, by: str | None) -> list[str]:
    """Return the periods that differ from the regulation, as lines for files in `rules/`; none where none does.

    `found` are decays of fields and, told by `by` (segment, or a field of contacts), of groups.
    """
    names = dict(_segments(found, rules, by)) if by else {}
    said = [line for check in rules.freshness.check for line in _of_check(found, check, names)]
    if not said:
        return []
    lines = ["# in rules/freshness.toml, in the check of the field", *said]
    for group, name in names.items():
        if name not in rules.segments and f"segment = {quoted(name)}" in said:
            title, where = quoted(f"{by}: {group}"), quoted(_where(by or "", group))
            lines += ["", f"# as rules/segments/{name}.toml", f"title = {title}", f"where = {where}"]
    return lines


def _of_check(found: list[Decay], check: Check, names: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of one check: its own period, and those of groups that differ from it."""
    base, own = check.every_months, {each.segment: each.every_months for each in reversed(check.override)}
    for each in found:  # the field itself comes before its groups
        segment = names.get(each.group) if each.group is not None else None
        now = own.get(segment or "") or base
        if each.field != check.field or each.every_months in {None, now} or (each.group is not None and not segment):
            continue
        yield from ("", _reason(each, now))
        if segment:
            yield from ("[[check.override]]", f"segment = {quoted(segment)}")
        else:
            base = each.every_months
        yield f"every_months = {each.every_months}"


def _reason(each: Decay, now: int | None) -> str:
    of = each.field if each.group is None else f"{each.field}, {quoted(each.group)}"
    before = "after events alone" if now is None else now
    return f"# {of}: {each.per_year:.0%} die in a year; every {each.every_months} months instead of {before}"


def _segments(found: list[Decay], rules: Rules, by: str) -> Iterator[tuple[str, str]]:
    """Yield groups and the names of their segments, those that are saved or new ones."""
    groups = dict.fromkeys(each.group for each in found if each.group is not None)
    if by == "segment":
        yield from ((group, group) for group in groups)
        return
    saved = {segment.where: name for name, segment in rules.segments.items()}
    taken = {*rules.segments}
    for group in groups if _NAMED.fullmatch(by) else ():
        known = saved.get(_where(by, group))
        name = known or next(name for name in _names(f"{by.removeprefix('attr.')} {group}") if name not in taken)
        taken.add(name)
        yield group, name


def _names(text: str) -> Iterator[str]:
    """Yield names of files that a text gives, the first without a number."""
    plain = re.sub(r"[^\w]+", "-", text.lower()).strip("-_")[:60] or "group"
    yield plain
    number = 2
    while True:
        yield f"{plain}-{number}"
        number += 1


def _where(by: str, group: str) -> str:
    """Return the filter that holds for a group."""
    text = group.replace("'", "''")
    return f"{by} = '{text}'"


def quoted(text: str) -> str:
    r"""Return a basic string of TOML, on one line and visible.

    >>> quoted('ООО "Ромашка"')
    '"ООО \\"Ромашка\\""'
    """
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in _ESCAPED.sub(r"\\\g<0>", text)) + '"'
