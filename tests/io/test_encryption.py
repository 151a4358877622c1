"""Files for some people only: opened by the standard program, with nothing readable left behind."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from crmtool.core.errors import KeyMissing, NotWritable, StoreDamaged, UsageError
from crmtool.io import encryption


@pytest.fixture
def key(tmp_path):
    return encryption.new_key(tmp_path / "secret.key")


def test_a_new_key_is_private_and_not_written_over_another(tmp_path, key):
    path = tmp_path / "secret.key"
    assert path.stat().st_mode & 0o077 == 0
    assert encryption.holds_secret(path)
    with pytest.raises(UsageError, match="exists already"):
        encryption.new_key(path)


def test_only_the_sealed_file_is_left(tmp_path, key):
    target = tmp_path / "out" / "people.csv.age"
    target.parent.mkdir()
    with encryption.sealed(target, [key]) as plain:
        assert plain.name == "people.csv"
        plain.write_text("Анна;+79160000000")
    assert [p.name for p in target.parent.iterdir()] == ["people.csv.age"]
    assert target.stat().st_mode & 0o077 == 0
    assert b"7916" not in target.read_bytes()
    encryption.decrypted(target, tmp_path / "back.csv", encryption.identities(tmp_path / "secret.key"))
    assert (tmp_path / "back.csv").read_text() == "Анна;+79160000000"


def test_nothing_is_left_where_nothing_was_written(tmp_path, key):
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(NotWritable), encryption.sealed(out / "people.csv.age", [key]) as plain:
        plain.with_name("half").write_text("half")
    assert list(out.iterdir()) == []


def test_a_bad_recipient_is_told_before_anything_is_written(tmp_path):
    with pytest.raises(UsageError, match="no public key"), encryption.sealed(tmp_path / "x.age", ["age1x"]):
        pytest.fail("nothing may be written")
    assert list(tmp_path.iterdir()) == []


def test_several_recipients_can_open_it_each(tmp_path, key):
    second = encryption.new_key(tmp_path / "second.key")
    with encryption.sealed(tmp_path / "x.age", [key, second]) as plain:
        plain.write_text("x")
    for name in ("secret.key", "second.key"):
        encryption.decrypted(tmp_path / "x.age", tmp_path / f"{name}.txt", encryption.identities(tmp_path / name))
        assert (tmp_path / f"{name}.txt").read_text() == "x"


@pytest.mark.parametrize("cut", [0, 50, 150, 250])
def test_a_file_cut_short_is_refused_and_nothing_is_left(tmp_path, key, cut):
    path = tmp_path / "x.age"
    with encryption.sealed(path, [key]) as plain:
        plain.write_text("x" * 1_000)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(StoreDamaged):
        encryption.decrypted(path, tmp_path / "back", encryption.identities(tmp_path / "secret.key"))
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"\xff\xfe", b"AGE-SECRET-KEY-1NONSENSE"])
def test_a_file_without_a_key_is_told(tmp_path, content):
    (tmp_path / "k").write_bytes(content)
    with pytest.raises(KeyMissing):
        encryption.identities(tmp_path / "k")


@pytest.mark.skipif(not shutil.which("age"), reason="the program age is not installed")
def test_the_standard_program_opens_it(tmp_path, key):
    with encryption.sealed(tmp_path / "x.age", [key]) as plain:
        plain.write_text("Анна")
    command = ["age", "-d", "-i", tmp_path / "secret.key", tmp_path / "x.age"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "Анна"
