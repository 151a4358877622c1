"""What a column is that no mapping knows: its heading proposes, its cells agree or object.

A choice at or above `SURE` is taken; one below is a question. To let cells speak for another field: a line in `MEANS`
or `CONFIRMS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crmtool.core.imports.likeness import Guess, Index, guesses, is_empty
from crmtool.core.model import CHANNELS
from crmtool.core.rules import field_of

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Of the headings in `tests/core/imports/headings.csv` known above it, one in a hundred may be wrong.
SURE = 0.7
ASKED = 0.4  # below it a column is clutter, and nobody is asked
STRONG = 0.8  # a look of so many cells says what the column is
_AGREED, _DOUBTED = 0.2, 0.3
_UNEXPLAINED = 0.65  # the most for a heading with a word that nobody knows, whatever its cells say
_FEW = 0.2  # cells, as a share: if no more look like a phone, a heading "Phone" alone does not make them one
_ALTERNATIVES = 3

#: look of the cells -> what they are; by itself, under a heading that says nothing or something unknown
MEANS = {
    "email": ("email", 0.9, 0.6),
    "phone": ("phone", 0.85, 0.6),
    "full_name": ("name", 0.8, 0.55),
    "patronymic": ("middle_name", 0.8, 0.5),
    "given_name": ("given_name", 0.75, 0.5),
    "family_name": ("family_name", 0.75, 0.3),
    "company": ("company", 0.8, 0.5),
    "site": ("site", 0.8, 0.5),
    "city": ("city", 0.75, 0.4),
    "country": ("country", 0.75, 0.4),
    "tax_id": ("tax_id", 0.75, 0.5),
    "handle": ("messenger", 0.7, 0.5),
    "postcode": ("postcode", 0.5, 0.2),
}
#: field -> looks that confirm it
CONFIRMS = {
    "name": ("full_name", "given_name", "family_name"),
    "given_name": ("given_name",),
    "family_name": ("family_name",),
    "middle_name": ("patronymic",),
    "messenger": ("handle", "phone", "site"),
    "birthday": ("date",),
    "first_contact_on": ("date",),
    "verified_on": ("date",),
    **{name: (name,) for name in ("email", "phone", "company", "site", "city", "country", "tax_id", "postcode")},
}
#: fields whose cells are words: phones or addresses under such a heading are what they are
_WORDS = ("name", "given_name", "family_name", "middle_name", "company", "job_title", "city", "address", "site")
_LISTS = ("tags", "type", "stage")  # a few words for many people; whole names of people they are not
_EVIDENT = ("phone", "email", "site", "birthday", "first_contact_on", "verified_on")  # seen by their cells, or not
_PLAIN = ("name", "given_name", "phone", "email", *CHANNELS, "birthday", "first_contact_on", "verified_on")


class Choice(NamedTuple):
    """What a column is taken for ("" for nothing), how that is known, how surely, and what else it may be."""

    target: str
    how: str  # "heading", "similar heading", "content" or ""
    confidence: float
    alternatives: tuple[str, ...] = ()


NOTHING = Choice("", "", 0.0)


def contestable(target: str) -> bool:
    """Return whether cells may object to this field: only then need they be looked at under a known heading."""
    return field_of(target) in {*_WORDS, *_PLAIN, *_LISTS}


def chosen(heading: str, exact: str | None, known: Index, looks: Mapping[str, float]) -> Choice:
    """Return what a column is: `exact` is the field whose heading it is, `looks` what its cells look like."""
    if exact is not None:
        return _objected(exact, looks) or Choice(exact, "heading", 1.0)
    found, other = guesses(heading, known)
    if found:
        return _objected(found[0].target, looks) or _weighed(found, looks)
    return NOTHING if other else _by_content(heading, looks)


def _objected(target: str, looks: Mapping[str, float]) -> Choice | None:
    """Return what the cells plainly are instead, None where they do not object."""
    name = field_of(target)
    if looks.get("yes_no", 0) >= STRONG and name in _PLAIN and looks.get(name, 0) < STRONG:
        return NOTHING
    for look in ("email", "phone"):
        if looks.get(look, 0) >= STRONG and (name in _WORDS or name in {"email", "phone"} - {look}):
            return Choice(look, "content", STRONG, (target,))
    if looks.get("site", 0) >= STRONG and name in {*_WORDS, *_PLAIN, *_LISTS} - {"site", "messenger"}:
        return NOTHING  # addresses of pages about a person are nobody's name, and not surely that person's page
    whole = looks.get("full_name", 0) >= STRONG and looks["several"]
    if whole and name in {"given_name", "family_name", "middle_name", *_LISTS}:
        return Choice("name", "content", STRONG, (target,))
    return None


def _weighed(found: list[Guess], looks: Mapping[str, float]) -> Choice:
    """Return the likeliest guess by the heading, with what the cells say for or against it."""
    best = found[0]
    name = field_of(best.target)
    agreed = any(looks.get(look, 0) >= STRONG for look in CONFIRMS.get(name, ()))
    against = bool(looks) and name in _EVIDENT and all(looks.get(look, 0) <= _FEW for look in CONFIRMS[name])
    confidence = min(0.95, best.confidence + _AGREED * agreed) - _DOUBTED * against
    if not best.whole:
        confidence = min(confidence, _UNEXPLAINED)
    rest = tuple(guess.target for guess in found[1 : _ALTERNATIVES + 1])
    return Choice(best.target, "similar heading", round(confidence, 2), rest)


def _by_content(heading: str, looks: Mapping[str, float]) -> Choice:
    """Return what cells are by themselves; a heading that says something unknown makes it a question."""
    place = 1 if is_empty(heading) else 2
    seen = [
        (looks[look] * float(means[place]), str(means[0]))
        for look, means in MEANS.items()
        if looks.get(look, 0) >= STRONG
    ]
    ranked = sorted(seen, key=lambda one: one[0], reverse=True)
    if not ranked:
        return NOTHING
    (confidence, target), *rest = ranked
    return Choice(target, "content", round(confidence, 2), tuple(other for _, other in rest[:_ALTERNATIVES]))
