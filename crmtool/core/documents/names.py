"""Names of documents: what a name says by the pattern of the rules, and how a name of another form would be written.

Everything is told from the name alone; a part that a name does not say is not guessed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.document_rules import HOLDERS, PARTS, expression, holes
from crmtool.core.folding import folds
from crmtool.core.journal import file_names

if TYPE_CHECKING:
    from crmtool.core.document_rules import Documents

#: A file below the folder that is looked at: its path there, with "/", and its size in bytes.
FILES: dict[str, pl.DataType] = {"path": pl.String(), "size": pl.Int64()}
#: What a file says. `type` is the canonical one, `said` how the name writes it.
SAYS: dict[str, pl.DataType] = {
    **FILES,
    "parent": pl.String(),  # folders it lies in; "" for none
    "name": pl.String(),
    "formed": pl.Boolean(),  # the name has the form of the pattern
    "date": pl.String(),  # ISO day; null where the name has none
    "said": pl.String(),
    "type": pl.String(),
    "version": pl.Int64(),
    "author": pl.String(),
    "deal": pl.Int64(),  # what its first folder names: a deal by its id
    "key": pl.String(),  # or by its key
}
_ENDING = r"(\.[A-Za-z0-9]{1,8})$"
_YMD = r"(^|\D)(\d{4})([-._ ]?)(0[1-9]|1[0-2])[-._ ]?(0[1-9]|[12]\d|3[01])(\D|$)"
_DMY = r"(^|\D)(\d{2})[-._ ](\d{2})[-._ ](\d{4})(\D|$)"
_VERSION = r"(?i)(^|[ _.,()-])(?:v|в|ver|version|версия|версія|ред|редакция|редакція|rev)\.?[ _]?(\d{1,4})($|[ _.,()-])"
_APART = r"[ _.,()-]"  # stands between the parts of a name
_NAME = r"^\p{L}[\p{L}.'’ -]*$"


def read(files: pl.DataFrame, rules: Documents) -> pl.DataFrame:
    """Return what files (`FILES`) say (columns: `SAYS`)."""
    whole = pl.col("path").str.normalize("NFC")
    frame = files.with_columns(
        name=whole.str.extract("([^/]*)$"), parent=whole.str.extract("^(.*)/[^/]*$").fill_null("")
    )
    parts = pl.col("name").str.replace(_ENDING, "").str.extract_groups(expression(rules.pattern, PARTS))
    frame = frame.with_columns(parts.alias("parts")).unnest("parts").with_columns(formed=pl.col("date").is_not_null())
    holder = pl.col("parent").str.extract("^([^/]+)").str.extract_groups(expression(rules.folder, HOLDERS))
    frame = frame.with_columns(holder.alias("holder")).unnest("holder")
    absent = [pl.lit(None, kind).alias(name) for name, kind in SAYS.items() if name not in frame.columns]
    day = pl.col("date").str.to_date("%Y-%m-%d", strict=False).dt.to_string("iso:strict")
    told = frame.rename({"type": "said"}).with_columns(absent).with_columns(date=day, type=_types(frame["type"], rules))
    return told.select(pl.col(name).cast(kind) for name, kind in SAYS.items())


def _types(said: pl.Series, rules: Documents) -> pl.Series:
    return folds(said).replace_strict(rules.words(), default=None, return_dtype=pl.String)


def proposed(said: pl.DataFrame, rules: Documents, date_order: str = "DMY") -> pl.Series:
    """Return for each file the name it would have by the pattern; null: it has that, or does not say all of its parts.

    A day, a word for a type and a version are taken wherever they stand; what is left over is the author. Where
    several types are named, two days, or something that is no name, nothing is proposed. A name without a version is
    the first.
    """
    stem = pl.col("name").str.replace(_ENDING, "")
    found = said.select("name", ending=pl.col("name").str.extract(_ENDING).fill_null(""), rest=stem)
    found = _without_type(_without_version(_without_day(found, date_order)), rules)
    author = pl.col("rest").str.replace_all(f"(?:{_APART})+", " ").str.strip_chars()
    parts = holes(rules.pattern)
    fits = author.str.contains(_NAME) if "author" in parts else author == ""
    if "version" not in parts:
        fits &= pl.lit(found["version"].is_null())
    filled = found.with_columns(author=author, version=pl.col("version").fill_null("1"))
    names = filled.select(pl.when(fits).then(pl.concat_str(*_written(rules.pattern), "ending"))).to_series()
    safe = pl.Series(
        [name if name is None or file_names.safe(name) == name else None for name in names], dtype=pl.String
    )
    right = said["formed"] & said["date"].is_not_null() & said["type"].is_not_null()
    return said.select(pl.when(~pl.lit(right) & (pl.lit(safe) != pl.col("name"))).then(pl.lit(safe)).alias("proposed"))[
        "proposed"
    ]


def _written(pattern: str) -> list[pl.Expr]:
    pieces = re.split(r"\{(\w+)\}", pattern)
    return [pl.col(piece) if at % 2 else pl.lit(piece) for at, piece in enumerate(pieces)]


def _without_day(found: pl.DataFrame, date_order: str) -> pl.DataFrame:
    """Take a day out of names (adds date)."""
    rest = pl.col("rest")
    ymd = pl.concat_str(*(rest.str.extract(_YMD, part) for part in (2, 4, 5)), separator="-")
    first, second = (rest.str.extract(_DMY, part) for part in (2, 3))
    day, month = (second, first) if date_order == "MDY" else (first, second)
    dmy = pl.concat_str(rest.str.extract(_DMY, 4), month, day, separator="-")
    left = pl.when(ymd.is_not_null()).then(rest.str.replace(_YMD, "${1} ${6}"))
    date = pl.coalesce(ymd, dmy).str.to_date("%Y-%m-%d", strict=False).dt.to_string("iso:strict")
    return found.with_columns(date=date, rest=left.otherwise(rest.str.replace(_DMY, "${1} ${5}")))


def _without_version(found: pl.DataFrame) -> pl.DataFrame:
    """Take a version out of names (adds version)."""
    number = pl.col("rest").str.extract(_VERSION, 2).cast(pl.Int64).cast(pl.String)
    return found.with_columns(version=number, rest=pl.col("rest").str.replace(_VERSION, "${1} ${3}"))


def _without_type(found: pl.DataFrame, rules: Documents) -> pl.DataFrame:
    """Take the one word for a type out of names (adds type, as it is written)."""
    words = sorted({word for name, words in rules.type.items() for word in (name, *words)}, key=lambda w: (-len(w), w))
    if not words:
        return found.with_columns(type=pl.lit(None, pl.String))
    written = "|".join(re.escape(word).replace(r"\ ", "[ _-]+") for word in words)
    word = re.sub("[её]", "[её]", written, flags=re.IGNORECASE)
    form = f"(?i)(^|{_APART})({word})({_APART}|$)"
    rest = pl.col("rest").str.replace(form, "${1} ${3}")
    said = pl.col("rest").str.extract(form, 2).str.replace_all("[_ ]+", " ")
    return found.with_columns(type=pl.when(~rest.str.contains(form)).then(said), rest=rest)
