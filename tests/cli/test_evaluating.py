"""`duplicates evaluate` on files of every kind: what is told, what is written, what is refused before any work."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


@pytest.fixture
def evaluate(crm, tmp_path, monkeypatch):
    """Write a file and evaluate it there: `evaluate("a,b\\n...", "--truth", "a")`."""
    monkeypatch.delenv("CRMTOOL_WORKSPACE")
    monkeypatch.chdir(tmp_path)

    def run(text, *arguments):
        (tmp_path / "people.csv").write_text(text, encoding="utf-8")
        return crm("duplicates", "evaluate", "people.csv", *arguments)

    return run


def papers(count=60):
    """Return a file about no people: papers, each of which is there twice, and the words of both titles."""
    words = [
        "matching",
        "records",
        "graphs",
        "learning",
        "deep",
        "blocking",
        "names",
        "query",
        "index",
        "cloud",
        "logic",
    ]
    chance, rows = random.Random(5), []
    for number in range(count):
        title = [chance.choice(words) for _ in range(6)]
        author, year = f"{chance.choice('ABCDEFG')}. {chance.choice(['Lee', 'Doe', 'Kim', 'Ray'])}", 1990 + number % 30
        copies = (title, [*title[:-1], "anew"])
        rows += [f"{' '.join(copy).title()},{author},{year},p{number}" for copy in copies]
    return "title,authors,year,truth\n" + "\n".join(rows) + "\n"


def test_a_file_of_which_no_column_is_known_is_compared_by_what_its_cells_look_like(evaluate):
    said = evaluate(papers(), "--truth", "truth", "--json")
    assert said.code == 0, said.err
    assert set(said.document["columns"].values()) == {"attr.title", "attr.authors", "attr.year"}
    assert said.document["f1"] > 0.8


def test_where_every_pair_was_compared_none_is_said_to_be_missed(evaluate):
    rows = "".join(f"Иван Петров {n},+7 495 000-00-0{n % 2},{n}\n" for n in range(9))
    said = evaluate("name,phone,truth\n" + rows, "--truth", "truth", "--json")
    assert said.document["reduction_ratio"] == 0
    assert said.document["pairs_completeness"] == 1
    assert "Not paired" not in evaluate("name,phone,truth\n" + rows, "--truth", "truth").out


def test_each_of_several_phones_in_a_cell_counts(evaluate):
    said = evaluate(
        "name;phone;who\nИван Петров;8 916 000 11 22, 8 495 000 11 22;1\nПетров Иван;+7 495 0001122;1\n"
        "Ольга Белая;+7 903 000 00 00;2\n",
        "--truth",
        "who",
        "--region",
        "RU",
        "--json",
    )
    assert said.document["f1"] == 1
    assert {rule["rule"]: rule["pairs"] for rule in said.document["blocking"]}["phone"] == 1


def test_a_formula_is_written_as_text(evaluate, tmp_path):
    said = evaluate('name,email,who\n"=1+1",a@b.example,1\n"=1+1",a@b.example,1\n', "--truth", "who", "-o", "out.csv")
    assert said.code == 0, said.err
    assert pl.read_csv(tmp_path / "out.csv")["name"].to_list() == ["'=1+1", "'=1+1"]


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("people.csv", "would be written over"),
        ("there.csv", "exists already"),
        ("out.odd", "the ending says no format"),
    ],
)
def test_an_output_that_cannot_be_is_refused_first(evaluate, tmp_path, output, told):
    (tmp_path / "there.csv").write_text("mine")
    said = evaluate("not,read\n", "-o", output)
    assert said.code == 2
    assert told in said.err
    assert (tmp_path / "there.csv").read_text() == "mine"


@pytest.mark.parametrize(
    ("text", "arguments", "told"),
    [
        ("name,email\n", (), "a header and no rows"),
        ("name,email\nА,a@b.example\n", ("--truth", "who"), "no column 'who'"),
    ],
)
def test_what_cannot_be_evaluated_is_said(evaluate, text, arguments, told):
    said = evaluate(text, *arguments)
    assert said.code in {2, 16}
    assert told in said.err


@pytest.mark.parametrize(
    "rows",
    [
        ["Иван,a@b.example,1"],
        ["Иван,a@b.example,1"] * 300,
        [",,1"] * 50,
        [f",,{n}" for n in range(50)],
        [f"Иван,,{n}" for n in range(50)],
    ],
    ids=["one row", "all equal", "empty", "empty and apart", "one constant column"],
)
def test_there_is_an_answer_however_little_the_rows_say(evaluate, rows):
    said = evaluate("name,email,who\n" + "\n".join(rows) + "\n", "--truth", "who", "--json")
    assert said.code == 0, said.err
    assert said.document["rows"] == len(rows)
    assert said.document["certain"]["precision"] == 1


def test_whole_names_of_people_are_compared_as_names(evaluate):
    """Compared as text, two who share a surname and a patronymic would be one."""
    said = evaluate((SAMPLES / "labelled_people.csv").read_text(encoding="utf-8"), "--truth", "person", "--json")
    assert (said.document["precision"], said.document["recall"]) == (1, 1), said.document


def test_names_of_other_things_are_compared_as_they_stand(evaluate):
    said = evaluate(papers().replace("title", "name", 1), "--truth", "truth", "--json")
    assert said.document["f1"] > 0.8
    assert "given_name" not in {*said.document["columns"].values()}


def test_companies_are_compared_without_their_legal_form(evaluate):
    words = ["Вектор", "Заря", "Луч", "Север", "Мир", "Берег"]
    firms = [(f"{one}-{other}", f"firma{n}") for n, (one, other) in enumerate((a, b) for a in words for b in words)]
    rows = [f"ООО «{name}»,info@{host}.example,,{host}" for name, host in firms]
    rows += [f"{name} LLC,,www.{host}.example,{host}" for name, host in firms]
    result = evaluate("company,email,site,of\n" + "\n".join(rows), "--truth", "of")
    assert result.code == 0, result.err
    joined = next(line for line in result.out.splitlines() if line.startswith("all joined"))
    assert joined.split()[-3:] == ["1.0000", "1.0000", "1.0000"]
