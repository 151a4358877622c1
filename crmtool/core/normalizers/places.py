"""The gazetteer: places of the world by their names, with country, region and population.

The table `places.tsv` is made by `bench/gazetteer.py`, which says where it comes from and how to add to it. It belongs
to the code, like the numbering plans of the phone library: it is read when the first city is looked up, and only then.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.folding import folds

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Regions that two countries list: the place is certain, the country is what the row says.
CLAIMED = ("UA-43", "UA-40")
#: Countries whose places the gazetteer names in their own Cyrillic, with their names in other languages and older ones.
NEAR = ("RU", "UA", "BY", "KZ", "KG")


def keyed(fold: pl.Expr) -> pl.Expr:
    """Return folded names as they are compared: hyphens, full stops and spaces alike, without apostrophes."""
    return fold.str.replace_all("['\"«»]", "").str.replace_all(r"[\s.,\-]+", " ").str.strip_chars(" ")


def keys(values: pl.Series) -> pl.Series:
    """Return the keys of a Series of texts.

    >>> keys(pl.Series(["г.Ростов-на-Дону", "Слов’янськ"])).to_list()
    ['г ростов на дону', 'словянськ']
    """
    return folds(values).alias("key").to_frame().select(keyed(pl.col("key"))).to_series()


def vocabulary_keys(vocabulary: Mapping[str, str]) -> pl.DataFrame:
    """Return the synonyms of a vocabulary (folded -> canonical value) as a frame of key and canonical."""
    frame = pl.DataFrame({"key": list(vocabulary), "canonical": list(vocabulary.values())}, schema_overrides=_TEXTS)
    return frame.with_columns(keyed(pl.col("key"))).unique("key", keep="first", maintain_order=True)


_TEXTS = {"key": pl.String(), "canonical": pl.String()}


@cache
def places() -> pl.DataFrame:
    """Return the places, the largest first: place (number), name, country, region, population.

    `region` is an ISO 3166-2 code, null where the gazetteer has none.
    """
    return _table().drop("aliases")


@cache
def names() -> pl.DataFrame:
    """Return every name of every place: key, place, own (the name it bears), older (one it bore)."""
    table = _table()
    own = table.select(key=keys(table["name"]), place="place", own=pl.lit(value=True), older=pl.lit(value=False))
    aliases = table.select("place", key=pl.col("aliases").str.split("|")).explode("key").drop_nulls()
    marked = aliases.select(
        key=keyed(pl.col("key").str.strip_prefix("~")),
        place="place",
        own=pl.lit(value=False),
        older=pl.col("key").str.starts_with("~"),
    )
    return pl.concat([own, marked]).unique(["key", "place"], keep="first", maintain_order=True)


@cache
def _table() -> pl.DataFrame:
    content = files(__package__).joinpath("places.tsv").read_bytes()
    table = pl.read_csv(content, separator="\t", quote_char=None, infer_schema=False)
    return table.with_row_index("place").with_columns(pl.col("population").cast(pl.Int64))
