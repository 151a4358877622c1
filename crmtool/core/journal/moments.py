"""Moments: a day with its time and zone becomes an ISO moment in UTC, a day alone stays a day.

In UTC texts sort as the moments do. What is written without a zone is of the zone given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.normalizers.registry import Settings, normalized

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Forms that leave no doubt, each with its zone or without.
_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M")
_ZONED = ("%Y-%m-%dT%H:%M:%S%#z", "%Y-%m-%d %H:%M:%S%#z", "%Y-%m-%dT%H:%M:%S%.f%#z")
_ISO = "%Y-%m-%dT%H:%M:%S+00:00"
_STAMPS = (r"^(\d{10})$", r"^(\d{13})$")  # seconds and thousandths since 1970
_SINCE = (2001, 2100)  # years in which a number of that length is a moment


def moments(values: pl.Series, zone: str, settings: Settings, form: str | None = None) -> pl.DataFrame:
    """Return distinct texts as moments (columns value, clean, code of a finding).

    `zone` is the IANA name of the zone of times without one; `form` how they are written, as strptime has it.

    >>> moments(pl.Series(["05.10.2026 14:30", "2026-10-05"]), "Europe/Moscow", Settings())["clean"].to_list()
    ['2026-10-05T11:30:00+00:00', '2026-10-05']
    """
    frame = pl.DataFrame({"value": values}).with_columns(text=pl.col("value").str.strip_chars())
    frame = frame.with_columns(quick=_quick(frame["text"], zone, (form,) if form else _FORMS))
    rest = frame.filter(pl.col("quick").is_null()).select("value", "text")
    slow = _slow(rest, zone, settings)
    both = frame.join(slow, on="value", how="left", maintain_order="left")
    return both.select("value", clean=pl.coalesce(pl.col("quick").dt.strftime(_ISO), "slow"), code="code")


def by_clock(stored: pl.Expr, zone: str) -> pl.Expr:
    """Return stored moments as the clock of a zone shows them, to the minute; a day alone as it is.

    >>> pl.select(by_clock(pl.lit("2026-10-05T11:30:00+00:00"), "Europe/Moscow")).item()
    '2026-10-05 14:30'
    """
    moment = stored.str.to_datetime("%Y-%m-%dT%H:%M:%S%:z", strict=False).dt.convert_time_zone(zone)
    return pl.coalesce(moment.dt.strftime("%Y-%m-%d %H:%M"), stored)


def _quick(texts: pl.Series, zone: str, forms: Iterable[str]) -> pl.Series:
    """Return moments in the first form that reads them, null for texts in none; most files have one form."""
    found = pl.Series([None], dtype=pl.Datetime("us", "UTC")).new_from_index(0, texts.len())
    for form in forms:
        left = pl.when(pl.lit(found).is_null()).then(pl.lit(texts))
        found = pl.select(pl.coalesce(pl.lit(found), _utc(_naive(left, form), zone))).to_series()
        if found.null_count() == texts.null_count():
            break
    return found


def _naive(text: pl.Expr, form: str) -> pl.Expr:
    return text.str.to_datetime(form, strict=False, exact=True, time_unit="us")


def _utc(naive: pl.Expr, zone: str) -> pl.Expr:
    """Return a clock's time as a moment; of an hour that comes twice the first, of one that is left out none."""
    return naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")


def _slow(rest: pl.DataFrame, zone: str, settings: Settings) -> pl.DataFrame:
    """Return what the forms do not read (columns value, slow, code): zones, numbers of seconds, words for months."""
    known = pl.coalesce(*(_zoned(form) for form in _ZONED), *_stamps())
    rest = rest.with_columns(known=known)
    if not rest["known"].null_count():
        return rest.select("value", slow=pl.col("known").dt.strftime(_ISO), code=pl.lit(None, pl.String))
    dates = normalized("date", rest.filter(pl.col("known").is_null())["value"], settings)
    clock = pl.col("time").str.replace(r"^(\d):", "0$1:").str.replace(r"^(\d\d:\d\d)$", "$1:00")
    naive = (pl.col("clean") + "T" + clock).str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False)
    there = (pl.col("clean") + "T" + clock + pl.col("zone").replace("Z", "+00:00")).str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%#z", strict=False
    )
    whole = pl.col("precision") == "day"
    gone = _utc(naive - pl.duration(hours=1), zone) + pl.duration(hours=1)  # the clock went past this hour
    at = pl.coalesce(there, pl.when(pl.col("zone").is_null()).then(pl.coalesce(_utc(naive, zone), gone)))
    read = dates.filter(pl.col("seq") == 0).select(
        "value",
        text=pl.when(whole).then(pl.coalesce(at.dt.strftime(_ISO), "clean")),
        code=pl.when(whole.fill_null(value=False)).then(None).otherwise(pl.coalesce("code", pl.lit("date.partial"))),
    )
    both = rest.join(read, on="value", how="left", maintain_order="left")
    slow = pl.coalesce(pl.col("known").dt.strftime(_ISO), pl.col("text_right"))
    return both.select("value", slow=slow, code=pl.when(pl.col("known").is_null()).then("code"))


def _zoned(form: str) -> pl.Expr:
    text = pl.col("text").str.replace(r" ?UTC$", "+00:00")
    return text.str.to_datetime(form, strict=False, time_unit="us").dt.convert_time_zone("UTC")


def _stamps() -> list[pl.Expr]:
    seconds, thousandths = (pl.col("text").str.extract(pattern, 1).cast(pl.Int64) for pattern in _STAMPS)
    moments = (pl.from_epoch(seconds, "s"), pl.from_epoch(thousandths, "ms"))
    return [
        pl.when(at.dt.year().is_between(*_SINCE)).then(at.cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
        for at in moments
    ]
