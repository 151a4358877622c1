"""Strategies of small lists of invented people: few names, phones, addresses and keys, so that they meet often.

To add a kind of mess: another value in a pool below, or another column in `_COLUMNS` with its pool.
"""

import csv
import io
from dataclasses import dataclass, replace
from typing import Self

from hypothesis import strategies as st

_NAMES = {
    "given_name": ["Иван", "Олена", "John", "Ivan", "Семён", "Anne-Marie", "І.", ""],
    "middle_name": ["Петрович", "Іванівна", "", ""],
    "family_name": ["Петров", "Petrov", "Шевченко", "Smith", "О'Коннор", "Щербаков", ""],
}
_WHOLE = [
    "Петров Иван Петрович",
    "Иван Петров",
    "Шевченко Олена Іванівна",
    "John Smith",
    "Smith, John",
    "ООО Ромашка",
    "",
]
_PHONES = [
    "+7 916 123-45-67",
    "8 (916) 123 45 67",
    "+380 67 123 45 67",
    "067 123 45 67",
    "+1 212 555 0123",
    "+7 495 123-45-67",
    "12",
    "",
    "",
]
_EMAILS = ["ivan@mail.ru", "IVAN@mail.ru", "olena@ukr.net", "john@gmail.com", "info@example.com", "broken@", "", ""]
_CITIES = ["Москва", "г. Киев", "Київ", "London", "", "  "]
_COMPANIES = ["ООО Ромашка", "ТОВ «Мрія»", "Smith & Sons", ""]
_DAYS = ["2024-03-05", "05.03.2023", "31.02.2024", ""]

_COLUMNS = {
    "ID": [],  # filled by the key strategy
    "Name": _WHOLE,
    "Имя": _NAMES["given_name"],
    "Отчество": _NAMES["middle_name"],
    "Фамилия": _NAMES["family_name"],
    "Phone": _PHONES,
    "Мобильный": _PHONES,
    "Email": _EMAILS,
    "Город": _CITIES,
    "Company": _COMPANIES,
    "Notes": ["перезвонить", "a much longer note", "линия 1\nлиния 2", '"quoted"', ""],
    "Tags": ["vip", "vip, partner", ""],
    "Первый контакт": _DAYS,
    "Verified On": _DAYS,
    "Shoe size": ["42", ""],  # not a known field
}
_HEADINGS = [
    ("Имя", "Фамилия", "Phone", "Email"),
    ("Name", "Phone", "Мобильный", "Email", "Город", "Tags"),
    ("ID", "Имя", "Отчество", "Фамилия", "Email", "Company", "Shoe size"),
    ("ID", "Name", "Phone", "Notes", "Город", "Первый контакт"),
    ("Name", "Email", "Verified On", "Company"),
]
SOURCES = ("file", "website-form", "event")


@dataclass(frozen=True)
class Sheet:
    """A small list as a person would send it."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    source: str

    @property
    def keyed(self) -> bool:
        """Whether its rows carry a key."""
        return "ID" in self.headings

    def text(self) -> str:
        """The list as CSV."""
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([self.headings, *self.rows])
        return out.getvalue()

    def with_keys_of(self, number: int) -> Self:
        """Return the list with keys that no other number's list has."""
        if not self.keyed:
            return self
        at = self.headings.index("ID")
        rows = tuple((*row[:at], row[at] and f"{number}-{row[at]}", *row[at + 1 :]) for row in self.rows)
        return replace(self, rows=rows)


def _cell(heading: str) -> st.SearchStrategy[str]:
    return st.sampled_from(["1", "2", "3", ""] if heading == "ID" else _COLUMNS[heading])


def _rows(headings: tuple[str, ...]) -> st.SearchStrategy[tuple[tuple[str, ...], ...]]:
    row = st.tuples(*map(_cell, headings))
    return st.lists(row, min_size=1, max_size=5).map(tuple)


def sheets() -> st.SearchStrategy[Sheet]:
    """Return a strategy of small lists; whole rows repeat as often as their cells do."""
    return st.sampled_from(_HEADINGS).flatmap(
        lambda headings: st.builds(
            Sheet, headings=st.just(headings), rows=_rows(headings), source=st.sampled_from(SOURCES)
        )
    )


def changed(sheet: Sheet) -> st.SearchStrategy[Sheet]:
    """Return a strategy of later versions of a list: the same headings, other rows under perhaps the same keys."""
    return _rows(sheet.headings).map(lambda rows: replace(sheet, rows=rows))


def edits() -> st.SearchStrategy[tuple[str, str]]:
    """Return a strategy of hand edits (field, value)."""
    said = [
        ("city", "Москва"),
        ("city", "Київ"),
        ("given_name", "Мария"),
        ("family_name", "Smith"),
        ("email", "ivan@mail.ru"),
        ("email", "new@gmail.com"),
        ("phone", "+7 916 123-45-67"),
        ("phone", "+380671234567"),
        ("company", "Smith & Sons"),
        ("note", "звонить утром"),
    ]
    return st.sampled_from(said)
