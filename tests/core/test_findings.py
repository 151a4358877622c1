"""Findings as frames: their shape, their order, and the sentences of the catalogue."""

import re

import polars as pl
import pytest

from crmtool.core import findings
from crmtool.core.findings import CATALOGUE, SCHEMA, found, joined, message


def test_a_frame_is_shaped_into_findings():
    frame = pl.DataFrame({"row": [3, 4], "value": ["x", None], "other": [1, 2]})
    said = found(frame, "email.invalid", column="Mail", field="email")
    assert dict(said.schema) == SCHEMA
    assert said.rows() == [
        (3, "Mail", "email", "x", "email.invalid", "warning", None),
        (4, "Mail", "email", None, "email.invalid", "warning", None),
    ]


def test_each_row_may_have_a_code_of_its_own_and_rows_without_one_are_left_out():
    said = found(pl.DataFrame({"row": [1, 2, 3], "code": ["row.empty", None, "row.key"]}))
    assert said.select("row", "code", "severity").rows() == [(1, "row.empty", "error"), (3, "row.key", "warning")]


def test_a_severity_that_is_given_counts():
    frame = pl.DataFrame({"code": ["row.empty"], "severity": ["note"]})
    assert found(frame)["severity"].to_list() == ["note"]


def test_a_code_nobody_knows_is_a_bug():
    with pytest.raises(pl.exceptions.InvalidOperationError):
        found(pl.DataFrame({"row": [1]}), "row.unheard")


def test_no_rows_are_no_findings():
    assert found(pl.DataFrame({"row": []}, schema={"row": pl.Int64}), "row.empty").equals(findings.empty())
    assert joined().equals(findings.empty())


def test_findings_are_joined_by_row_those_about_the_whole_file_first():
    rows = found(pl.DataFrame({"row": [5, 2]}), "row.empty")
    file = found(pl.DataFrame({"suggestion": ["cp1251"]}), "file.encoding")
    columns = found(pl.DataFrame({"row": [2, 2], "column": ["B", "A"]}), "email.invalid")
    assert joined(rows, columns, file).select("row", "column").rows() == [
        (None, None),
        (2, None),
        (2, "A"),
        (2, "B"),
        (5, None),
    ]


def test_a_message_names_its_suggestion():
    assert message("email.typo", "gmail.com") == "looks mistyped; perhaps gmail.com"
    assert message("email.typo", None) == "looks mistyped; perhaps "


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_finding_has_a_severity_and_a_sentence_that_follows_its_value(code):
    kind = CATALOGUE[code]
    assert kind.severity in {findings.ERROR, findings.WARNING, findings.NOTE}
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", code)
    assert kind.message[0].islower()
    assert set(re.findall(r"{.*?}", kind.message)) <= {"{suggestion}"}
