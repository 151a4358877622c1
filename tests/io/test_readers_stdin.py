import gzip
import hashlib
import io
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from crmtool.core.errors import InputRefused, UsageError
from crmtool.io.readers import files, sources
from crmtool.io.readers.table import Options

PEOPLE = "имя;телефон\nАнна;+7 916 000-00-01\nОлена;+380 67 000 00 02\n"
STDIN = Path("-")


@pytest.fixture
def piped(monkeypatch, tmp_path):
    """Give bytes as standard input; temporary files go where the test can see them."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def pipe(data: bytes):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    return pipe


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "utf-16"])
def test_standard_input_is_read_like_a_file(piped, tmp_path, encoding):
    data = PEOPLE.encode(encoding)
    piped(data)
    found = files.read(STDIN)
    assert found.cells.rows() == [("Анна", "+7 916 000-00-01"), ("Олена", "+380 67 000 00 02")]
    assert (found.name, found.sha256) == ("standard input", hashlib.sha256(data).hexdigest())
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


def test_what_is_spooled_is_for_its_owner_alone_and_removed_when_reading_fails(piped, tmp_path):
    piped(PEOPLE.encode())
    seen = []

    def fail():
        with sources.opened(STDIN) as (plain, given):
            seen.extend(stat.S_IMODE(path.stat().st_mode) for path in (plain, given, plain.parent))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert seen == [0o600, 0o600, 0o700]
    assert list(tmp_path.iterdir()) == []


def test_parts_that_are_not_read_to_their_end_leave_nothing(piped, tmp_path):
    piped(PEOPLE.encode())
    found = files.parts(STDIN, Options())
    next(found)
    assert list(tmp_path.iterdir()) != []
    found.close()
    assert list(tmp_path.iterdir()) == []


def test_nothing_piped_in_is_said(piped):
    piped(b"")
    with pytest.raises(InputRefused, match="standard input is empty"):
        files.read(STDIN)


def test_a_terminal_is_not_waited_for():
    master, slave = os.openpty()
    try:
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "from pathlib import Path; from crmtool.io.readers import files; files.read(Path('-'))",
            ],
            stdin=slave,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(master)
        os.close(slave)
    assert "UsageError: '-' means standard input, and nothing is piped in." in done.stderr


def test_no_standard_input_at_all_is_said(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UsageError, match="nothing is piped in") as refusal:
        files.read(STDIN)
    assert refusal.value.hint


@pytest.mark.parametrize("path", ["people.csv.gz", "-"])
def test_a_gzip_file_is_unpacked_and_keeps_its_digest(piped, tmp_path, monkeypatch, path):
    data = gzip.compress(PEOPLE.encode("cp1251"))
    monkeypatch.chdir(tmp_path)
    Path("people.csv.gz").write_bytes(data)
    piped(data)
    found = files.read(Path(path))
    assert found.cells.height == 2
    assert found.encoding == "cp1251"
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert found.name == ("standard input" if path == "-" else path)
    assert [each.name for each in tmp_path.iterdir()] == ["people.csv.gz"]


def test_a_bomb_is_not_unpacked_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "_HARMLESS", 1 << 20)
    path = tmp_path / "people.csv.gz"
    path.write_bytes(gzip.compress(b"0" * (32 << 20)))
    with pytest.raises(InputRefused, match="far more than its size promises") as refusal:
        files.read(path)
    assert refusal.value.hint


def test_a_cut_gzip_file_is_refused(tmp_path):
    path = tmp_path / "people.csv.gz"
    path.write_bytes(gzip.compress(PEOPLE.encode() * 100)[:-12])
    with pytest.raises(InputRefused, match="cannot be unpacked"):
        files.read(path)


def test_a_format_may_be_named_as_people_name_it(tmp_path):
    path = tmp_path / "people"
    path.write_text("a,b\tc\n1,2\t3\n")
    assert files.read(path, Options(format="CSV")).cells.height == 1
    assert files.known(Options(format=".TSV")) == Options(format="csv", delimiter="\t")
    assert set(files.NAMES.values()) == set(files.FORMATS)


def test_an_unknown_format_names_the_known_ones(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(UsageError, match="no format called 'wordperfect'") as refusal:
        files.read(path, Options(format="wordperfect"))
    assert "xlsx" in refusal.value.hint
