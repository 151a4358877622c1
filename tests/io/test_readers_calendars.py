"""Meetings that come again: each time up to the day of reading, without those that were called off or moved."""

import datetime as dt

import pytest

from crmtool.io.readers import calendars
from crmtool.io.readers.table import Options

TODAY = dt.date(2026, 11, 1)


@pytest.fixture
def read(tmp_path):
    """Read events as a calendar: the rows by heading, and the codes of what there is to say."""

    def rows(*events, today=TODAY):
        path = tmp_path / "c.ics"
        inside = [line for event in events for line in ("BEGIN:VEVENT", *event.split(), "END:VEVENT")]
        path.write_text("\r\n".join(["BEGIN:VCALENDAR", *inside, "END:VCALENDAR", ""]), encoding="utf-8")
        parts = list(calendars.read(path, Options(), frozenset({"us@firm.example"}), today))
        codes = [code for part in parts for code in part.findings["code"]]
        return [row for part in parts for row in part.cells.to_dicts()], codes

    return rows


SERIES = """UID:s SUMMARY:Weekly DTSTART;TZID=Europe/Kyiv:20261005T143000 DTEND;TZID=Europe/Kyiv:20261005T153000
RRULE:FREQ=WEEKLY;BYDAY=MO ATTENDEE:mailto:a@pochta.example"""


def test_a_series_is_told_time_by_time_by_the_clock_of_its_zone(read):
    rows, codes = read(SERIES)
    assert [(row["Start"], row["End"]) for row in rows] == [
        ("2026-10-05T14:30:00+03:00", "2026-10-05T15:30:00+03:00"),
        ("2026-10-12T14:30:00+03:00", "2026-10-12T15:30:00+03:00"),
        ("2026-10-19T14:30:00+03:00", "2026-10-19T15:30:00+03:00"),
        ("2026-10-26T14:30:00+02:00", "2026-10-26T15:30:00+02:00"),
    ]
    assert [row["Key"] for row in rows[:2]] == ["s#a@pochta.example", "s#20261012T143000#a@pochta.example"]
    assert {row["Thread"] for row in rows} == {"s"}
    assert codes == ["calendar.repeats"]


def test_a_later_reading_keeps_the_keys_and_adds_what_happened_since(read):
    before, _ = read(SERIES)
    after, _ = read(SERIES, today=TODAY + dt.timedelta(days=1))
    assert after[:4] == before
    assert [row["Start"] for row in after[4:]] == ["2026-11-02T14:30:00+02:00"]


def test_times_called_off_are_left_out_and_moved_ones_are_told_once(read):
    moved = "UID:s RECURRENCE-ID:20261012T113000Z DTSTART:20261013T090000Z ATTENDEE:mailto:a@pochta.example"
    rows, _ = read(f"{SERIES}\nEXDATE;TZID=Europe/Kyiv:20261019T143000,20261005T143000", moved)
    assert [row["Start"] for row in rows] == ["2026-10-26T14:30:00+02:00", "2026-10-13T09:00:00+00:00"]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("RRULE:FREQ=WEEKLY;UNTIL=20261012", ["2026-10-05", "2026-10-12"]),
        ("RRULE:FREQ=DAILY;INTERVAL=10;COUNT=2", ["2026-10-05", "2026-10-15"]),
        ("RDATE;VALUE=DATE:20261007,20270101", ["2026-10-05", "2026-10-07"]),
        ("RRULE:FREQ=MONTHLY RDATE;VALUE=DATE:20261007", ["2026-10-05", "2026-10-07"]),
    ],
)
def test_how_days_come_again(read, rule, days):
    rows, codes = read(f"UID:d SUMMARY:Day DTSTART;VALUE=DATE:20261005 {rule}")
    assert [row["Start"] for row in rows] == days
    assert codes == ["calendar.repeats"]


@pytest.mark.parametrize("rule", ["FREQ=HOURLY", "FREQ=DAILY;BYHOUR=9", "nonsense", "FREQ=DAILY\r\nRRULE:FREQ=WEEKLY"])
def test_of_a_rule_that_is_not_read_the_first_time_is_kept_and_that_is_said(read, rule):
    rows, codes = read(f"UID:d SUMMARY:Day DTSTART:20261005T100000Z RRULE:{rule}")
    assert [row["Start"] for row in rows] == ["2026-10-05T10:00:00+00:00"]
    assert codes == ["calendar.first"]


def test_until_is_a_moment_and_counts_where_the_series_is(read):
    rows, _ = read("UID:z DTSTART;TZID=Asia/Almaty:20261005T020000 RRULE:FREQ=DAILY;UNTIL=20261006T210000Z")
    assert [row["Start"][:10] for row in rows] == ["2026-10-05", "2026-10-06", "2026-10-07"]


def test_an_endless_series_is_cut_to_its_first_and_latest_times(read):
    rows, codes = read("UID:z DTSTART;VALUE=DATE:19900101 RRULE:FREQ=DAILY")
    assert (len(rows), rows[0]["Start"], rows[-1]["Start"]) == (1000, "1990-01-01", "2026-11-01")
    assert codes == ["calendar.often"]


def test_a_file_full_of_series_stays_small(read, monkeypatch):
    monkeypatch.setattr(calendars, "_ALL", 3)
    rows, codes = read(*(f"UID:{n} DTSTART;VALUE=DATE:20261030 RRULE:FREQ=DAILY" for n in range(3)))
    assert len(rows) == 5
    assert codes == ["calendar.repeats", "calendar.first", "calendar.first"]


@pytest.mark.parametrize("start", ["00010101T000000Z", "99991231T235959Z", "20261305T000000", "", "20260230"])
def test_days_that_are_none_come_once(read, start):
    rows, _ = read(f"UID:z SUMMARY:x DTSTART:{start} RRULE:FREQ=DAILY EXDATE:99999999 RDATE:20261305")
    assert len(rows) == 1
