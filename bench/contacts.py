"""Write a file of invented contacts: Russian, Ukrainian and English people as real lists hold them, by seed.

Of all rows, `REPEATED` carry the phone of an earlier row: `SAME` of those are that person written another way, the
rest are somebody else at the same number, family or office. Rows are written as they are drawn; only the last `MEMORY`
people are remembered. What they are called and how they write stands in `bench.people`.

Run as `python -m bench.contacts ROWS FILE [--seed N]` from the folder above.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import deque
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from anyascii import anyascii

from bench import people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REPEATED = 0.30  # of all rows
SAME = 0.50  # of the repeated ones
DAMAGED = 0.02  # of the others: no usable phone, or no usable e-mail
TWO_PHONES = 0.02
MEMORY = 50_000
DAY_ZERO = date(1945, 1, 1)

HEADINGS = (
    "ID",
    "ФИО",
    "Телефон",
    "Email",
    "Компания",
    "Должность",
    "Город",
    "Индекс",
    "Дата рождения",
    "Дата первого контакта",
    "Теги",
    "Ответственный",
    "Тип контакта",
    "Источник",
    "Комментарий",
)


@dataclass(frozen=True)
class Person:
    """Somebody as they are, before anybody writes them down."""

    land: people.Land
    woman: bool
    given: str
    middle: str
    family: str
    code: str
    rest: str  # the digits of the phone after the code
    email: str
    firm: str
    city: int
    born: date

    @property
    def phone(self) -> str:
        """Return the number in E.164 form."""
        return f"+{self.land.country}{self.code}{self.rest}"


@dataclass(frozen=True)
class Drawn:
    """One row: the cells under `HEADINGS`, who it is, and how it stands to row `of`."""

    cells: tuple[str, ...]
    person: Person
    relation: str  # "new", "same", "family" or "office"
    of: int | None  # ID of the earlier row with this phone


def picked(rng: Random, options: people.Options) -> str:
    """Return one of the options, "" where there are none; several times as fast as `Random.choice`."""
    return options[int(rng.random() * len(options))] if options else ""


def born(rng: Random) -> date:
    return DAY_ZERO + timedelta(days=int(rng.random() * 22_000))


LATIN: dict[str, str] = {
    word: "".join(letter for letter in anyascii(word).lower() if letter.isalpha())
    for land in set(people.LANDS)
    for words in (*land.given, *land.family)
    for word in words
}


def mailbox(rng: Random, given: str, family: str, number: int) -> str:
    return f"{LATIN[given]}.{LATIN[family]}{number}@{picked(rng, people.MAILBOXES)}.example"


def stranger(rng: Random, number: int) -> Person:
    """Return somebody nobody has met."""
    land = people.LANDS[int(rng.random() * len(people.LANDS))]
    woman = rng.random() < 0.5
    given, family = picked(rng, land.given[woman]), picked(rng, land.family[woman])
    return Person(
        land=land,
        woman=woman,
        given=given,
        middle=picked(rng, land.middle[woman]),
        family=family,
        code=picked(rng, land.codes),
        rest=f"{int(rng.random() * 10**land.digits):0{land.digits}}",
        email=mailbox(rng, given, family, number),
        firm=f"{picked(rng, land.firm_words)} {picked(rng, land.firm_words)}" if rng.random() < 0.7 else "",
        city=int(rng.random() * len(land.cities)),
        born=born(rng),
    )


def relative(rng: Random, person: Person, number: int) -> Person:
    """Return another of the family: of the other sex, so surely with another given name."""
    land, woman = person.land, not person.woman
    family = land.family[woman][land.family[person.woman].index(person.family)]
    return replace(
        neighbour(rng, person, number, woman=woman, given=picked(rng, land.given[woman]), family=family), firm=""
    )


def colleague(rng: Random, person: Person, number: int) -> Person:
    """Return another of the same firm: with another family name."""
    land, woman = person.land, rng.random() < 0.5
    own = land.family[person.woman].index(person.family)
    others = land.family[woman][:own] + land.family[woman][own + 1 :]
    return neighbour(rng, person, number, woman=woman, given=picked(rng, land.given[woman]), family=picked(rng, others))


def neighbour(rng: Random, person: Person, number: int, *, woman: bool, given: str, family: str) -> Person:
    """Return somebody else at the same phone."""
    middle, email = picked(rng, person.land.middle[woman]), mailbox(rng, given, family, number)
    return replace(person, woman=woman, given=given, middle=middle, family=family, email=email, born=born(rng))


# --- how things are written ---

WHOLE_NAMES: tuple[Callable[[Person], str], ...] = (
    lambda p: f"{p.family} {p.given} {p.middle}",
    lambda p: f"{p.given} {p.middle} {p.family}",
    lambda p: f"{p.given} {p.family}",
    lambda p: f"{p.family} {p.given}",
    lambda p: f"{p.family}, {p.given}",
    lambda p: f"{p.family} {p.given} {p.middle}".upper(),
    lambda p: f"{p.given} {p.family}".lower(),
    lambda p: f"  {p.family}  {p.given} ",
    lambda p: anyascii(f"{p.given} {p.family}"),
)


def written_name(rng: Random, person: Person) -> str:
    name = WHOLE_NAMES[int(rng.random() * len(WHOLE_NAMES))](person)
    return name.replace("ё", "е") if rng.random() < 0.5 else name


def written_phone(rng: Random, person: Person) -> str:
    rest = person.rest
    return picked(rng, person.land.phones).format(c=person.code, a=rest[:-4], b=rest[-4:-2], d=rest[-2:])


def written_day(rng: Random, day: date) -> str:
    return day.isoformat() if rng.random() < 0.3 else f"{day.day:02}.{day.month:02}.{day.year}"


def cells(rng: Random, person: Person, number: int) -> tuple[str, ...]:
    """Return the person as somebody typed them into row `number`."""
    land, chance = person.land, rng.random
    return (
        str(number),
        written_name(rng, person),
        written_phone(rng, person),
        person.email.title() if chance() < 0.1 else person.email,
        picked(rng, land.firms).format(person.firm) if person.firm else "",
        picked(rng, land.jobs),
        picked(rng, land.cities[person.city]),
        str(int(100_000 + chance() * 500_000)) if chance() < 0.4 else "",
        written_day(rng, person.born) if chance() < 0.6 else "",
        written_day(rng, date(2020, 1, 1) + timedelta(days=int(chance() * 2_500))),
        picked(rng, people.TAGS),
        picked(rng, people.OWNERS),
        picked(rng, people.TYPES),
        picked(rng, people.SOURCES),
        picked(rng, people.NOTES).format(number),
    )


PHONE, EMAIL = HEADINGS.index("Телефон"), HEADINGS.index("Email")


def damaged(rng: Random, row: tuple[str, ...]) -> tuple[str, ...]:
    """Return the row with a phone or an e-mail that nobody can use."""
    place, faults = (PHONE, people.NO_PHONES) if rng.random() < 0.5 else (EMAIL, people.NO_MAILS)
    return (*row[:place], picked(rng, faults), *row[place + 1 :])


def doubled(rng: Random, row: tuple[str, ...]) -> tuple[str, ...]:
    """Return the row with a second phone in the cell, which belongs to nobody else we know."""
    second = f"+7 999 {int(rng.random() * 10**7):07}"
    return (*row[:PHONE], f"{row[PHONE]}, {second}", *row[PHONE + 1 :])


def newcomer(rng: Random, number: int, known: deque[tuple[int, Person]]) -> Drawn:
    """Draw somebody new; those whose row is sound are remembered in `known`."""
    person = stranger(rng, number)
    row = cells(rng, person, number)
    fate = rng.random()
    if fate < DAMAGED:
        return Drawn(damaged(rng, row), person, "new", None)
    known.append((number, person))
    return Drawn(doubled(rng, row) if fate < DAMAGED + TWO_PHONES else row, person, "new", None)


def repeater(rng: Random, number: int, known: deque[tuple[int, Person]]) -> Drawn:
    """Draw a row that carries the phone of somebody in `known`."""
    of, person = known[int(rng.random() * len(known))]
    fate = rng.random()
    if fate < SAME:
        return Drawn(cells(rng, person, number), person, "same", of)
    relation, draw = ("family", relative) if fate < (1 + SAME) / 2 or not person.firm else ("office", colleague)
    other = draw(rng, person, number)
    return Drawn(cells(rng, other, number), other, relation, of)


def drawn(rows: int, seed: int) -> Iterator[Drawn]:
    """Yield `rows` rows; the same seed yields the same rows, and a longer run begins as a shorter one."""
    rng = Random(seed)
    known: deque[tuple[int, Person]] = deque(maxlen=MEMORY)
    for number in range(1, rows + 1):
        repeat = rng.random() < REPEATED and known
        yield repeater(rng, number, known) if repeat else newcomer(rng, number, known)


def write(place: Path, rows: int, seed: int) -> None:
    """Write a UTF-8 file with commas; it appears under its name only when whole."""
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADINGS)
        out.writerows(row.cells for row in drawn(rows, seed))
    part.replace(place)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description="Write a file of invented contacts.")
    parser.add_argument("rows", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    write(options.file, options.rows, options.seed)


if __name__ == "__main__":
    main(sys.argv[1:])
