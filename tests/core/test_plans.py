"""Plans as values: edits, differences, what is touched, and one digest over all."""

import polars as pl
import pytest

from crmtool.core import findings, model, plans
from crmtool.core.plans import Plan, Revision, counts, difference, digest, edit, merged, touched

BASE = Revision(3, "d")


def tags(*rows):
    """Rows of contact_tag: (id, contact, tag) or with the change set too; unsorted on purpose where a test wants it."""
    full = [row if len(row) == 4 else (*row, 1) for row in rows]
    return pl.DataFrame(full, schema=dict(model.TABLES["contact_tag"]), orient="row")


def test_the_next_change_set_has_the_next_number():
    assert Revision(0, "").next == 1


# -- edits ------------------------------------------------------------------------------------------------------------


def test_an_edit_of_nothing_is_empty():
    change = edit("contact_tag")
    assert change.size == 0
    assert all(frame.schema == model.TABLES["contact_tag"] for frame in (change.created, change.before, change.after))


def test_frames_are_brought_to_the_columns_of_the_table_and_sorted():
    rows = pl.DataFrame({"tag": ["b", "a"], "extra": [1, 2], "id": [2, 1], "contact_id": ["7", "8"]})
    change = edit("contact_tag", created=rows)
    assert change.created.rows() == [(1, 8, "a", None), (2, 7, "b", None)]


def test_rows_that_do_not_change_are_left_out():
    before = tags((1, 1, "a"), (2, 1, "b"), (3, 1, None))
    after = tags((3, 1, "c"), (2, 1, "b", 9), (1, 1, "a"))  # only the change set is new at 2
    change = edit("contact_tag", updated=(before, after))
    assert change.before.rows() == [(3, 1, None, 1)]
    assert change.after.rows() == [(3, 1, "c", 1)]


def test_a_value_that_becomes_unknown_is_a_change():
    assert edit("contact_tag", updated=(tags((1, 1, "a")), tags((1, 1, None)))).size == 1


@pytest.mark.parametrize("after", [tags(), tags((2, 1, "a")), tags((1, 1, "a"), (2, 1, "a"))])
def test_an_update_of_other_rows_is_a_bug(after):
    with pytest.raises(ValueError, match="not the same rows"):
        edit("contact_tag", updated=(tags((1, 1, "a")), after))


# -- differences ------------------------------------------------------------------------------------------------------


def test_a_difference_tells_created_updated_and_removed():
    before, after = tags((1, 1, "a"), (2, 1, "b"), (3, 1, "c")), tags((2, 1, "B"), (3, 1, "c"), (4, 1, "d"))
    change = difference("contact_tag", before, after)
    assert change.created["id"].to_list() == [4]
    assert (change.before["tag"].to_list(), change.after["tag"].to_list()) == (["b"], ["B"])
    assert change.removed["id"].to_list() == [1]
    assert change.size == 3


@pytest.mark.parametrize("rows", [tags(), tags((1, 1, "a"), (2, 2, None))])
def test_there_is_no_difference_to_oneself(rows):
    assert difference("contact_tag", rows, rows).size == 0


# -- parts of a plan --------------------------------------------------------------------------------------------------


def test_edits_of_several_parts_become_one():
    one = {"contact_tag": edit("contact_tag", created=tags((2, 1, "b")))}
    other = {"contact_tag": edit("contact_tag", created=tags((1, 1, "a"))), "verdict": edit("verdict")}
    whole = merged([one, other])
    assert set(whole) == {"contact_tag", "verdict"}
    assert whole["contact_tag"].created["id"].to_list() == [1, 2]
    assert merged([]) == {}


def test_touched_names_the_changed_fields_alone():
    before, after = tags((1, 1, "a"), (2, 1, "b")), tags((1, 5, "A", 4), (2, 1, None, 4))
    change = edit("contact_tag", updated=(before, after))
    assert touched("contact_tag", change).rows() == [
        (1, "contact_id", "1", "5"),
        (1, "tag", "a", "A"),
        (2, "tag", "b", None),
    ]
    assert touched("contact_tag", edit("contact_tag")).rows() == []


def test_counts_leave_out_tables_that_stay():
    edits = {
        "contact_tag": edit("contact_tag", created=tags((1, 1, "a")), removed=tags((2, 1, "b"), (3, 1, "c"))),
        "verdict": edit("verdict"),
    }
    plan = Plan("test", BASE, "r", edits)
    assert counts(plan).rows() == [("contact_tag", 1, 0, 2)]
    assert not plan.is_empty


@pytest.mark.parametrize("edits", [{}, {"verdict": edit("verdict")}])
def test_a_plan_that_changes_nothing_is_empty(edits):
    assert Plan("test", BASE, "r", edits).is_empty
    assert counts(Plan("test", BASE, "r", edits)).height == 0


# -- digests ----------------------------------------------------------------------------------------------------------


def planned(*rows, part="created", command="test", base=BASE, rules="r", undoes=None, facts=None, table="contact_tag"):
    change = edit(table, **{part: tags(*rows)})
    return Plan(command, base, rules, {table: change}, findings.empty(), facts or {}, undoes)


def test_equal_plans_have_equal_digests():
    assert digest(planned((1, 1, "a"), (2, 1, "b"))) == digest(planned((2, 1, "b"), (1, 1, "a")))
    assert len(digest(Plan("test", BASE, "r", {}))) == 64


@pytest.mark.parametrize(
    "other",
    [
        planned((1, 1, "b")),
        planned((1, 1, None)),
        planned((1, 1, "a"), (2, 1, "a")),
        planned((1, 1, "a"), part="removed"),
        planned((1, 1, "a"), command="other"),
        planned((1, 1, "a"), base=Revision(4, "d")),
        planned((1, 1, "a"), base=Revision(3, "e")),
        planned((1, 1, "a"), rules="s"),
        planned((1, 1, "a"), undoes=2),
        planned((1, 1, "a"), facts={"new": 1}),
    ],
)
def test_any_difference_gives_another_digest(other):
    assert digest(other) != digest(planned((1, 1, "a")))


def test_an_edit_touches_each_row_once():
    change = plans.edit("contact_tag", created=tags((1, 1, "a")), removed=tags((2, 1, "b")))
    assert (change.created["id"].to_list(), change.removed["id"].to_list(), change.size) == ([1], [2], 2)
