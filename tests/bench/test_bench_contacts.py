"""The generator of invented contacts: the same by seed, and with the shares it promises."""

import csv
import re
import tomllib
from collections import Counter
from itertools import islice
from pathlib import Path

import phonenumbers
import pytest

from bench import contacts, people
from crmtool.core.rules import Fields, SourceMapping

ROOT = Path(__file__).resolve().parents[2]
ROWS = 20_000
DRAWN = list(contacts.drawn(ROWS, seed=7))
BY_ID = {row.cells[0]: row for row in DRAWN}


def of(row):
    return BY_ID[str(row.of)]


def test_the_same_seed_gives_the_same_file(tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        contacts.write(tmp_path / f"{name}.csv", 500, seed)
    first, again, other = ((tmp_path / f"{name}.csv").read_bytes() for name in "abc")
    assert first == again
    assert first != other
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b.csv", "c.csv"]


def test_a_longer_run_begins_as_a_shorter_one():
    assert list(islice(contacts.drawn(10**9, seed=7), 300)) == DRAWN[:300]


def test_the_file_holds_what_was_drawn(tmp_path):
    contacts.main(["300", str(tmp_path / "new" / "a.csv"), "--seed", "7"])
    with (tmp_path / "new" / "a.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file, strict=True)
    assert tuple(head) == contacts.HEADINGS
    assert [tuple(row) for row in rows] == [row.cells for row in DRAWN[:300]]


def test_there_are_fifteen_columns_and_the_catalogue_knows_all():
    text = (ROOT / "rules" / "fields.toml").read_text(encoding="utf-8")
    fields = Fields.model_validate(tomllib.loads(text)).field
    homes = {heading: name for name, rule in fields.items() for heading in rule.headings}
    assert len({homes[heading] for heading in contacts.HEADINGS}) == len(contacts.HEADINGS) == 15


def test_the_mapping_of_the_bench_knows_the_file_and_leaves_the_columns_to_the_catalogue():
    rule = SourceMapping.model_validate(tomllib.loads((ROOT / "bench" / "invented.toml").read_text(encoding="utf-8")))
    assert set(rule.signature) <= set(contacts.HEADINGS)
    assert not rule.columns
    assert rule.region == "RU"


def test_ids_count_the_rows():
    assert [row.cells[0] for row in DRAWN] == [str(n) for n in range(1, ROWS + 1)]


def test_the_shares_are_as_promised():
    counts = Counter(row.relation for row in DRAWN)
    repeated = ROWS - counts["new"]
    assert repeated / ROWS == pytest.approx(contacts.REPEATED, abs=0.015)
    assert counts["same"] / repeated == pytest.approx(contacts.SAME, abs=0.03)
    assert min(counts["family"], counts["office"]) > 0.1 * repeated


def test_a_repeated_row_carries_the_phone_of_the_earlier_one():
    repeated = [row for row in DRAWN if row.of]
    assert all(row.person.phone == of(row).person.phone and int(row.cells[0]) > row.of for row in repeated)
    tails = [re.sub(r"\D", "", row.cells[contacts.PHONE])[-6:] for row in repeated]
    firsts = [re.sub(r"\D", "", of(row).cells[contacts.PHONE].split(",")[0])[-6:] for row in repeated]
    assert tails == firsts


def test_the_same_person_is_mostly_written_another_way():
    same = [row for row in DRAWN if row.relation == "same"]
    assert all(row.person == of(row).person for row in same)
    name, phone = contacts.HEADINGS.index("ФИО"), contacts.PHONE
    alike = sum((row.cells[name], row.cells[phone]) == (of(row).cells[name], of(row).cells[phone]) for row in same)
    assert alike / len(same) < 0.1


def test_somebody_else_at_a_phone_is_somebody_else():
    for row in DRAWN:
        if row.relation in {"family", "office"}:
            mine, theirs = row.person, of(row).person
            assert (mine.given, mine.family) != (theirs.given, theirs.family)
            assert mine.email != theirs.email
            assert mine.firm == (theirs.firm if row.relation == "office" else "")


def test_phones_of_new_people_are_hardly_ever_alike():
    phones = [row.person.phone for row in DRAWN if row.relation == "new"]
    assert len(set(phones)) / len(phones) > 0.999


@pytest.mark.parametrize("land", [people.RUSSIAN, people.UKRAINIAN, people.ENGLISH])
def test_every_code_is_of_valid_mobiles_and_every_way_to_write_them_can_be_read(land):
    region = {"7": "RU", "380": "UA", "44": "GB"}[land.country]
    rest = "1234567"[: land.digits]
    for code in land.codes:
        for form in land.phones:
            written = form.format(c=code, a=rest[:-4], b=rest[-4:-2], d=rest[-2:])
            number = phonenumbers.parse(written, region)
            assert phonenumbers.is_valid_number_for_region(number, region), written
            assert f"+{number.country_code}{number.national_number}" == f"+{land.country}{code}{rest}"
            assert phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE


def test_a_small_share_of_new_people_is_damaged_and_nobody_repeats_them():
    def damaged(row):
        return row.cells[contacts.PHONE] in people.NO_PHONES or row.cells[contacts.EMAIL] in people.NO_MAILS

    new = [row for row in DRAWN if row.relation == "new"]
    bad = {int(row.cells[0]) for row in DRAWN if damaged(row)}
    assert len(bad) / len(new) == pytest.approx(contacts.DAMAGED, abs=0.005)
    assert not bad & {row.of for row in DRAWN}


def test_three_languages_are_mixed():
    lands = Counter(row.person.land.country for row in DRAWN)
    assert lands["7"] > lands["380"] > lands["44"] > 0.1 * ROWS


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(contacts, "MEMORY", 10)
    rows = list(contacts.drawn(2_000, seed=1))
    sound = [int(row.cells[0]) for row in rows if row.relation == "new" and row.cells[contacts.PHONE]]
    late = [row for row in rows if row.of]
    assert late
    assert max(sum(row.of < n < int(row.cells[0]) for n in sound) for row in late) < 15
