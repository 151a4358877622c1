"""Postcodes: digits together, letters as their country writes them; never a number, never without its zeros.

To add a country: its pattern in `_PATTERNS`, and in `_FIVE` where its codes have five digits.
"""

from __future__ import annotations

import polars as pl

from crmtool.core.normalizers.cells import answered, changed, only, prepared
from crmtool.core.normalizers.registry import Settings, normalizer

#: Country -> what its codes look like, where the look alone tells the country, and how they are written.
_PATTERNS = {
    "GB": (r"^(GIR|[A-PR-UWYZ][A-HJ-Y]?[0-9][0-9A-HJKMNPR-Y]?) ?([0-9][ABD-HJLNP-UW-Z]{2})$", "$1 $2"),
    "CA": (r"^([ABCEGHJ-NPRSTVXY][0-9][A-Z])[ -]?([0-9][A-Z][0-9])$", "$1 $2"),
    "PL": (r"^([0-9]{2})-([0-9]{3})$", "$1-$2"),
    "US": (r"^([0-9]{5})-([0-9]{4})$", "$1-$2"),
    "NL": (r"^([1-9][0-9]{3}) ?([A-Z]{2})$", "$1 $2"),
}
_FIVE = ("UA", "US", "DE", "FR", "IT", "ES", "TR", "FI", "EE", "LT", "GE")
_ENOUGH = 3  # codes of a column that tell how long its codes are
_FIGURES = "^[0-9]{4,7}$"
_SHAPE = r"^[0-9A-Z][0-9A-Z -]{1,9}$"
_PARTS = {"country": pl.String(), "status": pl.String()}


@normalizer("postcode")
def postcodes(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return postcodes in one look with the parts `country` (where the look tells it) and `status`.

    A code of four digits among codes of five is flagged with the zero that a spreadsheet may have taken.

    >>> postcodes(pl.Series(["101 000", "sw1a1aa", "04210.0"]), Settings())["clean"].to_list()
    ['101000', 'SW1A 1AA', '04210']
    """
    frame = prepared(values, settings)
    figures = pl.col("text").str.contains(_FIGURES)
    frame = frame.with_columns(plain=pl.when(figures).then("text").otherwise(_plain(only(~figures, pl.col("text")))))
    lettered = only(~figures, pl.col("plain"))
    fits = {name: lettered.str.contains(pattern) for name, (pattern, _) in _PATTERNS.items()}
    look = pl.coalesce(
        *(pl.when(fits[n]).then(lettered.str.replace(p, to)) for n, (p, to) in _PATTERNS.items()),
        pl.when(pl.col("plain").str.contains(_SHAPE) & pl.col("plain").str.contains("[0-9]")).then("plain"),
    )
    frame = frame.with_columns(
        look=look, country=pl.coalesce(pl.when(fit).then(pl.lit(name)) for name, fit in fits.items())
    )
    zero = pl.col("look").str.contains(r"^[0-9]{4}$") & pl.lit(_of_five(frame["look"], settings.region))
    odd = pl.col("text").is_not_null() & pl.col("look").is_null()
    frame = frame.with_columns(
        clean=pl.coalesce("look", "text"),
        code=pl.when(zero).then(pl.lit("postcode.zero")).when(odd).then(pl.lit("postcode.invalid")).otherwise("code"),
        suggestion=pl.when(zero).then("0" + pl.col("look")),
        status=_status(zero, odd),
    )
    return answered(frame.with_columns(rule=changed("postcode.look")), _PARTS)


def _plain(text: pl.Expr) -> pl.Expr:
    """Return codes in capitals, without words before them, the decimals of a spreadsheet and spaces among figures."""
    plain = text.str.normalize("NFKC").str.to_uppercase()
    plain = plain.str.replace(r"^[^0-9A-ZА-ЯІЇЄҐ]*(?:ИНДЕКС|ІНДЕКС|ZIP|INDEX)[ .:№]*", "").str.replace(r"^'", "")
    plain = plain.str.replace(r"^([0-9]{4,6})[.,]0+$", "$1")
    digits = plain.str.replace_all(" ", "", literal=True)
    return pl.when(digits.str.contains(_FIGURES)).then(digits).otherwise(plain)


def _status(zero: pl.Expr, odd: pl.Expr) -> pl.Expr:
    return (
        pl.when(pl.col("text").is_null())
        .then(pl.lit("unknown"))
        .when(zero)
        .then(pl.lit("damaged"))
        .when(odd)
        .then(pl.lit("invalid"))
        .when(pl.col("country").is_not_null() | pl.col("look").str.contains("^[1-6][0-9]{5}$"))
        .then(pl.lit("valid"))
        .otherwise(pl.lit("possible"))
    )


def _of_five(looks: pl.Series, region: str | None) -> bool:
    """Tell whether the codes have five digits: by the country of the file, else by most of the column."""
    if region is not None:
        return region in _FIVE
    digits = looks.drop_nulls().filter(looks.drop_nulls().str.contains("^[0-9]{4,6}$"))
    five = digits.filter(digits.str.contains("^[0-9]{5}$"))
    return 2 * len(five) > len(digits) >= _ENOUGH
