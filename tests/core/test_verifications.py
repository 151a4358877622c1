"""Verifications are kept as said, once."""

import polars as pl

from crmtool.core import golden, model, verifications
from crmtool.core.plans import Revision
from crmtool.core.rules import Fields, Rules, Survivorship

RULES = Rules(fingerprint="f", fields=Fields(field={}, identity=("name",)), survivorship=Survivorship(trust={}))
NEXT = {**dict.fromkeys(model.TABLES, 50), "verification": 9}
SAID = {
    "contact_id": 7,
    "field": "email",
    "value": "a@x.ua",
    "outcome": "wrong",
    "on": "2026-11-21",
    "by": "olha",
    "method": "call",
}
NOBODY = golden.Clusters(*(model.empty(table) for table in ("contact", "channel", "record", "verdict")))


def planned(rows, known):
    said = pl.DataFrame(rows, schema=verifications.SAID)
    return verifications.plan_verifications("verify", said, known, Revision(4, "d"), RULES, NEXT, NOBODY)


def test_a_verification_is_kept_as_said_and_once():
    plan = planned([SAID, SAID], model.empty("verification"))
    created = plan.edits["verification"].created
    assert created.to_dicts() == [{"id": 9, **SAID, "changeset_id": 5}]
    assert planned([SAID], created).is_empty
