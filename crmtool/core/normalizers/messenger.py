"""Accounts of messengers, one look each: @name for Telegram, E.164 for WhatsApp and Viber, a plain name for Skype.

The messenger is told by the address, by a word before the account, or by the heading; where none of them tells it,
only @names and numbers are brought to a look. To add a messenger: `_WORDS`, and a form in `_LINKS` where it has links.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core.normalizers.cells import answered, prepared
from crmtool.core.normalizers.phone import phone
from crmtool.core.normalizers.registry import normalizer
from crmtool.core.normalizers.site import read

if TYPE_CHECKING:
    from crmtool.core.normalizers.registry import Settings

EXTRA: dict[str, pl.DataType] = {"status": pl.String(), "label": pl.String()}

_WORDS = {
    "telegram": r"telegramm?|телеграмм?|tg|тг|tlg",
    "whatsapp": r"what'?s?[ -]?app|wa|ватсапп?|вотсапп?|вацап",
    "viber": r"viber|вайбер",
    "skype": r"skype|скайп",
    "signal": r"signal|сигнал",
}
_NAMES = "|".join(f"(?P<{name}>{words})" for name, words in _WORDS.items())
_LABEL = re.compile(rf"(?i)^(?:{_NAMES})\b[\s:=\-–—]*(?=.)")
_WEB = r"(?:https?://)?(?:www\.)?"
#: Links whose account is in their group -> messenger.
_LINKS = (
    ("telegram", re.compile(r"(?i)^tg://resolve\?domain=(\w{4,32})")),
    ("telegram", re.compile(rf"(?i)^{_WEB}(?:t\.me|telegram\.(?:me|dog))/(?:s/)?@?(\+?\w{{4,32}})/?(?:\?.*)?$")),
    ("whatsapp", re.compile(rf"(?i)^{_WEB}(?:wa\.me|(?:api\.)?whatsapp\.com)/(?:send/?\?phone=)?(\+?\d{{7,15}})")),
    ("whatsapp", re.compile(r"(?i)^whatsapp://send\?phone=(\+?\d{7,15})")),
    ("viber", re.compile(r"(?i)^viber://(?:chat|add|contact)\?number=(?:%2B|\+)?(\d{7,15})")),
    ("skype", re.compile(r"(?i)^skype:([\w.,:@-]{3,64})(?:\?.*)?$")),
)
_HANDLE = re.compile(r"^@([A-Za-z][\w.]{1,31})$")
_NAME = re.compile(r"^[A-Za-z]\w{3,31}$")
_SKYPE = re.compile(r"(?i)^(?:live:)?[a-z][\w.,@-]{2,63}$|^live:[\w.,@-]{3,63}$")
_NUMBER = re.compile(r"^\+?[\d\s().-]{7,20}$")
_BETWEEN = re.compile(r"\s*[;,|\n]\s*")
_LONGEST = 1_000


class Account(NamedTuple):
    """An account as written: of which messenger, None where nothing tells it; `number` where it is a phone."""

    label: str | None
    clean: str | None
    number: str | None = None


@normalizer("messenger")
def messenger(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return accounts of messengers in one look, one row per account of a cell.

    Adds `status` ("valid", "possible": kept as it stands, "invalid", "unknown") and `label`, the messenger where the
    value names it. A number is read as a phone; one whose country nothing tells is kept as it stands. Code:
    messenger.unclear (kept).

    >>> from crmtool.core.normalizers.registry import Settings
    >>> messenger(pl.Series(["https://t.me/Anna_K", "@Anna_K", "wa.me/79161234567"]), Settings())["clean"].to_list()
    ['@anna_k', '@anna_k', '+79161234567']
    """
    return _answers(values, settings, None)


def _answers(values: pl.Series, settings: Settings, usual: str | None) -> pl.DataFrame:
    """Return what accounts become; `usual` is the messenger where a value names none."""
    cells = prepared(values, settings)
    texts = cells["text"].drop_nulls().unique()
    rows = [(text, n, *account) for text in texts for n, account in enumerate(accounts(text, usual))]
    schema = {"text": pl.String, "seq": pl.Int64, **dict.fromkeys(Account._fields, pl.String)}
    found = pl.DataFrame(rows, schema=schema, orient="row")
    found = found.with_columns(clean=pl.coalesce(_phones(found["number"], settings), "clean"))
    joined = cells.join(found, on="text", how="left", maintain_order="left").with_columns(pl.col("seq").fill_null(0))
    unclear = pl.col("clean").is_null() & pl.col("text").is_not_null()
    told = joined.with_columns(
        clean=pl.coalesce("clean", "number", pl.when(unclear).then("text")),
        code=pl.when(unclear).then(pl.lit("messenger.unclear")).otherwise("code"),
        status=pl.when(pl.col("text").is_null())
        .then(pl.lit("unknown"))
        .when(unclear)
        .then(pl.lit("possible"))
        .otherwise(pl.lit("valid")),
    )
    rule = pl.when(pl.col("clean") != pl.col("value")).then(pl.lit("messenger.format"))
    return answered(told.with_columns(rule=rule), EXTRA)


for _usual in ("telegram", "whatsapp", "viber", "skype"):
    normalizer(_usual)(partial(_answers, usual=_usual))


def _phones(numbers: pl.Series, settings: Settings) -> pl.Series:
    """Return numbers as E.164 where they are valid phones, else null."""
    distinct = numbers.drop_nulls().unique()
    if distinct.is_empty():
        return pl.Series("phone", [None] * len(numbers), pl.String)
    read_ = phone(distinct, settings).filter(pl.col("seq") == 0)
    known = dict(zip(read_["value"], read_["clean"], strict=True))
    return numbers.replace_strict(known, default=None, return_dtype=pl.String)


def accounts(text: str, usual: str | None = None) -> tuple[Account, ...]:
    """Return the accounts of a cell; a cell that holds anything else beside them is one account as it stands."""
    if len(text) > _LONGEST:
        return (Account(None, None),)
    whole = account(text, usual)
    parts = [account(part, usual) for part in _BETWEEN.split(text) if part]
    several = len(parts) > 1 and all(part.clean or part.number for part in parts)
    return tuple(dict.fromkeys(parts)) if several and not whole.clean else (whole,)


def account(text: str, usual: str | None = None) -> Account:
    """Return what one account is.

    >>> account("Телеграм: @Anna_K").clean, account("skype: anna.k").clean, account("anna").clean
    ('@anna_k', 'anna.k', None)
    """
    for label, link in _LINKS:
        if match := link.match(text):
            return _linked(label, match[1])
    if match := _LABEL.match(text):
        inside = account(text[match.end() :], match.lastgroup)
        return inside if inside.clean or inside.number else Account(match.lastgroup, None)
    return _account(usual, text)


def _linked(label: str, written: str) -> Account:
    """Return the account of a link; a number in a link is written without the plus it has."""
    digits = written.removeprefix("+")
    if label == "skype":
        return _account(label, written)
    if digits.isdecimal():
        return Account(label, None, f"+{digits}")
    return Account(label, None if written.startswith("+") else f"@{written.lower()}")


def _account(label: str | None, written: str) -> Account:
    """Return an account of a messenger, or of one that nothing tells."""
    if _NUMBER.match(written):
        return Account(label, None, written)
    if label == "skype":
        return Account(label, written.lower() if _SKYPE.match(written) else None)
    if match := _HANDLE.match(written):
        return Account(label, f"@{match[1].lower()}")
    if label == "telegram" and _NAME.match(written):
        return Account(label, f"@{written.lower()}")
    page = read(written) if "/" in written and "." in written else None
    return Account(label, page.clean if page else None)
