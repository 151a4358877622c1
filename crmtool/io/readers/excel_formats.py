"""Number formats of workbooks that put digits before the eye which the number itself does not hold: 1234 as 01234.

Only such formats matter here: a postcode, a code, a phone whose country stands in the format. Amounts, shares and
dates are read as their values. To understand more of the format language: `_tokens`, which leaves a format alone
(None) when it meets anything it does not know. Language: ECMA-376 part 1, 18.8.31.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SECTION = re.compile(r'(?:"[^"]*"|\\.|[^;"\\])*')
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|[_*].|\[(?P<bracket>[^\]]*)\]|(?P<digit>[0#?])'
    r"|(?P<plain>[-+/() :№])|(?P<other>.)",
    re.DOTALL,
)
_COLOURS = {"black", "blue", "cyan", "green", "magenta", "red", "white", "yellow"}
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)$")
_LARGEST = 10**15  # a double holds no more digits
_LONGEST = 255  # characters of a format; Excel takes no more

EMPTY = {"0": "0", "?": " ", "#": ""}  # what a place without a digit shows
Tokens = list[tuple[str, str]]  # ("digit", "0") or ("text", " ")


def adds_digits(code: str) -> bool:
    """Tell whether a format code may show digits that the number does not hold."""
    return any(shown(number, code) is not None for number in (1, 1234567, 12345678901))


def zeros(code: str) -> int:
    """Return how many digits a format of zeros alone asks for, as "00000" does; 0 for any other.

    >>> [zeros(code) for code in ("00000", "0", "000-000", "0.00", "00;[Red]-0")]
    [5, 1, 0, 0, 0]
    """
    return len(code) if code and not code.strip("0") else 0


def shown(number: float, code: str) -> str | None:
    """Return a whole number as its format shows it, or None where that has the same digits, or is no matter of digits.

    >>> [shown(1234, code) for code in ("00000", "#,##0", "0.00", "General", "000-000")]
    ['01234', None, None, None, '001-234']
    >>> shown(9161234567, '"+7" (000) 000-00-00'), shown(79161234567, "+0 (000) 000-00-00")
    ('+7 (916) 123-45-67', None)
    """
    if number < 0 or number >= _LARGEST or number != int(number) or len(code) > _LONGEST:
        return None
    tokens = _chosen(code, number)
    if tokens is None:
        return None
    digits = str(int(number))
    text = _filled(tokens, digits)
    return None if "".join(filter(str.isdigit, text)) == digits else text


def _chosen(code: str, number: float) -> Tokens | None:
    """Return the section of a format that a number from zero up is shown by, in tokens."""
    sections = _sections(code)
    for condition, tokens in sections[:2]:
        if condition is None or _holds(number, *condition):
            return tokens
    return sections[-1][1] if len(sections) > 1 else None


@lru_cache(1 << 10)
def _sections(code: str) -> list[tuple[tuple[str, float] | None, Tokens | None]]:
    """Return the sections of a format, each with its condition ("<", 100.0) if it has one."""
    parts: list[str] = [part for part in _SECTION.findall(code) if part] or [""]
    return [(_condition(part), _tokens(part)) for part in parts]


def _condition(section: str) -> tuple[str, float] | None:
    brackets: list[str] = re.findall(r"\[([^\]]*)\]", section)
    found = next(filter(None, map(_CONDITION.match, brackets)), None)
    return (found[1], float(found[2])) if found else None


def _holds(number: float, sign: str, limit: float) -> bool:
    return {
        "<": number < limit,
        "<=": number <= limit,
        ">": number > limit,
        ">=": number >= limit,
        "=": number == limit,
        "<>": number != limit,
    }[sign]


def _tokens(section: str) -> Tokens | None:
    """Return the parts of a section, None where it says more than digits and texts."""
    tokens: Tokens = []
    for match in _TOKEN.finditer(section):
        kind, part = match.lastgroup, match[match.lastgroup] if match.lastgroup else ""
        if kind == "other" or (kind == "bracket" and not _harmless(part)):
            return None
        if kind == "digit":
            tokens.append(("digit", part))
        elif kind in {"quoted", "escaped", "plain"}:
            tokens.append(("text", part))
    return tokens if any(kind == "digit" for kind, _ in tokens) else None


def _harmless(bracket: str) -> bool:
    """Tell whether what stands in brackets is a colour, a condition or a language."""
    return bracket.lower() in _COLOURS or bool(_CONDITION.match(bracket)) or bracket.startswith("$-")


def _filled(tokens: Tokens, digits: str) -> str:
    """Return the tokens with the digits in their places, from the right; the first place takes all that are left."""
    places = sum(kind == "digit" for kind, _ in tokens)
    padded = digits.rjust(places)
    head, tail = padded[: len(padded) - places + 1], iter(padded[len(padded) - places + 1 :])
    queue = iter([head, *tail])
    parts = [_place(part, next(queue)) if kind == "digit" else part for kind, part in tokens]
    return "".join(parts).strip()


def _place(mark: str, digit: str) -> str:
    return digit if digit.strip() else EMPTY[mark]
