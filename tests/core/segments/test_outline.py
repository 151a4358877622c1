"""A filter is told by its conditions, each a filter of its own."""

import pytest
from bases import found
from hypothesis import given
from test_compiling import FILTERS

from crmtool.core.errors import UsageError
from crmtool.core.segments.outline import outline


def tree(part):
    return (part.text, part.word, [tree(inner) for inner in part.parts]) if part.parts else part.text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("city = 'x'", "city = 'x'"),
        ("id = 1 and  id = 2", ("id = 1 and  id = 2", "and", ["id = 1", "id = 2"])),
        (
            "id = 1 and id = 2 or id = 3",
            ("id = 1 and id = 2 or id = 3", "or", [("id = 1 and id = 2", "and", ["id = 1", "id = 2"]), "id = 3"]),
        ),
        (
            "(id = 1 or id = 2) and id = 3",
            ("(id = 1 or id = 2) and id = 3", "and", [("(id = 1 or id = 2)", "or", ["id = 1", "id = 2"]), "id = 3"]),
        ),
        ("id between 1 and 2 AND id = 2", ("id between 1 and 2 AND id = 2", "and", ["id between 1 and 2", "id = 2"])),
        ("((id = 1))", "((id = 1))"),
        ("not (id = 1 and id = 2)", "not (id = 1 and id = 2)"),
        ("city = 'and' or city = '('", ("city = 'and' or city = '('", "or", ["city = 'and'", "city = '('"])),
        (
            "bought(since => today()) and id in (1, 2)",
            ("bought(since => today()) and id in (1, 2)", "and", ["bought(since => today())", "id in (1, 2)"]),
        ),
    ],
)
def test_parts(text, parts):
    assert tree(outline(text)) == parts


def test_what_is_no_filter_has_no_parts():
    with pytest.raises(UsageError):
        outline("id = 1 and")


@given(FILTERS)
def test_the_parts_together_hold_what_the_whole_holds(base, text):
    whole = outline(text)
    sets = [set(found(base, f"({part.text})")) for part in whole.parts or (whole,)]
    together = set.intersection(*sets) if whole.word == "and" else set.union(*sets)
    assert together == set(found(base, text))
