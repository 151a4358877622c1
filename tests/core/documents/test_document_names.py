"""Names of documents: read by the pattern, and written anew only where a name says all of its parts."""

import unicodedata

import polars as pl
import pytest

from crmtool.core.document_rules import Documents
from crmtool.core.documents import names
from crmtool.io import rulebook

RULES = rulebook.loaded(rulebook.defaults()).documents


def said(*paths, rules=RULES):
    files = pl.DataFrame({"path": paths, "size": [1] * len(paths)}, schema=names.FILES)
    return names.read(files, rules)


def proposed(path, rules=RULES, order="DMY"):
    return names.proposed(said(path, rules=rules), rules, order).to_list()[0]


def test_a_name_of_the_pattern_says_all_of_its_parts():
    row = said("7 Внедрение/акты/2024-10-27_Договор_v2_Иванов И.И.pdf").row(0, named=True)
    assert (row["date"], row["type"], row["version"], row["author"]) == ("2024-10-27", "contract", 2, "Иванов И.И")
    assert (row["deal"], row["parent"], row["formed"]) == (7, "7 Внедрение/акты", True)


def test_a_name_as_a_mac_writes_it_is_the_same():
    path = "1/2024-10-27_Счёт_v1_Лой.pdf"
    assert said(unicodedata.normalize("NFD", path))["type"].to_list() == ["invoice"]


def test_a_day_that_does_not_exist_and_a_type_that_is_not_listed_stay_empty():
    frame = said("1/2024-02-30_Счёт_v1_Лой.pdf", "1/2024-02-03_Фото_v1_Лой.pdf", "1/фото.pdf")
    assert frame["date"].to_list() == [None, "2024-02-03", None]
    assert frame["type"].to_list() == ["invoice", None, None]
    assert frame["formed"].to_list() == [True, True, False]


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("Договор 27.10.2024 Иванов.pdf", "2024-10-27_Договор_v1_Иванов.pdf"),
        ("Иванов_договор_20241027_v3.docx", "2024-10-27_договор_v3_Иванов.docx"),
        ("2024-10-27 Платежное поручение (Иванов).pdf", "2024-10-27_Платежное поручение_v1_Иванов.pdf"),
        ("Рахунок на оплату Лой 05-04-2026.xlsx", "2026-04-05_Рахунок на оплату_v1_Лой.xlsx"),
        ("2024-10-27_Договор_v2_Иванов.pdf", None),  # has the form
        ("2024-02-30_Счёт_v1_Лой.pdf", None),  # no such day
        ("Договор Иванов.pdf", None),  # no day
        ("27.10.2024 Иванов.pdf", None),  # no type
        ("Договор 27.10.2024.pdf", None),  # nobody
        ("Договор и акт 27.10.2024 Иванов.pdf", None),  # two types
        ("Договор 27.10.2024 28.10.2024 Иванов.pdf", None),  # two days
        ("Договор 27.10.2024 Иванов (2).pdf", None),  # a copy is no version
        ("Договор №15 27.10.2024 Иванов.pdf", None),  # a number would be lost
    ],
)
def test_a_name_is_written_anew_where_it_says_everything(name, better):
    assert proposed(f"1/{name}") == better


def test_what_is_written_anew_has_the_form_and_is_not_written_again():
    better = proposed("1/Договор 27.10.2024 Иванов.pdf")
    row = said(f"1/{better}").row(0, named=True)
    assert (row["formed"], row["type"], row["version"]) == (True, "contract", 1)
    assert proposed(f"1/{better}") is None


def test_the_order_of_day_and_month_is_that_of_the_rules():
    assert proposed("1/Акт 03.04.2024 Loy.pdf") == "2024-04-03_Акт_v1_Loy.pdf"
    assert proposed("1/Акт 03.04.2024 Loy.pdf", order="MDY") == "2024-03-04_Акт_v1_Loy.pdf"


def test_a_pattern_without_author_and_version_loses_nothing():
    rules = Documents(pattern="{type} {date}", type={"act": ("Акт",)})
    assert proposed("1/2024-10-27 Акт.pdf", rules) == "Акт 2024-10-27.pdf"
    assert proposed("1/2024-10-27 Акт Иванов.pdf", rules) is None
    assert proposed("1/2024-10-27 Акт v2.pdf", rules) is None


def test_a_folder_may_name_the_key_of_a_deal():
    rules = Documents(folder="{key} *")
    assert said("D-1 Лицензия/a.pdf", rules=rules)["key"].to_list() == ["D-1"]
