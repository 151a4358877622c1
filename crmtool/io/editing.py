"""Hand edits from what was typed to a plan: each value cleaned like one of a file, beside what was said before.

The way of `contacts set`, of choices at a merge, and of sheets that come back.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core import contacts, findings, model
from crmtool.core.errors import UsageError
from crmtool.core.imports import cleaning
from crmtool.core.imports.mapping import Mapped
from crmtool.core.rules import SourceMapping, field_of
from crmtool.io import gathering

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crmtool.core.plans import Plan
    from crmtool.core.rules import Rules
    from crmtool.io.store import Store

    #: Root contact -> field -> value as typed.
    Wanted = Mapping[int, Mapping[str, str]]

#: Fields that rows of a file may have and a hand edit may not.
_NOT_BY_HAND = {"key", "tags", "verified_on"}
_RECORD = {"contact_id": pl.Int64(), "raw": pl.String(), "clean": pl.String(), **model.CLEAN}


class Said(NamedTuple):
    """Hand edits as `core.hand_edits` wants them, and what there is to say of the values that were typed.

    `said` has contact_id, raw, clean and the columns of `model.CLEAN`; `known` rows of the table `record`; `findings`
    has the contact as `row`; notes are left out.
    """

    said: pl.DataFrame
    known: pl.DataFrame
    findings: pl.DataFrame


def planned(store: Store, rules: Rules, command: str, wanted: Wanted) -> Plan:
    """Return the plan of some hand edits. Raises UsageError for unknown fields and for unusable values."""
    with store.reading():
        done = said(store, rules, wanted)
        _usable(done.findings)
        around = gathering.clusters(store, list(wanted))
        return contacts.plan_edits(command, done.said, done.known, around, store.revision(), rules, store.next_ids())


def cleaned(rules: Rules, raw: Mapping[str, str], given: Iterable[str]) -> pl.DataFrame:
    """Return what is said by hand of somebody as one record (raw, clean, and the columns of `model.CLEAN`).

    Raises UsageError for unknown fields, and where one of those `given` is no usable value.
    """
    _settable(raw, rules)
    done = _cleaned({0: dict.fromkeys(given, "")}, [dict(raw)], model.empty("record"), rules)
    _usable(done.findings)
    return done.said.drop("contact_id")


def said(store: Store, rules: Rules, wanted: Wanted) -> Said:
    """Return hand edits with what was said by hand before, cleaned. Raises UsageError for unknown fields."""
    if not wanted:
        return Said(pl.DataFrame(schema=_RECORD), model.empty("record"), findings.empty())
    fields = list(dict.fromkeys(field for given in wanted.values() for field in given))
    _settable(fields, rules)
    ids = list(wanted)
    own = store.snapshot("record", where="contact_id", keys=ids)
    known = own.filter(pl.col("source") == model.MANUAL)
    before = dict(known.select("contact_id", "raw").iter_rows())
    golden = {row["id"]: row for row in store.snapshot("contact", where="id", keys=ids).iter_rows(named=True)}
    raws = [
        {**json.loads(before.get(contact) or "{}"), **_whole_name(given, golden[contact]), **given}
        for contact, given in wanted.items()
    ]
    return _cleaned(wanted, raws, known, rules)


def _usable(found: pl.DataFrame) -> None:
    for wrong in found.to_dicts():
        what = findings.message(wrong["code"], wrong["suggestion"]).partition("; kept in the record")[0]
        better = "with + and the code of its country" if wrong["code"] == "phone.ambiguous" else "as it should be"
        raise UsageError(
            f"{wrong['column']}={wrong['value']} {what}.", f"Nothing was changed. Give the value {better}."
        )


def _settable(fields: Iterable[str], rules: Rules) -> None:
    known = {*rules.fields.field} - _NOT_BY_HAND
    for field in fields:
        if field not in known and field_of(field) not in model.CHANNELS and field != "name":
            raise UsageError(f"There is no field {field!r} to set.", f"Known are: {', '.join(sorted(known))}")


def _whole_name(given: Mapping[str, str], golden: Mapping[str, str | None]) -> dict[str, str]:
    """Return the name as it is, when a part of it is set: a name survives as a whole."""
    if not set(given) & set(model.NAME_PARTS):
        return {}
    parts = {part: text for part in model.NAME_PARTS if (text := golden[part])}
    unsplit = not (golden["given_name"] or golden["family_name"]) and golden["kind"] == "person" and golden["name"]
    return parts | ({"name": unsplit} if unsplit else {})


def _cleaned(wanted: Wanted, raws: list[dict[str, str]], known: pl.DataFrame, rules: Rules) -> Said:
    fields = list(dict.fromkeys(field for raw in raws for field in raw))
    ids = pl.Series("contact_id", list(wanted), dtype=pl.Int64)
    cells = pl.DataFrame(
        {name: [raw.get(name) for raw in raws] for name in fields}, schema=dict.fromkeys(fields, pl.String())
    )
    synonyms = {name: vocabulary.index for name, vocabulary in rules.vocabularies.items()}
    done = cleaning.cleaned(cells, ids, _by_hand(fields), rules, synonyms)
    records = done.records.with_columns(ids, clean=cleaning.encoded(done.records))
    told = done.findings.filter(pl.col("severity") != findings.NOTE)
    asked = pl.DataFrame(
        [(contact, field) for contact, given in wanted.items() for field in given],
        schema={"row": pl.Int64(), "column": pl.String()},
        orient="row",
    )
    return Said(records, known, told.join(asked, on=["row", "column"], how="semi", maintain_order="left"))


def _by_hand(fields: Iterable[str]) -> Mapped:
    """Return the mapping of a hand edit: every field is itself."""
    rule = SourceMapping(title="by hand", source=model.MANUAL)
    return Mapped("by hand", model.MANUAL, {field: field for field in fields}, {}, rule, (), findings.empty())
