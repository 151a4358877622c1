"""What is no filter is refused with the right words, and whatever text comes reads only what filters read."""

from dataclasses import replace

import pytest
from bases import CONTEXT, compiled
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_compiling import FILTERS

from crmtool.core.errors import UsageError
from crmtool.core.segments import compiling
from crmtool.io.guarding import guarded


@pytest.mark.parametrize(
    ("expression", "said", "hint"),
    [
        ("citty = 'x'", '"citty" is no field', "Did you mean city?"),
        ("attr.npss = 'x'", '"attr.npss" is no field', "attr.nps"),
        ("tag = 'vip'", '"tag" is no field', "has_tag('vip')"),
        ("consent = 'newsletter'", '"consent" is no field', "consent('newsletter')"),
        ("zzzz = 'x'", '"zzzz" is no field', "There are: id, kind, name"),
        ("hastag('vip')", '"hastag" is no function', "has_tag"),
        ('city = "Київ"', "wrong quotes", "'Київ'"),
        ('"emial" = "emial"', "wrong quotes", "'emial'"),
        ("city = [x]", "wrong quotes", "'x'"),
        ("city = `x`", "wrong quotes", "'x'"),
        ("city = Київ", '"Київ" stands where a value', "'Київ'"),
        ("email = phone", '"phone" stands where a value', "'phone'"),
        ("'Київ' = city", "stands where a field belongs", "field first"),
        ("city = 'x'; drop table contact", '";"', "one expression"),
        ("city = 'x' -- really", "comments", ""),
        ("/* all */ city = 'x'", "comments", ""),
        ("-- all", "comments", ""),
        ("city = 'x' {# all #}", "comments", ""),
        ("city = {{ x }}", "not understood", ""),
        ("id in (select id from record)", '"select"', ""),
        ("exists (select 1)", '"exists"', ""),
        ("id = 1 union select 1", '"union"', ""),
        ("has_tag('a') over ()", '"over"', ""),
        ("has_tag('a') filter (where 1)", '"filter" ', ""),
        ("cast(id as text) = 'x'", '"as"', ""),
        ("id::text = 'x'", '"::"', ""),
        ("city = 'a' collate nocase", '"collate"', ""),
        ("city = ?", '"?"', ""),
        ("city = :city", '":"', ""),
        ("city = @city", '"@"', ""),
        ("city = $1", '"$1" stands where a value', ""),
        ("city = x'41'", "", "single quotes"),
        ("city = N'x'", "unknown kind of text", ""),
        ("city = 'a' 'b'", "is no value", ""),
        ("city || 'a' = 'b'", '"||"', "or"),
        ("city like 'a%'", '"like"', "contains"),
        ("city glob 'a*'", '"glob"', "contains"),
        ("city regexp '(a+)+$'", '"regexp"', "contains"),
        ("case when 1 then 2 end", '"case"', ""),
        ("load_extension('x')", '"load_extension" is no function', ""),
        ("contains(load_extension('x'), 'y')", "stands where a field belongs", ""),
        ("randomblob(1000000000) = 'x'", "stands where a field belongs", ""),
        ("city = upper('x')", '"upper" gives no value', "today"),
        ("contact.city = 'x'", '"contact.city" is no field', ""),
        ("main.contact.city = 'x'", '"main.contact.city" is no field', ""),
        ("c.custom = 'x'", '"c.custom" is no field', ""),
        ("root_id = 1", '"root_id" is no field', ""),
        ("changeset_id = 1", '"changeset_id" is no field', ""),
        ("rowid = 1", '"rowid" is no field', ""),
        ("1", "is no condition", ""),
        ("1 = 1", "stands where a field belongs", ""),
        ("true", "not understood", ""),
        ("city", '"city" alone', "is not empty"),
        ("today()", '"today" alone', "first_contact_on"),
        ("city = 'a' or", "", ""),
        ("(city = 'a'", "breaks off", ""),
        ("city = 'a')", "breaks off", ""),
        ("city = 'a' city", "breaks off", ""),
        ("city = 'a", "quote is not closed", "single quotes"),
        ("city in ()", "not complete", ""),
        ("city is 'x'", "not understood", "is empty"),
        ("city is empty is empty", "", ""),
        ("city = null", "nothing equals an empty value", "is empty"),
        ("city = empty", "", ""),
        ("city = ''", "empty text", "is empty"),
        ("contains(city, ' ')", "empty text", ""),
        ("contains(city)", "", ""),
        ("contains(city, 'a', 'b')", "", ""),
        ("contains(id, '1')", "id is a number", ""),
        ("starts_with('a', city)", "stands where a field belongs", ""),
        ("has_tag()", "given 0 values", "has_tag('vip')"),
        ("has_tag(vip)", "no text", "has_tag('vip')"),
        ("has_tag(distinct 'vip')", '"distinct"', ""),
        ("has('fax')", '"fax" is no kind of channel', "email"),
        ("id = 'x'", "whole number", "without quotes"),
        ("id = 99999999999999999999", "whole number", ""),
        ("id = 1e5", "no plain number", ""),
        ("id = 0x10", "", ""),
        ("id = -1", "whole number", ""),
        ("postcode = 01001", "postcode holds text", "'01001'"),
        ("city = today()", "city holds text", ""),
        ("birthday > '1990'", "no day", "starts_with(birthday, '1990')"),
        ("birthday > '2026-02-30'", "no day", ""),
        ("birthday > '2026-W01-1'", "no day", ""),
        ("birthday > days_ago(-1)", "number of days", ""),
        ("birthday > days_ago(99999999999)", "number of days", ""),
        ("birthday > days_ago('1')", "number of days", ""),
        ("birthday > days_ago(days_ago(1))", "number of days", ""),
        ("attr.nps in (9, 'x')", "different kinds", ""),
        # functions that give a value, and what they are given
        ("last_interaction()", '"last_interaction" alone', "days_ago(30)"),
        ("lastinteraction() < today()", "stands where a field", ""),
        ("last_interaction('call') < today()", "given 1 values", "last_interaction()"),
        ("last_interaction(type => 'call') < today()", 'knows no "type"', "kind"),
        ("last_interaction(kind => 'fax') < today()", '"fax" is no kind of interaction', "call"),
        ("last_interaction() > 5", "no day", "days_ago(30)"),
        ("last_interaction() >= 'x'", "no day", "last_interaction"),
        ("bought() = 'x'", "true or false", "bought("),
        ("bought('')", "empty text", ""),
        ("bought('a', 'b')", "given 2 values", "bought("),
        ("bought(before => 30)", "no day", "before"),
        ("bought(bfore => today())", 'knows no "bfore"', "before"),
        ("bought(since => today(), since => today())", "twice", ""),
        ("bought(before = today())", "is no text", ""),
        ("before => today()", "breaks off", ""),
        ("deal_count() > 1.5", "no whole number", "deal_count"),
        ("deal_count() > 'two'", "no whole number", ""),
        ("deal_sum('гривня') > 1", "no currency", "three letters"),
        ("deal_sum() > 0.00001", "no amount", "1000.50"),
        ("deal_sum() > 99999999999999999999", "no amount", ""),
        ("deal_sum(since => '2026-02-30') > 1", "no day", ""),
        ("consent()", "given 0 values", "consent('newsletter')"),
        ("consent('newsletter', channel => 'fax')", '"fax" is no kind of channel', "email"),
        ("freshness('email')", "alone says nothing", "= 'green'"),
        ("freshness('email') = 'blue'", '"blue" is no colour', "green"),
        ("freshness('email') < 'red'", "colours have no order", "in ("),
        ("freshness('city') = 'red'", "not checked by the regulation", "email"),
        ("freshness() = 'red'", "given 0 values", ""),
        ("in_segment('vip')", '"vip" is no segment', "vip-kyiv"),
        ("in_segment('self')", "circle: self -> self", ""),
        ("in_segment('loop')", "circle: loop -> pool -> loop", ""),
        ("in_segment('broken')", '"citty" is no field', "city"),
        ("in_segment(in_segment('kyiv'))", "is no text", ""),
        ("entered('kyv') > today()", '"kyv" is no segment', "kyiv"),
        ("entered('kyiv')", "alone says nothing", ""),
        ("is present", "", ""),
        ("city is present is present", "", ""),
        ("birthday > months_ago(99999999)", "number of months", ""),
        ("", "empty", "city ="),
        ("   \n ", "empty", ""),
        ("city = 'a\x00b'", "U+0000", ""),
        ("city = 'a\x1b[2J'", "U+001B", ""),
        ("city = '\ud800'", "U+D800", ""),
        ("(" * 5000 + "id = 1" + ")" * 4990, "nests too deeply", ""),
        ("(" * 17 + "id = 1" + ")" * 17, "nests too deeply", ""),
        ("not " * 2000 + "id = 1", "too often", ""),
        ("id = " + "- " * 2000 + "1", "too often", ""),
        ("not(" * 40 + "id = 1" + ")" * 40, "nests too deeply", ""),
        ("city = '" + "x" * 10_000 + "'", "10009 characters", ""),
    ],
)
def test_a_hostile_filter_is_refused(expression, said, hint):
    with pytest.raises(UsageError) as refusal:
        compiled(expression)
    assert refusal.value.message.startswith("The filter cannot be used: ")
    assert said in refusal.value.message
    assert hint in refusal.value.hint
    assert refusal.value.message.isprintable()
    assert len(refusal.value.message) < 200


def test_segments_that_blow_up_are_refused_before_they_do():
    bomb = {f"s{n}": " or ".join([f"in_segment('s{n + 1}')"] * 60) for n in range(7)} | {"s7": "has_tag('x')"}
    with pytest.raises(UsageError, match="grows too long"):
        compiling.compiled("in_segment('s0')", replace(CONTEXT, segments=bomb))


SOUP = """city email id name birthday attr.nps = != < <= > >= => ( ) , ; . and or not in is between null empty present
like select from contact record
has_tag has contains starts_with today days_ago 'x' 'Київ' '2026-01-01' 7 -- /* */ " ` [ ] ?
:x union join over cast as text exists case when then end * + - || 'it''s' $ @ {{ }} folded x'00' last_interaction ()
interactions bought since before kind 'call' deal_sum 'UAH' deal_count last_deal consent 'newsletter' channel 'email'
freshness 'red' in_segment 'kyiv' 'loop' entered months_ago (30) changeset about proof pragma attach delete update"""
WORDS = st.sampled_from(SOUP.split())
SPOILED = st.tuples(FILTERS, WORDS, st.integers(0, 60)).map(lambda t: f"{t[0][: t[2]]} {t[1]} {t[0][t[2] :]}")
TEXTS = st.one_of(
    st.lists(WORDS, max_size=14).map(" ".join),
    st.lists(WORDS).map("".join),
    st.text(max_size=60),
    FILTERS,
    SPOILED,
)
SECONDS = 5.0  # far more than any filter takes here; one that hangs is interrupted


def refused_or_harmless(base, text):
    """Run a text as a filter, where it is one; SQLite itself would refuse what filters may not do."""
    try:
        condition = compiled(text)
    except UsageError:
        return False
    assert condition.sql.count("?") == len(condition.params)
    params = [p if isinstance(p, str | int) else "[]" for p in condition.params]
    with guarded(base, SECONDS):
        base.execute(condition.query("c.id"), params).fetchall()
    return True


@settings(max_examples=4 * settings().max_examples)
@given(text=TEXTS)
@example(text="city = 'x' or 1=1")
@example(text="contains(city, 'a') and has('email', '''; drop table contact --')")
def test_any_text_is_refused_or_reads_only_what_filters_read(base, text):
    refused_or_harmless(base, text)


@pytest.mark.soak
@settings(max_examples=10_000)
@given(text=TEXTS)
def test_ten_thousand_texts_are_refused_or_read_only_what_filters_read(base, text):
    refused_or_harmless(base, text)


def test_the_texts_are_not_all_refused(base):
    assert refused_or_harmless(base, "consent('newsletter') and not last_interaction() < today()")
    assert not refused_or_harmless(base, "select 1")
