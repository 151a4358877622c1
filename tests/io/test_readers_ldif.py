import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtool.core.errors import InputRefused, UsageError
from crmtool.io.readers import files, ldif
from crmtool.io.readers.table import Options, joined


@pytest.fixture
def table(tmp_path):
    def make(text, written="utf-8", **options):
        path = tmp_path / "people.ldif"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(written))
        return files.read(path, Options(**options))

    return make


@pytest.fixture
def row(table):
    """Return the filled cells, but for the name, of the one entry that has these lines."""

    def make(*lines):
        read = table("\n".join(["dn: cn=x", *lines, ""]))
        assert read.read == read.cells.height == 1
        cells = read.cells.row(0, named=True)
        assert cells.pop("dn") == "cn=x"
        return cells

    return make


def b64(text, encoding="utf-8"):
    return base64.b64encode(text.encode(encoding)).decode()


def test_an_entry_is_a_row_numbered_by_the_line_of_its_name(table):
    read = table("version: 1\n# people\n#  of ours\n\ndn: cn=A\ncn: A\n\n\n# next\ndn: cn=B\ncn: B\n")
    assert read.rows.to_list() == [5, 10]
    assert read.cells.rows() == [("cn=A", "A"), ("cn=B", "B")]
    assert (read.format, read.header, read.blank, read.refused.height) == ("ldif", 0, 0, 0)


@pytest.mark.parametrize("start", ["dn: cn=A", "DN:cn=A", "dn:: Y249QQ==", "# extended LDIF\n#\n\ndn: cn=A"])
def test_the_file_is_known_by_its_beginning(table, start):
    assert table(f"{start}\ncn: A\n").cells.rows() == [("cn=A", "A")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_folded_lines(table, end):
    read = table(end.join(["dn: cn=A", "cn: An", " n", " a", "# a comment", "  goes on", "description:", "  text", ""]))
    assert read.cells.row(0, named=True) == {"dn": "cn=A", "cn": "Anna", "description": "text"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1251"])
def test_text_that_is_not_ascii(table, encoding):
    assert table("dn: cn=A\ncn: Олена Шевченко\nl: Київ\n", encoding).cells["cn"].item() == "Олена Шевченко"


def test_base64(row):
    assert row(f"cn:: {b64('Анна')}", f"l:: {b64('Москва', 'cp1251')}") == {"cn": "Анна", "l": "Москва"}


def test_base64_that_cannot_be_decoded_is_kept_and_said(table):
    read = table("dn: cn=A\ncn:: ***\n")
    assert read.cells["cn"].item() == "***"
    assert read.findings.select("row", "code", "column").rows() == [(1, "entry.encoded", "cn")]


def test_several_values_are_numbered_and_lists_stand_together(row):
    cells = row("mail: a@b.example", "Mail: c@d.example", "objectClass: top", "objectclass: person", "drink: tea")
    assert cells == {"objectClass": "top, person", "mail": "a@b.example", "mail 2": "c@d.example", "drink": "tea"}


def test_other_names_of_attributes(row):
    cells = row("surname: Doe", "GIVENNAME: John", "commonName: John Doe", "streetAddress: 1 Main St", "fax: 1")
    assert cells == {
        "cn": "John Doe",
        "givenName": "John",
        "sn": "Doe",
        "facsimileTelephoneNumber": "1",
        "street": "1 Main St",
    }


def test_options_of_attributes(row):
    assert row("cn;lang-ru: Анна", "cn: Anna", "l;lang-uk: Київ") == {"cn": "Anna", "cn;lang-ru": "Анна", "l": "Київ"}


def test_other_files_are_not_opened(table, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("top secret")
    read = table(f"dn: cn=A\ncn: A\njpegPhoto:< file://{secret}\n")
    assert read.cells["jpegPhoto at"].item() == f"file://{secret}"
    assert read.findings["code"].to_list() == ["entry.elsewhere"]


def test_passwords_and_pictures_are_counted_and_not_kept(table):
    read = table(
        f"dn: cn=A\nuserPassword: s3cret\njpegPhoto:: {b64('abc')}\nx-blob:: AAEC\nuserCertificate;binary:: AA==\n"
    )
    assert read.cells.columns == ["dn"]
    assert read.findings["column"].to_list() == ["jpegPhoto", "userCertificate", "userPassword", "x-blob"]
    assert set(read.findings["code"]) == {"entry.dropped"}
    assert "s3cret" not in str(read.findings.rows())


def test_changes_are_refused_but_for_additions(table):
    add = "dn: cn=A\ncontrol: 1.2.3 true\nchangetype: add\ncn: A\n\n"
    modify = "dn: cn=B\nchangetype: modify\nreplace: cn\ncn: C\n-\n\n"
    read = table(add + modify + "dn: cn=D\nchangetype: delete\n")
    assert read.cells.rows() == [("cn=A", "A")]
    assert read.refused.select("row", "code").rows() == [(6, "entry.change"), (12, "entry.change")]
    assert read.refused["raw"][0] == "dn: cn=B\nchangetype: modify\nreplace: cn\ncn: C\n-"


def test_an_entry_without_a_name_is_refused_whole(table):
    read = table("dn: cn=A\ncn: A\n\ncn: B\nmail: b@c.example\n")
    assert read.refused.rows() == [(4, "cn: B\nmail: b@c.example", "row.unreadable")]


def test_lines_that_are_no_attribute_stay_with_the_record(table):
    read = table("dn: cn=A\ncn: A\nno attribute\n")
    assert read.cells["Unread lines"].item() == "no attribute"
    assert read.findings.select("row", "code", "value").rows() == [(1, "entry.line", "no attribute")]


def test_a_missing_blank_line_parts_no_less(table):
    assert table("dn: cn=A\ncn: A\ndn: cn=B\ncn: B\n").rows.to_list() == [1, 3]


def test_postal_addresses(row):
    assert row(r"postalAddress: 1 Main St $ York \24 \5C") == {"postalAddress": r"1 Main St, York $ \ ".strip()}


def test_the_birthday_of_an_address_book(row):
    assert row("birthyear: 1980", "birthmonth: 3", "birthday: 7") == {"dateOfBirth": "1980-03-07"}
    assert row("birthmonth: 3", "birthday: 7") == {"birthmonth": "3", "birthday": "7"}


def test_the_name_of_a_group_is_no_persons(row):
    assert "cn" not in row("objectClass: groupOfNames", "cn: All Staff", "member: cn=A", "member: cn=B")
    assert row("objectClass: person", "objectClass: posixGroup", "cn: Anna")["cn"] == "Anna"


@pytest.mark.parametrize("option", [{"sheet": "1"}, {"delimiter": ";"}, {"header": 1}])
def test_options_of_tables_are_refused(table, option):
    with pytest.raises(UsageError, match="LDIF"):
        table("dn: cn=A\ncn: A\n", **option)


def test_a_limit_counts_entries(table):
    assert table("dn: cn=A\ncn: A\n\n" * 5, limit=2).read == 2


def test_endless_entries_and_empty_files_are_refused(table, monkeypatch):
    with pytest.raises(InputRefused, match="no entries"):
        table("# nothing\n", format="ldif")
    monkeypatch.setattr(ldif, "LARGEST", 1000)
    with pytest.raises(InputRefused, match="larger"):
        table("dn: cn=A\n" + "cn: A\n" * 1000)


PIECES = st.sampled_from(
    ["dn: cn=A", "cn: A", "cn:: QQ==", "", " fold", "# c", "rubbish", "changetype: delete", "-", ":"]
)


@given(st.lists(PIECES | st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=9), max_size=30))
def test_no_entry_is_lost(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("entries") / "people.ldif"
    path.write_text("\n".join(["dn: cn=first", *lines]))
    read = joined(ldif.read(path, Options(encoding="utf-8")))
    named = [line for line in lines if line[:3].lower() == "dn:"]
    assert read.read >= 1 + len(named)
    assert len(read.rows) == read.cells.height


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=40))
def test_base64_comes_back(text):
    into = ldif.entry([(1, "dn: cn=A"), (2, f"x-note:: {b64(text)}")])
    assert into.cells["x-note"] == text
