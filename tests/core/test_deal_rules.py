"""Stages of deals stand in one state; what does not fit is refused."""

import pytest
from pydantic import ValidationError

from crmtool.core.deal_rules import Deals


def test_each_stage_has_its_state():
    deals = Deals(open=("offer", "payment"), won=("won", "client"), lost=("lost",))
    assert deals.states() == {
        "offer": "open",
        "payment": "open",
        "won": "won",
        "client": "won",
        "lost": "lost",
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"open": ["won"]}, "either open, won or lost: won"),
        ({"chance": {"lost": 0.5}}, "only open stages have a chance: lost"),
        ({"currency": "rubles"}, "currency"),
        ({"open": ["offer"], "chance": {"offer": 1.5}}, "less than or equal to 1"),
    ],
)
def test_what_makes_no_sense_is_refused(given, said):
    with pytest.raises(ValidationError, match=said):
        Deals.model_validate(given)
