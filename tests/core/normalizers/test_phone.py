"""Phone numbers: cells, extensions, damage, countries; the fast way against phonenumbers; the law."""

import random

import phonenumbers
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.normalizers import phone as module
from crmtool.core.normalizers.numbering import FAST
from crmtool.core.normalizers.phone import phone
from crmtool.core.normalizers.phone_reading import reading
from crmtool.core.normalizers.registry import Settings


def answer(*values, region=None):
    return phone(pl.Series(values, dtype=pl.String), Settings(region=region))


def numbers(written, region=None):
    return answer(written, region=region)["clean"].to_list()


@pytest.mark.parametrize(
    ("written", "region", "expected"),
    [
        ("+7 916 123-45-67", None, "+79161234567"),
        ("8 (916) 123-45-67", "RU", "+79161234567"),
        ("9161234567", "RU", "+79161234567"),
        ("79161234567", None, "+79161234567"),
        ("79161234567", "US", "+79161234567"),
        ("(+7) 916.123.45.67", None, "+79161234567"),
        ("Тел.: +7 916 123 45 67 (раб.)", None, "+79161234567"),
        ("+7 8 916 1234567", None, "+79161234567"),
        ("8 701 123 4567", "RU", "+77011234567"),
        ("8 (800) 555-35-35", "RU", "+78005553535"),
        ("067 123 45 67", "UA", "+380671234567"),
        ("671234567", "UA", "+380671234567"),
        ("380671234567", None, "+380671234567"),
        ("+380 (67) 123-45-67", None, "+380671234567"),
        ("80671234567", "UA", "+380671234567"),
        ("00380671234567", "RU", "+380671234567"),
        ("8 029 491-19-11", "BY", "+375294911911"),
        ("375294911911", None, "+375294911911"),
        ("212-555-0123", "US", "+12125550123"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("79161234567.0", None, "+79161234567"),
        ("7.9161234567E+10", None, "+79161234567"),
    ],
)
def test_one_number(written, region, expected):
    assert numbers(written, region) == [expected]


@pytest.mark.parametrize(
    ("written", "region", "code"),
    [
        ("8 (916) 123-45-67", None, "phone.ambiguous"),
        ("0671234567", None, "phone.ambiguous"),
        ("89161234567", None, "phone.ambiguous"),
        ("442079460018", None, "phone.ambiguous"),
        ("8 (916) 123-45-67", "UA", "phone.invalid"),
        ("+7 000 000-00-01", None, "phone.invalid"),
        ("123 45 67 89", "RU", "phone.placeholder"),
        ("52-13-46", "RU", "phone.local"),
        ("звонить Ивану", "RU", "phone.invalid"),
        ("7.9161E+10", "RU", "phone.damaged"),
        ("7,91612E+10", "RU", "phone.damaged"),
        ("3.80671E+11", None, "phone.damaged"),
    ],
)
def test_never_a_guess(written, region, code):
    row = answer(written, region=region).row(0, named=True)
    assert (row["clean"], row["code"], row["type"], row["region"]) == (None, code, None, None)


@pytest.mark.parametrize(
    ("written", "region", "suggestion"),
    [
        ("8 (916) 123-45-67", "UA", "+79161234567"),
        ("8 (916) 123-45-67", "GB", "+79161234567"),
        ("84 91 234 56 78", "UA", None),  # dialled within Russia, or with Vietnam's code
        ("8 (000) 123-45-67", "UA", None),
        ("442079460018", "RU", "+442079460018"),
    ],
)
def test_what_an_invalid_number_may_be(written, region, suggestion):
    row = answer(written, region=region).row(0, named=True)
    assert (row["clean"], row["suggestion"]) == (None, suggestion)


@pytest.mark.parametrize(
    "written",
    [
        "8 495 123-45-67, 8 916 123-45-67",
        "8 495 123-45-67; +79161234567",
        "84951234567/89161234567",
        "8 495 1234567\n8 916 1234567",
        "84951234567 и 89161234567",
        "+74951234567 +79161234567",
        "раб. 8 495 123 45 67, моб. 8 916 123 45 67",
        "8 495 123 45 67 (раб), 8 916 123 45 67 (моб)",
    ],
)
def test_several_in_a_cell(written):
    found = answer(written, region="RU")
    assert found.select("seq", "clean").rows() == [(0, "+74951234567"), (1, "+79161234567")]


@pytest.mark.parametrize(
    "tail",
    [" доб. 12", " доб.12", ", доб 12", " (доб. 12)", " внутр. 12", " вн. 12", " ext. 12", "x12", "#12", " дод. 12"],
)
def test_extensions(tail):
    row = answer("8 (495) 123-45-67" + tail, region="RU").row(0, named=True)
    assert (row["clean"], row["extension"]) == ("+74951234567", "12")


@pytest.mark.parametrize(
    ("number", "kind", "region"),
    [
        ("+79161234567", "mobile", "RU"),
        ("+74951234567", "fixed", "RU"),
        ("+78005553535", "toll_free", "RU"),
        ("+78095553535", "premium_rate", "RU"),
        ("+77011234567", "mobile", "KZ"),
        ("+380671234567", "mobile", "UA"),
        ("+12125550123", "fixed_or_mobile", "US"),
        ("+447400123456", "mobile", "GB"),
    ],
)
def test_type_and_region(number, kind, region):
    assert answer(number).select("type", "region").row(0) == (kind, region)


FORMS = {
    "RU": ("+7{}", "+7 ({:.3}) {}", "8{}", "8 ({:.3}) {}", "7{}", "{}"),
    "KZ": ("+7{}", "8{}", "7{}", "{}"),
    "UA": ("+380{}", "+380 {:.2} {}", "380{}", "0{}", "{}", "(0{:.2}) {}"),
    "BY": ("+375{}", "375{}", "80{}", "8 0{:.2} {}", "{}", "0{}"),
    "US": ("+1{}", "1{}", "{}", "({:.3}) {}"),
    "DE": ("+49{}", "0{}", "{}"),
    "GB": ("+44{}", "0{}", "{}"),
    "IT": ("+39{}", "{}", "0{}"),
    "PL": ("+48{}", "{}"),
}
LENGTHS = {"UA": (9, 9, 10), "BY": (9, 9, 6, 10), "DE": (10, 11, 8), "GB": (10, 9), "IT": (9, 10), "PL": (9,)}


def written_at_random(region, count):
    """Yield numbers that begin like real ones of the region for up to four digits and go on at random."""
    dice = random.Random(region)
    kinds = [phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE]
    kinds.append(phonenumbers.PhoneNumberType.TOLL_FREE)
    seeds = [str(phonenumbers.example_number_for_type(region, kind).national_number) for kind in kinds]
    for _ in range(count):
        length = dice.choice(LENGTHS.get(region, (10, 10, 10, 14)))
        start = dice.choice(seeds)[: dice.randint(0, 4)]
        digits = (start + "".join(dice.choices("0123456789", k=length)))[:length]
        form = dice.choice(FORMS[region])
        head = int(form[form.index(":.") + 2]) if ":." in form else 0
        yield form.format(digits, digits[head:]) if head else form.format(digits)


WORDS = {
    number: {"FIXED_LINE": "fixed", "FIXED_LINE_OR_MOBILE": "fixed_or_mobile"}.get(name, name.lower())
    for name, number in vars(phonenumbers.PhoneNumberType).items()
    if name.isupper()
}


def plain(number, region):
    """What phonenumbers says, asked for the region first and then for the country that the digits name."""
    digits = "".join(filter(str.isdigit, number))
    named = "+" not in number and (len(digits), digits[:3]) in {(12, "380"), (12, "375")}
    named = named or ("+" not in number and len(digits) == 11 and digits[0] == "7")
    found = {}
    readings = [(number, region)] + [("+" + digits, None)] * named
    readings += [("+" + digits[2:], None)] * ("+" not in number and digits.startswith("00"))
    for text, home in readings:
        try:
            parsed = phonenumbers.parse(text, home)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            clean = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
            kind = WORDS[phonenumbers.number_type(parsed)]
            found[clean] = (clean, kind, phonenumbers.region_code_for_number(parsed))
    return next(iter(found.values())) if len(found) == 1 else (None, None, None)


@pytest.mark.parametrize("region", FORMS)
@pytest.mark.parametrize("ours", [6_000, pytest.param(26_000, marks=pytest.mark.soak)])
def test_the_fast_way_agrees_with_phonenumbers(region, ours, monkeypatch):
    """Random numbers for each of our four regions, 2,000 for others: 34,000 in all, 114,000 with `make soak`."""
    reading = module.reading
    slow = []
    monkeypatch.setattr(module, "reading", lambda number, home: slow.append(number) or reading(number, home))
    values = list(dict.fromkeys(written_at_random(region, ours if region in FAST else 2_000)))
    found = answer(*values, region=region)
    expected = [plain(value, region) for value in values]
    wrong = [
        (value, said, meant)
        for value, said, meant in zip(values, found.select("clean", "type", "region").rows(), expected, strict=True)
        if said != meant
    ]
    valid = sum(clean is not None for clean, _, _ in expected)
    assert wrong == []
    assert valid > len(values) / 10
    assert len(values) - len(slow) > valid / 2, "most valid numbers should not need the library"


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.lists(st.text(alphabet="+78916380()- ,;/xдоб.E\n0", max_size=24), max_size=6, unique=True))
def test_cleaning_twice_is_cleaning_once(values):
    once = answer(*values, region="RU")["clean"].drop_nulls().unique()
    again = answer(*once, region="RU")
    assert again["clean"].to_list() == once.to_list()
    assert again["rule"].null_count() == again["code"].null_count() == len(once)


# -- words, damage, made-up numbers -----------------------------------------------------------------------------------


def parts(written, region="RU"):
    return answer(written, region=region).select("clean", "extension", "label", "note").rows()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("моб. +7 916 123-45-67", [("+79161234567", None, "mobile", None)]),
        ("+7 916 123-45-67 (voicemail)", [("+79161234567", None, None, "voicemail")]),
        ("whatsapp: 8 916 123 45 67", [("+79161234567", None, "whatsapp", None)]),
        ("8-916-123-45-67 Пётр с 9 до 18", [("+79161234567", None, None, "Пётр с 9 до 18")]),
        ("+7 916 123-45-67 (после 18:00)", [("+79161234567", None, None, "после 18:00")]),
        ("+7 495 123-45-67 (офис, доб. 12)", [("+74951234567", "12", "work", None)]),
        (
            "+79161234567 спросить Анну, +74951234567 факс",
            [("+79161234567", None, None, "спросить Анну"), ("+74951234567", None, "fax", None)],
        ),
        (
            "8 495 123 45 67 (раб) 8 916 123 45 67 (моб)",
            [("+74951234567", None, "work", None), ("+79161234567", None, "mobile", None)],
        ),
        (
            "8 495 123-45-67 или 8 916 123-45-67",
            [("+74951234567", None, None, None), ("+79161234567", None, None, None)],
        ),
    ],
)
def test_words_beside_a_number_are_its_label_and_its_note(written, expected):
    assert parts(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("8 (495) 123-45-67/68", ["+74951234567", "+74951234568"]),
        ("+7 916 1234567/68", ["+79161234567", "+79161234568"]),
        ("8 495 123-45-67, 68, 69", ["+74951234567", "+74951234568", "+74951234569"]),
        ("8 (495) 123-45-67/12", ["+74951234567", None]),  # an extension, or the number eleven before
        ("84951234567 89161234567", ["+74951234567", "+79161234567"]),
        ("8(495)123/45/67", ["+74951234567"]),
        ("8/495/123-45-67", ["+74951234567"]),
    ],
)
def test_numbers_that_share_their_beginning_are_completed_only_when_sure(written, expected):
    assert numbers(written, "RU") == expected


@pytest.mark.parametrize(
    ("written", "region", "expected"),
    [
        ("'+79161234567", None, "+79161234567"),
        ('="79161234567"', None, "+79161234567"),
        ("p:+79161234567", None, "+79161234567"),
        ("tel:+7-916-123-45-67", None, "+79161234567"),
        ("７９１６１２３４５６７", None, "+79161234567"),
        ("+7９161234567", None, "+79161234567"),
        ("+7\u00a0916\u200b123‑45−67", None, "+79161234567"),
        ("810 380 44 123 45 67", None, "+380441234567"),
        ("+38 (067) 123-45-67", None, "+380671234567"),
        ("+38 (67) 123-45-67", None, "+380671234567"),  # +386 7... would be a number of Slovenia
        ("+8 (495) 123-45-67", "RU", "+74951234567"),  # +84 95... would be a number of Viet Nam
        ("04101/123456", "DE", "+494101123456"),
        ("380671234567.0", None, "+380671234567"),
    ],
)
def test_forms_of_other_programs_and_of_habit(written, region, expected):
    assert numbers(written, region) == [expected]


@pytest.mark.parametrize(
    ("written", "region", "code", "status"),
    [
        ("0000000", None, "phone.placeholder", "unknown"),
        ("1234567", "RU", "phone.placeholder", "unknown"),
        ("9999999999", "RU", "phone.placeholder", "unknown"),
        ("+7 (999) 999-99-99", None, "phone.placeholder", "unknown"),
        ("+7 (___) ___-__-__", None, "phone.placeholder", "unknown"),
        ("+7", None, "phone.placeholder", "unknown"),
        ("52-13-46", "UA", "phone.local", "possible"),
        ("495430210.0", "RU", "phone.invalid", "invalid"),  # a number, not the ten digits 4954302100
        ("7.9161E+10", "RU", "phone.damaged", "damaged"),
        ("+8 (916) 123-45-67", None, "phone.ambiguous", "ambiguous"),
        ("ИНН 7707083893", "RU", "phone.invalid", "invalid"),  # ten digits that Kazakhstan would take
        ("24680 MOB", "US", "phone.local", "possible"),  # no letters to be dialled
        ("-", None, "value.placeholder", "unknown"),
    ],
)
def test_what_is_not_used_says_why(written, region, code, status):
    row = answer(written, region=region).row(0, named=True)
    assert (row["clean"], row["code"], row["status"]) == (None, code, status)


def test_a_lost_plus_is_suggested_and_a_trunk_prefix_is_not_taken_for_it():
    assert answer("998901234567")["suggestion"].to_list() == ["+998901234567"]
    assert answer("8 495 123-45-67")["suggestion"].to_list() == [None]


def test_numbers_of_a_country_met_often_are_read_as_by_the_library():
    forms = ("+44 (0) {} {}", "+44 {} {}", "+44{}{}", "+44 (0){}-{}", "+49 (0) 1{} {}", "+4917{} {}")
    cells = [form.format(7402 + n % 90, 100000 + 37 * n) for form in forms for n in range(250)]
    fast = phone(pl.Series(cells), Settings(region="RU"))
    slow = [reading(cell, "RU") for cell in cells]
    assert fast["clean"].to_list() == [one.clean for one in slow]
    assert fast["type"].to_list() == [one.type for one in slow]
    assert fast["region"].to_list() == [one.region for one in slow]
