"""What all pages of HTML share: the engine that escapes, and how values are shown.

Every text that came from outside is escaped by the engine and made visible by `visible` (control and direction
characters). To add something that all templates need: a filter in `environment`.
"""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

MAX_TEXT = 200  # characters of one value

#: Characters that show nothing or turn the direction of what stands around them.
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


def visible(value: object) -> object:
    r"""Return a value for the page: nothing as nothing, text with every unseen character written out as its number.

    >>> visible("evil\u202egnp.exe")
    'evil⟨U+202E⟩gnp.exe'
    """
    if value is None or isinstance(value, Markup):
        return "" if value is None else value
    return _UNSEEN.sub(lambda unseen: f"⟨U+{ord(unseen[0]):04X}⟩", str(value))


def short(text: str) -> str:
    """Return a text cut to what fits a table, saying how much was cut."""
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}… ({len(text):,} characters)"


def share(part: int, whole: int) -> str:
    """Return a share in whole percent that never claims all or nothing where it is not.

    >>> share(999, 1000), share(1, 1000), share(0, 7), share(7, 7), share(0, 0)
    ('99 %', '<1 %', '0 %', '100 %', '—')
    """
    if not whole:
        return "—"
    return "<1 %" if 0 < part * 100 < whole else f"{part * 100 // whole} %"


@cache
def environment() -> Environment:
    """Return the engine of every page: what it fills in is escaped, unseen characters are written out."""
    environment = Environment(
        autoescape=True,
        loader=PackageLoader("crmtool.io.renderers"),
        undefined=StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"short": short, "share": share, "grouped": "{:,}".format}
    return environment
