"""A store of invented contacts, interactions, deals and tags for measuring filters, its tables filled directly.

What is measured is reading, so no plan, history or proof stands behind the rows: `crmtool history verify` would object.
Values follow the usual shape: a few cities, owners and sources have most contacts, a few contacts most interactions.
Everything is chosen by the number of the row, so two bases of one size are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmtool.io.store import Store, sqlite3

if TYPE_CHECKING:
    from pathlib import Path

KEY = "0" * 64
CITIES = ("Москва", "Київ", "Санкт-Петербург", "Харків", "Одеса", "Дніпро", "Львів", "Казань", "Самара", "Уфа")
TYPES = ("client", "lead", "partner", "supplier", "former client")
SOURCES = ("website", "event", "instagram", "google ads", "recommendation", "call", "telegram", "facebook")
FAMILIES = ("Коваль", "Иванов", "Ёлкин", "Мельник", "Петрова", "Shevchenko", "Гусева", "Лисенко", "Орлов", "Бондар")
GIVEN = ("Олена", "Иван", "Пётр", "Ганна", "Тарас", "Ольга", "Ann", "Павло", "Мария", "Ірина")
TAGS = (
    "newsletter",
    "вебинар_май24",
    "expo 2025",
    "partner day",
    "reader",
    "vip",
    "гость",
    "подкаст",
    "speaker",
    "beta",
)

#: A whole number that looks random, by the number of the row and what it is for.
_DICE = "((({0} * 2654435761 + {1} * 40503) >> 7) & 1048575)"


def filled(path: Path, contacts: int) -> Store:
    """Make a store with so many contacts, five interactions and one deal for each, a tag for a third; return it."""
    store = Store.create(path, KEY)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -262144")
    indexes = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    db.execute("BEGIN")
    db.execute("INSERT INTO changeset VALUES (1, '2026-11-01T00:00:00+00:00', 'bench', 'bench', '', '{}', NULL, 'x')")
    db.execute(_CONTACTS, [contacts])
    for statement in (_INTERACTIONS, _DEALS, _TAGS):
        db.execute(statement, [contacts])
    for _, statement in indexes:
        db.execute(statement)
    db.execute("COMMIT")
    db.close()
    return store


def _dice(row: str, salt: int, sides: int) -> str:
    return f"({_DICE.format(row, salt)} % {sides})"


def _chosen(row: str, salt: int, words: tuple[str, ...]) -> str:
    """Return the SQL of one of some words; the first come most often."""
    at = f"min({_dice(row, salt, len(words))}, {_dice(row, salt + 1, len(words))})"
    return f"CASE {at} " + " ".join(f"WHEN {n} THEN '{word}'" for n, word in enumerate(words)) + " END"


def _day(row: str, salt: int, days: int) -> str:
    return f"date('2026-11-20', '-' || {_dice(row, salt, days)} || ' days')"


_ROWS = "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < {0})"

_CONTACTS = f"""{_ROWS.format("?")}
INSERT INTO contact (id, root_id, kind, name, given_name, family_name, company, job_title, country, city, type, stage,
    owner, source, first_contact_on, email, phone, custom, changeset_id, proof)
SELECT i, CASE WHEN i % 50 = 0 THEN i - 1 ELSE i END, 'person', {_chosen("i", 1, GIVEN)} || ' ' ||
    {_chosen("i", 3, FAMILIES)} || ' ' || i, {_chosen("i", 1, GIVEN)}, {_chosen("i", 3, FAMILIES)} || ' ' || i,
    'ТОВ Фірма ' || {_dice("i", 5, 50_000)}, 'Посада ' || {_dice("i", 6, 400)}, 'UA',
    CASE WHEN i % 4 THEN {_chosen("i", 7, CITIES)} ELSE 'Місто ' || {_dice("i", 9, 3_000)} END,
    {_chosen("i", 10, TYPES)}, 'new', 'Менеджер ' || {_dice("i", 12, 40)}, {_chosen("i", 13, SOURCES)},
    {_day("i", 15, 2_000)}, 'p' || i || '@firma.example', '+380' || (500000000 + i),
    json_object('nps', CAST({_dice("i", 16, 11)} AS TEXT)), 1, zeroblob(16)
FROM r"""
#: Half of all contacts have ten interactions each, the others none.
_INTERACTIONS = f"""{_ROWS.format("? * 5")}
INSERT INTO interaction (id, contact_id, kind, at, direction, source, source_key, changeset_id, proof)
SELECT i, (i / 10) * 2 + 1, {_chosen("i", 20, ("email", "call", "meeting", "chat"))},
    {_day("i", 22, 1_500)} || 'T10:00:00+02:00', 'in', 'bench', i, 1, zeroblob(16)
FROM r"""
_DEALS = f"""{_ROWS.format("?")}
INSERT INTO deal (id, contact_id, product, amount, currency, stage, opened_on, closed_on, source, source_key,
    changeset_id, proof)
SELECT i, (i / 3) * 3 + 1, 'Product ' || {_dice("i", 30, 60)}, {_dice("i", 31, 100_000)} * 10000, 'UAH',
    CASE WHEN {_dice("i", 32, 3)} THEN 'won' ELSE 'lost' END, {_day("i", 33, 1_500)}, {_day("i", 33, 1_500)},
    'bench', i, 1, zeroblob(16)
FROM r"""
_TAGS = f"""{_ROWS.format("? / 3")}
INSERT INTO contact_tag (id, contact_id, tag, changeset_id, proof)
SELECT i, i * 3, {_chosen("i", 40, TAGS)}, 1, zeroblob(16) FROM r"""
