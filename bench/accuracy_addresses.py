"""What is right of the parts of addresses on collected lines: libpostal's own tests, lines as OpenCage formats them.

Each part a line is said to have counts. Right is the part itself; a part that is left out is not wrong. Names are
compared folded, cities in any language by the normalizer of cities, words for a kind left out. To add a part: a line of
`_LABELS`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl

from bench.accuracy import Result
from bench.accuracy_places import _settings
from crmtool.core.folding import folds
from crmtool.core.normalizers import address_words as words
from crmtool.core.normalizers.places import keys
from crmtool.core.normalizers.registry import normalized

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

#: Label of the lists -> part.
_LABELS = {
    "postcode": "postcode",
    "country": "country",
    "state": "region",
    "city": "city",
    "town": "city",
    "road": "street",
    "house_number": "house",
    "unit": "flat",
}
_OPENCAGE = ("ru", "ua", "by", "kz", "us", "gb")
_WRITTEN = r"(?i)^(?:apt|apartment|unit|flat|suite|ste|кв|no)?\.? ?(?:no\.? ?)?#?"
Line = tuple[str, dict[str, str]]


def measure(data: Path) -> list[Result]:
    """Return the results on lines of libpostal and OpenCage, and on the addresses of Russian cities."""
    files = {
        "addresses/libpostal_parser_tests.csv": _libpostal(data),
        "addresses/opencage_format_tests.csv": _opencage(data),
        "addresses/ru_cities_hflabs.csv": _russian(data),
    }
    return [result for file, lines in files.items() for result in _results(file, list(lines))]


def _results(file: str, lines: list[Line]) -> Iterator[Result]:
    """Yield what came out right and what was not wrong, of all parts of the lines."""
    raw = pl.DataFrame(
        [(raw, part, text) for raw, parts in lines for part, text in parts.items()], _EXPECTED, orient="row"
    )
    answers = normalized("address", raw["value"].unique(maintain_order=True), _settings())
    got = pl.coalesce(pl.when(pl.col("part") == part).then(part) for part in sorted(set(_LABELS.values())))
    both = raw.join(answers, on="value", maintain_order="left").with_columns(got=got)
    both = both.with_columns(same=_alike(both["expected"], both["part"]) == _alike(both["got"], both["part"]))
    right = both.filter(pl.col("same").fill_null(value=False))
    wrong = both.filter(pl.col("got").is_not_null() & ~pl.col("same").fill_null(value=False))
    missing = both.filter(pl.col("got").is_null())
    told = {
        name: tuple(each.select("value", pl.format("{}: {}", "part", "expected"), pl.col("got").fill_null("-")).rows())
        for name, each in {"wrong": wrong, "missing": missing}.items()
    }
    yield Result(file, "parts told and right", right.height, both.height, None, told["missing"])
    yield Result(file, "parts not wrong", both.height - wrong.height, both.height, 0.98, told["wrong"])


_EXPECTED = {"value": pl.String(), "part": pl.String(), "expected": pl.String()}


def _alike(texts: pl.Series, parts: pl.Series) -> pl.Series:
    """Return texts as they are compared: countries and cities as their normalizers have them, others folded."""
    state = texts.str.replace_all(".", "", literal=True).str.to_uppercase()
    texts = texts.zip_with(
        ~(parts == "region") | ~state.str.contains("^[A-Z]{2}$").fill_null(value=False), "US-" + state
    )
    distinct = texts.drop_nulls().unique().sort()
    frame = pl.DataFrame({"text": texts, "part": parts})
    for kind in ("country", "city", "region"):
        answers = normalized(kind, distinct, _settings(kind)).select(text="value", **{kind: "clean"})
        frame = frame.join(answers, on="text", how="left", maintain_order="left")
    chosen = frame.select(
        pl.coalesce(pl.when(pl.col("part") == kind).then(kind) for kind in ("country", "city", "region")).fill_null(
            pl.col("text")
        )
    ).to_series()
    plain = keys(chosen).str.replace(_WRITTEN, "").to_frame()
    looks = "|".join(look.rstrip(".") for look in words.looks(words.STREETS))
    return plain.select(pl.col("key").str.replace_all(rf"\b(?:{looks})\b", "").str.strip_chars(" #")).to_series()


def _libpostal(data: Path) -> Iterator[Line]:
    for row in pl.read_csv(data / "addresses/libpostal_parser_tests.csv", infer_schema=False).iter_rows(named=True):
        yield row["raw"].replace("\\n", "\n"), _of(json.loads(row["expected_labels"]))


def _opencage(data: Path) -> Iterator[Line]:
    table = pl.read_csv(data / "addresses/opencage_format_tests.csv", infer_schema=False)
    for row in table.filter(pl.col("country").is_in(_OPENCAGE)).iter_rows(named=True):
        shown = folds(pl.Series([row["expected_text"]])).item()
        parts = _of(json.loads(row["components_json"]).items())
        yield row["expected_text"], {p: t for p, t in parts.items() if folds(pl.Series([t])).item() in shown}


def _of(labels: Iterable[Any]) -> dict[str, str]:
    return {_LABELS[label]: str(text) for label, text in labels if label in _LABELS}


def _russian(data: Path) -> Iterator[Line]:
    table = pl.read_csv(data / "addresses/ru_cities_hflabs.csv", infer_schema=False)
    for row in table.filter(pl.col("city").is_not_null() & pl.col("settlement").is_null()).iter_rows(named=True):
        yield row["address"], {"city": row["city"]}
