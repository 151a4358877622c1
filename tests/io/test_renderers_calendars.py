"""Calendars: lines that every program reads, whatever the texts are."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from crmtool.io.renderers.calendars import Entry, calendar

NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_calendar_keeps_its_lines_short_and_its_texts_whole(title, text):
    said = calendar([Entry("birthday-1", dt.date(2026, 11, 20), title, text)], NOW, "due", "Due")
    lines = said.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert lines[-1] == ""
    assert "\n" not in said.replace("\r\n", "")
    assert said.count("BEGIN:VEVENT") == said.count("END:VEVENT") == 1 + (title + text).count("BEGIN:VEVENT")
