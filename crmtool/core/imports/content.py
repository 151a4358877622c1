"""What the cells of a column look like: cheap tests on a sample of its distinct values.

A look is the share of the values that pass its test. To add one: a pattern in `_PATTERNS` or a test in `looks`, and
what it is evidence for in `guessing`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.folding import folds
from crmtool.core.normalizers.name_words import Code, code_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmtool.core.rules import Vocabulary

#: What one word is by itself; for a sample that is enough, whatever the splitting of whole names knows beside.
_GIVEN = {Code.MALE, Code.FEMALE, Code.UNISEX}
_RARE = {Code.RARE_MALE, Code.RARE_FEMALE}  # words too, but not where a name begins
_FAMILY = {code for name, code in vars(Code).items() if "FAMILY" in name}
_NO_NAME = {code for name, code in vars(Code).items() if name in {"FOREIGN", "NO_NAME", "LEGAL", "NOBODY"}}
_PATRONYMIC = {Code.PATRONYMIC_MALE, Code.PATRONYMIC_FEMALE}

MOST = 300  # distinct values are enough to know a column by: a share of four in five is then right to one in twenty
_ROWS = 3000  # the first filled cells they are taken from
_NAMES = 200  # values that are taken apart into words

_LEGAL = (
    r"ооо|оао|зао|пао|ао|нко|нпо|гуп|муп|фгуп|ип|чп|тоо|тов|прат|пат|дп|пп|фоп|кп|llc|ltd|inc|corp|gmbh|ag|plc|s\.?a|co"
)
_PATTERNS = {
    "email": r"^(?:[^@<>]*<)?[^@\s<>]+@[^@\s]+\.[\p{L}-]{2,}\W*(?:[;,\s].*)?$",
    "phone": r"^(?:p:|tel:)?[\s(+]*\d[\d\s().\-–/+]*\d(?:\D{0,8}\d{1,6})?$",
    "date": r"^(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./-]\d{1,2}[./-]\d{1,2})(?:[ t,].*)?$",
    "site": r"^(?:https?://|www\.)\S+$|^(?:[\w-]+\.)+(?:ru|рф|com|ua|укр|org|net|by|kz|io|info|biz|me|su)(?:/\S*)?$",
    "yes_no": r"^(?:да|нет|так|ні|yes|no|true|false|y|n|1|0|\+|-|on|off|есть|є|немає|истина|ложь)$",
    "handle": r"^@[a-z]\w{3,}$",
    "postcode": r"^\d{5,6}(?:-\d{4})?$",
    "company": rf"^[\"«„]?(?:{_LEGAL})[\s.,\"«„]|[\s,\"»“](?:{_LEGAL})[\".]?$",
    "number": r"^-?\d+(?:[.,]\d+)?$",
}
_DIGITS = range(7, 16)  # of a phone number, with its country or without
_AMOUNT = r"^\d{1,3}(?: \d{3}){1,2}(?:[.,]\d+)?$"  # 1 000 000
_BARE = r"^(?:[78]\d{10}|[09]\d{9}|380\d{9}|375\d{9}|99[68]\d{9}|77\d{9})$"  # digits alone, yet a phone's
_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*\.?")
_INITIALS = re.compile(r"(?:[^\W\d_]\.){2,}")
_MOST_WORDS = 5
_SEVERAL = 3  # values; fewer may all be odd ones


def sampled(cells: pl.Series) -> pl.Series:
    """Return up to `MOST` distinct filled cells, from the first ones."""
    return cells.drop_nulls().head(_ROWS).str.strip_chars().unique(maintain_order=True).head(MOST)


def folded_words(vocabulary: Vocabulary) -> pl.Series:
    """Return the words of a vocabulary as `looks` compares them."""
    return folds(pl.Series([word for value, others in vocabulary.values.items() for word in (value, *others)]))


def looks(values: pl.Series, vocabularies: Mapping[str, pl.Series]) -> dict[str, float]:
    """Return look -> share of the values that have it; a vocabulary, as folded words, is a look under its own name.

    "several" is 1 where there are enough values to go by.

    >>> looks(pl.Series(["ada@mail.ua", "ivan@x.ru"]), {})["email"]
    1.0
    """
    fold = folds(values.rename("fold"))
    fold = fold.filter((fold != "") & fold.is_not_null())
    if fold.is_empty():
        return {}
    tests = {name: pl.col("fold").str.contains(pattern) for name, pattern in _PATTERNS.items()}
    tests["phone"] = tests["phone"] & ~tests["date"] & _like_a_number()
    tests |= {name: pl.col("fold").is_in(words.implode()) for name, words in vocabularies.items()}
    shares = fold.to_frame().select(test.mean().alias(name) for name, test in tests.items()).row(0, named=True)
    tax_ids = sum(map(_tax_id, fold.filter(fold.str.contains(r"^(?:\d{10}|\d{12})$")))) / fold.len()
    return {**shares, **_names(values.head(_NAMES)), "tax_id": tax_ids, "several": float(fold.len() >= _SEVERAL)}


def _like_a_number() -> pl.Expr:
    """Tell whether a value of digits is a phone: it is written like one, or has the digits of one."""
    digits = pl.col("fold").str.replace_all(r"\D", "")
    written = pl.col("fold").str.contains(r"[+()\s-]") & digits.str.len_chars().is_in([*_DIGITS, 20, 21, 22, 23, 24])
    return (written & ~pl.col("fold").str.contains(_AMOUNT)) | digits.str.contains(_BARE)


def _tax_id(digits: str) -> bool:
    """Tell whether ten or twelve digits are a Russian tax number, by its check digits.

    Source of the weights: order of the Federal Tax Service MMV-7-6/435.
    """
    weights = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
    places = (9,) if len(digits) == 10 else (10, 11)  # noqa: PLR2004  # of a company; a person's has two check digits
    return all(_check(digits[:place], weights[-place:]) == int(digits[place]) for place in places)


def _check(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11 % 10


def _names(values: pl.Series) -> dict[str, float]:
    """Return the shares of values that are whole names, given names, family names and patronymics."""
    found = [_name(value) for value in values]
    return {look: found.count(look) / len(found) for look in ("full_name", "given_name", "family_name", "patronymic")}


def _name(value: str) -> str | None:
    """Return what part of a name a value looks like, or "full_name", or None."""
    parts = value.replace(",", " ").split()
    if not 1 <= len(parts) <= _MOST_WORDS or not all(_WORD.fullmatch(part) for part in _pieces(parts)):
        return None
    codes = {code_of(part) for part in _pieces(parts)}
    if len(_pieces(parts)) == 1:
        return _part(next(iter(codes)))
    sure = codes & (_GIVEN | _PATRONYMIC | {Code.INITIAL, Code.PERHAPS_PATRONYMIC}) or code_of(parts[0]) in _RARE
    return "full_name" if sure and not codes & _NO_NAME else None


def _pieces(parts: list[str]) -> list[str]:
    """Return the words of a name, initials written together apart: "И.П." -> "И.", "П."."""
    return [piece for part in parts for piece in (re.findall(r"..", part) if _INITIALS.fullmatch(part) else [part])]


def _part(code: str) -> str | None:
    kinds = {"given_name": _GIVEN, "patronymic": _PATRONYMIC, "family_name": _FAMILY}
    return next((look for look, codes in kinds.items() if code in codes), None)
