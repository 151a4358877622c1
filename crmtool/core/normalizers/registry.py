"""The registry of normalizers.

A normalizer is a pure function over the *distinct* values of a column:

    @normalizer("email")
    def emails(values: pl.Series, settings: Settings) -> pl.DataFrame: ...

`values` is a Series of distinct, non-null strings exactly as read. The frame that comes back has, for each value, one
row (or several, numbered by `seq`, where one cell holds several phones) with the columns

    value       String   the value as read
    seq         Int64    0, 1, 2 ... within the value
    clean       String   the value in its one look; null: not usable or unknown
    rule        String   what changed it, e.g. "phone.trunk-prefix"; null: nothing did
    code        String   a code of `core.findings`; null: nothing to say
    suggestion  String   for the finding

and any parts of its own (a phone adds `extension`, `type` and `region`; a person's name adds `given_name` and so on).
Law: normalizing `clean` again changes nothing. To add one: a file here with one decorated function and doctests, and
a line in `MODULES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module

import polars as pl

#: Kind of field -> the module here that registers its normalizer; loaded when the kind is first wanted.
MODULES: Mapping[str, str] = {
    "text": "text",
    "note": "text",
    "phone": "phone",
    "email": "email",
    "person": "person",
    "name_part": "person",
    "vocabulary": "vocabulary",
    "date": "date",
    "day": "date",
    "country": "country",
    "region": "region",
    "city": "city",
    "postcode": "postcode",
    "address": "address",
    "tax_id": "tax_id",
    "company": "company",
    "job_title": "job_title",
    "money": "money",
    "yes_no": "yes_no",
    "site": "site",
    "messenger": "messenger",
    "skype": "messenger",
    "telegram": "messenger",
    "viber": "messenger",
    "whatsapp": "messenger",
}

COLUMNS: dict[str, pl.DataType] = {
    "value": pl.String(),
    "seq": pl.Int64(),
    "clean": pl.String(),
    "rule": pl.String(),
    "code": pl.String(),
    "suggestion": pl.String(),
}


@dataclass(frozen=True)
class Settings:
    """What the rules say that a normalizer may need; plain values, so that normalizers do not depend on rule files."""

    region: str | None = None  # ISO 3166 code for phones written without a country; None: only international ones
    name_order: str = "auto"  # "auto", "given-family" or "family-given", where the words themselves do not tell
    date_order: str = "DMY"  # "DMY" or "MDY", for 03/04/2024
    year_pivot: int = 40  # two-digit years above it belong to 19xx
    placeholders: frozenset[str] = frozenset()  # casefolded values that mean "unknown"
    vocabulary: Mapping[str, str] = field(default_factory=dict)  # folded synonym -> canonical value
    vocabularies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # every vocabulary, by its name
    email_typos: Mapping[str, str] = field(default_factory=dict)  # mistyped domain -> likely domain
    apply_email_typos: bool = False  # write the likely domain instead of suggesting it
    email_roles: frozenset[str] = frozenset()  # local parts that several people read, beside the usual ones


Normalizer = Callable[[pl.Series, Settings], pl.DataFrame]
_REGISTRY: dict[str, Normalizer] = {}


def normalizer(kind: str) -> Callable[[Normalizer], Normalizer]:
    """Register a function as the normalizer of fields of this kind."""

    def register(function: Normalizer) -> Normalizer:
        _REGISTRY[kind] = function
        return function

    return register


def normalized(kind: str, values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return the normalized form of a Series of distinct values (columns: see the module text).

    Raises KeyError for a kind that has no normalizer.
    """
    import_module(f"crmtool.core.normalizers.{MODULES[kind]}")
    return _REGISTRY[kind](values, settings)


def kinds() -> list[str]:
    """Return the kinds of field that have a normalizer."""
    return sorted(MODULES)
