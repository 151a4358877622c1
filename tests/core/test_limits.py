"""What a plan reaches, and from how much on it is refused."""

import polars as pl
import pytest

from crmtool.core import model
from crmtool.core.errors import SafetyRefused
from crmtool.core.limit_rules import Limits
from crmtool.core.limits import more, reached, refusal
from crmtool.core.plans import Plan, Revision, edit


def rows(table, *ids, **fields):
    return pl.DataFrame([{"id": i, "contact_id": i, "root_id": i, **fields} for i in ids]).select(
        name for name in model.TABLES[table] if name in {"id", "contact_id", "root_id", *fields}
    )


def plan(**edits):
    return Plan("test", Revision(1, "d"), "f", edits)


def test_who_is_made_is_not_changed():
    made = plan(contact=edit("contact", created=rows("contact", 1, 2)))
    assert (reached(made), more(made)) == (0, 2)


def test_whose_golden_record_changes_or_goes_is_reached():
    before, after = rows("contact", 1, 2, city="a"), rows("contact", 1, 2, city="b")
    changed = plan(contact=edit("contact", updated=(before, after), removed=rows("contact", 3)))
    assert (reached(changed), more(changed)) == (3, -1)
    assert reached(changed, own=2) == 1  # the others came with an earlier part


def test_whose_facts_are_taken_away_is_reached_and_who_gets_some_is_not():
    said = edit("contact_tag", created=rows("contact_tag", 4, tag="a"), removed=rows("contact_tag", 5, tag="b"))
    assert reached(plan(contact_tag=said)) == 1


@pytest.mark.parametrize(
    ("number", "contacts", "refused"), [(200, 300, False), (201, 300, True), (201, 1000, False), (251, 1000, True)]
)
def test_both_bounds_must_be_passed(number, contacts, refused):
    found = refusal(number, contacts, Limits(share=0.25, contacts=200))
    assert isinstance(found, SafetyRefused) == refused
    assert found is None or "--confirm" in found.hint
