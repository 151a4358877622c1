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
    book = rulebook.loaded(rulebook.defaults())
    assert len(book.fingerprint) == 64
    assert {"bitrix24_contacts", "website_form", "event_guests"} <= set(book.mappings)


def test_the_same_files_have_the_same_fingerprint_and_others_another(folder):
    one = rulebook.loaded(folder).fingerprint
    assert one == rulebook.loaded(rulebook.defaults()).fingerprint
    with (folder / "duplicates.toml").open("a") as file:
        file.write("# a remark\n")
    assert rulebook.loaded(folder).fingerprint != one


def test_rules_that_were_found_right_are_the_same_rules(folder, tmp_path):
    known = tmp_path / "crm.rules"
    book = rulebook.loaded(folder, known)
    assert not known.exists()
    rulebook.remember(known, book.fingerprint)
    again = rulebook.loaded(folder, known)
    assert again is not book
    assert again == book
    assert again.survivorship.trust == book.survivorship.trust != {}


def test_rules_are_looked_through_again_when_they_or_crmtool_changed(folder, tmp_path):
    known = tmp_path / "crm.rules"
    rulebook.remember(known, rulebook.fingerprint(folder))
    changed(folder / "mappings" / "website_form.toml", '"phone"', '"fone"')
    with pytest.raises(RuleError):
        rulebook.loaded(folder, known)
    known.write_text(f"0.0.1 {rulebook.fingerprint(folder)}\n")
    with pytest.raises(RuleError):
        rulebook.loaded(folder, known)


def test_a_mistake_nobody_looked_for_is_told_when_its_file_is_read(folder, tmp_path):
    known = tmp_path / "crm.rules"
    (folder / "mappings" / "website_form.toml").write_text('titel = "x"\n')
    rulebook.remember(known, rulebook.fingerprint(folder))
    book = rulebook.loaded(folder, known)
    assert book.mappings["event_guests"].title
    with pytest.raises(RuleError) as refusal:
        book.mappings["website_form"]
    assert any("did you mean title?" in line for line in refusal.value.problems)


def test_where_nothing_can_be_written_down_the_rules_are_read_all_the_same(folder, tmp_path):
    known = tmp_path / "nowhere" / "crm.rules"
    rulebook.remember(known, rulebook.fingerprint(folder))
    assert not known.exists()
    assert rulebook.loaded(folder, known).mappings


def test_three_mistakes_in_three_files_are_listed_at_once(folder):
    (folder / "segments" / "new.toml").write_text('titel = "x"\ntitle = "x"\nwhere = "city = \'x\'"\n')
    (folder / "survivorship.toml").write_text('default = "newst"\n')
    changed(folder / "mappings" / "website_form.toml", '"phone"', '"fone"')

    found = problems(folder)

    assert "segments/new.toml: titel: is no key here; did you mean title?" in found
    assert any(line.startswith("survivorship.toml: default:") and "'newst'" in line for line in found)
    assert len([line for line in found if "fone" in line]) == 1


def test_a_key_of_blocking_that_leads_nowhere_is_told_with_the_likely_one(folder):
    changed(folder / "duplicates.toml", '["name.word", "city"]', '["name.words", "city"]')
    assert len([line for line in problems(folder) if "name.words" in line and "did you mean name.word?" in line]) == 1


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
    missing = {line.partition(".toml: the file is missing")[0] for line in problems(tmp_path / "nowhere")}
    assert {*rulebook.FILES} - {*rulebook.LATER} <= missing


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


CHECKS = """
[field.stage]
title = "Stage"
known = true
max = "soon"
[[check]]
name = "a"
field = ["citi", "phone.mobile", "attr.size"]
pattern = "(a"
min_length = 5
max_length = 2
min = 3
max = "today"
[[check]]
name = "a"
required = ["fone", "consent", "email.work", "name.given"]
at_least_one = ["ownr"]
compare = "birthdai <= first_contact_on"
when = [{ field = "citty" }, { field = "country", equals = ["Ukraine", "PL"] }]
[[check]]
name = "b"
pattern = "x"
[[check]]
name = "c"
field = "city"
[[check]]
name = "d"
severty = "note"
compare = "later"
"""


def test_every_mistake_of_a_check_is_told(folder):
    fields = folder / "fields.toml"
    whole = fields.read_text()
    stage = whole.index("[field.stage]")
    after = whole.index("[field.", stage + 1)
    fields.write_text(whole[:stage] + CHECKS + whole[after:])
    first = problems(folder)
    assert [line.partition("; known")[0] for line in first] == [
        "fields.toml: field.stage.max: a bound is a number, a day such as 2024-03-05, or today, not 'soon'",
        "fields.toml: check.8.compare: a comparison has two fields and <, <=, =, !=, >= or > between them, not 'later'",
        "fields.toml: check.8.severty: is no key here; did you mean severity?",
    ]
    changed(fields, 'max = "soon"', "")
    changed(fields, 'severty = "note"', "")
    changed(fields, 'compare = "later"', "")
    assert [line.partition("; known")[0] for line in problems(folder)] == [
        "fields.toml: field.stage: known: the field stage has no vocabulary",
        "fields.toml: check 4 (a): field: citi: no field 'citi'; did you mean city?",
        "fields.toml: check 4 (a): pattern: missing ): (a",
        "fields.toml: check 4 (a): min_length: 5 is more than max_length, 2",
        "fields.toml: check 4 (a): min: 3 is no bound below max, today",
        "fields.toml: check 5 (a): name: an earlier check has this name",
        "fields.toml: check 5 (a): required: fone: no field 'fone'; did you mean phone?",
        "fields.toml: check 5 (a): at_least_one: ownr: no field 'ownr'; did you mean owner?",
        "fields.toml: check 5 (a): compare: birthdai: no field 'birthdai'; did you mean birthday?",
        "fields.toml: check 5 (a): when: citty: no field 'citty'; did you mean city?",
        "fields.toml: check 5 (a): when: country: 'Ukraine' is not in its vocabulary, where it is UA",
        "fields.toml: check 6 (b): says what values have to be, but not of which field: field = ...",
        "fields.toml: check 7 (c): field: nothing is asked of it",
        "fields.toml: check 8 (d): asks nothing: required, at_least_one, compare, or field and its limits",
    ]


def test_a_stage_of_deals_that_leads_nowhere_is_told_with_the_likely_one(folder):
    changed(folder / "deals.toml", '"meeting",', '"demo",')
    assert problems(folder) == ["deals.toml: open: 'demo' is not in its vocabulary, where it is meeting"]


def test_a_stage_in_two_states_is_refused_with_the_name_of_the_file_alone(folder):
    changed(folder / "deals.toml", 'lost = ["lost",', 'lost = ["won",')
    assert problems(folder) == ["deals.toml: a stage is either open, won or lost: won"]


def test_a_workspace_older_than_a_rule_file_has_that_of_crmtool(folder):
    (folder / "deals.toml").unlink()
    book = rulebook.loaded(folder)
    assert book.deals == rulebook.loaded(rulebook.defaults()).deals
    assert "won" in book.deals.won


# -- unattended work ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("age1nonsense", "is no public key of age"),
        ("AGE-SECRET-KEY-1ABC", "A secret key was given where a public one belongs"),
        ("ssh-ed25519 AAAA", "is no public key of age"),
    ],
)
def test_a_recipient_that_is_no_public_key_is_told(folder, key, said):
    path = folder / "backup.toml"
    path.write_text(path.read_text().replace("recipients = []", f'recipients = ["{key}"]'))
    assert [line for line in problems(folder) if said in line and "SECRET" not in line]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ('run = "import {file}"', "files: no pattern says which files"),
        ('run = "refresh"\nfiles = "inbox/*"', "run: has no {file}"),
        ('run = "run nightly"', "a pipeline runs no pipeline"),
        ('run = "crmtool refresh"', "the word crmtool is left out"),
        ('run = "export \'moscow"', "No closing quotation"),
        ('run = "refresh"\ndone = "x"', "no pattern says which"),
        ('run = "refresh"\non_fial = "stop"', "did you mean on_fail?"),
    ],
)
def test_a_step_that_cannot_be_meant_is_told(folder, step, said):
    (folder / "pipelines").mkdir(exist_ok=True)
    (folder / "pipelines" / "mine.toml").write_text(f'title = "Mine"\n[[step]]\nname = "one"\n{step}\n')
    found = problems(folder)
    assert [line for line in found if said in line and line.startswith("pipelines/mine.toml: step")], found


def test_two_steps_of_one_name_are_told(folder):
    (folder / "pipelines").mkdir(exist_ok=True)
    twice = '[[step]]\nname = "one"\nrun = "refresh"\n' * 2
    (folder / "pipelines" / "mine.toml").write_text('title = "Mine"\n' + twice)
    assert problems(folder) == ["pipelines/mine.toml: step 2 (one): name: an earlier step has this name"]
