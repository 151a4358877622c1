"""`crmtool profile`: what is in files and whom they share, with a base and without a workspace."""

import pytest

CLIENTS = """ФИО;Телефон;Email
Ада Лавлейс;+7 916 000-00-01;ada@x.example
Пётр Ёлкин;+7 916 000-00-02;petr@gmail.con
Пётр Ёлкин;8 (916) 000-00-02;
Олег Ильин;;не знаю
Ирина Белая;;
"""
FORM = """Имя;Телефон;Email
Ada;;ADA@x.example
Елкин П.;+79160000002;
Нина;+380 67 000 00 01;nina@x.example
"""


@pytest.fixture
def lists(crm, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clients.csv").write_text(CLIENTS, encoding="utf-8")
    (tmp_path / "form.csv").write_text(FORM, encoding="utf-8")
    return crm


def test_people_of_two_files_are_counted_and_not_rows(lists, monkeypatch):
    monkeypatch.delenv("CRMTOOL_WORKSPACE")
    content = lists("profile", "clients.csv", "form.csv", "--json", "--region", "RU").document
    assert [(f["rows"], f["people"], f["rows_without_channel"]) for f in content["files"]] == [(5, 2, 2), (3, 3, 0)]
    assert content["shared"] == [{"left": "clients.csv", "right": "form.csv", "people": 2}]
    assert (content["people"], content["base"], content["new_to_base"]) == (3, None, None)
    assert [f["in_base"] for f in content["files"]] == [None, None]


def test_those_in_the_base_are_told_from_the_new(lists):
    assert lists("import", "clients.csv", "--yes", "--region", "RU").code in {0, 3}
    content = lists("profile", "form.csv", "--json").document
    assert (content["people"], content["in_base"], content["new_to_base"]) == (3, 2, 1)
    assert content["base"]["people"] == 2
    assert "in the base" in lists("profile", "form.csv").out


def test_columns_have_shapes_and_faults_but_no_values(lists):
    ran = lists("profile", "clients.csv", "--json", "--region", "RU")
    columns = {column["column"]: column for column in ran.document["files"][0]["columns"]}
    phone, mail = columns["Телефон"], columns["Email"]
    assert (phone["field"], phone["filled"], phone["distinct"], phone["repeated"]) == ("phone", 3, 3, 1)
    assert phone["shapes"][0] == {"shape": "+9 999 999-99-99", "rows": 2}
    assert {each["code"]: each["rows"] for each in mail["problems"]} == {"email.typo": 1, "email.invalid": 1}
    assert "Ада" not in ran.out
    assert "ada@x" not in lists("profile", "clients.csv").out


def test_examples_are_shown_when_asked_for(lists, tmp_path):
    assert "ada@x.example" in lists("profile", "clients.csv", "--examples").out
    column = lists("profile", "clients.csv", "--examples", "--json").document["files"][0]["columns"][0]
    assert column["examples"][0] == {"value": "Пётр Ёлкин", "rows": 2}
    assert lists("profile", "clients.csv", "--examples", "-o", "with.html", "--quiet").code == 0
    assert lists("profile", "clients.csv", "-o", "without.html", "--quiet").code == 0
    assert "ada@x.example" in (tmp_path / "with.html").read_text()
    assert "ada@x.example" not in (tmp_path / "without.html").read_text()


def test_a_file_of_no_people_has_a_profile_too(lists, tmp_path):
    (tmp_path / "prices.csv").write_text("Товар;Цена\nстол;5\nстул;7\n", encoding="utf-8")
    ran = lists("profile", "prices.csv")
    assert ran.code == 0
    assert "no column says who a row is about" in ran.out
    assert lists("profile", "prices.csv", "--json").document["people"] == 0


def test_many_files_are_a_list_of_pairs(lists, tmp_path):
    for n in range(9):
        (tmp_path / f"many{n}.csv").write_text(CLIENTS, encoding="utf-8")
    out = lists("profile", "many*.csv").out
    assert "1 and 2" in out
    assert max(map(len, out.splitlines())) <= 80


def test_the_page_asks_nothing_and_escapes_everything(lists, tmp_path):
    bad = "<script>alert(1)</script>\u202e"
    (tmp_path / "bad.csv").write_text(f"ФИО;{bad};Email\n{bad};{bad};a@x.example\n", encoding="utf-8")
    assert lists("profile", "bad.csv", "form.csv", "--examples", "-o", "p.html").code == 0
    html = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "<script" not in html
    assert "\u202e" not in html
    assert "&lt;script&gt;" in html
    assert "http" not in html.replace("http-equiv", "")


def test_a_page_is_not_overwritten_by_accident(lists, tmp_path):
    (tmp_path / "p.html").write_text("mine")
    assert lists("profile", "form.csv", "-o", "p.html").code == 2
    assert lists("profile", "form.csv", "-o", "p.csv").code == 2
    assert (tmp_path / "p.html").read_text() == "mine"


def test_a_workspace_that_was_named_must_be_there(lists, monkeypatch, tmp_path):
    monkeypatch.setenv("CRMTOOL_WORKSPACE", str(tmp_path / "nowhere"))
    assert lists("profile", "form.csv").code == 10
