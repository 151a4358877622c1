"""The parts of names in Latin script: the given name comes first, unless the words or the rules say otherwise.

Works on the units of `name_units`. To add a pattern: a line in `western`, with a name in the tests.
"""

from __future__ import annotations

from crmtool.core.normalizers.name_units import CLEAR_FAMILY, GIVEN, INITIALS, WITH_PARTICLE, Chosen, Unit
from crmtool.core.normalizers.name_words import Code

_MOST = 6  # units; with more it is likelier not a person's name alone


def western(units: list[Unit], order: str) -> Chosen | None:
    """Return the parts of a name of two units or more, without commas; None where they are not certain."""
    initials = [unit.code in INITIALS for unit in units]
    if len(units) > _MOST or all(initials) or _far_eastern(units):
        return None
    if _family_first(units, initials, order):
        return [units[1]], units[2:], [units[0]]
    last = len(units) - 1
    family = max((place for place, unit in enumerate(units) if place and unit.code == WITH_PARTICLE), default=last)
    return [units[0]], units[1:family], units[family:]


def _far_eastern(units: list[Unit]) -> bool:
    """Tell whether a name may stand in its own order, family name first: Nguyen Van Anh, Zhang Wei."""
    return units[0].code == Code.EAST_ASIAN and units[-1].code not in {Code.EAST_ASIAN, *CLEAR_FAMILY}


def _family_first(units: list[Unit], initials: list[bool], order: str) -> bool:
    """Tell whether the first unit is the family name: Petrov Ivan, Smith J. R., or by the rules."""
    first, last = units[0], units[-1]
    if all(initials[1:]):
        return first.code not in GIVEN and units[1].code == Code.INITIAL
    short = len(units) == 2  # noqa: PLR2004 - words
    slavic = first.code in CLEAR_FAMILY and last.code not in CLEAR_FAMILY and (short or units[1].code in GIVEN)
    told = first.code in GIVEN or last.code in CLEAR_FAMILY or initials[0]
    return slavic or (order == "family-given" and not told)
