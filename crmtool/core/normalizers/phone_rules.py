"""What phonenumbers makes of plainly written digits, with each country's metadata made ready once.

`phonenumbers.parse` and the calls that tell whether a number is valid, where it is from and of what type walk the same
metadata again and again; here each country's is compiled when it is first met, and one walk answers all. A text with
anything but digits and the usual marks goes to the library itself. The tests hold both to the same answers.
Algorithm: `parse`, `is_valid_number`, `region_code_for_number`, `number_type` and `is_possible_number` of
phonenumbers 9. To add a type of number: `_TYPES`, in the library's order.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, cast

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS, NumberParseException, PhoneMetadata

if TYPE_CHECKING:
    from collections.abc import Callable

    from phonenumbers.phonemetadata import PhoneNumberDesc

#: Texts of which the library reads nothing but a plus and the digits.
_PLAIN = re.compile(r"[ ().-]*(\+?)((?:[ ().\-‐-―−]*[0-9]){3,30})[ ().\-‐-―−]*")
_LONGEST_TEXT = 100
_NO_DIGIT = re.compile(r"[^0-9]+")
_SHORTEST, _LONGEST = 2, 17  # digits of a national number as the library takes them
_CODE_DIGITS = 3  # of a country code, at most

#: Types that come before fixed and mobile.
_TYPES = ("premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail")


class Number(NamedTuple):
    """A number as it is dialled: country code, national digits, extension."""

    code: int
    national: str
    extension: str | None = None

    @property
    def e164(self) -> str:
        """Return the number in E.164, without its extension."""
        return f"+{self.code}{self.national}"


class _Kind(NamedTuple):
    """Numbers of one type: their lengths, and what they match as a whole."""

    name: str
    lengths: tuple[int, ...]
    whole: Callable[[str], re.Match[str] | None]

    def has(self, national: str) -> bool:
        return (not self.lengths or len(national) in self.lengths) and self.whole(national) is not None


class _Rules(NamedTuple):
    """The numbering rules of one region, or of a service with a country code of its own."""

    region: str
    code: int
    way_out: re.Pattern[str] | None  # what is dialled before the code of another country
    trunk: re.Pattern[str] | None  # what is dialled before a national number
    transform: str | None  # what takes the place of the trunk and what follows it
    leading: re.Pattern[str] | None  # how national numbers begin, where that alone tells the region
    every: _Kind
    local: tuple[int, ...]  # lengths within a city
    special: tuple[_Kind, ...]
    fixed: _Kind | None
    mobile: _Kind | None
    merged: bool  # fixed and mobile numbers cannot be told apart


def parsed(text: str, region: str | None) -> Number | None:
    """Return the number a text is, dialled in `region` (ISO 3166); None where it can be none.

    >>> parsed("8 (916) 123-45-67", "RU"), parsed("9161234567", None)
    (Number(code=7, national='9161234567', extension=None), None)
    """
    plain = _PLAIN.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    if plain is None:
        return _parsed_by_library(text, region)
    home = _rules(region) if region in SUPPORTED_REGIONS else None
    digits = _NO_DIGIT.sub("", plain[2])
    dialled = _abroad(digits) if plain[1] else None
    if dialled is None and home:
        dialled = _at_home(digits, home, sure=not plain[1])
    return _number(*dialled) if dialled else None


def place(number: Number) -> tuple[str, str] | None:
    """Return the region and the type of a valid number, None for any other.

    >>> place(Number(7, "9161234567")), place(Number(7, "0000000000"))
    (('RU', 'mobile'), None)
    """
    regions = COUNTRY_CODE_TO_REGION_CODE[number.code]
    if len(regions) == 1:
        kind = _type(_main(number.code), number.national)
        return (regions[0], kind) if kind else None
    for rules in filter(None, map(_rules, regions)):
        own = rules.leading.match(number.national) is not None if rules.leading else None
        kind = None if own is False else _type(rules, number.national)
        if own or kind:
            return (rules.region, kind) if kind else None
    return None


def possible(number: Number) -> bool:
    """Tell whether a number has a length that numbers of its country have, those within a city included."""
    rules = _main(number.code)
    return len(number.national) in (*rules.every.lengths, *rules.local)


def _parsed_by_library(text: str, region: str | None) -> Number | None:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    return Number(number.country_code or 0, phonenumbers.national_significant_number(number), number.extension)


def _abroad(digits: str) -> tuple[_Rules, str] | None:
    """Return the rules of the country code that digits begin with, and the digits after it."""
    if digits[0] == "0":
        return None
    for length in range(1, _CODE_DIGITS + 1):
        if int(digits[:length]) in COUNTRY_CODE_TO_REGION_CODE:
            return _main(int(digits[:length])), digits[length:]
    return None


def _at_home(digits: str, home: _Rules, *, sure: bool) -> tuple[_Rules, str] | None:
    """Return the rules of what is dialled at home and the digits they are for.

    Where no country code stands in front, the number is one of home if `sure`.
    """
    way_out = home.way_out.match(digits) if home.way_out else None
    if way_out and digits[way_out.end() : way_out.end() + 1] != "0":
        rest = digits[way_out.end() :]
        return _abroad(rest) if len(rest) > _SHORTEST else None
    code = str(home.code)
    if digits.startswith(code):
        rest = _without_trunk(digits[len(code) :], home)
        better = not home.every.whole(digits) and home.every.whole(rest)
        if better or (len(digits) not in home.local and len(digits) > home.every.lengths[-1]):
            return _main(home.code), rest
    return (home, digits) if sure else None


def _number(rules: _Rules, digits: str) -> Number | None:
    """Return the number that digits after the country code are; None where they are too few or too many."""
    if len(digits) < _SHORTEST:
        return None
    short = _without_trunk(digits, rules)
    lengths = rules.every.lengths
    if len(short) not in rules.local and (len(short) in lengths or len(short) > lengths[-1]):
        digits = short
    return Number(rules.code, digits) if _SHORTEST <= len(digits) <= _LONGEST else None


def _without_trunk(digits: str, rules: _Rules) -> str:
    """Return national digits without what is dialled before them, if they are none the worse for it."""
    trunk = rules.trunk.match(digits) if rules.trunk and digits else None
    if not rules.trunk or not trunk:
        return digits
    if rules.transform and trunk[rules.trunk.groups] is not None:
        short = rules.trunk.sub(rules.transform, digits, count=1)
    else:
        short = digits[trunk.end() :]
    return digits if rules.every.whole(digits) and not rules.every.whole(short) else short


def _type(rules: _Rules, national: str) -> str | None:
    """Return the type of a national number, None where it is none."""
    if not rules.every.has(national):
        return None
    for kind in rules.special:
        if kind.has(national):
            return kind.name
    mobile = not rules.merged and rules.mobile is not None and rules.mobile.has(national)
    if rules.fixed and rules.fixed.has(national):
        return "fixed_or_mobile" if rules.merged or mobile else "fixed"
    return "mobile" if mobile else None


@cache
def _main(code: int) -> _Rules:
    """Return the rules of the main region of a country code."""
    region = COUNTRY_CODE_TO_REGION_CODE[code][0]
    data = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    return _ready(region, cast("PhoneMetadata", data))  # the library has it for every code


@cache
def _rules(region: str) -> _Rules | None:
    data = PhoneMetadata.metadata_for_region(region, None)
    return _ready(region, data) if data else None


def _ready(region: str, data: PhoneMetadata) -> _Rules:
    """Return the metadata of the library made ready."""
    special = (_kind(name, getattr(data, name)) for name in _TYPES)
    every = cast("PhoneNumberDesc", data.general_desc)
    return _Rules(
        region=region,
        code=data.country_code or 0,
        way_out=_pattern(data.international_prefix),
        trunk=_pattern(data.national_prefix_for_parsing),
        transform=data.national_prefix_transform_rule,
        leading=_pattern(data.leading_digits),
        every=cast("_Kind", _kind("every", every)),
        local=every.possible_length_local_only,
        special=tuple(kind for kind in special if kind),
        fixed=_kind("fixed", data.fixed_line),
        mobile=_kind("mobile", data.mobile),
        merged=bool(data.same_mobile_and_fixed_line_pattern),
    )


def _kind(name: str, described: PhoneNumberDesc | None) -> _Kind | None:
    if described is None or not described.national_number_pattern:
        return None
    return _Kind(name, described.possible_length, re.compile(described.national_number_pattern).fullmatch)


def _pattern(text: str | None) -> re.Pattern[str] | None:
    return re.compile(text) if text else None
