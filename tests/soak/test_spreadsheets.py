"""Every spreadsheet that is written opens in LibreOffice: no cell is a formula, and its texts are as they were."""

from __future__ import annotations

import html
import re
import shutil
import subprocess

import pytest

from crmtool.io import rulebook
from crmtool.io import workspace as workspaces

OFFICE = shutil.which("soffice")
pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(OFFICE is None, reason="LibreOffice (soffice) is not installed: nothing to open sheets with"),
]

NAMES = ("Олександр", "Ґалаґан-Їжакевич", "Пётр", "Ёлкин")
NOTES = (
    "=1+1",
    "@SUM(A1)",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "\t=1+1",
    "＝1+1",
    '=HYPERLINK("http://x.example";"y")',
    "%=1",
)
HEADINGS = "ID;Имя;Фамилия;E-mail;Телефон;Город;Компания;Примечание;Согласие;Дата"
COLUMNS = ("--column", "Согласие=consent.newsletter", "--column", "Дата=consent.newsletter.at")
#: How LibreOffice calls encodings.
_CHARSETS = {"utf-8": 76, "cp1251": 34}
#: Files that commands beside `export` write.
OTHERS = {
    "sheet.xlsx": ("contacts", "export-sheet", "-o", "sheet.xlsx"),
    "work.xlsx": ("audit", "-o", "work.xlsx"),
    "queue.xlsx": ("duplicates", "export", "-o", "queue.xlsx"),
    "sources.xlsx": ("report", "sources", "-o", "sources.xlsx"),
    "cleaned.xlsx": ("clean", "people.csv", "-o", "cleaned.xlsx"),
}
#: Where names need not stand.
OF_FIGURES = {"queue.xlsx", "sources.xlsx", "work.xlsx"}


def delimited(sign, encoding="utf-8"):
    """Return how LibreOffice is to open a CSV: quoted by ", from line 1, formulas calculated if there are any."""
    return f"CSV:{ord(sign)},34,{_CHARSETS[encoding]},1,,0,false,false,false,false,false,0,true"


@pytest.fixture(scope="module")
def sheets(tmp_path_factory):
    """Write every spreadsheet; return name of the file -> the filter it is opened by, and the place."""
    from crmtool.cli import main

    place = tmp_path_factory.mktemp("sheets")
    quoted = [note.replace('"', '""') for note in NOTES]
    names = [NAMES[n % 4 // 2 * 2 :][:2] for n in range(len(quoted))]
    lines = [
        f'{n};{";".join(name)};p{n}@firma.example;+380 67 123 45 {n};Київ;"{note}";"{note}";да;05.01.2026'
        for n, (name, note) in enumerate(zip(names, quoted, strict=True), 10)
    ]
    (place / "people.csv").write_text("\n".join([HEADINGS, *lines, ""]), "utf-8")
    made = workspaces.created(place / "crm")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setenv(workspaces.VARIABLE, str(made.root))
        assert main._code(["import", "people.csv", *COLUMNS, "--yes", "--quiet"]) == 0
        written = {}
        for name, rule in rulebook.loaded(made.rules_path).exports.items():
            for ending in ("csv", "xlsx") if rule.format != "vcard" else ():
                file = f"{name}.{ending}"
                assert main._code(["export", "id > 0", "-o", file, "--profile", name, "--approximate", "--quiet"]) == 0
                written[file] = delimited(rule.delimiter, rule.encoding) if ending == "csv" else None
        for file, words in OTHERS.items():
            assert main._code([*words, "--quiet"]) in {0, 3, 4}, words
            written[file] = None
    return written, place


def opened(place, file, by):
    """Return a sheet as LibreOffice shows it, as XML."""
    out = place / "opened"
    words = [OFFICE, f"-env:UserInstallation={(place / 'office').as_uri()}", "--headless", "--norestore"]
    words += [f"--infilter={by}"] if by else []
    done = subprocess.run(
        [*words, "--convert-to", "fods", "--outdir", out, place / file], capture_output=True, check=False, timeout=300
    )
    target = out / f"{file.rpartition('.')[0]}.fods"
    assert target.exists(), done.stderr.decode(errors="replace")
    text = target.read_text("utf-8")
    target.unlink()
    return text


def test_every_spreadsheet_opens_without_a_formula_and_with_its_letters(sheets):
    written, place = sheets
    assert len(written) == 22 + len(OTHERS)
    for file, by in written.items():
        xml = opened(place, file, by)
        assert "table:formula" not in xml, file
        assert "\ufffd" not in xml, file
        texts = [html.unescape(text) for text in re.findall(r"<text:p>([^<]*)</text:p>", xml)]
        if file not in OF_FIGURES:
            assert [name for name in NAMES if not any(name in text for text in texts)] == [], file


def test_a_formula_would_be_seen(sheets):
    _, place = sheets
    (place / "bad.csv").write_text("a,b\n=1+1,2\n", "utf-8")
    assert "table:formula" in opened(place, "bad.csv", delimited(","))
