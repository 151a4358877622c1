"""Tax and register numbers: bare digits or letters, told apart and checked by their check digits.

Numbers of digits alone are checked column-wise; those that begin with a country (IBAN, VAT of the European Union) by
python-stdnum. A number is kept as it stands where its check digits are wrong, or where a spreadsheet took its leading
zeros: what was meant is only suggested. To add a number of digits: its length and test in `_TESTS`; the word people
write in front of it: `_SAID`.

Sources of the weights: ИНН, order MMV-7-6/435 of the Federal Tax Service; ОГРН, decree 438 of the Russian government;
ЄДРПОУ and РНОКПП as in python-stdnum; БИН and ИИН, rules 406 of the government of Kazakhstan of 22 May 2007; УНП, the
tax ministry of Belarus.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.folding import folded
from crmtool.core.normalizers.cells import answered, changed, prepared
from crmtool.core.normalizers.registry import normalizer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmtool.core.normalizers.registry import Settings

EXTRA: dict[str, pl.DataType] = {
    "type": pl.String(),  # "ru.inn", "ua.edrpou", "iban" ...; null: not told
    "country": pl.String(),  # ISO 3166 code
    "status": pl.String(),  # "valid", "possible", "ambiguous" (of two countries), "invalid", "damaged", "unknown"
    "kpp": pl.String(),  # what stands behind a Russian number: ИНН/КПП
}

#: Words in front of a number, folded, and the types they name; none: they say nothing.
_SAID: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("инн/кпп", "инн", "inn"), ("ru.inn",)),
    **dict.fromkeys(("кпп", "kpp"), ("ru.kpp",)),
    **dict.fromkeys(("огрн", "огрнип", "ogrn", "ogrnip"), ("ru.ogrn",)),
    **dict.fromkeys(("єдрпоу", "едрпоу", "егрпоу", "edrpou"), ("ua.edrpou",)),
    **dict.fromkeys(("рнокпп", "рнокпп/іпн", "іпн", "ипн"), ("ua.rnokpp",)),
    **dict.fromkeys(("бин", "иин", "бин/иин", "иин/бин", "жсн", "бсн", "bin", "iin"), ("kz.bin", "kz.iin")),
    **dict.fromkeys(("унп", "упн"), ("by.unp",)),
    "ein": ("us.ein",),
    **dict.fromkeys(("vat", "vat id", "vat no", "vat number", "tin", "tax id", "iban", "код", "код єдрпоу", "no"), ()),
}
_NAMED = {word: types[0] for word, types in _SAID.items() if types}
_WORDS = "|".join(sorted(map(re.escape, _SAID), key=len, reverse=True)).replace(r"\ ", " ")
_IN_FRONT = rf"(?i)^({_WORDS})?[\s.:№#-]*(.*?)$"
_SCIENTIFIC = r"^(\d)[.,](\d+)[eе]\+?(\d+)$"
_KPP = r"^\d{4}[0-9A-Z]{2}\d{3}$"
_LOST = ((9, 10), (11, 12), (7, 8), (6, 8), (5, 8))  # digits left, digits a number should have
_FEWEST = 5

_INN = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_UNP = (29, 23, 19, 17, 13, 7, 5, 3)


@normalizer("tax_id")
def tax_id(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return numbers without words, spaces and dashes; adds `type`, `country`, `status` and `kpp` (see `EXTRA`).

    Where a number fits the check digits of two countries, `settings.region` decides, then what the other numbers of
    the column prove. Codes, with the number kept: tax_id.invalid, tax_id.damaged (`suggestion` has the leading zeros
    again), tax_id.unknown; without: cell.damaged for 7.7E+09.

    >>> from crmtool.core.normalizers.registry import Settings
    >>> tax_id(pl.Series(["ИНН 770 708 3893.0"]), Settings()).select("clean", "type", "status").row(0)
    ('7707083893', 'ru.inn', 'valid')
    """
    frame = _read(prepared(values, settings))
    told = _told(frame, settings.region)
    lettered = _lettered(told.filter(pl.col("number").str.contains(r"[A-Z]"))["number"].unique())
    told = told.join(lettered, on="number", how="left", maintain_order="left").with_columns(
        clean=pl.when("cut").then(None).otherwise(pl.coalesce("checked", "digits", "text")),
        type=pl.coalesce("checked_type", "type"),
        status=pl.coalesce("checked_status", "status"),
    )
    told = told.with_columns(country=_country(), code=_code())
    return answered(told.with_columns(rule=changed("tax_id.format")), EXTRA)


# --- reading ---


def _read(cells: pl.DataFrame) -> pl.DataFrame:
    """Return `cells` with what is read of each number.

    `said` is the word in front, folded; `number` the bare number, `digits` the same where it has only digits; `kpp`
    what stands behind it; `cut` tells a power of ten of a spreadsheet that lost digits.
    """
    parts = pl.col("text").str.replace(r"^'", "").str.extract_groups(_IN_FRONT)
    frame = cells.with_columns(word=parts.struct.field("1"), rest=parts.struct.field("2"))
    words = {word: folded(word) for word in frame["word"].drop_nulls().unique()}
    pair = pl.col("rest").str.extract_groups(r"^(\d{10}|\d{12})\s*[/\\,;]\s*(?:(?i:кпп)[\s.:]*)?(\d{9})$")
    power = pl.col("rest").str.to_lowercase().str.extract_groups(_SCIENTIFIC)
    whole = power.struct.field("2").str.len_chars() == power.struct.field("3").cast(pl.Int64, strict=False)
    mantissa = pl.concat_str(power.struct.field("1"), power.struct.field("2"))
    frame = frame.with_columns(
        said=pl.col("word").replace_strict(words, default=None, return_dtype=pl.String),
        kpp=pair.struct.field("2"),
        cut=power.struct.field("1").is_not_null() & ~whole,
        number=pl.coalesce(pair.struct.field("1"), pl.when(whole).then(mantissa), _bare(pl.col("rest"))),
    )
    nothing = pl.col("number").is_in([digit * length for digit in "0123456789" for length in range(1, 16)])
    return frame.with_columns(
        pl.when(~nothing).then("text").alias("text"),
        pl.when(nothing).then(pl.lit("value.placeholder")).otherwise("code").alias("code"),
        digits=pl.when(~nothing & pl.col("number").str.contains(r"^\d+$")).then("number"),
    )


def _bare(text: pl.Expr) -> pl.Expr:
    """Return a number in capitals without what parts its digits and without the ".0" of a spreadsheet."""
    packed = text.str.to_uppercase().str.replace_all(r"[\s\-–—_']+", "")
    return packed.str.replace(r"^(\d{5,})[.,]0+$", "$1").str.replace_all(".", "", literal=True)


# --- telling apart ---


def _told(frame: pl.DataFrame, region: str | None) -> pl.DataFrame:
    """Return `frame` with `type`, `status` and `suggestion` of the numbers of digits, by their check digits."""
    frame = frame.with_columns(_fits(frame["digits"]))
    again = _fits(frame.select(_restored()).to_series()).select(pl.any_horizontal(pl.all())).to_series()
    frame = frame.with_columns(again=again).with_columns(_allowed(name).alias(name) for name in _TESTS)
    alone = _alone(frame)
    fitting = [pl.when(name).then(pl.lit(name)) for name in _order(alone, region)]
    frame = frame.with_columns(
        type=pl.coalesce(fitting),
        countries=pl.sum_horizontal(pl.any_horizontal(names).cast(pl.Int64) for names in _COUNTRIES.values()),
        possible=_possible(),
        named=pl.col("said").replace_strict(_NAMED, default=None, return_dtype=pl.String),
    )
    frame = frame.with_columns(status=_status(proven=_proven(alone, region)))
    fits = pl.col("status").is_in(["valid", "possible", "ambiguous"])
    return frame.with_columns(
        type=pl.when(pl.col("status") == "valid").then("type").otherwise(pl.coalesce("possible", "named")),
        suggestion=pl.when(~fits & pl.col("again")).then(_restored()),
    )


def _status(*, proven: bool) -> pl.Expr:
    """Return what a number is worth; one of several countries is ambiguous unless its country is `proven`."""
    usable = pl.col("digits").is_not_null()
    one = (pl.col("countries") == 1) | pl.lit(proven)
    known = pl.col("digits").str.len_chars().is_in(_LENGTHS) | pl.col("named").is_not_null()
    cases = [
        (pl.col("code").is_not_null(), "unknown"),
        (pl.col("text").is_null(), None),
        (pl.col("cut"), "damaged"),
        (~usable, "unknown"),
        ((pl.col("countries") > 0) & one, "valid"),
        (pl.col("countries") > 0, "ambiguous"),
        (pl.col("possible").is_not_null(), "possible"),
        (pl.col("again"), "damaged"),
        (known, "invalid"),
    ]
    return pl.coalesce(*(pl.when(test).then(pl.lit(word or "")) for test, word in cases), pl.lit("unknown")).replace(
        "", None
    )


def _fits(digits: pl.Series) -> pl.DataFrame:
    """Return for each type whether the check digits are its own; null digits fit none."""
    frame = digits.rename("digits").to_frame().with_row_index()
    parts = []
    for length in _LENGTHS:
        rows = frame.filter(pl.col("digits").str.len_chars() == length)
        number = pl.col("digits").cast(pl.Int64)
        places = rows.with_columns((number // 10 ** (length - 1 - n) % 10).alias(f"d{n}") for n in range(length))
        tests = {name: by_length[length] for name, by_length in _TESTS.items() if length in by_length}
        parts.append(places.select("index", **tests))
    found = frame.select("index").join(pl.concat(parts, how="diagonal"), on="index", how="left", maintain_order="left")
    return found.select(pl.col(name).fill_null(value=False) for name in _TESTS)


def _allowed(name: str) -> pl.Expr:
    """Tell whether a number fits a type, and nothing in front of it says another."""
    others = [word for word, types in _SAID.items() if types and name not in types]
    return pl.col(name) & ~pl.col("said").is_in(others).fill_null(value=False)


def _restored() -> pl.Expr:
    """Return the digits with the leading zeros that a spreadsheet drops, null where none can be missing."""
    length = pl.col("digits").str.len_chars()
    wanted = length.replace_strict(dict(_LOST), default=None, return_dtype=pl.Int64)
    return pl.when(wanted.is_not_null()).then(pl.col("digits").str.pad_start(wanted, "0"))


def _order(alone: Mapping[str, int], region: str | None) -> list[str]:
    """Return the types, those of the region first, then by the numbers of the column of their country alone."""
    return sorted(_TESTS, key=lambda name: (name[:2] != (region or "").lower(), -alone[name[:2]]))


def _alone(frame: pl.DataFrame) -> dict[str, int]:
    """Return country -> how many numbers of the column fit it and no other country."""
    fits = frame.select(pl.any_horizontal(names).alias(country) for country, names in _COUNTRIES.items())
    single = fits.filter(pl.sum_horizontal(pl.all().cast(pl.Int64)) == 1)
    return {country: int(single[country].sum()) for country in _COUNTRIES}


def _proven(alone: Mapping[str, int], region: str | None) -> bool:
    """Tell whether the region or the column says of which country the numbers are."""
    *_, second, first = sorted(alone.values())
    return (region or "").lower() in _COUNTRIES or first > 2 * second


def _possible() -> pl.Expr:
    """Return the type of a number without check digits: a КПП, an EIN by the word in front or its dash."""
    nine = pl.col("number").str.contains(_KPP)
    ein = pl.col("rest").str.contains(r"^\d{2}-\d{7}$") | (pl.col("said") == "ein")
    return (
        pl.when(nine & pl.col("said").is_in(["кпп", "kpp"]))
        .then(pl.lit("ru.kpp"))
        .when(nine & ein.fill_null(value=False))
        .then(pl.lit("us.ein"))
        .when(pl.col("digits").str.contains(r"^\d{4}(?:01|43|44|45|50)001$"))
        .then(pl.lit("ru.kpp"))
    )


# --- check digits ---


def _digit(place: int) -> pl.Expr:
    return pl.col(f"d{place}")


def _sum(weights: Sequence[int]) -> pl.Expr:
    return pl.sum_horizontal([_digit(place) * weight for place, weight in enumerate(weights)])


def _inn(length: int) -> pl.Expr:
    """A company's number has one check digit, a person's two; no region of companies has the number 00."""
    if length == 10:  # noqa: PLR2004 - digits
        return (_sum(_INN[2:]) % 11 % 10 == _digit(9)) & ~pl.col("digits").str.starts_with("00")
    return (_sum(_INN[1:]) % 11 % 10 == _digit(10)) & (_sum(_INN) % 11 % 10 == _digit(11))


def _ogrn(length: int) -> pl.Expr:
    body = pl.col("digits").cast(pl.Int64) // 10
    return (body % (length - 2) % 10 == _digit(length - 1)) & (_digit(0) > 0)


def _edrpou() -> pl.Expr:
    """Numbers from 30 to 60 million have weights of their own, and a second round adds two to each weight."""
    middle = pl.col("digits").cast(pl.Int64, strict=False).is_between(30_000_000, 60_000_000)
    usual, other = (1, 2, 3, 4, 5, 6, 7), (7, 1, 2, 3, 4, 5, 6)
    found = pl.when(middle).then(_two_rounds(other)).otherwise(_two_rounds(usual))
    return found == _digit(7)


def _two_rounds(weights: Sequence[int]) -> pl.Expr:
    first, second = _sum(weights) % 11, _sum([weight + 2 for weight in weights]) % 11 % 10
    return pl.when(first < 10).then(first).otherwise(second)  # noqa: PLR2004 - one digit


def _rnokpp() -> pl.Expr:
    return _sum((-1, 5, 7, 9, 4, 6, 10, 5, 7)) % 11 % 10 == _digit(9)


def _kazakh() -> pl.Expr:
    first, second = _sum(range(1, 12)) % 11, _sum((*range(3, 12), 1, 2)) % 11
    month = pl.col("digits").str.slice(2, 2).is_in([f"{month:02}" for month in range(1, 13)])
    return (pl.when(first < 10).then(first).otherwise(second) == _digit(11)) & month  # noqa: PLR2004 - one digit


def _unp() -> pl.Expr:
    return (_sum(_UNP) % 11 == _digit(8)) & _digit(0).is_between(1, 9)


#: Type -> its test by length; a fifth digit of 4 to 6 makes a Kazakh number one of a company.
_TESTS: Mapping[str, Mapping[int, pl.Expr]] = {
    "ru.inn": {10: _inn(10), 12: _inn(12)},
    "ru.ogrn": {13: _ogrn(13), 15: _ogrn(15)},
    "ua.edrpou": {8: _edrpou()},
    "ua.rnokpp": {10: _rnokpp()},
    "kz.bin": {12: _kazakh() & _digit(4).is_between(4, 6)},
    "kz.iin": {12: _kazakh() & _digit(4).is_between(0, 3)},
    "by.unp": {9: _unp()},
}
_LENGTHS = sorted({length for tests in _TESTS.values() for length in tests})
_COUNTRIES = {name[:2]: [other for other in _TESTS if other[:2] == name[:2]] for name in _TESTS}


# --- numbers that begin with letters ---


def _lettered(numbers: pl.Series) -> pl.DataFrame:
    """Return what python-stdnum says of numbers with letters: number, checked, checked_type, checked_status."""
    columns = ("number", "checked", "checked_type", "checked_status")
    found = [
        (number, *_international(number)) for number in numbers if re.fullmatch(r"[A-Z]{2}[0-9A-Z+*]{4,32}", number)
    ]
    return pl.DataFrame(found, schema=dict.fromkeys(columns, pl.String), orient="row")


def _international(number: str) -> tuple[str | None, str | None, str | None]:
    """Return number, type and status of an IBAN or a European VAT number; nulls for anything else.

    >>> _international("DE136695976"), _international("GB82WEST12345698765432")
    (('DE136695976', 'eu.vat', 'valid'), ('GB82WEST12345698765432', 'iban', 'valid'))
    """
    from stdnum import iban
    from stdnum.eu import vat

    if vat.is_valid(number):
        return number, "eu.vat", "valid"
    if iban.is_valid(number):
        return number, "iban", "valid"
    if re.fullmatch(r"[A-Z]{2}\d{2}[0-9A-Z]{11,30}", number):
        return number, "iban", "invalid"
    if number[:2].lower() in vat.MEMBER_STATES or number[:2] == "EL":
        return number, "eu.vat", "invalid"
    return None, None, None


# --- the answer ---


def _country() -> pl.Expr:
    own = pl.col("type").is_in(["iban", "eu.vat"])
    head = pl.when(own).then(pl.col("number").str.head(2)).otherwise(pl.col("type").str.head(2).str.to_uppercase())
    return head.replace("EL", "GR")


def _code() -> pl.Expr:
    """Return what there is to say about a number."""
    status = pl.col("status")
    return (
        pl.when(pl.col("text").is_null())
        .then("code")
        .when("cut")
        .then(pl.lit("cell.damaged"))
        .when(status.is_in(["invalid", "damaged", "unknown"]))
        .then(pl.lit("tax_id.") + status)
    )
