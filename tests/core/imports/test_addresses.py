"""Parts of one address belong together; parts of different ones never mix."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from crmtool.core.imports.addresses import chosen, units


def parts(**columns):
    return [(name, pl.Series(values, dtype=pl.String)) for name, values in columns.items()]


def rows(addresses):
    return {name: values.to_list() for name, values in chosen(addresses).items()}


def test_a_mapping_tells_addresses_apart_by_labels_and_numbers():
    columns = {"Home town": "city.home", "Town": "city", "Street 2": "address", "Town 2": "city", "Fax": "phone.fax"}
    assert units(columns, ["Home town", "Town", "Street *", "Town *"]) == {
        "Home town": "home",
        "Town": "",
        "Street 2": "2",
        "Town 2": "2",
    }


def test_headings_tell_addresses_apart_where_a_part_has_several_columns():
    columns = {"Home City": "city", "Home Street 2": "address", "Work City": "city", "Country": "country"}
    assert units(columns, []) == {"Home City": "home", "Home Street 2": "home", "Work City": "work", "Country": ""}


def test_one_column_for_each_part_is_one_address_whatever_the_headings_say():
    assert units({"Город": "city", "Адрес доставки": "address"}, []) == {"Город": "", "Адрес доставки": ""}


def test_a_number_tells_addresses_apart_only_where_a_city_has_it():
    both = {"City 1": "city", "City 2": "city", "Street 2": "address"}
    assert units(both, []) == {"City 1": "1", "City 2": "2", "Street 2": "2"}
    lines = {"City": "city", "Street": "address", "Street 2": "address"}
    assert units(lines, []) == {"City": "", "Street": "", "Street 2": ""}


def test_the_first_address_with_a_place_counts_whole():
    first, second = parts(country=["UA", "UA"], city=[None, "Львів"]), parts(city=["Київ", "Київ"], address=["А", "А"])
    assert rows([first, second]) == {"country": [None, "UA"], "city": ["Київ", "Львів"], "address": ["А", None]}


def test_without_a_place_the_first_address_with_anything_counts():
    assert rows([parts(city=[None]), parts(country=["UA"])]) == {"country": ["UA"], "city": [None]}


CELLS = st.lists(st.sampled_from([None, "a"]), min_size=3, max_size=3)


@given(st.lists(st.fixed_dictionaries({"city": CELLS, "postcode": CELLS, "country": CELLS}), min_size=1, max_size=3))
def test_no_address_is_made_of_two(given_cells):
    named = [
        parts(**{name: [cell and f"{cell}{n}" for cell in cells] for name, cells in address.items()})
        for n, address in enumerate(given_cells)
    ]
    found = chosen(named)
    for row in range(3):
        assert len({values[row][-1] for values in found.values() if values[row]}) <= 1
