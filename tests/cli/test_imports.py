"""What an import may be told: who is known already, how many rows to take, which files, a plan for later."""

from __future__ import annotations

import csv

import polars as pl
import pytest

HEADER = "ID,Имя,Фамилия,Email,Город\n"
FIRST = HEADER + "1,Анна,Соколова,anna@mail.ru,\n2,Пётр,Котов,petr@mail.ru,Киев\n"
LATER = HEADER + "1,Анна,Соколова,anna@mail.ru,Москва\n2,Пётр,Котов,petr@mail.ru,Одеса\n3,Ада,Лис,ada@mail.ru,Львів\n"
ELSEWHERE = "Имя,Фамилия,Email,Город,Должность\nАнна,Соколова,anna@mail.ru,Тверь,Юрист\nИван,Жук,zhuk@mail.ru,Минск,\n"


@pytest.fixture
def take(crm, tmp_path):
    """Import a text as a file; return the facts."""

    def take(text, *flags, name="people.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        ran = (
            crm("import", path, "--column", "ID=key", *flags, "--yes", "--json")
            if "ID" in text
            else crm("import", path, *flags, "--yes", "--json")
        )
        assert ran.code == 0, ran.err
        return ran.document["facts"]

    return take


@pytest.fixture
def cities(crm):
    """Return e-mail -> city of everybody."""
    return lambda: {row["email"]: row["city"] for row in crm("contacts", "list", "--json").document}


@pytest.mark.parametrize(
    ("policy", "counts", "anna", "petr"),
    [
        ("update", {"new": 1, "updated": 2}, "Москва", "Одесса"),
        ("fill", {"new": 3, "joined": 2}, "Москва", "Киев"),
        ("skip", {"new": 1, "skipped": 2}, None, "Киев"),
        ("review", {"new": 3, "to_review": 2}, None, "Киев"),
    ],
)
def test_a_known_key_with_something_new(take, cities, crm, policy, counts, anna, petr):
    take(FIRST)
    facts = take(LATER, "--on-duplicate", policy)
    assert {name: facts[name] for name in counts} == counts
    assert facts["read"] == sum(facts[name] for name in ("new", "updated", "unchanged", "skipped"))
    people = crm("contacts", "list", "--json").document
    towns = [row["city"] for row in people if row["email"] == "anna@mail.ru"]
    assert towns[0] == anna
    assert next(row["city"] for row in people if row["email"] == "petr@mail.ru") == crm_city(petr)
    again = take(LATER, "--on-duplicate", policy)
    assert again["new"] == again["updated"] == 0, "a second time changes nothing"


def crm_city(name):
    return {"Одесса": "Одеса", "Киев": "Київ"}.get(name, name)


@pytest.mark.parametrize(
    ("policy", "new", "anna"), [("update", 2, "Тверь"), ("fill", 2, "Москва"), ("skip", 1, "Москва")]
)
def test_somebody_known_from_another_source(take, cities, policy, new, anna):
    take(FIRST.replace("anna@mail.ru,", "anna@mail.ru,Москва"))
    facts = take(ELSEWHERE, "--on-duplicate", policy, "--source", "event", name="event.csv")
    assert facts["new"] == new
    assert facts["skipped"] == 2 - new
    assert cities()["zhuk@mail.ru"]


def test_filling_gives_what_nobody_had(take, crm):
    def anna():
        golden = crm("contacts", "show", "1", "--json").document["golden"]
        return golden["job_title"], golden["city"]

    take(FIRST)
    take(ELSEWHERE, "--on-duplicate", "fill", "--source", "event", name="event.csv")
    assert anna() == ("Юрист", "Тверь")
    take(LATER)
    assert anna() == ("Юрист", "Москва")


def test_several_files_are_one_change_set_and_meet(crm, tmp_path):
    for name, text in (("a.csv", FIRST), ("b.csv", ELSEWHERE)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    pattern = tmp_path / "*.csv"
    dry = crm("import", pattern, "--dry-run", "--json").document
    ran = crm("import", pattern, "--yes", "--json").document
    assert dry["facts"] == ran["facts"]
    assert [file["file"] for file in ran["facts"]["files"]] == ["a.csv", "b.csv"]
    assert (ran["facts"]["new"], ran["facts"]["joined"], ran["changeset"]) == (4, 1, 1)
    assert len(crm("contacts", "list", "--json").document) == 3
    assert crm("undo", "1", "--yes").code == 0
    assert crm("contacts", "list", "--json").document == []


def test_a_pattern_that_fits_nothing_is_refused(crm, tmp_path):
    ran = crm("import", tmp_path / "*.none", "--yes")
    assert ran.code == 16
    assert "No file fits" in ran.err


@pytest.mark.parametrize("several", [False, True])
def test_a_saved_plan_is_applied_as_reviewed(crm, tmp_path, several):
    files = [tmp_path / "a.csv", tmp_path / "b.csv"][: 2 if several else 1]
    for path, text in zip(files, (FIRST, ELSEWHERE), strict=False):
        path.write_text(text, encoding="utf-8")
    plan = tmp_path / "monday.plan"
    saved = crm("import", *files, "--save-plan", plan, "--json").document
    assert saved["changeset"] is None
    assert plan.stat().st_mode & 0o777 == 0o600
    assert crm("contacts", "list", "--json").document == []
    files[0].write_text(HEADER, encoding="utf-8")
    done = crm("apply", plan, "--yes", "--json").document
    assert done == {**saved, "changeset": 1, "dry_run": False}
    again = crm("apply", plan, "--yes")
    assert again.code == 6
    files[0].write_text(FIRST.replace("anna", "hanna"), encoding="utf-8")
    assert crm("import", files[0], "--save-plan", plan).code == 2, "never over another file"


def test_a_plan_that_was_edited_is_refused(crm, tmp_path):
    path, plan = tmp_path / "a.csv", tmp_path / "a.plan"
    path.write_text(FIRST, encoding="utf-8")
    crm("import", path, "--save-plan", plan)
    plan.write_bytes(plan.read_bytes().replace(b'\\"new\\": 2', b'\\"new\\": 9'))
    assert crm("apply", plan, "--yes").code == 16
    plan.write_bytes(b"PK")
    assert crm("apply", plan, "--yes").code == 16


def test_an_empty_plan_is_not_saved(take, crm, tmp_path):
    take(FIRST)
    ran = crm("import", tmp_path / "people.csv", "--column", "ID=key", "--save-plan", tmp_path / "x.plan")
    assert "Nothing to change." in ran.out
    assert not (tmp_path / "x.plan").exists()


def test_samples(take, crm, tmp_path):
    people = HEADER + "".join(f"{n},Анна,Соколова{n},a{n}@mail.ru,\n" for n in range(400))
    assert take(people, "--sample", "7")["read"] == 7
    assert take(people, "--limit", "9")["read"] == 9
    shares = [take(people, "--sample", "25%", "--seed", seed)["read"] for seed in ("1", "1", "2")]
    assert 60 < shares[0] == shares[1] < 140
    path = tmp_path / "people.csv"
    assert crm("import", path, "--sample", "0%").code == 2
    assert crm("import", path, "--sample", "many").code == 2


def test_every_finding_in_a_file(crm, tmp_path):
    path, out = tmp_path / "a.csv", tmp_path / "findings.csv"
    path.write_text("Имя,Email\nАнна Соколова,anna@gmial.com\n,\n", encoding="utf-8")
    crm("import", path, "--yes", "--findings", out)
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["file"], row["row"], row["code"]) for row in rows if row["code"] == "email.typo"] == [
        ("a.csv", "2", "email.typo")
    ]


def test_the_mail_domain_of_a_company_in_the_base_suggests_it(crm, tmp_path):
    known, new, told = tmp_path / "known.csv", tmp_path / "new.csv", tmp_path / "told.csv"
    known.write_text(
        "Имя,Email,Компания,Сайт\nАда Лавлейс,ada@romashka.example,ООО Ромашка,\n"
        ",info@gmail.com,ТОВ Фіалка,https://www.fialka.example/ua\n",
        encoding="utf-8",
    )
    new.write_text(
        "Имя,Email\nИван Петров,ivan@romashka.example\nОлег Сидоров,oleg@gmail.com\nОльга Біла,o@fialka.example\n",
        encoding="utf-8",
    )
    crm("import", known, "--yes")
    assert crm("import", new, "--yes", "--findings", told).code == 0
    found = pl.read_csv(told, infer_schema=False).filter(pl.col("code") == "company.by_domain")
    assert found.select("row", "suggestion").rows() == [("2", "ООО «Ромашка»"), ("4", "ТОВ «Фіалка»")]


def test_mail_servers_are_asked_about_only_when_wished(crm, workspace, tmp_path, monkeypatch):
    asked = []

    def ask(domain):
        asked.append(domain)
        return {"romashka.com": "refuses", "slow.com": "unknown"}.get(
            domain, "refuses" if "here" in domain else "accepts"
        )

    monkeypatch.setattr("crmtool.io.mail_servers.asked", ask)
    path = tmp_path / "people.csv"
    people = ("anna@romashka.com", "oleg@slow.com", "ada@lavka.com", "ida@lavka.com")
    path.write_text("Имя,Email\n" + "".join(f"Анна Котова,{mail}\n" for mail in people), encoding="utf-8")
    told = crm("import", path, "--yes", "--json", "--dry-run").document["findings"]
    assert not asked
    assert not {"email.no_server", "email.not_asked"} & {*told}
    told = crm("import", path, "--yes", "--mx", "--json").document
    assert (told["findings"]["email.no_server"], told["findings"]["email.not_asked"]) == (1, 1)
    assert told["facts"]["new"] == 4, "nobody is refused for it"
    assert sorted(asked).count("lavka.com") == 1
    assert (workspace.root / "mail_servers.json").exists()
    before = len(asked)
    crm("import", path, "--yes", "--mx", "--json")
    assert not {"romashka.com", "lavka.com"} & {*asked[before:]}, "they are remembered"


def test_two_lists_that_number_their_rows_alike_are_not_one_list(crm, tmp_path):
    first, second, told = tmp_path / "first.csv", tmp_path / "second.csv", tmp_path / "told.csv"
    first.write_text(
        "id,Имя,Email,Город\n1,Анна Соколова,anna@poshta.example,Київ\n2,Ольга Біла,o@poshta.example,\n", "utf-8"
    )
    second.write_text(
        "id,Имя,Email,Город\n1,Boris Lang,boris@firm.example,Leeds\n2,Olha Bila,olha@firm.example,\n", "utf-8"
    )
    crm("import", first, "--yes")
    said = crm("import", second, "--yes", "--findings", told)
    found = pl.read_csv(told, infer_schema=False).filter(pl.col("code") == "key.other")
    assert found["row"].to_list() == ["2"], said.err
    people = crm("contacts", "list", "--json").document
    assert {person["name"] for person in people} == {"Анна Соколова", "Boris Lang", "Olha Bila"}
    again = crm("import", second, "--yes", "--json").document
    assert again["changeset"] is None, "taken once, a list is known again"
