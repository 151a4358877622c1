"""Write samples/event_guests.xlsx: guests of an invented event, as a person types them into a spreadsheet.

The faults are those a spreadsheet makes: phones stored as numbers, days stored as dates. To add a guest: a line in
`GUESTS`, and the facts of it in samples/README.md. Run as `python bench/event_guests.py`; the file comes out the same.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import xlsxwriter

PLACE = Path(__file__).resolve().parents[1] / "samples" / "event_guests.xlsx"
HEADINGS = ("First name", "Last name", "Email", "Phone", "Company", "Job title", "City", "Registered")

Cell = str | int | date | None
GUESTS: tuple[tuple[Cell, ...], ...] = (
    ("Pavel", "Shcherbakov", None, 79210000105, "Severny Veter", "Sales director", "SPb", date(2026, 11, 2)),
    ("Ivan", "Petrov", "ivan.petrov@pochta.example", 79160000101, "Romashka", "CEO", "Moscow", date(2026, 11, 2)),
    ("Iryna", "Lysenko", "iryna.lysenko@poshta.example", 380930000117, None, "Architect", "Kyiv", date(2026, 11, 2)),
    ("Taras", "Demianenko", "t.demianenko@poshta.example", 380630000116, None, None, "Kiev", date(2026, 11, 3)),
    ("Natalia", "Frolova", "n.frolova@vektor.example", 79160000107, "Vektor", "Buyer", "Kazan", date(2026, 11, 3)),
    ("Hanna", "Shevchuk", "hanna.shevchuk@poshta.example", 380500000211, None, None, "Kharkiv", date(2026, 11, 3)),
    (
        "Emma",
        "Brightwater",
        "emma.brightwater@mail.example",
        442079460214,
        None,
        "Curator",
        "London",
        date(2026, 11, 4),
    ),
    ("Мария", "Кузнецова", "m.kuznetsova@pochta.example", None, "Ромашка", "Бухгалтер", "Москва", date(2026, 11, 4)),
    ("Arina", "Sokolskaya", "arina.s@pochta.example", 79160000301, "Romashka", "Designer", "Moscow", date(2026, 11, 4)),
    ("Maksym", "Kravchuk", "m.kravchuk@kalyna.example", 380670000302, "Kalyna", "Engineer", "Lviv", date(2026, 11, 5)),
    ("Gleb", "Rudakov", "g.rudakov@vektor.example", 79170000303, "Vektor", "Analyst", "Kazan", date(2026, 11, 5)),
    ("Лада", "Чижова", "lada.chizhova@pochta.example", 79050000304, "Три сосны", "Юрист", "Самара", date(2026, 11, 5)),
    ("Oleh", "Savchenko", "o.savchenko@poshta.example", 380440000305, None, "Lawyer", "Kyiv", date(2026, 11, 6)),
    ("Vera", "Malinina", None, 89160000306, "Tri Sosny", "HR", "Moscow", date(2026, 11, 6)),
    ("NIKITA", "OZEROV", "N.OZEROV@POCHTA.EXAMPLE", 79990000307, None, None, "NOVOSIBIRSK", date(2026, 11, 6)),
    ("Denys", "Palii", "denys.palii@poshta.example", None, None, "Student", "Odesa", date(2026, 11, 7)),
    ("Thomas", "Fernhollow", "t.fernhollow@mail.example", "+44 20 7946 0309", None, None, "London", "07.11.2026"),
    ("Yana", "Morozova", "yana.morozova@", 79270000310, "Vektor", "Manager", "Samara", date(2026, 11, 8)),
    ("Lev", "Zimin", "info@trisosny.example", 79120000311, "Tri Sosny", "Driver", "Yekaterinburg", date(2026, 11, 8)),
    (None, None, None, None, None, None, "Moscow", date(2026, 11, 9)),
)


def write(place: Path) -> None:
    """Write the workbook to `place`, replacing it."""
    with xlsxwriter.Workbook(place) as book:
        book.set_properties({"created": datetime(2026, 11, 9, tzinfo=UTC)})
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        sheet = book.add_worksheet("Guests")
        sheet.write_row(0, 0, HEADINGS, book.add_format({"bold": True}))
        for row, guest in enumerate(GUESTS, start=1):
            for column, cell in enumerate(guest):
                sheet.write(row, column, cell, day if isinstance(cell, date) else None)


if __name__ == "__main__":
    write(PLACE)
