"""Rows of a journal as deals and purchases. Amounts are exact: digits to whole ten-thousandths, never a float."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings, model

if TYPE_CHECKING:
    from crmtool.core.deal_rules import Deals

FIELDS = ("title", "product", "amount", "currency", "stage", "owner", "opened_on", "closed_on")
ASKED = (("amount", "title", "product", "stage"),)
_WRITTEN = r"^(-?)(\d+)(?:\.(\d+))?(?: ([A-Z]{3}))?$"
_PLACES = len(str(model.MONEY)) - 1
_WHOLE = 14  # digits before the point that are kept: 2^63 / MONEY has one more


def built(rows: pl.DataFrame, rules: Deals) -> pl.DataFrame:
    """Return rows of a journal (`cells.Cleaned.rows`) with the columns of a deal, but whom it is about.

    Adds `wrong`, the code of a finding that keeps a row out: an amount that does not fit.
    """
    names = [name for name in (*FIELDS, "email", "phone", "messenger") if name not in rows.columns]
    frame = rows.with_columns(pl.lit(None, pl.String).alias(name) for name in names)
    money = parts(frame["amount"])
    frame = frame.with_columns(
        amount=money["amount"],
        currency=pl.coalesce("currency", pl.lit(money["currency"]), pl.lit(rules.currency, pl.String)),
        wrong=money["wrong"],
    )
    return _closed(frame, rules)


def parts(amounts: pl.Series) -> pl.DataFrame:
    """Return amounts of the normalizer `money` as whole ten-thousandths (columns amount, currency, wrong).

    `wrong` is the code of a finding where an amount has more decimals than are kept, or is too large.

    >>> parts(pl.Series(["1234.56 RUB", "0.00001", None])).rows()
    [(12345600, 'RUB', None), (None, None, 'money.exceeds'), (None, None, None)]
    """
    split = amounts.alias("amount").to_frame().select(pl.col("amount").str.extract_groups(_WRITTEN)).unnest("amount")
    sign, whole, decimals, currency = (pl.col(str(n)) for n in range(1, 5))
    rest = decimals.fill_null("").str.strip_chars_end("0")
    fits = (whole.str.len_chars() <= _WHOLE) & (rest.str.len_chars() <= _PLACES)
    units = (whole + rest.str.pad_end(_PLACES, "0")).cast(pl.Int64, strict=False)
    signed = pl.when(sign == "-").then(-units).otherwise(units)
    given = pl.lit(amounts).is_not_null()
    return split.select(
        amount=pl.when(fits).then(signed),
        currency=pl.when(fits).then(currency),
        wrong=pl.when(given & ~fits.fill_null(value=False)).then(pl.lit("money.exceeds")),
    )


def _closed(frame: pl.DataFrame, rules: Deals) -> pl.DataFrame:
    """Give deals that are won or lost the day they were, where the file says only when they began.

    A row without a stage that has a day it was closed on is a purchase.
    """
    won = pl.lit(rules.won[0] if rules.won else None, pl.String)
    stage = pl.coalesce("stage", pl.when(pl.col("closed_on").is_not_null()).then(won))
    ended = stage.is_in([*rules.won, *rules.lost])
    return frame.with_columns(stage=stage, closed_on=pl.when(ended).then(pl.coalesce("closed_on", "opened_on")))


def broken(frame: pl.DataFrame, rules: Deals) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return findings that keep rows out, and those that do not: currencies and stages that the rules do not have."""
    odd = frame.filter(pl.col("wrong").is_not_null()).select("row", code="wrong", column=pl.lit("amount"))
    listed = [*rules.currencies]
    foreign = frame.filter(pl.col("currency").is_not_null() & ~pl.col("currency").is_in(listed) & bool(listed))
    states = rules.states()
    strange = frame.filter(pl.col("stage").is_not_null() & ~pl.col("stage").is_in([*states]))
    said = findings.joined(
        findings.found(foreign.select("row", value="currency"), "currency.other"),
        findings.found(strange.select("row", value="stage"), "stage.stateless"),
    )
    return findings.found(odd), said


def money(amount: int | None, currency: str | None = None) -> str:
    """Return an amount as people read it.

    >>> money(12_345_600, "RUB"), money(-5_000), money(10_000, "USD")
    ('1 234.56 RUB', '-0.50', '1.00 USD')
    """
    if amount is None:
        return ""
    whole, rest = divmod(abs(amount), model.MONEY)
    digits = f"{rest:0{_PLACES}d}"
    text = f"{'-' if amount < 0 else ''}{whole:,}.{digits[:2]}{digits[2:].rstrip('0')}".replace(",", " ")
    return f"{text} {currency}" if currency else text
