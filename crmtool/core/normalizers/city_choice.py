"""Which of the places of its name a text means: the one its row says, the largest by far, or none for sure."""

from __future__ import annotations

import polars as pl

from crmtool.core.normalizers.places import CLAIMED, NEAR

#: A place so many times as large as the next of its name is meant where nothing else is said.
_RATIO = 10
_HAMLET = 500  # people of a place whose number is not known, and the least that is counted
_KNOWN = 5_000  # people of a place that is meant by a name in another language


def decided(known: pl.DataFrame) -> pl.DataFrame:
    """Return which of its places each text means, if one is certain: a row for each text, in the order of `known`.

    `known` has a row for each place a text may mean: at (the text), in_country and in_region (what its row says),
    stripped (found without the word for its kind), village (that word is one for villages), curated (the vocabulary
    means it), and what the gazetteer says: place, name, country, region, population, own, older. The answer has at,
    name, country, region, how, open, older, elsewhere (see `city.found_in`).
    """
    ranked = _ranked(_fitting(known))
    each = ranked.group_by("at", maintain_order=True)
    first = pl.col("curated", "village", "in_region", "narrowed", "stripped", "elsewhere").first()
    of_text = each.agg(
        first,
        places=pl.len(),
        names=pl.col("name").n_unique(),
        countries=pl.col("country").n_unique(),
        largest=pl.col("people").first(),
        next=pl.col("people").get(1, null_on_oob=True),
        first_is_near=pl.col("country").is_in(NEAR).first(),
    )
    bearing = pl.col("people").first().alias("bearer"), pl.col("people").get(1, null_on_oob=True).alias("next_bearer")
    near = pl.col("country").is_in(NEAR).any().alias("some_bearer_near")
    bearers = ranked.filter("own").group_by("at").agg(*bearing, near)
    others = ranked.filter(~pl.col("own")).group_by("at").agg(other=pl.col("people").first())
    told = of_text.join(bearers, on="at", how="left", maintain_order="left")
    told = told.join(others, on="at", how="left", maintain_order="left").with_columns(by_name=_by_its_name())
    winners = ranked.join(told.select("at", "by_name"), on="at", maintain_order="left")
    winners = winners.filter(~pl.col("by_name") | pl.col("own"))
    winner = pl.col("name", "country", "region", "older", "own", "people").first()
    told = told.join(winners.group_by("at").agg(winner), on="at", how="left", maintain_order="left")
    return told.with_columns(certain=_certain()).select("at", *_meant())


def _fitting(known: pl.DataFrame) -> pl.DataFrame:
    """Leave of the places of each text those in the country and the region of its row, where there are any.

    A city that is a region of its own stands beside the region around it ("Московская область, Москва"): a region
    alone contradicts nothing.
    """
    whole = ~pl.col("stripped") | pl.col("stripped").all().over("at")
    here = _claimed() | (pl.col("country") == pl.col("in_country")) | pl.col("in_country").is_null()
    near = (pl.col("region") == pl.col("in_region")) | pl.col("in_region").is_null()
    known = known.filter(whole).with_columns(
        here=here.fill_null(value=False), near=(here & near).fill_null(value=False)
    )
    some = known.with_columns(
        some_here=pl.col("here").any().over("at"),
        some_near=pl.col("near").any().over("at"),
        all_near=pl.col("near").all().over("at"),
    )
    best = pl.when("some_near").then("near").when("some_here").then("here").otherwise(pl.lit(value=True))
    told = some.filter(best).with_columns(
        elsewhere=~pl.col("some_here"), narrowed=pl.col("some_here") & ~pl.col("all_near")
    )
    return told.drop("some_here", "some_near", "all_near")


def _ranked(known: pl.DataFrame) -> pl.DataFrame:
    """Return the places that each text may mean, the largest first; those of one name in one region once."""
    own, literal = pl.col("own") | pl.col("curated"), _claimed() & pl.col("own")
    ranked = known.with_columns(own=own, literal=literal, people=pl.max_horizontal("population", pl.lit(_HAMLET)))
    # of the two names of a place that two countries list the one written counts; other places of that name stay
    spelled = ~_claimed() | pl.col("literal") | ~pl.col("literal").any().over("at")
    ranked = ranked.filter(pl.col("curated") | (~pl.col("curated").any().over("at") & spelled))
    where = pl.concat_str(pl.when(~_claimed()).then("name").otherwise(pl.lit("")), pl.coalesce("region", "country"))
    ranked = ranked.with_columns(where=where)
    ranked = ranked.sort("at", "people", "literal", "own", "place", descending=[False, True, True, True, False])
    return ranked.unique(["at", "where"], keep="first", maintain_order=True)


def _by_its_name() -> pl.Expr:
    """Tell whether the largest place that bears the name is meant, and not the largest of all.

    It is, unless only places far away bear it, and one of our countries that is known by it too is far larger: Odessa
    is not the town in Texas.
    """
    far = ~pl.col("some_bearer_near") & pl.col("first_is_near") & (pl.col("largest") >= _RATIO * pl.col("bearer"))
    return (pl.col("bearer").is_not_null() & ~far).fill_null(value=False)


def _certain() -> pl.Expr:
    """Tell whether the winner is meant for sure: the only one, the vocabulary's, or far larger than the next.

    A place that bears the name need not be larger than one that is only known by it, but may not be smaller.
    """
    winner = pl.col("people")
    owner = (winner >= _RATIO * pl.col("next_bearer").fill_null(0)) & (winner >= pl.col("other").fill_null(0))
    stranger = (winner >= _RATIO * pl.col("next").fill_null(0)) & (winner >= _KNOWN)
    sure = ~pl.col("village") | pl.col("in_region").is_not_null()  # most villages are not listed
    return sure & (pl.col("curated") | pl.when("own").then(owner).otherwise(stranger))


def _meant() -> tuple[pl.Expr, ...]:
    """Return what is said of a text (columns: see `found_in`), from its winner and what is known of its places."""
    certain = pl.col("certain")
    return (
        pl.when(certain | ((pl.col("names") == 1) & ~pl.col("village"))).then("name").alias("name"),
        pl.when(certain | (pl.col("countries") == 1)).then("country").alias("country"),
        pl.when(certain).then("region").alias("region"),
        _how().alias("how"),
        (~certain).alias("open"),
        (pl.col("older") & certain).alias("older"),
        pl.col("elsewhere"),
    )


def _how() -> pl.Expr:
    return (
        pl.when("curated")
        .then(pl.lit("vocabulary.synonym"))
        .when("older")
        .then(pl.lit("city.renamed"))
        .when("narrowed")
        .then(pl.lit("city.row"))
        .when(pl.col("places") > 1)
        .then(pl.lit("city.largest"))
        .when("stripped")
        .then(pl.lit("city.prefix"))
        .otherwise(pl.lit("city.name"))
    )


def _claimed() -> pl.Expr:
    return pl.col("region").is_in(CLAIMED).fill_null(value=False)
