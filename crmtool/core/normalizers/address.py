"""Addresses: one line in one look, from the postcode to the flat, and its parts where they are certain.

A line is cut at its commas and before the words that begin a part ("кв.", "Apt"); each piece is told by its words, a
bare number after a street is the house, a bare name that the gazetteer knows is the city. Only a Cyrillic line all
pieces of which are known, each part once, is written anew; any other stays as it is and gives the parts that its words
name. Names stay as written, in the line; the parts have them in their one look. To add a word: `address_words`.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from crmtool.core.normalizers import address_words as words
from crmtool.core.normalizers import country
from crmtool.core.normalizers.cells import answered, changed, prepared
from crmtool.core.normalizers.city import cities_in
from crmtool.core.normalizers.region import codes, recognised
from crmtool.core.normalizers.registry import Settings, normalizer

_PARTS = ("postcode", "country", "region", "city", "street", "house", "building", "flat")
#: Kinds of piece in the order in which a line has them.
_ORDER = (
    "postcode",
    "country",
    "region",
    "district",
    "city",
    "quarter",
    "street",
    "house",
    "building",
    "floor",
    "flat",
)
_SEVERAL = ("district", "building", "floor", "flat", "quarter")  # what a line may have more than once
_LONGEST = 400  # characters of a line that is looked at
_NAME = r"^\p{L}[\p{L} .'’ʼ-]{2,39}$"
_BETWEEN = r"\s*[,;]\s*"


@normalizer("address")
def addresses(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return lines in one look with the parts postcode, country, region, city, street, house, building, flat, status.

    >>> found = addresses(pl.Series(["ул.Строителей 25 кв 12"]), Settings())
    >>> found.select("clean", "street", "house", "flat").row(0)
    ('ул. Строителей, д. 25, кв. 12', 'ул. Строителей', '25', '12')
    """
    lines = values.str.replace_all(r"[ \t,;]*[\r\n]+\s*", ", ")
    frame = prepared(lines, settings).with_columns(values.alias("value")).with_row_index("at")
    asked = frame.filter(pl.col("text").str.len_chars() <= _LONGEST)
    told = _told(_pieces(asked, settings))
    found = frame.join(told, on="at", how="left", maintain_order="left")
    whole = pl.col("whole").fill_null(value=False)
    found = found.with_columns(
        clean=pl.when(whole).then(pl.coalesce("line", "text")).otherwise("text"),
        status=pl.when(pl.col("text").is_null())
        .then(pl.lit("unknown"))
        .when(whole)
        .then(pl.lit("valid"))
        .otherwise(pl.lit("possible")),
    )
    look = pl.when(pl.col("clean") != pl.col("text")).then(pl.lit("address.look")).otherwise(pl.lit("text.spaces"))
    return answered(found.with_columns(rule=changed(look)), dict.fromkeys((*_PARTS, "status"), pl.String()))


def _told(pieces: pl.DataFrame) -> pl.DataFrame:
    """Return for each line its parts, whether all of it is known (whole), and how it is written (line)."""
    ranked = pieces.with_columns(rank=pl.col("kind").replace_strict(_RANK, default=None)).sort("at", "rank", "n")
    twice = ((pl.col("at") == pl.col("at").shift()) & (pl.col("rank") == pl.col("rank").shift())).fill_null(value=False)
    twice = twice | ((pl.col("at") == pl.col("at").shift(-1)) & (pl.col("rank") == pl.col("rank").shift(-1)))
    single = pl.col("rank").is_not_null() & (pl.col("kind").is_in(_SEVERAL) | ~twice.fill_null(value=False))
    marked = ranked.with_columns(single=single)
    marked = marked.with_columns(
        pl.when(pl.col("single") & (pl.col("kind") == part)).then("value").alias(part) for part in (*_PARTS, "quarter")
    )
    placed = pl.col("city").is_not_null() | pl.col("street").is_not_null() | pl.col("quarter").is_not_null()
    told = (
        marked.with_columns(placed=placed)
        .group_by("at", maintain_order=True)
        .agg(
            *(pl.col(part).max() for part in _PARTS if part not in _SEVERAL),
            *(pl.col(part).str.join(", ").replace("", None) for part in (*_PARTS, "quarter") if part in _SEVERAL),
            pl.col("single").all(),
            pl.col("placed").any(),
            pl.col("look").str.join(", ").alias("line"),
            (pl.col("latin").any() | pl.col("look").is_null().any()).alias("left"),
        )
    )
    return told.with_columns(
        street=pl.coalesce("street", "quarter"),
        whole=pl.col("single") & pl.col("placed"),
        line=pl.when(~pl.col("left")).then("line"),
    )


_RANK = {kind: rank for rank, kind in enumerate(_ORDER)}


# --- pieces ----------------------------------------------------------------------------------------------------------


def _pieces(frame: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return the pieces of each line: at, n, kind (null: not known), value (as a part), look (as in a line), latin."""
    text = pl.col("text")
    for pattern, wanted in words.COMMAS.items():
        text = text.str.replace_all(pattern, wanted)
    lines = frame.select(
        "at",
        latin=~pl.col("text").str.contains(r"\p{Cyrillic}"),
        ukrainian=pl.col("text").str.contains(words.UKRAINIAN),
        piece=text.str.replace_all(_BETWEEN, "\n").str.split("\n"),
    )
    cut = lines.explode("piece").with_columns(pl.col("piece").str.strip_chars(" "))
    cut = cut.filter(pl.col("piece").str.contains(r"[\p{L}\d]")).with_row_index("n")
    distinct = cut.select("piece").unique(maintain_order=True)
    known = pl.concat([_by_words(distinct), _by_vocabularies(distinct, settings)])
    known = known.unique("piece", keep="first", maintain_order=True)
    both = cut.join(known, on="piece", how="left", maintain_order="left")
    return _with_houses(_without_repeats(_in_their_places(_with_states(both, settings), settings)))


def _without_repeats(pieces: pl.DataFrame) -> pl.DataFrame:
    """Leave out places that are said twice: "Москва, г. Москва"."""
    again = pl.col("kind").is_in(["country", "region", "city", "postcode"])
    return pieces.filter(~(again & ~pl.struct("at", "kind", "value").is_first_distinct()).fill_null(value=False))


def _by_words(distinct: pl.DataFrame) -> pl.DataFrame:
    """Return the pieces that say by a word what they are: piece, kind, value, look, house (a number after the name)."""
    found = [_streets(distinct), *_quarters(distinct), _roads(distinct)]
    for kind, pattern in words.NUMBERED.items():
        groups = pl.col("piece").str.extract_groups(pattern)
        word, number = groups.struct.field("1"), groups.struct.field("2").str.replace_all(" ", "")
        look = _look(word, words.NUMBERS[kind]) + " " + number
        plain = look.str.contains(words.PLAIN)
        said = distinct.with_columns(value=pl.when(plain).then(number).otherwise(look), whole=look)
        found.append(_kind(said, kind, pl.col("whole")))
    found.append(_kind(distinct.with_columns(value=pl.col("piece").str.extract(words.UNIT)), "flat", _NO_LOOK))
    post = distinct.with_columns(value=pl.when(pl.col("piece").str.contains(words.POSTCODE)).then("piece"))
    found.append(_kind(post, "postcode"))
    area = distinct.with_columns(value=pl.when(pl.col("piece").str.contains(words.DISTRICT)).then("piece"))
    found.append(_kind(area, "district"))
    return pl.concat(found)


_NO_LOOK = pl.lit(None, pl.String)  # English lines stay as they are


def _kind(said: pl.DataFrame, kind: str, look: pl.Expr | None = None) -> pl.DataFrame:
    """Return the pieces with a value as pieces of a kind."""
    house = pl.col("house") if "house" in said.columns else pl.lit(None, pl.String)
    shaped = said.select(
        "piece", "value", kind=pl.lit(kind), look=pl.col("piece") if look is None else look, house=house
    )
    return shaped.filter(pl.col("value").is_not_null())


def _look(word: pl.Expr, table: words.Table) -> pl.Expr:
    return word.str.to_lowercase().replace_strict(words.looks(table), default=None, return_dtype=pl.String)


def _streets(distinct: pl.DataFrame) -> pl.DataFrame:
    """Return the streets, the word for their kind in front, and the house where its number stands behind."""
    before = pl.col("piece").str.extract_groups(words.STREET_BEFORE)
    after = pl.col("piece").str.extract_groups(words.STREET_AFTER)
    said = distinct.with_columns(
        word=pl.coalesce(before.struct.field("1"), after.struct.field("2")),
        name=pl.coalesce(before.struct.field("2"), after.struct.field("1")),
        house=pl.when(before.struct.field("1").is_null()).then(after.struct.field("3")),
    )
    inside = pl.col("name").str.extract_groups(words.NAME_AND_NUMBER)
    said = said.with_columns(
        name=pl.when(pl.col("house").is_null()).then(pl.coalesce(inside.struct.field("1"), "name")).otherwise("name"),
        house=pl.coalesce("house", inside.struct.field("2")).str.replace_all(" ", ""),
    )
    left = pl.col("house").is_not_null() & pl.col("name").str.contains(words.NAME_AND_NUMBER)
    plain = _plain(pl.col("name")) & ~left.fill_null(value=False)
    street = _look(pl.col("word"), words.STREETS) + " " + pl.col("name")
    return _kind(said.with_columns(value=pl.when(plain).then(street)), "street", pl.col("value"))


def _plain(name: pl.Expr) -> pl.Expr:
    """Tell whether a name is one, and holds no other part of an address."""
    return name.str.contains(words.NAME) & ~name.str.contains(words.NO_NAME)


def _quarters(distinct: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the quarters, whose name may be a number."""
    found = []
    for pattern, word, name in ((words.QUARTER_BEFORE, "1", "2"), (words.QUARTER_AFTER, "2", "1")):
        groups = pl.col("piece").str.extract_groups(pattern)
        value = _look(groups.struct.field(word), words.QUARTERS) + " " + groups.struct.field(name)
        plain = groups.struct.field(name).str.contains(words.NAME) & ~groups.struct.field(name).str.contains(
            words.NO_NAME
        )
        found.append(_kind(distinct.with_columns(value=pl.when(plain).then(value)), "quarter", pl.col("value")))
    return found


def _roads(distinct: pl.DataFrame) -> pl.DataFrame:
    """Return the streets with an English word, with the number before them."""
    groups = pl.col("piece").str.extract_groups(words.ROAD)
    said = distinct.with_columns(value=groups.struct.field("2"), house=groups.struct.field("1"))
    many = pl.col("house").is_null() & pl.col("value").str.contains(words.MANY_WORDS)
    plain = ~pl.col("value").str.contains(words.NO_ROAD) & ~many
    return _kind(said.with_columns(value=pl.when(plain).then("value")), "street", _NO_LOOK)


def _by_vocabularies(distinct: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return the pieces that are countries, regions and cities by name (columns as `_by_words`)."""
    regions, countries = settings.vocabularies.get("region", {}), settings.vocabularies.get("country", {})
    names = distinct.filter(pl.col("piece").str.contains(_NAME))
    found = names.with_columns(
        country=country.known(names["piece"], countries), region=recognised(names["piece"], regions)
    )
    iso = pl.col("region").replace_strict(codes(regions), default=None, return_dtype=pl.String)
    free = pl.col("country").is_null() & (pl.col("region").is_null() | iso.is_in(_CITIES))
    short = pl.col("piece").str.len_chars() <= 3  # noqa: PLR2004  # codes are those of states, too
    lone = {name: pl.when(~(free | short)).then(name) for name in ("country", "region")}
    parts = [
        _kind(found.with_columns(value=lone["country"]).filter(pl.col("region").is_null()), "country"),
        _kind(found.with_columns(value=lone["region"]).filter(pl.col("country").is_null()), "region"),
        _cities(found.filter(free)["piece"], settings),
    ]
    return pl.concat(parts)


_CITIES = ("RU-MOW", "RU-SPE", "UA-30")  # regions that are cities


def _cities(pieces: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return the pieces that are cities: those that the gazetteer knows for sure, and those that say so by a word."""
    nothing = pl.lit(None, pl.String)
    asked = pieces.rename("value").to_frame().with_columns(country=nothing, region=nothing)
    rules = replace(settings, vocabulary=settings.vocabularies.get("city", {}))
    answers = cities_in(asked, rules).select(piece="value", value="clean", status="status")
    before = pl.col("piece").str.extract_groups(words.SETTLEMENT)
    after = pl.col("piece").str.extract_groups(words.SETTLEMENT_AFTER)
    word = _look(pl.coalesce(before.struct.field("1"), after.struct.field("2")), words.SETTLEMENTS)
    said = answers.with_columns(word=word, name=pl.coalesce(before.struct.field("2"), after.struct.field("1")))
    sure = (pl.col("status") == "valid") | (pl.col("word").is_not_null() & (pl.col("word") != "м."))
    sure = sure & ~pl.col("name").str.contains(words.NO_NAME).fill_null(value=False)
    look = pl.coalesce(pl.col("word") + " " + pl.col("name"), "piece")
    town = pl.when(pl.col("word").is_in(["г.", "м."])).then("name").otherwise(look)  # a village keeps its word
    certain = (pl.col("status") == "valid") & (pl.col("value") != pl.col("piece"))
    said = said.with_columns(look=look, value=pl.when(certain).then("value").otherwise(town))
    return _kind(said.with_columns(value=pl.when(sure).then("value")), "city", pl.col("look"))


def _in_their_places(pieces: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Read the cities of lines with a country or region by these: "Moscow, ID 83843" is not the capital."""
    regions = codes(settings.vocabularies.get("region", {}))
    lone = {kind: pl.when(pl.col("kind") == kind).then("value") for kind in ("country", "region")}
    said = pieces.filter(pl.col("kind").is_in([*lone])).group_by("at").agg(e.max().alias(k) for k, e in lone.items())
    said = said.with_columns(region=pl.col("region").replace_strict(regions, default=None, return_dtype=pl.String))
    asked = pieces.filter(pl.col("kind") == "city").join(said, on="at")
    cases = asked.select("country", "region", value="piece").unique(maintain_order=True)
    answers = cities_in(cases, replace(settings, vocabulary=settings.vocabularies.get("city", {})))
    sure = (pl.col("status") == "valid") & (pl.col("clean") != pl.col("value"))
    own = answers.select(piece="value", own=pl.when(sure).then("clean"))
    own = pl.concat([own, cases.drop("value")], how="horizontal")
    placed = asked.join(own, on=["piece", "country", "region"], nulls_equal=True, how="left").select("n", "own")
    bare = pl.col("own").is_null() & pl.col("n").is_in(placed["n"].implode()) & (pl.col("kind") == "city")
    plain = pl.when(bare & ~pl.col("piece").str.contains(words.SETTLEMENT)).then("piece")
    joined = pieces.join(placed, on="n", how="left", maintain_order="left")
    return joined.with_columns(
        value=pl.when(pl.col("kind") == "city").then(pl.coalesce("own", plain, "value")).otherwise("value")
    ).drop("own")


def _with_states(pieces: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Name the codes of states before a postcode, as American lines have them."""
    before = (pl.col("kind").shift(-1) == "postcode") & (pl.col("at").shift(-1) == pl.col("at"))
    state = (pl.col("latin") & before).fill_null(value=False) & pl.col("piece").str.contains(r"^[A-Z]\.?[A-Z]\.?$")
    names = {code: name for name, code in codes(settings.vocabularies.get("region", {})).items()}
    code = "US-" + pl.col("piece").str.replace_all(".", "", literal=True)
    name = code.replace_strict(names, default=None, return_dtype=pl.String)
    state = state & name.is_not_null()
    return pieces.with_columns(
        kind=pl.when(state).then(pl.lit("region")).otherwise("kind"),
        value=pl.when(state).then(name).otherwise("value"),
        look=pl.when(state).then("piece").otherwise("look"),
    )


def _with_houses(pieces: pl.DataFrame) -> pl.DataFrame:
    """Give the houses their pieces: numbers after a street, within its piece or in the next one."""
    after = (pl.col("kind").shift() == "street") & (pl.col("at").shift() == pl.col("at"))
    follows = after & pl.col("kind").is_null() & pl.col("house").shift().is_null()
    bare = follows.fill_null(value=False) & pl.col("piece").str.contains(rf"(?i)^{words.NUMBER}$")
    value = pl.col("piece").str.replace_all(" ", "")
    named = pieces.with_columns(
        kind=pl.when(bare).then(pl.lit("house")).otherwise("kind"),
        value=pl.when(bare).then(value).otherwise("value"),
        look=pl.when(bare).then(_house(value)).otherwise("look"),
    )
    inside = named.filter(pl.col("house").is_not_null()).with_columns(
        kind=pl.lit("house"), value="house", look=_house(pl.col("house"))
    )
    return pl.concat([named, inside])


def _house(number: pl.Expr) -> pl.Expr:
    return pl.when("ukrainian").then(pl.lit("буд. ")).otherwise(pl.lit("д. ")) + number
