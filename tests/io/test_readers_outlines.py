import re

from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.io.readers import outlines
from crmtool.io.readers.separators import Dialect

COMMAS = Dialect(",")


def told(text, dialect=COMMAS):
    return outlines.lines(outlines.signs(text, outlines.codes(text), dialect))


def whole(text, width, *, final=True):
    return outlines.whole(outlines.signs(text, outlines.codes(text), COMMAS), width, final=final)


@given(st.text(alphabet='aя,"\n\r', max_size=30))
@settings(deadline=None)
def test_lines_are_those_of_the_text_and_their_parts_are_counted(text):
    data = text.encode() + b"\n"
    lines = re.findall(rb"[^\r\n]*(?:\r\n|\r|\n)", data)
    found = told(data)
    assert [data[start:stop] for start, stop in found.select("start", "stop").rows()] == lines
    assert found.get_column("marks").to_list() == [line.count(b'"') for line in lines]
    assert found.get_column("delimiters").to_list() == [line.count(b",") for line in lines]
    assert found.get_column("tail").to_list() == [len(line) - len(line.rstrip(b"\r\n")) for line in lines]
    assert (found.get_column("separators") + found.get_column("inner_separators")).equals(
        found.get_column("delimiters")
    )


def test_a_line_is_told_as_a_record_and_as_the_rest_of_a_cell():
    columns = ("faults", "inner_faults", "separators", "inner_separators", "doubled", "inner_doubled", "openings")
    lines = told(b'a,"b, c"\nmore, text",d\n"x ""y""",z\n').select(columns).rows()
    assert lines == [(0, 2, 1, 1, 0, 0, 1), (1, 0, 1, 1, 0, 0, 0), (0, 4, 1, 0, 2, 1, 1)]


def test_a_text_of_nothing_but_records_is_told_whole():
    assert whole(b'a,"b\nc"\r\n"d ""e""",\r\n', 2) == outlines.Whole(21, 2, 9)
    assert whole(b'a,b\nc,"d\n', 2, final=False) == outlines.Whole(4, 1, 2)
    assert whole(b'a,b\nc,"d\n', 2) is None


def test_a_text_with_anything_else_is_not():
    for text in (b"a,b\nc\n", b"a,b,c\n", b'a,"b"c\n', b'a,b"c"\n', b"a,b\rc,d\n", b"a,b\n\n"):
        assert whole(text, 2) is None


def test_of_too_much_only_the_line_ends_are_known(monkeypatch):
    monkeypatch.setattr(outlines, "_MOST", 5)
    found = told(b'a,"b"\n,,,\n')
    assert found.select("start", "stop", "marks", "known").rows() == [(0, 6, 0, False), (6, 10, 0, False)]
    assert whole(b'a,"b"\n,,,\n', 2) is None
