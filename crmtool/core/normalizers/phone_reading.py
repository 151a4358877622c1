"""One number as written, read by phonenumbers: what the fast way of `phone` leaves.

A number says its country by a plus, by 00 and the like, or by an unmistakable code and length (`LED`); else the country
must be given. If two readings are both valid the number is ambiguous. To add a way to write a country: `_candidates`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, NumberParseException, PhoneNumberFormat, PhoneNumberType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phonenumbers import PhoneNumber

#: Digits that name their country though the plus is missing: code and length fit no other way of writing a number.
LED = r"^(7)(\d{10})$|^(380|375)(\d{9})$"
#: "+38 (67)" and "+8 (916)": what stands before the bracket is no country code, though its digits go on as one.
BRACKETED = r"^[(\s]*\+\s*(?:8|38)\s*\([1-9]"

_BRACKET = re.compile(r"^\s*\+\s*(\d{1,3})\s*\((\d+)\)")
#: Ways out of the country, believed without knowing it only before so many digits that no country uses itself.
_WAY_OUT = re.compile(r"^(?:00(?=\d{8})|810(?=\d{10})|011(?=\d{10}))")
_LOCAL = range(5, 8)  # digits of a number within a city
_PLAUSIBLE = range(8, 16)  # digits of a number that lacks its country; ITU-T E.164 allows fifteen in all
_LEAST_ABROAD = 11  # digits, so that what looks national is not taken for a country code
_PLACE_CODE = {"38": "380"}  # Ukraine's code is often written so that the zero of its area codes ends it

TYPES = {
    PhoneNumberType.FIXED_LINE: "fixed",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal_number",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "uan",
    PhoneNumberType.VOICEMAIL: "voicemail",
}


class Reading(NamedTuple):
    """What a number is; `clean` is null unless it is valid."""

    clean: str | None = None
    code: str | None = None
    suggestion: str | None = None
    extension: str | None = None
    type: str | None = None
    region: str | None = None
    status: str | None = None


def reading(number: str, region: str | None) -> Reading:
    """Return the one valid reading of a number as written, or why there is none.

    >>> reading("8 (916) 123-45-67", "RU").clean, reading("8 (916) 123-45-67", None).code
    ('+79161234567', 'phone.ambiguous')
    """
    valid: dict[str, PhoneNumber] = {}
    unsure: PhoneNumber | None = None
    for text, home in _candidates(number, region):
        found = _parsed(text, home)
        if found and phonenumbers.is_valid_number(found):
            valid[_e164(found)] = found
        unsure = unsure or found
    if len(valid) == 1:
        ((clean, found),) = valid.items()
        kind = TYPES.get(phonenumbers.number_type(found))
        home = phonenumbers.region_code_for_number(found)
        return Reading(clean, None, None, found.extension, kind, home, "valid")
    if valid:
        return Reading(code="phone.ambiguous", status="ambiguous")
    return _refused(number, region, unsure)


def _refused(number: str, region: str | None, unsure: PhoneNumber | None) -> Reading:
    """Return why a number without a valid reading is not used."""
    digits = "".join(filter(str.isdigit, number))
    national = not number.lstrip("( ").startswith("+") or bool(re.match(BRACKETED, number))
    if national and len(digits) in _LOCAL and not re.search(r"[^\W\d_]", number):
        return Reading(code="phone.local", status="possible")
    if national and region is None and len(digits) in _PLAUSIBLE:
        return Reading(code="phone.ambiguous", suggestion=_with_plus(digits), status="ambiguous")
    status = "possible" if unsure and phonenumbers.is_possible_number(unsure) else "invalid"
    return Reading(code="phone.invalid", suggestion=_with_plus(digits) if national else None, status=status)


def _with_plus(digits: str) -> str | None:
    """Return an international number that lost its plus, if the digits may be one; 8 and 0 are trunk digits."""
    found = None if len(digits) < _LEAST_ABROAD or digits[0] in "08" else _parsed("+" + digits, None)
    return _e164(found) if found and phonenumbers.is_valid_number(found) else None


def _candidates(number: str, region: str | None) -> Iterator[tuple[str, str | None]]:
    """Yield each way to read a number: a text and the country it is dialled in."""
    digits = "".join(filter(str.isdigit, number))
    bracket = _BRACKET.match(number)
    if bracket and int(bracket[1]) not in COUNTRY_CODE_TO_REGION_CODE:
        yield from _mended(digits, bracket, region)
        return
    yield number, region
    if number.lstrip("( ").startswith("+"):
        return
    if re.match(LED, digits):
        yield "+" + digits, None
    if _WAY_OUT.match(digits):
        yield "+" + _WAY_OUT.sub("", digits), None
    if region == "UA" and re.match(r"80\d{9}$", digits):  # Ukraine's long-distance 8 before 0, until 2009
        yield digits[1:], region


def _mended(digits: str, bracket: re.Match[str], region: str | None) -> Iterator[tuple[str, str | None]]:
    """Yield what is meant by a plus before digits that are no country code."""
    code = bracket[1]
    if code in _PLACE_CODE:
        yield "+" + _PLACE_CODE[code] + digits[len(code) :].removeprefix("0"), None
    elif region:  # "+8 (916)": the trunk prefix with a plus
        yield digits, region


def _parsed(text: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
