"""A whole import as one plan: ids in the order of the file, facts and what is computed from them."""

import polars as pl
import pytest

from crmtool.core import findings, golden, model
from crmtool.core.freshness_rules import Check, Freshness
from crmtool.core.golden import Clusters
from crmtool.core.imports import cleaning
from crmtool.core.imports.linking import met
from crmtool.core.imports.planning import Incoming, Standing, plan_import
from crmtool.core.plans import Revision, digest
from crmtool.core.rules import Fields, Rules

RULES = Rules(
    fingerprint="f",
    fields=Fields(field={}, identity=("name",)),
    freshness=Freshness(check=(Check(field="email", owner="ops", every_months=6, how="letter"),)),
)
FILE = {"name": "people.csv", "sha256": "0" * 64, "source": "crm", "mapping": "m", "encoding": "utf-8", "columns": "{}"}
_ROW = {
    "row": pl.Int64(),
    "source_key": pl.String(),
    "raw": pl.String(),
    **model.CLEAN,
    "tags": pl.List(pl.String()),
    "verified_on": pl.String(),
}
_VERDICT = ("left_id", "right_id", "decision", "by", "reason")
_REJECT = {"row": pl.Int64, "raw": pl.String, "reasons": pl.String}
_TAG = {"contact_id": pl.Int64, "tag": pl.String}
_CHECKED = {"contact_id": pl.Int64, "field": pl.String, "value": pl.String, "on": pl.String}
EMPTY = Clusters(
    model.empty("contact"), model.empty("channel"), golden.records_of(model.empty("record")), model.empty("verdict")
)


def accepted(*rows):
    usual = [{"row": n, "source_key": f"k{n}", "raw": f'{{"n":"{n}"}}', **row} for n, row in enumerate(rows, 2)]
    return pl.DataFrame(usual, schema=_ROW)


def planned(rows, known=None, verdicts=(), rejected=(), clusters=EMPTY, number=3, **next_ids):
    ids = dict.fromkeys(model.TABLES, 10) | next_ids
    incoming = Incoming(
        FILE,
        met(rows, model.empty("record") if known is None else known, ids["record"], ids["contact"]),
        pl.DataFrame(list(verdicts), schema={n: model.TABLES["verdict"][n] for n in _VERDICT}, orient="row"),
        pl.DataFrame(list(rejected), schema=_REJECT, orient="row"),
        findings.empty(),
        {"file": "people.csv"},
    )
    standing = Standing(Revision(number, "d"), ids, clusters, pl.DataFrame(schema=_TAG), pl.DataFrame(schema=_CHECKED))
    return plan_import("import people.csv", incoming, standing, RULES)


ADA = {"given_name": "Ада", "channels": [{"kind": "email", "value": "a@x.ua", "type": "personal"}]}
EVA = {"given_name": "Ева", "city": "Київ", "tags": ["vip"], "verified_on": "2026-10-01"}


def test_each_new_row_becomes_a_record_and_a_contact_in_the_order_of_the_file():
    plan = planned(accepted(ADA, EVA), record=5, contact=8, channel=4)
    edits = plan.edits
    assert edits["record"].created.select("id", "contact_id", "source", "file_id", "row").rows() == [
        (5, 8, "crm", 10, 2),
        (6, 9, "crm", 10, 3),
    ]
    assert edits["contact"].created.select("id", "root_id", "name", "email").rows() == [
        (8, 8, "Ада", "a@x.ua"),
        (9, 9, "Ева", None),
    ]
    assert edits["channel"].created.select("id", "contact_id", "value").rows() == [(4, 8, "a@x.ua")]
    assert edits["contact_tag"].created.select("contact_id", "tag").rows() == [(9, "vip")]
    assert edits["file"].created.select("id", "name", "source").rows() == [(10, "people.csv", "crm")]
    stamps = {frame["changeset_id"].unique().to_list()[0] for edit in edits.values() if (frame := edit.created).height}
    assert stamps == {4}


def test_a_verdict_of_the_rule_joins_in_the_same_plan():
    plan = planned(accepted(ADA, ADA), verdicts=[(10, 11, "same", "rule:import", "why")])
    assert plan.edits["verdict"].created.select("id", *_VERDICT).rows() == [
        (10, 10, 11, "same", "rule:import", "why"),
    ]
    assert plan.edits["contact"].created.select("id", "root_id", "name").rows() == [(10, 10, "Ада"), (11, 10, None)]


def test_a_dated_row_verifies_what_the_regulation_checks():
    plan = planned(accepted({**ADA, "verified_on": "2026-10-01"}, EVA))
    assert plan.edits["verification"].created.select("contact_id", "field", "value", "on").rows() == [
        (10, "email", "a@x.ua", "2026-10-01")
    ]


def test_rejected_rows_are_kept_with_their_reasons():
    plan = planned(accepted(), rejected=[(7, "{}", "row.empty")])
    assert plan.edits["reject"].created.select("id", "file_id", "row", "raw", "reasons").rows() == [
        (10, 10, 7, "{}", "row.empty")
    ]
    assert plan.edits["file"].created.height == 1


def after_import(rows):
    """Return the records, and the clusters, as an import of `rows` leaves them."""
    edits = planned(rows).edits
    records = edits["record"].created
    contacts, channels = edits["contact"].created, edits["channel"].created
    return records, Clusters(contacts, channels, golden.records_of(records), model.empty("verdict"))


def test_the_same_file_again_is_an_empty_plan():
    records, clusters = after_import(accepted(ADA, {"city": "Київ"}))
    assert planned(accepted(ADA, {"city": "Київ"}), known=records, clusters=clusters, number=4).is_empty


def test_a_changed_row_updates_its_record_and_its_contact_alone():
    records, clusters = after_import(accepted(ADA, EVA))
    new = accepted(ADA, {**EVA, "city": "Львів"})
    plan = planned(new, known=records, clusters=clusters, number=4, record=12, contact=12, channel=12, file=11)
    assert plan.edits["record"].after.select("id", "file_id", "changeset_id").rows() == [(11, 11, 5)]
    assert plan.edits["contact"].after.select("id", "city").rows() == [(11, "Львів")]
    assert plan.edits["channel"].size == 0
    assert all(edit.removed.height == 0 for edit in plan.edits.values())


def test_no_rows_are_an_empty_plan():
    assert planned(accepted()).is_empty


def test_the_same_input_gives_the_same_plan_byte_for_byte():
    one, other = (planned(accepted(ADA, EVA, ADA), verdicts=[(10, 12, "same", "rule:import", "r")]) for _ in range(2))
    assert digest(one) == digest(other)


@pytest.mark.parametrize("fields", [{}, {"channels": []}, {"custom": [{"field": "nps", "value": "9"}]}])
def test_rows_with_little_to_say_are_contacts_all_the_same(fields):
    plan = planned(accepted(fields))
    assert plan.edits["contact"].created.height == 1
    assert cleaning.encoded(accepted(fields)).to_list() == plan.edits["record"].created["clean"].to_list()
