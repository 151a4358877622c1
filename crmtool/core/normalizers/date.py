"""Days: every usual way of writing one becomes ISO 8601 (2024-03-05); a time beside it is dropped.

Each way is one expression that gives year, month and day as text, or null; the first that matches wins. A day that
could be two (05/03/2024) is decided by the other values of the column if they prove an order, else left open. To add a
way: an expression in `_readings`; a month's name: `MONTHS`.
"""

from __future__ import annotations

import polars as pl

from crmtool.core.folding import folds
from crmtool.core.normalizers.cells import answered, changed, prepared
from crmtool.core.normalizers.registry import Settings, normalizer

#: Names of the months, folded: Russian, Ukrainian, English; as they stand alone, beside a day, and shortened.
MONTHS = (
    "январь января янв січень січня січ january jan",
    "февраль февраля февр фев лютий лютого лют february feb",
    "март марта мар березень березня берез бер march mar",
    "апрель апреля апр квітень квітня квіт кві april apr",
    "май мая травень травня трав тра may",
    "июнь июня июн червень червня черв чер june jun",
    "июль июля июл липень липня лип july jul",
    "август августа авг серпень серпня серп сер august aug",
    "сентябрь сентября сент сен вересень вересня верес вер september sept sep",
    "октябрь октября окт жовтень жовтня жовт жов october oct",
    "ноябрь ноября нояб ноя листопад листопада лист лис november nov",
    "декабрь декабря дек грудень грудня груд гру december dec",
)
_MONTH_OF = {name: str(number) for number, names in enumerate(MONTHS, 1) for name in names.split()}

_TIME = (
    r"(?: ?(?:г|р|года|року)\.?,?)?"
    r"(?:(?:t|,? (?:(?:в|о|at) )?)\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
    r"(?: ?[ap]\.?m\.?)?(?: ?(?:z|utc|gmt|[+-]\d{2}:?\d{2}))?)?$"
)
_YEAR = r"(\d{4}|\d{2})"
_NOTHING = r"^0{1,4}[-./]0{1,2}[-./]0{1,4}(?:$|[t ])"
_EXCEL_ZERO = pl.date(1899, 12, 30)  # day 0 for every serial after February 1900, which Excel counts one day too long
_SERIALS = (20_000, 60_000)  # 1954-10-03 to 2064-04-08; smaller and larger numbers are likelier something else


@normalizer("date")
def date(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return days as ISO 8601 text.

    Reads ISO, day.month.year, slashes, compact 20240305, month names in three languages, and Excel serials. Days with
    slashes that could be two are `date.ambiguous`, unless others of `values` prove day or month first; dashes follow
    `settings.date_order`. Impossible days are `date.invalid`, 00.00.0000 is `value.placeholder`; all three give null.

    >>> date(pl.Series(["5 марта 2024", "05.03.24"]), Settings())["clean"].to_list()
    ['2024-03-05', '2024-03-05']
    """
    frame = prepared(values, settings)
    frame = frame.with_columns(fold=folds(frame["text"]))
    frame = frame.with_columns(
        pl.coalesce(*_readings(frame, settings)).alias("day"), nothing=pl.col("fold").str.contains(_NOTHING)
    )
    frame = frame.with_columns(clean=pl.coalesce(_serial(), _iso(settings.year_pivot))).with_columns(code=_code())
    return answered(frame.with_columns(rule=changed("date.iso")))


def _readings(frame: pl.DataFrame, settings: Settings) -> list[pl.Expr]:
    """Return the ways to read a day, each a struct of texts (y, m, d), null where it does not apply."""
    slash = rf"^(\d{{1,2}})/(\d{{1,2}})/{_YEAR}{_TIME}"
    dash = rf"^(\d{{1,2}})-(\d{{1,2}})-(\d{{4}}){_TIME}"
    return [
        _matched(rf"^(\d{{4}})[-./](\d{{1,2}})[-./](\d{{1,2}}){_TIME}", "ymd"),
        _matched(rf"^(\d{{1,2}})\.(\d{{1,2}})\.{_YEAR}{_TIME}", "dmy"),
        _matched(r"^((?:19|20)\d{2})(\d{2})(\d{2})$", "ymd"),
        _matched(slash, _slash_order(frame, slash)),
        _matched(dash, settings.date_order.lower()),
        _matched(rf"^(?:\p{{L}}+\.?,? )?(\d{{1,2}})(?:st|nd|rd|th)?[ .-]+(\p{{L}}+)\.?,?[ .-]+{_YEAR}{_TIME}", "dmy"),
        _matched(rf"^(?:\p{{L}}+\.?,? )?(\p{{L}}+)\.? (\d{{1,2}})(?:st|nd|rd|th)?,? {_YEAR}{_TIME}", "mdy"),
    ]


def _matched(pattern: str, order: str) -> pl.Expr:
    """Return (y, m, d) of the groups of `pattern`, named by `order`; "?" for one that only fits where both agree."""
    groups = pl.col("fold").str.extract_groups(pattern)
    first, second, third = (groups.struct.field(str(number)) for number in (1, 2, 3))
    if order == "?":
        day_first = first.cast(pl.Int64, strict=False) > 12  # noqa: PLR2004 - months
        month = pl.when(day_first).then(second).otherwise(first)
        day = pl.when(day_first).then(first).otherwise(second)
        known = day_first | (second.cast(pl.Int64, strict=False) > 12) | (first == second)  # noqa: PLR2004 - months
        parts = {"y": third, "m": pl.when(known).then(month).otherwise(pl.lit("?")), "d": day}
    else:
        parts = dict(zip(order, (first, second, third), strict=True))
    return pl.when(third.is_not_null()).then(
        pl.struct(parts["y"].alias("y"), parts["m"].alias("m"), parts["d"].alias("d"))
    )


def _slash_order(frame: pl.DataFrame, pattern: str) -> str:
    """Return the order of days with slashes that the column proves: "dmy", "mdy", or "?" for neither or both."""
    groups = frame["fold"].str.extract_groups(pattern).struct.unnest().cast(pl.Int64, strict=False)
    first, second, _ = groups.get_columns()
    day_first = bool(((first > 12) & (first <= 31) & (second <= 12)).any())  # noqa: PLR2004 - months and days
    month_first = bool(((second > 12) & (second <= 31) & (first <= 12)).any())  # noqa: PLR2004 - months and days
    return {(True, False): "dmy", (False, True): "mdy"}.get((day_first, month_first), "?")


def _iso(pivot: int) -> pl.Expr:
    """Return the ISO text of `day`, null where there is no such day; years of two digits above `pivot` are 19xx."""
    year, month, day = (pl.col("day").struct.field(part) for part in "ymd")
    century = pl.when(year.cast(pl.Int64, strict=False) > pivot).then(pl.lit("19")).otherwise(pl.lit("20"))
    full_year = pl.when(year.str.len_chars() == 2).then(century + year).otherwise(year)  # noqa: PLR2004 - digits
    number = pl.coalesce(month.replace_strict(_MONTH_OF, default=None, return_dtype=pl.String), month)
    text = pl.concat_str(full_year, number.str.zfill(2), day.str.zfill(2), separator="-")
    return text.str.to_date("%Y-%m-%d", strict=False).dt.to_string("iso")


def _serial() -> pl.Expr:
    """Return the day of an Excel serial number ("45356" or "45356.0"), null for anything else."""
    number = pl.col("fold").str.extract(r"^(\d{5})(?:\.0+)?$").cast(pl.Int64)
    day = _EXCEL_ZERO + pl.duration(days=number)
    return pl.when(number.is_between(*_SERIALS)).then(day.dt.to_string("iso"))


def _code() -> pl.Expr:
    """Return what there is to say about a value that gave no day."""
    return (
        pl.when(pl.col("text").is_null() | pl.col("clean").is_not_null())
        .then("code")
        .when("nothing")
        .then(pl.lit("value.placeholder"))
        .when(pl.col("day").struct.field("m") == "?")
        .then(pl.lit("date.ambiguous"))
        .otherwise(pl.lit("date.invalid"))
    )
