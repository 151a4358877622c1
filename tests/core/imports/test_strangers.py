"""Who comes under the key of somebody else."""

import polars as pl
import pytest

from crmtool.core import model
from crmtool.core.imports.cleaning import encoded
from crmtool.core.imports.strangers import strangers


def row(email=None, **said):
    channels = [{"kind": "email", "value": email, "label": None, "extension": None, "type": None}] if email else []
    return {**dict.fromkeys(model.CLEAN), "channels": channels, **said}


def frame(*rows):
    return pl.DataFrame(rows, schema=dict(model.CLEAN))


ANNA = row("anna@poshta.example", given_name="Анна", family_name="Соколова", birthday="1990-01-02")


@pytest.mark.parametrize(
    ("new", "other"),
    [
        (row("boris@firm.example", given_name="Boris", family_name="Lang"), True),
        (row("anna.koval@firm.example", given_name="Анна", family_name="Коваль"), False),
        (row("a@firm.example", given_name="Anna", family_name="Sokolova"), False),
        (row("anna@poshta.example", given_name="Boris", family_name="Lang"), False),
        (row("b@firm.example", given_name="Boris", family_name="Lang", birthday="1990-01-02"), False),
        (row("b@firm.example"), False),
        (row(company="ТОВ «Мрія»"), True),
    ],
)
def test_who_shares_nothing_is_somebody_else(new, other):
    known = frame(ANNA)
    clean = known.select(encoded(known).alias("clean"))["clean"]
    assert strangers(frame(new), clean).to_list() == [other]


def test_a_row_without_a_record_beside_it_is_nobody_else():
    assert strangers(frame(ANNA, ANNA), pl.Series([None, None], dtype=pl.String)).to_list() == [False, False]
