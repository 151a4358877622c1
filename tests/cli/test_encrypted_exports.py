"""Exports for one reader: the file is theirs alone, and nothing readable is left beside it."""

from __future__ import annotations

import pytest

from crmtool.io import encryption


@pytest.fixture
def export(crm, workspace, tmp_path):
    people = tmp_path / "people.csv"
    people.write_text("Name,E-mail\nАнна Белова,anna@pochta.example\n", "utf-8")
    assert crm("import", people, "--yes").code == 0
    key = encryption.new_key(tmp_path / "secret.key")
    out = tmp_path / "out"
    out.mkdir()

    def of(name, to=key):
        return crm("export", "kind = 'person'", "-o", out / name, "--encrypt-to", to), out

    return of


@pytest.mark.parametrize("name", ["people.csv", "people.csv.age", "people.xlsx"])
def test_only_the_encrypted_file_is_left_and_opens(export, tmp_path, name):
    ran, out = export(name)
    sealed, paper = sorted(out.iterdir())
    assert "anna" not in paper.read_text("utf-8")
    assert ran.code == 0
    assert sealed.name == name.removesuffix(".age") + ".age"
    assert str(sealed) in ran.out.replace("\n  ", "")
    assert b"anna@" not in sealed.read_bytes()
    encryption.decrypted(sealed, tmp_path / "plain", encryption.identities(tmp_path / "secret.key"))
    assert name.endswith(".xlsx") or "anna@pochta.example" in (tmp_path / "plain").read_text("utf-8-sig")


def test_a_bad_key_is_told_and_nothing_is_written(export):
    ran, out = export("people.csv", "age1nonsense")
    assert ran.code == 2
    assert "no public key" in ran.err
    assert list(out.iterdir()) == []
