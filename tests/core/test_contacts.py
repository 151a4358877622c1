"""What a person says by hand: a hand edit is a record of its own, tags are given once."""

import polars as pl

from crmtool.core import golden, model
from crmtool.core.contacts import plan_set, plan_tag
from crmtool.core.golden import Clusters
from crmtool.core.imports.cleaning import encoded
from crmtool.core.plans import Revision
from crmtool.core.rules import Fields, Rules, Survivorship

RULES = Rules(
    fingerprint="f",
    fields=Fields(field={}, identity=("name",)),
    survivorship=Survivorship(trust={"manual": 100}),
)
REVISION = Revision(4, "d")
NEXT = dict.fromkeys(model.TABLES, 50)
_RECORD = golden.records_of(model.empty("record")).schema


def by_hand(**fields):
    """A hand edit as cleaning leaves it: one row."""
    row = pl.DataFrame([fields], schema=model.CLEAN)
    return row.with_columns(encoded(row), raw=pl.lit("{}"), row=pl.lit(0, pl.Int64))


def imported():
    """Contact 1 with one record from a form."""
    row = {"id": 1, "contact_id": 1, "changeset_id": 1, "origin": "form", "given_name": "Ада", "city": "Київ"}
    bare = Clusters(
        model.empty("contact"), model.empty("channel"), pl.DataFrame([row], schema=_RECORD), model.empty("verdict")
    )
    contacts = golden.recomputed(pl.Series([1]), bare, RULES.survivorship, 1, 1)["contact"].created
    return Clusters(contacts, bare.channels, bare.records, bare.verdicts)


def set_(record, known, standing):
    return plan_set(1, record, known, standing, REVISION, RULES, NEXT)


def test_a_hand_edit_is_a_new_record_and_the_golden_record_follows():
    plan = set_(by_hand(city="Львів", source="call"), model.empty("record"), imported())
    columns = ("id", "contact_id", "source", "source_key", "file_id", "changeset_id")
    assert plan.edits["record"].created.select(columns).rows() == [(50, 1, "manual", "contact 1", None, 5)]
    after = plan.edits["contact"].after.row(0, named=True)
    assert (after["city"], after["given_name"], after["name"], after["source"]) == ("Львів", "Ада", "Ада", "call")


def known_after(plan, standing):
    """Return the hand-made record and the clusters as the plan leaves them."""
    record = plan.edits["record"].created
    records = pl.concat([standing.records, golden.records_of(record)])
    return record, Clusters(plan.edits["contact"].after, standing.channels, records, standing.verdicts)


def test_a_second_hand_edit_updates_the_first():
    record, standing = known_after(set_(by_hand(city="Львів"), model.empty("record"), imported()), imported())
    plan = set_(by_hand(city="Одеса"), record, standing)
    change = plan.edits["record"]
    assert (change.created.height, change.after["id"].to_list()) == (0, [50])
    assert plan.edits["contact"].after["city"].to_list() == ["Одеса"]


def test_saying_the_same_again_changes_nothing():
    record, standing = known_after(set_(by_hand(city="Львів"), model.empty("record"), imported()), imported())
    assert set_(by_hand(city="Львів"), record, standing).is_empty


def test_a_contact_gets_the_tags_it_lacks_in_the_order_given():
    known = pl.DataFrame({"tag": ["vip"]})
    plan = plan_tag(7, ["new", "vip", "expo", "new"], known, REVISION, "f", 3)
    assert plan.edits["contact_tag"].created.rows() == [(3, 7, "new", 5), (4, 7, "expo", 5)]


def test_tags_by_hand_are_written_as_the_dictionary_does_and_strange_ones_are_told_of():
    plan = plan_tag(7, ["ВИП", "expo"], pl.DataFrame({"tag": ["x"]}), REVISION, "f", 3, {"вип": "vip", "vip": "vip"})
    assert plan.edits["contact_tag"].created["tag"].to_list() == ["vip", "expo"]
    assert plan.findings.select("field", "value", "code").rows() == [("tags", "expo", "tag.unknown")]


def test_tags_a_contact_has_are_no_change():
    assert plan_tag(7, ["vip"], pl.DataFrame({"tag": ["vip"]}), REVISION, "f", 3).is_empty
    assert plan_tag(7, [], pl.DataFrame({"tag": []}, schema={"tag": pl.String}), REVISION, "f", 3).is_empty
