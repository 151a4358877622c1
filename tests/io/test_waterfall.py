"""The page that explains a pair: bars that lead from the prior to the sum, values that stay text."""

import datetime as dt
import re

import polars as pl

from crmtool.core.duplicates.explaining import EXPLAINED
from crmtool.io.renderers.waterfall import waterfall_html

LINES = pl.DataFrame(
    [
        ("city", "Киев", "Львів", "different", -2.0),
        ("email", "<script>alert(1)</script>", "a@b.example\u202e", "same", 9.0),
        ("attr.job_code", "7", None, None, 0.0),
    ],
    schema=EXPLAINED,
    orient="row",
)


def page():
    return waterfall_html(3, 8, -5.0, LINES, review=0.0, as_of=dt.date(2026, 11, 21))


def test_bars_lead_from_nothing_to_the_sum():
    bars = re.findall(r'class="(for|against)".*?x="([\d.]+)%".*?width="([\d.]+)%"', page())
    # the way goes from 0 to -5, to +4, to +2: of nine bits in all
    assert [(sign, round(float(x)), round(float(width))) for sign, x, width in bars] == [
        ("against", 0, 56),
        ("for", 0, 100),
        ("against", 78, 22),
    ]
    assert "<strong>+2.0 bits</strong>: one party is likelier" in page()


def test_what_is_not_known_on_a_side_is_no_step():
    assert "job code" not in page()


def test_values_are_text():
    assert "<script" not in page()
    assert "&lt;script&gt;" in page()
    assert "a@b.example⟨U+202E⟩" in page()
