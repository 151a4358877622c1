"""Plainly written digits read as phonenumbers reads them: the same answers on random numbers of every country."""

import random

import phonenumbers
import pytest
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS, PhoneMetadata, PhoneNumberType

from crmtool.core.normalizers.phone_rules import Number, parsed, place, possible

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
HOMES = ("RU", "UA", "BY", "KZ", "US", "GB", "DE", "IT", "AR", "MX", "BR", None)
EXAMPLES = {
    region: [
        phonenumbers.national_significant_number(example)
        for kind in TYPES
        if (example := phonenumbers.example_number_for_type(region, kind))
    ]
    for region in sorted(SUPPORTED_REGIONS)
}


def library(text, region):
    """What phonenumbers says of a text: country code, national number, extension; region and type; whether possible."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    where = phonenumbers.region_code_for_number(number), TYPES.get(phonenumbers.number_type(number))
    return (
        (number.country_code, phonenumbers.national_significant_number(number), number.extension),
        where if phonenumbers.is_valid_number(number) else None,
        phonenumbers.is_possible_number(number),
    )


def ours(text, region):
    number = parsed(text, region)
    return number and ((*number,), place(number), possible(number))


def changed(digits, dice):
    """Digits with a few of them others, now and then with one more or less."""
    found = list(digits)
    for _ in range(dice.choice((0, 0, 1, 2, 5))):
        found[dice.randrange(len(found))] = dice.choice("0123456789")
    if dice.random() < 0.1:
        found.append(dice.choice("0123456789"))
    return "".join(found[: len(found) - (dice.random() < 0.1)])


def prefixed(region, dice):
    """What may be written before a national number, right or wrong."""
    data = PhoneMetadata.metadata_for_region(region)
    code, trunk = str(data.country_code), data.national_prefix or ""
    ways = ("", trunk, code, "+" + code, "+" + code + trunk, code + trunk, "00" + code, "810" + code, "011" + code)
    return dice.choice((*ways, "8", "0", "+8", "+"))


def grouped(digits, dice):
    """Digits with marks between and around them."""
    if dice.random() < 0.6:
        return digits
    inside = "".join(c + dice.choice(("", "", "", " ", "-", " (", ") ", ".", "–", "  ")) for c in digits)
    return dice.choice(("", "", "(", "- ")) + inside + dice.choice(("", "", ")", " "))


def cases(count, seed):
    """Texts and the regions they are dialled in: numbers of every country as anybody may write them, and noise."""
    dice = random.Random(seed)
    for _ in range(count):
        home = dice.choice((*HOMES, dice.choice([*EXAMPLES])))
        region = dice.choice((home or "RU", dice.choice([*EXAMPLES])))
        digits = prefixed(region, dice) + changed(dice.choice(EXAMPLES[region]), dice)
        if dice.random() < 0.2:
            digits = "".join(dice.choices("0123456789", k=dice.randint(1, 18)))
        yield grouped(digits, dice), home


@pytest.mark.parametrize("seed", range(4))
def test_the_answers_are_those_of_phonenumbers(seed):
    """40,000 texts in all, a tenth and more of them valid numbers, of every country code."""
    texts = list(cases(10_000, seed))
    expected = [library(*case) for case in texts]
    assert [(case, ours(*case)) for case in texts] == list(zip(texts, expected, strict=True))
    valid = [said for said in expected if said and said[1]]
    assert len(valid) > len(texts) / 10
    assert len({code for (code, _, _), _, _ in valid}) > len(COUNTRY_CODE_TO_REGION_CODE) / 2


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("+7 916 123-45-67", None, Number(7, "9161234567")),
        ("+8 916 123-45-67", "RU", None),  # no country has the code, nor does the rest begin with one
        ("+00 7 916 123 45 67", "UA", Number(7, "9161234567")),  # a way out of the country behind a plus
        ("1-800-FLOWERS", "US", Number(1, "8003569377")),
        ("8 916 123-45-67 ext. 5", "RU", Number(7, "9161234567", "5")),
        ("+800 1234 5678", None, Number(800, "12345678")),
        ("02 1234 5678", "IT", Number(39, "0212345678")),
        ("011 15 2345-6789", "AR", Number(54, "91123456789")),  # what follows the trunk is written anew
        ("12345678", "ZZ", None),
        ("", "RU", None),
    ],
)
def test_one_number(text, region, number):
    assert parsed(text, region) == number
    assert ours(text, region) == library(text, region)


def test_a_long_text_is_the_librarys_to_refuse():
    text = "8 916 123-45-67" + " " * 1_000
    assert parsed(text, "RU") is None
    assert library(text, "RU") is None
