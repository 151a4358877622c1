"""Cities: the city's own name, by the vocabulary of the rules and then by the gazetteer, its country and its region.

A name that several places bear is decided by the country and region beside it, else by a place that is ten times as
large as the next (`city.largest`), else it is kept and flagged. What a cell says besides the city ("Киев, Украина")
helps to find it. To add a name: `rules/vocabularies/city.toml`; a word that stands before a name: `_KINDS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.normalizers import country
from crmtool.core.normalizers.cells import answered, changed, prepared
from crmtool.core.normalizers.city_choice import decided
from crmtool.core.normalizers.city_typos import suggested
from crmtool.core.normalizers.places import CLAIMED, NEAR, keys, names, places, vocabulary_keys
from crmtool.core.normalizers.region import codes, recognised
from crmtool.core.normalizers.registry import Settings, normalizer

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTS = {"country": pl.String(), "region": pl.String(), "status": pl.String()}
_TOWN = 30_000  # people of a place that nobody calls a village

_VILLAGE = r"с|село|дер|д|деревня|х|хутор|аул"
_KINDS = (
    rf"^(?P<kind>{_VILLAGE}|ст|ст ца|станица|г о|го|городской округ|г|гор|город|м|місто|смт|селище|пгт|п г т"
    r"|рп|р п|пос|поселок|п|city of|town of|village of) (?P<bare>.{2,})$"
)
_AFTER = rf"^(?P<bare>.{{2,}}) (?P<kind>{_VILLAGE}|г|город|м|місто|смт|пгт|рп|пос|п)$"
_CITIES = ("RU-MOW", "RU-SPE", "UA-30")  # regions that are cities
_OURS = "[А-Яа-яЁёІіЇїЄєҐґ]"
_TOGETHER = r"\s*[,;()/]\s*|\s+(?:и|і|та|and)\s+"


@normalizer("city")
def cities(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return the cities' own names with the parts `country`, `region` (ISO 3166 codes) and `status`.

    >>> cities(pl.Series(["г. Муром"]), Settings()).select("clean", "country", "region", "rule").row(0)
    ('Муром', 'RU', 'RU-VLA', 'city.prefix')
    """
    nothing = pl.lit(None, pl.String)
    return cities_in(values.rename("value").to_frame().with_columns(country=nothing, region=nothing), settings)


def cities_in(given: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return the cities of distinct (value, country, region), one row for each in the same order.

    `given` has the String columns value, country (ISO 3166-1) and region (ISO 3166-2); the last two, what stands beside
    the city in its row, are null where nothing does.
    """
    frame = pl.concat([prepared(given["value"], settings), given.drop("value")], how="horizontal")
    frame = frame.rename({"country": "in_country", "region": "in_region"}).with_row_index("at")
    if not frame["text"].count():
        return answered(frame.with_columns(status=pl.lit("unknown")), _PARTS)
    whole = _settled(found_in(frame, settings), frame, settings).with_columns(
        kept=pl.lit(value=False), several=pl.lit(value=False)
    )
    unfound = frame.filter(pl.col("text").is_not_null()).join(whole, on="at", how="anti")
    together = unfound.filter(pl.col("text").str.contains(_TOGETHER))
    found = pl.concat([whole, _of_pieces(together, settings).select(whole.columns)]) if together.height else whole
    mistyped = suggested(unfound.join(found, on="at", how="anti"))
    found = frame.join(found, on="at", how="left", maintain_order="left")
    found = found.join(mistyped, on="at", how="left", maintain_order="left").with_columns(_nameless())
    return answered(_told(found), _PARTS)


def _nameless() -> list[pl.Expr]:
    """Keep what is written where the gazetteer has no name to put in its place.

    That is an older name of a place that two countries list, and a Cyrillic name of one of our places that the
    gazetteer knows by a Latin one alone.
    """
    latin = pl.col("country").is_in(NEAR) & pl.col("name").str.contains("[A-Za-z]") & pl.col("text").str.contains(_OURS)
    older = pl.col("region").is_in(CLAIMED) & pl.col("older")
    nameless = (latin | older).fill_null(value=False)
    return [pl.col("kept").fill_null(value=False) | nameless, pl.col("older") & ~nameless]


def _settled(found: pl.DataFrame, frame: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Leave open what would come out otherwise the next time: names that are those of two places by turns.

    A name for which the vocabulary has another value becomes that.
    """
    asked = frame.join(found.select("at", "name"), on="at").filter(pl.col("name") != pl.col("text"))
    if asked.is_empty():
        return found
    again = found_in(asked.with_columns(text="name"), settings).select("at", again="name", by="how")
    again = asked.select("at", asked=pl.lit(value=True)).join(again, on="at", how="left")
    both = found.join(again, on="at", how="left", maintain_order="left")
    other = pl.col("asked").fill_null(value=False) & pl.col("name").ne_missing(pl.col("again"))
    wanted = other & (pl.col("by") == "vocabulary.synonym").fill_null(value=False)
    both = both.with_columns(name=pl.when(wanted).then("again").otherwise("name"), turned=other & ~wanted)
    kept = [pl.when(~pl.col("turned")).then(name).alias(name) for name in ("name", "country", "region", "how")]
    return both.with_columns(*kept, open=pl.col("open") | pl.col("turned")).select(found.columns)


def _told(found: pl.DataFrame) -> pl.DataFrame:
    """Give what was found its look, its rule and its finding."""
    text, name = pl.col("text"), pl.col("name")
    claimed = pl.col("region").is_in(CLAIMED)
    return found.with_columns(
        clean=pl.when("kept").then(text).otherwise(pl.coalesce("name", "text")),
        country=pl.when(claimed).then("in_country").otherwise("country"),
        status=pl.when(text.is_null())
        .then(pl.lit("unknown"))
        .when(pl.col("open"))
        .then(pl.lit("ambiguous"))
        .when(name.is_null())
        .then(pl.lit("possible"))
        .otherwise(pl.lit("valid")),
        code=pl.coalesce("code", _code()),
        suggestion=pl.when(name.is_null()).then("typo").when(pl.col("older")).then("name"),
    ).with_columns(rule=changed(pl.coalesce("how", pl.lit("text.spaces"))))


def _code() -> pl.Expr:
    """Return what there is to say about a city, the weightiest first."""
    return (
        pl.when(pl.col("text").is_null())
        .then(None)
        .when(pl.col("several"))
        .then(pl.lit("city.several"))
        .when(pl.col("open"))
        .then(pl.lit("city.ambiguous"))
        .when(pl.col("elsewhere"))
        .then(pl.lit("city.elsewhere"))
        .when(pl.col("older") & (pl.col("name") != pl.col("text")))
        .then(pl.lit("city.renamed"))
        .when(pl.col("open").is_not_null())
        .then(None)
        .when(pl.col("typo").is_not_null())
        .then(pl.lit("city.typo"))
        .when(pl.col("text").str.contains(r"[,;/\d]"))
        .then(pl.lit("city.more"))
        .otherwise(pl.lit("vocabulary.unknown"))
    )


# --- which place -----------------------------------------------------------------------------------------------------


def found_in(frame: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return the place each text names, one row for each text of which something is known.

    `frame` has at, text, in_country and in_region. The answer has at, name (null: several, of different names), country
    and region (null: not certain), how (the rule), open (several are possible), older (the name is an older one),
    elsewhere (it is not in the country of its row).
    """
    asked = _asked(frame, settings)
    known = pl.concat([_by_name(asked), _by_canonical(asked)]).unique(["at", "place", "stripped"], maintain_order=True)
    chosen = decided(known)
    beyond = _beyond(asked, known).join(chosen.drop("name", "how", "older"), on="at", how="left", maintain_order="left")
    beyond = beyond.with_columns(
        country=pl.when(~pl.col("open")).then("country"),
        how=pl.lit("vocabulary.synonym"),
        open=pl.lit(value=False),
        older=pl.lit(value=False),
        elsewhere=pl.lit(value=False),
    )
    return pl.concat([chosen.join(beyond, on="at", how="anti", maintain_order="left"), beyond.select(chosen.columns)])


def _beyond(asked: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return the texts that the vocabulary has a value for under which no place is known, with that value (at, name).

    Such a value is the workspace's own, and goes before the gazetteer, whatever else the words of the text name.
    """
    meant = asked.filter(pl.col("canonical").is_not_null()).unique("at", keep="first", maintain_order=True)
    listed = known.filter("curated").select("at").unique()
    whole = known.filter(~pl.col("stripped")).select("at").unique()
    own = meant.join(listed, on="at", how="anti", maintain_order="left")
    stripped = own.filter("stripped").join(whole, on="at", how="anti", maintain_order="left")
    return pl.concat([own.filter(~pl.col("stripped")), stripped]).select("at", name="canonical")


def _asked(frame: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return under which keys to look: the whole text, and the text without the word for its kind."""
    texts = frame.filter(pl.col("text").is_not_null()).select("at", "text", "in_country", "in_region")
    texts = texts.with_columns(key=keys(texts["text"]), stripped=pl.lit(value=False), village=pl.lit(value=False))
    parts = [texts]
    for pattern in (_KINDS, _AFTER):
        groups = pl.col("key").str.extract_groups(pattern)
        village = groups.struct.field("kind").str.contains(rf"^(?:{_VILLAGE})$")
        bare = texts.with_columns(key=groups.struct.field("bare"), stripped=pl.lit(value=True), village=village)
        parts.append(bare.filter(pl.col("key").is_not_null()))
    asked = pl.concat(parts).join(vocabulary_keys(settings.vocabulary), on="key", how="left", maintain_order="left")
    return asked.with_columns(canonical=pl.when(~pl.col("village")).then("canonical"))


def _by_name(asked: pl.DataFrame) -> pl.DataFrame:
    """Return the places that bear, or bore, the names asked for."""
    known = _of_that_name(asked)
    large = pl.col("population") >= _TOWN
    return known.filter(~(pl.col("village") & large)).with_columns(curated=_curated()).drop("key")


def _by_canonical(asked: pl.DataFrame) -> pl.DataFrame:
    """Return the places that the vocabulary means."""
    meant = asked.filter(pl.col("canonical").is_not_null())
    meant = meant.with_columns(key=keys(meant["canonical"]))
    known = _of_that_name(meant).filter(pl.col("name") == pl.col("canonical")).with_columns(older=pl.lit(value=False))
    return known.with_columns(curated=_curated()).drop("key")


def _of_that_name(asked: pl.DataFrame) -> pl.DataFrame:
    """Join the places that are known by the keys asked for."""
    near = names().filter(pl.col("key").is_in(asked["key"].unique().implode()))  # faster than a join of all names
    return asked.join(near, on="key", maintain_order="left").join(places(), on="place", maintain_order="left")


def _curated() -> pl.Expr:
    return (pl.col("name") == pl.col("canonical")).fill_null(value=False)


# --- cells that say more ---------------------------------------------------------------------------------------------


def _of_pieces(together: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return the places of texts that hold a city and its country or region, or several cities (as `found_in`).

    `kept` tells that the text says more than the name of the city would: "Moscow, Idaho" stays as it is.
    """
    pieces = together.with_columns(piece=pl.col("text").str.replace_all(_TOGETHER, "\n").str.split("\n"))
    pieces = pieces.explode("piece").filter(pl.col("piece") != "").with_row_index("number")
    pieces = _around(pieces, settings.vocabularies)
    single = pieces.filter(pl.col("place") & (pl.col("place").sum().over("at") == 1))
    inside = single.select("at", "text", "piece", "within", **_CONTEXT)
    heads = inside.drop("text").rename({"piece": "text"})
    found = found_in(heads, settings).join(inside.select("at", "within"), on="at")
    found = found.filter(pl.col("within").is_null() | (pl.col("region") == pl.col("within")))
    nothing = pl.lit(None, pl.String)
    alone = found_in(heads.with_columns(in_country=nothing, in_region=nothing), settings)
    alone = alone.select("at", "name", "country", "region", alone=pl.lit(value=True))
    found = found.join(alone, on=["at", "name", "country", "region"], how="left", nulls_equal=True)
    done = found.with_columns(kept=pl.col("alone").is_null(), several=pl.lit(value=False), how=pl.lit("city.split"))
    several = _several(pieces, settings)
    return pl.concat([done.select(several.columns), several])


#: What a piece says of the place goes after what its row says.
_CONTEXT = {
    "in_country": pl.coalesce("in_country", "said_country"),
    "in_region": pl.coalesce("said_region", "in_region"),
}


def _around(pieces: pl.DataFrame, vocabularies: Mapping[str, Mapping[str, str]]) -> pl.DataFrame:
    """Tell of each piece whether it may be the place, and what country and region the pieces around it say."""
    areas = vocabularies.get("region", {})
    iso = codes(areas)
    state = ("US-" + pl.col("piece")).is_in([*iso.values()]) & (pl.col("number") > pl.col("number").min().over("at"))
    region = recognised(pieces["piece"], areas).replace_strict(iso, default=None, return_dtype=pl.String)
    said = pieces.with_columns(
        of_country=country.known(pieces["piece"], vocabularies.get("country", {})), of_region=region
    )
    said = said.with_columns(within=pl.when(state).then("US-" + pl.col("piece")))
    said = said.with_columns(
        of_country=pl.when(state).then(pl.lit("US")).otherwise("of_country"),
        of_region=pl.coalesce("within", "of_region"),
    )
    both = pl.col("of_country").is_not_null() & pl.col("of_region").is_not_null() & ~state  # Georgia
    said = said.with_columns(within=pl.when(both).then(pl.lit("?")).otherwise("within"))
    place = pl.col("of_country").is_null() & (pl.col("of_region").is_null() | pl.col("of_region").is_in(_CITIES))
    said = said.with_columns(place=place)
    around = pl.when(~pl.col("place"))
    return said.with_columns(
        said_country=around.then("of_country").drop_nulls().first().over("at"),
        said_region=around.then("of_region").drop_nulls().first().over("at"),
        within=pl.col("within").drop_nulls().first().over("at"),
    )


def _several(pieces: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return the texts every piece of which is a city, as places that are kept as they are."""
    many = pieces.filter(pl.col("place").sum().over("at") > 1)
    asked = many.select(at="number", text="piece", in_country="in_country", in_region="in_region")
    known = many.select("number", "at").join(found_in(asked, settings), left_on="number", right_on="at", how="left")
    whole = known.group_by("at", maintain_order=True).agg(pl.col("open").is_not_null().all().alias("all"))
    nothing = pl.lit(None, pl.String)
    return whole.filter("all").select(
        "at",
        **dict.fromkeys(("name", "country", "region", "how"), nothing),
        open=pl.lit(value=True),
        older=pl.lit(value=False),
        elsewhere=pl.lit(value=False),
        kept=pl.lit(value=True),
        several=pl.lit(value=True),
    )
