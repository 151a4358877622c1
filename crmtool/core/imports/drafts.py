"""A mapping to be saved: what was found out or said about the columns of a table, as a rule that knows the table again.

Everything a known mapping says is kept; each column of the file that it does not name, or that a person sent elsewhere,
is written out, those that are not used as "ignore", so that later guesses change nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmtool.core.errors import UsageError
from crmtool.core.imports import mapping as mappings
from crmtool.core.imports.headings import heading_key, said
from crmtool.core.imports.mapping import SERVICE, Mapped
from crmtool.core.imports.sources import recognised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crmtool.core.rules import Rules, SourceMapping

_LEAST = 3  # headings of a signature, where the file has as many
_KEY = re.compile(r"(?:.* )?(?:id|uid|uuid|guid|ид|ід)(?: .*)?")


def drafted(
    headings: Sequence[str], mapped: Mapped, rules: Rules, *, name: str, source: str | None, unique: Iterable[str]
) -> SourceMapping:
    """Return what is known of a table as a mapping under the name `name`.

    `unique` are the columns that hold a different value in each row: the one that is called an id becomes the key.
    Raises UsageError where the table would not be understood in the same way by it.
    """
    headings = [heading for heading in headings if heading not in SERVICE]
    columns = {**mapped.rule.columns, **_columns(headings, mapped)}
    rule = mapped.rule.model_copy(
        update={
            "title": mapped.rule.title or name,
            "source": source or (mapped.rule.source if mapped.rule.title else name),
            "columns": columns,
            "key": mapped.rule.key or _key(headings, mapped, unique),
            "variants": (),
        }
    )
    rule = _signed(rule, headings, mapped, rules, name)
    _check(rule, headings, mapped, rules, name)
    return rule


def written(heading: str) -> str:
    """Return a heading as a mapping names it: `*` would stand for a number there, and counts for nothing in headings.

    >>> written("E-mail *")
    'E-mail'
    """
    return " ".join(heading.replace("*", " ").split())


def _columns(headings: Iterable[str], mapped: Mapped) -> dict[str, str]:
    """Return the columns to write out: heading -> target."""
    known = said(headings, mapped.rule.columns)
    inside = {heading for join in mapped.joins for heading in join.columns}
    return {
        written(heading): target
        for heading in headings
        if (target := mapped.columns.get(heading, "ignore")) != known.get(heading)
        and heading not in inside
        and heading_key(heading)
    }


def _key(headings: Iterable[str], mapped: Mapped, unique: Iterable[str]) -> tuple[str, ...]:
    """Return the one column that plainly names a row, if there is one and nothing else is the key."""
    if mapped.key:
        return tuple(written(heading) for heading in mapped.key if mapped.columns.get(heading) != "key")
    different = set(unique)
    ids = [h for h in headings if h in different and _KEY.fullmatch(heading_key(h)) and h not in mapped.columns]
    return (written(ids[0]),) if len(ids) == 1 else ()


def _signed(rule: SourceMapping, headings: list[str], mapped: Mapped, rules: Rules, name: str) -> SourceMapping:
    """Give a rule the shortest signature by which its table is known: what is used first, then the other columns."""
    order = list(dict.fromkeys([*mapped.columns, *headings]))
    used = [h for h in order if mapped.columns.get(h, "ignore") != "ignore" and heading_key(h)]
    rest = [h for h in order if h not in used and heading_key(h)]
    enough = max(len(used), min(_LEAST, len(used) + len(rest)))
    for length in range(enough, len(used) + len(rest) + 1):
        signature = tuple(dict.fromkeys(map(written, [*used, *rest][:length])))
        rule = rule.model_copy(update={"signature": signature})
        if _known(rule, headings, rules, name):
            break
    return rule


def _known(rule: SourceMapping, headings: list[str], rules: Rules, name: str) -> bool:
    """Tell whether a table is recognised by a rule among all others."""
    return recognised(headings, {**rules.mappings, name: rule}, None, None)[0] == name


def _check(rule: SourceMapping, headings: list[str], mapped: Mapped, rules: Rules, name: str) -> None:
    """Raise UsageError unless the table is known by the rule and understood by it as it was."""
    if not _known(rule, headings, rules, name):
        other = recognised(headings, {**rules.mappings, name: rule}, None, None)[0]
        raise UsageError(
            f"The mapping {other!r} knows files with these headings too, and would be taken for this one.",
            f"Correct rules/mappings/{other}.toml, or save under that name: --save {other}",
        )
    again = mappings.mapped(headings, rules.model_copy(update={"mappings": {**rules.mappings, name: rule}}))
    confused = [h for h in headings if _used(again.columns, h) != _used(mapped.columns, h)]
    if confused:
        raise UsageError(
            f"These headings differ too little to be told apart in a mapping: {', '.join(confused[:12])}.",
            "Give the columns names of their own in the file.",
        )


def _used(columns: Mapping[str, str], heading: str) -> str:
    return columns.get(heading, "ignore")
