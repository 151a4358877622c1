import hashlib
import os
import zipfile

import pytest

from crmtool.core.errors import InputRefused
from crmtool.io.readers import files, table


@pytest.fixture
def made(tmp_path):
    def make(data: bytes, name: str = "people.csv"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return make


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\n \n", "no text"),
        (b"name,phone\n", "no rows"),
        (b"%PDF-1.7 something", "PDF"),
        (b"\x89PNG\r\n\x1a\n....", "picture"),
        (b"\x1f\x8b\x08\x00", "cannot be unpacked"),
        (b"\x28\xb5\x2f\xfd....", "Zstandard"),
        (bytes(range(256)) * 40, "not text"),
        (b"<html><p>1</p></html>", "web page"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", "XML"),
    ],
)
def test_what_is_no_table_is_refused_with_a_way_out(made, data, words):
    with pytest.raises(InputRefused, match=words) as refusal:
        files.read(made(data))
    assert refusal.value.hint
    assert refusal.value.exit_code == 16


def test_paths_that_cannot_be_read_are_refused(tmp_path):
    with pytest.raises(InputRefused, match="no file"):
        files.read(tmp_path / "absent.csv")
    with pytest.raises(InputRefused, match="folder"):
        files.read(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputRefused, match="not a plain file"):
        files.read(tmp_path / "pipe")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_of_someone_else_is_refused(made):
    path = made(b"a,b\n1,2\n")
    path.chmod(0)
    with pytest.raises(InputRefused, match="may not be read"):
        files.read(path)


def test_a_plain_archive_is_no_workbook(tmp_path):
    path = tmp_path / "people.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("people.csv", "a,b\n1,2\n")
    with pytest.raises(InputRefused, match="archive"):
        files.read(path)


def test_the_name_says_nothing_about_the_format(made):
    found = files.read(made(b"name,phone\nAnna,1\n", "people.xls"))
    assert found.cells.rows() == [("Anna", "1")]
    assert found.name == "people.xls"


def test_the_hash_is_of_the_bytes(made):
    data = "имя,город\nАнна,Київ\n".encode("cp1251")
    assert files.read(made(data)).sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_wide_and_marked_text_is_text(made, encoding):
    text = "name,city\r\nАнна,Київ\r\nBob,York\r\n" * 3
    assert files.read(made(text.encode(encoding))).cells.rows()[:2] == [("Анна", "Київ"), ("Bob", "York")]


def test_headings_stay_unique_when_a_number_is_taken():
    assert table.headings(["a", "a (2)", "a", "", ""]) == ["a", "a (2)", "a (3)", "Column 4", "Column 5"]
