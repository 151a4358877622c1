"""The page of accuracy: what is counted, what misses its target, and that it says so."""

import sys
from types import ModuleType

import pytest

from bench import accuracy
from bench.accuracy import Result

GOOD = Result("dates.csv", "days", 3, 3, 0.9, ())
BAD = Result("names.csv", "parts", 2, 3, 0.98, (("a|b\n*c*", "x", "\u200b"),))
OPEN = Result("cities.csv", "towns", 1, 2, None, (("Kirov", "?", ""),))


@pytest.fixture
def subject(monkeypatch):
    """Stand in for a file of results."""

    def put(name, results):
        module = ModuleType(f"bench.accuracy_{name}")
        module.measure = lambda _data: results
        monkeypatch.setitem(sys.modules, module.__name__, module)

    return put


@pytest.fixture
def written(tmp_path, monkeypatch):
    page = tmp_path / "docs" / "accuracy.md"
    page.parent.mkdir()
    monkeypatch.setattr(accuracy, "PAGE", page)
    monkeypatch.setattr(accuracy, "ROOT", tmp_path)
    monkeypatch.setenv("CRMTOOL_DATA", str(tmp_path))
    return page


def test_the_page_counts_and_names_what_is_missed(subject, written, monkeypatch, capsys):
    subject("one", [GOOD, OPEN])
    subject("two", [BAD])
    monkeypatch.setattr(accuracy, "subjects", lambda: ["one", "two"])
    assert accuracy.main([]) == 0
    text = written.read_text("utf-8")
    assert "Targets not reached: 1." in text
    assert "| two | names.csv | parts | 2 | 3 | 66.6 % | 98.0 % | **missed** |" in text
    assert "| one | dates.csv | days | 3 | 3 | 100.0 % | 90.0 % | reached |" in text
    assert r"| a\|b ⏎ \*c\* | x | \\u200b |" in text
    assert "Misses: one" in text
    assert "dates.csv: days" not in text
    assert "docs/accuracy.md" in capsys.readouterr().out


def test_all_targets_reached_is_said_and_ends_well(subject, written, monkeypatch):
    subject("one", [GOOD, OPEN])
    monkeypatch.setattr(accuracy, "subjects", lambda: ["one"])
    assert accuracy.main([]) == 0
    assert "Every target is reached." in written.read_text("utf-8")


def test_a_share_under_its_target_never_looks_like_it(subject):
    close = Result("f", "w", 9799, 10000, 0.98, (("a", "b", "c"),))
    assert "| 97.9 % | 98.0 % | **missed** |" in accuracy.page({"s": [close]})


def test_a_long_list_of_misses_is_cut_and_says_so():
    many = Result("f", "w", 0, 40, None, tuple((str(n), "x", "y") for n in range(40)))
    text = accuracy.page({"s": [many]})
    assert text.count("| x | y |") == accuracy.SHOWN
    assert "and 10 more." in text


def test_named_subjects_are_shown_and_nothing_is_written(subject, written, capsys):
    subject("one", [GOOD])
    assert accuracy.main(["one"]) == 0
    assert "dates.csv" in capsys.readouterr().out
    assert not written.exists()


def test_without_lists_it_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CRMTOOL_DATA", str(tmp_path / "nowhere"))
    assert accuracy.main([]) == 1
    assert "CRMTOOL_DATA" in capsys.readouterr().err
