"""How Slavic names are spelt with other letters: in Latin script, and with the wrong keyboard layout.

To add a way of spelling: a line in `_SPELLINGS`; a keyboard: in `_KEYS`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_CYRILLIC = dict(
    zip(
        "абвгґдеєжзиіїйклмнопрстуфхцчшщыэюяў",
        "abvggdeezziiiiklmnoprstufhccssieuau",
        strict=True,
    )
) | {"ь": "", "ъ": "", "'": "", "-": ""}
#: Groups of Latin letters for one sound, longer ones first; what is left of them is one letter.
_SPELLINGS = (
    *(("shch", "s"), ("sch", "s"), ("sh", "s"), ("ch", "c"), ("zh", "z"), ("kh", "h")),
    *(("ts", "c"), ("tz", "c"), ("x", "ks"), ("ph", "f"), ("w", "v")),
)
_IOTATED = re.compile(r"i+([aeou])")
_DOUBLE = re.compile(r"(.)\1+")
_KEYS = (
    str.maketrans("qwertyuiop[]asdfghjkl;'zxcvbnm,.`", "йцукенгшщзхъфывапролджэячсмитьбюё"),
    str.maketrans("qwertyuiop[]asdfghjkl;'zxcvbnm,.`", "йцукенгшщзхїфівапролджєячсмитьбю'"),
)
_KEYED = re.compile(r"[a-zA-Z\[\];'`.,]{4,}")


def skeleton(name: str) -> str:
    """Return what the Latin spellings of a Slavic given name have in common; `name` is folded, in either script.

    >>> {skeleton(name) for name in ("юлия", "yuliya", "iuliia", "julia")}
    {'ula'}
    """
    latin = "".join(_CYRILLIC.get(letter, letter) for letter in name)
    for spelling, letter in _SPELLINGS:
        latin = latin.replace(spelling, letter)
    return _DOUBLE.sub(r"\1", _IOTATED.sub(r"\1", latin.replace("y", "i").replace("j", "i")))


def spellings(names: Iterable[str]) -> frozenset[str]:
    """Return the skeletons of Cyrillic names; г is g in Russian names and h in Ukrainian ones."""
    return frozenset(skeleton(spelt) for name in names for spelt in (name, name.replace("г", "h")))


def retyped(word: str, known: Callable[[str], bool]) -> str | None:
    """Return a word typed in the Latin layout as it was meant, None where `known` does not know what comes out.

    >>> retyped("Bdfyjd", lambda word: word == "иванов")
    'Иванов'
    """
    if not _KEYED.fullmatch(word) or re.search("[aeiou]{2}", word.lower()):
        return None
    meant = (word.lower().translate(keys) for keys in _KEYS)
    found = next((text for text in meant if known(text)), None)
    return found and (found.capitalize() if word[0].isupper() else found)


def meant(text: str, known: Callable[[str], bool]) -> str:
    """Return a text typed in the Latin layout as it was meant, word by word; see `retyped`."""
    return " ".join(retyped(word, known) or word for word in text.split(" "))
