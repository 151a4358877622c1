"""What a heading means that is in no list: by its words, whatever their order, endings, politeness or misspelling.

A heading is a set of stems. Where a known heading is among them, what is left over decides: words that change nothing,
a label ("доставки"), words that speak of something else, or words nobody knows. To add a word: in `heading_words`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from crmtool.core.imports import heading_words as words
from crmtool.core.imports.headings import heading_key
from crmtool.core.imports.labels import label_in
from crmtool.core.rules import field_of, label_of, may_be_labelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EXACT, FILLED, LABELLED, TYPO, OF_ANOTHER = 0.95, 0.05, 0.05, 0.15, 0.6  # the best, and what is taken off (or left)
_ENDING = re.compile(
    r"(?:ого|его|ому|ему|ыми|ими|ых|их|ый|ий|ій|ой|ей|ої|єї|ая|яя|ое|ее|ою|ым|им|ов|ів|ам|ах|а|я|ы|и|і|ї|у|ю|е|є|о|ь|й)$"
)
_STEM = 3  # letters that stay at the least
_LONG = 5  # letters of a word that may be misspelt
_BRACKETS = re.compile(r"[(\[{][^)\]}]*[)\]}]")
_CAMEL = re.compile(r"(?<=[a-zа-яёіїє])(?=[A-ZА-ЯЁІЇЄ])")
_MAIL = re.compile(r"\b[eеэ] (mail|мейл|майл|мэйл)\b")


class Guess(NamedTuple):
    """What a heading may be; `whole`: no word of it is left unexplained."""

    target: str
    confidence: float
    whole: bool
    words: int = 0  # how many of them are a known heading


@dataclass(frozen=True)
class Index:
    """The known headings as sets of stems."""

    sets: tuple[tuple[frozenset[str], str], ...]  # (stems, target), in the order of the catalogue
    stems: frozenset[str]
    single: Mapping[str, str] = field(default_factory=dict)  # stem that alone is a heading -> its target


def index(synonyms: Mapping[str, str]) -> Index:
    """Return the index of known headings (heading -> target).

    Filling words are left out of a heading, unless too little would be left of it: "Contact Number" is not "Number".
    """
    written = [(frozenset(stems(heading)), target) for heading, target in synonyms.items()]
    plain = {known for known, _ in written if not known & words.FILLERS}
    sets: dict[frozenset[str], str] = {}
    for known, target in sorted(written, key=lambda one: one[0] not in plain):
        core = known - words.FILLERS
        sets.setdefault(core if len(core) > 1 or core in plain else known, target)
    telling = {known: target for known, target in sets.items() if known - words.FILLERS}
    single = {next(iter(known)): target for known, target in telling.items() if len(known) == 1}
    return Index(tuple(telling.items()), frozenset().union(*telling), single)


def stems(heading: str) -> list[str]:
    """Return the stems of a heading's words, without numbers.

    >>> stems("Ваш e-mail (рабочий):"), stems("phoneNumber2"), stems("Мобильного телефона")
    (['ваш', 'email', 'work'], ['phone', 'number'], ['mobile', 'phone'])
    """
    key = _MAIL.sub("email", heading_key(_CAMEL.sub(" ", heading)))
    return [stem(word) for word in re.sub(r"\d+", " ", key).split()]


def stem(word: str) -> str:
    """Return a word without its ending, and one word for several that mean the same.

    >>> stem("телефоны"), stem("companies"), stem("должности"), stem("имени")
    ('phone', 'company', 'должност', 'имя')
    """
    bare = words.SAME.get(word)
    if bare is None and word.isascii():
        bare = re.sub(r"ies$", "y", word) if word.endswith("ies") else re.sub(r"(?<=[^sui])s$", "", word)
    if bare is None:
        cut = _ENDING.sub("", word)
        bare = cut if len(cut) >= _STEM else word
    return words.SAME.get(bare, bare)


def guesses(heading: str, known: Index) -> tuple[list[Guess], bool]:
    """Return what a heading may be, likeliest first, and whether it speaks of something else than the contact."""
    found, other = _guesses(stems(heading), known)
    bare = _BRACKETS.sub(" ", heading)
    if bare != heading and not other and not any(guess.whole for guess in found):
        found = [
            guess._replace(confidence=guess.confidence - FILLED) for guess in _guesses(stems(bare), known)[0]
        ] or found
    return found, other


def is_empty(heading: str) -> bool:
    """Return whether a heading says nothing at all: "Column 5", "X", "3", or only that it is about somebody.

    >>> is_empty("Column 5"), is_empty(""), is_empty("Подарок")
    (True, True, False)
    """
    return all(stem in words.EMPTY | words.FILLERS or len(stem) == 1 for stem in stems(heading))


def _guesses(given: list[str], known: Index) -> tuple[list[Guess], bool]:
    core = {stem for stem in given if stem not in words.FILLERS}
    meant = {_spelled(stem, known.stems): stem for stem in given}
    best: dict[str, Guess] = {}
    other = False
    for wanted, target in known.sets:
        if wanted <= meant.keys():
            typos = sum(meant[stem] != stem for stem in wanted)
            rest = [stem for stem, word in meant.items() if stem not in wanted and word in core]
            start = EXACT - FILLED * (len(wanted) + len(rest) < len(meant)) - TYPO * typos
            guess = _with_rest(rest, len(wanted), target, start, known)
            other = other or guess is None
            if guess and guess.confidence > best.get(guess.target, guess._replace(confidence=0)).confidence:
                best[guess.target] = guess
    ranked = sorted(best.values(), key=lambda guess: (guess.confidence, guess.words), reverse=True)
    return [guess for guess in ranked if guess.whole or not other], other or bool(words.OTHER & core and not best)


def _with_rest(rest: list[str], matched: int, target: str, start: float, known: Index) -> Guess | None:
    """Return the guess when these words are left over, None when they make it something else."""
    name = field_of(target)
    rest = [
        stem for stem in rest if stem not in words.WITH.get(name, ()) and known.single.get(stem) not in {name, target}
    ]
    if words.OTHER & {*rest}:
        return None
    labels = {stem: label_in(stem, name) for stem in rest} if may_be_labelled(name) else {}
    unknown = [stem for stem in rest if not labels.get(stem)]
    label = next((label for label in labels.values() if label), None)
    if label and not label_of(target):
        target, start = f"{target}.{label}", start - LABELLED
    if not unknown:
        return Guess(target, start, whole=True, words=matched)
    share = matched / (matched + len(unknown))
    another = any(field_of(known.single.get(stem, name)) != name for stem in unknown)
    return Guess(target, start * share * (OF_ANOTHER if another else 1), whole=False, words=matched)


def _spelled(word: str, known: Iterable[str]) -> str:
    """Return the known word that this one is, or is a misspelling of; itself where there is none or several."""
    if word in known or len(word) < _LONG or word in words.OTHER:
        return word
    every = {**dict.fromkeys(known), **words.SAME}
    close = {words.SAME.get(other, other) for other in every if one_apart(word, other)}
    return close.pop() if len(close) == 1 else word


def one_apart(one: str, two: str) -> bool:
    """Return whether one letter too many, too few, another or two changed over tell two words apart.

    >>> [one_apart(*pair) for pair in (("phone", "phne"), ("email", "emial"), ("city", "site"))]
    [True, True, False]
    """
    short, long = sorted((one, two), key=len)
    if len(long) - len(short) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    behind, other = short[start:], long[start:]
    if len(short) < len(long):
        return behind == other[1:]
    return behind[1:] == other[1:] or (behind[:2] == other[1::-1] and behind[2:] == other[2:])
