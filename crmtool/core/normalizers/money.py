"""Amounts of money: digits with a decimal point, then the currency: 1234.56 RUB. Text throughout, never a float.

A comma or a full stop before three digits ("1,234") may part thousands or decimals: it parts thousands where another
value of the column proves that, else it stays open. To add a currency or a name of one: `_CURRENCIES`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import polars as pl

from crmtool.core.folding import folds
from crmtool.core.normalizers.cells import answered, changed, prepared
from crmtool.core.normalizers.registry import Settings, normalizer

EXTRA: dict[str, pl.DataType] = {"amount": pl.String(), "currency": pl.String()}  # 1234.56; ISO 4217

#: ISO 4217 code -> signs and beginnings of names, folded; a name of three letters and less has to be whole.
_CURRENCIES_TEXT = """
RUB ₽ р руб рубл rub rur
UAH ₴ грн гривн гривен uah
BYN br byn бел.руб
KZT ₸ тг тенге kzt
USD $ us$ usd долл dollar бакс
EUR € eur евро євро euro
GBP £ gbp фунт pound
PLN zł zl pln злот
CHF chf франк
TRY ₺ try
GEL ₾ gel лари
AMD ֏ amd драм
AZN ₼ azn манат
UZS uzs сум
KGS kgs сом
MDL mdl лей
CZK kč czk крон
ILS ₪ ils шекел
INR ₹ inr
CNY cny юан
JPY jpy
CAD cad c$
AUD aud a$
AED aed дирхам
"""
_CURRENCIES = {
    name: line.split()[0]
    for line in _CURRENCIES_TEXT.split("\n")
    if line
    for name in (line.split()[0].lower(), *line.split()[1:])
}
_POWERS = {"тыс": 3, "тис": 3, "к": 3, "k": 3, "thousand": 3, "млн": 6, "m": 6, "mln": 6, "million": 6, "млрд": 9}
_WHOLE = 3  # letters; a shorter word has to be the whole name of a currency

_NUMBER = r"\d[\d .,']*\d|\d"
_AMOUNT = re.compile(
    rf"(?P<open>\()?(?P<minus>-)?\s*(?P<front>[^\d\s()-]{{1,4}}?)?\s*(?P<minus_behind>-)?\s*(?P<number>{_NUMBER})"
    r"(?:[.,]?-{1,2})?\s*(?P<power>тыс|тис|млн|млрд|thousand|million|mln|[kкm])?\.?\s*(?P<behind>[^\d()-]*?)[.\s]*(?P<close>\))?"
)
_COINS = re.compile(r"(?P<whole>\d[\d ]*)\s*(?P<name>руб\w*|р|грн|гривн\w*)\.?,?\s*(?P<coins>\d{1,2})\s*коп\w*\.?")
_DECIMAL = re.compile(r"\d+[.,]\d{1,2}|0[.,]\d+|\d{4,}[.,]\d+")  # the mark can only part decimals
_GROUPED = re.compile(
    r"[1-9]\d{0,2}(?:([ '.,])\d{3})(?:\1\d{3})*([.,]\d{1,2})?|[1-9]\d?(?:,\d{2})+,\d{3}([.,]\d{1,2})?"
)


class _Written(NamedTuple):
    """What stands in a cell: the digits with their marks, the sign, the power of ten, the currency."""

    number: str
    minus: bool
    power: int
    currency: str | None


@normalizer("money")
def money(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return amounts as "1234.56 RUB" (without a currency where none is written); adds the parts of `EXTRA`.

    What may be 1234 or 1.234 is money.ambiguous, what is no amount money.invalid; both give null.

    >>> money(pl.Series(["1 234,56 ₽", "12 тыс. руб.", "1,234.5 USD"]), Settings())["clean"].to_list()
    ['1234.56 RUB', '12000 RUB', '1234.5 USD']
    """
    frame = prepared(values, settings).with_columns(fold=folds(values))
    frame = frame.with_columns(fold=pl.when(pl.col("text").is_not_null()).then("fold"))
    written = {fold: _written(fold) for fold in frame["fold"].drop_nulls().unique()}
    thousands = {mark for each in written.values() if each for mark in _proven(each.number)}
    rows = [(fold, *_read(each, thousands)) for fold, each in written.items()]
    schema = dict.fromkeys(("fold", "amount", "currency", "said"), pl.String)
    frame = frame.join(pl.DataFrame(rows, schema=schema, orient="row"), on="fold", how="left", maintain_order="left")
    clean = pl.concat_str("amount", "currency", separator=" ", ignore_nulls=True)
    frame = frame.with_columns(clean=pl.when(pl.col("amount").is_not_null()).then(clean))
    return answered(frame.with_columns(code=pl.coalesce("code", "said"), rule=changed("money.format")), EXTRA)


def _written(fold: str) -> _Written | None:
    """Return the parts of a folded text, None where it is no single amount."""
    if coins := _COINS.fullmatch(fold):
        return _Written(f"{coins['whole'].replace(' ', '')}.{coins['coins']:0>2}", False, 0, _currency(coins["name"]))
    found = _AMOUNT.fullmatch(fold)
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    names = [name.strip(" .,") for name in (found["front"], found["behind"]) if name and name.strip(" .,")]
    currencies = {_currency(name) for name in names}
    if None in currencies or len(currencies) > 1:
        return None
    minus = bool(found["minus"] or found["minus_behind"] or found["open"])
    return _Written(found["number"], minus, _POWERS.get(found["power"] or "", 0), next(iter(currencies), None))


def _currency(name: str) -> str | None:
    """Return the ISO 4217 code of a name as it is written, None where it is not known.

    >>> _currency("рублей"), _currency("грн"), _currency("foo")
    ('RUB', 'UAH', None)
    """
    if name in _CURRENCIES:
        return _CURRENCIES[name]
    return next((code for known, code in _CURRENCIES.items() if len(known) > _WHOLE and name.startswith(known)), None)


# --- digits ---


def _proven(number: str) -> set[str]:
    """Return the marks that a number proves to part thousands: those that come twice, or before another mark."""
    marks = re.sub(r"[\d ']", "", number)
    return {marks[0]} if len(marks) > 1 and _GROUPED.fullmatch(number) else set()


def _read(written: _Written | None, thousands: set[str]) -> tuple[str | None, str | None, str | None]:
    """Return amount, currency and code of what is written; `thousands` are the marks the column proves to part them."""
    if written is None:
        return None, None, "money.invalid"
    digits = _digits(written.number, thousands)
    if digits is None or not digits.strip("?"):
        return None, None, "money.invalid" if digits is None else "money.ambiguous"
    amount = _shifted(digits, written.power)
    return ("-" if written.minus and amount.strip("0.") else "") + amount, written.currency, None


def _digits(number: str, thousands: set[str]) -> str | None:
    """Return plain digits with a decimal point, "?" for what could be two numbers, None for no number."""
    if number.isdigit():
        return number.lstrip("0") or "0"
    plain = number.replace(" ", "").replace("'", "")
    if _DECIMAL.fullmatch(number) or (plain != number and _GROUPED.fullmatch(number) and _DECIMAL.fullmatch(plain)):
        whole, _, rest = plain.replace(",", ".").partition(".")
        return f"{whole.lstrip('0') or '0'}.{rest}"
    if not _GROUPED.fullmatch(number):
        return None
    marks = re.sub(r"\d", "", number)
    if len(marks) == 1 and marks in ",." and marks not in thousands:
        return "?"
    decimal = re.search(r"[.,](\d{1,2})$", number)
    whole = re.sub(r"\D", "", number[: decimal.start()] if decimal else number)
    return whole + (f".{decimal[1]}" if decimal else "")


def _shifted(digits: str, power: int) -> str:
    """Return digits times ten to a power, without a float.

    >>> _shifted("1.5", 3), _shifted("12", 6)
    ('1500', '12000000')
    """
    if not power:
        return digits
    whole, _, rest = digits.partition(".")
    moved = whole + rest[:power].ljust(power, "0")
    behind = rest[power:].rstrip("0")
    return (moved.lstrip("0") or "0") + (f".{behind}" if behind else "")
