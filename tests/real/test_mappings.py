"""The mappings and the field catalogue against header rows of real exports."""

import csv
import io
import tomllib
from pathlib import Path

import pytest

from crmtool.core.rules import Fields, SourceMapping

ROOT = Path(__file__).resolve().parents[2]
HEADERS = ROOT.parent / "shared" / "data" / "headers"
pytestmark = pytest.mark.skipif(not HEADERS.is_dir(), reason="the shared header rows are not beside this repository")


def headings(file: Path) -> list[str]:
    """Return the first row of a file that has more than two cells."""
    text = file.read_bytes().decode("cp1251" if "cp1251" in file.name else "utf-8-sig")
    delimiter = max(",;", key=text.partition("\n")[0].count) if "linkedin" not in file.name else ","
    return next(row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if len(row) > 2)


def mappings() -> dict[str, SourceMapping]:
    files = (ROOT / "rules" / "mappings").glob("*.toml")
    return {file.stem: SourceMapping.model_validate(tomllib.loads(file.read_text("utf-8"))) for file in files}


def test_the_full_bitrix_export_is_known_whole():
    head = headings(HEADERS / "bitrix24_contacts_ru.csv")
    mapping = mappings()["bitrix24_contacts"]
    assert len(head) == 48
    assert set(mapping.signature) <= set(head)
    assert set(head) <= set(mapping.columns)


def test_no_other_export_is_taken_for_one_of_ours():
    taken = {
        (file.name, name)
        for file in HEADERS.glob("*.csv")
        for name, mapping in mappings().items()
        if mapping.signature and set(mapping.signature) <= set(headings(file))
    }
    assert taken == {("bitrix24_contacts_ru.csv", "bitrix24_contacts")}


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("amocrm_contacts_ru", {"key", "given_name", "family_name", "company", "phone.mobile", "email.work", "tags"}),
        ("eventbrite_attendees", {"given_name", "family_name", "email", "city", "job_title", "company"}),
        ("google_contacts_new", {"given_name", "middle_name", "family_name", "company", "email", "phone", "birthday"}),
        ("hubspot_contacts", {"key", "given_name", "family_name", "email", "phone", "owner", "company"}),
        ("linkedin_connections", {"given_name", "family_name", "site", "email", "company", "job_title"}),
        ("outlook_classic_en", {"given_name", "family_name", "company", "phone.mobile", "phone.work", "email"}),
        ("outlook_classic_ru_cp1251", {"given_name", "family_name", "company", "phone.mobile", "phone.work", "email"}),
        ("ru_clients_fio", {"name", "phone", "email", "type", "city"}),
        ("salesforce_contacts_report", {"prefix", "given_name", "family_name", "phone", "email", "company", "owner"}),
        ("thunderbird_en_us", {"given_name", "family_name", "name", "email", "phone.work", "phone.mobile", "company"}),
        ("ua_contacts", {"given_name", "family_name", "middle_name", "phone", "email", "company", "city"}),
        ("zoho_leads", {"key", "given_name", "family_name", "email", "city", "postcode"}),
    ],
)
def test_the_catalogue_knows_who_and_how_to_reach_them_in_other_exports(name, fields):
    text = (ROOT / "rules" / "fields.toml").read_text(encoding="utf-8")
    catalogue = Fields.model_validate(tomllib.loads(text)).field
    homes = {plain(heading): field for field, rule in catalogue.items() for heading in rule.headings}
    found = {homes.get(plain(heading)) for heading in headings(HEADERS / f"{name}.csv")}
    assert fields - found == set()


def plain(heading: str) -> str:
    return "".join(letter for letter in heading.casefold() if letter.isalnum() and letter != "ʼ")
