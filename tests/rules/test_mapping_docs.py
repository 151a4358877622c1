"""`docs/mappings.md` is what the mappings say; `GOLDEN=write` with pytest writes it anew."""

import os
from collections.abc import Iterator
from pathlib import Path

from crmtool.core.rules import SourceMapping
from crmtool.io import rulebook

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "mappings.md"
READ = {"vcard", "ldif", "mail"}  # mappings of headings that our own readers give, not a product
TOP = """# Exports that are known by their headings

A file is told by its headings, never by its name: where all headings of a signature stand in it, its columns are taken
as below. Headings are compared without case, punctuation and apostrophes; `*` stands for a number or for none. Columns
that a mapping does not name are known by the synonyms in `rules/fields.toml`, by likeness and by their cells; what is
left is kept with the record. To add an export: a file in `rules/mappings/` of the workspace, in the shape of these.

This page is written by `GOLDEN=write pytest tests/rules/test_mapping_docs.py`.
"""


def cell(text: str) -> str:
    """Return a text that stands in a cell of a table as it is."""
    return text.replace("|", "\\|")


def code(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{cell(word)}`" for word in words)


def facts(rule: SourceMapping) -> Iterator[str]:
    """Yield what a mapping says about the whole file."""
    yield f"Source `{rule.source}`."
    yield f"Known by {' or by '.join(code(signature) for signature in (rule.signature, *rule.variants))}."
    if rule.key:
        yield f"A row is named by {' or '.join(f'`{cell(heading)}`' for heading in rule.key)}."
    if rule.region:
        yield f"Phones without a country: {rule.region}."
    if rule.tags:
        yield f"Tags: {code(rule.tags)}."
    for field, value in rule.defaults.items():
        yield f"Without a cell that says otherwise, `{field}` is `{value}`."


def lines(rule: SourceMapping) -> Iterator[tuple[str, str]]:
    """Yield heading and field of every column that is used, those of one field together in the order of the file."""
    used = {heading: target for heading, target in rule.columns.items() if target != "ignore"}
    for target in dict.fromkeys([*used.values(), *rule.join]):
        headings = [cell(heading) + remark(rule, heading) for heading, said in used.items() if said == target]
        if target in rule.join:
            headings.append(" + ".join(cell(heading) for heading in rule.join[target].columns))
        yield "; ".join(headings), target


def remark(rule: SourceMapping, heading: str) -> str:
    """Return what else is said about a column."""
    said = []
    if heading in rule.labels:
        said.append(f"label: {cell(rule.labels[heading])}")
    if heading in rule.split:
        said.append(f"several, between `{cell(rule.split[heading])}`")
    if heading in rule.formats:
        said.append(f"written `{rule.formats[heading]}`")
    return f" ({'; '.join(said)})" if said else ""


def section(name: str, rule: SourceMapping) -> str:
    """Return what the page says about one mapping."""
    told = f"\n## {rule.title}\n\n`{name}.toml`. {' '.join(facts(rule))}\n"
    rows = [f"| {heading} | `{target}` |" for heading, target in lines(rule)]
    passed = sum(target == "ignore" for target in rule.columns.values())
    table = "\n".join(["", "| heading | field |", "|---|---|", *rows, ""]) if rows else ""
    return told + table + (f"\nKept with the record and not used: {passed} more.\n" if passed else "")


def page() -> str:
    rules = rulebook.loaded(ROOT / "rules").mappings
    signed = {name: rule for name, rule in rules.items() if rule.signature and name not in READ}
    return TOP + "".join(section(name, rule) for name, rule in sorted(signed.items()))


def test_the_page_says_what_the_mappings_say():
    if os.environ.get("GOLDEN") == "write":
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
