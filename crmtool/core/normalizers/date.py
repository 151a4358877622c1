"""Days: every usual way of writing one becomes ISO 8601 (2024-03-05), a time beside it a part of its own.

The commonest ways are split column-wise; what is written with words or odd marks is brought to figures one by one
(`date_reading`). Then all figures are read alike: those that could be two days (05/03/2024) by the order which the
other values of the column prove, else they stay open. What lacks a year, a day or a month is kept as ISO 8601 has it:
--03-05, 2024-03, 1984. To add a way of figures and marks: a line in `_REWRITTEN`.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from crmtool.core.folding import folds
from crmtool.core.normalizers.cells import answered, changed, only, prepared
from crmtool.core.normalizers.date_order import arranged
from crmtool.core.normalizers.date_reading import read
from crmtool.core.normalizers.registry import Settings, normalizer

EXTRA: dict[str, pl.DataType] = {
    "precision": pl.String(),  # "day", "month", "quarter", "year", or "year-less"
    "time": pl.String(),  # as written: 10:20 or 10:20:30
    "zone": pl.String(),  # +03:00, Z, or its name where that means several
}

_TIME = (  # hour, minute, seconds, half of the day, zone
    r"(\d{1,2}):([0-5]\d)((?::[0-5]\d)?)(?:\.\d+)?(?: ?([ap])m)?(?: ?(z|[+-]\d{2}:\d{2}))?$"
)
_BEHIND_FIGURES = rf"^([0-9./-]+)(?:t|,? ){_TIME}"
_PLAIN = r"^(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2}))$"
_SERIAL = r"^(\d{5})(?:[.,](\d+))?$"
_EXCEL_ZERO = pl.date(1899, 12, 30)  # day 0 for every serial after February 1900, which Excel counts one day too long
_SERIALS = (10_000, 60_000)  # 1927-05-18 to 2064-04-08; smaller and larger numbers are likelier something else
_DAY_SECONDS = 86_400

#: Figures that are made three with marks between: what lacks is zero.
_REWRITTEN = {
    r"^((?:19|20)\d{2})(\d{2})(\d{2})$": "$1-$2-$3",
    r"^((?:19|20)\d{2})$": "$1-0-0",
    r"^(\d{4})[-./](\d{1,2})$": "$1-$2-0",
    r"^(\d{1,2})[-./](\d{4})$": "$2-$1-0",
    r"^(\d{1,2})([./])(\d{2})$": "$1$2$3${2}0000",
}
_THREE_FIGURES = r"^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}$"
_QUARTER = r"^\d{4}-Q[1-4]$"

#: Days that programs write for none: the first and the last they can hold.
_NONE = (dt.date(1899, 12, 30), dt.date(1899, 12, 31), dt.date(1, 1, 1), dt.date(9999, 12, 31))
_APPLE = 1604  # the year in Apple's address book of a birthday without one
_LEAP = 2000  # a year that has every day
_USUAL = (1900, 2100)  # years; days of others are kept and told
_EARLIEST = 1000  # a year before is a slip


@normalizer("date")
def date(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return days as ISO 8601 text; adds the parts of `EXTRA`.

    Reads ISO, day.month.year, slashes, dashes, compact 20240305, month names in three languages, quarters, Excel
    serials. Days that could be two are `date.ambiguous`, unless others of `values` prove an order; dashes without proof
    follow `settings.date_order`. Impossible days are `date.invalid`, 00.00.0000 is `value.placeholder`; all three give
    null. Days before 1900 and after 2100 are kept, as `date.unlikely`.

    >>> date(pl.Series(["5 марта 2024", "05.03.24", "март 2024"]), Settings())["clean"].to_list()
    ['2024-03-05', '2024-03-05', '2024-03']
    """
    frame = prepared(values, settings)
    frame = _without_time(frame.with_columns(fold=folds(frame["text"])))
    days = _days(frame["front"].drop_nulls().unique(maintain_order=True), settings)
    frame = frame.join(days, on="front", how="left", maintain_order="left")
    known = pl.col("clean").is_not_null()
    return answered(
        frame.with_columns(
            pl.when(known).then("precision").alias("precision"),
            time=pl.when(known).then(pl.coalesce("time", "said_time")),
            zone=pl.when(known).then(pl.coalesce("zone", "said_zone")),
            code=pl.coalesce("code", "said"),
            rule=changed(_rule()),
        ),
        EXTRA,
    )


@normalizer("day")
def day(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return whole days only, as `date` reads them; a month or a day of no year is `date.partial`, and null.

    >>> day(pl.Series(["05.03.24", "март 2024"]), Settings())["clean"].to_list()
    ['2024-03-05', None]
    """
    partial = (pl.col("precision") != "day").fill_null(value=False)
    return date(values, settings).with_columns(
        clean=pl.when(~partial).then("clean"),
        rule=pl.when(~partial).then("rule"),
        code=pl.when(partial).then(pl.lit("date.partial")).otherwise("code"),
    )


def _days(fronts: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return what each of these folded texts without a time is: clean, precision, what is said of it, and how so."""
    frame = _with_parts(_with_figures(fronts.rename("front").to_frame(), settings.year_pivot), settings)
    frame = frame.with_columns(clean=_clean()).with_columns(said=_said())
    return frame.select("front", "clean", "precision", "said", "said_time", "said_zone", "serial", "short", "voted")


# --- figures ---


def _without_time(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `front`, the folded text without a time behind its figures, and that `time` and its `zone`."""
    frame = frame.with_columns(parts=pl.col("fold").str.extract_groups(_BEHIND_FIGURES)).unnest("parts")
    front, hour, minute, second, half, zone = (pl.col(str(n)) for n in range(1, 7))
    return frame.select(
        pl.exclude(*"123456"),
        front=pl.coalesce(front, "fold"),
        time=_hour(hour, half) + ":" + minute + second,
        zone=zone.str.to_uppercase(),
    )


def _with_figures(frame: pl.DataFrame, pivot: int) -> pl.DataFrame:
    """Add `core`, the figures of each day with marks between, its `serial`, and a time and zone said elsewhere."""
    number = pl.col("front").str.extract(_SERIAL, 1).cast(pl.Int64)
    frame = frame.with_columns(
        serial=pl.when(number.is_between(*_SERIALS)).then(number), plain=pl.col("front").str.contains(_PLAIN)
    )
    worded = frame.filter(~pl.col("plain") & pl.col("serial").is_null())["front"]
    rows = [(text, *read(text, pivot)) for text in worded]
    names = ("front", "core", "said_time", "said_zone")
    readings = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    frame = frame.join(readings, on="front", how="left", maintain_order="left")
    serial = _EXCEL_ZERO + pl.duration(days="serial")
    core = pl.coalesce(pl.when("plain").then("front"), "core", serial.dt.to_string("iso"))
    return frame.with_columns(core=core, said_time=pl.coalesce("said_time", _clock_of_serial()))


def _hour(hour: pl.Expr, half: pl.Expr) -> pl.Expr:
    """Return the hour of the day with two digits, null where there is none such."""
    number = hour.cast(pl.Int64)
    twelve = number % 12 + pl.when(half == "p").then(12).otherwise(0)
    fits = pl.when(half.is_not_null()).then(number.is_between(1, 12)).otherwise(number < 24)  # noqa: PLR2004  # hours of a day
    whole = pl.when(half.is_not_null()).then(twelve).otherwise(number)
    return pl.when(fits).then(whole.cast(pl.String).str.zfill(2))


def _clock_of_serial() -> pl.Expr:
    """Return the time that the fraction of an Excel serial number is ("45356.5"), null where there is none."""
    fraction = pl.concat_str(pl.lit("0."), pl.col("front").str.extract(_SERIAL, 2)).cast(pl.Float64)
    seconds = (fraction * _DAY_SECONDS).round().cast(pl.Int64).clip(0, _DAY_SECONDS - 1)
    figures = (part.cast(pl.String).str.zfill(2) for part in (seconds // 3600, seconds // 60 % 60, seconds % 60))
    clock = pl.concat_str(*figures, separator=":")
    return pl.when(pl.col("serial").is_not_null() & (seconds > 0)).then(clock)


# --- year, month and day ---


def _with_parts(frame: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Add `y`, `m` and `d` (0: unknown; null: no such figures), `day`, and the columns of `arranged`.

    `day` takes the unknown for the first, and is null where there is no such day; `nothing` tells a day for none.
    """
    other = ~pl.col("core").str.contains(_THREE_FIGURES)
    core = only(other, pl.col("core"))
    for pattern, figures in _REWRITTEN.items():
        core = core.str.replace(pattern, figures)
    core = pl.when(other).then(core).otherwise("core")
    frame = frame.hstack(arranged(frame.select(core).to_series(), settings.date_order))
    zero = pl.all_horizontal(pl.col("y", "m", "d") == 0)
    century = pl.when(pl.col("y") > settings.year_pivot).then(1900).otherwise(2000)
    year = pl.when(pl.col("short") & ~zero).then(pl.col("y") + century).otherwise("y")
    frame = frame.with_columns(y=pl.when(year == _APPLE).then(0).otherwise(year))
    frame = frame.with_columns(day=_day(), precision=_precision())
    return frame.with_columns(nothing=zero | pl.col("day").is_in([*_NONE]) | _excel_nothing())


def _day() -> pl.Expr:
    figures = [
        pl.when(pl.col(part) == 0).then(first).otherwise(part).cast(pl.String).str.zfill(digits)
        for part, first, digits in (("y", _LEAP, 4), ("m", 1, 2), ("d", 1, 2))
    ]
    return pl.concat_str(*figures, separator="-").str.to_date("%Y-%m-%d", strict=False)


def _precision() -> pl.Expr:
    """Return how much of the day is known, null for what cannot be used."""
    year, month, day_ = (pl.col(part) > 0 for part in "ymd")
    known = [
        (year & month & day_, "day"),
        (year & month & ~day_, "month"),
        (year & ~month & ~day_, "year"),
        (~year & month & day_, "year-less"),
        (pl.col("core").str.contains(_QUARTER), "quarter"),
    ]
    return pl.coalesce(pl.when(test).then(pl.lit(word)) for test, word in known)


def _excel_nothing() -> pl.Expr:
    return (pl.col("y") == _USUAL[0]) & (pl.col("m") == 1) & (pl.col("d") == 0)


# --- the answer ---


def _clean() -> pl.Expr:
    """Return the day as ISO 8601, without what is unknown of it."""
    iso, precision = pl.col("day").dt.to_string("iso"), pl.col("precision")
    shown = [
        pl.when(precision == "day").then(iso),
        pl.when(precision == "month").then(iso.str.head(7)),
        pl.when(precision == "year").then(iso.str.head(4)),
        pl.when(precision == "year-less").then(pl.lit("--") + iso.str.slice(5)),
    ]
    usable = ~pl.col("nothing") & ((pl.col("y") == 0) | (pl.col("y") >= _EARLIEST))
    return pl.when(precision == "quarter").then("core").when(usable).then(pl.coalesce(shown))


def _said() -> pl.Expr:
    """Return what there is to say about a day."""
    unusual = (pl.col("y") > 0) & ~pl.col("y").is_between(*_USUAL) | (pl.col("day") == pl.date(1900, 1, 1))
    return (
        pl.when(pl.col("clean").is_not_null())
        .then(pl.when(unusual).then(pl.lit("date.unlikely")))
        .when("nothing")
        .then(pl.lit("value.placeholder"))
        .when(pl.col("open") | (pl.col("core") == "?"))
        .then(pl.lit("date.ambiguous"))
        .otherwise(pl.lit("date.invalid"))
    )


def _rule() -> pl.Expr:
    """Return what changed a value, the most telling first."""
    return (
        pl.when(pl.col("serial").is_not_null())
        .then(pl.lit("date.serial"))
        .when("voted")
        .then(pl.lit("date.order"))
        .when(pl.col("fold").str.contains(r"\p{L}{3}"))
        .then(pl.lit("date.words"))
        .when("short")
        .then(pl.lit("date.century"))
        .when(pl.col("clean") == pl.col("text"))
        .then(pl.lit("text.spaces"))
        .otherwise(pl.lit("date.iso"))
    )
