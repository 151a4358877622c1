"""Mappings that are made when they are asked for."""

from __future__ import annotations

import pytest

from crmtool.io.deferring import Deferred, Shelf


def test_a_mapping_is_made_once_and_not_before_it_is_asked():
    made = []
    later = Deferred(lambda: made.append(1) or {"a": 1, "b": 2})
    assert not made
    assert (later["a"], "b" in later, "c" in later, [*later], len(later)) == (1, True, False, ["a", "b"], 2)
    assert made == [1]
    assert later == {"a": 1, "b": 2}


def test_of_a_shelf_only_what_is_asked_for_is_read():
    read = []
    shelf = Shelf({"a", "b"}, lambda name: read.append(name) or name.upper())
    assert (len(shelf), sorted(shelf), shelf.get("c"), read) == (2, ["a", "b"], None, [])
    assert (shelf["b"], read) == ("B", ["b"])
    with pytest.raises(KeyError):
        shelf["c"]
