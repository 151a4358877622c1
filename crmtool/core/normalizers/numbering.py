"""Numbering plans as regular expressions, built from the metadata of phonenumbers when a column is normalized.

A plan tells whole national numbers of one region and their type without parsing. A number that no plan takes is not
wrong: it is phonenumbers' to judge. To read the numbers of one more country fast: its code in `FAST`; the tests compare
plans with the library. Algorithm: `parse`, `is_valid_number` and `number_type` of phonenumbers 9.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import polars as pl
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, region_code_for_country_code

#: Regions whose plans are always at hand.
FAST = ("RU", "KZ", "UA", "BY")
_MANY = 200  # numbers of a country

#: Kinds of number that come before fixed and mobile, in the order of phonenumbers, whose words they are.
_SPECIAL = ("premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail")


class Plan(NamedTuple):
    """How the numbers of one region look; texts are regular expressions, "" where the region has none such."""

    region: str
    country_code: str
    trunk: str  # what may stand before a national number
    unclear: str  # national numbers that phonenumbers might take for trunk and number
    leading: str  # how the region's national numbers begin, where it shares its country code
    patterns: dict[str, str]  # kind of number -> whole national numbers
    merged: bool  # fixed and mobile numbers cannot be told apart


def plan(region: str) -> Plan | None:
    """Return the plan of an ISO 3166 region, None if it is unknown or its rules are too special to be read fast."""
    data = PhoneMetadata.metadata_for_region(region, None)
    if data is None or data.country_code is None or data.general_desc is None or data.national_prefix_transform_rule:
        return None
    trunk = data.national_prefix_for_parsing or ""
    main = region_code_for_country_code(data.country_code) == region
    if re.compile(trunk).groups or not (main or data.leading_digits):
        return None
    kinds = ("general_desc", "fixed_line", "mobile", *_SPECIAL)
    found = {kind: getattr(data, kind) for kind in kinds}
    patterns = {kind: desc.national_number_pattern or "" for kind, desc in found.items() if desc}
    lengths = set(data.general_desc.possible_length)
    safe = len(trunk) == 1 and not lengths & {length - 1 for length in lengths}
    return Plan(
        region=region,
        country_code=str(data.country_code),
        trunk=trunk,
        unclear="" if safe else trunk,
        leading=data.leading_digits or "",
        patterns=patterns,
        merged=bool(data.same_mobile_and_fixed_line_pattern),
    )


def plans(region: str | None, international: pl.Series) -> list[Plan]:
    """Return the plans at hand: those of `FAST`, of `region` and of the countries met often, where they have one.

    `international` are the digits of numbers written with a plus.
    """
    regions = dict.fromkeys((*FAST, *([region] if region else []), *_frequent(international)))
    return [found for found in map(plan, regions) if found]


def _frequent(international: pl.Series) -> list[str]:
    """Return the main regions of country codes that many numbers begin with; plans are not free."""
    codes = "|".join(sorted(map(str, COUNTRY_CODE_TO_REGION_CODE), key=len, reverse=True))
    found = international.str.extract(f"^({codes})").drop_nulls().value_counts()
    often = found.filter(pl.col("count") >= _MANY)[international.name].sort()
    return [COUNTRY_CODE_TO_REGION_CODE[int(code)][0] for code in often]


def type_of(scheme: Plan, number: pl.Expr) -> pl.Expr:
    """Return the type of whole national numbers (digits), null where the plan does not take them."""
    fixed, mobile = _whole(scheme, "fixed_line", number), _whole(scheme, "mobile", number)
    both = fixed if scheme.merged else fixed & mobile
    kinds = [(_whole(scheme, kind, number), kind) for kind in _SPECIAL if scheme.patterns.get(kind)]
    kinds += [(both, "fixed_or_mobile"), (fixed, "fixed")]
    kinds += [] if scheme.merged else [(mobile, "mobile")]
    typed = pl.coalesce(*(pl.when(fits).then(pl.lit(word)) for fits, word in kinds))
    return pl.when(_belongs(scheme, number)).then(typed)


def _belongs(scheme: Plan, number: pl.Expr) -> pl.Expr:
    """Tell whether a national number can only be this region's."""
    own = _whole(scheme, "general_desc", number)
    own = own & number.str.contains(f"^(?:{scheme.leading})") if scheme.leading else own
    return own & ~number.str.contains(f"^(?:{scheme.unclear})") if scheme.unclear else own


def _whole(scheme: Plan, kind: str, number: pl.Expr) -> pl.Expr:
    """Tell whether `number` is, as a whole, of a kind."""
    pattern = scheme.patterns.get(kind)
    return number.str.contains(f"^(?:{pattern})$") if pattern else pl.lit(False)
