"""Which saved mapping a table is an export of.

A mapping is known by its signature, headings that together only this export has, or, without one, by the format of the
file. Where several fit, the one with the longest signature is the most specific.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmtool.core.errors import UsageError
from crmtool.core.imports.headings import fits, matched
from crmtool.core.rules import SourceMapping

if TYPE_CHECKING:
    from collections.abc import Mapping

GENERIC = "by headings"


def recognised(
    headings: list[str], mappings: Mapping[str, SourceMapping], said: str | None, file_format: str | None
) -> tuple[str, SourceMapping]:
    """Return the mapping named, or the most specific one that fits, or an empty one under the name `GENERIC`.

    Raises UsageError for a name that no mapping has.
    """
    if said is not None:
        if said not in mappings:
            raise UsageError(f"There is no mapping {said!r}.", f"Known are: {', '.join(sorted(mappings))}")
        return said, mappings[said]
    ranked = ((_rank(headings, rule, file_format), name) for name, rule in sorted(mappings.items()))
    fitting = [(rank, name) for rank, name in ranked if rank is not None]
    if not fitting:
        return GENERIC, SourceMapping(title="", source="file")
    _, name = max(fitting, key=lambda fit: fit[0])
    return name, mappings[name]


def _rank(headings: list[str], rule: SourceMapping, file_format: str | None) -> tuple[int, int] | None:
    """Return how specific a mapping is for these headings, None where it does not fit."""
    if rule.file_formats and file_format not in {*rule.file_formats, None}:
        return None
    signatures = [signature for signature in (rule.signature, *rule.variants) if signature]
    fitting = [len(signature) for signature in signatures if fits(headings, signature)]
    if not signatures and file_format in rule.file_formats:
        fitting = [0]
    return (max(fitting), len(matched(headings, rule.columns))) if fitting else None
