"""Which encoding a file of text is in, and its text as UTF-8.

Certain first (a byte order mark, strict UTF-8), then a likelihood of letters for the code pages of Cyrillic and of
Western Europe, with charset-normalizer as the second opinion where there is little to go by. To add a code page: a line
in `PAGES`, and the letters it is for in `LETTERS`.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from math import log
from typing import NamedTuple

from charset_normalizer import from_bytes

from crmtool.core.errors import UsageError

#: Code pages with the log odds of meeting them, where the letters do not decide.
PAGES = {
    "cp1251": 0.0,
    "cp1252": -0.3,
    "koi8-u": -1.0,
    "cp866": -1.5,
    "cp1125": -1.5,
    "mac-cyrillic": -2.0,
    "mac-roman": -2.0,
    "iso8859-5": -4.0,
}
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 48_000  # bytes of lines that are not plain ASCII
_SURE = 24  # so many letters need no second opinion
_CLOSE = 2.0  # nor does a lead of so much
_HIGH = bytes(range(128, 256))

#: Letters per thousand in Russian and Ukrainian text taken together, rounded from published letter counts.
LETTERS = {
    letter: share
    for letters, share in (
        *(
            ("о", 100),
            ("а", 82),
            ("и", 75),
            ("е", 72),
            ("н", 67),
            ("т", 58),
            ("с", 52),
            ("рв", 47),
            ("л", 42),
            ("к", 37),
        ),
        *(
            ("мд", 31),
            ("пу", 29),
            ("я", 22),
            ("і", 20),
            ("гз", 17),
            ("б", 16),
            ("чь", 14),
            ("й", 12),
            ("ы", 10),
            ("х", 10),
        ),
        *(("ж", 9), ("юш", 7), ("ц", 6), ("їєщ", 4), ("ёф", 3), ("э", 2), ("ъґ", 1)),
    )
    for letter in letters
}
_ACCENTED = "éèêëàáâäåãçíìîïñóòôöõøúùûüßæœýÿ"
_SIGNS = "«»№–—“”„‘’…·°§©®\u00a0€™"


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
    guess = Guess(_known(encoding), guessed=False) if encoding else detected(data)
    mark = next((mark for mark, name in MARKS if data.startswith(mark) and name == guess.encoding), b"")
    body = data[len(mark) :] if mark else data
    utf8, damaged = _as_utf8(body, guess.encoding, whole=whole)
    return Text(utf8.removeprefix(codecs.BOM_UTF8), guess.encoding, guess.guessed, damaged)


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)  # refuses codecs that are not of text
    except (LookupError, ValueError):
        hint = "Use a name such as utf-8, utf-16, cp1251, koi8-r, koi8-u, cp866, mac-cyrillic or cp1252."
        raise UsageError(f"There is no encoding called {encoding!r}.", hint) from None
    return {"utf-8-sig": "utf-8"}.get(name, name)


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
    if 2 * sum(_fits(line, "utf-8") for line in lines) >= len(lines):
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
    high, end = re.compile(rb"[\x80-\xff]"), re.compile(rb"[\r\n]")
    while size < _SAMPLE and (found := high.search(data, position)):
        start = max(data.rfind(b"\n", 0, found.start()), data.rfind(b"\r", 0, found.start()), found.start() - _SAMPLE)
        stop = end.search(data, found.start())
        position = min(stop.start() if stop else len(data), found.start() + _SAMPLE)
        lines.append(data[start + 1 : position])
        size += len(lines[-1])
    return lines


def _likeliest(sample: bytes) -> str:
    scores = sorted(((_likelihood(sample, name) + odds, name) for name, odds in PAGES.items()), reverse=True)
    best = scores[0][1]
    letters = len(sample) - len(sample.translate(None, _HIGH))
    if letters < _SURE and scores[0][0] - scores[1][0] < _CLOSE:
        best = _second_opinion(sample, best, scores[1][1])
    return _plainest(best, sample)


def _second_opinion(sample: bytes, first: str, second: str) -> str:
    match = from_bytes(sample, cp_isolation=[first, second]).best()
    names = {codecs.lookup(name).name: name for name in (first, second)}
    return names.get(codecs.lookup(match.encoding).name, first) if match else first


def _plainest(encoding: str, sample: bytes) -> str:
    """Name the commoner of two code pages that read the sample alike, and Latin-1 where Windows has no such bytes."""
    for name in {"koi8-u": ("koi8-r",), "cp1125": ("cp866",)}.get(encoding, ()):
        if _fits(sample, name) and sample.decode(name) == sample.decode(encoding, "replace"):
            return name
    return encoding if encoding != "cp1252" or _fits(sample, encoding) else "latin-1"


def _likelihood(sample: bytes, encoding: str) -> float:
    """Log likelihood of the characters above ASCII, each by itself and with its neighbour."""
    text = sample.decode(encoding, "replace")
    counts = Counter(character for character in text if character > "\x7f")
    single = sum(_WEIGHTS.get(character, _STRANGE) * number for character, number in counts.items())
    return single + sum(weight * len(pattern.findall(text)) for pattern, weight in _NEIGHBOURS)


def _weights() -> dict[str, float]:
    weights = {letter: log(share / 1000) for letter, share in LETTERS.items()}
    weights |= {letter.upper(): weight for letter, weight in weights.items()}
    accented = {letter: log(0.03) for letter in _ACCENTED}
    accented |= {letter.upper(): log(0.004) for letter in _ACCENTED if len(letter.upper()) == 1}
    return {sign: log(0.003) for sign in _SIGNS} | accented | weights


_WEIGHTS = _weights()
_STRANGE = log(0.00002)
_NEIGHBOURS = (
    (re.compile(r"(?<=[а-яёіїєґ])[А-ЯЁІЇЄҐ]"), log(0.02)),  # a capital inside a word
    (re.compile(r"(?<=[А-ЯЁІЇЄҐ]{2})[а-яёіїєґ]"), log(0.05)),  # a small letter after capitals
    (re.compile(r"(?<![^\W\d_])[ьъыЬЪЫ]|(?<=[аеёиоуыэюяіїєАЕЁИОУЫЭЮЯІЇЄ])[ьъыЬЪЫ]"), log(0.02)),
    (re.compile(r"(?<=[аеёиоуыэюяіїє])[аеёиоуыэюяіїє]", re.IGNORECASE), log(0.4)),
    (re.compile(r"(?<=[бвгджзклмнпрстфхцчшщґ]{2})[бвгджзклмнпрстфхцчшщґ]", re.IGNORECASE), log(0.3)),
    (re.compile(r"(?<=[A-Za-z])[Ѐ-ӿ]|(?<=[Ѐ-ӿ])[A-Za-z]"), log(0.05)),  # a word of two alphabets
    (re.compile(r"(?<=[À-ÿ])[À-ÿ]"), log(0.05)),  # accented letters rarely stand together
    (re.compile(r"(?<![A-Za-zÀ-ÿ])[À-ÿ](?![A-Za-zÀ-ÿ])"), log(0.05)),  # nor alone
    (re.compile(r"(?<=[A-Za-zА-яЁё])[^\W\dA-Za-zА-яЁёІЇЄҐіїєґÀ-ÿ_]"), log(0.1)),
)
