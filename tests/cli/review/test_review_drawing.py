"""Comparing and drawing: signs for what differs, columns that fit, values that stay what they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from crmtool.cli.review import comparing, drawing
from crmtool.cli.review.comparing import Side

ONE = Side(48, {"given_name": ("Ганна",), "city": ("Харків",), "email": ("h@x.example", "g@x.example")})
OTHER = Side(67, {"given_name": ("Hanna",), "city": ("Харків",), "email": ("h@x.example",), "owner": ("Inna",)})
GOLDEN = {"given_name": ("Ганна",), "city": ("Харків",), "owner": ("Inna",)}

TABLE = """\
    field        48                     67
> ~ given name  *Ганна                  Hanna
  = city         Харків                 Харків
  + owner        –                     *Inna
  ~ email        h@x.example            h@x.example
                 g@x.example"""


def test_contacts_stand_beside_one_another_with_the_value_that_stays_marked():
    lines = comparing.compared([ONE, OTHER], GOLDEN)
    table = drawing.table([ONE, OTHER], lines, 63, heads=["48", "67"], here=0)
    assert drawing.plain(table.lines) == TABLE
    assert table.starts == (1, 2, 3, 4)


@pytest.mark.parametrize(
    ("field", "left", "right", "sign"),
    [
        ("city", ("Київ",), ("Київ",), "="),
        ("city", ("Київ",), ("КИЇВ",), "~"),
        ("family_name", ("Шевчук",), ("Shevchuk",), "~"),
        ("city", ("Київ",), ("Львів",), "≠"),
        ("city", ("Київ",), (), "+"),
        ("phone", ("1", "2"), ("2", "1"), "="),
        ("phone", ("1", "2"), ("2",), "~"),
        ("phone", ("1",), ("2",), "≠"),
    ],
)
def test_a_sign_says_how_values_agree_whoever_is_on_the_left(field, left, right, sign):
    assert comparing.mark(field, [left, right]) == comparing.mark(field, [right, left]) == sign


def test_all_channels_are_kept_and_each_once():
    email = next(line for line in comparing.compared([ONE, OTHER], GOLDEN) if line.field == "email")
    assert (email.several, email.result) == (True, ("h@x.example", "g@x.example"))


_texts = st.text(max_size=60) | st.text("ab Ы漢👩🏽‍⚕️[/]\x1b\u202e\n", max_size=300)


@given(_texts, _texts, st.integers(40, 130))
def test_whatever_the_values_are_every_line_fits_and_none_is_obeyed(one, other, width):
    sides = [Side(1, {"name": (one,)}), Side(2, {"name": (other,), "email": (one,)})]
    lines = comparing.compared(sides, {"name": (one,)})
    table = drawing.table(sides, lines, width, heads=["1", "2"], here=0)
    for line in [*table.lines, *drawing.together(lines, width)]:
        text = "".join(piece for piece, _ in line)
        assert cell_len(text) <= width
        assert all(c.isprintable() for c in text)


def test_a_long_value_is_cut_and_says_so():
    assert drawing.folded("Ы" * 5_000, 20)[-1] == "… 5000 signs"
    assert drawing.folded("Ы" * 5_000, 20)[0] == "Ы" * 20


def test_a_waterfall_has_a_bar_for_each_part():
    drawn = drawing.plain(drawing.waterfall(-7.2, [("email", "same", 8.6), ("city", "different", -1.0)], 60))
    assert "Why: +0.4 bits" in drawn
    assert "+8.6 ############" in drawn
    assert "-7.2 ----------" in drawn
