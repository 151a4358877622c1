"""The text of a letter without what it quotes: the letters before it, which have rows of their own.

To add a way to begin a quotation: a line in `_BEGINNINGS`.
"""

from __future__ import annotations

import re

_BEGINNINGS = (
    r"-{2,}\s*(?:original message|forwarded message)\s*-{2,}.*",
    r"-{2,}\s*(?:исходное|пересылаемое|пересланное|оригінальне|переадресоване) (?:сообщение|повідомлення)\s*-{2,}.*",
    r"_{10,}",
    r"(?:on|am|le) .{4,120}(?:wrote|schrieb|a écrit)\s*:?",
    r"(?:[\w,.]{1,12}\s+)?\d{1,2}[ .]\S{2,12}[ .]\d{2,4}.{0,120}(?:написал|написала|написал\(а\)|пише|писал|пишет)\s*:",
    r".{2,120}(?:написал|написала|написал\(а\)|написав|написала|пише)\s*:",
    r"(?:from|от кого|от|від)\s*:.{3,}",  # only above other headers, see `_is_header`
)
_BEGINNING = re.compile("|".join(f"(?:{pattern})" for pattern in _BEGINNINGS), re.IGNORECASE)
_FROM = re.compile(r"\*?(?:from|от кого|от|від)\*?\s*:", re.IGNORECASE)
_HEADER = re.compile(r"\*?(?:sent|date|to|subject|отправлено|дата|кому|тема|надіслано)\*?\s*:", re.IGNORECASE)
_LONGEST = 300  # characters of a line that may begin a quotation
_NEAR = 4  # lines below "From:" among which other headers stand


def own(text: str) -> str:
    r"""Return what a writer wrote: the lines above a quotation, without lines that begin with ">".

    A text that is a quotation from its first line on, such as a forwarded letter, stays whole.

    >>> own("Agreed.\n\nOn Mon, 5 Oct 2026, Anna wrote:\n> When?\n")
    'Agreed.'
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    end = next((number for number, line in enumerate(lines) if _begins(line, lines, number)), len(lines))
    kept = "\n".join(line for line in lines[:end] if not line.lstrip().startswith(">")).strip()
    return kept or text.strip()


def _begins(line: str, lines: list[str], number: int) -> bool:
    bare = line.strip().lstrip("> ")
    if not bare or len(bare) > _LONGEST or not _BEGINNING.fullmatch(bare):
        if len(bare) > _LONGEST or not bare.lower().startswith(("on ", "am ", "le ")) or number + 1 >= len(lines):
            return False
        return bool(_BEGINNING.fullmatch(f"{bare} {lines[number + 1].strip()}"))  # folded over two lines
    if _FROM.match(bare):
        below = lines[number + 1 : number + 1 + _NEAR]
        return any(_HEADER.match(other.strip().lstrip("> ")) for other in below)
    return True
