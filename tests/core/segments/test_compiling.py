"""Filters run against a real store: every construct, every function, and laws."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from bases import CONTEXT, TODAY, VOCABULARIES, compiled, found
from hypothesis import assume, example, given
from hypothesis import strategies as st

from crmtool.core.errors import UsageError
from crmtool.core.folding import folded
from crmtool.core.segments import compiling
from crmtool.core.segments.sql import Coloured
from crmtool.io import rulebook, selecting

RULES = Path(__file__).resolve().parents[3] / "rules"


@pytest.mark.parametrize(
    ("expression", "ids"),
    [
        # equal, not equal: folded, by the vocabulary, and an empty field is not equal to anything
        ("city = 'Київ'", [1]),
        ("city = 'КИЕВ'", [1]),
        ("city == 'kyiv'", [1]),
        ("name = 'петр  елкин'", [2]),
        ("name = 'ann o’neil'", [3]),
        ("name = 'Ann O''Neil'", [3]),
        ("city != 'Kyiv'", [2, 3, 4, 6, 7]),
        ("city <> 'Москва' and kind = 'Company'", [4]),
        ("CITY = 'москва'", [2]),
        # in, between, order
        ("city in ('Kiev?', 'Киев', 'Москва')", [1, 2]),
        ("city not in ('Киев', 'Москва')", [3, 4, 6, 7]),
        ("id in (1, 2, 5)", [1, 2]),
        ("id between 2 and 4", [2, 3, 4]),
        ("id not between 2 and 4", [1, 6, 7]),
        ("id < 2 or id >= 7", [1, 7]),
        ("id <= 2 and id > 1", [2]),
        ("postcode >= '01000' and postcode < '02000'", [3]),
        # days
        ("first_contact_on >= days_ago(30)", [1]),
        ("first_contact_on < days_ago(30)", [3]),
        ("not first_contact_on >= days_ago(30)", [2, 3, 4, 6, 7]),
        ("first_contact_on between '2025-01-01' and days_ago(1)", [1, 3]),
        ("first_contact_on = today()", []),
        ("first_contact_on >= days_ago(0)", []),
        ("birthday = '1990-05-17'", [2]),
        ("starts_with(birthday, '1990')", [2]),
        ("birthday < '2026-01-01'", [2]),
        ("birthday between '0001-01-01' and '9999-12-31'", [2]),
        ("not birthday > '1980-01-01'", [1, 3, 4, 6, 7]),
        ("starts_with(birthday, '--03')", [6]),
        ("birthday is not empty", [2, 6]),
        # empty
        ("city is empty", [4, 6, 7]),
        ("city is null", [4, 6, 7]),
        ("city is not empty", [1, 2, 3]),
        ("email IS NOT NULL", [1]),
        ("attr.nps is empty", [1, 2, 3]),
        # inside text
        ("contains(city, 'КИ')", [1, 3]),
        ("contains(city, '%')", []),
        ("starts_with(name, 'Пе')", [2]),
        ("starts_with(name, 'тр')", []),
        ("not contains(city, 'ки')", [2, 4, 6, 7]),
        # children, read through the root
        ("has_tag('vip')", [1, 2]),
        ("not has_tag('vip')", [3, 4, 6, 7]),
        ("has('email')", [1]),
        ("HAS('Email')", [1]),
        ("has('email', '@FIRMA.ua')", [1]),
        ("has('email', 'gmail')", []),
        ("has('phone') or has('messenger')", [2, 3]),
        # the workspace's own fields: numbers as numbers, days as days, text as text
        ("attr.nps >= 9", [4, 6]),
        ("attr.nps > 9", [4]),
        ("attr.nps = 9.0", [6]),
        ("attr.nps != 9", [1, 2, 3, 4, 7]),
        ("attr.nps in (9, 11)", [6]),
        ("attr.nps < -1", []),
        ("attr.nps = 'N/A'", [7]),
        ("attr.renewal_on < today()", [6]),
        ("attr.renewal_on > '2026-12-31' and attr.renewal_on < '2028-01-01'", [4]),
        # and, or, not, brackets
        ("id = 1 or id = 2 and city = 'nowhere'", [1]),
        ("(id = 1 or id = 2) and city = 'Москва'", [2]),
        ("not (id = 1 or id = 2) and not city is empty", [3]),
        ("not not id = 1", [1]),
        ("has_tag('vip') and city = 'Київ'", [1]),
    ],
)
def test_a_filter_finds(base, expression, ids):
    assert found(base, expression) == ids


@pytest.mark.parametrize(
    ("expression", "ids"),
    [
        # is present
        ("city is present", [1, 2, 3]),
        ("city is not present", [4, 6, 7]),
        # other alphabets, ё
        ("name = 'Petr Elkin'", [2]),
        ("name = 'Olena Koval'", [1]),
        ("starts_with(name, 'olen')", [1]),
        ("name = 'Элкин Пётр'", []),
        ("city in ('Moskva', 'Kyiv')", [1, 2]),
        # interactions, read through the root
        ("last_interaction() >= days_ago(11)", [1]),
        ("last_interaction() > days_ago(11)", []),
        ("last_interaction() < days_ago(11)", [2]),
        ("last_interaction() = '2026-11-10'", [1]),
        ("last_interaction() is empty", [3, 4, 6, 7]),
        ("not last_interaction() >= months_ago(1)", [3, 4, 6, 7]),
        ("last_interaction(kind => 'call') < '2026-06-02'", [1]),
        ("last_interaction(kind => 'CALL') >= '2026-06-01'", [1, 2]),
        ("last_interaction() between '2026-11-01' and '2026-11-10'", [1, 2]),
        ("interactions() >= 2", [1, 2]),
        ("interactions(kind => 'call', since => '2026-10-23') = 1", [2]),
        ("interactions(before => '2026-06-02') in (1, 2)", [1]),
        ("interactions() = 0", [3, 4, 6, 7]),
        # deals
        ("bought()", [1, 2]),
        ("not bought()", [3, 4, 6, 7]),
        ("bought('курс «старт»')", [1]),
        ("bought('kurs start')", [1]),
        ("bought('Support')", [2]),
        ("bought(since => '2026-11-01')", [1]),
        ("bought(before => '2026-01-15')", [2]),
        ("bought('Support', since => '2026-01-01')", []),
        ("not bought(since => '2026-01-01')", [3, 4, 6, 7]),
        ("bought(since => start_of_year(), before => '2026-05-05')", [1]),
        ("deal_count() = 2", [1, 2]),
        ("deal_count('USD') = 1", [2]),
        ("deal_sum() = 1500", [1]),
        ("deal_sum('uah') >= 1999.9999", [2]),
        ("deal_sum() is empty", [2]),
        ("deal_sum('UAH', since => months_ago(12)) > 0", [1, 2]),
        ("average_check() = 750", [1]),
        ("average_check('USD') between 99.5 and 100", [2]),
        ("last_deal() < days_ago(100)", [2]),
        ("first_deal() >= '2026-01-15'", [1]),
        # consent: the most restrictive of all that make up a contact, on the day
        ("consent('newsletter')", [1, 3]),
        ("consent('newsletter', channel => 'email')", [3]),
        ("consent('newsletter', channel => 'phone')", [1]),
        ("consent('calls', channel => 'phone')", [4]),
        # segments
        ("in_segment('kyiv')", [1]),
        ("in_segment('vip-kyiv') or id = 7", [1, 7]),
        ("not in_segment('vip-kyiv') and id < 4", [2, 3]),
        ("entered('kyiv') >= '2026-06-15'", [1]),
        ("entered('kyiv') < '2026-06-15'", [2]),
        ("entered('kyiv') is empty", [3, 4, 6, 7]),
        # days
        ("first_contact_on >= start_of_month()", [1]),
        ("first_contact_on <= days_ahead(1)", [1, 3]),
    ],
)
def test_facts_are_found(base, expression, ids):
    assert found(base, expression) == ids


@pytest.mark.parametrize("path", sorted(RULES.glob("segments/*.toml")), ids=lambda path: path.stem)
def test_a_delivered_segment_can_be_run_and_says_whose_it_is(base, shipped, path):
    segment = shipped.segments[path.stem]
    condition = compiling.compiled(segment.where, selecting.context(shipped, TODAY))
    params = ["[]" if isinstance(param, Coloured) else param for param in condition.params]
    assert base.execute(condition.query("c.id"), params).fetchall() is not None
    assert segment.title
    assert segment.description
    assert segment.owner


@pytest.fixture(scope="module")
def shipped():
    return rulebook.loaded(RULES)


def test_values_are_parameters_only():
    condition = compiled("city = 'Київ' and attr.nps > 8 and has('email', 'x') and id = 3 and deal_sum() > 1.5")
    assert condition.params == (3, "київ", '$."nps"', "8", '$."nps"', "email", "x", "won", 15_000)  # the cheapest first
    assert "Київ" not in condition.sql


def test_the_fields_read_are_named_once():
    text = "city = 'a' or not (has_tag('x') and has('phone')) or city = 'b' or attr.nps is empty or bought()"
    assert compiled(text).fields == ("city", "tag", "phone", "attr.nps", "deal")
    assert compiled("in_segment('vip-kyiv') and freshness('email') = 'red'").fields == ("city", "tag", "email")


def test_a_text_stands_for_itself_and_for_its_canonical_one():
    assert compiled("city = 'Киев'").params == ("киев", "київ")


def test_many_alternatives_are_one_flat_filter_up_to_a_limit(base):
    assert found(base, "not (" + " or ".join(f"id!={n}" for n in range(500)) + ")") == []
    with pytest.raises(UsageError, match="joins 501 conditions"):
        compiled(" or ".join(f"id={n}" for n in range(501)))


@pytest.mark.parametrize(
    ("expression", "colours"),
    [
        ("freshness('email') = 'GREEN'", ("green",)),
        ("freshness('phone') in ('red', 'yellow')", ("red", "yellow")),
        ("freshness('phone') is empty", ("green", "yellow", "red")),
    ],
)
def test_colours_are_asked_for_when_the_filter_runs(expression, colours):
    (param,) = compiled(expression).params
    assert isinstance(param, Coloured)
    assert param.colours == colours


@pytest.mark.parametrize(
    ("today", "expression", "day"),
    [
        ("0001-01-01", "birthday > days_ago(0)", "0001-01-01"),
        ("2026-03-31", "birthday > months_ago(1)", "2026-02-28"),
        ("2024-03-31", "birthday > months_ago(1)", "2024-02-29"),
        ("2026-01-15", "birthday > months_ago(13)", "2024-12-15"),
        ("2026-03-31", "birthday > start_of_month()", "2026-03-01"),
        ("2026-03-31", "birthday > start_of_year()", "2026-01-01"),
        ("2026-12-31", "birthday > days_ahead(1)", "2027-01-01"),
    ],
)
def test_relative_days(today, expression, day):
    assert compiling.compiled(expression, replace(CONTEXT, today=dt.date.fromisoformat(today))).params == (day,)


# --- laws -------------------------------------------------------------------------------------------------------------

ATOMS = st.sampled_from(
    [
        "city = 'Київ'",
        "city != 'Москва'",
        "id < 3",
        "has_tag('vip')",
        "attr.nps > 9",
        "first_contact_on >= days_ago(30)",
        "email is empty",
        "contains(name, 'о')",
        "city in ('Москва', 'Kyiv')",
        "birthday between '1990-01-01' and today()",
        "last_interaction() >= days_ago(20)",
        "last_interaction() < days_ago(20)",
        "bought('Support')",
        "deal_sum() > 500",
        "consent('newsletter')",
        "in_segment('vip-kyiv')",
        "entered('kyiv') < '2026-06-15'",
    ]
)
FILTERS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        inner.map(lambda a: f"not ({a})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
    ),
    max_leaves=5,
)


@given(FILTERS)
def test_a_filter_and_its_negation_hold_everybody_once(base, text):
    inside, outside = found(base, text), found(base, f"not ({text})")
    assert sorted(inside + outside) == [1, 2, 3, 4, 6, 7]


@given(FILTERS, FILTERS)
def test_and_meets_or_joins(base, left, right):
    a, b = set(found(base, left)), set(found(base, right))
    assert set(found(base, f"({left}) and ({right})")) == a & b
    assert set(found(base, f"({left}) or ({right})")) == a | b


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30))
@example("'; drop table contact; --")
@example("' or '1'='1")
def test_any_text_can_be_a_value(text):
    assume(folded(text))
    plain, odd = compiled("city = 'x'"), compiled("city = '" + text.replace("'", "''") + "'")
    canonical = VOCABULARIES["city"].get(folded(text))
    assert odd.params == ((folded(text), folded(canonical)) if canonical else (folded(text),))
    assert canonical or odd.sql == plain.sql
