"""Which column is which field: by what the person says, by a saved mapping, by its heading."""

import polars as pl
import pytest

from crmtool.core.errors import ColumnsUnknown, UsageError
from crmtool.core.freshness_rules import Freshness
from crmtool.core.imports.headings import heading_key
from crmtool.core.imports.mapping import mapped, settled, synonyms
from crmtool.core.imports.sources import GENERIC
from crmtool.core.rules import (
    Duplicates,
    FieldRule,
    Fields,
    Normalize,
    Rules,
    SourceMapping,
    Survivorship,
)

FIELDS = Fields(
    field={
        "name": FieldRule(title="Whole name", kind="person", headings=("ФИО", "Client")),
        "given_name": FieldRule(title="Given name", kind="name_part", headings=("Имя", "Ім'я")),
        "city": FieldRule(title="City", headings=("Город",)),
        "phone": FieldRule(title="Phone", kind="phone", headings=("Телефон",)),
        "phone.mobile": FieldRule(title="Mobile", kind="phone", headings=("Моб. тел.",)),
        "source": FieldRule(title="Source"),
    },
    identity=("name", "given_name", "phone"),
)
CRM = SourceMapping(
    title="CRM",
    source="crm",
    signature=("ID", "Client name"),
    columns={"Client name": "name", "Internal": "ignore", "NPS": "attr.nps", "Город": "city"},
    key=("Branch", "ID"),
)


def rules(**mappings):
    return Rules(
        fingerprint="f",
        fields=FIELDS,
        normalize=Normalize(),
        survivorship=Survivorship(),
        duplicates=Duplicates(),
        freshness=Freshness(check=()),
        mappings=mappings,
        vocabularies={},
        segments={},
        exports={},
    )


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("ФИО", "name"),
        (" фио ", "name"),
        ("Whole name", "name"),  # the title
        ("given_name", "given_name"),  # the field itself
        ("Імʼя", "given_name"),  # another apostrophe
        ("моб тел", "phone.mobile"),
    ],
)
def test_a_heading_is_known_by_its_synonyms_whatever_case_and_punctuation(heading, field):
    found = mapped([heading], rules())
    assert (dict(found.columns), found.name, found.source) == ({heading: field}, GENERIC, "file")
    assert found.how == {heading: "heading"}


def test_unknown_headings_are_told_and_left_out():
    found = mapped(["ФИО", "Zodiac", "row", "id", "code", "value"], rules())
    assert dict(found.columns) == {"ФИО": "name"}
    assert found.findings["code"].unique().to_list() == ["column.unmapped"]
    assert sorted(found.findings["column"]) == ["Zodiac", "code", "id", "row", "value"]
    assert found.how["Zodiac"] == ""


def test_two_columns_may_be_one_field():
    found = mapped(["Телефон", "Phone"], rules())
    assert dict(found.columns) == {"Телефон": "phone", "Phone": "phone"}


def test_columns_of_a_file_of_rejected_rows_are_none_of_the_source():
    found = mapped(["crmtool_row", "crmtool_reason", "crmtool_extra", "ФИО"], rules())
    assert dict(found.columns) == {"ФИО": "name"}
    assert found.findings.is_empty()


@pytest.mark.parametrize("headings", [[], ["Zodiac"], ["Zodiac", "Shoe size"], ["Город", "Source"]])
def test_a_table_whose_columns_say_nobody_is_refused(headings):
    with pytest.raises(ColumnsUnknown, match="No column is recognised"):
        mapped(headings, rules())


# -- saved mappings ---------------------------------------------------------------------------------------------------


def test_a_mapping_is_recognised_by_its_signature():
    found = mapped(["id", "CLIENT NAME", "Город", "Телефон", "Internal", "NPS"], rules(crm=CRM))
    assert (found.name, found.source) == ("crm", "crm")
    assert dict(found.columns) == {
        "CLIENT NAME": "name",
        "Город": "city",
        "Телефон": "phone",
        "Internal": "ignore",
        "NPS": "attr.nps",
    }
    assert found.how["CLIENT NAME"] == "mapping"
    assert found.how["Телефон"] == "heading"


def test_half_a_signature_is_none():
    assert mapped(["ID", "ФИО"], rules(crm=CRM)).name == GENERIC


def test_a_mapping_without_a_signature_is_only_used_when_named():
    plain = SourceMapping(title="Plain", source="plain", columns={"Who": "name"})
    assert mapped(["ФИО"], rules(plain=plain)).name == GENERIC
    assert mapped(["Who"], rules(plain=plain), mapping="plain").source == "plain"


def test_the_longest_signature_wins_then_the_first_name():
    short = SourceMapping(title="", source="short", signature=("ID",), columns={"ID": "key"})
    assert mapped(["ID", "Client name"], rules(a=short, crm=CRM)).name == "crm"
    assert mapped(["ID", "ФИО"], rules(b=short, a=short)).name == "a"


def test_another_source_name_may_be_given():
    assert mapped(["ID", "Client name"], rules(crm=CRM), source="partner").source == "partner"


def test_a_mapping_nobody_knows_is_an_error_that_lists_the_known():
    with pytest.raises(UsageError) as error:
        mapped(["ФИО"], rules(crm=CRM), mapping="krm")
    assert "crm" in error.value.hint


# -- keys -------------------------------------------------------------------------------------------------------------


def test_key_columns_are_found_whatever_their_case_in_the_order_of_the_mapping():
    assert mapped(["id", "BRANCH", "Client name"], rules(crm=CRM)).key == ("BRANCH", "id")
    assert mapped(["BRANCH", "Client name", "id"], rules(crm=CRM)).key == ("BRANCH", "id")


def test_a_key_column_the_file_lacks_is_left_out():
    assert mapped(["ID", "Client name"], rules(crm=CRM)).key == ("ID",)


def test_a_key_given_by_the_person_wins():
    found = mapped(["ID", "Client name", "Code"], rules(crm=CRM), columns={"code": "key"})
    assert found.key == ("Code",)


def test_without_a_key_there_is_none():
    assert mapped(["ФИО"], rules()).key == ()


# -- options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target", ["city", "phone", "phone.work", "email.work", "attr.nps", "ignore", "key", "tags", "verified_on"]
)
def test_what_the_person_says_wins_over_mapping_and_heading(target):
    found = mapped(["ID", "Client name", "Город"], rules(crm=CRM), columns={"город": target})
    assert found.columns["Город"] == target
    assert found.how["Город"] == "option"


def test_an_option_for_a_column_the_file_lacks_is_an_error():
    with pytest.raises(UsageError, match="no column 'Age'"):
        mapped(["ФИО"], rules(), columns={"Age": "city"})


@pytest.mark.parametrize("target", ["town", "note.home", "name.old", "utm.", ""])
def test_an_option_for_a_field_nobody_knows_is_an_error(target):
    with pytest.raises(UsageError, match="no field"):
        mapped(["ФИО"], rules(), columns={"ФИО": target})


def test_a_table_of_which_everything_is_ignored_is_refused():
    with pytest.raises(ColumnsUnknown):
        mapped(["ФИО"], rules(), columns={"ФИО": "ignore"})


# -- headings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "key"),
    [("E-mail (рабочий): ", "e mail рабочий"), ("First_Name", "first name"), ("Ім'я", "імя"), ("***", ""), ("", "")],
)
def test_headings_are_compared_by_letters_and_digits(heading, key):
    assert heading_key(heading) == key


def test_synonyms_know_names_titles_and_headings():
    found = synonyms(FIELDS)
    assert (found["city"], found["City"], found["Город"]) == ("city", "city", "city")


# -- what a mapping may say of headings -------------------------------------------------------------------------------


def source(**said):
    return SourceMapping(title="", source="s", **said)


def test_numbered_columns_are_mapped_by_one_line_and_their_labels_are_no_fields():
    rule = source(
        signature=("Tel * - Value",), columns={"Tel * - Value": "phone"}, labels={"Tel * - Value": "Tel * - Type"}
    )
    found = mapped(["Tel 1 - Value", "Tel 1 - Type", "Tel 2 - Value", "Tel 2 - Type"], rules(s=rule))
    assert dict(found.columns) == {
        "Tel 1 - Value": "phone",
        "Tel 1 - Type": "ignore",
        "Tel 2 - Value": "phone",
        "Tel 2 - Type": "ignore",
    }
    assert found.findings.is_empty()


def test_columns_are_joined_number_by_number():
    join = {"address.street": {"columns": ["Street *", "House *"], "separator": ", "}}
    found = mapped(["ФИО", "House 1", "Street 1", "Street 2"], rules(s=source(signature=["Street *"], join=join)))
    assert [(join.target, join.columns) for join in found.joins] == [
        ("address", ("Street 1", "House 1")),
        ("address", ("Street 2",)),
    ]
    assert found.columns["House 1"] == "address"


def test_a_column_that_a_person_sends_elsewhere_is_not_joined():
    rule = source(join={"address": {"columns": ["Street", "House"]}})
    found = mapped(["ФИО", "Street", "House"], rules(s=rule), mapping="s", columns={"House": "city"})
    assert [join.columns for join in found.joins] == [("Street",)]
    assert found.columns["House"] == "city"


def test_targets_may_be_written_by_the_thing_they_belong_to():
    rule = source(columns={"A": "name.given", "B": "address.home.city", "C": "company.site", "D": "company.name"})
    assert dict(rule.columns) == {"A": "given_name", "B": "city.home", "C": "site.work", "D": "company"}
    found = mapped(["ФИО", "X"], rules(), columns={"X": "address.work.postcode"})
    assert found.columns["X"] == "postcode.work"


@pytest.mark.parametrize(("file_format", "name"), [("vcard", "cards"), ("csv", GENERIC), (None, GENERIC)])
def test_a_mapping_may_be_known_by_the_format_of_the_file(file_format, name):
    cards = source(file_formats=("vcard",))
    assert mapped(["ФИО"], rules(cards=cards), file_format=file_format).name == name


def test_a_signature_counts_only_for_files_of_its_formats():
    rule = source(signature=("ФИО",), file_formats=("xlsx",))
    assert mapped(["ФИО"], rules(s=rule), file_format="csv").name == GENERIC
    assert mapped(["ФИО"], rules(s=rule), file_format="xlsx").name == "s"


def test_of_two_that_fit_alike_the_one_that_knows_more_columns_wins():
    less, more = source(signature=("ФИО",)), source(signature=("ФИО",), columns={"Zodiac": "attr.zodiac"})
    assert mapped(["ФИО", "Zodiac"], rules(a=less, b=more)).name == "b"


# -- guesses and questions --------------------------------------------------------------------------------------------

MAILS = ["ada@x.ua", "eva@x.ua", "ivan@y.ua"]


def test_a_guess_is_taken_and_told():
    found = mapped(["ФИО", "Ваш номер телефона?"], rules())
    assert found.columns["Ваш номер телефона?"] == "phone"
    assert found.how["Ваш номер телефона?"] == "similar heading"
    assert 0.7 <= found.confidence["Ваш номер телефона?"] < 1
    assert found.findings.select("column", "code", "suggestion").rows() == [
        ("Ваш номер телефона?", "column.guessed", "phone")
    ]


def test_a_column_that_alone_may_say_who_a_row_is_about_is_a_question():
    sample = pl.DataFrame({"Кому отдать": ["Петров Иван", "Коваль Олена"], "Zodiac": ["Лев", "Рыбы"]})
    found = mapped(sample.columns, rules(), sample=sample)
    assert [(column.heading, column.target) for column in found.questions] == [("Кому отдать", "name")]
    with pytest.raises(ColumnsUnknown) as error:
        settled(found)
    assert "--column 'Кому отдать=name'" in error.value.hint
    assert error.value.problems == ["Кому отдать: perhaps name"]


def test_what_a_person_says_settles_a_question():
    sample = pl.DataFrame({"Кому отдать": ["Петров Иван", "Коваль Олена"]})
    found = mapped(sample.columns, rules(), sample=sample, columns={"Кому отдать": "name"})
    assert settled(found) is found


def test_an_unsure_column_is_no_question_where_its_like_is_sure():
    sample = pl.DataFrame({"ФИО": ["Петров Иван"], "Телефон": ["+380501112233"], "Телефон охраны": ["+380671112233"]})
    found = mapped(sample.columns, rules(), sample=sample)
    assert [column.heading for column in found.unsure] == ["Телефон охраны"]
    assert found.questions == ()
    assert "Телефон охраны" not in found.columns
    assert found.findings.select("code", "suggestion").rows() == [("column.unsure", "phone")]


def test_nothing_is_asked_about_a_known_source():
    sample = pl.DataFrame({"ФИО": ["Петров Иван"], "Телефон охраны": ["+380671112233"]})
    assert mapped(sample.columns, rules(), sample=sample).questions
    assert not mapped(sample.columns, rules(s=source(signature=("ФИО",))), sample=sample).questions


def test_the_marks_of_a_campaign_are_known():
    found = mapped(["name", "utm_source", "UTM Campaign"], rules())
    assert found.columns == {"name": "name", "utm_source": "utm.source", "UTM Campaign": "utm.campaign"}
