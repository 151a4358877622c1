"""One cell with several phones or with words: where each number ends, and what the words say of it.

Called for the cells that columns of regular expressions leave. A cell is cut at separators and words; a stretch of few
digits is a part of its neighbour. To add a word for a label: `_LABELS`; one that says nothing: `_SILENT`; one that says
that the number is no phone: `_NO_PHONE`; one for extensions: `EXTENSION_WORDS`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

EXTENSION_WORDS = (
    r"(?:доб(?:авочн(?:ый|ого)|ав)?|дод(?:атковий)?|внутр(?:енний|ішній)?|вн|доп|ext(?:ension|en|n)?|[xх#])"
)

_LEAST_DIGITS = 5  # a stretch with fewer is no number of its own: "123-45-67/68"
_AREA_CODE = 6  # digits that may stand before a slash and yet be no number: "04101/123456"
_WHOLE = 9  # digits from which on a number is whole, and "/68" after it another one
_LONGEST = 15  # digits of any number: ITU-T E.164
_NEAR = 10  # numbers of one switchboard follow closely: "…67/68"

#: How our labels are written; regular expressions of whole words.
_LABELS = {
    "fax": r"факс\w*|fax",
    "mobile": r"моб(?:[иі]льн\w*|[иі]лк\w*)?|сот(?:ов\w*)?|mob(?:ile)?|cell(?:ular|phone)?|handy",
    "work": r"раб(?:оч\w*)?|роб(?:оч\w*)?|служебн\w*|службов\w*|оф[иі]с\w*|work|office|business",
    "home": r"дом(?:ашн\w*)?|home",
    "whatsapp": r"whats?\s?app|wapp|wa|ва(?:тс|ц)ап\w*|вотсап\w*",
    "viber": r"viber|вайбер\w*",
    "telegram": r"telegram|телеграм\w*|tg|тг",
    "signal": r"signal",
    "pager": r"pager|пейджер\w*",
    "main": r"основн\w*|головн\w*|главн\w*|main|primary",
}
_SILENT = (
    r"тел(?:ефон\w*)?|т|tel(?:ephone)?|phone|ph|number|номер\w*|контактн\w*|гор(?:одск\w*)?|міськ\w*"
    r"|p|и|или|та|або|чи|й|і|and|or"
)
_NO_PHONE = (
    r"инн|іпн|огрн(?:ип)?|єдрпоу|егрпоу|окпо|кпп|бик|снилс|паспорт\w*|р/с|сч[её]т\w*|рахун\w*|iban|id|заказ\w*|замовлен\w*"
    r"|order|invoice|договор\w*|догов[оі]р\w*|індекс\w*|индекс\w*|zip"
)
_LABEL = re.compile("|".join(rf"(?P<{label}>\b(?:{words})\b)" for label, words in _LABELS.items()), re.IGNORECASE)
_SAYS_NOTHING = re.compile(rf"\b(?:{'|'.join([*_LABELS.values(), _SILENT])})\b\.?", re.IGNORECASE)
_ANOTHER_THING = re.compile(rf"\b(?:{_NO_PHONE})\b[\s.:№#]*$", re.IGNORECASE)
_EDGES = " \t.,;:|/()[]&+№-–—\"'"

_SEPARATOR = re.compile(
    rf"[;/|&](?!\s*(?:{EXTENSION_WORDS}|isub=|phone-context=))|(?<!,),(?![,\s]*{EXTENSION_WORDS}[\W\d]|,)"
    rf"|(?<=[\d)])\s*(?=\(?\+)|(?!{EXTENSION_WORDS}(?![^\W\d_]))(?<![^\W\d_])[^\W\d_]+[.:]?",
    re.IGNORECASE,
)
#: Times of day: digits that belong to the words.
_HOURS = re.compile(
    r"\d{1,2}:\d{2}|(?<![^\W\d_])(?:с|со|з|із|до|после|після|from|after|till|until|to)\s+\d{1,2}(?![\s().:/-]*\d)",
    re.IGNORECASE,
)
_TOLL_FREE = r"\+?(?:[178][\s.(-]*)?8\d\d|0800|1[38]00"
#: A number with letters to dial: "1-800-FLOWERS"; in small letters only after a prefix of free calls.
_VANITY = re.compile(
    rf"(?:\+?[\d\s().-]{{3,}}(?=[A-Z]{{2}}|[A-Z][\s-])[A-Z][A-Z\s-]*|(?:{_TOLL_FREE})[\s).-]+[A-Za-z][A-Za-z\s-]*)"
    r"[\d\s-]*"
)
_VANITY_LETTERS = range(3, 11)
_VANITY_LENGTH = range(9, 13)
_WORDS_INSIDE = re.compile(
    rf"(\+?[\d\s().-]*\d\)?)[\s(,.-]*(?!{EXTENSION_WORDS}(?![^\W\d_]))([^\W\d_][^\d]*?)[\s,;(]*"
    rf"(?<![^\W\d_])({EXTENSION_WORDS}[\s.:=№]*\d{{1,7}})\)?",
    re.IGNORECASE,
)
_TRIM = re.compile(r"^[^\w+(*#]+|[\s(\[,.;:+–—-]+$|^\)\s*")
_URI = re.compile(r";(?:phone-context|isub)=", re.IGNORECASE)


class Piece(NamedTuple):
    """One number of a cell as written (None: it is no phone), what kind of line it is, and what else is said of it."""

    text: str | None
    label: str | None = None
    note: str | None = None


def pieces(text: str) -> list[Piece]:
    """Return the numbers of a cell; the whole text where none stands out.

    >>> pieces("моб. +7 916 123-45-67 доб. 3")
    [Piece(text='+7 916 123-45-67 доб. 3', label='mobile', note=None)]
    >>> [piece.text for piece in pieces("8 (495) 123-45-67/68")]
    ['8 (495) 123-45-67', '8 (495) 123-45-68']
    """
    if _URI.search(text) or _is_vanity(text):
        return [Piece(text)]
    masked = _HOURS.sub(lambda found: re.sub(r"\d", "h", found[0]), text)
    spans, tails = _spans(masked)
    if not spans:
        return [Piece(text)]
    found = []
    for (start, end), said in zip(spans, _said(text, spans), strict=True):
        if _ANOTHER_THING.search(text[:start]):
            found.append(Piece(None, note=meaning(said)[1]))
            continue
        number, inside = _without_words(text[start:end])
        numbers = [*_halved(number), *_expanded(number, tails.get((start, end), []))]
        found += [Piece(one, *meaning(f"{said} {inside}")) for one in numbers]
    return found


def _without_words(number: str) -> tuple[str, str]:
    """Return a number without brackets left open and without the words before its extension, and those words.

    >>> _without_words("+7 495 123-45-67 (офис, доб. 12)")
    ('+7 495 123-45-67 доб. 12', 'офис')
    """
    trimmed = _TRIM.sub("", number)
    parts = _WORDS_INSIDE.fullmatch(trimmed)
    return (f"{parts[1]} {parts[3]}", parts[2]) if parts else (trimmed, "")


def meaning(said: str) -> tuple[str | None, str | None]:
    """Return the label and the note that words beside a number are.

    >>> meaning("моб."), meaning("(факс, спросить Анну)"), meaning("тел.:")
    (('mobile', None), ('fax', 'спросить Анну'), (None, None))
    """
    label = _LABEL.search(said)
    rest = _SAYS_NOTHING.sub(" ", said)
    note = " ".join(rest.split()).strip(_EDGES) if re.search(r"[^\W\d_]", rest) else None
    return label.lastgroup if label else None, note


def names_another_thing(said: str) -> bool:
    """Tell whether the words before a number say that it is no phone.

    >>> names_another_thing("ИНН"), names_another_thing("тел.")
    (True, False)
    """
    return bool(_ANOTHER_THING.search(said))


def _is_vanity(text: str) -> bool:
    """Tell whether letters of a text are to be dialled."""
    if not _VANITY.fullmatch(text.strip()):
        return False
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdigit, text))
    return letters in _VANITY_LETTERS and letters + digits in _VANITY_LENGTH and not _SAYS_NOTHING.search(text)


def _spans(text: str) -> tuple[list[tuple[int, int]], dict[tuple[int, int], list[str]]]:
    """Return where the numbers stand, and the few digits that follow a whole number after a slash or comma."""
    spans: list[tuple[int, int]] = []
    tails: dict[tuple[int, int], list[str]] = {}
    begun: int | None = None
    for start, end in _stretches(text):
        count = _digits(text[start:end])
        code = count <= _AREA_CODE and not spans and text[end : end + 1] == "/" and "/" not in text[end + 1 :]
        if count >= _LEAST_DIGITS and not code:
            spans.append((start if begun is None else begun, end))
            begun = None
        elif spans and _is_tail(text, spans[-1], start, end):
            tails.setdefault(spans[-1], []).append(text[start:end].strip())
        elif spans and spans[-1] not in tails:
            spans[-1] = (spans[-1][0], end)
        else:
            begun = start if begun is None else begun
    if begun is not None and not spans:
        return [(begun, len(text))] if _digits(text[begun:]) >= _LEAST_DIGITS else [], {}
    return spans, tails


def _is_tail(text: str, span: tuple[int, int], start: int, end: int) -> bool:
    """Tell whether digits after a whole number can be the end of another one: nothing but such digits around them."""
    number = text[slice(*span)]
    alone = re.fullmatch(r"[\s/,]*(?:\d{1,4}[\s/,]+)*", text[span[1] : start]) and re.match(
        r"\s*(?:$|[/,;|)])", text[end:]
    )
    return bool(alone) and text[start:end].strip().isdigit() and "/" not in number and _digits(number) >= _WHOLE


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of what stands between separators and holds a digit."""
    start = 0
    for match in [*_SEPARATOR.finditer(text), None]:
        end = match.start() if match else len(text)
        if any(map(str.isdigit, text[start:end])):
            yield start, end
        start = match.end() if match else end


def _said(text: str, spans: list[tuple[int, int]]) -> list[str]:
    """Return the words that belong to each number: before it where the cell begins with words, else after it."""
    gaps = [text[end:start] for (_, end), (start, _) in zip([(0, 0), *spans], [*spans, (len(text), 0)], strict=True)]
    before = bool(re.search(r"[^\W\d_]", gaps[0]))
    said = [gaps[0], *[""] * (len(spans) - 1)]
    for n, gap in enumerate(gaps[1:-1]):
        first, separator, last = _cut(gap)
        if not separator:
            first, last = ("", gap) if before else (gap, "")
        said[n] += " " + first
        said[n + 1] += last
    said[-1] += " " + gaps[-1]
    return said


def _cut(gap: str) -> tuple[str, str, str]:
    """Return a gap between two numbers, cut at its last separator."""
    for marks in (";,|", "/"):
        places = [gap.rfind(mark) for mark in marks]
        if max(places) >= 0:
            return gap[: max(places)], gap[max(places)], gap[max(places) + 1 :]
    return gap, "", ""


def _halved(number: str) -> list[str]:
    """Return the two numbers that stand side by side with nothing but a space between, else the number alone.

    >>> _halved("84951234567 89161234567")
    ['84951234567', '89161234567']
    """
    count = _digits(number)
    if count <= _LONGEST or count % 2:
        return [number]
    for space in re.finditer(r"\s+", number):
        if _digits(number[: space.start()]) == count // 2:
            return [number[: space.start()], number[space.end() :]]
    return [number]


def _expanded(number: str, tails: list[str]) -> list[str]:
    """Return the numbers that share all but their last digits with `number`; the digits alone where that is not sure.

    Sure are digits as many as the last group of the number has, and a number that follows closely.

    >>> _expanded("+7 916 1234567", ["68"]), _expanded("8 (495) 123-45-67", ["12"])
    (['+7 916 1234568'], ['12'])
    """
    return [number[: -len(tail)] + tail if _follows(number, tail) else tail for tail in tails]


def _follows(number: str, tail: str) -> bool:
    last = re.search(r"\d+$", number)
    if not last or len(last[0]) < len(tail):
        return False
    return 0 < int(tail) - int(last[0][-len(tail) :]) <= _NEAR


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))
