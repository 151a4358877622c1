"""Questions about columns that could not be told surely, asked on a terminal one after another.

A person answers with a number, the name of a field, a word by which the field is known ("телефон"), or Enter; a word
typed with the wrong keyboard is understood. To take another word for "not used": `_NOTHING`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmtool.cli import screen
from crmtool.core.rules import canonical, field_of, may_be_labelled, own_field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crmtool.core.imports.mapping import Unsure
    from crmtool.core.rules import Fields

IGNORED = "ignore"
_NOTHING = {"-", "0", "n", "no", "none", "ignore", "нет", "н", "ні", "немає"}
_LIST = {"?", ","}  # the same key with another keyboard
_FREE = ("key", "tags", "verified_on", IGNORED)

#: What stands on the keys of a Russian or Ukrainian keyboard -> the Latin letters on the same keys.
_KEYS = str.maketrans(
    "йцукенгшщзфывапролдячсмитьЙЦУКЕНГШЩЗФЫВАПРОЛДЯЧСМИТЬіІю",
    "qwertyuiopasdfghjklzxcvbnmqwertyuiopasdfghjklzxcvbnmss.",
)


def answered(unsure: Iterable[Unsure], shapes: Mapping[str, str], fields: Fields) -> dict[str, str]:
    """Ask what each column is; return heading -> field, "ignore" for those that are not to be used.

    `shapes` has the most frequent shape of each column. Where nobody answers any more, the rest stays open.
    """
    said: dict[str, str] = {}
    for column in unsure:
        answer = _one(column, shapes.get(column.heading, ""), fields)
        if answer is None:
            break
        said[column.heading] = answer
    return said


def _one(column: Unsure, shape: str, fields: Fields) -> str | None:
    """Ask about one column until the answer is understood; None where the input has ended."""
    offered = tuple(dict.fromkeys(filter(None, (column.target, *column.alternatives))))
    screen.remark("")
    screen.remark(f"What is the column {column.heading!r}?" + (f"  Its cells look like: {shape}" if shape else ""))
    screen.remark("  ".join(f"{n} {target}" for n, target in enumerate((*offered, "not used"), 1)))
    while True:
        typed = screen.typed(
            f"A number, a field, ? for all fields, Enter for {offered[0] if offered else 'not used'}: "
        )
        if typed is None:
            return None
        if typed in _LIST:
            screen.remark(", ".join([*sorted(fields.field), *_FREE]))
            continue
        answer = understood(typed, offered, fields)
        if answer:
            return answer
        screen.remark(f"There is no field {typed!r}.")


def understood(typed: str, offered: tuple[str, ...], fields: Fields) -> str | None:
    """Return the field that was meant, None where that is not clear; nothing typed means the first one offered.

    >>> from crmtool.core.rules import FieldRule, Fields
    >>> fields = Fields(field={"phone": FieldRule(title="Phone", headings=("Телефон",))}, identity=())
    >>> [understood(typed, ("email",), fields) for typed in ("", "1", "2", "зрщту", "ТЕЛЕФОН", "fax")]
    ['email', 'email', 'ignore', 'phone', 'phone', None]
    """
    from crmtool.core.imports.headings import heading_key
    from crmtool.core.imports.mapping import synonyms

    word = typed.casefold()
    if word in _NOTHING or (not word and not offered):
        return IGNORED
    numbered = dict(zip(map(str, range(1, len(offered) + 2)), (*offered, IGNORED), strict=True))
    if not word or word in numbered:
        return numbered[word or "1"]
    known = {heading_key(name): target for name, target in synonyms(fields).items()}
    latin = word.translate(_KEYS)
    ways = (_target(typed, fields), _target(word, fields), known.get(heading_key(word)), _target(latin, fields))
    return next(filter(None, ways), None)


def _target(word: str, fields: Fields) -> str | None:
    target = canonical(word)
    free = own_field(target) or may_be_labelled(field_of(target))
    return target if target in fields.field or target in _FREE or free else None
