"""The generator of contacts with known truth: the same by seed, errors where it says, close people who are not one."""

import phonenumbers
import polars as pl
import pytest
from stdnum.ru import inn

from bench import copies, doubles, names, people, population

ROWS = 12_000
SEED = 7
ALL = doubles.contacts(ROWS, SEED)
PEOPLE = ALL.filter(pl.col("kind") == "person")
TRULY = population.people_of(6_000, SEED)
CLOSE = pl.concat([TRULY, TRULY.select(pl.all().shift(1).name.suffix("_1"))], how="horizontal")


def kinds(frame):
    return frame["errors"].str.split("|").explode().drop_nulls()


def planted_alone(kind):
    """Rows with this error and no other, beside the clean row of the same person."""
    clean = ALL.filter(pl.col("errors") == "").unique("person", keep="first", maintain_order=True)
    return ALL.filter(pl.col("errors") == kind).join(clean, on="person", suffix="_clean")


def test_the_same_seed_gives_the_same_rows_and_another_seed_others():
    again, other = doubles.contacts(500, SEED), doubles.contacts(500, SEED + 1)
    assert doubles.contacts(500, SEED).equals(again)
    assert not other.equals(again)


def test_there_are_as_many_rows_as_asked_for():
    for rows in (1, 10, 777):
        assert doubles.contacts(rows, SEED).height == rows
    assert ALL.height == ROWS


def test_the_files_hold_the_rows_and_their_truth(tmp_path):
    doubles.main(["300", str(tmp_path / "new" / "a.csv"), "--seed", "7"])
    file = pl.read_csv(tmp_path / "new" / "a.csv", infer_schema=False)
    truth = pl.read_csv(tmp_path / "new" / "a.truth.csv", infer_schema=False)
    assert tuple(file.columns) == doubles.COLUMNS
    assert tuple(truth.columns) == doubles.TRUTH
    assert file["person"].equals(truth["person"])
    assert sorted(place.name for place in (tmp_path / "new").iterdir()) == ["a.csv", "a.truth.csv"]


def test_the_truth_is_not_in_the_order():
    same = (ALL["person"] == ALL["person"].shift(1)).sum()
    assert same < 0.002 * ROWS


def test_a_share_of_people_stands_two_to_four_times():
    times = ALL["person"].value_counts(name="times")["times"]
    assert times.max() == copies.MOST
    assert (times > 1).mean() == pytest.approx(doubles.DUPLICATED, abs=0.03)
    few = doubles.contacts(3_000, SEED, duplicated=0.2)["person"].value_counts(name="times")["times"]
    assert (few > 1).mean() == pytest.approx(0.2, abs=0.03)


def test_every_kind_of_error_happens():
    assert set(kinds(ALL)) - {""} == {*copies.STEPS, *copies.FIRM_STEPS}


def test_one_row_of_each_person_is_clean():
    many = ALL.filter(pl.len().over("person") == copies.MOST)
    assert many.group_by("person").agg((pl.col("errors") == "").any())["errors"].mean() > 0.95


def test_a_row_without_errors_says_what_the_clean_one_says():
    rest = ["name", "kind", "pair", "relation", "firm", "errors"]  # whole names come in two orders
    clean = ALL.filter(pl.col("errors") == "").drop(rest)
    assert clean.unique().height == clean["person"].n_unique()


def test_a_marked_error_changed_its_field():
    fields = {
        "married": "family_name",
        "moved job": "company",
        "other e-mail": "email",
        "other phone": "phone",
        "nickname": "given_name",
        "no patronymic": "middle_name",
        "initials": "given_name",
        "phone digit": "phone",
        "company form": "company",
        "no tax id": "tax_id",
    }
    for kind, field in fields.items():
        found = planted_alone(kind)
        assert found.height, kind
        assert found[field].ne_missing(found[f"{field}_clean"]).all(), kind


def test_swapped_and_transliterated_names_are_the_same_names():
    swapped = planted_alone("swapped")
    assert swapped["given_name"].equals(swapped["family_name_clean"].alias("given_name"))
    latin = planted_alone("transliterated")
    assert latin["family_name"].str.contains(r"^[A-Za-z'-]+$").all()
    assert latin["family_name_clean"].str.contains(r"\p{Cyrillic}").all()


def test_a_typo_is_one_edit_or_two_and_never_the_first_letter():
    typos = planted_alone("typo").filter(pl.col("family_name") != pl.col("family_name_clean"))
    assert typos.height > 20
    lengths = typos["family_name"].str.len_chars().cast(pl.Int64) - typos["family_name_clean"].str.len_chars().cast(
        pl.Int64
    )
    assert lengths.abs().max() <= 2
    assert (typos["family_name"].str.head(1) == typos["family_name_clean"].str.head(1)).all()


def test_empty_fields_leave_somebody_to_reach():
    assert ALL.filter(
        pl.col("errors") == "empty fields", pl.col("email").is_null(), pl.col("phone").is_null()
    ).is_empty()


def test_husband_and_wife_share_the_name_of_the_house():
    wives = CLOSE.filter(pl.col("relation") == "wife")
    assert wives.height > 100
    assert (wives["woman"] != wives["woman_1"]).all()
    for land in population.LANDS:
        men, women = (pl.Series(side) for side in names.families(land))
        both = dict(zip(men, women, strict=True))
        own = wives.filter(pl.col("land") == land.country)
        for man, woman, first in own.select("family_1", "family", "woman").iter_rows():
            assert woman == both.get(man) if first else man == both.get(woman)
    shared = (wives["phone"] == wives["phone_1"]).mean()
    assert shared == pytest.approx(population.CLOSE, abs=0.15)


def test_father_and_son_share_the_name_but_not_the_day():
    sons = CLOSE.filter(pl.col("relation") == "father_son")
    assert sons.height > 20
    assert (sons["given"] == sons["given_1"]).all()
    assert (sons["family"] == sons["family_1"]).all()
    assert (sons["birthday"] > sons["birthday_1"]).all()


def test_colleagues_often_stand_behind_one_switchboard():
    colleagues = CLOSE.filter(pl.col("relation") == "colleague", pl.col("firm").is_not_null())
    assert (colleagues["firm"] == colleagues["firm_1"]).all()
    assert 0.1 < (colleagues["phone"] == colleagues["phone_1"]).mean() < 0.4


def test_addresses_at_mailboxes_belong_to_one_person():
    boxes = TRULY.filter(pl.col("email").str.contains(f"@(?:{'|'.join(people.MAILBOXES)})\\.example$"))
    assert boxes["email"].n_unique() > 0.999 * boxes.height


def test_names_are_as_uneven_as_those_of_a_people():
    russian = TRULY.filter(pl.col("land") == "7", ~pl.col("woman"))["family"].value_counts(sort=True, name="times")
    assert 0.003 < russian["times"][0] / russian["times"].sum() < 0.03
    assert russian.filter(pl.col("times") == 1).height > 300


def test_numbers_are_valid():
    for phone in ALL["phone"].drop_nulls().head(300):
        assert phonenumbers.is_possible_number(phonenumbers.parse(phone))
    firms = population.firms_of(3_000, SEED).filter(pl.col("land") == "7")
    assert all(inn.is_valid(number) for number in firms["tax_id"])


def test_nobody_is_born_in_the_future_and_days_are_sparse():
    born = PEOPLE["birthday"].drop_nulls()
    assert born.max() < "2026"
    assert 0.15 < born.len() / PEOPLE.height < 0.45


@pytest.mark.parametrize("land", population.LANDS)
def test_lists_of_names_are_large_and_hold_none_twice(land):
    men, women = names.families(land)
    assert len(men) == len(women) == len(set(men)) > 1_500
    firms = names.firms(land)
    assert len(firms) == len(set(firms)) > 3_000


def test_the_patronymic_of_a_son_comes_from_his_father():
    assert names.patronymic_of(people.RUSSIAN)["Пётр"] == "Петрович"
    assert names.patronymic_of(people.RUSSIAN)["Алексей"] == "Алексеевич"
    assert names.patronymic_of(people.ENGLISH) == {}
