"""Tags get other names without anybody losing or doubling one, and the review finds what went astray."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtool.core import model, tags
from crmtool.core.folding import folded
from crmtool.core.plans import Revision
from crmtool.core.tag_rules import Tag, Tags

TODAY = dt.date(2026, 11, 21)


def rows(*pairs):
    return pl.DataFrame(
        [(n, contact, tag, 1) for n, (contact, tag) in enumerate(pairs, 1)],
        schema=dict(model.TABLES["contact_tag"]),
        orient="row",
    )


def renamed(known, old, new):
    """Return the pairs of contact and tag after renaming, and the plan."""
    plan = tags.plan_renamed(known, old, new, "tags rename", Revision(1, "x"), "rules")
    edit = plan.edits["contact_tag"]
    gone = pl.concat([edit.removed, edit.before])["id"]
    after = pl.concat([known.filter(~pl.col("id").is_in(gone.implode())), edit.after])
    return sorted(after.select("contact_id", "tag").rows()), plan


def test_every_spelling_of_a_tag_becomes_the_new_one():
    after, plan = renamed(rows((1, "vip"), (2, "VIP"), (3, " Vip "), (4, "vips")), ["vip"], "key client")
    assert after == [(1, "key client"), (2, "key client"), (3, "key client"), (4, "vips")]
    assert plan.edits["contact_tag"].after["changeset_id"].unique().to_list() == [2]


def test_who_has_several_keeps_one():
    after, plan = renamed(rows((1, "a"), (1, "b"), (1, "new"), (2, "b"), (2, "a")), ["a", "b"], "new")
    assert after == [(1, "new"), (2, "new")]
    assert plan.edits["contact_tag"].removed.height == 3


def test_the_name_itself_can_be_written_otherwise():
    assert renamed(rows((1, "vip"), (2, "VIP")), ["vip"], "VIP")[0] == [(1, "VIP"), (2, "VIP")]


TAGS = st.sampled_from(["a", "A", "b", "c", "new", "New"])


@given(st.sets(st.tuples(st.integers(1, 4), TAGS)), st.sets(TAGS, min_size=1))
def test_nobody_loses_a_tag_or_has_one_twice(pairs, old):
    after, _ = renamed(rows(*sorted(pairs)), sorted(old), "new")
    renaming = {folded(tag) for tag in old} | {"new"}
    expected = {(contact, "new" if folded(tag) in renaming else tag) for contact, tag in pairs}
    assert after == sorted(expected)
    assert renamed(rows(*after), sorted(old), "new")[1].is_empty


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("вебинар_май24", "вебинар май 24"),
        ("Вебинар-Май-2024", "vebinar_may24"),
        ("VIP", "vip "),
        ("постоянный клиент", "постояный клиент"),
    ],
)
def test_ways_to_write_a_tag_are_near_duplicates(one, other):
    found = tags.review(used((one, 5, "2026-11-01"), (other, 2, "2026-11-01")), Tags(), TODAY)
    assert (other, 2, "near-duplicate", one) in found.rows()


@pytest.mark.parametrize(("one", "other"), [("expo 2024", "expo 2025"), ("b2b", "b2c"), ("клиент", "пациент")])
def test_other_tags_are_not(one, other):
    found = tags.review(used((one, 5, "2026-11-01"), (other, 2, "2026-11-01")), Tags(), TODAY)
    assert "near-duplicate" not in found["reason"].to_list()


def used(*seen):
    return pl.DataFrame(seen, schema=tags.USED, orient="row")


def test_the_review_says_why():
    known = Tags(
        tag={
            "VIP": Tag(meaning="key client"),
            "expo 2025": Tag(until=dt.date(2026, 6, 30)),
            "expo 2026": Tag(until=TODAY),
            "forgotten": Tag(),
        }
    )
    seen = used(
        ("vip", 9, "2026-11-01"),
        ("expo 2025", 4, "2026-03-01"),
        ("expo 2026", 3, "2026-11-01"),
        ("stray", 2, "2025-11-20"),
    )
    assert tags.review(seen, known, TODAY).rows() == [
        ("expo 2025", 4, "expired", None),
        ("stray", 2, "unknown", None),
        ("forgotten", 0, "unused", None),
        ("stray", 2, "idle", None),
    ]


def test_without_tags_there_is_nothing_to_look_at():
    assert tags.review(used(), Tags(), TODAY).is_empty()
