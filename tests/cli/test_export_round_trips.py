"""What an export profile writes, our own import reads: nothing of the chosen fields is lost."""

import csv
import shutil

import pytest

from crmtool.core.export_rules import channel_of
from crmtool.io import rulebook
from crmtool.io import workspace as workspaces

#: Rows of a list, cell by cell.
PEOPLE = [
    [
        "ID",
        "Имя",
        "Отчество",
        "Фамилия",
        "Пол",
        "Компания",
        "Должность",
        "E-mail",
        "E-mail 2",
        "Телефон",
        "Мобильный",
        "Город",
        "Адрес",
        "Рождение",
        "Теги",
        "Примечание",
        "Ответственный",
    ],
    [
        "1",
        "Анна",
        "Сергеевна",
        "Кузнецова",
        "female",
        "ООО «Ромашка»",
        "Директор",
        "anna@romashka.ru",
        "anna@mail.ru",
        "+7 495 123-45-67 доб. 12",
        "+7 916 123-45-67",
        "Москва",
        "ул. Тверская, д. 5",
        "07.03.1984",
        "vip, опт",
        "Не звонить; «срочно»\nпо пятницам",
        "Олег",
    ],
    [
        "2",
        "John",
        "",
        "Smith",
        "male",
        "Smith & Sons",
        "Engineer",
        "john@gmail.com",
        "",
        "+1 212 555 0123",
        "",
        "London",
        "10 High Street",
        "30.11.1990",
        "vip",
        "=SUM(A1)",
        "Ann",
    ],
    [
        "3",
        "Олександр",
        "",
        "Дем'яненко",
        "male",
        "",
        "",
        "o.dem@ukr.net",
        "",
        "",
        "+380 67 123 45 67",
        "Київ",
        "",
        "",
        "",
        "",
        "",
    ],
]
COLUMNS = {
    "Пол": "gender",
    "E-mail": "email.work",
    "E-mail 2": "email.personal",
    "Телефон": "phone.work",
    "Мобильный": "phone.mobile",
    "Адрес": "address",
    "Теги": "tags",
    "Примечание": "note",
    "Ответственный": "owner",
}
#: Profile -> the mapping of the same program; None: the columns are told by their headings and cells.
PAIRS = {
    "google": "google_contacts",
    "hubspot": "hubspot_contacts",
    "outlook": "outlook",
    "outlook_ru": "outlook_ru",
    "bitrix24": "bitrix24_contacts",
    "amocrm": "amocrm_template",
    "mailchimp": "mailchimp_subscribed",
    "brevo": "brevo_contacts",
    "vcard": "vcard",
    "old_phone": "vcard",
    "excel": None,
    "plain": None,
    "mailing": None,
}
#: Beside the shipped ones, and their endings where they are not `.csv`.
OWN = {
    "old_phone": ("vcard.toml", 'vcard = "4.0"', 'vcard = "3.0"'),
    "phones": ("plain.toml", "[columns]", 'rows = "channel"\nchannel = "phone"\n[columns]\n"Each" = "channel"'),
}
ENDINGS = {"vcard": "vcf", "old_phone": "vcf", "plain": "xlsx"}
#: They have a column for the main address of each kind; that others have none is told.
MAIN_ONLY = {"excel", "plain", "mailing", "mailchimp", "brevo"}
#: Made for the other program, or for its people, and not read back.
_ONE_WAY = {"salutation", "id", "kind", "name"}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Make a workspace of three people with consents; not to be changed."""
    from crmtool.cli import main

    place = tmp_path_factory.mktemp("round")
    made = workspaces.created(place / "crm")
    for name, (of, old, new) in OWN.items():
        text = (made.rules_path / "exports" / of).read_text("utf-8")
        assert old in text
        (made.rules_path / "exports" / f"{name}.toml").write_text(text.replace(old, new), "utf-8")
    with (place / "people.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(PEOPLE)
    columns = [word for name, field in COLUMNS.items() for word in ("--column", f"{name}={field}")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(workspaces.VARIABLE, str(made.root))
        assert main._code(["import", str(place / "people.csv"), *columns, "--region", "RU", "--yes", "--quiet"]) == 0
        for contact in "123":
            words = ["--purpose", "newsletter", "--state", "given", "--at", "2026-01-02", "--yes", "--quiet"]
            assert main._code(["consents", "add", contact, *words]) == 0
    return made.root


@pytest.fixture
def workspace(base, tmp_path, monkeypatch):
    """An empty workspace, in the folder the commands work in."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(base / "rules", tmp_path / "rules")
    return workspaces.created(tmp_path / "workspace")


@pytest.mark.parametrize("profile", PAIRS)
def test_what_a_profile_writes_our_mapping_reads(crm, base, tmp_path, profile):
    file = f"list.{ENDINGS.get(profile, 'csv')}"
    made = crm("export", "id > 0", "-o", file, "--profile", profile, "--workspace", base)
    assert made.code == 0, made.err
    mapping = PAIRS[profile]
    read = crm("import", file, *(["--mapping", mapping] if mapping else []), "--yes")
    assert read.code == 0, read.out + read.err
    rule = rulebook.loaded(base / "rules").exports[profile]
    for contact in (1, 2, 3):
        before = shown(crm, contact, "--workspace", base)
        after = shown(crm, contact)
        assert lost(before, after, rule, main=profile in MAIN_ONLY) == {}, contact


def test_every_profile_has_a_way_back(base):
    assert {*rulebook.loaded(base / "rules").exports} == {*PAIRS, "phones"}


def test_a_row_for_each_address_has_all_of_them(crm, base, tmp_path):
    made = crm("export", "id > 0", "-o", "list.csv", "--profile", "phones", "--workspace", base, "--json")
    assert made.document["facts"]["files"][0]["rows"] == 4
    read = crm("import", "list.csv", "--column", "Each=phone", "--column", "Phone=ignore", "--yes")
    assert read.code == 0, read.out + read.err
    before = {shape(c) for n in (1, 2, 3) for c in shown(crm, n, "--workspace", base)["channels"]}
    people = [row["id"] for row in crm("contacts", "list", "--json").document]
    after = {shape(c) for n in people for c in shown(crm, n)["channels"]}
    assert {c for c in after if c[0] == "phone"} == {c for c in before if c[0] == "phone"}


def shown(crm, contact, *where):
    return crm("contacts", "show", contact, "--json", *where).document


def lost(before, after, rule, *, main):
    """Return what the chosen fields have lost; `main`: only the main address of each kind was given."""
    fields = set(rule.columns.values())
    kinds = {channel[0] for field in fields if (channel := channel_of(field))}
    single = {field for field in fields if not channel_of(field) and "." not in field} - _ONE_WAY - {"tags"}
    golden, again = before["golden"], after["golden"]
    gone = {field: golden[field] for field in single if golden.get(field) not in (None, again.get(field))}
    channels = {shape(c) for c in before["channels"] if c["kind"] in kinds}
    if main:
        channels = {c for c in channels if c[1] in {golden["email"], golden["phone"]}}
    gone |= dict.fromkeys(channels - {shape(c) for c in after["channels"]}, "channel")
    return gone | dict.fromkeys(set(before["tags"]) - set(after["tags"]) if "tags" in fields else (), "tag")


def shape(channel):
    return (channel["kind"], channel["value"], channel["extension"])
