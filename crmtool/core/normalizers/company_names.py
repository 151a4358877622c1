"""The name of a company without its legal form: its case, its quotation marks, or the person it is.

To add a word that stays small in a name: `_SMALL`.
"""

from __future__ import annotations

import re

_MARKS = '"«»„“”'
_OPENING, _CLOSING = "«„", "»”"
_SMALL_TEXT = "и в во на по для с со при от та і й у з для of and the for de del la le et du und von der y e"
_SMALL = frozenset(_SMALL_TEXT.split())
_LONG, _WORD = 6, 4  # letters: no abbreviation; perhaps none
_VOWELS = frozenset("АЕЁИОУЫЭЮЯІЇЄҐAEIOUY")
_INITIALS = re.compile(r"[^\W\d_]\.?(?:[ -]?[^\W\d_]\.)*")
_NAME = re.compile(r"[^\W\d_]{2,}(?:['’-][^\W\d_]+)*")


def cased(name: str) -> str:
    """Return a name of capitals alone in small letters where it is too long for an abbreviation.

    >>> cased("РОМАШКА"), cased("ТД НАДЁЖНЫЙ ДОМ"), cased("КАМАЗ"), cased("SAP"), cased("ACME TRADING OF KENT")
    ('Ромашка', 'ТД Надёжный Дом', 'КАМАЗ', 'SAP', 'Acme Trading of Kent')
    """
    words = re.findall(r"[^\W\d_]+", name)
    if name.upper() != name or not (any(map(_is_word, words)) or sum(map(_perhaps, words)) > 1):
        return name
    first = re.search(r"[^\W\d_]", name)
    start = first.start() if first else 0
    lowered = re.sub(r"[^\W\d_]+", lambda match: _small(match, start, several=len(words) > 1), name)
    return lowered if lowered.upper() == name else name


def _is_word(word: str) -> bool:
    return len(word) >= _LONG and bool(_VOWELS & {*word})


def _perhaps(word: str) -> bool:
    """Tell whether a word of capitals is likelier a word where another one stands beside it."""
    return len(word) >= _LONG - 1 and _speakable(word)


def _small(match: re.Match[str], start: int, *, several: bool) -> str:
    """Return one word of capitals in its case."""
    word = match.group()
    if match.start() != start and word.lower() in _SMALL:
        return word.lower()
    before = match.string[match.start() - 1 : match.start()]
    if before and before in "'’ʼ":
        return word.lower()
    short = several and len(word) >= _WORD and _speakable(word)
    return word[0] + word[1:].lower() if short or _is_word(word) else word


def _speakable(word: str) -> bool:
    """Tell whether a short word of capitals has vowels as words have them: БАНК, and no НИИС."""
    spread = "".join("v" if letter in _VOWELS else "c" for letter in word)
    return "v" in spread and "vv" not in spread and "cccc" not in spread


def marks(name: str) -> str:
    """Return a name with its quotation marks as «» in pairs, straight ones kept in Latin text.

    >>> marks('Завод "Рассвет'), marks('The "Big" Shop')
    ('Завод «Рассвет»', 'The "Big" Shop')
    """
    if not any(mark in name for mark in _MARKS):
        return name
    if not re.search("[\u0400-\u052f]", name):
        return re.sub("[«»„“”]", '"', name)
    depth, parts = 0, []
    for at, letter in enumerate(name):
        if letter not in _MARKS:
            parts.append(letter)
        elif _opens(name, at, depth):
            depth += 1
            parts.append("«" if depth == 1 else "")
        elif depth:
            depth -= 1
            parts.append("»" if depth == 0 else "")
    if depth:
        parts.append("»")
    return re.sub(r"\s+»", "»", re.sub(r"«\s+", "«", "".join(parts))).replace("«»", "").strip()


def _opens(name: str, at: int, depth: int) -> bool:
    """Tell whether a mark opens: by its shape, by what stands beside it, else if nothing is open."""
    if name[at] in _OPENING or name[at] in _CLOSING:
        return name[at] in _OPENING
    before, behind = name[at - 1 : at], name[at + 1 : at + 2]
    if before and not before.isspace() and before not in "(" + _MARKS:
        return False
    return (bool(behind) and not behind.isspace()) or not depth


def stripped(name: str) -> str:
    """Return a name without the quotation marks around all of it; those around a part stay.

    >>> stripped('"Ромашка"'), stripped('"ТД "Ромашка"'), stripped('ТД "Ромашка"'), stripped('"А" и "Б"')
    ('Ромашка', 'ТД "Ромашка"', 'ТД "Ромашка"', '"А" и "Б"')
    """
    inner = name.strip()
    while inner and inner[0] in _MARKS and _closes_at_end(inner):
        bare = inner[1:-1] if inner[-1] in _MARKS and not _needed(inner) else inner[1:]
        inner = bare.strip()
    return inner


def _closes_at_end(name: str) -> bool:
    """Tell whether the first mark belongs to the last, or is never closed."""
    depth = 0
    for at, letter in enumerate(name):
        if letter in _MARKS:
            depth += 1 if at == 0 or _opens(name, at, depth) else -1
        if depth == 0:
            return at == len(name) - 1
    return True


def _needed(name: str) -> bool:
    """Tell whether the last mark closes one inside: "ТД "Мир" has one for two."""
    inner = [at for at, letter in enumerate(name) if letter in _MARKS]
    opening = sum(1 for at in inner if at == 0 or _opens(name, at, 0 if at == 0 else 1))
    return opening > len(inner) - opening and opening > 1


def person(name: str) -> str | None:
    """Return a person's name in its case if the words are one's: two to four names or initials, or a single name.

    >>> person("ПЕТРОВ И.И."), person("Иванова Анна"), person("Вектор 2000")
    ('Петров И.И.', 'Иванова Анна', None)
    """
    words = name.replace(",", " ").split()
    if not 1 <= len(words) <= _WORD or not all(_NAME.fullmatch(w) or _INITIALS.fullmatch(w) for w in words):
        return None
    if not any(_NAME.fullmatch(word) for word in words):
        return None
    return " ".join(_own(word) for word in words)


def _own(word: str) -> str:
    """Return a name of capitals or small letters alone with a capital at its start and behind hyphens."""
    if not _NAME.fullmatch(word):
        return word.upper() if word.islower() else word
    if word.isupper() or word.islower():
        return "-".join(part[:1].upper() + part[1:].lower() for part in word.split("-"))
    return word
