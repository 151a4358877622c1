"""Rules are frozen and refuse what they do not know; targets of mappings are taken apart."""

import pytest
from pydantic import ValidationError

from crmtool.core.freshness_rules import Check
from crmtool.core.rules import (
    ADDRESS,
    ALIASES,
    Fields,
    Link,
    Match,
    Normalize,
    SourceMapping,
    canonical,
    field_of,
    label_of,
)
from crmtool.core.survivorship_rules import Survivorship


@pytest.mark.parametrize(
    ("target", "field", "label"),
    [
        ("city", "city", None),
        ("phone", "phone", None),
        ("phone.mobile", "phone", "mobile"),
        ("messenger.my.own", "messenger", "my.own"),
        ("phone.", "phone", None),
        ("attr.nps", "attr.nps", None),
        ("attr.shoe.size", "attr.shoe.size", None),
        ("utm.source", "utm.source", None),
        ("consent.news.at", "consent.news.at", None),
        ("city.home", "city", "home"),
        ("attr", "attr", None),
    ],
)
def test_a_target_is_a_field_and_perhaps_a_label(target, field, label):
    assert (field_of(target), label_of(target)) == (field, label)


def test_unknown_keys_are_refused():
    with pytest.raises(ValidationError, match="max_blocks"):
        Match.model_validate({"max_blocks": 3})


def test_rules_do_not_change():
    with pytest.raises(ValidationError, match="frozen"):
        Link().max_shared = 9


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Link, {"max_shared": 1}),
        (Link, {"channels": ["fixed"]}),
        (Match, {"max_block": 1}),
        (Match, {"blocking": "email"}),
        (Normalize, {"date_order": "YMD"}),
        (Normalize, {"year_pivot": 100}),
        (Survivorship, {"default": "loudest"}),
        (Survivorship, {"field": {"city": "loudest"}}),
        (Check, {"field": "email", "owner": "ops", "every_months": 0, "how": "call"}),
        (Check, {"field": "email", "owner": "ops", "every_months": 1, "how": "call", "grace_days": -1}),
        (Fields, {"field": {}, "identity": [""]}),
        (SourceMapping, {"title": "no source"}),
        (SourceMapping, {"title": "", "source": "", "on_duplicate": "delete"}),
        (SourceMapping, {"title": "", "source": "", "split": {"A": ""}}),
        (SourceMapping, {"title": "", "source": "", "join": {"address": {"columns": []}}}),
        (SourceMapping, {"title": "", "source": "", "tagging": [{"column": "A", "tags": []}]}),
    ],
)
def test_values_that_make_no_sense_are_refused(model, values):
    with pytest.raises(ValidationError):
        model.model_validate(values)


def test_what_is_not_said_has_its_usual_value():
    assert (Link().max_shared, Match().max_block, Survivorship().default) == (5, 100, "trusted")
    assert (Normalize().region, Normalize().date_order) == (None, "DMY")


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("company.name", "company"),
        ("company.tax_id", "tax_id"),
        ("company.site", "site.work"),
        ("name.given", "given_name"),
        ("address.city", "city"),
        ("address.home.zip", "postcode.home"),
        ("address.line", "address"),
        ("address.work", "address.work"),
        ("city.home", "city.home"),
        ("phone.mobile", "phone.mobile"),
        ("attr.company.name", "attr.company.name"),
    ],
)
def test_a_target_has_one_name(written, target):
    assert canonical(written) == target


def test_the_names_of_targets_are_their_own():
    for target in (*ADDRESS, *ALIASES.values()):
        assert canonical(target) == target


def test_one_word_is_a_list_of_one():
    rule = SourceMapping(title="", source="", tagging=({"column": "A", "equals": "yes", "tags": "vip"},))
    assert (rule.tagging[0].equals, rule.tagging[0].tags) == (("yes",), ("vip",))
