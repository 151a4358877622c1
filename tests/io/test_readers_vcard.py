from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtool.core.errors import InputRefused, UsageError
from crmtool.io.readers import entries, files, streams, vcard, vcard_lines
from crmtool.io.readers.table import Options, joined

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "phone_contacts.vcf"


@pytest.fixture
def table(tmp_path):
    def make(text, written="utf-8", **options):
        path = tmp_path / "people.vcf"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(written))
        read = files.read(path, Options(**options))
        told = set(read.cells[vcard.VERSION])
        return read if told != {"none"} else replace(read, cells=read.cells.drop(vcard.VERSION))

    return make


@pytest.fixture
def row(table):
    """Return the filled cells of the one card that has these lines."""

    def make(*lines, version="3.0", encoding="utf-8"):
        read = table("\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""]), encoding)
        assert read.read == read.cells.height == 1
        cells = read.cells.row(0, named=True)
        assert all(cells.values())  # columns that nobody fills do not exist
        return {name: value for name, value in cells.items() if name != "vCard"}

    return make


def codes(read):
    return set(read.findings["code"].to_list())


# --- cards and lines ---


def test_a_card_is_a_row_numbered_by_the_line_it_begins_in(table):
    read = table("\n\nBEGIN:VCARD\nFN:Anna\nEND:VCARD\n\nBEGIN:vcard\nVERSION:2.1\nFN:Bob\nEND:vCard\n")
    assert read.rows.to_list() == [3, 7]
    assert read.cells.rows() == [("none", "Anna"), ("2.1", "Bob")]
    assert (read.format, read.header, read.encoding, read.blank, read.refused.height) == ("vcard", 0, "utf-8", 0, 0)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_ends_of_lines(table, end):
    read = table(end.join(["BEGIN:VCARD", "FN:Ан", " на", "END:VCARD", "", "BEGIN:VCARD", "FN:Bob", "END:VCARD"]))
    assert read.cells["Full name"].to_list() == ["Анна", "Bob"]
    assert read.rows.to_list() == [1, 6]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251"])
def test_encodings(table, encoding):
    cards = "BEGIN:VCARD\r\nFN:Олена Шевченко\r\nNOTE:Передзвонити увечері\r\nEND:VCARD\r\n" * 3
    assert table(cards, encoding).cells["Full name"].to_list() == ["Олена Шевченко"] * 3


def test_an_encoding_that_a_person_names_wins(table):
    assert table("BEGIN:VCARD\nFN:Анна\nEND:VCARD\n", "koi8-r", encoding="koi8-r").cells.item() == "Анна"


def test_cards_of_several_encodings_in_one_file(table):
    text = "BEGIN:VCARD\nFN:{}\nNOTE:Встретились на выставке в Москве\nEND:VCARD\n"
    read = table(text.format("Пётр").encode() * 3 + text.format("Анна").encode("cp1251"))
    assert read.cells["Full name"].to_list() == ["Пётр"] * 3 + ["Анна"]
    assert read.cells["Note"].n_unique() == 1
    assert "file.encoding" in codes(read)


def test_a_line_may_name_its_encoding(table):
    card = b"BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=%s:%s\nEND:VCARD\n"
    read = table(card % (b"KOI8-R", "Орлов".encode("koi8-r")) + card % (b"UTF-8", "Орлов".encode()) * 2)
    assert read.cells["Family name"].to_list() == ["Орлов"] * 3


def test_bytes_of_no_encoding_are_said(table):
    read = table(b"BEGIN:VCARD\nFN:A\xff\xfenna\nEND:VCARD\n", encoding="utf-8")
    assert read.cells.item() == "A\ufffd\ufffdnna"
    assert read.findings.filter(code="file.bytes")["row"].to_list() == [1]


def test_folds(row):
    assert row("NOTE:long", " er", "\t word", version="4.0") == {"Note": "longer word"}
    assert row("NOTE:two", " words", version="2.1") == {"Note": "two words"}


@pytest.mark.parametrize(
    "lines",
    [
        ["NOTE;ENCODING=QUOTED-PRINTABLE:=D0=90=", "=D0=BD=D0=BD=D0=B0"],
        ["NOTE;QUOTED-PRINTABLE:=D0=90=", "=D0=BD=", "=D0=BD=D0=B0"],
        ["NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=90=D0=BD", "=D0=BD=D0=B0"],
        ["NOTE;ENCODING=quoted-printable;CHARSET=windows-1251:=C0=ED=", " =ED=E0"],
        ["NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=nobody-knows:=D0=90=D0=BD=D0=BD=D0=B0=", ""],
    ],
)
def test_quoted_printable(row, lines):
    assert row(*lines, "TEL:1", version="2.1") == {"Note": "Анна", "Phone": "1"}


def test_quoted_printable_without_the_name_of_its_encoding(row):
    name = "".join(f"={byte:02X}" for byte in "Дмитрий Алексеевич Воронцов".encode("cp1251"))
    assert row(f"FN;ENCODING=QUOTED-PRINTABLE:{name}", version="2.1")["Full name"] == "Дмитрий Алексеевич Воронцов"


def test_a_soft_break_does_not_swallow_the_end_of_a_card(table):
    read = table("BEGIN:VCARD\nNOTE;QUOTED-PRINTABLE:abc=\nEND:VCARD\nBEGIN:VCARD\nFN:Bob\nEND:VCARD\n")
    assert read.cells.rows() == [(None, "abc"), ("Bob", None)]


def test_escapes(row):
    assert row(r"NOTE:one\, two\; three\ntab\\n http\://a.example \"b\" \q") == {
        "Note": 'one, two; three\ntab\\n http://a.example "b" \\q'
    }


def test_a_card_without_an_end_is_read_to_the_next_one(table):
    read = table("BEGIN:VCARD\nFN:Anna\nBEGIN:VCARD\nFN:Bob\n")
    assert (read.cells["Full name"].to_list(), read.rows.to_list()) == (["Anna", "Bob"], [1, 3])
    assert read.findings.filter(code="entry.unended")["row"].to_list() == [1, 3]


def test_a_card_inside_of_a_card_is_a_row_of_its_own(table):
    agent = "AGENT:\nBEGIN:VCARD\nFN:Secretary\nEND:VCARD\n"
    read = table(f"BEGIN:VCARD\nFN:Chief\n{agent}TEL:1\nEND:VCARD\nBEGIN:VCARD\nFN:Next\nEND:VCARD\n")
    assert read.cells.rows() == [("Chief", "1"), ("Secretary", None), ("Next", None)]
    assert read.rows.to_list() == [1, 4, 9]


def test_lines_that_are_no_property_stay_with_the_record(table):
    read = table("BEGIN:VCARD\nFN:Anna\ncall back\nОтвет: да\nEND:VCARD\n")
    assert read.cells.row(0, named=True) == {"Full name": "Anna", "Unread lines": "call back\nОтвет: да"}
    assert read.findings.select("row", "code", "value").rows() == [
        (1, "entry.line", "call back"),
        (1, "entry.line", "Ответ: да"),
    ]


def test_a_card_of_nothing_but_such_lines_is_refused_whole(table):
    read = table("BEGIN:VCARD\nFN:Anna\nEND:VCARD\nBEGIN:VCARD\nrubbish\n more\nEND:VCARD\nBEGIN:VCARD\nEND:VCARD\n")
    assert read.refused.rows() == [(4, "rubbish\n more", "row.unreadable")]
    assert (read.cells.height, read.blank, read.read) == (1, 1, 3)


def test_what_stands_outside_of_cards_is_said(table):
    read = table("BEGIN:VCARD\nFN:Anna\nEND:VCARD\nsome\ntext\nBEGIN:VCARD\nFN:Bob\nEND:VCARD\nEND:VCARD\n")
    assert read.findings.select("row", "code", "value").rows() == [
        (4, "entry.outside", "some\ntext"),
        (9, "entry.outside", "END:VCARD"),
    ]
    assert read.read == 2


@pytest.mark.parametrize("option", [{"sheet": "1"}, {"delimiter": ";"}, {"header": 1}])
def test_options_of_tables_are_refused(table, option):
    with pytest.raises(UsageError, match="vCard"):
        table("BEGIN:VCARD\nFN:Anna\nEND:VCARD\n", **option)


def test_a_limit_counts_cards(table):
    read = table("BEGIN:VCARD\nFN:Anna\nEND:VCARD\n" * 5, limit=2)
    assert read.read == 2


def test_a_file_without_a_card_is_refused(table):
    with pytest.raises(InputRefused, match="no entries"):
        table("nothing here\n", format="vcf")


def test_endless_lines_and_cards_are_refused(table, monkeypatch):
    monkeypatch.setattr(vcard_lines, "LARGEST", 1000)
    with pytest.raises(InputRefused, match="larger"):
        table("BEGIN:VCARD\n" + "NOTE:abc\n" * 1000)
    monkeypatch.setattr(streams, "LONGEST", 1000)
    with pytest.raises(InputRefused, match="line of more"):
        table("BEGIN:VCARD\nNOTE:" + "a" * 2000)


# --- properties ---


def test_names(row):
    assert row("N:Петренко;Іван;Миколайович,Степан;пан,д-р;мол.,к.т.н.", "FN:Іван Петренко") == {
        "Full name": "Іван Петренко",
        "Prefix": "пан д-р",
        "Given name": "Іван",
        "Middle name": "Миколайович Степан",
        "Family name": "Петренко",
        "Suffix": "мол., к.т.н.",
    }
    assert row(r"N:Smith\, Jr.;Ann;;;")["Family name"] == "Smith, Jr."
    assert row("N:Smith;Ann", "NICKNAME:Annie") == {"Given name": "Ann", "Family name": "Smith", "Nickname": "Annie"}


def test_quoted_printable_parts_are_split_before_they_are_decoded(row):
    assert row("N;ENCODING=QUOTED-PRINTABLE:=41=3B=42;=43", version="2.1") == {"Given name": "C", "Family name": "A;B"}


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("TEL;CELL;PREF", "Phone mobile"),
        ("TEL;TYPE=cell,voice", "Phone mobile"),
        ("TEL;TYPE=CELL;TYPE=VOICE", "Phone mobile"),
        ('TEL;VALUE=text;TYPE="work,cell"', "Phone mobile work"),
        ("tel;type=work", "Phone work"),
        ("TEL;HOME;VOICE", "Phone home"),
        ("TEL;WORK;FAX", "Fax work"),
        ("TEL;FAX", "Fax"),
        ("TEL;PAGER", "Pager"),
        ("TEL;TYPE=MAIN", "Phone main"),
        ("TEL;X-FOO=bar;VOICE", "Phone"),
        ("TEL", "Phone"),
        ("item7.TEL;TYPE=pref", "Phone"),
    ],
)
def test_labels_of_phones(row, line, heading):
    assert row(f"{line}:+7 916 555-01-23") == {heading: "+7 916 555-01-23"}


def test_labels_of_someones_own(row):
    cells = row(
        *("item1.TEL:1", "item1.X-ABLabel:Дача", "item2.TEL;type=WORK:2", "item2.X-ABLabel:_$!<HomeFAX>!$_"),
        *("TEL;TYPE=x-gate:3", "TEL;X-CUSTOM(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=D0=94=D0=B0=D1=87=D0=B0):4"),
        *("item3.EMAIL;type=INTERNET:a@b.example", "item3.X-ABLabel:School"),
    )
    assert cells == {
        "Phone labelled": "1",
        "Phone labelled: label": "Дача",
        "Phone labelled 2": "3",
        "Phone labelled 2: label": "gate",
        "Phone labelled 3": "4",
        "Phone labelled 3: label": "Дача",
        "Fax home": "2",
        "E-mail labelled": "a@b.example",
        "E-mail labelled: label": "School",
    }


def test_several_values_are_numbered_the_preferred_one_first(row):
    cells = row("TEL;CELL:1", "TEL;CELL:2", "TEL;CELL;PREF:3", "EMAIL;PREF=2:a@b.example", "EMAIL;PREF=1:c@d.example")
    assert cells == {
        "Phone mobile": "3",
        "Phone mobile 2": "1",
        "Phone mobile 3": "2",
        "E-mail": "c@d.example",
        "E-mail 2": "a@b.example",
    }


def test_uris_of_phones_and_mail(row):
    cells = row("TEL;VALUE=uri:tel:+1-418-555-0154;ext=102", "EMAIL:mailto:a@b.example", version="4.0")
    assert cells == {"Phone": "+1-418-555-0154 ext. 102", "E-mail": "a@b.example"}


def test_addresses(row):
    cells = row(
        r"ADR;TYPE=work:а/я 7;офис 3;ул. Ленина\, д. 1;Москва;;101000;Россия",
        "ADR;HOME:;;;Київ;;;",
        'ADR;TYPE=home;LABEL="1 Main St^nYork":;;1 Main St;York;;;;more',
    )
    assert cells == {
        "Address work: street": "ул. Ленина, д. 1, офис 3, а/я 7",
        "Address work: city": "Москва",
        "Address work: postcode": "101000",
        "Address work: country": "Россия",
        "Address home: city": "Київ",
        "Address home 2: street": "1 Main St",
        "Address home 2: city": "York",
        "Address home 2: beyond": "more",
        "Address home 2: as written": "1 Main St\nYork",
    }


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("BDAY:20010203", {"Birthday": "2001-02-03"}),
        ("BDAY;VALUE=date:2001-02-03", {"Birthday": "2001-02-03"}),
        ("BDAY:2001-02-03T00:00:00Z", {"Birthday": "2001-02-03"}),
        ("BDAY:03.02.2001", {"Birthday": "03.02.2001"}),
        ("BDAY:--0203", {"Birthday in part": "--02-03"}),
        ("BDAY:1985-04", {"Birthday in part": "1985-04"}),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-03", {"Birthday in part": "--02-03"}),
        ("BDAY;VALUE=text:circa 1800", {"Birthday in words": "circa 1800"}),
        ("ANNIVERSARY:20090808T1430-0500", {"Anniversary": "2009-08-08"}),
        ("X-MS-ANNIVERSARY:20110113", {"Anniversary": "2011-01-13"}),
        ("X-ANDROID-CUSTOM:vnd.android.cursor.item/contact_event;2011-01-13;1;;", {"Anniversary": "2011-01-13"}),
        ("X-ANDROID-CUSTOM:vnd.android.cursor.item/nickname;Oksi;1;;", {"Nickname": "Oksi"}),
        ("X-ANDROID-CUSTOM:vnd.android.cursor.item/relation;Ann;2;;", {"Related": "Ann"}),
        ("ORG:Acme\\; Sons;Sales;East", {"Organization": "Acme; Sons", "Department": "Sales, East"}),
        ("CATEGORIES:a,b", {"Categories": "a, b"}),
        ("GENDER:F;woman", {"Gender": "F", "Gender identity": "woman"}),
        ("URL;WORK:http\\://a.example", {"Web site work": "http://a.example"}),
        ("IMPP:skype:ann", {"Messenger skype": "ann"}),
        ("IMPP;X-SERVICE-TYPE=Telegram:x-apple:ann", {"Messenger telegram": "ann"}),
        ("IMPP:aim:goim?screenname=ann", {"Messenger aim": "ann"}),
        ("IMPP;X-SERVICE-TYPE=Foo:x-apple:a", {"Messenger labelled": "a", "Messenger labelled: label": "Foo"}),
        ("X-SKYPE-USERNAME:ann", {"Messenger skype": "ann"}),
        ("X-ICQ:1", {"Messenger icq": "1"}),
        ("X-SOCIALPROFILE;type=linkedin:https://l.example/ann", {"Profile linkedin": "https://l.example/ann"}),
        ("X-SOCIALPROFILE;type=telegram;x-user=ann:x-apple:ann", {"Messenger telegram": "ann"}),
        ("X-SOCIALPROFILE;type=foo:u", {"Profile labelled": "u", "Profile labelled: label": "foo"}),
        ("RELATED;TYPE=spouse:Ann", {"Related labelled": "Ann", "Related labelled: label": "spouse"}),
        ("UID:1", {"UID": "1"}),
        ("X-FOO;a=b:c", {"X-FOO": "c"}),
        ("PHOTO;VALUE=uri:https://a.example/p.jpg", {"Photo": "https://a.example/p.jpg"}),
    ],
)
def test_properties(row, line, cells):
    assert row(line) == cells


def test_the_name_of_a_company_or_a_group_is_no_persons(row):
    assert row("FN:Зерно", "N:;;;;", "ORG:Зерно;", "X-ABShowAs:COMPANY") == {"Kind": "COMPANY", "Organization": "Зерно"}
    assert row("FN:Зерно", "ORG:Зерно") == {"Organization": "Зерно"}
    assert row("KIND:org", "FN:Acme") == {"Kind": "org", "Organization": "Acme"}
    assert row("KIND:group", "FN:All", "MEMBER:urn:uuid:1", "MEMBER:urn:uuid:2") == {
        "Kind": "group",
        "Group": "All",
        "Members": "urn:uuid:1\nurn:uuid:2",
    }


@pytest.mark.parametrize(
    "photo",
    [
        "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ\r\n SkZJRgAB",
        "PHOTO;BASE64:\r\n  /9j/4AAQ\r\n  SkZJRgAB\r\n",
        "PHOTO;ENCODING=BASE64:/9j/4AAQ\r\nSkZJRgAB",
        "PHOTO:data:image/jpeg;base64,/9j/4AAQSkZJRgAB",
        "X-PICTURE;ENCODING=B:/9j/4AAQSkZJRgAB",
    ],
)
def test_pictures_are_counted_and_not_kept(table, photo):
    read = table(f"BEGIN:VCARD\r\nFN:Anna\r\n{photo}\r\nTEL:1\r\nEND:VCARD\r\n")
    assert read.cells.row(0, named=True) == {"Full name": "Anna", "Phone": "1"}
    assert read.findings["code"].to_list() == ["entry.dropped"]
    assert "bytes" in read.findings["suggestion"].item()


# --- bounds ---


def test_values_beyond_the_columns_are_kept_together(table):
    read = table("BEGIN:VCARD\n" + "".join(f"TEL;CELL:{n}\n" for n in range(1, 24)) + "END:VCARD\n")
    assert read.cells.width == entries.MOST + 1
    assert read.cells["Other values"].item() == "Phone mobile: 21\nPhone mobile: 22\nPhone mobile: 23"
    assert "entry.overflow" in codes(read)


def test_the_number_of_columns_is_bounded(table):
    read = table("".join(f"BEGIN:VCARD\nFN:Anna\nX-{n}:{n}\nEND:VCARD\n" for n in range(700)))
    assert read.cells.width == 500
    filled = read.cells.select(pl.sum_horizontal(pl.all().is_not_null())).to_series()
    assert filled.unique().to_list() == [2]


def test_a_large_file_comes_in_parts_of_the_same_columns(tmp_path, monkeypatch):
    monkeypatch.setattr(entries, "_BATCH", 100)
    path = tmp_path / "many.vcf"
    path.write_text("".join(f"BEGIN:VCARD\nFN:Person {n}\nX-{n // 100}:a\nEND:VCARD\n" for n in range(250)))
    parts = list(vcard.read(path, Options()))
    assert [part.cells.height for part in parts] == [100, 100, 50]
    assert {tuple(part.cells.columns) for part in parts} == {("vCard", "Full name", "X-0", "X-1", "X-2")}
    whole = joined(iter(parts))
    assert whole.rows.to_list() == list(range(1, 1000, 4))
    assert whole.cells["Full name"].to_list() == [f"Person {n}" for n in range(250)]


PIECES = st.sampled_from(
    [
        *("BEGIN:VCARD", "END:VCARD", "FN:Анна", "N:a;b", "TEL;CELL:1", "AGENT:", "", " ", " fold", "rubbish", "NOTE;"),
        *("NOTE;QUOTED-PRINTABLE:=D0=", "=90", "PHOTO;BASE64:", "abcd", "VERSION:2.1", 'X;A="b:c', "ADR:;\\;;,\\,;\\"),
    ]
)


@given(st.lists(PIECES | st.text(alphabet=st.characters(exclude_characters="\r\n"), max_size=20), max_size=40))
def test_no_card_is_lost(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("cards") / "people.vcf"
    path.write_bytes("\n".join(["BEGIN:VCARD", *lines]).encode("utf-8", "surrogatepass"))
    begun = 1 + sum(line.strip().upper() == "BEGIN:VCARD" and line[:1] in "Bb" for line in lines)
    read = joined(vcard.read(path, Options(encoding="utf-8")))
    assert read.read == begun
    assert len(read.rows) == read.cells.height
    assert read.rows.is_sorted()


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=10), min_size=1, max_size=9))
def test_parts_come_back_from_their_escapes(texts):
    escaped = [text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,") for text in texts]
    assert [vcard_lines.unescaped(part) for part in vcard_lines.parts(";".join(escaped))] == texts
    assert [vcard_lines.unescaped(part) for part in vcard_lines.items(",".join(escaped))] == texts


# --- the sample ---


def test_the_sample_of_a_phone():
    read = files.read(SAMPLE)
    assert read.rows.to_list() == [1, 26, 33, 56, 66, 83, 89]
    names = ["Оксана", "Сантехник", "Дмитрий", None, "Hannah", "Тарас", "Лариса"]
    assert read.cells["Given name"].to_list() == names
    assert read.cells["Organization"][3] == "Кофейня «Зерно»"
    assert codes(read) == {"entry.dropped", "entry.unended", "entry.line"}
