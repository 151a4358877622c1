"""Companies and tax numbers: the bare name, the legal form, and the check digits.

Only the first list and the tax numbers say what is right. In the others, a form put beside an invented name has to come
off again, in front and behind; what the register of a country writes in full has to be its own short form.
"""

from __future__ import annotations

import csv
import json
import re
import tomllib
from typing import TYPE_CHECKING

import polars as pl

from bench.accuracy import ROOT, Result
from crmtool.core.normalizers.registry import Settings, normalized
from crmtool.core.normalizers.vocabulary import vocabulary_index
from crmtool.core.rules import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_TYPES = {"ru.inn": "ru.inn", "ru.ogrn": "ru.ogrn", "ua.edrpou": "ua.edrpou", "ua.rntrc": "ua.rnokpp"}
_CYRILLIC = re.compile("[\u0400-\u052f]")


def measure(data: Path) -> list[Result]:
    folder = data / "companies"
    return [
        _bases(folder / "company_base_tests.csv"),
        *_forms(folder / "rigour_org_types.csv"),
        _found(folder / "cleanco_companies.csv"),
        _register(folder / "ua_edr_sample.json"),
        _tax_ids(data / "taxids" / "stdnum_ru_ua.csv"),
    ]


def _settings() -> Settings:
    file = ROOT / "rules" / "vocabularies" / "legal_form.toml"
    rules = Vocabulary.model_validate(tomllib.loads(file.read_text("utf-8")))
    return Settings(vocabulary=vocabulary_index(rules.values, rules.drop))


def _answers(names: Iterable[str]) -> dict[str, dict[str, str]]:
    found = normalized("company", pl.Series(list(dict.fromkeys(names)), dtype=pl.String), _settings())
    return {row["value"]: row for row in found.iter_rows(named=True)}


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _result(file: Path, what: str, cases: list[tuple[str, str, str]], target: float | None) -> Result:
    """Return the result of cases: value, what was expected, what came out."""
    misses = tuple(case for case in cases if case[1] != case[2])
    return Result(f"{file.parent.name}/{file.name}", what, len(cases) - len(misses), len(cases), target, misses)


def _bases(file: Path) -> Result:
    rows = _rows(file)
    found = _answers(row["raw"] for row in rows)
    cases = [(row["raw"], row["expected_base"], found[row["raw"]]["base_name"] or "") for row in rows]
    return _result(file, "base name", cases, 29 / 30)


def _forms(file: Path) -> list[Result]:
    """Measure by script how many forms of all countries come off an invented name; in capitals as registers write."""
    aliases = {row["alias"] for row in _rows(file)}
    cells = {a: f"{a} «Ромашка»" if _CYRILLIC.search(a) else f"Northwind {a}" for a in sorted(aliases)}
    found = _answers(cells.values())
    cases: dict[str, list[tuple[str, str, str]]] = {"Cyrillic": [], "Latin": []}
    for alias, cell in cells.items():
        script = "Cyrillic" if _CYRILLIC.search(alias) else "Latin"
        name = "Ромашка" if script == "Cyrillic" else "Northwind"
        if script == "Cyrillic" or re.search("[A-Za-z]", alias):
            cases[script].append((cell, name, found[cell]["base_name"] or ""))
    return [
        _result(file, f"forms of all countries known, {script}", several, None) for script, several in cases.items()
    ]


def _found(file: Path) -> Result:
    """Measure how many names that end with a common English form are told to have one."""
    names = [line.rsplit(";", 1)[0] for line in file.read_text("utf-8").splitlines() if line.strip()]
    common = [name for name in names if re.search(r"\b(?:Inc|Ltd|Corp|plc|LLC|GmbH|AG|S\.A|N\.V)\.?$", name)]
    found = _answers(common)
    cases = [(name, "a form", "a form" if found[name]["legal_form"] else "none") for name in common]
    return _result(file, "form found", cases, 0.99)


def _register(file: Path) -> Result:
    """Measure whether the long name of the register and its short one have one bare name and one form."""
    entries = [entry for entry in json.loads(file.read_text("utf-8")) if entry.get("SHORT_NAME")]
    found = _answers(name for entry in entries for name in (entry["NAME"], entry["SHORT_NAME"]))
    cases = [(e["NAME"], *(_told(found[e[key]]) for key in ("SHORT_NAME", "NAME"))) for e in entries]
    return _result(file, "the long name is the short one", cases, 1.0)


def _told(row: dict[str, str]) -> str:
    return f"{row['legal_form']} | {row['base_name']}"


def _tax_ids(file: Path) -> Result:
    """Measure the check digits, with the country of the list as the region."""
    rows = _rows(file)
    cases = []
    for country in ("ru", "ua"):
        own = [row for row in rows if row["type"].startswith(country)]
        numbers = pl.Series([row["number"] for row in own]).unique()
        found = normalized("tax_id", numbers, Settings(region=country.upper()))
        told = {row["value"]: row for row in found.iter_rows(named=True)}
        for row in own:
            got = told[row["number"]]
            valid = got["status"] == "valid" and got["type"] == _TYPES[row["type"]]
            cases.append((row["number"], row["expected"], "valid" if valid else "invalid"))
    return _result(file, "valid or not, and of which type", cases, 1.0)
