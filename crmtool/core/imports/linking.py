"""Stage four: which record a row is, which contact it belongs to, and whom it meets.

A row whose key the source has given before updates its record. Any other row becomes a record and a contact of its own;
where it shares a personal e-mail or a mobile number with someone, a rule's verdict joins the two if the names do not
contradict, and asks for review if they do. So linking can be taken back like any merge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings, golden, model
from crmtool.core.comparators import names
from crmtool.core.imports import cleaning
from crmtool.core.plans import Edit, edit

if TYPE_CHECKING:
    from crmtool.core.rules import Link

#: What the people behind channel values are known by.
PARTY = {
    "root_id": pl.Int64(),
    "kind": pl.String(),  # of the channel
    "value": pl.String(),
    "name": pl.String(),
    "given_name": pl.String(),
    "middle_name": pl.String(),
    "family_name": pl.String(),
}
_NAME = ("name", "given_name", "middle_name", "family_name")
_PAIR = {"left_id": pl.Int64(), "right_id": pl.Int64()}
_KEYS = ("given_key", "middle_key", "family_key")
FILLS = ',"fill":true}'  # how the text of such a record ends
#: A chain of joins longer than this is put to review, however strong each link looks.
_MAX_CLUSTER = 20


@dataclass(frozen=True)
class Met:
    """Rows told apart against the store.

    `fresh` and `updated` hold rows of `Checked.accepted` with `id` (of the record) and `contact_id`; `before` the
    table rows of the updated ones; `unchanged` counts the rest.
    """

    fresh: pl.DataFrame
    updated: pl.DataFrame
    before: pl.DataFrame
    unchanged: int


def met(
    accepted: pl.DataFrame, known: pl.DataFrame, next_record: int, next_contact: int, *, fills: bool = False
) -> Met:
    """Tell rows that are new from rows whose record is known and has changed.

    `known` holds rows of the table `record` of this source under the keys of `accepted`. With `fills`, records that
    only fill gaps stay such.
    """
    accepted = accepted.with_columns(clean=cleaning.encoded(accepted))
    old = known.select("source_key", "id", "contact_id", old_raw="raw", old_clean="clean")
    # only the key is joined: a join copies every column that goes through it
    found = accepted.select("source_key").join(old, on="source_key", how="left", maintain_order="left")
    joined = accepted.hstack(found.drop("source_key"))
    if fills:
        joined = _filling(joined)
    new = model.where(joined, pl.col("id").is_null())
    fresh = new.with_columns(
        id=pl.int_range(pl.len(), dtype=pl.Int64) + next_record,
        contact_id=pl.int_range(pl.len(), dtype=pl.Int64) + next_contact,
    )
    differs = (pl.col("raw") != pl.col("old_raw")) | (pl.col("clean") != pl.col("old_clean"))
    updated = joined.filter(pl.col("id").is_not_null() & differs).sort("id")
    before = known.join(updated.select("id"), on="id", how="semi").sort("id")
    return Met(
        fresh.drop("old_raw", "old_clean"), updated.drop("old_raw", "old_clean"), before, known.height - before.height
    )


def _filling(joined: pl.DataFrame) -> pl.DataFrame:
    stays = pl.col("old_clean").str.ends_with(FILLS).fill_null(value=False)
    return joined.with_columns(
        clean=pl.when(stays).then(filling()).otherwise("clean"), fill=pl.when(stays).then(pl.lit(value=True))
    )


def filling() -> pl.Expr:
    """Return the text of cleaned fields as that of a record that only fills gaps."""
    return (pl.col("clean").str.strip_suffix("}") + pl.lit(FILLS)).str.replace("{,", "{", literal=True)


def strong_channels(fresh: pl.DataFrame, rules: Link) -> pl.DataFrame:
    """Return the channel values by which new contacts may meet known ones, in the shape of `PARTY`.

    Who has no person's name goes by the company, as in the golden record: one mailbox may serve many organisations.
    """
    long = fresh.select("channels", root_id="contact_id").filter(pl.col("channels").list.len() > 0)
    long = long.explode("channels").unnest("channels")
    personal = (pl.col("kind") == "email") & (pl.col("type") == "personal")
    mobile = (pl.col("kind") == "phone") & (pl.col("type") == "mobile")
    wanted = {"email": personal, "mobile": mobile}
    strong = long.filter(pl.any_horizontal(pl.lit(False), *(wanted[name] for name in rules.channels)))
    called = fresh.select(
        "given_name",
        "middle_name",
        "family_name",
        root_id="contact_id",
        name=pl.coalesce("name", pl.when(_unsplit()).then("company")),
    )
    reached = strong.select("root_id", "kind", "value")
    return reached.join(called, on="root_id", how="left", maintain_order="left").select(*PARTY)


def verdicts(
    fresh: pl.DataFrame, strong: pl.DataFrame, holders: pl.DataFrame, rules: Link, apart: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the verdicts of the rule about new contacts, and the findings that tell of them.

    `strong` are the channels of the new contacts, `holders` the known contacts that have one of the same values, both
    in the shape of `PARTY`; `apart` has left_id and right_id of known contacts that a person said are different: no new
    contact may join both. Verdicts come as left_id, right_id, decision, by, reason.
    """
    everyone = pl.concat([holders.select(*PARTY), strong]).unique(["root_id", "kind", "value"], maintain_order=True)
    holding = everyone.group_by("kind", "value").agg(holders=pl.len())
    shared = holding.filter(pl.col("holders") > rules.max_shared)
    meeting = holding.filter(pl.col("holders").is_between(2, rules.max_shared))
    proving = everyone.join(meeting, on=["kind", "value"], how="semi", maintain_order="left")
    different = pl.DataFrame(schema=_PAIR) if apart is None else apart.select(*_PAIR)
    pairs = _judged(_pairs(proving.select("root_id", "kind", "value"), strong["root_id"]), proving, different)
    rows = fresh.select("contact_id", "row")
    common = strong.join(shared, on=["kind", "value"], how="semi").join(rows, left_on="root_id", right_on="contact_id")
    told = pairs.join(rows, left_on="right_id", right_on="contact_id").select(
        "row", "code", suggestion=pl.col("left_id").cast(pl.String)
    )
    said = findings.joined(
        findings.found(told), findings.found(common.select("row", "value", field="kind"), "link.shared")
    )
    return pairs.drop("code").with_columns(by=pl.lit("rule:import")), said


def _pairs(proving: pl.DataFrame, fresh: pl.Series) -> pl.DataFrame:
    """Return pairs with at least one new contact that share a value (columns left_id, right_id, shared)."""
    both = proving.join(proving, on=["kind", "value"], suffix="_right").filter(
        pl.col("root_id") < pl.col("root_id_right")
    )
    pairs = both.filter(pl.col("root_id_right").is_in(fresh.unique().implode()))
    return (
        pairs.group_by(left_id="root_id", right_id="root_id_right")
        .agg(shared=pl.col("kind").unique().sort())
        .sort("left_id", "right_id")
    )


def _judged(pairs: pl.DataFrame, parties: pl.DataFrame, apart: pl.DataFrame) -> pl.DataFrame:
    """Decide each pair: same, or unsure where names contradict, are missing beside a phone, or a cluster would.

    Returns left_id, right_id, decision, reason and the code of the finding.
    """
    keyed = _keyed(parties)
    fits = _compatible(pairs, keyed)
    by_mail = pl.col("shared").list.contains("email")
    what = pl.col("shared").list.join(" and ").str.replace("phone", "mobile number").str.replace("email", "e-mail")
    named = _alike_in_something(pairs, keyed)
    fitting = pairs.with_columns(fits=fits, proved=fits & (by_mail | named), what=what, named=named)
    odd = _contradicting(fitting.filter("proved"), keyed, apart)
    same = pl.col("proved") & ~pl.col("left_id").is_in(odd.implode())
    reason = (
        pl.when(same)
        .then(pl.format("the same {} and a compatible name", "what"))
        .when(~pl.col("fits"))
        .then(pl.format("the same {}, but the names differ", "what"))
        .when(~pl.col("named"))
        .then(pl.format("the same {}, but no part of the name known of both", "what"))
        .otherwise(pl.format("the same {}, but others who share it contradict", "what"))
    )
    decision = pl.when(same).then(pl.lit("same")).otherwise(pl.lit("unsure"))
    doubt = pl.when("fits").then(pl.lit("link.unproven")).otherwise(pl.lit("link.contradiction"))
    code = pl.when(same).then(pl.lit("link.joined")).otherwise(doubt)
    return fitting.select("left_id", "right_id", decision=decision, reason=reason, code=code)


def _keyed(parties: pl.DataFrame) -> pl.DataFrame:
    """Return the match keys of each party's name (columns root_id, given_key, middle_key, family_key)."""
    people = parties.unique("root_id", maintain_order=True)
    family = people.select(pl.coalesce("family_name", pl.when(_unsplit()).then("name"))).to_series()
    return people.select("root_id").with_columns(
        given_key=names.match_key(people["given_name"]),
        middle_key=names.match_key(people["middle_name"]),
        family_key=names.match_key(family),
    )


def _unsplit() -> pl.Expr:
    """Tell whether a name is not known in parts."""
    return pl.col("given_name").is_null() & pl.col("family_name").is_null()


def _compatible(pairs: pl.DataFrame, keyed: pl.DataFrame) -> pl.Series:
    left = pairs.select(root_id="left_id").join(keyed, on="root_id", how="left", maintain_order="left")
    right = pairs.select(root_id="right_id").join(keyed, on="root_id", how="left", maintain_order="left")
    return names.compatible(left, right)


def _alike_in_something(pairs: pl.DataFrame, keyed: pl.DataFrame) -> pl.Series:
    """Tell for each pair whether some part of the name is known of both: «Иван» and «Петров» prove nothing."""
    known = keyed.select("root_id", given=pl.col("given_key").is_not_null(), family=pl.col("family_key").is_not_null())
    both = pairs.join(known, left_on="left_id", right_on="root_id", how="left", maintain_order="left").join(
        known, left_on="right_id", right_on="root_id", how="left", maintain_order="left", suffix="_right"
    )
    shared = (pl.col("given") & pl.col("given_right")) | (pl.col("family") & pl.col("family_right"))
    return both.select(shared.alias("named")).to_series()


def _contradicting(joined: pl.DataFrame, keyed: pl.DataFrame, apart: pl.DataFrame) -> pl.Series:
    """Return the contacts of clusters in which some two members contradict or are `apart`, or that grow too large."""
    members = golden.roots(pl.concat([joined["left_id"], joined["right_id"]]).unique(), joined)
    sizes = members.with_columns(size=pl.len().over("root_id"))
    large = sizes.filter(pl.col("size") > _MAX_CLUSTER)["id"]
    some = sizes.filter(pl.col("size").is_between(3, _MAX_CLUSTER)).select("id", "root_id")
    every = some.join(some, on="root_id", suffix="_right").filter(pl.col("id") < pl.col("id_right"))
    pairs = every.select("root_id", left_id="id", right_id="id_right")
    judged = pairs.join(apart, on=["left_id", "right_id"], how="semi")
    wrong = pl.concat([pairs.filter(~_compatible(pairs, keyed))["root_id"], judged["root_id"]]).unique()
    return pl.concat([large, some.filter(pl.col("root_id").is_in(wrong.implode()))["id"]])


def record_edit(met: Met, source: str, file_id: int | None, number: int) -> Edit:
    """Return the edit of the table `record` for new and changed rows."""
    stamp = {"source": source, "file_id": file_id, "changeset_id": number}
    columns = [pl.lit(value).alias(name) for name, value in stamp.items()]
    chosen = ("id", "contact_id", "source_key", "row", "raw", "clean")
    return edit(
        "record",
        created=met.fresh.select(*chosen).with_columns(columns),
        updated=(met.before, met.updated.select(*chosen).with_columns(columns)),
    )


def as_records(rows: pl.DataFrame, source: str, number: int) -> pl.DataFrame:
    """Return accepted rows as `golden.Clusters.records` wants them."""
    stamp = {"changeset_id": pl.lit(number, pl.Int64), "origin": pl.lit(source)}
    return rows.select("id", "contact_id", *model.CLEAN, **stamp)


def tag_edit(rows: pl.DataFrame, known: pl.DataFrame, next_id: int, number: int) -> Edit:
    """Return the edit that gives contacts the tags of their rows; `known` holds the tags they have."""
    long = rows.select("contact_id", tag="tags").explode("tag").drop_nulls().unique(maintain_order=True)
    new = long.join(known, on=["contact_id", "tag"], how="anti", maintain_order="left")
    ids = pl.int_range(pl.len(), dtype=pl.Int64) + next_id
    return edit("contact_tag", created=new.with_columns(id=ids, changeset_id=pl.lit(number)))


def verification_edit(
    rows: pl.DataFrame, fields: tuple[str, ...], known: pl.DataFrame, source: str, next_id: int, number: int
) -> Edit:
    """Return the verifications that a file's own day of checking stands for, one per checked field and value."""
    dated = rows.filter(pl.col("verified_on").is_not_null()) if "verified_on" in rows.columns else rows.clear()
    parts = [_checked_values(dated, field) for field in fields] if dated.height else []
    key = ["contact_id", "field", "value", "on"]
    schema = {name: model.TABLES["verification"][name] for name in key}
    every = pl.concat([pl.DataFrame(schema=schema), *parts]).unique(maintain_order=True)
    new = every.join(known, on=key, how="anti", maintain_order="left").sort("contact_id", maintain_order=True)
    return edit(
        "verification",
        created=new.with_columns(
            id=pl.int_range(pl.len(), dtype=pl.Int64) + next_id,
            outcome=pl.lit("confirmed"),
            by=pl.lit(source),
            method=pl.lit("import"),
            changeset_id=pl.lit(number),
        ),
    )


def _checked_values(dated: pl.DataFrame, field: str) -> pl.DataFrame:
    """Return the values of one field that a dated row vouches for."""
    on = pl.col("verified_on").alias("on")
    if field not in model.CHANNELS:
        return dated.select("contact_id", pl.lit(field).alias("field"), pl.col(field).alias("value"), on).drop_nulls(
            "value"
        )
    long = dated.select("contact_id", "channels", on).filter(pl.col("channels").list.len() > 0).explode("channels")
    values = long.unnest("channels").filter(pl.col("kind") == field)
    return values.select("contact_id", pl.lit(field).alias("field"), "value", "on")
