"""Which encoding a file of text is in, and its text as UTF-8.

Certain first (a byte order mark, strict UTF-8, the zeros of UTF-16), then for each code page the likelihood of its
letters following one another (`letters`). To add a code page: a line in `PAGES`; `bench/encodings.py` measures.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from crmtool.core.errors import UsageError
from crmtool.io.readers import letters

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Code pages, the family of languages each is for, and the log odds of meeting it where the letters do not decide.
PAGES = {
    "cp1251": ("cyrillic", 0.0),
    "cp1252": ("western", -0.5),
    "koi8-u": ("cyrillic", -1.5),
    "cp866": ("cyrillic", -2.0),
    "cp1125": ("cyrillic", -2.0),
    "mac-cyrillic": ("cyrillic", -5.0),
    "iso8859-5": ("cyrillic", -5.0),
    "cp1250": ("central", -2.0),
    "iso8859-2": ("central", -3.0),
    "cp852": ("central", -4.0),
    "mac-roman": ("western", -3.0),
    "cp850": ("western", -3.5),
    "cp437": ("western", -4.0),
}
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: What people call encodings, where Python does not know the name; without spaces, hyphens and underscores.
NAMES = {
    "win1251": "cp1251",
    "windows": "cp1251",
    "1251": "cp1251",
    "cyrillic": "cp1251",
    "win1252": "cp1252",
    "ansi": "cp1251",
    "win1250": "cp1250",
    "dos": "cp866",
    "oem": "cp866",
    "866": "cp866",
    "koi8": "koi8-r",
    "koi8r": "koi8-r",
    "koi8u": "koi8-u",
    "koi": "koi8-r",
    "unicode": "utf-16",
    "utf8bom": "utf-8",
    "utf8withbom": "utf-8",
    "utf8sig": "utf-8",
    "mac": "mac-cyrillic",
    "maccyr": "mac-cyrillic",
    "xmaccyrillic": "mac-cyrillic",
}
_ASCII = 127
_SAMPLE = 16_000  # bytes of lines that are not plain ASCII
_HIGH = re.compile(rb"[\x80-\xff]")


class Guess(NamedTuple):
    """An encoding by its Python name, and whether it was guessed rather than known."""

    encoding: str
    guessed: bool


class Text(NamedTuple):
    """A file's text as UTF-8 without a byte order mark; `damaged`: some bytes did not fit and became U+FFFD."""

    utf8: bytes
    encoding: str
    guessed: bool
    damaged: bool


def decoded(data: bytes, encoding: str | None, *, whole: bool) -> Text:
    """Return the text of `data`, in the encoding a person named or the one found.

    `whole` False: `data` is the beginning of a file; its text is cut after the last whole line.
    Raises UsageError for an unknown encoding.
    """
    guess = Guess(known(encoding), guessed=False) if encoding else detected(data)
    mark = next((mark for mark, name in MARKS if data.startswith(mark) and name == guess.encoding), b"")
    body = data[len(mark) :] if mark else data
    utf8, damaged = _as_utf8(body, guess.encoding, whole=whole)
    return Text(utf8.removeprefix(codecs.BOM_UTF8), guess.encoding, guess.guessed, damaged)


def known(encoding: str) -> str:
    """Return the Python name of an encoding as people call it. Raises UsageError where there is none."""
    bare = re.sub(r"[\s_.-]+", "", encoding.casefold())
    for name in (NAMES.get(bare, encoding), re.sub(r"^(?:win|windows|cp|ms|ibm|dos)(?=\d)", "cp", bare)):
        try:
            found = codecs.lookup(name.strip()).name
            "".encode(found)  # refuses codecs that are not of text
        except (LookupError, ValueError):
            continue
        return {"utf-8-sig": "utf-8"}.get(found, found)
    names = ", ".join(["utf-8", "utf-16", *PAGES])
    raise UsageError(f"There is no encoding called {encoding!r}.", f"Use one of these: {names}.")


def _as_utf8(body: bytes, encoding: str, *, whole: bool) -> tuple[bytes, bool]:
    if encoding in ("utf-8", "ascii"):
        body = body if whole else body[: body.rfind(b"\n") + 1] or body
        if body.isascii() or _fits(body, "utf-8"):
            return body, False
    text, damaged = _text(body, encoding, whole=whole)
    cut = len(text) if whole else text.rfind("\n") + 1 or len(text)
    return text[:cut].encode("utf-8", "replace"), damaged


def _text(body: bytes, encoding: str, *, whole: bool) -> tuple[str, bool]:
    decoder = codecs.getincrementaldecoder(encoding)
    try:
        return decoder("strict").decode(body, final=whole), False
    except UnicodeError:
        return decoder("replace").decode(body, final=whole), True


def _fits(body: bytes, encoding: str) -> bool:
    try:
        body.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def detected(data: bytes) -> Guess:
    """Return the encoding of a file's bytes (all of them, or its beginning)."""
    marked = next((name for mark, name in MARKS if data.startswith(mark)), None) or wide(data[:4096])
    if marked:
        return Guess(marked, guessed=False)
    if data.isascii():
        return Guess("utf-8", guessed=False)
    lines = _telling_lines(data)
    if 2 * sum(_fits(line, "utf-8") for line in lines) > len(lines):
        return Guess("utf-8", guessed=False)
    return Guess(_likeliest(b"\n".join(lines)), guessed=True)


def wide(head: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of its line ends, digits and separators is zero."""
    ends = head.count(b"\n")
    even, odd = head[0::2].count(0), head[1::2].count(0)
    enough = max(2, len(head) // 20)
    if odd >= enough and odd > 8 * even and head.count(b"\n\0") >= ends - 1:  # the last one may be cut
        return "utf-16-le"
    return "utf-16-be" if even >= enough and even > 8 * odd and head.count(b"\0\n") == ends else None


def _telling_lines(data: bytes) -> list[bytes]:
    lines, size, position = [], 0, 0
    end = re.compile(rb"[\r\n]")
    while size < _SAMPLE and (found := _HIGH.search(data, position)):
        start = max(data.rfind(b"\n", 0, found.start()), data.rfind(b"\r", 0, found.start()), found.start() - _SAMPLE)
        stop = end.search(data, found.start())
        position = min(stop.start() if stop else len(data), found.start() + _SAMPLE)
        lines.append(data[start + 1 : position])
        size += len(lines[-1])
    return lines


def _likeliest(sample: bytes) -> str:
    trios = Counter(zip(b" " + sample, sample, sample[1:] + b" ", strict=False))
    odd = {trio: number for trio, number in trios.items() if max(trio[1:]) > _ASCII}
    return _plainest(max(PAGES, key=lambda name: _likelihood(odd, name, *PAGES[name])), sample)


def _likelihood(trios: Mapping[tuple[int, int, int], int], page: str, family: str, odds: float) -> float:
    """Log likelihood of the characters above ASCII and their neighbours."""
    table = bytes(range(256)).decode(page, "replace")
    return odds + sum(
        number * letters.likelihood(table[before], table[first], table[second], family)
        for (before, first, second), number in trios.items()
    )


def _plainest(encoding: str, sample: bytes) -> str:
    """Name the commoner of two code pages that read the sample alike, and Latin-1 where Windows has no such bytes."""
    for name in {"koi8-u": ("koi8-r",), "cp1125": ("cp866",), "cp437": ("cp850",)}.get(encoding, ()):
        if _fits(sample, name) and sample.decode(name) == sample.decode(encoding, "replace"):
            return name
    return encoding if encoding != "cp1252" or _fits(sample, encoding) else "latin-1"
