"""Filters run against a real SQLite: every construct, every refusal, and laws over random text."""

import datetime as dt
import json
import sqlite3
import tomllib
from pathlib import Path

import polars as pl
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from crmtool.core import model, segments
from crmtool.core.errors import UsageError
from crmtool.core.folding import folded
from crmtool.core.rules import Segment

RULES = Path(__file__).resolve().parents[2] / "rules"
TODAY = dt.date(2026, 11, 21)
CUSTOM = frozenset({"nps", "attr.renewal_on"})
VOCABULARIES = {"city": {"киев": "Київ", "kyiv": "Київ", "київ": "Київ"}}

#: id, and what is not empty; 5 is absorbed by 1.
CONTACTS = [
    {"id": 1, "name": "Олена Коваль", "city": "Київ", "email": "Olena@Firma.UA", "first_contact_on": "2026-11-20"},
    {"id": 2, "name": "Пётр Ёлкин", "city": "Москва", "phone": "+79161234567", "birthday": "1990-05-17"},
    {"id": 3, "name": "Ann O'Neil", "city": "Kyiv-Hills", "first_contact_on": "2025-01-01", "postcode": "01001"},
    {"id": 4, "name": "Ромашка", "kind": "company", "custom": {"nps": "10", "renewal_on": "2027-01-01"}},
    {"id": 5, "root_id": 1},
    {"id": 6, "name": "Nine", "birthday": "--03-05", "custom": {"nps": "9", "renewal_on": "2026-01-01"}},
    {"id": 7, "name": "Words", "custom": {"nps": "n/a", "renewal_on": "soon"}},
]
TAGS = [(1, "VIP"), (2, "vip "), (3, "vips")]
CHANNELS = [(5, "email", "second@firma.ua"), (2, "phone", "+79161234567"), (3, "messenger", "t.me/ann")]


@pytest.fixture(scope="module")
def base():
    """Return a base of the contacts above, with the store's tables."""
    db = sqlite3.connect(":memory:")
    db.create_function("folded", 1, lambda text: None if text is None else folded(text), deterministic=True)
    for table in ("contact", "contact_tag", "channel", "record"):
        types = {name: "INTEGER" if dtype == pl.Int64 else "TEXT" for name, dtype in model.TABLES[table].items()}
        db.execute(f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in types.items())}) STRICT")
    for contact in CONTACTS:
        row = {"kind": "person", "root_id": contact["id"], **contact}
        row["custom"] = json.dumps(row["custom"]) if "custom" in row else None
        db.execute(f"INSERT INTO contact ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
    db.executemany("INSERT INTO contact_tag (contact_id, tag) VALUES (?, ?)", TAGS)
    db.executemany("INSERT INTO channel (contact_id, kind, value) VALUES (?, ?, ?)", CHANNELS)
    return db


def compiled(expression):
    return segments.compiled(expression, today=TODAY, custom=CUSTOM, vocabularies=VOCABULARIES)


def found(base, expression):
    condition = compiled(expression)
    sql = f"SELECT c.id FROM contact c WHERE c.root_id = c.id AND {condition.sql} ORDER BY c.id"
    return [row[0] for row in base.execute(sql, condition.params)]


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
        ("contains(city, 'КИ')", [1]),
        ("contains(city, '%')", []),
        ("starts_with(name, 'Пе')", [2]),
        ("starts_with(name, 'тр')", []),
        ("not contains(city, 'ки')", [2, 3, 4, 6, 7]),
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
    ("expression", "said", "hint"),
    [
        ("citty = 'x'", '"citty" is no field', "Did you mean city?"),
        ("attr.npss = 'x'", '"attr.npss" is no field', "attr.nps"),
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


@pytest.mark.parametrize("path", sorted(RULES.glob("segments/*.toml")), ids=lambda path: path.stem)
def test_a_delivered_segment_can_be_run(base, path):
    segment = Segment(**tomllib.loads(path.read_text(encoding="utf-8")))
    assert found(base, segment.where) == {"vip-kyiv": [1], "moscow": [2], "no-email": [2, 3, 6, 7]}[path.stem]


def test_values_are_parameters_only():
    condition = compiled("city = 'Київ' and attr.nps > 8 and has('email', 'x') and id = 3")
    assert condition.params == ("київ", '$."nps"', "8", '$."nps"', "email", "x", 3)
    assert "'" not in condition.sql


def test_the_fields_read_are_named_once():
    condition = compiled("city = 'a' or not (has_tag('x') and has('phone')) or city = 'b' or attr.nps is empty")
    assert condition.fields == ("city", "tag", "phone", "attr.nps")


def test_many_alternatives_are_one_flat_filter_up_to_a_limit(base):
    assert found(base, "not (" + " or ".join(f"id!={n}" for n in range(500)) + ")") == []
    with pytest.raises(UsageError, match="joins 501 conditions"):
        compiled(" or ".join(f"id={n}" for n in range(501)))


def test_day_one_of_the_calendar_is_reached():
    assert segments.compiled("birthday > days_ago(0)", today=dt.date.min).params == ("0001-01-01",)


# --- laws -------------------------------------------------------------------------------------------------------------

SOUP = """city email id name birthday attr.nps = != < <= > >= ( ) , ; . and or not in is between null empty like select
from contact record has_tag has contains starts_with today days_ago 'x' 'Київ' '2026-01-01' 7 -- /* */ " ` [ ] ? :x
union join over cast as text exists case when then end * + - || 'it''s' $ @ {{ }} folded x'00'"""
WORDS = st.sampled_from(SOUP.split())
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


SPOILED = st.tuples(FILTERS, WORDS, st.integers(0, 60)).map(lambda t: f"{t[0][: t[2]]} {t[1]} {t[0][t[2] :]}")
TEXTS = st.one_of(
    st.lists(WORDS, max_size=14).map(" ".join),
    st.lists(WORDS).map("".join),
    st.text(max_size=60),
    FILTERS,
    SPOILED,
)
READABLE = {"contact", "contact_tag", "channel"}


def prepared(base, sql, params):
    """Return the tables a statement reads, refusing it anything but reading and known functions."""
    tables, others = set(), []

    def decide(action, first, second, *_):
        if action == sqlite3.SQLITE_READ:
            tables.add(first)
        elif action != sqlite3.SQLITE_SELECT and (action, second) not in {
            (sqlite3.SQLITE_FUNCTION, name) for name in ("folded", "ifnull", "instr", "json_extract")
        }:
            others.append((action, first, second))
        return sqlite3.SQLITE_OK

    base.set_authorizer(decide)
    try:
        base.execute(sql, params).fetchall()
    finally:
        base.set_authorizer(None)
    return tables, others


@given(TEXTS)
@example("city = 'x' or 1=1")
@example("contains(city, 'a') and has('email', '''; drop table contact --')")
def test_any_text_is_refused_or_reads_only_contacts(base, text):
    try:
        condition = compiled(text)
    except UsageError:
        return
    assert "'" not in condition.sql
    assert condition.sql.count("?") == len(condition.params)
    assert not any(character.isdigit() for character in condition.sql.replace("9e999", "").translate(CONSTANTS))
    tables, others = prepared(
        base, f"SELECT c.id FROM contact c WHERE c.root_id = c.id AND {condition.sql}", condition.params
    )
    assert tables <= READABLE
    assert not others


#: The digits our own SQL has: ifnull(…, 0), instr(…) > 0 and = 1, SELECT 1.
CONSTANTS = {ord("0"): None, ord("1"): None}


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
    condition = compiled("city = '" + text.replace("'", "''") + "'")
    assert condition.sql == "folded(c.city) = ?"
    assert condition.params == (folded(VOCABULARIES["city"].get(folded(text), text)),)
