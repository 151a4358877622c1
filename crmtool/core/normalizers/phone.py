"""Phone numbers: E.164 (+79161234567), never a guess.

A cell is split into numbers, each into number and extension; the usual forms of a few countries are read column-wise
(`numbering`), all others by phonenumbers, once per distinct number. A number says its country by a plus, by 00, or by
an unmistakable code and length (`_LED`); else the country must come from `settings.region`. If two readings are both
valid the number is ambiguous. To add a word for extensions: `_EXTENSION_WORDS`; a way to write a country: `_readings`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import phonenumbers
import polars as pl
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from crmtool.core.normalizers.cells import answered, changed, prepared
from crmtool.core.normalizers.numbering import FAST, Plan, plans, type_of
from crmtool.core.normalizers.registry import normalizer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmtool.core.normalizers.registry import Settings

EXTRA: dict[str, pl.DataType] = {"extension": pl.String(), "type": pl.String(), "region": pl.String()}

_EXTENSION_WORDS = r"(?:доб(?:авочный)?|дод(?:атковий)?|внутр(?:енний|ішній)?|вн|доп|ext(?:ension|n)?|[xх#])"
_EXTENSION = rf"(?i)^(.*\d\)?)[\s,;(]*{_EXTENSION_WORDS}[\s.:=№]*(\d{{1,7}})\)?$"
_SEVERAL = r"[;,/|]|\d\s*\+|\d\P{N}*\p{L}\P{N}*\d"  # what a cell with several numbers must hold
_SEPARATOR = re.compile(
    rf"[;/|](?!\s*(?:{_EXTENSION_WORDS}|isub=|phone-context=))|(?<!,),(?![,\s]*{_EXTENSION_WORDS}|,)|(?<=\d)\s*(?=\+)"
    rf"|(?!{_EXTENSION_WORDS}(?![^\W\d_]))(?<![^\W\d_])[^\W\d_]+[.:]?",
    re.IGNORECASE,
)
_LEAST_DIGITS = 5  # a piece with fewer is no number of its own: "123-45-67/68"

_LABEL_BEFORE = r"^[\p{L}\s.:№]+"
_LABEL_AFTER = r"[\s(,.:;-]*\p{Cyrillic}[\p{Cyrillic}\s.)]*$"
_WRITTEN = r"^[(\s]*\+?[\d\s().\-‐-―]*\d[\d\s().\-‐-―]*$"
_SPREADSHEET = r"(?i)^\+?(\d)(?:[.,](\d+))?[eе]\+?(\d{1,2})$"  # 7.9161E+10
_DECIMAL = r"^(\+?\d{10,15})[.,]0+$"

#: Digits that name their country though the plus is missing: code and length fit no other way of writing a number.
_LED = r"^(7)(\d{10})$|^(380|375)(\d{9})$"
_PLAUSIBLE = range(7, 16)  # digits of a number that lacks a country; ITU-T E.164 allows fifteen in all

_TYPES = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_or_mobile",
}


@normalizer("phone")
def phone(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return phone numbers as E.164 text, one row per number of a cell.

    Adds `extension` (digits), `type` ("mobile", "fixed", "toll_free", "fixed_or_mobile" where the plan does not tell
    them apart, "other") and `region` (ISO 3166). Codes: phone.invalid, phone.damaged (lost digits in a spreadsheet),
    phone.ambiguous (no country, or two possible ones); all with null in `clean`.

    >>> from crmtool.core.normalizers.registry import Settings
    >>> phone(pl.Series(["8 (916) 123-45-67 доб. 12"]), Settings(region="RU")).row(0)[2:3]
    ('+79161234567',)
    """
    lines = values.str.replace_all(r"\s*[\r\n]+\s*", "; ")
    cells = prepared(lines, settings).with_columns(value=values)
    numbers = _read_fast(_with_digits(_with_extension(_split(cells))), settings.region)
    slow = numbers.filter(pl.col("clean").is_null() & pl.col("number").is_not_null())
    numbers = numbers.update(_read_slow(slow, settings.region), on="number", how="left")
    usable = pl.when(pl.col("clean").is_not_null())
    return answered(numbers.with_columns(usable.then("extension").alias("extension"), rule=changed(_rule())), EXTRA)


def _split(cells: pl.DataFrame) -> pl.DataFrame:
    """Return one row per number of a cell, with `seq` and `piece`."""
    several = cells.filter(pl.col("text").str.contains(_SEVERAL))["text"].unique()
    pieces = pl.DataFrame(
        {"text": several, "piece": [_pieces(text) for text in several]},
        schema={"text": pl.String, "piece": pl.List(pl.String)},
    )
    single = pl.concat_list("text").alias("piece")
    if pieces.is_empty():
        return cells.with_columns(piece=pl.col("text"), seq=pl.lit(0))
    split = cells.join(pieces, on="text", how="left", maintain_order="left").with_columns(pl.coalesce("piece", single))
    return split.with_columns(seq=pl.int_ranges(pl.col("piece").list.len())).explode("piece", "seq")


def _pieces(text: str) -> list[str]:
    """Return the numbers of a text, each as written.

    >>> _pieces("8(495)123-45-67, моб. +7 916 123-45-67 доб. 3")
    ['8(495)123-45-67', '+7 916 123-45-67 доб. 3']
    """
    spans: list[tuple[int, int]] = []
    begun: int | None = None
    for start, end in _stretches(text):
        enough = sum(map(str.isdigit, text[start:end])) >= _LEAST_DIGITS
        if enough:
            spans.append((start if begun is None else begun, end))
            begun = None
        elif spans:
            spans[-1] = (spans[-1][0], end)
        else:
            begun = start if begun is None else begun
    return [text[start:end].strip() for start, end in spans] or [text]


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of what stands between separators and holds a digit."""
    start = 0
    for match in [*_SEPARATOR.finditer(text), None]:
        end = match.start() if match else len(text)
        if any(map(str.isdigit, text[start:end])):
            yield start, end
        start = match.end() if match else end


def _with_extension(pieces: pl.DataFrame) -> pl.DataFrame:
    """Return `pieces` with `extension` and with `number`, the piece without it and without labels."""
    parts = pl.col("piece").str.extract_groups(_EXTENSION)
    bare = pl.coalesce(parts.struct.field("1"), "piece")
    unlabelled = bare.str.replace(_LABEL_BEFORE, "").str.replace(_LABEL_AFTER, "")
    number = pl.when(bare.str.contains(r"\d")).then(unlabelled).otherwise(bare)
    return pieces.with_columns(extension=parts.struct.field("2"), number=number.str.replace(_DECIMAL, "${1}"))


def _with_digits(numbers: pl.DataFrame) -> pl.DataFrame:
    """Return `numbers` with `digits` (null: not plainly written), `plus`; mended and damaged spreadsheet numbers."""
    parts = pl.col("number").str.extract_groups(_SPREADSHEET)
    whole, decimals, exponent = (parts.struct.field(str(n)) for n in (1, 2, 3))
    damaged = exponent.is_not_null()
    intact = damaged & (decimals.str.len_chars() == exponent.cast(pl.Int64))
    number = pl.when(intact).then(whole + decimals).when(~damaged).then("number")
    code = pl.when(damaged & ~intact.fill_null(value=False)).then(pl.lit("phone.damaged")).otherwise("code")
    numbers = numbers.with_columns(number=number, code=code)
    digits = pl.when(pl.col("number").str.contains(_WRITTEN)).then(pl.col("number").str.replace_all(r"\D", ""))
    return numbers.with_columns(digits=digits, plus=pl.col("number").str.contains(r"^[(\s]*\+"))


def _read_fast(numbers: pl.DataFrame, region: str | None) -> pl.DataFrame:
    """Return `numbers` with `clean`, `type` and `region` where a plan takes them."""
    schemes = plans(region)
    numbers = numbers.with_columns(_code_and_national(schemes, region))
    cc, national = pl.col("number_code"), pl.col("national")
    of_plan = [(scheme, pl.when(cc == scheme.country_code).then(type_of(scheme, national))) for scheme in schemes]
    typed = numbers.with_columns(kind.alias(f"type_{scheme.region}") for scheme, kind in of_plan)
    types = [pl.col(f"type_{scheme.region}") for scheme in schemes]
    regions = [pl.when(kind.is_not_null()).then(pl.lit(s.region)) for s, kind in zip(schemes, types, strict=True)]
    return typed.with_columns(type=pl.coalesce(types), region=pl.coalesce(regions)).with_columns(
        clean=pl.when(pl.col("type").is_not_null()).then(pl.lit("+") + cc + national)
    )


def _code_and_national(schemes: list[Plan], region: str | None) -> list[pl.Expr]:
    """Return `number_code`, the country code, and `national`, the digits after it, for forms that can be read fast."""
    digits, plus = pl.col("digits"), pl.col("plus")
    codes = "|".join(sorted({scheme.country_code for scheme in schemes}))
    with_plus = digits.str.extract_groups(rf"^({codes})(\d+)$")
    led = digits.str.extract_groups(_LED)
    bare = ~plus & pl.lit(region is None or region in FAST)
    code = pl.coalesce(
        pl.when(plus).then(with_plus.struct.field("1")),
        pl.when(bare).then(pl.coalesce(led.struct.field("1"), led.struct.field("3"))),
    )
    national = pl.coalesce(
        pl.when(plus).then(with_plus.struct.field("2")),
        pl.when(bare).then(pl.coalesce(led.struct.field("2"), led.struct.field("4"))),
    )
    own = next((scheme for scheme in schemes if scheme.region == region), None)
    if own:
        home = ~plus & ~digits.str.contains(_LED)
        stripped = digits.str.replace(f"^(?:{own.trunk})", "") if own.trunk else digits
        code = pl.coalesce(code, pl.when(home).then(pl.lit(own.country_code)))
        national = pl.coalesce(national, pl.when(home).then(stripped))
    return [code.alias("number_code"), national.alias("national")]


def _read_slow(numbers: pl.DataFrame, region: str | None) -> pl.DataFrame:
    """Return what phonenumbers says of each distinct number."""
    distinct = numbers["number"].unique()
    rows = [(number, *_judged(number, region)) for number in distinct]
    columns = ("number", "clean", "code", "extension", "type", "region")
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def _judged(number: str, region: str | None) -> tuple[str | None, ...]:
    """Return clean, code, extension, type and region of one number as written."""
    valid = {phonenumbers.format_number(n, PhoneNumberFormat.E164): n for n in _readings(number, region)}
    if len(valid) == 1:
        ((clean, found),) = valid.items()
        kind = _TYPES.get(phonenumbers.number_type(found), "other")
        return clean, None, found.extension, kind, phonenumbers.region_code_for_number(found)
    count = sum(map(str.isdigit, number))
    homeless = region is None and not number.lstrip("( ").startswith("+") and count in _PLAUSIBLE
    return None, "phone.ambiguous" if valid or homeless else "phone.invalid", None, None, None


def _readings(number: str, region: str | None) -> Iterator[PhoneNumber]:
    """Yield every valid reading of a number; its country is written, or is `region`."""
    digits = "".join(filter(str.isdigit, number))
    international = number.lstrip("( ").startswith("+")
    candidates = [(number, region)]
    if not international and re.match(_LED, digits):
        candidates.append(("+" + digits, None))
    if not international and digits.startswith("00"):
        candidates.append(("+" + digits[2:], None))
    if region == "UA" and re.match(r"80\d{9}$", digits):  # Ukraine's long-distance 8 before 0, until 2009
        candidates.append((digits[1:], region))
    for text, home in candidates:
        if found := _parsed(text, home):
            yield found


def _parsed(text: str, region: str | None) -> PhoneNumber | None:
    """Return a valid number, or None."""
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _rule() -> pl.Expr:
    """Return what made a number what it is."""
    mended = pl.col("piece").str.contains(_DECIMAL) | pl.col("piece").str.contains(_SPREADSHEET)
    return (
        pl.when(mended)
        .then(pl.lit("phone.spreadsheet"))
        .when("plus")
        .then(pl.lit("phone.format"))
        .otherwise(pl.lit("phone.country"))
    )
