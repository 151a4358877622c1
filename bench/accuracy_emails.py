"""E-mail addresses: syntax, mistyped domains, and that no address of a real list is refused.

Right syntax means: the address is taken just as it stands, in any case of its letters, either spelling of its domain,
and with or without needless quotation marks. What had to be mended first was wrong as written; deprecated and unusual
forms that no mail service gives out are left out of the count.
"""

from __future__ import annotations

import csv
import unicodedata
from typing import TYPE_CHECKING

import polars as pl

from bench.accuracy import ROOT, Result
from crmtool.core.normalizers.registry import Settings, normalized

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_SYNTAX, _TYPOS = "emails/isemail_emailvalidator.csv", "emails/mailcheck_typos.csv"
_GOV, _MEMBERS = "real_directories/us_dotgov_full_sample.csv", "real_directories/gb_mps.csv"
_CUSTOMERS, _CONTACTS = "crm/chinook_customers.csv", "crm/npsp_dev_org_Contact.csv"
_COLUMNS = {_GOV: "Security contact email", _MEMBERS: "email", _CUSTOMERS: "Email", _CONTACTS: "Email"}

_SPELLED = {None, "email.case", "email.domain", "email.quotes"}  # another spelling of the same address


def measure(data: Path) -> list[Result]:
    """Return what is right of the syntax cases, of the typos and of real lists."""
    return [_syntax(data / _SYNTAX), _typos(data / _TYPOS), *_directories(data)]


def _settings() -> Settings:
    import tomllib

    from crmtool.core.rules import Normalize

    rules = Normalize.model_validate(tomllib.loads((ROOT / "rules" / "normalize.toml").read_text("utf-8")))
    words = frozenset(word.casefold() for word in rules.placeholders)
    return Settings(placeholders=words, email_typos=rules.email_typos)


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _answers(cells: Iterable[str]) -> dict[str, list[dict[str, str | None]]]:
    """Return what the addresses of each cell became."""
    found: dict[str, list[dict[str, str | None]]] = {}
    for row in normalized("email", pl.Series(list(dict.fromkeys(cells)), dtype=pl.String), _settings()).to_dicts():
        found.setdefault(row["value"], []).append(row)
    return found


def _result(file: str, what: str, cases: list[tuple[str, str, str]], target: float | None) -> Result:
    """Return the result of cases: value, what was expected, what came out."""
    misses = tuple(case for case in cases if case[1] != case[2])
    return Result(file, what, len(cases) - len(misses), len(cases), target, misses)


def _syntax(file: Path) -> Result:
    rows = [row for row in _rows(file) if row["expected"] in {"valid", "invalid"}]
    written = [_written(row) for row in rows]
    found = _answers(written)
    cases = [(cell, row["expected"], _verdict(cell, found[cell])) for cell, row in zip(written, rows, strict=True)]
    return _result(_SYNTAX, "valid or not as written", cases, 0.965)


def _written(row: dict[str, str]) -> str:
    """Return an address of the list; escaped ones hold control characters."""
    address = row["address"]
    return address.encode("latin-1", "backslashreplace").decode("unicode_escape") if row["escape"] else address


def _verdict(cell: str, answers: list[dict[str, str | None]]) -> str:
    """Tell whether a cell is one address as it stands, composed; a made-up address is one by its syntax."""
    first = answers[0]
    if first["code"] == "email.placeholder":
        return "valid"
    taken = first["clean"] is not None and first["code"] not in {"email.reserved", "email.repaired"}
    spelled = first["rule"] in _SPELLED or first["clean"] == unicodedata.normalize("NFC", cell).lower()
    return "valid" if taken and spelled and len(answers) == 1 and cell.isprintable() else "invalid"


def _typos(file: Path) -> Result:
    rows = _rows(file)
    found = _answers(row["input"] for row in rows)
    cases = [(row["input"], row["expected_suggestion"], _domain(found[row["input"]][0]["suggestion"])) for row in rows]
    return _result(_TYPOS, "domain suggested", cases, None)


def _domain(address: str | None) -> str:
    return (address or "").rpartition("@")[2]


def _directories(data: Path) -> list[Result]:
    """Return how many cells of real lists that hold an @ give an address that is neither refused nor doubted."""
    results = []
    for file, column in _COLUMNS.items():
        cells = [row[column] for row in _rows(data / file) if "@" in row[column]]
        found = _answers(cells)
        refused = [(cell, "an address", _taken(found[cell])) for cell in cells]
        results.append(_result(file, "addresses not refused", refused, 1.0))
        likely = [(cell, "", _suggested(found[cell])) for cell in cells]
        results.append(_result(file, "addresses not taken for mistyped", likely, None))
    return results


def _taken(answers: list[dict[str, str | None]]) -> str:
    """Return "an address" where each of a cell is one, else the code of the first that is none."""
    return next((str(answer["code"]) for answer in answers if answer["clean"] is None), "an address")


def _suggested(answers: list[dict[str, str | None]]) -> str:
    return next((str(answer["suggestion"]) for answer in answers if answer["code"] == "email.typo"), "")
