"""What a person may ask for, on a base where each place has a word that stands nowhere else."""

import json
import shutil
from pathlib import Path

import lives
import pytest
from commands import ran

MARK = "Зябликова"
LIST = f"""name;phone;email;city;note
{MARK} Анна;+79160000102;zyablikova@pochta.example;Самара;Wagtail
Олег Чиж;+79210000104;chizh@pochta.example;Тверь;Siskin
{MARK} Анна Павловна;8 916 000-01-02;zyablikova.two@pochta.example;Плёс;Bunting
"""
CALLS = """Дата и время;Тип;Кто звонил;Кому звонили;Длительность
19.11.2026 10:00;Входящий;+79160000109;1;60
19.11.2026 11:00;Входящий;+79210000109;1;60
;Входящий;+7 (916) 000-01-02;1;Dunlin
;Входящий;+7 (921) 000-01-04;1;Sanderling
"""
DEALS = (
    "ID,Deal name,Email,Amount,Currency,Stage,Created\n1,Nuthatch,zyablikova@pochta.example,10.50,RUB,won,01.10.2026\n"
)
STEPS = """import list.csv
interactions import calls.csv
contacts set 1 city=Елабуга
contacts set 1 city=Казань phone=+79160000109
contacts tag 1 Goldcrest
contacts tag 1 Linnet
undo 6
contacts note 1 Kinglet
deals import deals.csv
duplicates merge 1 3
contacts verify 1 --field phone --method letter
consents add 1 --purpose newsletter --state given --source Redpoll
segments refresh"""


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A folder with a workspace that holds two people; not to be changed."""
    return lives.lived(
        tmp_path_factory.mktemp("rights"), {"list.csv": LIST, "calls.csv": CALLS, "deals.csv": DEALS}, STEPS
    )


@pytest.fixture
def place(base, tmp_path, monkeypatch):
    """A copy of the base, to be changed."""
    shutil.copytree(base, tmp_path, dirs_exist_ok=True)
    lives.settled(monkeypatch, tmp_path)
    return tmp_path


def test_all_that_is_held_is_handed_over_and_nothing_of_others(place):
    assert ran("contacts", "export-person", "3", "-o", "all")[0] == 0
    text = Path("all/contact-1.json").read_text("utf-8")
    words = ["Самара", "Wagtail", "Плёс", "Bunting", "Казань", "Goldcrest", "Kinglet", "Nuthatch", "letter", "Redpoll"]
    assert [word for word in words if word not in text] == []
    page = Path("all/contact-1.html").read_text("utf-8")
    assert [word for word in words if word not in page] == []
    assert not [word for word in ("Чиж", "chizh", "Siskin", "Тверь") if word in text + page]
    held = json.loads(text)
    assert held["contacts"] == [1, 3]
    assert held["tables"]["deal"][0]["amount"] == "10.5"


def test_rows_and_calls_of_nobody_are_found_by_the_addresses(place):
    assert ran("contacts", "export-person", "1", "-o", "all", "--quiet")[0] == 0
    tables = json.loads(Path("all/contact-1.json").read_text("utf-8"))["tables"]
    assert [row["raw"]["Длительность"] for row in tables["reject"]] == ["Dunlin"]
    assert {row["address"] for row in tables["interaction"] if "contact_id" not in row} == {"+79160000109"}


def test_what_is_gone_from_the_base_is_in_its_history(place):
    assert ran("contacts", "export-person", "1", "-o", "all", "--quiet")[0] == 0
    held = json.loads(Path("all/contact-1.json").read_text("utf-8"))
    removed = [entry["before"] for entry in held["history"] if entry["what"] == "remove"]
    assert [row["tag"] for row in removed if "tag" in row] == ["Linnet"]
    cities = [entry["after"]["city"] for entry in held["history"] if "city" in entry.get("after", {})]
    assert cities == ["Елабуга", "Казань"]
    assert "Linnet" not in json.dumps(held["tables"])


def test_the_files_are_private_and_noted(place):
    assert ran("contacts", "export-person", "1", "-o", "all", "--quiet")[0] == 0
    assert {path.name: path.stat().st_mode & 0o777 for path in [Path("all"), *Path("all").iterdir()]} == {
        "all": 0o700,
        "contact-1.json": 0o600,
        "contact-1.html": 0o600,
    }
    logged = json.loads(ran("history", "exports", "--json")[1])
    assert {(row["file"], row["profile"], str(row["people"])) for row in logged} == {
        ("contact-1.json", "person", "[[1, 1], [3, 3]]"),
        ("contact-1.html", "person", "[[1, 1], [3, 3]]"),
    }
    assert ran("contacts", "export-person", "1", "-o", "all")[0] == 2
    assert ran("contacts", "export-person", "1", "-o", "all", "--force")[0] == 0
    assert ran("history", "verify")[0] == 0


@pytest.mark.parametrize(("contact", "folder", "code"), [("99", "all", 2), ("1", "list.csv", 14)])
def test_what_cannot_be_handed_over_is_said(place, contact, folder, code):
    assert ran("contacts", "export-person", contact, "-o", folder)[0] == code
    assert not Path("all").exists()
