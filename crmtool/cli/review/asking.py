"""What a steward may say: the keys, the same on Cyrillic layouts, the words of plain lines, and filters.

A key of a Russian or Ukrainian layout means what stands on it in Latin: so «т» is n. Words mean what they say.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import NamedTuple

from crmtool.core.errors import UsageError
from crmtool.io.reviewing import Wanted


class Key(NamedTuple):
    """A key: what it does, the keys in its place on Cyrillic layouts, words in plain lines for it, what it is for."""

    key: str
    does: str
    cyrillic: str
    words: tuple[str, ...]
    told: str


#: What may be said of a pair. The keys "/" and "?" stand elsewhere on Cyrillic layouts, so both places mean them.
KEYS = (
    Key("y", "same", "н", ("yes", "same", "да", "так"), "same: the two are one"),
    Key("n", "different", "т", ("no", "different", "нет", "ні"), "different: never asked again"),
    Key("s", "skip", "ыі", ("skip",), "skip: asked again after the others"),
    Key("u", "undo", "г", ("undo",), "undo the last step"),
    Key("e", "edit", "у", (), "edit the value of a field, for the one they become"),
    Key("v", "verify", "м", (), "verify the phone, the e-mail or the field: right, wrong or unreachable"),
    Key("m", "members", "ь", (), "more members: all contacts that hang together"),
    Key("t", "split", "е", (), "split: the marked ones are not the others"),
    Key("/", "filter", ".", (), "filter: owner=… source=… score>=… words of a name"),
    Key("?", "help", ",", ("help",), "help"),
    Key("q", "quit", "й", ("quit", "exit"), "quit; everything decided is kept"),
)
_SCORE = re.compile(r"score(>=|<=|>|<|=)(-?\d+(?:\.\d+)?)$")


def layouts(key: Key) -> str:
    """Return a key on every layout, as a list with commas; what is typed with shift means the same."""
    typed = {key.key, *key.cyrillic}
    return ",".join(sorted({_NAMED.get(c, c) for each in typed for c in (each, each.upper())}))


#: Signs that have names where keys are listed.
_NAMED = {"/": "slash", "?": "question_mark", ".": "full_stop", ",": "comma"}


def answer(line: str) -> str | None:
    """Return what a line says (`Key.does`); None where it says nothing that is known."""
    said = line.strip().casefold()
    for key in KEYS:
        if said in {key.key, *key.cyrillic, *key.words}:
            return key.does
    return None


def wanted(text: str) -> Wanted | None:
    """Return the filter that is meant; None for an empty one. Raises UsageError for what cannot be.

    >>> wanted("owner=Лисовая score>=10 петров")
    Wanted(owner='Лисовая', source='', words='петров', least=10.0, most=None)
    """
    told, words = Wanted(), []
    for part in _parts(text):
        name, sign, value = part.partition("=")
        if score := _SCORE.match(part):
            told = _bounded(told, score[1], float(score[2]))
        elif name == "owner" and value:
            told = replace(told, owner=value)
        elif name == "source" and value:
            told = replace(told, source=value)
        elif sign or part.startswith("score"):
            raise UsageError(f"{part!r} is no filter.", "For example: owner=Lee source=event score>=10 petrov")
        else:
            words.append(part)
    told = replace(told, words=" ".join(words))
    return told if told != Wanted() else None


def _bounded(told: Wanted, sign: str, bits: float) -> Wanted:
    """Return a filter with a bound of the weight; the bound itself is always within."""
    return replace(told, least=told.least if "<" in sign else bits, most=told.most if ">" in sign else bits)


def _parts(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        raise UsageError("A quotation mark is not closed.", 'For example: owner="Inna Lee"') from None
