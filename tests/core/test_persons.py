import polars as pl
import pytest

from crmtool.core import persons

OWN = pl.DataFrame(
    {
        "kind": ["email", "phone", "phone", "messenger"],
        "value": ["Anna@Pochta.example", "+79160000102", "+380671234567", "@anna_v"],
    }
)


@pytest.mark.parametrize(
    ("cell", "holds"),
    [
        ("anna@pochta.example", True),
        ("Анна <ANNA@pochta.example>, до обеда", True),
        ("joanna@pochta.example", False),
        ("anna@pochta.example.org", False),
        ("8 (916) 000-01-02", True),
        ("067 123-45-67; 050 765 43 21", True),
        ("+7 916 000 01 03", False),
        ("1234567", True),  # as it is dialled at home
        ("234567", False),
        ("@anna_v", True),
        ("Anna", False),
        ("", False),
    ],
)
def test_a_row_with_an_address_is_found_and_no_other(cell, holds):
    found = persons.mentioning(pl.DataFrame({"id": [5], "value": [cell]}), persons.marks(OWN))
    assert found.to_list() == ([5] if holds else [])


def test_nobody_without_addresses_is_found():
    nobody = persons.marks(OWN.clear())
    assert persons.mentioning(pl.DataFrame({"id": [1], "value": ["anna@pochta.example"]}), nobody).is_empty()
