"""Cyrillic letters in Latin addresses: doubles that look Latin, and endings written by their sound.

To add a letter: `_DOUBLES`; an ending: `_BY_SOUND`.
"""

from __future__ import annotations

import re

#: Cyrillic letters that look like Latin ones on a screen.
_DOUBLES = dict(zip("асеорхуіјѕһԁԛԝӏѵкмтАВСЕНІЈКМОРЅТХУ", "aceopxyijshdqwlvkmtABCEHIJKMOPSTXY", strict=True))
#: Endings that are no top-level domains in these letters; .ком, .орг and .рф are real.
_BY_SOUND = {"ру": "ru", "юа": "ua", "уа": "ua", "нет": "net", "сом": "com", "инфо": "info", "су": "su", "кз": "kz"}

CYRILLIC = re.compile("[\u0400-\u052f]")
_LATIN = re.compile("[A-Za-z]")


def latin(address: str) -> str:
    """Return an address with Cyrillic look-alikes made Latin where Latin letters stand beside them.

    Beside them means: in the same word; before a Latin domain, or an ending after a Latin name. A name of Cyrillic
    letters under a Cyrillic ending is real.

    >>> latin("ivаn@mаil.соm"), latin("иван@почта.рф"), latin("осе@mail.ru"), latin("ivan@mail.ру")
    ('ivan@mail.com', 'иван@почта.рф', 'oce@mail.ru', 'ivan@mail.ru')
    """
    local, at, domain = address.rpartition("@")
    labels = [_word(label) for label in domain.split(".")]
    if len(labels) > 1 and not CYRILLIC.search("".join(labels[:-1])):
        labels[-1] = _ending(labels[-1])
    name = ".".join(labels)
    return (_word(local) if CYRILLIC.search(name) else _before_latin(local)) + at + name


def looks_latin(word: str) -> bool:
    """Tell whether every Cyrillic letter of a word has a Latin double.

    >>> looks_latin("сосо"), looks_latin("почта")
    (True, False)
    """
    return bool(_all_latin(word))


def _ending(word: str) -> str:
    """Return an ending after a Latin name in Latin, by its sound or its look."""
    return _BY_SOUND.get(word.lower()) or _all_latin(word) or word


def _before_latin(local: str) -> str:
    """Return the words before a Latin domain in Latin where all their letters have a double; none is Cyrillic there."""
    whole = _all_latin(local)
    return whole or _word(local)


def _word(word: str) -> str:
    """Return a word of both alphabets in Latin if all its Cyrillic letters have a Latin double."""
    return (_all_latin(word) if _LATIN.search(word) else "") or word


def _all_latin(word: str) -> str:
    """Return `word` with the doubles of all its Cyrillic letters, empty if one has none."""
    plain = "".join(_DOUBLES.get(letter, letter) for letter in word)
    return "" if CYRILLIC.search(plain) else plain
