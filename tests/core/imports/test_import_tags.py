"""Tags of a list: as the dictionary writes them, and any other as it is."""

import polars as pl
import pytest
from pydantic import ValidationError

from crmtool.core.imports import tags
from crmtool.core.rules import SourceMapping
from crmtool.core.tag_rules import Tag, Tags

DICTIONARY = Tags(tag={"vip": Tag(synonyms=("вип", "Key client")), "expo 25": Tag()}).names()
ROWS = pl.Series("row", [2, 3, 4])


def given(*texts, **rule):
    listed = pl.DataFrame({"row": ROWS.head(len(texts)), "tags": texts}, schema_overrides={"tags": pl.String})
    cells = pl.DataFrame({"S": ["", "gold", ""]})
    return tags.tags(cells, ROWS, [listed], SourceMapping(title="x", source="x", columns={}, **rule), DICTIONARY)


def test_a_tag_is_given_as_the_dictionary_writes_it_and_once():
    found = given("ВИП, vip,key  client", "Expo 25, опт", None)
    assert found.rows() == [(2, ["vip"]), (3, ["expo 25", "опт"])]


def test_tags_that_a_mapping_gives_go_through_the_dictionary_too():
    found = given(tags=("VIP",), tagging=({"column": "S", "equals": ["gold"], "tags": ["EXPO 25"]},))
    assert found.rows() == [(2, ["vip"]), (3, ["vip", "expo 25"]), (4, ["vip"])]


def test_a_tag_that_is_not_in_the_dictionary_is_told_of_once_in_a_row():
    listed = pl.DataFrame({"row": ROWS, "tags": ["ВИП, опт, опт", '"опт",', None]})
    found = tags.unknown(listed, "Теги", DICTIONARY).select("row", "column", "field", "value", "code")
    assert found.rows() == [(row, "Теги", "tags", "опт", "tag.unknown") for row in (2, 3)]
    assert tags.unknown(listed, "Теги", {}).is_empty()


def test_a_word_belongs_to_one_tag():
    with pytest.raises(ValidationError, match="claim the same word: vip"):
        Tags(tag={"vip": Tag(), "key": Tag(synonyms=("VIP",))})
