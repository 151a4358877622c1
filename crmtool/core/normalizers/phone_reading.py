"""One number as written, read by the rules of phonenumbers: what the fast way of `phone` leaves.

A number says its country by a plus, by 00 and the like, or by an unmistakable code and length (`LED`); else the country
must be given. If two readings are both valid the number is ambiguous. To add a way to write a country: `candidates`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from crmtool.core.normalizers.phone_rules import parsed, place, possible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmtool.core.normalizers.phone_rules import Number

#: Country codes that digits name though the plus is missing, and how many follow: they fit no other way of writing a
#: number.
LED = {"7": 10, "380": 9, "375": 9}
#: "+38 (67)" and "+8 (916)": what stands before the bracket is no country code, though its digits go on as one.
BRACKETED = r"^[(\s]*\+\s*(?:8|38)\s*\([1-9]"

_LED = re.compile("|".join(rf"{code}\d{{{count}}}" for code, count in LED.items()))
_BRACKETED = re.compile(BRACKETED)
_BRACKET = re.compile(r"^\s*\+\s*(\d{1,3})\s*\((\d+)\)")
#: Ways out of the country, believed without knowing it only before so many digits that no country uses itself.
_WAY_OUT = re.compile(r"^(?:00(?=\d{8})|810(?=\d{10})|011(?=\d{10}))")
#: Nobody else dials an eight before ten digits that do not begin with a zero.
_TRUNK_EIGHT = re.compile(r"8[1-9]\d{9}")
_LOCAL = range(5, 8)  # digits of a number within a city
_PLAUSIBLE = range(8, 16)  # digits of a number that lacks its country; ITU-T E.164 allows fifteen in all
_LEAST_ABROAD = 11  # digits, so that what looks national is not taken for a country code
_PLACE_CODE = {"38": "380"}  # Ukraine's code is often written so that the zero of its area codes ends it


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
    valid: dict[str, Reading] = {}
    unsure: Number | None = None
    for text, home in candidates(number, region):
        found = parsed(text, home)
        at = place(found) if found else None
        if found and at:
            valid[found.e164] = Reading(found.e164, None, None, found.extension, at[1], at[0], "valid")
        unsure = unsure or found
    if len(valid) == 1:
        return next(iter(valid.values()))
    if valid:
        return Reading(code="phone.ambiguous", status="ambiguous")
    return _refused(number, region, unsure)


def _refused(number: str, region: str | None, unsure: Number | None) -> Reading:
    """Return why a number without a valid reading is not used."""
    digits = "".join(filter(str.isdigit, number))
    national = not number.lstrip("( ").startswith("+") or bool(_BRACKETED.match(number))
    if national and len(digits) in _LOCAL and not re.search(r"[^\W\d_]", number):
        return Reading(code="phone.local", status="possible")
    if national and region is None and len(digits) in _PLAUSIBLE:
        return Reading(code="phone.ambiguous", suggestion=_with_plus(digits), status="ambiguous")
    status = "possible" if unsure and possible(unsure) else "invalid"
    meant = (_with_plus(digits) or _with_seven(digits)) if national else None
    return Reading(code="phone.invalid", suggestion=meant, status=status)


def _with_plus(digits: str) -> str | None:
    """Return an international number that lost its plus, if the digits may be one; 8 and 0 are trunk digits."""
    found = None if len(digits) < _LEAST_ABROAD or digits[0] in "08" else parsed("+" + digits, None)
    return found.e164 if found and place(found) else None


def _with_seven(digits: str) -> str | None:
    """Return a number as it is dialled within Russia and Kazakhstan, if the digits can be nothing else."""
    home, abroad = (parsed(text, None) for text in ("+7" + digits[1:], "+" + digits))
    dialled = _TRUNK_EIGHT.fullmatch(digits) and home and place(home)
    return home.e164 if dialled and home and not (abroad and place(abroad)) else None


def candidates(number: str, region: str | None) -> Iterator[tuple[str, str | None]]:
    """Yield each way to read a number: a text and the country it is dialled in."""
    digits = "".join(filter(str.isdigit, number))
    bracket = _BRACKET.match(number)
    if bracket and int(bracket[1]) not in COUNTRY_CODE_TO_REGION_CODE:
        yield from _mended(digits, bracket, region)
        return
    yield number, region
    if number.lstrip("( ").startswith("+"):
        return
    if _LED.fullmatch(digits):
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
