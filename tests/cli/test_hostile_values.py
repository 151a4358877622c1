"""Values that try something: shown as they are, on one line, never obeyed."""

from __future__ import annotations

import csv
import json
import unicodedata

import openpyxl
import pytest

HOSTILE = {
    "markup": "[/] [bold]x[/bold] [link=file:///etc/passwd]y[/link] :warning:",
    "codes": "\x1b[2J\x1b]0;owned\x07\x9b31m",
    "direction": "\u202egnp.exe\u2066\u200b\ufeff",
    "long": "Ы" * 5_000,
    "nul": "a\x00b",
    "formula": "=cmd|' /C calc'!A0",
    "lines": "first\nsecond\r\x85third\u2028fourth",
    "plus": "+1+1",
    "at": "@SUM(1)",
    "percent": "%s %(x)s {0} {x!r} $x",
}
COMMANDS = {
    "list": "contacts list",
    "show": "contacts show {id}",
    "find": "contacts find x.example",
    "pairs": "duplicates find --dry-run",
    "queue": "duplicates list",
    "audit": "audit",
    "set": "contacts set {id} note={value} --dry-run",
    "history": "history",
    "change set": "history 2",
    "undo": "undo 1 --dry-run",
}


@pytest.fixture
def hostile(crm, workspace, kept, tmp_path, request):
    """The command line over two contacts whose values are hostile, and the value."""
    value = HOSTILE[request.param]
    path = tmp_path / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["Имя", "Компания", "Email", "Город", "Комментарий"])
        out.writerows([[f"{value} Имя", value, f"n{n}@x.example", value, value] for n in (1, 2)])
        out.writerows([f"Гость {n}", "", f"guest{n}@y.example", "", "обычная строка среди прочих"] for n in range(40))

    def taken():
        ran = crm("import", path, "--yes", "--source", f"s{value}".replace("\x00", ""))
        assert ran.code == 0, ran
        shown(ran)
        tagged = crm("contacts", "set", "1", f"job_title={value}".replace("\x00", ""), "--yes")
        assert tagged.code in {0, 2}, tagged

    kept(request.param, workspace, taken)
    return crm, value


def shown(ran):
    """Check that output holds nothing a terminal would obey."""
    assert ran.code in {0, 2, 3, 6, 16}, ran
    for text in (ran.out, ran.err):
        odd = {c for c in text if c != "\n" and (unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"})}
        assert odd == set(), odd
    return ran


@pytest.mark.parametrize("hostile", HOSTILE, indirect=True)
def test_no_screen_obeys_a_value(hostile):
    crm, value = hostile
    typed = [step.split() for step in COMMANDS.values()]
    for step in typed:
        shown(crm(*(part.format(id=1, value=value.replace("\x00", "")) for part in step)))


@pytest.mark.parametrize("hostile", ["markup", "formula", "percent", "at"], indirect=True)
def test_what_can_be_shown_is_shown_literally(hostile):
    crm, value = hostile
    squeezed = "".join(value.split())
    for step in ("contacts list", "contacts show 1"):
        assert squeezed[:12] in "".join(crm(*step.split()).out.split())
    assert any(value in text for text in _texts(crm("contacts", "show", "1", "--json").document))


@pytest.mark.parametrize("hostile", ["codes", "direction", "nul", "lines"], indirect=True)
def test_json_is_valid_whatever_it_carries(hostile):
    crm, _ = hostile
    for step in ("contacts list", "contacts show 1", "duplicates list", "audit", "history", "history 1"):
        ran = crm(*step.split(), "--json")
        assert ran.code == 0
        assert not {c for c in ran.out if unicodedata.category(c) == "Cc" and c not in "\n\x7f\x85\x9b"}
        json.loads(ran.out)


@pytest.mark.parametrize("hostile", ["formula", "plus", "at"], indirect=True)
def test_an_exported_formula_is_text(hostile, tmp_path):
    crm, value = hostile
    everyone = "contains(email, 'x.example')"
    for name in ("people.csv", "people.xlsx"):
        ran = shown(crm("export", everyone, "-o", tmp_path / name))
        assert ran.code == 0, ran
    with (tmp_path / "people.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for line in csv.reader(file, delimiter=";") for cell in line]
    assert value not in cells, "a spreadsheet would run it"
    assert any(value in cell for cell in cells), "nothing of it is lost"
    sheet = openpyxl.load_workbook(tmp_path / "people.xlsx").active
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)


@pytest.mark.parametrize("name", ["evil\x1b[2J.csv", "\u202evsc.csv", "[bold].csv"])
def test_no_message_obeys_a_file_name(crm, tmp_path, name):
    shown(crm("import", tmp_path / name, "--yes"))
    (tmp_path / name).write_text("Имя,Email\nАда,ada@x.example\n", encoding="utf-8")
    assert shown(crm("import", tmp_path / name, "--yes")).code == 0
    shown(crm("history"))
    shown(crm("contacts", "show", "1"))
    shown(crm("export", "name = 'Ада'", "-o", tmp_path / f"out-{name}"))


@pytest.mark.parametrize(
    "words", ["contacts find \x1b[2J", "segments count \x1b[2J", "undo \x1b[2J", "history \u202e1"]
)
def test_no_message_obeys_what_was_typed(crm, words):
    shown(crm(*words.split(" ")))


def _texts(document):
    """Yield every text inside a JSON document."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, (dict, list)):
        for inner in document.values() if isinstance(document, dict) else document:
            yield from _texts(inner)
