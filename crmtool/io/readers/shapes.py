"""What a cell looks like: a number, a date, an address, a phone, a few words. Nothing is converted, nothing is judged.

Good enough to tell values from headings and leftovers in the first lines of a file; what a value means is decided
elsewhere. To add a shape: a line in `SHAPES`, before those it is a special case of.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_DAY = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|янв|фев|мар|апр|ма[яй]|июн|июл|авг|сен|окт|ноя|дек|"
    r"січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру)[a-zа-яіїє]*\.?"
)
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]m)?"
_ZONE = r"(?: ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"
_AMOUNT = r"[-+−]?[$€£₴₽]? ?(?:\d+|\d{1,3}(?:[ \u00a0,.']\d{3})+)(?:[.,]\d+)?(?:e[-+]?\d+)?"

#: Shape and what a whole cell of it looks like; the first that fits counts.
SHAPES = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("email", r"(?:mailto:)?<?[^\s@,;|<>\"]+@[^\s@,;|<>\"]+\.[^\W\d_]{2,}>?"),
        ("url", r"(?:https?://|www\.)[^\s\"|]+|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|ru|ua|рф|укр)(?:/\S*)?"),
        ("date", rf"{_DAY}(?:(?:T|,? ){_CLOCK}{_ZONE})?"),
        ("date", rf"\d{{1,2}}[ -]{_MONTH}[ -]\d{{2,4}}(?: г\.?| р\.?)?|{_MONTH} \d{{1,2}},? \d{{4}}"),
        ("time", rf"{_CLOCK}{_ZONE}"),
        ("phone", r"\+ ?\d[\d\s().-]{6,20}(?:(?:,? ?(?:доб|ext|вн|x)\.? ?)\d+)?"),
        ("phone", r"(?=(?:\D*\d){7,15}\D*$)\(?\d{1,5}\)?[ .-]*(?:[(]?\d{2,5}[)]?[ .-]*)+(?:(?:доб|ext|вн|x)\.? ?\d+)?"),
        ("number", rf"{_AMOUNT} ?(?:%|[$€£₴₽]|usd|eur|rub|uah|руб\.?|грн\.?)?"),
        ("number", r"\.\d+"),
        ("flag", r"true|false|yes|no|да|нет|так|ні"),
        ("nothing", r"[-–—.?*]+|n/?a|null|none|nan|#\w+[!?/]?\w*"),
        (
            "person",
            r"(?:[\w'’ʼ-]+ ){1,2}\w+(?:ович|евич|ович|ійович|йович|ьич|кич|овна|евна|ёвна|івна|ївна|ична)(?: \w+)?",
        ),
        ("code", r"(?=\D*\d)[\w./:#+*-]{2,}"),
        ("words", r"[^\W_](?:[\w '’ʼ`«»№.&()/+#*%!?:-]|, | ?[\"“”„]\b|\b[\"“”„])*"),
    )
)
VALUES = frozenset({"email", "url", "date", "time", "phone", "number"})
_LONGEST = 200  # characters; longer cells are text
_LETTERS = re.compile(r"[^\W\d_]")


def shape(cell: str) -> str:
    """Return the shape of a cell: a name in `SHAPES`, "blank", or "text" for anything else."""
    bare = cell.strip()
    return (_shape(bare) if len(bare) <= _LONGEST else "text") if bare else "blank"


@lru_cache(maxsize=1 << 14)
def _shape(bare: str) -> str:
    return next((name for name, pattern in SHAPES if pattern.fullmatch(bare)), "text")


def is_value(cell: str) -> bool:
    """Tell whether a cell is a number, date, time, phone or address of the net, which a heading rarely is."""
    return shape(cell) in VALUES


def worded(cell: str) -> bool:
    """Tell whether a cell has a letter and is no value."""
    return bool(_LETTERS.search(cell)) and not is_value(cell)


def common(cells: Sequence[str], share: float = 0.75) -> str | None:
    """Return the shape of values that so large a share of the filled cells have, if there is one."""
    found = [each for each in map(shape, cells) if each not in ("blank", "nothing")]
    for name in VALUES & set(found):
        if found.count(name) >= share * len(found):
            return name
    return None
