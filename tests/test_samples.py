"""What samples/README.md says, checked against the files. Rows are counted as a spreadsheet shows them."""

import csv
import io
import re
import tomllib
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import openpyxl
import phonenumbers
import pytest

from crmtool.core.rules import SourceMapping

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "samples"
README = (SAMPLES / "README.md").read_text(encoding="utf-8")
BITRIX = (SAMPLES / "bitrix_export_cp1251.csv").read_bytes()
FORM = (SAMPLES / "website_form_utf8.csv").read_bytes()
WORK, MOBILE, WORK_MAIL, MAIL = "Рабочий телефон", "Мобильный телефон", "Рабочий e-mail", "Частный e-mail"
NAME = ("Имя", "Фамилия", "Отчество")


def lines(raw: bytes, encoding: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode(encoding), newline=""), delimiter=delimiter, strict=True))


BITRIX_LINES, FORM_LINES = lines(BITRIX, "cp1251", ";"), lines(FORM, "utf-8", ",")
SHEET = openpyxl.load_workbook(SAMPLES / "event_guests.xlsx").active
GUEST_LINES = [[cell.value for cell in row] for row in SHEET.iter_rows()]


def by_row(table: list[list]) -> dict[int, dict]:
    """Return the rows that fit the headings, by spreadsheet row."""
    head, *rows = table
    return {n: dict(zip(head, row, strict=True)) for n, row in enumerate(rows, 2) if len(row) == len(head)}


CRM, SITE, GUESTS = by_row(BITRIX_LINES), by_row(FORM_LINES), by_row(GUEST_LINES)


def number(text: object, region: str | None = None) -> str | None:
    """Return the number in E.164 form, or None where the numbering plan does not know it."""
    text = f"+{text}" if str(text).startswith(("79", "380", "442")) else str(text)
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return e164 if phonenumbers.is_valid_number(parsed) else None


def mapping(name: str) -> SourceMapping:
    return SourceMapping.model_validate(tomllib.loads((ROOT / f"rules/mappings/{name}.toml").read_text("utf-8")))


# --- shapes ---


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("bitrix_export_cp1251.csv", BITRIX_LINES),
        ("website_form_utf8.csv", FORM_LINES),
        ("event_guests.xlsx", GUEST_LINES),
    ],
)
def test_the_first_table_of_the_page_counts_right(name, table):
    line = next(line for line in README.splitlines() if line.startswith(f"| `{name}`"))
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert int(cells[3]) == len(table) - 1
    assert int(re.search(r"(\d+) columns", cells[2])[1]) == len(table[0])


def test_the_files_are_written_as_said():
    with pytest.raises(UnicodeDecodeError):
        BITRIX.decode("utf-8")
    assert BITRIX.count(b"\r\n") == len(BITRIX_LINES)
    assert all(line.startswith(b'"') and line.endswith(b'"') for line in BITRIX.rstrip().split(b"\r\n"))
    assert not FORM.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in FORM


def test_every_mailbox_is_invented():
    found = set(re.findall(r"@@?([\w.]+)", BITRIX.decode("cp1251") + FORM.decode()))
    found |= {str(row["Email"]).partition("@")[2] for row in GUESTS.values() if row["Email"]}
    assert {domain for domain in found if domain and not domain.lower().endswith(".example")} == {"gmail.con"}


def test_every_valid_number_looks_invented():
    cells = [(r[WORK], r[MOBILE]) for r in CRM.values()] + [(r["Телефон"],) for r in SITE.values()]
    cells += [(str(r["Phone"]),) for r in GUESTS.values() if r["Phone"]]
    digits = [re.sub(r"\D", "", cell) for row in cells for cell in row if number(cell, "RU")]
    assert len(digits) > 60
    assert [n for n in digits if "000" not in n and not re.search(r"79460\d{3}|202555011\d|48720001", n)] == []


# --- the Bitrix24 list ---


def test_bitrix_phones():
    assert [CRM[row][WORK][-7:] for row in (2, 3)] == ["доб. 12", "доб. 15"]
    assert {number(CRM[row][WORK].partition(" доб")[0], "RU") for row in (2, 3)} == {"+74950001101"}
    assert [number(part, "RU") for part in CRM[7][MOBILE].split(",")] == ["+79210000601", "+79210000602"]
    assert CRM[8][MOBILE] == "7,916E+10"
    assert number(CRM[24][MOBILE], "RU") is None
    assert number(CRM[24][MOBILE], "UA") == "+380670000123"
    assert number(CRM[34][MOBILE], "RU") is None
    assert number(CRM[30][MOBILE], "RU") == number(CRM[31][MOBILE], "RU") is not None
    assert CRM[28][WORK] == CRM[29][WORK]
    assert (len(CRM[38][MOBILE]), number(CRM[38][MOBILE], "RU")) == (10, "+79160000137")


def test_all_other_phones_of_bitrix_are_valid():
    wrong = {
        row
        for row, cells in CRM.items()
        for part in (*cells[WORK].split(","), *cells[MOBILE].split(","))
        if part.strip() and number(re.sub(r"\(?(доб|внутр).*", "", part), "RU") is None
    }
    assert wrong == {8, 12, 24, 34}  # damaged, placeholder, of no country, short


def test_bitrix_mails():
    assert CRM[9][WORK_MAIL].count("@") == 2
    assert re.search("[а-я]", CRM[10][MAIL])[0] == "с"
    assert CRM[11][MAIL].endswith("@gmail.con")
    assert CRM[27][WORK_MAIL] == CRM[28][WORK_MAIL] == CRM[29][WORK_MAIL] == "info@severveter.example"
    assert CRM[39][MAIL] == "zhukova[at]pochta.example"
    plain = re.compile(r"[a-z.]+@[a-z]+\.(example|con)|")
    bad = {row for row, c in CRM.items() for box in (WORK_MAIL, MAIL) if not plain.fullmatch(c[box].strip().lower())}
    assert bad == {9, 10, 12, 39}


def test_bitrix_names():
    assert [CRM[4][part] for part in NAME] == ["АЛЕКСЕЙ", "ПЕТРОВ", "ИГОРЕВИЧ"]
    assert "ё" in CRM[5]["Фамилия"]
    assert {"’", "'"} == {next(c for c in CRM[row]["Фамилия"] if not c.isalpha()) for row in (16, 17)}
    assert (CRM[32]["Имя"], CRM[32]["Фамилия"]) == (CRM[3]["Фамилия"], CRM[3]["Имя"])
    assert number(CRM[32][MOBILE], "RU") == number(CRM[3][MOBILE], "RU")
    assert CRM[32]["ID"] != CRM[3]["ID"]
    assert (CRM[33]["Имя"] + CRM[33]["Фамилия"]).isascii()
    assert [CRM[35]["Имя"], CRM[35]["Отчество"]] == ["И.", "П."]
    assert all(CRM[41][part].islower() for part in NAME)
    assert [CRM[27][part] for part in NAME] == ["", "", ""]
    assert CRM[27]["Компания"]


def test_bitrix_cells():
    assert [CRM[row]["Город"] for row in (2, 3, 4)] == ["г. Москва", "Мск", "Москва"]
    assert [CRM[row]["Город"] for row in (15, 19)] == ["Киев", "Киев"]
    assert sum(cell in {"-", "н/д"} for cell in CRM[12].values()) == 7
    assert sum(cell != cell.strip() or "  " in cell for cell in CRM[13].values()) == 8
    assert "\u00a0" in CRM[13][MOBILE]
    assert "\n" in CRM[14]["Комментарий"]
    assert ";" in CRM[14]["Комментарий"]
    assert '"' in CRM[14]["Комментарий"]
    assert CRM[25]["Дата рождения"] == "31.02.1990"
    assert CRM[26]["Дата рождения"] == "05.03.79"
    assert CRM[37]["Комментарий"] == "=1+1"
    assert b'"' * 2 + "Ромашка".encode("cp1251") + b'"' * 3 in BITRIX


def test_bitrix_rows():
    assert [n for n, row in CRM.items() if not any(cell for head, cell in row.items() if head != "ID")] == [21]
    ragged = [(n, row) for n, row in enumerate(BITRIX_LINES, 1) if len(row) != len(BITRIX_LINES[0])]
    assert [(n, len(row) - len(BITRIX_LINES[0])) for n, row in ragged] == [(22, 1)]
    assert ragged[0][1][-1]
    assert CRM[23] == CRM[4]
    repeated = Counter(tuple(row) for row in BITRIX_LINES)
    assert [count for count in repeated.values() if count > 1] == [2]


def test_bitrix_birthdays_are_written_with_dots():
    days = {n: row["Дата рождения"] for n, row in CRM.items() if row["Дата рождения"]}
    assert {n: day for n, day in days.items() if not re.fullmatch(r"\d\d\.\d\d\.\d{4}", day)} == {
        12: "-",
        26: "05.03.79",
    }


def test_the_days_of_the_last_check_give_every_flag():
    def flag(text: str) -> str:
        if not text:
            return "never"
        day = datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007 a day has no zone
        return "green" if day >= date(2026, 9, 23) else "yellow" if day >= date(2026, 8, 21) else "red"

    counts = Counter(flag(row["Проверено"]) for row in CRM.values())
    assert counts == {"green": 13, "yellow": 9, "red": 10, "never": 7}
    for words in ("13 rows", "9 between", "10 before", "7 never"):
        assert words in README


def test_four_people_are_vips_in_kyiv():
    kyiv = {"Киев", "Київ", "м. Київ", "Kyiv"}
    vips = {n for n, row in CRM.items() if "vip" in [tag.strip().casefold() for tag in row["Теги"].split(",")]}
    at_home = {n for n, row in CRM.items() if row["Город"] in kyiv}
    assert (vips & at_home, vips - at_home, at_home - vips) == ({15, 16, 17, 18}, {20}, {19})
    assert {CRM[n]["Город"] for n in vips & at_home} == kyiv


# --- the form ---


@pytest.mark.parametrize(("row", "known"), [(2, 2), (4, 5), (6, 10), (9, 33)])
def test_people_of_the_form_known_by_mail(row, known):
    assert SITE[row]["Email"].casefold() == CRM[known][MAIL].replace("с", "c").casefold()
    assert SITE[row]["Имя"] != f"{CRM[known]['Имя']} {CRM[known]['Фамилия']}"


@pytest.mark.parametrize(("row", "known"), [(3, 3), (5, 4), (7, 16), (8, 7)])
def test_people_of_the_form_known_by_mobile(row, known):
    mobiles = {number(part, "RU") for part in CRM[known][MOBILE].split(",")}
    assert number(SITE[row]["Телефон"]) in mobiles
    assert SITE[row]["Имя"] != f"{CRM[known]['Имя']} {CRM[known]['Фамилия']}"


@pytest.mark.parametrize(("row", "known"), [(10, 5), (11, 25)])
def test_contradictions_of_the_form(row, known):
    assert number(SITE[row]["Телефон"]) == number(CRM[known][MOBILE], "RU") is not None
    assert not set(SITE[row]["Имя"].split()) & {CRM[known][part] for part in NAME}


def test_the_other_faults_of_the_form():
    assert SITE[17]["Имя"].islower()
    assert SITE[17]["Email"].isupper()
    assert number(SITE[18]["Телефон"]) is None
    assert number(SITE[18]["Телефон"], "RU")
    assert {k: v for k, v in SITE[19].items() if k != "Дата"} == {k: v for k, v in SITE[20].items() if k != "Дата"}
    assert [n for n, r in SITE.items() if not (r["Имя"] or r["Телефон"] or r["Email"])] == [21]
    assert "@" not in SITE[22]["Email"]
    assert len([part for part in SITE[24]["Телефон"].split(";") if number(part)]) == 2
    assert number(SITE[25]["Телефон"]) is None


# --- the guests ---


def test_phones_of_guests_are_numbers_and_days_are_days():
    phones = {n: type(row["Phone"]) for n, row in GUESTS.items() if row["Phone"] is not None}
    days = {n: type(row["Registered"]) for n, row in GUESTS.items()}
    assert [n for n, kind in phones.items() if kind is not int] == [18]
    assert [n for n, kind in days.items() if kind is not datetime] == [18]
    assert [n for n in phones if number(GUESTS[n]["Phone"]) is None] == [15]


@pytest.mark.parametrize(("row", "known"), [(2, 6), (3, 2), (4, 18), (5, 17), (6, 8), (9, 3)])
def test_guests_known_to_bitrix(row, known):
    guest, contact = GUESTS[row], CRM[known]
    same_mail = guest["Email"] and guest["Email"] in (contact[MAIL], contact[WORK_MAIL])
    assert same_mail or number(guest["Phone"]) == number(contact[MOBILE], "RU")
    assert (guest["First name"] + guest["Last name"]).isascii() == (row != 9)


@pytest.mark.parametrize(("row", "known"), [(7, 12), (8, 15)])
def test_guests_known_to_the_form(row, known):
    assert GUESTS[row]["Email"] == SITE[known]["Email"]
    assert number(GUESTS[row]["Phone"]) == number(SITE[known]["Телефон"])


def test_the_other_faults_of_the_guests():
    assert GUESTS[16]["First name"].isupper()
    assert GUESTS[19]["Email"].endswith("@")
    assert GUESTS[20]["Email"].startswith("info@")
    assert {head for head, cell in GUESTS[21].items() if cell} == {"City", "Registered"}


# --- the mappings know the samples ---


@pytest.mark.parametrize(
    ("name", "headings"),
    [("bitrix24_contacts", BITRIX_LINES[0]), ("website_form", FORM_LINES[0]), ("event_guests", GUEST_LINES[0])],
)
def test_each_file_is_known_by_one_mapping_and_whole(name, headings):
    names = [path.stem for path in (ROOT / "rules/mappings").glob("*.toml")]
    assert [n for n in names if (s := mapping(n).signature) and set(s) <= set(headings)] == [name]
    assert set(headings) <= set(mapping(name).columns)
