"""`crmtool refresh`: a changed rule reaches the records that are there, as one change set that can be taken back."""

import json

import pytest

LIST = """Имя;Телефон;Почта;Город;Компания
Иван Петров;8 (905) 000-02-17;i.petrov@pochta.example;Мухосранск;Ромашка
Мария Кузнецова;+7 916 000-01-02;m.k@pochta.example;Москва;Лютик
"""
REGION = 'region = "RU"\n'


@pytest.fixture
def base(crm, workspace, tmp_path, monkeypatch, kept):
    """A base with one file, imported without a country for its phones: by the shipped rules once for all tests."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    path = workspace.rules_path / "normalize.toml"
    done = []

    def changed(line):
        path.write_text(line + path.read_text("utf-8"), encoding="utf-8")

    def imported(*arguments):
        if arguments or done:
            taken(*arguments)
        else:
            kept(f"refreshing {(tmp_path / 'list.csv').read_text('utf-8')}", workspace, taken)
        done.append(arguments)

    def taken(*arguments):
        ran = crm("import", "list.csv", "--source", "list", "--yes", "--column", "Имя=name", *arguments)
        assert ran.code == 0, ran.err

    return changed, imported


def contact(crm, number=1):
    return crm("contacts", "show", str(number), "--json").document


def phones(crm, number=1):
    return [channel["value"] for channel in contact(crm, number)["channels"] if channel["kind"] == "phone"]


def refreshed(crm, *arguments):
    ran = crm("refresh", "--json", "--yes", *arguments)
    assert ran.code == 0, ran.err
    return ran.document


def test_nothing_changes_while_the_rules_do_not(crm, base):
    _, imported = base
    imported()
    assert refreshed(crm)["changeset"] is None


def test_a_country_in_the_rules_reaches_old_records_and_can_be_taken_back(crm, base):
    changed, imported = base
    imported()
    assert phones(crm) == []
    changed(REGION)
    dry = refreshed(crm, "--dry-run")
    assert (dry["changeset"], dry["facts"]["updated"], dry["facts"]["fields"]) == (None, 1, {"phone": 1})
    assert phones(crm) == []
    done = refreshed(crm)
    assert done["changeset"] == 2
    assert phones(crm) == ["+79050000217"]
    assert refreshed(crm)["changeset"] is None
    assert crm("undo", "2", "--yes").code == 0
    assert phones(crm) == []
    assert crm("history", "verify").code == 0


def test_a_new_synonym_reaches_old_records(crm, base, workspace):
    _, imported = base
    imported()
    path = workspace.rules_path / "vocabularies" / "city.toml"
    text = path.read_text("utf-8")
    assert "[values]" in text
    path.write_text(text.replace("[values]", '[values]\n"Глупов" = ["Мухосранск"]', 1), encoding="utf-8")
    assert refreshed(crm)["facts"]["fields"] == {"city": 1}
    assert crm("contacts", "list", "--json").document[0]["city"] == "Глупов"


def test_what_a_person_said_at_the_import_still_holds(crm, base):
    changed, imported = base
    imported("--region", "RU", "--column", "Компания=attr.shop")
    assert phones(crm) == ["+79050000217"]
    changed('region = "UA"\n')
    assert refreshed(crm)["changeset"] is None
    assert phones(crm) == ["+79050000217"]


def test_a_changed_mapping_holds_and_a_lost_one_leaves_the_columns_as_they_were(crm, base, workspace):
    _, imported = base
    path = workspace.rules_path / "mappings" / "shop.toml"
    rule = 'title = "Shop"\nsource = "shop"\n[columns]\n"Имя" = "name"\n"Телефон" = "phone"\n"Почта" = "email"\n'
    path.write_text(rule, encoding="utf-8")
    imported("--mapping", "shop")
    assert phones(crm) == []
    path.write_text('region = "RU"\n' + rule.replace('"email"', '"email.work"'), encoding="utf-8")
    assert refreshed(crm)["facts"]["fields"] == {"email": 2, "phone": 1}
    assert phones(crm) == ["+79050000217"]
    path.unlink()
    assert refreshed(crm)["facts"]["fields"] == {"email": 2, "phone": 1}


def test_hand_edits_stay(crm, base):
    changed, imported = base
    imported()
    crm("contacts", "set", "1", "city=Київ", "--yes")
    changed(REGION)
    refreshed(crm)
    assert crm("contacts", "list", "--json").document[0]["city"] == "Київ"
    assert phones(crm) == ["+79050000217"]


def test_a_change_of_survivorship_reaches_contacts_though_no_record_changes(crm, base, workspace, tmp_path):
    _, imported = base
    imported()
    (tmp_path / "list.csv").write_text(LIST.replace("Москва", "Київ"), encoding="utf-8")
    assert crm("import", "list.csv", "--source", "other", "--yes", "--column", "Имя=name").code == 0
    towns = {row["name"]: row["city"] for row in crm("contacts", "list", "--json").document}
    assert towns["Мария Кузнецова"] == "Київ"
    path = workspace.rules_path / "survivorship.toml"
    path.write_text(path.read_text("utf-8").replace("[field]", '[field]\ncity = "earliest"', 1), encoding="utf-8")
    assert refreshed(crm)["facts"]["updated"] == 0
    towns = {row["name"]: row["city"] for row in crm("contacts", "list", "--json").document}
    assert towns["Мария Кузнецова"] == "Москва"


def test_a_base_without_files_has_nothing_to_refresh(crm):
    assert refreshed(crm)["changeset"] is None


def test_a_plan_can_be_saved_and_applied_later(crm, base, tmp_path):
    changed, imported = base
    imported()
    changed(REGION)
    assert crm("refresh", "--save-plan", tmp_path / "plan.crm").code == 0
    assert phones(crm) == []
    assert crm("apply", tmp_path / "plan.crm", "--yes").code == 0
    assert phones(crm) == ["+79050000217"]


def test_the_screen_shows_old_and_new(crm, base):
    changed, imported = base
    imported()
    changed(REGION)
    ran = crm("refresh", "--dry-run")
    assert "2 records, of which 1 change" in ran.out
    assert "+79050000217" in ran.out


def test_many_files_are_one_change_set(crm, base, tmp_path):
    changed, imported = base
    imported()
    (tmp_path / "list.csv").write_text(LIST.replace("i.petrov", "p.ivanov").replace("02-17", "02-18"), encoding="utf-8")
    imported()
    changed(REGION)
    done = refreshed(crm)
    assert (done["changeset"], done["facts"]["records"], done["facts"]["updated"]) == (3, 3, 2)
    facts = crm("history", "3", "--json").document["facts"]
    assert json.dumps(facts).count("+7905") == 0
    assert refreshed(crm)["changeset"] is None
