"""`crmtool clean` from the outside: files, exit codes, what it refuses; without a workspace."""

import csv
import json
import stat

import polars as pl
import pytest

from crmtool.io.readers import files
from crmtool.io.workspace import VARIABLE

LIST = """ФИО;Телефон;Почта;Размер
ПЕТРОВ Иван Сергеевич;8 (916) 000-01-01;I.Petrov@pochta.example;42
Мария Кузнецова;н/д;m.kuznetsova@;=1+1
"""


@pytest.fixture
def clean(crm, tmp_path, monkeypatch):
    """Run `crmtool clean` on a list in a folder without a workspace."""
    monkeypatch.delenv(VARIABLE)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    (tmp_path / "workspace").rename(tmp_path / "elsewhere")

    def run(*arguments, file="list.csv"):
        return crm("clean", file, *arguments)

    return run


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_columns_come_out_cleaned(clean, tmp_path):
    assert clean("-o", "out.csv", "--report", "said.csv", "--region", "RU").code == 0
    first, second = rows(tmp_path / "out.csv")
    assert [*first] == ["ФИО", "Телефон", "Почта", "Размер"]
    assert (first["ФИО"], first["Телефон"], first["Размер"]) == ("Иван Сергеевич Петров", "+79160000101", "42")
    assert (second["Телефон"], second["Почта"], second["Размер"]) == ("", "m.kuznetsova@", "'=1+1")
    said = {line["code"]: line for line in rows(tmp_path / "said.csv")}
    assert (said["email.invalid"]["row"], said["email.invalid"]["column"]) == ("3", "Почта")
    assert said["email.invalid"]["value"] == "m.kuznetsova@"
    assert said["email.invalid"]["message"]
    assert said["value.placeholder"]["severity"] == "note"


def test_files_are_private(clean, tmp_path):
    clean("-o", "out.csv", "--report", "said.csv")
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("out.csv", "said.csv")} == {0o600}


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "json", "xlsx", "parquet"])
def test_cleaning_the_output_again_changes_nothing(clean, tmp_path, ending):
    assert clean("-o", f"once.{ending}", "--expand", "--region", "RU").code == 0
    assert clean("-o", f"twice.{ending}", "--expand", "--region", "RU", file=f"once.{ending}").code == 0
    once, twice = (files.read(tmp_path / f"{name}.{ending}").cells for name in ("once", "twice"))
    assert "Телефон.e164" in once.columns
    assert twice.equals(once)


def test_the_input_is_never_written_over(clean, tmp_path):
    for arguments in (("-o", "list.csv", "--force"), ("-o", "o.csv", "--report", "list.csv", "--force")):
        ran = clean(*arguments)
        assert ran.code == 2
        assert "written over" in ran.err
    assert (tmp_path / "list.csv").read_text("utf-8") == LIST


def test_nothing_is_overwritten_unasked(clean, tmp_path):
    (tmp_path / "out.csv").write_text("mine", encoding="utf-8")
    assert clean("-o", "out.csv").code == 2
    assert (tmp_path / "out.csv").read_text("utf-8") == "mine"
    assert clean("-o", "out.csv", "--force").code == 0


def test_an_unknown_ending_leaves_no_file(clean, tmp_path):
    assert clean("-o", "out.pdf", "--report", "said.csv").code == 2
    assert not (tmp_path / "out.pdf").exists()
    assert not (tmp_path / "said.csv").exists()


def test_rows_that_cannot_be_read_are_kept_beside(clean, tmp_path):
    (tmp_path / "list.csv").write_text(LIST + "Пётр Ким;;;1;2;3\n", encoding="utf-8")
    ran = clean("-o", "out.csv", "--json")
    assert ran.code == 3
    assert (ran.document["rows"], ran.document["refused"]) == (2, 1)
    assert len(rows(tmp_path / "out.csv")) == 2
    (refused,) = rows(tmp_path / "out.refused.csv")
    assert refused["ФИО"] == "Пётр Ким"


def test_the_document_counts_cells_by_outcome_and_rule(clean):
    document = clean("--json", "--region", "RU").document
    columns = {column["column"]: column for column in document["columns"]}
    phone = columns["Телефон"]
    assert (phone["field"], phone["changed"], phone["unknown"], phone["same"]) == ("phone", 1, 1, 0)
    assert sum(phone["rules"].values()) == 1
    assert columns["Размер"]["field"] is None
    assert document["findings"]["email.invalid"] == 1


def test_without_an_output_it_only_tells(clean, tmp_path):
    before = sorted(tmp_path.iterdir())
    ran = clean()
    assert ran.code == 0
    assert "Nothing was written" in ran.out
    assert sorted(tmp_path.iterdir()) == before


def test_a_column_told_is_enough(clean, tmp_path):
    (tmp_path / "list.csv").write_text("value\n8 916 000-01-01\n", encoding="utf-8")
    assert clean("-o", "out.csv", "--column", "value=phone", "--region", "RU").code == 0
    assert rows(tmp_path / "out.csv") == [{"value": "+79160000101"}]


def test_a_table_of_which_nothing_is_known_is_refused(clean, tmp_path):
    (tmp_path / "list.csv").write_text("shoe,hat\n42,7\n", encoding="utf-8")
    ran = clean("-o", "out.csv")
    assert ran.code != 0
    assert "--column" in ran.err
    assert not (tmp_path / "out.csv").exists()


def test_the_rules_of_a_workspace_count_where_one_is_named(crm, workspace, tmp_path):
    path = workspace.rules_path / "normalize.toml"
    path.write_text('region = "RU"\n', encoding="utf-8")
    file = tmp_path / "list.csv"
    file.write_text("Phone\n8 (916) 000-01-01\n", encoding="utf-8")
    assert crm("clean", file, "-o", tmp_path / "out.jsonl").code == 0
    assert json.loads((tmp_path / "out.jsonl").read_text("utf-8")) == {"Phone": "+79160000101"}


def test_parts_of_a_large_file_come_out_as_one(clean, tmp_path):
    height = 150_000
    phones = pl.int_range(height, eager=True).cast(pl.String).str.zfill(7)
    frame = pl.DataFrame({"Телефон": "8916" + phones, "Размер": pl.int_range(height, eager=True)})
    frame.write_csv(tmp_path / "large.csv")
    assert clean("-o", "out.csv", "--region", "RU", "--quiet", file="large.csv").code == 0
    found = pl.read_csv(tmp_path / "out.csv", infer_schema=False)
    usable = found["Телефон"] != frame["Телефон"]  # a few, such as 0000000, are nobody's number
    assert usable.mean() > 0.99
    assert found.filter(usable)["Телефон"].equals(("+7916" + phones).filter(usable))
    assert found["Размер"].cast(pl.Int64).to_list() == list(range(height))
