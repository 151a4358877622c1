"""Phone numbers: E.164 (+79161234567), never a guess.

A cell that is one number, perhaps with an extension and a word on either side, is taken apart column-wise, any other by
`phone_cells`. The usual forms of a few countries are read column-wise (`numbering`), all others by phonenumbers
(`phone_reading`), once per distinct number. A country that is not written must come from `settings.region`. To add a
word: in `phone_cells`; a number that nobody has: `_NOBODY`, `_MADE_UP`.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.normalizers.cells import answered, changed, only, prepared
from crmtool.core.normalizers.numbering import FAST, Plan, plans, type_of
from crmtool.core.normalizers.phone_cells import EXTENSION_WORDS, meaning, names_another_thing, pieces
from crmtool.core.normalizers.phone_reading import BRACKETED, LED, Reading, reading
from crmtool.core.normalizers.registry import normalizer

if TYPE_CHECKING:
    from crmtool.core.normalizers.registry import Settings

EXTRA: dict[str, pl.DataType] = {
    "extension": pl.String(),
    "type": pl.String(),
    "region": pl.String(),
    "status": pl.String(),
    "label": pl.String(),
    "note": pl.String(),
}

_DIGITS = r"[\d\s().\-‐-―−]*"
_MARKS = " ().-‐‑‒–—―−+"  # the usual ones of `_WRITTEN`
_WRITTEN = rf"^[(\s]*\+?{_DIGITS}\d{_DIGITS}$"
_EXTENSION = rf"[\s,;(]*{EXTENSION_WORDS}[\s.:=№]*(\d{{1,7}})\)?"
_WORDED = (
    rf"(?i)^(?:(\p{{L}}+)(?:[.:]\s*|\s+))?(\(?\+?{_DIGITS}\d\)?)(?:{_EXTENSION})?"
    r"(?:[\s,(]+(\p{L}{2,})[.)]*)?$"
)
_LONE_DIGITS = range(9, 16)  # digits of a number beside which words are but words
_QUOTED = r"""^=?\s*['"’‘`]+\s*|\s*['"]+$"""  # signs by which a spreadsheet is told to keep text
_SPREADSHEET = r"(?i)^\+?(\d)(?:[.,](\d+))?[eе]\+?(\d{1,2})$"  # 7.9161E+10
_DECIMAL = r"^(\+?\d{5,15})[.,]0{1,2}$"


def _same(least: int) -> str:
    """Return a pattern of one digit over and over."""
    return "(?:" + "|".join(f"{digit}{{{least},}}" for digit in range(10)) + ")"


#: Digits that nobody has, though a plan may allow them: a whole number of one digit, seven zeros for a subscriber.
_NOBODY = (
    rf"^(?:[781]?{_same(10)}|(?:380|38|80|0){_same(9)}|[781]?\d{{3}}0{{7}}|(?:380|38|80|0)\d\d0{{7}}|12345678901)$"
)
#: Digits that are made up where they are no valid number: one digit, counting, a country and nothing else.
_MADE_UP = (
    rf"^(?:7|8|1|38|380|375|0)?(?:{_same(6)}|0?123456(?:7(?:8(?:90?)?)?)?|9876543(?:2(?:10?)?)?)$"
    r"|^(?:12345|0+|7|8|1|38|380|375)$"
)
#: A form nobody filled in: "+7 (___) ___-__-__".
_MASK = r"^\+?\d{0,3}[\s().-]*(?:[_*xXхХ#][\s().-]*){5,}$"


@normalizer("phone")
def phone(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return phone numbers as E.164 text, one row per number of a cell.

    Adds `extension` (digits), `type` (as phonenumbers has them: "mobile", "fixed", "fixed_or_mobile" where the plan
    does not tell them apart, "toll_free" ...), `region` (ISO 3166), `status` ("valid", "possible": of the right length,
    "ambiguous", "invalid", "damaged", "unknown"), and from the words beside the number `label` ("mobile", "fax",
    "viber" ...) and `note`. Codes: phone.invalid, phone.local (its city is missing), phone.damaged (lost digits in a
    spreadsheet), phone.ambiguous (no country, or two possible ones), phone.placeholder; all with null in `clean`.

    >>> from crmtool.core.normalizers.registry import Settings
    >>> phone(pl.Series(["8 (916) 123-45-67 доб. 12"]), Settings(region="RU")).row(0)[2:3]
    ('+79161234567',)
    """
    lines = _plain_digits(values).str.replace_all(r"\s*[\r\n]+\s*", "; ").str.replace_all(_QUOTED, "")
    cells = prepared(lines, settings).with_columns(value=values)
    numbers = _read_fast(_with_digits(_split(cells)), settings.region)
    slow = numbers.filter(pl.col("clean").is_null() & pl.col("number").is_not_null() & pl.col("code").is_null())
    numbers = numbers.with_columns(pl.lit(None, pl.String).alias(name) for name in ("suggestion", "status"))
    numbers = numbers.update(_read_slow(slow, settings.region), on="number", how="left")
    return answered(_judged(numbers), EXTRA)


def _plain_digits(values: pl.Series) -> pl.Series:
    """Return `values` with the digits of other scripts, and the wide plus, as those of ASCII."""
    foreign = values.str.contains(r"[\p{Nd}--0-9]|＋")
    if not foreign.any():
        return values
    distinct = values.filter(foreign)
    return values.replace(distinct, pl.Series([_in_ascii(text) for text in distinct], dtype=pl.String))


def _in_ascii(text: str) -> str:
    """Return a text with plain digits.

    >>> _in_ascii("＋７ ٩١٦")
    '+7 916'
    """
    digits = (str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    return "".join(digits).replace("＋", "+")


def _split(cells: pl.DataFrame) -> pl.DataFrame:
    """Return one row per number of a cell, with `seq`, `number` (as written), `extension`, `label` and `note`."""
    plain = pl.col("text").str.contains(_WRITTEN) & (pl.col("text").str.len_chars() <= _LONE_DIGITS.stop)
    simple = pl.coalesce(plain, pl.lit(value=True)) | pl.col("text").str.contains(rf"{_SPREADSHEET}|{_DECIMAL}|{_MASK}")
    cells = cells.with_row_index("place").with_columns(simple=simple)
    text = pl.lit(None, pl.String)
    single = cells.filter("simple").with_columns(
        seq=pl.lit(0), number=pl.col("text"), extension=text, label=text, note=text
    )
    others = cells.filter(~pl.col("simple"))
    if others.is_empty():
        return single
    worded = _worded(others)
    listed = _listed(worded.filter(pl.col("number").is_null()).select(cells.columns))
    rest = worded.filter(pl.col("number").is_null() & ~pl.col("place").is_in(listed["place"].implode()))
    frames = (single, worded.filter(pl.col("number").is_not_null()), listed, _several(rest))
    return pl.concat([frame.select(single.columns) for frame in frames], how="vertical_relaxed").sort("place", "seq")


def _worded(cells: pl.DataFrame) -> pl.DataFrame:
    """Return cells that are one number with an extension and a word on either side; `number` is null for others."""
    parts = pl.col("text").str.extract_groups(_WORDED)
    cells = cells.with_columns(
        before=parts.struct.field("1"),
        number=parts.struct.field("2"),
        extension=parts.struct.field("3"),
        after=parts.struct.field("4"),
    )
    digits = pl.col("number").str.count_matches(r"\d")
    number = pl.when(digits.is_between(_LONE_DIGITS.start, _LONE_DIGITS.stop - 1)).then("number")
    words = pl.concat([cells["before"], cells["after"]]).drop_nulls().unique()
    said = {word: meaning(word) for word in words}
    other = [word for word in said if names_another_thing(word)]
    label = {word: label for word, (label, _) in said.items()}
    note = {word: note for word, (_, note) in said.items()}
    return cells.with_columns(
        number=pl.when(~pl.col("before").is_in(other) | pl.col("before").is_null()).then(number),
        label=pl.coalesce(_meant("before", label), _meant("after", label)),
        note=pl.concat_str(_meant("before", note), _meant("after", note), separator=" ", ignore_nulls=True).replace(
            "", None
        ),
        seq=pl.lit(0),
    )


def _listed(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the numbers of cells that are whole numbers with separators between, each as `_worded` reads it."""
    pieces_of = pl.col("text").str.replace_all(r"\s*[;,|/]\s*", ";").str.strip_chars("; ").str.split(";")
    read = _worded(cells.with_columns(text=pieces_of).explode("text"))
    whole = pl.col("number").is_not_null().all().over("place") & (pl.len().over("place") > 1)
    return read.filter(whole).with_columns(seq=pl.int_range(pl.len()).over("place"))


def _meant(column: str, known: dict[str, str | None]) -> pl.Expr:
    return pl.col(column).replace_strict(known, default=None, return_dtype=pl.String)


def _several(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the numbers of cells that must be read word by word."""
    rows = [
        (text, n, piece.text, piece.label, piece.note)
        for text in cells["text"].unique()
        for n, piece in enumerate(pieces(text))
    ]
    schema = {"text": pl.String, "seq": pl.Int32, "piece": pl.String, "label": pl.String, "note": pl.String}
    found = pl.DataFrame(rows, schema=schema, orient="row")
    split = cells.drop("seq", "label", "note", "number", "extension").join(found, on="text", maintain_order="left")
    parts = pl.col("piece").str.extract_groups(rf"(?i)^(.*\d\)?){_EXTENSION}$")
    no_phone = pl.when(pl.col("piece").is_null() & pl.col("code").is_null()).then(pl.lit("phone.invalid"))
    return split.with_columns(
        number=pl.coalesce(parts.struct.field("1"), "piece"),
        extension=parts.struct.field("2"),
        code=pl.coalesce("code", no_phone),
    )


def _with_digits(numbers: pl.DataFrame) -> pl.DataFrame:
    """Return `numbers` with `digits` (null: not plainly written), `plus`; those of spreadsheets mended or told."""
    parts = only(pl.col("number").str.contains("[eEеЕ]"), pl.col("number")).str.extract_groups(_SPREADSHEET)
    whole, decimals, exponent = (parts.struct.field(str(n)) for n in (1, 2, 3))
    damaged = exponent.is_not_null()
    intact = (damaged & (decimals.str.len_chars() == exponent.cast(pl.Int64))).fill_null(value=False)
    decimal = pl.col("number").str.contains(_DECIMAL)
    mended = pl.when(intact).then(whole + decimals).when(decimal).then(pl.col("number").str.replace(_DECIMAL, "${1}"))
    numbers = numbers.with_columns(
        number=pl.coalesce(mended, "number"),
        mended=intact | decimal,
        code=pl.when(damaged & ~intact).then(pl.lit("phone.damaged")).otherwise("code"),
    )
    written = pl.col("number").str.contains(_WRITTEN) & ~pl.col("number").str.contains(BRACKETED)
    numbers = numbers.with_columns(
        digits=pl.when(written).then(_digits(pl.col("number"))), plus=pl.col("number").str.contains(r"^[(\s]*\+")
    )
    made_up = pl.col("digits").str.contains(_NOBODY) | pl.col("number").str.contains(_MASK)
    told = pl.when(pl.col("code").is_null() & made_up).then(pl.lit("phone.placeholder"))
    return numbers.with_columns(code=pl.coalesce("code", told))


def _digits(number: pl.Expr) -> pl.Expr:
    """Return the digits of a text of digits and the usual marks."""
    nearly = number.str.replace_many([*_MARKS], [""])
    return pl.when(nearly.str.contains("[^0-9]")).then(nearly.str.replace_all("[^0-9]", "")).otherwise(nearly)


def _read_fast(numbers: pl.DataFrame, region: str | None) -> pl.DataFrame:
    """Return `numbers` with `clean`, `type` and `region` where a plan takes them."""
    schemes = plans(region, numbers.filter("plus")["digits"])
    codes = sorted({scheme.country_code for scheme in schemes})
    numbers = _with_national(_with_named(numbers, schemes, codes, region), schemes, codes, region)
    cc, national = pl.col("number_code"), pl.col("national")
    numbers = numbers.with_columns(only(cc == code, national).alias(f"national_{code}") for code in codes)
    of_plan = [(scheme, type_of(scheme, pl.col(f"national_{scheme.country_code}"))) for scheme in schemes]
    typed = numbers.with_columns(kind.alias(f"type_{scheme.region}") for scheme, kind in of_plan)
    types = [pl.col(f"type_{scheme.region}") for scheme in schemes]
    regions = [pl.when(kind.is_not_null()).then(pl.lit(s.region)) for s, kind in zip(schemes, types, strict=True)]
    return typed.with_columns(type=pl.coalesce(types), region=pl.coalesce(regions)).with_columns(
        clean=pl.when(pl.col("type").is_not_null() & pl.col("code").is_null()).then(pl.lit("+") + cc + national)
    )


def _with_named(numbers: pl.DataFrame, schemes: list[Plan], codes: list[str], region: str | None) -> pl.DataFrame:
    """Return `numbers` with `named`: the digits from the country code on, null where they name none.

    `home` tells which of the others are dialled at home.
    """
    digits, plus = pl.col("digits"), pl.col("plus")
    bare = ~plus & pl.lit(region is None or region in FAST)
    numbers = numbers.with_columns(
        led=_led(digits),
        # longer than any number of FAST at home
        far=only(digits.str.starts_with("00"), digits).str.extract(rf"^00((?:{'|'.join(codes)})\d{{9,}})$"),
    )
    without = pl.when(bare).then(pl.coalesce(pl.when("led").then(digits), "far"))
    return numbers.with_columns(
        named=pl.when(plus).then(_without_zero(schemes)).otherwise(without),
        home=~plus & ~pl.col("led") & pl.col("far").is_null(),
    )


def _with_national(numbers: pl.DataFrame, schemes: list[Plan], codes: list[str], region: str | None) -> pl.DataFrame:
    """Return `numbers` with `number_code`, the country code, and `national`, the digits after it.

    Both are null for forms that cannot be read fast.
    """
    named = pl.col("named")
    numbers = numbers.with_columns(
        number_code=pl.coalesce(pl.when(named.str.starts_with(code)).then(pl.lit(code)) for code in codes)
    )
    code, national = pl.col("number_code"), named.str.slice(pl.col("number_code").str.len_bytes())
    own = next((scheme for scheme in schemes if scheme.region == region), None)
    if own is None:
        return numbers.with_columns(national=pl.when(code.is_not_null()).then(national))
    home = code.is_null() & pl.col("home")
    return numbers.with_columns(
        number_code=pl.when(home).then(pl.lit(own.country_code)).otherwise(code),
        national=pl.when(home).then(_stripped(pl.col("digits"), own.trunk)).when(code.is_not_null()).then(national),
    )


def _led(digits: pl.Expr) -> pl.Expr:
    """Tell whether digits begin with a country code though no plus stands before them."""
    length = digits.str.len_bytes()
    return pl.any_horizontal(
        (length == len(code) + count) & digits.str.starts_with(code) for code, count in LED.items()
    )


def _stripped(digits: pl.Expr, trunk: str) -> pl.Expr:
    """Return digits without the trunk, a regular expression, in front."""
    if trunk.isdecimal():
        return digits.str.strip_prefix(trunk)
    return digits.str.replace(f"^(?:{trunk})", "") if trunk else digits


def _without_zero(schemes: list[Plan]) -> pl.Expr:
    """Return the digits without the zero of "+44 (0) 20 ...", which is dialled within the country only."""
    codes = "|".join(sorted({scheme.country_code for scheme in schemes if scheme.trunk.split("|")[0] == "0"}))
    both = rf"^\s*\+\s*({codes})\s*\(0\)"
    inside = pl.col("number").str.contains(both)
    return pl.when(inside).then(only(inside, pl.col("digits")).str.replace(rf"^({codes})0", "${1}")).otherwise("digits")


def _read_slow(numbers: pl.DataFrame, region: str | None) -> pl.DataFrame:
    """Return what phonenumbers says of each distinct number."""
    distinct = numbers["number"].unique()
    rows = [(number, *reading(number, region)) for number in distinct]
    return pl.DataFrame(rows, schema=dict.fromkeys(("number", *Reading._fields), pl.String), orient="row")


def _judged(numbers: pl.DataFrame) -> pl.DataFrame:
    """Return `numbers` with the rule that changed each, its status, and no parts of what is not a number."""
    usable = pl.when(pl.col("clean").is_not_null())
    said = pl.col("code").replace_strict(
        {"phone.damaged": "damaged", "value.placeholder": "unknown", "phone.placeholder": "unknown"},
        default=pl.when(pl.col("code").is_not_null()).then(pl.lit("invalid")),
        return_dtype=pl.String,
    )
    rule = (pl.when("mended").then(pl.lit("phone.spreadsheet")).when("plus").then(pl.lit("phone.format"))).otherwise(
        pl.lit("phone.country")
    )
    made_up = pl.col("clean").is_null() & pl.col("digits").str.contains(_MADE_UP)
    numbers = numbers.with_columns(
        code=pl.when(made_up).then(pl.lit("phone.placeholder")).otherwise("code"),
        status=pl.when(made_up).then(pl.lit("unknown")).otherwise("status"),
    )
    return numbers.with_columns(usable.then(name).alias(name) for name in ("extension", "type", "region")).with_columns(
        rule=changed(rule), status=pl.coalesce("status", usable.then(pl.lit("valid")), said)
    )
