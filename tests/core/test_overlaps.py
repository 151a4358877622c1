"""Who is the same in several lists: told by channels, checked against a plain union-find."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core import overlaps

ROW = ["row", "kind", "value", "type"]


def reach(*rows):
    """Return the reach of rows given as lists of (kind, value, type)."""
    long = [(number, *channel) for number, row in enumerate(rows, 1) for channel in row]
    schema = {"row": pl.Int64, **dict.fromkeys(ROW[1:], pl.String)}
    return overlaps.reach(pl.DataFrame(long, schema=schema, orient="row"))


def mail(name):
    return ("email", f"{name}@x.example", "personal")


def mobile(number):
    return ("phone", f"+7{number}", "mobile")


OFFICE = ("phone", "+74950000000", "fixed")
BOX = ("email", "info@x.example", "role")


def counts(**lists):
    """Return {"left right": people} of each two lists."""
    found = overlaps.shared(overlaps.people(lists))
    return {f"{left} {right}": people for left, right, people in found.rows()}


def test_rows_that_share_an_address_or_a_mobile_are_one_person():
    a = reach([mail("ada"), mobile(1)], [mobile(1)], [mail("ada")], [mail("bob")])
    assert counts(a=a) == {"a a": 2}


def test_a_row_of_one_list_joins_two_of_another():
    a = reach([mail("ada")], [mobile(1)])
    b = reach([mail("ada"), mobile(1)])
    assert counts(a=a) == {"a a": 2}
    assert counts(a=a, b=b) == {"a a": 1, "a b": 1, "b b": 1}


def test_an_office_line_makes_nobody_the_same():
    a = reach([mail("ada"), OFFICE, BOX], [mail("bob"), OFFICE, BOX])
    assert counts(a=a) == {"a a": 2}


def test_an_office_line_leads_to_the_one_person_who_has_it():
    a, b = reach([mail("ada"), OFFICE]), reach([OFFICE])
    assert counts(a=a, b=b) == {"a a": 1, "a b": 1, "b b": 1}


def test_an_office_line_of_two_people_leads_to_neither():
    a, b = reach([mail("ada"), OFFICE], [mail("bob"), OFFICE]), reach([OFFICE], [OFFICE, BOX])
    assert counts(a=a, b=b) == {"a a": 2, "a b": 0, "b b": 1}


def test_a_number_that_may_be_a_mobile_names_a_person():
    either = ("phone", "+12025550100", "fixed_or_mobile")
    assert counts(a=reach([either, mail("ada")], [either])) == {"a a": 1}


def test_the_same_text_as_address_and_number_is_not_the_same_channel():
    assert counts(a=reach([("email", "1", "personal")], [("phone", "1", "mobile")])) == {"a a": 2}


def test_rows_without_a_channel_are_not_counted():
    a = reach([], [mail("ada")], [])
    assert a.rows == 1
    assert counts(a=a, b=overlaps.nobody()) == {"a a": 1, "a b": 0, "b b": 0}


def test_a_channel_without_a_type_names_nobody_by_itself():
    a = reach([mail("ada"), ("phone", "+1", None)], [mail("bob"), ("phone", "+1", None)])
    assert counts(a=a) == {"a a": 2}


rows = st.lists(
    st.lists(st.sampled_from([mail("a"), mail("b"), mail("c"), mobile(1), mobile(2), OFFICE, BOX]), max_size=4),
    max_size=12,
)


@given(rows, rows)
@settings(deadline=None)
def test_a_list_in_parts_is_the_whole_list(first, second):
    whole = reach(*first, *second)
    parts = overlaps.joined([reach(*first), reach(*second)])
    assert counts(a=whole) == counts(a=parts)
    assert whole.rows == parts.rows


@given(rows, rows)
@settings(deadline=None)
def test_the_order_of_lists_does_not_matter(first, second):
    here, there = counts(a=reach(*first), b=reach(*second)), counts(b=reach(*second), a=reach(*first))
    assert (here["a a"], here["b b"], here["a b"]) == (there["a a"], there["b b"], there["b a"])
    assert here["a b"] <= min(here["a a"], here["b b"])


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40))
def test_components_are_those_of_a_union_find(pairs):
    parent = {}

    def top(node):
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for left, right in pairs:
        low, high = sorted((top(left), top(right)))
        parent[high] = low
    edges = pl.DataFrame(pairs, schema={"left": pl.UInt64, "right": pl.UInt64}, orient="row")
    found = dict(overlaps.components(edges).iter_rows())
    assert found == {node: top(node) for pair in pairs for node in pair}


def test_a_long_chain_is_one_component():
    edges = pl.DataFrame({"left": range(50_000), "right": range(1, 50_001)}).cast(pl.UInt64)
    assert overlaps.components(edges)["root"].unique().to_list() == [0]
