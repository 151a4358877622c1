"""How the same person or firm is written down again: copies with planted errors, their kinds told beside.

A step takes the rows that it happens to and gives them back as they are written then; `planted` marks those that
changed. To add a kind: a function and its line in `STEPS`, with the share of copies it happens to.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import polars as pl

from bench import draws, names, people
from bench.population import LANDS, latin

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.draws import Chance

    Step = Callable[[pl.DataFrame, Chance], pl.DataFrame]

#: How many rows those have who stand more than once.
COPIES = {"2": 0.60, "3": 0.25}
MOST = 4
TWICE = 0.25  # of typos: a second one in the same word
ALPHABETS = {
    "7": "абвгдежзиклмнопрстуфхцчшщыэюя",
    "380": "абвгдежзиіїклмнопрстуфхцчшщюя",
    "44": "abcdefghijklmnopqrstuvwxyz",
}
LETTERS = ALPHABETS["44"]


def copied(frame: pl.DataFrame, number: str, seed: int, duplicated: float) -> pl.DataFrame:
    """Return each row one to four times, with `copy` (0 is the first) and `key`, the number its chances hang on."""
    chance = draws.chances(seed, number)
    times = draws.weighted(chance("times"), COPIES, str(MOST)).cast(pl.Int64)
    many = pl.when(chance("duplicated") < duplicated).then(times).otherwise(1)
    frame = frame.with_columns(copy=pl.int_ranges(0, many)).explode("copy")
    return frame.with_columns(key=pl.col(number) * MOST + pl.col("copy"))


def planted(frame: pl.DataFrame, steps: dict[str, tuple[float, Step]], seed: int) -> pl.DataFrame:
    """Return the copies with errors: `errors` holds the kinds of each row, joined by "|"; first copies stay clean."""
    frame = frame.with_columns(errors=pl.lit(""))
    first, later = frame.filter(pl.col("copy") == 0), frame.filter(pl.col("copy") > 0)
    for kind, (share, step) in steps.items():
        chance = draws.chances(seed, "key", f"{kind} ")
        hit = chance("happens") < share
        later = pl.concat([later.filter(~hit), _marked(later.filter(hit), step, chance, kind)])
    return pl.concat([first, later]).sort("key").with_columns(pl.col("errors").str.strip_chars_end("|"))


def _marked(before: pl.DataFrame, step: Step, chance: Chance, kind: str) -> pl.DataFrame:
    """Return the rows after the step, with the kind told where it changed something."""
    after = step(before, chance)
    changed = reduce(or_, (after[name].ne_missing(before[name]) for name in before.columns))
    mark = pl.when(changed).then(pl.lit(f"{kind}|")).otherwise(pl.lit(""))
    return after.with_columns(errors=pl.col("errors") + mark)


# --- people ---


def married(frame: pl.DataFrame, _: Chance) -> pl.DataFrame:
    return frame.with_columns(family=pl.when("woman").then("family_later").otherwise("family"))


def moved_job(frame: pl.DataFrame, _: Chance) -> pl.DataFrame:
    """Another firm, and its e-mail in place of the old firm's."""
    at_work = pl.col("email").str.ends_with(pl.col("domain")).fill_null(value=False)
    mail = pl.format("{}.{}@{}", _latin("given").str.head(1), _latin("family"), "domain_later")
    return frame.with_columns(
        company=pl.col("company_later"), firm=pl.col("firm_later"), email=pl.when(at_work).then(mail).otherwise("email")
    )


def _latin(column: str) -> pl.Expr:
    """Return a name in the letters of e-mail addresses, by the land of the row."""
    return _by_land(lambda land: latin(pl.col(column), land))


def other_email(frame: pl.DataFrame, _: Chance) -> pl.DataFrame:
    return frame.with_columns(email=pl.col("email_later"))


def other_phone(frame: pl.DataFrame, _: Chance) -> pl.DataFrame:
    return frame.with_columns(phone=pl.col("phone_later"))


def switchboard(frame: pl.DataFrame, _: Chance) -> pl.DataFrame:
    """Reached by the number and the address of the firm."""
    return frame.with_columns(
        phone=pl.coalesce("switchboard", "phone"), email=pl.coalesce(pl.format("info@{}", "domain"), "email")
    )


def nickname(frame: pl.DataFrame, _: Chance) -> pl.DataFrame:
    return frame.with_columns(given=_by_land(lambda land: pl.col("given").replace(names.SHORT[land.country])))


def _by_land(made: Callable[[people.Land], pl.Expr]) -> pl.Expr:
    russian, ukrainian, english = (made(land) for land in LANDS)
    land = pl.col("land")
    return pl.when(land == "7").then(russian).when(land == "380").then(ukrainian).otherwise(english)


def no_patronymic(frame: pl.DataFrame, _: Chance) -> pl.DataFrame:
    return frame.with_columns(middle=pl.lit(None, pl.String))


def initials(frame: pl.DataFrame, _: Chance) -> pl.DataFrame:
    return frame.with_columns(pl.col("given", "middle").str.head(1) + ".")


def letters(frame: pl.DataFrame, _: Chance) -> pl.DataFrame:
    """Letters that keyboards and habits change: ё as е, і as и, ї as i, no apostrophe."""
    return frame.with_columns(
        pl.col("given", "middle", "family").str.replace_many(list("ёЁіІїЇєЄ'’"), [*"еЕиИиИеЕ", "", ""])
    )


def diacritics(frame: pl.DataFrame, _: Chance) -> pl.DataFrame:
    """Latin letters without their marks."""
    plain = (
        pl.col("given", "family")
        .str.normalize("NFD")
        .str.replace_all(r"[\u0300-\u036f]", "")
        .str.replace_many(list("ŁłØø"), list("LlOo"))
    )
    return frame.with_columns(pl.when(pl.col("land") == "44").then(plain).otherwise(pl.col("given", "family")))


def transliterated(frame: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Return Cyrillic names in Latin letters, by one system or another for the whole name."""
    system = chance("system")
    return frame.with_columns(_spelled(pl.col(part), system).alias(part) for part in ("given", "middle", "family"))


def _spelled(name: pl.Expr, system: pl.Expr) -> pl.Expr:
    def of(land: people.Land) -> pl.Expr:
        if land.country not in names.SYSTEMS:
            return name
        one, two, three = (name.str.replace_many(table) for table in names.SYSTEMS[land.country])
        return pl.when(system < 1 / 3).then(one).when(system < 2 / 3).then(two).otherwise(three)

    return _by_land(of)


def swapped(frame: pl.DataFrame, _: Chance) -> pl.DataFrame:
    return frame.with_columns(given=pl.col("family"), family=pl.col("given"))


def typo(frame: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """One edit, or two, in the family name, the given name, or what stands before the @."""
    where = chance("where")
    local, domain = pl.col("email").str.extract("^([^@]*)"), pl.col("email").str.extract("(@.*)$")
    word = pl.when(where < 0.5).then("family").when(where < 0.8).then("given").otherwise(local)
    frame = frame.with_columns(word=word).with_columns(word=_edited(pl.col("word"), chance, "first"))
    again = pl.when(chance("twice") < TWICE).then(_edited(pl.col("word"), chance, "second")).otherwise("word")
    return (
        frame.with_columns(word=again)
        .with_columns(
            family=pl.when(where < 0.5).then("word").otherwise("family"),
            given=pl.when((where >= 0.5) & (where < 0.8)).then("word").otherwise("given"),
            email=pl.when(where >= 0.8).then(pl.col("word") + domain).otherwise("email"),
        )
        .drop("word")
    )


def _edited(text: pl.Expr, chance: Chance, purpose: str) -> pl.Expr:
    """Return the text with a letter lost, doubled, changed, or two exchanged; never the first; short texts stay."""
    length = text.str.len_chars().cast(pl.Int64)
    place = 1 + (chance(f"{purpose} place") * (length - 2)).cast(pl.Int64)
    head, here, after = (text.str.slice(*part) for part in ((0, place), (place, 1), (place + 1, 1)))
    tail = text.str.slice(place + 2)
    other = _by_land(lambda land: draws.even(chance(f"{purpose} letter"), ALPHABETS[land.country]))
    other = pl.when(here.str.contains("[a-z]")).then(draws.even(chance(f"{purpose} latin"), LETTERS)).otherwise(other)
    fate = chance(f"{purpose} fate")
    edited = (
        pl.when(fate < 0.25)
        .then(head + after + tail)
        .when(fate < 0.40)
        .then(head + here + here + after + tail)
        .when(fate < 0.75)
        .then(head + other + after + tail)
        .otherwise(head + after + here + tail)
    )
    return pl.when(length > 3).then(edited).otherwise(text)


def phone_off(frame: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """One digit of the phone is another."""
    length = pl.col("phone").str.len_chars().cast(pl.Int64)
    place = length - 6 + (chance("place") * 6).cast(pl.Int64)
    digit = ((pl.col("phone").str.slice(place, 1).cast(pl.Int64) + 1 + (chance("digit") * 9).cast(pl.Int64)) % 10).cast(
        pl.String
    )
    return frame.with_columns(phone=pl.col("phone").str.slice(0, place) + digit + pl.col("phone").str.slice(place + 1))


def empty_fields(frame: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """One to four fields are empty; the family name and one of e-mail and phone stay."""
    spare = chance("way") < 0.5
    gone = {column: chance(column) < 0.5 for column in ("company", "job_title", "city", "birthday")}
    gone |= {"email": spare & (chance("email") < 0.6), "phone": ~spare & (chance("phone") < 0.6)}
    return frame.with_columns(pl.when(~lost).then(pl.col(column)).alias(column) for column, lost in gone.items())


def company_form(frame: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Return the firm without its legal form, with another spelling of it, or in capitals."""
    fate, bare = chance("fate"), pl.col("company").str.replace_all(_FORMS, "").str.strip_chars(' "«».,')
    company = (
        pl.when(fate < 0.6)
        .then(bare)
        .when(fate < 0.8)
        .then(bare.str.to_uppercase())
        .otherwise(pl.format("{}, {}", bare, _by_land(lambda land: pl.lit(_SHORTS[land.country]))))
    )
    return frame.with_columns(company=company)


_FORMS = r"\b(?:ООО|АО|ЗАО|ТОВ|ПрАТ|ПП|Ltd\.?|Inc\.?|LLC|Общество с ограниченной ответственностью)(?:\s|$)"
_SHORTS = {"7": "ООО", "380": "ТОВ", "44": "Ltd"}


#: In this order: what happens in life, then how it is written, then what goes wrong in writing.
STEPS: dict[str, tuple[float, Step]] = {
    "married": (0.04, married),
    "moved job": (0.10, moved_job),
    "other e-mail": (0.20, other_email),
    "other phone": (0.12, other_phone),
    "switchboard": (0.05, switchboard),
    "nickname": (0.10, nickname),
    "no patronymic": (0.25, no_patronymic),
    "initials": (0.06, initials),
    "ё/е, і/и": (0.30, letters),
    "diacritics": (0.50, diacritics),
    "transliterated": (0.12, transliterated),
    "swapped": (0.06, swapped),
    "typo": (0.15, typo),
    "phone digit": (0.05, phone_off),
    "company form": (0.15, company_form),
    "empty fields": (0.35, empty_fields),
}


# --- firms ---


def renamed(frame: pl.DataFrame, _: Chance) -> pl.DataFrame:
    """The firm goes on under another name, with its number, phone and domain."""
    return frame.with_columns(company=pl.col("form").str.replace("{}", pl.col("bare_later"), literal=True))


def no_tax_id(frame: pl.DataFrame, _: Chance) -> pl.DataFrame:
    return frame.with_columns(tax_id=pl.lit(None, pl.String))


def no_site(frame: pl.DataFrame, _: Chance) -> pl.DataFrame:
    return frame.with_columns(site=pl.lit(None, pl.String), email=pl.lit(None, pl.String))


def company_typo(frame: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    return frame.with_columns(company=_edited(pl.col("company"), chance, "company"))


FIRM_STEPS: dict[str, tuple[float, Step]] = {
    "company renamed": (0.05, renamed),
    "company typo": (0.10, company_typo),
    "company form": (0.40, company_form),
    "phone digit": (0.05, phone_off),
    "no tax id": (0.40, no_tax_id),
    "no site": (0.30, no_site),
}
