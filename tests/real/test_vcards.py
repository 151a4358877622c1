"""Address books that programs wrote: every card and every directory entry is read, and known to its mapping."""

import re
from pathlib import Path

import pytest

from crmtool.core.imports.mapping import mapped
from crmtool.io import rulebook
from crmtool.io.readers import files

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the shared collection of real files is not here")

CARDS = sorted([*(DATA / "vcards").rglob("*.vcf"), *(DATA / "headers").glob("*.vcf")]) if DATA.exists() else []
ENTRIES = sorted([*(DATA / "vcards").glob("*.ldif"), *(DATA / "headers").glob("*.ldif")]) if DATA.exists() else []


def cards(name):
    read = files.read(next(path for path in CARDS if path.name == name))
    return [{key: value for key, value in row.items() if value} for row in read.cells.iter_rows(named=True)]


def test_every_card_is_read():
    assert len(CARDS) == 22
    for path in CARDS:
        read = files.read(path)
        begun = len(re.findall(rb"(?im)^BEGIN:VCARD", path.read_bytes()))
        assert (read.format, read.cells.height, read.refused.height, read.blank) == ("vcard", begun, 0, 0), path.name
        assert not {"entry.line", "entry.outside", "entry.overflow"} & set(read.findings["code"]), path.name


def test_every_entry_is_read():
    assert len(ENTRIES) == 3
    for path in ENTRIES:
        read = files.read(path)
        begun = len(re.findall(rb"(?im)^dn:", path.read_bytes()))
        assert (read.format, read.cells.height, read.refused.height) == ("ldif", begun, 0), path.name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("John_Doe_EVOLUTION.vcf", {"Phone mobile": "905-666-1234", "Phone work": "905-555-1234"}),
        ("John_Doe_GMAIL.vcf", {"Phone mobile": "905-555-1234", "E-mail home": "john.doe@ibm.com"}),
        ("John_Doe_IPHONE.vcf", {"Pager": "905-111-1234", "Phone labelled: label": "AssistantPhone"}),
        ("John_Doe_MS_OUTLOOK.vcf", {"Phone work": "(905) 555-1234", "Middle name": "Richter,James"}),
        ("John_Doe_BLACK_BERRY.vcf", {"Phone mobile": "+96123456789", "Full name": "John Doe"}),
        ("outlook-2007.vcf", {"Birthday": "1922-03-10", "Spouse": "TheSpouse", "E-mail": "mike.angstadt@gmail.com"}),
        ("rfc6350-example.vcf", {"Phone work": "+1-418-656-9254 ext. 102", "Suffix": "ing. jr, M.Sc."}),
        (
            "gmail-single2.vcf",
            {"Phone 2": "5555551114", "Messenger skype": "IM5", "Web site 2": "http://www.example4.com"},
        ),
        (
            "apple_icloud.vcf",
            {"Given name": "Анна", "E-mail work": "anna@romashka.example", "Birthday in part": "--03-07"},
        ),
    ],
)
def test_what_a_card_says(name, expected):
    assert expected.items() <= cards(name)[0].items()


def test_the_names_that_android_writes_over_several_lines():
    found = cards("John_Doe_ANDROID.vcf")
    assert found[3]["Full name"] == " ".join("Ñ" * 11)
    assert [found[3][name] for name in ("Phone mobile", "Phone mobile 2", "Phone home", "Phone home 2")] == [
        *("123456", "3456789", "234567", "45678901")
    ]
    assert found[4]["Organization"] == "Ñ" * 12


def test_the_mappings_know_them():
    rules = rulebook.loaded(ROOT / "rules")
    for path in [*CARDS, *ENTRIES]:
        read = files.read(path)
        if read.cells.width > 1:  # one is nothing but a picture
            found = mapped(read.cells.columns, rules, file_format=read.format)
            assert found.name == read.format, path.name
            reached = {heading for heading in found.columns if re.match("Phone|Fax|E-mail|Messenger|Web|mail", heading)}
            assert {
                heading for heading in read.cells.columns if re.match("Phone|Fax|E-mail|Messenger|Web|mail", heading)
            } == reached
