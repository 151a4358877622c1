"""Likeness of words."""

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from crmtool.core.normalizers.nearness import distance, nearest, one_off

WORDS = st.text(alphabet="абвxy", max_size=8)


@given(WORDS, WORDS)
def test_distance_is_symmetric_and_zero_for_the_same_alone(one, other):
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)
    assert distance(one, other) == OSA.distance(one, other) <= max(len(one), len(other))


@given(st.lists(WORDS, max_size=5, unique=True), st.lists(WORDS, max_size=5, unique=True))
def test_one_off_is_a_distance_of_one_to_one_value(words, names):
    index = {name: name for name in names}
    near = {w: [n for n in names if distance(w, n) == 1 and len(n) > 3] for w in words if len(w) > 3}
    assert one_off(words, index) == {word: found[0] for word, found in near.items() if len(found) == 1}


def test_the_nearest_come_first():
    index = {"звонок": "call", "рекомендация": "recommendation", "рекомендації": "recommendation", "сайт": "website"}
    found = nearest("рекомендацыя", index)
    assert [near.canonical for near in found][:1] == ["recommendation"]
    assert found[0].likeness > 0.9
    assert nearest("", index) == []
