import email
import json
from email.utils import parseaddr
from pathlib import Path

import pytest

from crmtool.io.readers import files
from crmtool.io.readers.table import Options

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the shared collection of real files is not here")

LETTERS = sorted((DATA / "vcards" / "mail_eml").glob("*.eml")) if DATA.exists() else []


@pytest.mark.parametrize("path", LETTERS, ids=lambda path: path.name)
def test_a_letter_names_its_sender(path):
    """Where the standard library finds a plain sender, so do we."""
    data = path.read_bytes()
    data = data.partition(b"\n")[2] if data.startswith(b"From ") else data
    name, address = parseaddr(str(email.message_from_bytes(data)["From"] or ""))
    if "@" in name:  # an address is no name
        name = ""
    if "@" in address and address.isascii() and not set(address) & set(" '"):
        found = files.read(path, Options(format="eml")).cells
        people = dict(found.select("E-mail", "Name").iter_rows())
        assert address.lower() in people
        assert not name or people[address.lower()]


def test_nearly_all_letters_are_known_by_their_beginning():
    kinds = [files.kind(path.read_bytes()[: 1 << 16], path.name) for path in LETTERS]
    assert (len(kinds), kinds.count("mail") >= 100) == (103, True)


def test_lines_of_json_are_rows():
    path = DATA / "real_directories" / "ru_mayors.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    found = files.read(path)
    assert [{k: v for k, v in row.items() if v is not None} for row in found.cells.to_dicts()] == rows


@pytest.mark.parametrize("name", ["real_directories/ua_bank_ceos.json", "companies/ua_edr_sample.json"])
def test_items_of_an_array_are_rows(name):
    items = json.loads((DATA / name).read_text(encoding="utf-8"))
    found = files.read(DATA / name)
    assert (found.format, found.cells.height, found.refused.height) == ("json", len(items), 0)
    for heading in set(items[0]) & set(found.cells.columns):
        assert found.cells[heading].to_list() == [item.get(heading) or None for item in items]
