"""The lines of vCard 2.1, 3.0 and 4.0: which of them are a card, how they unfold, and what a property says of itself.

Sources: the vCard 2.1 specification (versit, 1996), RFC 2425 and 2426, RFC 6350, RFC 6868. What a property means is in
`vcard`.
"""

from __future__ import annotations

import binascii
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from crmtool.core.errors import InputRefused
from crmtool.io.readers import encodings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LARGEST = 1 << 26  # characters of a card
_EDGE = re.compile(r"(BEGIN|END)\s*:\s*VCARD\s*", re.IGNORECASE)
_AGENT = re.compile(r"(?:[\w-]+\.)?AGENT\b[^:]*:\s*", re.IGNORECASE)
_EDGES = {first + second for first, second in ("BE", "Be", "bE", "be", "EN", "En", "eN", "en")}
_LONGEST_EDGE = 64
_QUOTED_COLON = re.compile(r'((?:[^":]|"[^"]*")*):(.*)', re.DOTALL)
_HEAD = re.compile(r"\s*(?:([\w-]+)\.)?([A-Za-z0-9_-]+)\s*((?:;.*)?)", re.DOTALL)
_PARAMETER = re.compile(r';((?:[^";]|"[^"]*"?)*)')
_ANDROID_LABEL = re.compile(r"X-CUSTOM\((?:CHARSET=([^,)]+),)?(?:ENCODING=QUOTED-PRINTABLE,)?(.*)\)", re.IGNORECASE)
_SOFT_FOLD = re.compile(r"[ \t]=[0-9A-Fa-f]{2}")
_PART = re.compile(r"((?:[^;\\]|\\.|\\$)*)(;|$)", re.DOTALL)
_ITEM = re.compile(r"((?:[^,\\]|\\.|\\$)*)(,|$)", re.DOTALL)
_ESCAPE = re.compile(r"\\([nN,;:\\\"])")
_CARET = re.compile(r"\^([n^'])")
_LONGEST_HEAD = 4096
_QUOTED = {"quoted-printable", "q"}
_BASE64 = {"base64", "b"}
PREFERRED = 100
_DIGITS = 4


class Card(NamedTuple):
    """The lines between BEGIN and END; `row` is the number of the line of BEGIN.

    `ended`: there was an END. `inside` False: these are lines outside of any card, `row` is that of the first.
    """

    row: int
    lines: list[str]
    ended: bool = True
    inside: bool = True


class Head(NamedTuple):
    """What stands before the colon: `types` in small letters, `encoding` "q", "b" or ""."""

    group: str
    name: str
    types: tuple[str, ...]
    encoding: str
    charset: str
    preference: int  # 1 is the best; 101 where none is said
    parameters: dict[str, str]
    special: bool  # belongs to a group, is preferred, or has a label of its own


Property = tuple[Head, str]


def cards(lines: Iterable[str]) -> Iterator[Card]:
    """Give the cards of a file as they end, and in between the lines that stand outside of them, if any.

    A card inside of another (an AGENT of vCard 2.1) is a card by itself; where an END is missing, the next BEGIN ends
    the card. Raises InputRefused for a card larger than `LARGEST`.
    """
    stack = [_outside(1)]
    keep = stack[-1].lines.append
    size = 0
    for number, line in enumerate(lines, 1):
        edge = _edge(line) if line[:2] in _EDGES else ""
        if edge:
            yield from _begun(stack, number) if edge == "BEGIN" else _ended(stack, number, line)
            keep, size = stack[-1].lines.append, 0
            continue
        keep(line)
        size += len(line)
        if size > LARGEST:
            raise InputRefused(f"The card in line {stack[-1].row} is larger than 64 MB.", "Take it out of the file.")
    yield from (card._replace(ended=False) for card in stack if card.lines or card.inside)


def _edge(line: str) -> str:
    found = _EDGE.fullmatch(line) if len(line) <= _LONGEST_EDGE else None
    return found[1].upper() if found else ""


def _outside(row: int) -> Card:
    return Card(row, [], inside=False)


def _begun(stack: list[Card], number: int) -> Iterator[Card]:
    top = stack[-1]
    if not (top.inside and top.lines and _AGENT.fullmatch(top.lines[-1][:_LONGEST_EDGE])):
        stack.pop()
        if top.lines or top.inside:
            yield top._replace(ended=False)
    stack.append(Card(number, []))


def _ended(stack: list[Card], number: int, line: str) -> Iterator[Card]:
    if not stack[-1].inside:
        stack[-1].lines.append(line)
        return
    yield stack.pop()
    if stack:
        stack[-1].lines.append("")  # the AGENT of the outer card has had its card
    else:
        stack.append(_outside(number + 1))


def properties(lines: list[str]) -> tuple[list[Property], list[str]]:
    """Return the properties of a card, as a head and a value that is still encoded, and the lines that are none."""
    found: list[Property] = []
    unread: list[str] = []
    for line in unfolded(lines):
        name, colon, value = line.partition(":")
        head = _head(name) if colon and '"' not in name and len(name) <= _LONGEST_HEAD else None
        if colon and '"' in name:
            head, value = _divided(line)
        if head is not None:
            found.append((head, value))
        elif found and found[-1][0].encoding == "b":
            found.append((found[-1][0], line))  # a picture whose lines are not folded
        elif line and not line.isspace():
            unread.append(line)
    return found, unread


def unfolded(lines: list[str]) -> list[str]:
    """Return the lines of a card with folded ones put together.

    A line that begins with white space continues the one before; in vCard 2.1 the white space belongs to the value, in
    later versions its first character does not. A quoted-printable value goes on after a "=" at the end of a line,
    and, as some phones write it, in a next line that begins with "=" and a code.
    """
    text = "\n".join(lines)
    if "=" in text and ("QUOTED-P" in text or "quoted-p" in text.lower()):
        text = "\n".join(_without_soft_breaks(lines))
    if "\n " in text or "\n\t" in text:
        old = re.search(r"^VERSION:\s*2", text, re.MULTILINE | re.IGNORECASE)
        text = text.replace("\n ", " " if old else "").replace("\n\t", "\t" if old else "")
    return text.split("\n")


def _may_be_quoted(line: str) -> bool:
    return "=" in line and "QUOTED-PRINTABLE" in line.partition(":")[0].upper()


def _without_soft_breaks(lines: list[str]) -> Iterator[str]:
    pieces: list[str] = []
    quoted = False
    for line in lines:
        if quoted and pieces[-1].endswith("="):
            pieces[-1] = pieces[-1][:-1]
            pieces.append(line[1:] if _SOFT_FOLD.match(line) else line)
        elif quoted and line.startswith("="):
            pieces.append(line)
        else:
            yield from ("".join(pieces),) if pieces else ()
            pieces, quoted = [line], _may_be_quoted(line)
    yield "".join(pieces)


def _divided(line: str) -> tuple[Head | None, str]:
    """Return the head and the value of a line with quotation marks; no head where it is no property."""
    found = _QUOTED_COLON.fullmatch(line)
    name, value = (found[1], found[2]) if found else (line.partition(":")[0], line.partition(":")[2])
    return (_head(name) if len(name) <= _LONGEST_HEAD else None), value


@lru_cache(maxsize=4096)
def _head(text: str) -> Head | None:
    found = _HEAD.fullmatch(text)
    if not found:
        return None
    group, name, rest = found.groups("")
    types: list[str] = []
    parameters: dict[str, str] = {}
    for parameter in _PARAMETER.findall(rest):
        key, equals, value = parameter.strip().partition("=")
        key = key.strip().upper()
        if not equals or "(" in key:
            _bare(parameter.strip(), types, parameters)
        elif key == "TYPE":
            types += value.replace('"', "").lower().split(",")
        else:
            parameters.setdefault(key, value.strip().strip('"'))
    return _made(group.lower(), name.upper(), types, parameters)


def _bare(parameter: str, types: list[str], parameters: dict[str, str]) -> None:
    """Note a parameter without a name, as vCard 2.1 has them, or a label as Android writes it."""
    label = _ANDROID_LABEL.fullmatch(parameter)
    if label:
        parameters["X-CUSTOM"] = quoted_printable(label[2], label[1] or "")
    else:
        types.append(parameter.lower())


def _made(group: str, name: str, types: list[str], parameters: dict[str, str]) -> Head:
    encoding = parameters.get("ENCODING", "").lower()
    bare = {name.strip() for name in types}
    letter = "q" if {encoding} & _QUOTED or bare & _QUOTED else "b" if {encoding} & _BASE64 or bare & _BASE64 else ""
    told = tuple(dict.fromkeys(t.strip() for t in types if t.strip() not in _QUOTED | _BASE64 | {"", "pref"}))
    number = parameters.get("PREF", "1" if "pref" in bare else "")
    preference = int(number) if number.isdecimal() and len(number) < _DIGITS else PREFERRED + 1
    special = bool(group or preference <= PREFERRED or "X-CUSTOM" in parameters)
    return Head(group, name, told, letter, parameters.get("CHARSET", ""), preference, parameters, special)


def text(head: Head, value: str) -> str:
    """Return the value of a property, or one part of it, as text: decoded, without escapes."""
    if head.encoding == "q" and "=" in value:
        value = quoted_printable(value, head.charset)
    if "\\" in value:
        value = unescaped(value)
    return value.strip() if "\r" not in value else value.replace("\r\n", "\n").strip()


def quoted_printable(value: str, charset: str) -> str:
    """Return decoded text; where it names no encoding or a wrong one, its bytes tell."""
    raw = binascii.a2b_qp(value.encode("utf-8", "replace"))
    for name in (charset or "utf-8", "utf-8"):
        try:
            return raw.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    known = "utf-8" if charset.lower() in ("utf-8", "utf8") else encodings.detected(raw).encoding
    return raw.decode(known, "replace")


def unescaped(value: str) -> str:
    r"""Return text without the escapes of vCard.

    >>> unescaped(r"a\, b\; http\://c\nd")
    'a, b; http://c\nd'
    """
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def parts(value: str) -> list[str]:
    """Return the parts of a compound value, still encoded, split at semicolons that are not escaped."""
    return value.split(";") if "\\" not in value else _split(_PART, value)


def items(value: str) -> list[str]:
    """Return the items of a list, still encoded, split at commas that are not escaped."""
    return value.split(",") if "\\" not in value else _split(_ITEM, value)


def _split(pattern: re.Pattern[str], value: str) -> list[str]:
    found = pattern.findall(value)
    last = next(number for number, (_, end) in enumerate(found) if not end)
    return [part for part, _ in found[: last + 1]]


def caret(value: str) -> str:
    """Return the value of a parameter without the escapes of RFC 6868."""
    return _CARET.sub(lambda found: {"n": "\n", "^": "^", "'": '"'}[found[1]], value)
