"""Rule files: every mistake at once, each with its file, its key and what was probably meant."""

from __future__ import annotations

import shutil

import pytest

from crmtool.core.errors import RuleError
from crmtool.io import rulebook


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(rulebook.defaults(), tmp_path / "rules")
    return tmp_path / "rules"


def problems(folder):
    with pytest.raises(RuleError) as refusal:
        rulebook.loaded(folder)
    assert refusal.value.exit_code == 2
    assert "crmtool rules check" in refusal.value.hint
    return refusal.value.problems


def changed(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_rules_that_come_with_it_are_right():
    rules = rulebook.loaded(rulebook.defaults())
    assert len(rules.fingerprint) == 64
    assert {"bitrix24_contacts", "website_form", "event_guests"} <= set(rules.mappings)


def test_the_same_files_have_the_same_fingerprint_and_others_another(folder):
    one = rulebook.loaded(folder).fingerprint
    assert one == rulebook.loaded(rulebook.defaults()).fingerprint
    with (folder / "duplicates.toml").open("a") as file:
        file.write("# a remark\n")
    assert rulebook.loaded(folder).fingerprint != one


def test_three_mistakes_in_three_files_are_listed_at_once(folder):
    (folder / "segments" / "new.toml").write_text('titel = "x"\ntitle = "x"\nwhere = "city = \'x\'"\n')
    (folder / "survivorship.toml").write_text('default = "newst"\n')
    changed(folder / "mappings" / "website_form.toml", '"phone"', '"fone"')

    found = problems(folder)

    assert "segments/new.toml: titel: is no key here; did you mean title?" in found
    assert any(line.startswith("survivorship.toml: default:") and "'newst'" in line for line in found)
    assert len([line for line in found if "fone" in line]) == 1


def test_a_name_that_leads_nowhere_is_told_with_the_likely_one(folder):
    (folder / "survivorship.toml").write_text('[field]\ncitty = "newest"\n')
    assert problems(folder) == ["survivorship.toml: field.citty: no field 'citty'; did you mean city?"]


def test_what_a_row_must_have_is_a_field(folder):
    fields = folder / "fields.toml"
    line = next(line for line in fields.read_text().splitlines() if line.startswith("identity = "))
    changed(fields, line, 'identity = ["name", "fone"]\nrequired = ["phone.mobile"]')
    assert [told.partition(";")[0] for told in problems(folder)] == [
        "fields.toml: identity: fone: no field 'fone'",
        "fields.toml: required: phone.mobile: no field 'phone.mobile'",
    ]
    changed(fields, 'identity = ["name", "fone"]\nrequired = ["phone.mobile"]', "identity = []")
    assert problems(folder) == ["fields.toml: identity: names no field, so no row could be kept"]


def test_a_broken_file_does_not_hide_the_others(folder):
    (folder / "normalize.toml").write_text("region = \n")
    (folder / "duplicates.toml").write_bytes(b"\xff\xfe\x00")
    found = problems(folder)
    assert [line.split(":")[0] for line in found] == ["normalize.toml", "duplicates.toml"]
    assert "line 1" in found[0]


def test_a_missing_file_is_named(folder):
    (folder / "fields.toml").unlink()
    assert problems(folder)[0].startswith("fields.toml: the file is missing")


def test_a_broken_vocabulary_does_not_make_its_field_wrong_too(folder):
    (folder / "vocabularies" / "city.toml").write_text("title =")
    assert [line.split(":")[0] for line in problems(folder)] == ["vocabularies/city.toml"]


def test_no_rules_at_all_is_told(tmp_path):
    assert len(problems(tmp_path / "nowhere")) == len(rulebook.FILES)


def test_a_file_nobody_would_read_is_named(folder):
    (folder / "freshnes.toml").write_text("")
    assert problems(folder) == ["freshnes.toml: no rule file has this name; did you mean freshness.toml?"]


def test_a_byte_order_mark_is_no_mistake(folder):
    path = folder / "duplicates.toml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    rulebook.loaded(folder)


MAPPING = """
title = "CRM"
source = "crm"
trust = 61
[columns]
"Name" = "name.full"
"City *" = "address.home.city"
"Day" = "birthdate"
"News" = "consent.news"
[join."address.street"]
columns = ["Street *"]
[join.adress]
columns = ["House"]
[split]
"Street *" = ","
"Sreet" = ","
[labels]
"City *" = "Kind *"
"Name" = "Kind"
[formats]
"Day" = "day first"
[defaults]
"consent.news" = "unknown"
"ownr" = "Ada"
"""


def test_every_mistake_of_a_mapping_is_told(folder):
    (folder / "mappings" / "crm.toml").write_text(MAPPING)
    (folder / "mappings" / "crm2.toml").write_text('title = "2"\nsource = "crm"\ntrust = 60\n')
    assert [line.partition("; known")[0] for line in problems(folder)] == [
        "mappings/crm.toml: columns.Day: no field 'birthdate'; did you mean birthday?",
        "mappings/crm.toml: join.adress: no field 'adress'; did you mean address?",
        "mappings/crm.toml: defaults.ownr: no field 'ownr'; did you mean owner?",
        "mappings/crm.toml: split.Sreet: no column 'Sreet'; did you mean Street *?",
        "mappings/crm.toml: labels.Name: a name has no label; only channels and parts of an address do",
        'mappings/crm.toml: formats.Day: \'day first\' is neither "DMY", "MDY" nor a form such as "%d.%m.%Y"',
        "mappings/crm2.toml: trust: 60, but mappings/crm.toml says 61 for its source",
    ]


def test_a_mapping_ranks_its_source_unless_the_survivorship_rules_do(folder):
    for name in ("bitrix24", "crm"):
        text = f'title = "x"\nsource = "{name}"\ntrust = 7\n'
        (folder / "mappings" / f"ours_{name}.toml").write_text(text)
    for path in (folder / "mappings").glob("*.toml"):
        if not path.stem.startswith("ours_"):
            path.unlink()
    assert rulebook.loaded(folder).survivorship.trust["crm"] == 7
    assert rulebook.loaded(folder).survivorship.trust["bitrix24"] == 60
