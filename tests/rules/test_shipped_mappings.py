"""The shipped mappings as a whole: each knows its own export, none takes another's, no heading is said twice."""

from pathlib import Path

import pytest

from crmtool.core.imports.headings import heading_key
from crmtool.core.imports.mapping import mapped
from crmtool.core.imports.sources import recognised
from crmtool.core.rules import SourceMapping
from crmtool.io import rulebook

RULES = rulebook.loaded(Path(__file__).resolve().parents[2] / "rules")
#: Mappings of headings that our own readers give, not a product.
READ = {"vcard", "ldif", "mail"}
SIGNED = {name: rule for name, rule in RULES.mappings.items() if rule.signature and name not in READ}
EVERY = pytest.mark.parametrize(("name", "rule"), SIGNED.items(), ids=list(SIGNED))
#: Signatures of one heading: lists whose language alone is known, and forms that begin with the time of an answer.
BROAD = {"sheet_ru", "sheet_uk", "google_forms_ru", "google_forms_uk", "pipedrive_people"}


def headings(rule: SourceMapping) -> list[str]:
    """Return all headings a mapping knows, with 1 for a number."""
    joined = [heading for join in rule.join.values() for heading in join.columns]
    every = [*rule.signature, *rule.columns, *joined]
    return list({heading_key(heading): heading.replace("*", "1") for heading in every}.values())


@EVERY
def test_an_export_with_all_headings_is_known_as_what_it_is(name, rule):
    assert recognised(headings(rule), RULES.mappings, None, None)[0] == name


@EVERY
def test_every_signature_is_enough_and_leads_to_its_mapping(name, rule):
    for signature in (rule.signature, *rule.variants):
        assert recognised(list(signature), RULES.mappings, None, None)[0] == name, signature


@EVERY
def test_a_signature_is_more_than_one_heading(name, rule):
    if name not in BROAD:
        assert all(len(signature) > 1 for signature in (rule.signature, *rule.variants))


@EVERY
def test_no_heading_is_said_twice(name, rule):
    joined = [heading for join in rule.join.values() for heading in join.columns]
    keys = [heading_key(heading) for heading in (*rule.columns, *joined)]
    assert sorted(keys) == sorted(set(keys)), name


@EVERY
def test_the_key_of_a_row_is_among_the_columns(name, rule):
    assert {rule.columns.get(heading) for heading in rule.key} <= {"key"}, name


@EVERY
def test_what_is_translated_or_told_apart_is_a_column(name, rule):
    known = {heading_key(heading) for heading in headings(rule)}
    said = (*rule.translate, *rule.formats, *rule.labels.values(), *(tagging.column for tagging in rule.tagging))
    assert {heading_key(heading.replace("*", "1")) for heading in said} - known == set(), name


@EVERY
def test_the_columns_of_a_mapping_leave_no_question(name, rule):
    found = mapped([*headings(rule), "Email"], RULES)  # lists of unknown columns and forms say nobody by themselves
    assert found.name == name
    assert not found.unsure


def test_people_companies_and_deals_of_one_product_are_numbered_apart():
    """Numbers of one product's tables begin at 1 each, so they may not be keys of the same source."""
    kinds = {"bitrix24": ("contacts", "leads", "companies"), "hubspot": ("contacts", "companies")}
    for product, tables in kinds.items():
        sources = [
            {r.source for n, r in SIGNED.items() if n.removesuffix("_uk").removesuffix("_en") == f"{product}_{table}"}
            for table in tables
        ]
        assert all(len(source) == 1 for source in sources), product
        assert len(set.union(*sources)) == len(tables), product


def test_the_same_export_in_another_language_has_the_same_source():
    for name, rule in SIGNED.items():
        base = SIGNED.get(name.removesuffix("_ru").removesuffix("_uk").removesuffix("_en"))
        if base is not None:
            assert rule.source == base.source, name
