"""Which column is which field: by what the person says, by a saved mapping, by its heading."""

import pytest

from crmtool.core.errors import InputRefused, UsageError
from crmtool.core.imports.headings import heading_key
from crmtool.core.imports.mapping import mapped, synonyms
from crmtool.core.imports.sources import GENERIC
from crmtool.core.rules import (
    Duplicates,
    FieldRule,
    Fields,
    Find,
    Freshness,
    Link,
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
        duplicates=Duplicates(link=Link(), find=Find()),
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
    with pytest.raises(InputRefused, match="No column is recognised"):
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
    with pytest.raises(InputRefused):
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
