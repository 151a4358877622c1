"""Which of three figures is the year, the month, the day: by themselves, by the column, by the rules, else open.

Figures with dots are day, month, year. With slashes the column has to prove an order: one 25/03/2024 is enough, unless
a 03/25/2024 stands beside it. With dashes or spaces the rules say the order where nothing proves another; but two-digit
years need proof of their place. To add a mark between figures: `MARKS`.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

MARKS = "./ -"
_THREE = rf"^(\d{{4}}|\d{{1,2}})([{MARKS}])(\d{{1,2}})([{MARKS}])(\d{{4}}|\d{{1,2}})$"
_MONTHS, _DAYS, _YEAR = 12, 31, 4  # _YEAR: digits of one written in full


class _Vote(NamedTuple):
    """What holds for a mark: "DMY", "MDY" or None; whether the column proves it; where short years stand, or None."""

    order: str | None
    proven: bool
    year: str | None  # "first" or "last"


def arranged(core: pl.Series, usual: str) -> pl.DataFrame:
    """Return of each text of three figures with marks between what they are.

    Columns, aligned with `core`: y, m, d (Int64, null: not three figures, or open), `short` for a year of two digits,
    `open` for what could be two days, `voted` for what only the column decided. `usual` is "DMY" or "MDY".

    >>> arranged(pl.Series(["5/3/2024", "25/3/2024"]), "DMY").select("y", "m", "d").rows()
    [(2024, 3, 5), (2024, 3, 25)]
    """
    frame = _split(core)
    votes = {mark: _vote(frame.filter(pl.col("mark") == mark), mark, usual) for mark in MARKS}
    frame = frame.with_columns(_way(votes))
    figures = {
        "y": {"YMD": "a", "DMY": "c", "MDY": "c"},
        "m": {"YMD": "b", "DMY": "b", "MDY": "a"},
        "d": {"YMD": "c", "DMY": "a", "MDY": "b"},
    }
    three = pl.col("a").is_not_null()
    return frame.select(
        *(
            pl.coalesce(pl.when(pl.col("way") == way).then(column) for way, column in ways.items()).alias(part)
            for part, ways in figures.items()
        ),
        "short",
        (three & pl.col("way").is_null()).alias("open"),
        (three & ~_single() & _said(votes, "proven", pl.Boolean())).fill_null(value=False).alias("voted"),
    )


def _split(core: pl.Series) -> pl.DataFrame:
    """Return the figures a, b, c and the mark between them, null where there are no such three.

    `full` tells a year in front with four digits, `short` that none has four; `last` that the year stands last.
    """
    groups = core.str.extract_groups(_THREE).struct.unnest()
    frame = pl.DataFrame(groups.get_columns(), schema=["a", "mark", "b", "other", "c"])
    frame = frame.select(pl.when(pl.col("mark") == pl.col("other")).then(pl.all())).drop("other")
    full, long = (pl.col(name).str.len_chars() == _YEAR for name in "ac")
    frame = frame.with_columns(full=full & ~long, short=~full & ~long, long=long & ~full)
    frame = frame.with_columns(pl.col("a", "b", "c").cast(pl.Int64))
    late = ~pl.col("full") & (pl.col("mark").is_in(["/", "."]) | (pl.col("c") > _DAYS))
    return frame.with_columns(last=pl.col("long") | late)


def _vote(rows: pl.DataFrame, mark: str, usual: str) -> _Vote:
    """Return what the figures with one mark prove."""
    if mark == ".":
        return _Vote("DMY", proven=False, year="last")
    first, second = pl.col("a"), pl.col("b")
    last = rows.filter("last")
    day_first = last.filter(first.is_between(_MONTHS + 1, _DAYS) & (second <= _MONTHS)).height > 0
    month_first = last.filter(second.is_between(_MONTHS + 1, _DAYS) & (first <= _MONTHS)).height > 0
    ahead = rows.filter(pl.col("short") & (first > _DAYS) & ~pl.col("last")).height > 0
    proof = {(True, False): "DMY", (False, True): "MDY"}.get((day_first, month_first))
    unproven = None if mark == "/" or day_first else usual
    year = {(True, False): "last", (False, True): "first"}.get((last.height > 0, ahead))
    return _Vote(proof or unproven, proven=proof is not None, year=year)


def _single() -> pl.Expr:
    """Tell whether figures have one reading, whatever the column says."""
    a, b = pl.col("a"), pl.col("b")
    return pl.col("full") | (pl.col("mark") == ".") | (pl.col("last") & ((a > _MONTHS) | (b > _MONTHS) | (a == b)))


def _way(votes: dict[str, _Vote]) -> pl.Expr:
    """Return in which order the figures stand, null where that is open."""
    a, b = pl.col("a"), pl.col("b")
    place = (
        pl.when("last")
        .then(pl.lit("last"))
        .when(pl.col("full") | (a > _DAYS))
        .then(pl.lit("first"))
        .otherwise(_said(votes, "year", pl.String()))
    )
    day_first = (pl.col("mark") == ".") | (a > _MONTHS) | (a == b)
    return (
        pl.when(place == "first")
        .then(pl.lit("YMD"))
        .when((place == "last") & day_first)
        .then(pl.lit("DMY"))
        .when((place == "last") & (b > _MONTHS))
        .then(pl.lit("MDY"))
        .when(place == "last")
        .then(_said(votes, "order", pl.String()))
        .alias("way")
    )


def _said(votes: dict[str, _Vote], what: str, dtype: pl.DataType) -> pl.Expr:
    """Return what the vote for each mark says."""
    table = {mark: vote._asdict()[what] for mark, vote in votes.items()}
    return pl.col("mark").replace_strict(table, default=None, return_dtype=dtype)
