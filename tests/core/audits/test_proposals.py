"""Proposed periods: lines that can be pasted into rule files as they are, for fields and for groups of any kind."""

import tomllib
from types import SimpleNamespace

import pytest

from crmtool.core.audits.decay import Decay
from crmtool.core.audits.proposals import proposals, quoted
from crmtool.core.freshness_rules import Check, Freshness, Override
from crmtool.core.rules import Segment


def rules(*overrides, **segments):
    check = Check(field="email", owner="us", how="letter", every_months=3, override=overrides)
    saved = {name: Segment(title=name, where=where) for name, where in segments.items()}
    return SimpleNamespace(freshness=Freshness(check=(check,)), segments=saved)


def dying(group, months, field="email"):
    return Decay(field, group, 100, 40, 0.1, 0.4, months)


def test_a_field_gets_a_period_and_a_reason():
    assert proposals([dying(None, 2.5)], rules(), None) == [
        "# in rules/freshness.toml, in the check of the field",
        "",
        "# email: 40% die in a year; every 2 months instead of 3",
        "every_months = 2",
    ]


@pytest.mark.parametrize(("by", "name"), [("attr.industry", "industry-it"), ("source", "source-it")])
def test_groups_of_contacts_get_an_override_and_a_segment(by, name):
    lines = proposals([dying("IT", 1.5), dying("trade", 3.9)], rules(), by)
    regulation, segment = "\n".join(lines).split(f"# as rules/segments/{name}.toml")
    assert tomllib.loads(regulation)["check"]["override"] == [{"segment": name, "every_months": 1}]
    assert tomllib.loads(segment) == {"title": f"{by}: IT", "where": f"{by} = 'IT'"}


def test_a_saved_segment_with_that_filter_is_taken():
    lines = proposals([dying("IT", 1.5)], rules(tech="attr.industry = 'IT'"), "attr.industry")
    assert lines[3:] == ["[[check.override]]", 'segment = "tech"', "every_months = 1"]


def test_groups_are_held_against_the_new_period_of_their_field_and_against_their_own():
    standing = rules(Override(segment="slow", every_months=9), slow="city = 'a'", fast="city = 'b'", mid="city = 'c'")
    found = [dying(None, 2), dying("slow", 9), dying("fast", 2), dying("mid", 3)]
    assert [line for line in proposals(found, standing, "segment") if line.startswith("segment")] == ['segment = "mid"']


def test_nothing_is_proposed_where_nothing_differs():
    assert proposals([dying(None, 3.9), dying("IT", None)], rules(), "attr.industry") == []


@pytest.mark.parametrize("group", ['"; x = 1', "a\nb", "\u202eevil", "O'Neil", "\\", "Ромашка"])
def test_any_value_can_be_pasted(group):
    text = "\n".join(proposals([dying(group, 1.5)], rules(), "source"))
    segment = text.partition("# as rules/segments/")[2].partition("\n")[2]
    assert tomllib.loads(segment)["title"] == f"source: {group}"
    assert tomllib.loads(text.partition("\n\n# as")[0])["check"]["override"][0]["every_months"] == 1
    assert tomllib.loads(f"a = {quoted(group)}")["a"] == group
    assert all(c.isprintable() for c in text.replace("\n", ""))


def test_names_of_segments_do_not_meet():
    lines = proposals([dying("a b", 1.5), dying("a-b", 1.5)], rules(**{"source-a-b": "city = 'x'"}), "source")
    assert [line for line in lines if line.startswith("segment")] == [
        'segment = "source-a-b-2"',
        'segment = "source-a-b-3"',
    ]
