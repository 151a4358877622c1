"""How many names of persons are split as the lists expect: as written, in every order and case; their gender too.

A name counts as right where given, middle and family name are those expected (without regard to case), and title,
suffix and nickname where the list states them. Names that the lists do not state otherwise come last, one made-up
list for the names of the neighbours.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import polars as pl

from bench.accuracy import Result
from crmtool.core.normalizers.person import person
from crmtool.core.normalizers.registry import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TARGETS = {
    "nameparser_tests.csv": 0.97,
    "ru_fio_petrovich.csv": 0.98,
    "ua_pib_shevchenko.csv": 0.98,
    "ua_rada4_names.csv": 0.98,
}
_PARTS = {"first": "given_name", "middle": "middle_name", "last": "family_name"}
_STATED = {"title": "prefix", "suffix": "suffix_found", "nickname": "nickname_found"}
_ORDERS = (*itertools.permutations(("first", "middle", "last")), ("first", "last"), ("last", "first"))
_CASES = ("as written", "capitals", "small letters")

#: Invented people: family name, given name, and a patronymic where the language has one; the last letter is the gender.
_NEIGHBOURS = """
Ахметов Нурлан Серикович m|Жумабаева Айгуль Маратовна f|Оспанов Ерлан Болатұлы m|Садыкова Динара Ерболқызы f
Касымов Бауыржан Асанович m|Тулегенова Айжан Кайратовна f|Мамедов Эльчин Рауф оглы m|Гусейнова Севиндж Тофик кызы f
Алиев Вугар Фуад оглы m|Керимова Гюнель Ильхам кызы f|Гасанов Рауф Надирович m|Багирова Нигяр Эльдаровна f
Беридзе Гиорги m|Капанадзе Нино f|Гелашвили Зураб Тенгизович m|Ломидзе Кетеван Шотаевна f|Чхеидзе Вахтанг m
Мчедлишвили Манана f|Джавахишвили Тамаз m|Киквидзе Этери f|Петросян Ашот Гагикович m|Саркисян Ануш Арменовна f
Григорян Тигран m|Акопян Гаяне f|Мкртчян Вардан Суренович m|Оганесян Нарине f|Айвазян Карен m|Бабаян Сирануш f
Рабинович Моисей Лейбович m|Кацман Фаина Исааковна f|Гольдберг Семен Абрамович m|Шапиро Эсфирь Давидовна f
Левинсон Хаим Мордухович m|Фельдман Рахиль Самуиловна f|Бронштейн Илья Яковлевич m|Эпштейн Цецилия Марковна f
Лукашевич Алесь Иванович m|Якимович Вольга Петровна f|Каваленка Мікалай Васільевіч m|Шаўчэнка Наталля Іванаўна f
Сидорчик Василь m|Жданович Марыля f|Кавалёў Уладзімір m|Ковальский Анджей m|Новак Агнешка f|Вишневский Збигнев m
Каминская Малгожата f|Левандовский Кшиштоф m|Зелинская Эльжбета f|Юсупов Шавкат Рашидович m|Каримова Дильноза f
Рахимов Отабек Шухратович m|Турсунова Нигора Бахтиёровна f|Назаров Фаррух m|Шарипова Зебо f|Рахмонов Фирдавс m
Асанов Азамат Бакытович m|Токтогулова Чолпон f|Сыдыков Таалай m|Исаева Айпери f|Хабибуллин Ильдар Рафисович m
Галиева Ляйсан Ринатовна f|Сафин Айрат m|Валеева Алсу f|Кадыров Рамзан m|Дудаева Зарема Умаровна f|Магомедов Шамиль m
Алиева Патимат f|Цаллагов Сослан m|Дзагоева Залина f|Бадмаев Баир m|Доржиева Саяна f|Иванов Айаал m|Попеску Ион m
Мунтяну Родика f|Казлаускас Витаутас m|Озолс Янис m|Тамм Тоомас m|Кузнецова Кристийна f|Ким Виктор Сергеевич m
Пак Светлана f|Цой Ольга Владимировна f|Христов Пламен m|Димитрова Цветана f|Петрович Милан m|Смит Джон m|Браун Мэри f
"""


def measure(data: Path) -> list[Result]:
    """Return what is right on the lists of names in a folder."""
    folder = data / "names"
    tables = {name: pl.read_csv(folder / name, infer_schema=False) for name in _TARGETS}
    results = [_split(name, table) for name, table in tables.items()]
    for name in list(_TARGETS)[1:]:
        results += _permuted(name, tables[name])
    for name in ("ru_fio_petrovich.csv", "ua_pib_shevchenko.csv"):
        results += _genders(name, tables[name])
    return [*results, *_listed(folder), *_neighbours()]


def _answered(table: pl.DataFrame, column: str = "raw") -> pl.DataFrame:
    """Return a table with what the normalizer says of each value of a column."""
    found = person(table[column].drop_nulls().unique(), Settings())
    return table.join(found, left_on=column, right_on="value", how="left", maintain_order="left", suffix="_found")


def _same(expected: str, got: str) -> pl.Expr:
    return pl.col(expected).fill_null("").str.to_lowercase() == pl.col(got).fill_null("").str.to_lowercase()


def _result(file: str, what: str, found: pl.DataFrame, target: float | None = None) -> Result:
    """Return the result of a table with the columns `right`, `raw`, `first`, `middle`, `last` and the answer's."""
    missed = found.filter(~pl.col("right"))
    misses = tuple((row["raw"], _shown(row, _PARTS), _got(row)) for row in missed.iter_rows(named=True))
    return Result(file, what, found.height - missed.height, found.height, target, misses)


def _shown(row: dict[str, str | None], columns: dict[str, str] | list[str]) -> str:
    return " / ".join(row[column] or "" for column in columns)


def _got(row: dict[str, str | None]) -> str:
    return row["code"] or _shown(row, [*_PARTS.values(), "gender"])


def _split(name: str, table: pl.DataFrame) -> Result:
    stated = [pl.col(column).is_null() | _same(column, got) for column, got in _STATED.items()]
    found = _answered(table).with_columns(right=pl.all_horizontal(*(_same(*pair) for pair in _PARTS.items()), *stated))
    return _result(f"names/{name}", "split into parts", found, _TARGETS[name])


def _permuted(name: str, table: pl.DataFrame) -> Iterator[Result]:
    """Yield for each order the share that is right, and the share that is right or told to be unclear."""
    people = table.select(*_PARTS).drop_nulls().filter(~pl.col("first").str.contains(".", literal=True)).unique()
    for order in _ORDERS:
        cells = pl.concat(_in_case(people.sort("last", "first", "middle"), order, case) for case in _CASES)
        fits = [
            (pl.col(part) == pl.col(got)) if part in order else pl.col(got).is_null() for part, got in _PARTS.items()
        ]
        found = _answered(cells).with_columns(right=pl.all_horizontal(fits).fill_null(value=False))
        order_said = f"order {', '.join(order)}; three cases"
        yield _result(f"names/{name}", order_said, found)
        safe = found.with_columns(right=pl.col("right") | pl.col("code").is_not_null())
        yield _result(f"names/{name}", f"{order_said}: right or said to be unclear", safe)


def _in_case(people: pl.DataFrame, order: tuple[str, ...], case: str) -> pl.DataFrame:
    raw = pl.concat_str(order, separator=" ")
    cased = {"capitals": raw.str.to_uppercase(), "small letters": raw.str.to_lowercase()}
    return people.with_columns(raw=cased.get(case, raw))


def _genders(name: str, table: pl.DataFrame) -> Iterator[Result]:
    """Yield how many genders are told rightly, and how many are right or left open."""
    gender = pl.when(pl.col("source").str.contains("^f")).then(pl.lit("female")).otherwise(pl.lit("male"))
    found = _answered(table).with_columns(right=(pl.col("gender") == gender).fill_null(value=False))
    yield _result(f"names/{name}", "gender of whole names", found)
    open_too = found.with_columns(right=pl.col("right") | pl.col("gender").is_null())
    yield _result(f"names/{name}", "gender of whole names, right or left open", open_too, 0.98)


def _listed(folder: Path) -> Iterator[Result]:
    """Yield for given names alone, most of them rare: how many genders are not wrong, and how many are known."""
    words = pl.read_csv(folder / "ru_firstnames_gender.tsv", separator="\t", infer_schema=False)
    words = words.filter(pl.col("gender").is_in(["мр", "жр"])).rename({"gender": "listed", "lemma": "raw"})
    expected = pl.col("listed").replace_strict({"мр": "male", "жр": "female"})
    found = _answered(words).with_columns(first="listed", middle=pl.lit(None), last=pl.lit(None))
    right = (pl.col("gender") == expected).fill_null(value=False)
    yield _result(
        "names/ru_firstnames_gender.tsv",
        "gender not wrong",
        found.with_columns(right=right | pl.col("gender").is_null()),
    )
    yield _result("names/ru_firstnames_gender.tsv", "gender known", found.with_columns(right=right))._replace(misses=())


def _neighbours() -> Iterator[Result]:
    """Yield the results for the made-up list, family name first and last."""
    people = [entry.split() for entry in _NEIGHBOURS.replace("\n", "|").split("|") if entry.strip()]
    rows = [(words[0], words[1], " ".join(words[2:-1]) or None, words[-1]) for words in people]
    table = pl.DataFrame(rows, ["last", "first", "middle", "letter"], orient="row")
    for order in (("last", "first", "middle"), ("first", "middle", "last")):
        cells = table.with_columns(raw=pl.concat_str(order, separator=" ", ignore_nulls=True))
        found = _answered(cells).with_columns(right=pl.all_horizontal(_same(*pair) for pair in _PARTS.items()))
        yield _result("made-up names of the neighbours", f"order {', '.join(order)}", found)
        safe = found.with_columns(right=pl.col("right") | pl.col("code").is_not_null())
        yield _result("made-up names of the neighbours", f"order {', '.join(order)}: right or said to be unclear", safe)
    gender = pl.when(pl.col("letter") == "f").then(pl.lit("female")).otherwise(pl.lit("male"))
    yield _result(
        "made-up names of the neighbours",
        "gender",
        found.with_columns(right=(pl.col("gender") == gender).fill_null(value=False)),
    )
