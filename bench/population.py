"""Invented people and firms as they are, before anybody writes them down: columns, by seed.

Every second person may stand close to the one before without being that person (`RELATIONS`): husband and wife,
families at one phone, father and son of one name, colleagues behind one switchboard. Given and family names follow the
law of Zipf and Mandelbrot. To add a way of being close: a share in `RELATIONS` and what it takes over in `_related`.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from bench import draws, names, people

if TYPE_CHECKING:
    from bench.draws import Chance

LANDS = (people.RUSSIAN, people.UKRAINIAN, people.ENGLISH)
SHARES = {land.country: share for land, share in zip(LANDS, (0.60, 0.25, 0.15), strict=True)}
#: Of the second of every two people; the rest are strangers.
RELATIONS = {"wife": 0.08, "family": 0.06, "father_son": 0.03, "colleague": 0.08}
CLOSE = 0.5  # how often those who are close share a phone
SWITCHBOARD = 0.06  # of the employed, and `CLOSE` of colleagues: reached by the phone or address of the firm only
EMPLOYED = 0.75
BORN_KNOWN = 0.3
NUMBERS = 10**7  # what an address at a mailbox may end in: so many that two people hardly share one
CORPORATE = 0.5  # of the employed: known by an address of the firm
FIRMS = 0.08  # firms for each person
FLAT_GIVEN, FLAT_FAMILY, FLAT_FIRMS, FLAT_CITIES = 4.0, 12.0, 200.0, 2.0
FIRST_BIRTH, DAYS_OF_BIRTH, GENERATION = date(1950, 1, 1), 12_000, 9_000

#: What `people_of` gives besides the cells: who, whose neighbour, how close, and what a later copy may carry instead.
HIDDEN = ("n", "pair", "relation", "land", "woman", "firm", "family_later", "phone_later", "email_later", "firm_later")


def people_of(count: int, seed: int) -> pl.DataFrame:
    """Return `count` people, one row each: the columns `HIDDEN` and their cells, by number `n`."""
    chance = draws.chances(seed)
    frame = pl.select(n=pl.int_range(count, dtype=pl.Int64)).with_columns(pair=pl.col("n") // 2)
    frame = frame.with_columns(
        land=draws.weighted(draws.chances(seed, "pair")("land"), SHARES, people.ENGLISH.country),
        woman=chance("woman") < 0.5,
        relation=pl.when(pl.col("n") % 2 == 1)
        .then(draws.weighted(chance("close"), RELATIONS, "none"))
        .otherwise(pl.lit("none")),
    )
    known = firms_of(count, seed)
    parts = [_of_land(_paired(frame.filter(pl.col("land") == land.country)), land, known, chance) for land in LANDS]
    return pl.concat(parts).sort("n")


def _paired(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with the sexes that the relations ask for: a wife has a husband, a father is a man."""
    first, relation = pl.col("woman").shift(1), pl.col("relation")
    relation = pl.when((relation == "father_son") & first).then(pl.lit("family")).otherwise(relation)
    woman = (
        pl.when(relation == "wife")
        .then(~first)
        .when(relation == "father_son")
        .then(pl.lit(False))
        .otherwise(pl.col("woman"))
    )
    return frame.with_columns(relation=relation, woman=woman)


def _of_land(frame: pl.DataFrame, land: people.Land, firms: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    own = firms.filter(pl.col("land") == land.country)
    frame = _related(_strangers(frame, land, own, chance), land, chance)
    men, women = names.families(land)
    frame = frame.with_columns(
        family=_by_sex(*(pl.lit(pl.Series(side)).gather(pl.col("house")) for side in (men, women))),
        family_later=_by_sex(*(pl.lit(pl.Series(side)).gather(pl.col("house_later")) for side in (men, women))),
    )
    return _reached(frame, land, own, chance).drop("house", "house_later")


def _by_sex(man: pl.Expr, woman: pl.Expr) -> pl.Expr:
    return pl.when(pl.col("woman")).then(woman).otherwise(man)


def _strangers(frame: pl.DataFrame, land: people.Land, firms: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Return the people with names, places and days of their own."""
    given = [draws.uneven(chance("given"), side, FLAT_GIVEN) for side in land.given]
    middle = [draws.even(chance("middle"), side) if side else pl.lit(None, pl.String) for side in land.middle]
    houses = len(names.families(land)[0])
    firm, later = (_firm(chance(purpose), firms) for purpose in ("firm", "next firm"))
    days = (chance("born") * DAYS_OF_BIRTH).cast(pl.Int64)
    return frame.with_columns(
        given=_by_sex(*given),
        middle=_by_sex(*middle),
        house=draws.rank(chance("family"), houses, FLAT_FAMILY),
        house_later=draws.rank(chance("married"), houses, FLAT_FAMILY),
        days=days,
        birthday_known=chance("born known") < BORN_KNOWN,
        phone=_phone(land, chance, "phone"),
        phone_later=_phone(land, chance, "next phone"),
        city=draws.uneven(chance("city"), [spellings[0] for spellings in land.cities], FLAT_CITIES),
        job_title=draws.even(chance("job"), land.jobs),
        firm=pl.when(chance("employed") < EMPLOYED).then(firm),
        firm_later=later,
    )


def _firm(chance: pl.Expr, firms: pl.DataFrame) -> pl.Expr:
    return draws.rank(chance, firms.height, FLAT_FIRMS).cast(pl.Int64) + int(firms["firm"].min() or 0)


def _phone(land: people.Land, chance: Chance, purpose: str) -> pl.Expr:
    digits = (chance(f"{purpose} digits") * 10**land.digits).cast(pl.Int64).cast(pl.String).str.zfill(land.digits)
    return pl.format("+{}{}{}", pl.lit(land.country), draws.even(chance(f"{purpose} code"), land.codes), digits)


def _related(frame: pl.DataFrame, land: people.Land, chance: Chance) -> pl.DataFrame:
    """Return the people, those who are close to the one before with what they have in common."""
    relation, before = pl.col("relation"), lambda column: pl.col(column).shift(1)
    kin, son = relation.is_in(["wife", "family", "father_son"]), relation == "father_son"
    father = names.patronymic_of(land)
    sons = (
        before("given").replace_strict(father, default=None, return_dtype=pl.String)
        if father
        else pl.lit(None, pl.String)
    )
    fathers = relation.shift(-1) == "father_son"
    frame = frame.with_columns(
        house=pl.when(kin).then(before("house")).otherwise(pl.col("house")),
        city=pl.when(kin | (relation == "colleague")).then(before("city")).otherwise(pl.col("city")),
        phone=pl.when(kin & (chance("one phone") < CLOSE)).then(before("phone")).otherwise(pl.col("phone")),
        given=pl.when(son).then(before("given")).otherwise(pl.col("given")),
        middle=pl.when(son).then(sons.fill_null(pl.col("middle"))).otherwise(pl.col("middle")),
        firm=pl.when(relation == "colleague").then(before("firm")).otherwise(pl.col("firm")),
        days=pl.when(son).then(before("days") + GENERATION).otherwise(pl.col("days")),
        birthday_known=pl.col("birthday_known") | son | fathers.fill_null(value=False),
    )
    born = pl.lit(FIRST_BIRTH) + pl.duration(days=pl.col("days"))
    return frame.with_columns(birthday=pl.when("birthday_known").then(born)).drop("days", "birthday_known")


def _reached(frame: pl.DataFrame, land: people.Land, firms: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Return the people with the firm they work for and the addresses they are reached by."""
    now = firms.select("firm", "company", "domain", "switchboard")
    later = now.select(pl.all().name.suffix("_later"))
    frame = frame.join(now, on="firm", how="left", maintain_order="left")
    frame = frame.join(later, on="firm_later", how="left", maintain_order="left")
    frame = frame.with_columns(latin_given=latin(pl.col("given"), land), latin_family=latin(pl.col("family"), land))
    employed, close = (
        pl.col("firm").is_not_null(),
        (pl.col("relation") == "colleague") | (pl.col("relation").shift(-1) == "colleague"),
    )
    desk = employed & (chance("desk") < pl.when(close).then(CLOSE).otherwise(SWITCHBOARD))
    own = (
        pl.when(employed & (chance("corporate") < CORPORATE)).then(corporate("domain")).otherwise(_personal(chance, ""))
    )
    frame = frame.with_columns(
        phone=pl.when(desk).then("switchboard").otherwise("phone"),
        email=pl.when(desk & (chance("info") < CLOSE)).then(pl.format("info@{}", "domain")).otherwise(own),
        email_later=pl.when(chance("moved box") < CORPORATE)
        .then(corporate("domain_later"))
        .otherwise(_personal(chance, " later")),
        job_title=pl.when(employed).then("job_title"),
    )
    return frame.drop("latin_given", "latin_family", "switchboard_later")


def latin(name: pl.Expr, land: people.Land) -> pl.Expr:
    """Return a name as an e-mail address spells it: small letters from a to z."""
    plain = name.str.replace_many(names.SYSTEMS[land.country][0]) if land.country in names.SYSTEMS else name
    return plain.str.normalize("NFKD").str.to_lowercase().str.replace_all("[^a-z]", "")


def corporate(domain: str) -> pl.Expr:
    return pl.format("{}.{}@{}", pl.col("latin_given").str.head(1), "latin_family", domain)


def _personal(chance: Chance, when: str) -> pl.Expr:
    """Return an address at a mailbox for everybody: most derived from the name, some from nothing."""
    fate, box = chance(f"local{when}"), draws.even(chance(f"box{when}"), people.MAILBOXES)
    number = (chance(f"number{when}") * NUMBERS).cast(pl.Int64)
    local = (
        pl.when(fate < 0.4)
        .then(pl.format("{}.{}{}", "latin_given", "latin_family", number))
        .when(fate < 0.7)
        .then(pl.format("{}{}{}", pl.col("latin_given").str.head(1), "latin_family", number))
        .when(fate < 0.85)
        .then(pl.format("{}{}", "latin_family", number))
        .otherwise(pl.format("{}{}", draws.even(chance(f"word{when}"), _NICKS), number))
    )
    return pl.format("{}@{}.example", local, box)


_NICKS = (
    "sunny",
    "kotik",
    "zorya",
    "wolf",
    "student",
    "office",
    "home",
    "my.mail",
    "lucky",
    "dacha",
    "fotograf",
    "boss",
)


# --- firms ---


def firms_of(count: int, seed: int) -> pl.DataFrame:
    """Return the firms of `count` people: firm, land, bare, form, company, domain, switchboard, info, city, tax_id."""
    parts, start = [], 0
    for land in LANDS:
        size = max(3, int(count * FIRMS * SHARES[land.country]))
        parts.append(_firms(land, start, size, seed))
        start += size
    return pl.concat(parts)


def _firms(land: people.Land, start: int, size: int, seed: int) -> pl.DataFrame:
    chance, known = draws.chances(seed, "firm"), names.firms(land)
    frame = pl.select(firm=pl.int_range(start, start + size, dtype=pl.Int64)).with_columns(land=pl.lit(land.country))
    frame = frame.with_columns(
        bare=draws.even(chance("firm name"), known),
        form=draws.even(chance("firm form"), land.firms[:-2]),
        switchboard=_phone(land, chance, "switchboard"),
        city=draws.uneven(chance("firm city"), [spellings[0] for spellings in land.cities], FLAT_CITIES),
        tax_id=_tax_id(land, chance),
    )
    domain = pl.format("{}{}.example", latin(pl.col("bare"), land), "firm")
    company = pl.col("form").str.replace("{}", pl.col("bare"), literal=True)
    return frame.with_columns(company=company, domain=domain, info=pl.format("info@{}", domain))


def _tax_id(land: people.Land, chance: Chance) -> pl.Expr:
    """Return a number of a firm: ИНН with its check digit, else eight digits."""
    length = 9 if land is people.RUSSIAN else 8
    digits = (chance("tax") * 9 * 10 ** (length - 1)).cast(pl.Int64) + 10 ** (length - 1)
    if land is not people.RUSSIAN:
        return digits.cast(pl.String)
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    total = pl.sum_horizontal([digits // 10 ** (8 - place) % 10 * weight for place, weight in enumerate(weights)])
    return (digits * 10 + total % 11 % 10).cast(pl.String)
