"""Exports on the command line: who is in a file, that it is whole and private, and that what left is written down."""

import json
import shutil
import stat

import polars as pl
import pytest

from crmtool.core import plans
from crmtool.io import exporting
from crmtool.io import workspace as workspaces
from crmtool.io.store import Stamp

TODAY = "2026-11-21"
PEOPLE = """ID,Имя,Отчество,Фамилия,Пол,E-mail,Телефон,Город,Теги,Согласие,Дата,Примечание
1,Анна,Сергеевна,Кузнецова,female,anna@romashka.ru,+7 916 123-45-67,Москва,vip,да,05.01.2026,=1+1
2,Олександр,,Дем'яненко,male,o.dem@svitanok.ua,+380 67 123 45 67,Київ,,да,06.01.2026,"дві
стрічки"
3,Иван,,Петров,,ivan@mail.ru,,Москва,"vip, опт",,,
4,John,,Smith,male,john@gmail.com,+1 212 555 0123,London,,да,07.01.2026,@cmd
5,,,,,info@example.org,,Москва,,да,08.01.2026,
6,Пётр,,Сидоров,male,petr@mail.ru,+7 916 765-43-21,Київ,,да,09.01.2026,-5
"""
COLUMNS = (
    "--column",
    "Согласие=consent.newsletter",
    "--column",
    "Дата=consent.newsletter.at",
    "--column",
    "Пол=gender",
)
EVERYBODY = "id > 0"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Make a workspace of six people; not to be changed."""
    from crmtool.cli import main

    place = tmp_path_factory.mktemp("exports")
    made = workspaces.created(place / "crm")
    (place / "people.csv").write_text(PEOPLE, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(workspaces.VARIABLE, str(made.root))
        patch.setenv("CRMTOOL_NOW", f"{TODAY}T09:30:00+00:00")
        assert main._code(["import", str(place / "people.csv"), *COLUMNS, "--yes", "--quiet"]) == 0
    return made.root


@pytest.fixture
def workspace(base, tmp_path, monkeypatch):
    """A copy of the base, in the folder the commands work in."""
    shutil.copytree(base, tmp_path / "workspace")
    monkeypatch.setenv("CRMTOOL_NOW", f"{TODAY}T09:30:00+00:00")
    monkeypatch.chdir(tmp_path)
    return workspaces.found(tmp_path / "workspace", {}, tmp_path)


def rows(path, separator=","):
    return pl.read_csv(path, separator=separator, infer_schema=False)


def archived(workspace, contact):
    store = workspace.open_store()
    row = pl.DataFrame([{"id": 1, "contact_id": contact, "on": TODAY, "changeset_id": store.revision().next}])
    edits = {"archive": plans.edit("archive", created=row)}
    store.apply(plans.Plan("archive", store.revision(), "rules", edits), Stamp("olha", f"{TODAY}T09:00:00+00:00"))
    store.close()


# -- the gate -------------------------------------------------------------------------------------------------------


def test_a_marketing_profile_leaves_out_whoever_may_not_be_written_to_and_says_so(crm, tmp_path):
    crm("consents", "add", 2, "--purpose", "newsletter", "--state", "withdrawn", "--yes")
    crm("contacts", "verify", 6, "--field", "email", "--method", "letter", "--found-wrong", "--yes")
    done = crm("export", EVERYBODY, "-o", "list.csv", "--profile", "mailing", "--quiet")
    assert done.code == 0
    assert rows("list.csv")["E-mail"].to_list() == ["anna@romashka.ru", "john@gmail.com", "info@example.org"]
    assert done.out == ""
    assert "Left out (newsletter): 1 withdrew their consent, 1 without a consent, 1 whose address is wrong." in done.err


def test_the_consent_of_one_purpose_is_none_for_another(crm):
    done = crm("export", EVERYBODY, "-o", "list.csv", "--purpose", "sms", "--json")
    assert done.document["facts"]["withheld"] == {"no_address": 2, "no_consent": 4}


def test_an_address_of_somebody_who_withdrew_is_left_out_for_others_too(crm, tmp_path):
    (tmp_path / "more.csv").write_text(
        "ID,Имя,Фамилия,E-mail,Согласие,Дата\n9,Мария,Орлова,anna@romashka.ru,да,01.02.2026\n", "utf-8"
    )
    crm("import", "more.csv", *COLUMNS[:4], "--source", "other", "--yes")
    crm("consents", "add", 1, "--purpose", "newsletter", "--state", "withdrawn", "--yes")
    done = crm("export", "id = 1 or id = 7", "-o", "list.csv", "--profile", "mailing", "--json")
    assert done.document["facts"]["withheld"] == {"withdrawn": 1, "shared": 1}


def test_archived_people_are_in_no_export(crm, workspace):
    archived(workspace, 3)
    done = crm("export", EVERYBODY, "-o", "list.csv", "--json")
    assert done.document["facts"]["withheld"] == {"archived": 1}
    assert 3 not in rows("list.csv", ";")["Номер"].cast(pl.Int64).to_list()


def test_a_consent_that_ended_yesterday_does_not_hold(crm, monkeypatch):
    words = ("--purpose", "newsletter", "--state", "given", "--until", "2026-11-30", "--yes")
    crm("consents", "add", 3, *words)
    assert crm("export", "id = 3", "-o", "a.csv", "--profile", "mailing", "--json").document["facts"]["withheld"] == {}
    monkeypatch.setenv("CRMTOOL_NOW", "2026-12-01T00:30:00+00:00")
    held = crm("export", "id = 3", "-o", "b.csv", "--profile", "mailing", "--json").document["facts"]["withheld"]
    assert held == {"expired": 1}


# -- the file -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["csv", "tsv", "xlsx", "vcf", "jsonl", "parquet"])
def test_a_file_of_each_kind_is_private_and_has_its_paper(crm, tmp_path, ending):
    name = f"list.{ending}"
    done = crm("export", EVERYBODY, "-o", name, "--profile", "plain", "--json")
    assert done.code == 0, done.err
    (file,) = done.document["facts"]["files"]
    paper = json.loads((tmp_path / f"{name}.manifest.json").read_text("utf-8"))
    assert (paper["rows"], paper["sha256"], paper["profile"]) == (6, file["sha256"], "plain")
    assert all(stat.S_IMODE((tmp_path / each).stat().st_mode) == 0o600 for each in (name, f"{name}.manifest.json"))
    again = crm("read", name, "--json")
    assert again.code == 0


def test_formulas_are_guarded_in_a_csv_and_come_back_as_they_were(crm, tmp_path):
    crm("export", EVERYBODY, "-o", "list.csv", "--profile", "plain")
    assert rows("list.csv")["Note"].to_list() == ["'=1+1", "дві\nстрічки", None, "'@cmd", None, "-5"]
    assert rows("list.csv")["Phone"][0] == "+79161234567"
    cleaned = crm("clean", "list.csv", "-o", "cleaned.parquet")
    assert cleaned.code in {0, 3}, cleaned.err
    assert set(pl.read_parquet("cleaned.parquet")["Note"].drop_nulls()) == {"=1+1", "@cmd", "-5", "дві\nстрічки"}


def test_a_file_is_not_overwritten_unasked(crm, tmp_path):
    (tmp_path / "list.csv").write_text("mine", "utf-8")
    assert crm("export", EVERYBODY, "-o", "list.csv").code == 2
    assert (tmp_path / "list.csv").read_text("utf-8") == "mine"
    assert crm("export", EVERYBODY, "-o", "list.csv", "--force").code == 0
    assert crm("history", "exports", "--json").document[0]["file"] == "list.csv"


def test_letters_an_encoding_lacks_are_named_or_written_in_latin(crm, tmp_path):
    crm("contacts", "set", 3, "city=Łódź", "--yes")
    refused = crm("export", EVERYBODY, "-o", "list.csv", "--encoding", "cp1251")
    assert refused.code == 2
    assert "row 4, Город: Łódź" in refused.err
    assert not (tmp_path / "list.csv").exists()
    done = crm("export", EVERYBODY, "-o", "list.csv", "--encoding", "cp1251", "--approximate", "--json").document
    assert done["facts"]["letters"] == 1
    assert ";Lodz;" in (tmp_path / "list.csv").read_text("cp1251")


def test_an_export_of_nobody_has_its_headings(crm):
    assert crm("export", "id = 99", "-o", "list.csv", "--profile", "mailing").code == 0
    assert rows("list.csv").columns == ["E-mail", "Greeting", "Given name", "Family name", "City"]


def test_everybody_is_greeted_by_name_and_gender(crm):
    crm("export", EVERYBODY, "-o", "list.csv", "--profile", "mailing")
    assert rows("list.csv")["Greeting"].to_list() == [
        "Уважаемая Анна Сергеевна",
        "Шановний Олександр",
        "Dear John",
        "Hello",
        "Уважаемый Пётр",
    ]


def test_two_extensions_of_one_number_are_two_phones(crm, tmp_path, workspace):
    heads = "ID,Имя,Фамилия,Рабочий телефон,Другой телефон,Мобильный телефон\n"
    said = "9,Мария,Орлова,8 (495) 123-45-01 доб. 12,8 (495) 123-45-01 доб. 34,8 (495) 123-45-01\n"
    (tmp_path / "more.csv").write_text(heads + said, "utf-8")
    phones = [word for place in ("Рабочий", "Другой", "Мобильный") for word in ("--column", f"{place} телефон=phone")]
    assert crm("import", "more.csv", *phones, "--source", "other", "--yes").code == 0
    each = workspace.rules_path / "exports" / "each.toml"
    each.write_text('title = "Each"\nrows = "channel"\nchannel = "phone"\n[columns]\n"T" = "channel"\n', "utf-8")
    expected = ["+74951234501 ext. 12", "+74951234501 ext. 34"]
    assert crm("export", "id = 7", "-o", "each.csv", "--profile", "each").code == 0
    assert sorted(rows("each.csv")["T"]) == expected
    assert crm("export", "id = 7", "-o", "wide.csv", "--profile", "google").code == 0
    wide = rows("wide.csv").select(pl.col("^Phone . - Value$"))
    assert sorted(filter(None, wide.row(0))) == expected


# -- a trial --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["--profile plain", "--profile brevo --purpose newsletter", "--profile excel"])
def test_parts_that_are_read_side_by_side_are_the_file_that_is_read_at_once(crm, tmp_path, monkeypatch, words):
    for size, name in [(50_000, "one.csv"), (2, "parts.csv")]:
        monkeypatch.setattr(exporting, "PART", size)
        assert crm("export", EVERYBODY, "-o", name, *words.split()).code == 0
    assert (tmp_path / "parts.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()
    assert (tmp_path / "one.csv").read_bytes().count(b"\n") > 3


def test_a_sample_and_the_rest_are_everybody_once_and_the_same_again(crm):
    words = ("--sample", "50%", "--stratify", "city", "--seed", "7", "--profile", "plain")
    crm("export", EVERYBODY, "-o", "a.csv", *words, "--rest", "b.csv")
    crm("export", EVERYBODY, "-o", "c.csv", *words)
    a, b, c = (rows(f"{name}.csv")["ID"].to_list() for name in "abc")
    assert (len(a), sorted(a + b, key=int), a) == (3, list("123456"), c)
    parts = [row["part"] for row in crm("history", "exports", "--json").document]
    assert parts == ["sample", "rest", "sample"]


@pytest.mark.parametrize("words", [("--rest", "b.csv"), ("--sample", "0"), ("--sample", "5", "--stratify", "town")])
def test_a_sample_that_makes_no_sense_is_refused(crm, words):
    assert crm("export", EVERYBODY, "-o", "a.csv", *words).code == 2


# -- the log --------------------------------------------------------------------------------------------------------


def test_what_left_is_written_down_with_its_people(crm):
    crm("export", "city = 'Москва'", "-o", "list.csv", "--profile", "plain")
    (entry,) = crm("history", "exports", "--json").document
    assert (entry["rows"], entry["people"], entry["profile"]) == (3, [[1, 1], [3, 3], [5, 5]], "plain")
    assert entry["fields"][:3] == ["id", "kind", "name"]
    assert crm("history", "verify").code == 0


def test_only_the_new_ones_since_earlier_files_of_the_segment(crm):
    words = ("export", EVERYBODY, "--profile", "plain", "--new", "--json")
    first = crm("export", "id <= 2", "-o", "a.csv", "--profile", "plain")
    assert first.code == 0
    assert crm(*words, "-o", "b.csv", "--sample", "3").document["facts"]["withheld"] == {}  # another segment
    taken = rows("b.csv")["ID"].to_list()
    assert crm(*words, "-o", "c.csv").document["facts"]["withheld"] == {"before": 3}
    assert sorted(taken + rows("c.csv")["ID"].to_list()) == list("123456")
    assert crm(*words, "-o", "d.csv").document["facts"]["files"][0]["rows"] == 0
    assert [crm("undo", number, "--yes").code for number in (5, 4)] == [0, 0]
    again = crm(*words, "-o", "e.csv").document
    assert again["facts"]["withheld"] == {"before": 3}


def test_who_came_together_with_somebody_given_before_is_not_new(crm):
    crm("export", "id = 2", "-o", "a.csv", "--profile", "plain")
    crm("export", "id = 2 or id = 1", "-o", "x.csv", "--profile", "plain")
    assert crm("duplicates", "merge", 1, 2, "--yes").code == 0
    done = crm("export", "id = 2", "-o", "b.csv", "--profile", "plain", "--new", "--json").document
    assert done["facts"]["withheld"] == {}
    done = crm("export", "id = 2 or id = 1", "-o", "c.csv", "--profile", "plain", "--new", "--json").document
    assert done["facts"]["withheld"] == {"before": 1}


def test_an_entry_of_the_log_is_taken_back(crm, workspace):
    store = workspace.open_store()
    before = {table: store.snapshot(table) for table in ("contact", "export_log")}
    store.close()
    crm("export", EVERYBODY, "-o", "list.csv", "--profile", "plain")
    assert crm("undo", 2, "--yes").code == 0
    store = workspace.open_store()
    assert all(store.snapshot(table).equals(rows) for table, rows in before.items())
    store.close()
    assert crm("history", "verify").code == 0


def test_more_than_the_limit_needs_a_word(crm, workspace):
    profile = workspace.rules_path / "exports" / "plain.toml"
    profile.write_text("limit = 5\n" + profile.read_text("utf-8"), "utf-8")
    words = ("export", EVERYBODY, "-o", "list.csv", "--profile", "plain")
    refused = crm(*words)
    assert refused.code == 5
    assert crm("history", "exports", "--json").document == []
    assert crm(*words, "--confirm").code == 0


def test_a_dry_run_shows_the_personal_fields_and_writes_nothing(crm, tmp_path):
    done = crm("export", EVERYBODY, "-o", "list.csv", "--profile", "mailing", "--dry-run", "--json").document
    assert done["files"] == [{"file": "list.csv", "part": None, "rows": 5}]
    assert (done["nameless"], done["neutral"]) == (1, 1)
    assert not (tmp_path / "list.csv").exists()
    assert crm("history", "exports", "--json").document == []
