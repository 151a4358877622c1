"""Whether two texts are the same word, in whatever case, look of ё, or alphabet they are written.

Texts of one alphabet are compared folded. Where one has Cyrillic letters and the other none, their match keys are
compared too (see `comparators.names`): "Shcherbakov" is Щербаков. Two Cyrillic spellings are never taken for one
another: a filter for Марья does not give Мария. SQL calls these with a value of the store, then the sought text.
"""

from __future__ import annotations

import re
from functools import lru_cache

from crmtool.core.comparators.names import match_key_of
from crmtool.core.folding import folded

_CYRILLIC = re.compile("[\u0400-\u052f]")
_REMEMBERED = 1 << 16

_folded = lru_cache(_REMEMBERED)(folded)
_key = lru_cache(_REMEMBERED)(match_key_of)


@lru_cache(_REMEMBERED)
def _is_cyrillic(text: str) -> bool:
    return _CYRILLIC.search(text) is not None


def same(value: str | None, text: str) -> bool | None:
    """Tell whether a value is a text; None where there is no value.

    >>> same("ЩЕРБАКОВ", "щербаков"), same("Щербаков", "Shcherbakov"), same("Мария", "Марья"), same(None, "x")
    (True, True, False, None)
    """
    if value is None:
        return None
    one, other = _folded(value), _folded(text)
    return one == other or (_is_cyrillic(one) != _is_cyrillic(other) and _key(one) == _key(other) is not None)


def inside(value: str | None, text: str) -> bool | None:
    """Tell whether a text is a part of a value.

    >>> inside("ООО «Ромашка»", "ромаш"), inside("ООО «Ромашка»", "Romashka")
    (True, True)
    """
    if value is None:
        return None
    one, other = _folded(value), _folded(text)
    return other in one or (_is_cyrillic(one) != _is_cyrillic(other) and (_key(other) or "\0") in (_key(one) or ""))


def begins(value: str | None, text: str) -> bool | None:
    """Tell whether a value begins with a text.

    >>> begins("Ёлкин Пётр", "елк"), begins("Ёлкин Пётр", "elkin"), begins("Ёлкин Пётр", "петр")
    (True, True, False)
    """
    if value is None:
        return None
    one, other = _folded(value), _folded(text)
    crossed = _is_cyrillic(one) != _is_cyrillic(other)
    return one.startswith(other) or (crossed and (_key(one) or "").startswith(_key(other) or "\0"))
