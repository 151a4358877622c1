"""Speed of reading phones beside plain phonenumbers, on the same invented cells in the same run; the answers compared.

"Plain" is parse, is_valid_number, number_type and format_number for each distinct cell, with the way a number may be
written without a country tried as `crmtool.core.normalizers.phone_reading` does. Cells that are one number must give
the same answer both ways; messy ones (several numbers, words) only count for speed: phonenumbers alone cannot read
them.

Run as `python -m bench.phones [--count 300000]`. Exit code 1 when an answer differs.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

import phonenumbers
import polars as pl

from crmtool.core.normalizers.phone import phone
from crmtool.core.normalizers.phone_reading import candidates
from crmtool.core.normalizers.registry import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

SEED = 1
_SHOWN = 10
_USUAL = 0.95  # share of codes that are common, and of numbers that are of the right length
_CODES = {"RU": ("916", "903", "926", "495", "812", "800", "701", "383"), "UA": ("67", "50", "93", "44", "57", "800")}
_LENGTH = {"RU": 10, "UA": 9}
_FORMS = {
    "RU": (
        "+7{0}{1}",
        "+7 ({0}) {1}",
        "8{0}{1}",
        "8 ({0}) {1}",
        "8-{0}-{1}",
        "7{0}{1}",
        "{0}{1}",
        "007{0}{1}",
    ),
    "UA": ("+380{0}{1}", "+38 (0{0}) {1}", "0{0}{1}", "(0{0}) {1}", "380{0}{1}", "80{0}{1}", "{0}{1}", "+38 0{0} {1}"),
}
#: The words of phonenumbers for the types of number.
_WORDS = {
    number: {"FIXED_LINE": "fixed", "FIXED_LINE_OR_MOBILE": "fixed_or_mobile"}.get(name, name.lower())
    for name, number in vars(phonenumbers.PhoneNumberType).items()
    if name.isupper()
}
_MESSY = ("{0} доб. {2}", "моб. {0}", "{0} (факс)", "{0}, {1}", "раб. {0}; моб. {1}", "{0}/{1}", "{0} спросить Анну")


def numbers(region: str, count: int) -> list[str]:
    """Return distinct cells of one number, written in many ways; some are valid, some are not."""
    dice = random.Random(f"{SEED} {region}")
    found: dict[str, None] = {}
    while len(found) < count:
        code = dice.choice(_CODES[region]) if dice.random() < _USUAL else str(dice.randint(10, 999))
        wrong = dice.choice((1, -1)) if dice.random() > _USUAL else 0
        rest = "".join(dice.choices("0123456789", k=_LENGTH[region] - len(code) + wrong))
        found[dice.choice(_FORMS[region]).format(code, _grouped(rest, dice))] = None
    return list(found)


def _grouped(digits: str, dice: random.Random) -> str:
    separator = dice.choice(("", "", "-", " ", ".", "\u00a0", "‑"))
    return separator.join((digits[:3], digits[3:5], digits[5:])) if separator else digits


def messy(cells: list[str]) -> list[str]:
    """Return cells with words, extensions and several numbers."""
    dice = random.Random(SEED)
    pairs = zip(cells, reversed(cells), strict=True)
    return list(dict.fromkeys(dice.choice(_MESSY).format(one, two, dice.randint(1, 999)) for one, two in pairs))


def plain(cells: list[str], region: str) -> list[tuple[str | None, str | None, str | None]]:
    """Return E.164, type and region of each cell as phonenumbers alone tells them, one cell at a time."""
    return [_plain(cell, region) for cell in cells]


def _plain(cell: str, region: str) -> tuple[str | None, str | None, str | None]:
    """Return what phonenumbers says of a cell that has one valid reading, all None for any other."""
    valid = {}
    for text, home in candidates(cell, region):
        with contextlib.suppress(phonenumbers.NumberParseException):
            number = phonenumbers.parse(text, home)
            if phonenumbers.is_valid_number(number):
                valid[phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)] = number
    if len(valid) != 1:
        return None, None, None
    ((clean, number),) = valid.items()
    return clean, _WORDS[phonenumbers.number_type(number)], phonenumbers.region_code_for_number(number)


def bare(cells: list[str], region: str) -> int:
    """Return how many cells are valid for a single parse of phonenumbers: the least anybody would do."""
    valid = 0
    for cell in cells:
        try:
            number = phonenumbers.parse(cell, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            phonenumbers.number_type(number)
            valid += 1
    return valid


def _ours(cells: list[str], region: str) -> pl.DataFrame:
    return phone(pl.Series("value", cells), Settings(region=region))


def _seconds(work: Callable[[], object]) -> float:
    """Return the seconds of CPU a function takes, those of all its threads together."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _differing(cells: list[str], region: str) -> list[tuple[object, ...]]:
    """Return the cells whose two answers differ, made-up numbers apart: those we refuse though a plan allows them."""
    said = _ours(cells, region)
    ours = said.select("clean", "type", "region").rows()
    rows = zip(cells, ours, plain(cells, region), said["code"], strict=True)
    return [(cell, one, other) for cell, one, other, code in rows if one != other and code != "phone.placeholder"]


def main() -> int:
    """Print cells a second of both, and the answers that differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300_000)
    count = parser.parse_args().count // len(_FORMS)
    differing = []
    _ours(["+7 916 123-45-67"], "RU")
    for region in _FORMS:
        cells = numbers(region, count)
        mixed = messy(cells[: count // 5])
        fast, slow = _seconds(partial(_ours, cells, region)), _seconds(partial(bare, cells, region))
        words = _seconds(partial(_ours, mixed, region))
        differing += _differing(cells, region)
        print(
            f"{region}: {len(cells) / fast:,.0f} cells/s of CPU, "
            f"plain phonenumbers {len(cells) / slow:,.0f}: x {slow / fast:.1f}"
        )
        print(f"    with words and several numbers: {len(mixed) / words:,.0f} cells/s")
    print(f"{len(differing)} of {count * len(_FORMS):,} answers differ", *differing[:_SHOWN], sep="\n")
    return int(bool(differing))


if __name__ == "__main__":
    sys.exit(main())
