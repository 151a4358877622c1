"""Reads from the store what the pure stages ask for: whole clusters, and the people behind channel values."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import golden, model
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crmtool.core.rules import Rules
    from crmtool.core.survivorship_rules import Survivorship
    from crmtool.io.store import Store


def roots_of(store: Store, ids: Iterable[int]) -> pl.DataFrame:
    """Return where contacts lead (columns id, root_id); ids that do not exist are absent."""
    return store.snapshot("contact", ["id", "root_id"], where="id", keys=ids)


def root_of(store: Store, contact: int) -> int:
    """Return the contact that carries the golden record. Raises UsageError when there is none."""
    found = roots_of(store, [contact])["root_id"]
    if found.is_empty():
        raise UsageError(f"There is no contact {contact}.", "Find it with: crmtool contacts find TEXT")
    return int(found[0])


def clusters(store: Store, ids: Iterable[int], rules: Survivorship | None = None) -> golden.Clusters:
    """Return the whole clusters that some contacts belong to.

    Verifications are read unless `rules` are given that do not ask for them.
    """
    contacts = store.snapshot("contact", where="root_id", keys=roots_of(store, ids)["root_id"].unique())
    members, asked = contacts["id"], rules is None or rules.asks_checks
    return golden.Clusters(
        contacts,
        store.snapshot("channel", where="contact_id", keys=members),
        golden.records_of(store.snapshot("record", where="contact_id", keys=members)),
        _holding(store, members),
        store.snapshot("verification", where="contact_id", keys=members if asked else members.clear()),
    )


def _holding(store: Store, contacts: pl.Series) -> pl.DataFrame:
    """Return the verdicts on contacts that hold."""
    columns = ", ".join(f'"{name}"' for name in model.TABLES["verdict"])
    sql = f"""WITH k AS MATERIALIZED (SELECT value FROM json_each(?))
              SELECT {columns} FROM verdict WHERE retracted_in IS NULL AND id IN (
                  SELECT v.id FROM k CROSS JOIN verdict v ON v.left_id = k.value
                  UNION SELECT v.id FROM k CROSS JOIN verdict v ON v.right_id = k.value) ORDER BY id"""
    return store.query(sql, [json.dumps(contacts.to_list())], model.TABLES["verdict"])


def holders(store: Store, values: pl.DataFrame) -> pl.DataFrame:
    """Return the known contacts that have one of some channel values (`values`: kind, value), as `linking.PARTY`."""
    from crmtool.core.imports.linking import PARTY

    # a contact shown under its company has no name of its own
    columns = "CASE WHEN c.name IS NOT c.company THEN c.name END AS name, c.given_name, c.middle_name, c.family_name"
    sql = f"""SELECT DISTINCT n.root_id, h.kind, h.value, {columns}
              FROM json_each(?) k CROSS JOIN channel h ON h.kind = ? AND h.value = k.value
              JOIN contact n ON n.id = h.contact_id JOIN contact c ON c.id = n.root_id"""
    found = [
        store.query(sql, [json.dumps(part["value"].unique().to_list()), kind], PARTY)
        for (kind,), part in values.group_by("kind", maintain_order=True)
    ]
    return pl.concat([pl.DataFrame(schema=PARTY), *found])


def holding(store: Store, wanted: Mapping[str, pl.Series]) -> pl.DataFrame:
    """Return who holds values of fields or channels (`wanted`: field -> values), as `uniqueness.HOLDERS`."""
    from crmtool.core.imports.uniqueness import HOLDERS
    from crmtool.core.rules import field_of, label_of

    found = [pl.DataFrame(schema=HOLDERS)]
    for name, values in wanted.items():
        kind, keys = field_of(name), json.dumps(values.to_list())
        if kind in model.CHANNELS:
            sql = """SELECT DISTINCT ? AS field, h.value, n.root_id FROM json_each(?) k
                     CROSS JOIN channel h ON h.kind = ? AND h.value = k.value AND (? IS NULL OR h.label = ?)
                     JOIN contact n ON n.id = h.contact_id ORDER BY 2, 3"""
            found.append(store.query(sql, [name, keys, kind, *[label_of(name)] * 2], HOLDERS))
        else:
            sql = f"""SELECT ? AS field, "{model.FIELDS[model.FIELDS.index(name)]}" AS value, root_id FROM contact
                      WHERE id = root_id AND value IN (SELECT value FROM json_each(?)) ORDER BY 2, 3"""
            found.append(store.query(sql, [name, keys], HOLDERS))
    return pl.concat(found)


def at_domains(store: Store, domains: pl.Series) -> pl.DataFrame:
    """Return who of known company has an e-mail or web address at some domains (columns address, company)."""
    hosts = [prefix + host for host in domains.to_list() for prefix in ("", "https://", "http://")]
    sql = """SELECT h.value, n.company FROM channel h JOIN contact c ON c.id = h.contact_id
             JOIN contact n ON n.id = c.root_id
             WHERE h.kind = 'email' AND n.company IS NOT NULL
             AND substr(h.value, instr(h.value, '@') + 1) IN (SELECT value FROM json_each(?))
             UNION ALL
             SELECT h.value, n.company FROM json_each(?) k CROSS JOIN channel h
             ON h.kind = 'site' AND h.value >= k.value AND h.value < k.value || '0'
             JOIN contact c ON c.id = h.contact_id JOIN contact n ON n.id = c.root_id WHERE n.company IS NOT NULL"""
    keys = [json.dumps(domains.to_list()), json.dumps(hosts)]
    return store.query(sql, keys, {"address": pl.String(), "company": pl.String()})


def apart(store: Store, roots: pl.Series) -> pl.DataFrame:
    """Return the pairs among some root contacts that a verdict keeps apart (columns left_id < right_id)."""
    sql = """SELECT DISTINCT min(a.root_id, b.root_id), max(a.root_id, b.root_id)
             FROM json_each(?) k CROSS JOIN contact a ON a.root_id = k.value
             JOIN verdict v ON v.left_id = a.id JOIN contact b ON b.id = v.right_id
             WHERE v.decision = 'different' AND v.retracted_in IS NULL"""
    pairs = store.query(sql, [json.dumps(roots.to_list())], {"left_id": pl.Int64(), "right_id": pl.Int64()})
    return pairs.filter(pl.col("left_id").is_in(roots.implode()) & pl.col("right_id").is_in(roots.implode()))


#: Of root contacts: what they are compared by.
_COMPARED = (
    "name",
    "given_name",
    "middle_name",
    "family_name",
    "birthday",
    "company",
    "job_title",
    "city",
    "postcode",
    "address",
    "tax_id",
)
#: Stands in the display name, and is nobody's name: two doctors have no middle name in common.
_ADDRESSED = ("prefix", "suffix")


def forms(rules: Rules) -> Mapping[str, str]:
    """Return the vocabulary of legal forms, that of the field company: folded synonym -> form."""
    company = rules.fields.field.get("company")
    known = rules.vocabularies.get(company.vocabulary) if company and company.vocabulary else None
    return known.index if known else {}


def parties(store: Store, forms: Mapping[str, str], ids: pl.Series | None = None) -> pl.DataFrame:
    """Return all root contacts as parties to be matched: id, kind, fields, and of each kind of channel all values.

    With `ids` only those of them that are roots. `forms` is the vocabulary of legal forms, see `companies.apart`.
    """
    where = "id" if ids is not None else None
    people = store.snapshot("contact", ["id", "root_id", "kind", *_COMPARED, *_ADDRESSED], where=where, keys=ids)
    roots = people.filter(pl.col("id") == pl.col("root_id")).drop("root_id").sort("id")
    types = {"id": pl.Int64(), "kind": pl.String(), "value": pl.String()}
    sql = "SELECT n.root_id, h.kind, h.value FROM channel h JOIN contact n ON n.id = h.contact_id ORDER BY h.id"
    if ids is not None:
        sql = """SELECT n.root_id, h.kind, h.value FROM json_each(?) k CROSS JOIN contact n ON n.root_id = k.value
                 JOIN channel h ON h.contact_id = n.id ORDER BY h.id"""
    return _reached(roots, store.query(sql, [] if ids is None else [json.dumps(roots["id"].to_list())], types), forms)


def parted(store: Store, ids: pl.Series, rules: Survivorship, forms: Mapping[str, str]) -> pl.DataFrame:
    """Return some contacts as they were alone, without anybody they were joined with; columns as of `parties`."""
    known = clusters(store, ids)
    free = replace(known, verdicts=known.verdicts.clear())
    changed = golden.recomputed(known.contacts["id"], free, rules, 0, 1)["contact"].after
    alone = pl.concat([known.contacts.join(changed, on="id", how="anti"), changed])
    chosen = alone.filter(pl.col("id").is_in(ids.implode())).sort("id").select("id", "kind", *_COMPARED, *_ADDRESSED)
    return _reached(chosen, known.channels.sort("id").select("kind", "value", id="contact_id"), forms)


def _reached(contacts: pl.DataFrame, channels: pl.DataFrame, forms: Mapping[str, str]) -> pl.DataFrame:
    """Return contacts by their bare names, with lists of channels (`channels`: id of the contact, kind, value)."""
    from crmtool.core.duplicates import companies

    before = pl.coalesce(pl.col("prefix") + " ", pl.lit(""))
    after = pl.coalesce(" " + pl.col("suffix"), pl.lit(""))
    bare = pl.col("name").str.strip_prefix(before).str.strip_suffix(after)
    contacts = contacts.with_columns(name=bare).drop(*_ADDRESSED)
    for kind in model.CHANNELS:
        lists = channels.filter(pl.col("kind") == kind).group_by("id").agg(pl.col("value").alias(kind))
        contacts = contacts.join(lists, on="id", how="left", maintain_order="left")
    is_company = pl.col("kind") == "company"
    people = companies.employed(contacts.filter(~is_company), forms)
    firms = companies.apart(contacts.filter(is_company), forms)
    return pl.concat([people, firms], how="diagonal").sort("id")
