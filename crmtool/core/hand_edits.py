"""Hand edits: what a person says of a contact is a source record too, one for each contact, and the most trusted one.

It holds all that was ever said by hand of that contact and not taken back. A note by hand stands in for the notes the
person saw, so that it can be shortened; these stay in their records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import golden, model
from crmtool.core.plans import Edit, edit

if TYPE_CHECKING:
    from crmtool.core.golden import Clusters


def edited(
    said: pl.DataFrame, known: pl.DataFrame, clusters: Clusters, roots: pl.DataFrame, number: int, next_id: int
) -> tuple[Edit, pl.DataFrame]:
    """Return the edit of the table `record` that keeps hand edits, and the records of the clusters as they become.

    `said` has contact_id, raw, clean and the columns of `model.CLEAN`, a row for each contact; `known` the hand-made
    records of these contacts as they stand; `roots` (id, root_id) where contacts of the clusters lead by then.
    """
    ids = said.select("contact_id").join(known.select("contact_id", "id"), on="contact_id", how="left")
    fresh = pl.col("id").is_null()
    given = pl.when(fresh).then(fresh.cast(pl.Int64).cum_sum() + (next_id - 1)).otherwise("id")
    rows = said.join(ids.select("contact_id", id=given), on="contact_id", maintain_order="left").with_columns(
        origin=pl.lit(model.MANUAL),
        source=pl.lit(model.MANUAL),
        source_key=pl.format("contact {}", "contact_id"),
        changeset_id=pl.lit(number, pl.Int64),
    )
    rows = _standing_in(rows, golden.records_of(known), clusters.records, roots).sort("id")
    # the own column `source` of a record is where a person says the contact came from: the table's is `origin`
    kept = rows.select(name for name in model.TABLES["record"] if name in rows.columns)
    old = known.join(kept, on="id", how="semi").sort("id")
    new = kept.join(old, on="id", how="anti")
    change = edit("record", created=new, updated=(old, kept.join(old, on="id", how="semi")))
    touched = pl.concat([change.created["id"], change.after["id"]])
    become = golden.records_of(pl.concat([change.created, change.after])).select(clusters.records.columns)
    return change, pl.concat([clusters.records.filter(~pl.col("id").is_in(touched.implode())), become])


def _standing_in(rows: pl.DataFrame, known: pl.DataFrame, records: pl.DataFrame, roots: pl.DataFrame) -> pl.DataFrame:
    """Return hand edits with the ids of the records whose notes theirs stands in for, in `clean`.

    A note that was said before goes on standing in for what it did.
    """
    noted = records.filter(pl.col("note").is_not_null()).select("contact_id", other="id")
    noted = noted.join(roots.rename({"id": "contact_id"}), on="contact_id")
    seen = (
        rows.select("contact_id", "id")
        .join(roots.rename({"id": "contact_id"}), on="contact_id")
        .join(noted.select("root_id", "other"), on="root_id")
        .filter(pl.col("id") != pl.col("other"))
        .group_by("id")
        .agg(seen=pl.col("other").sort())
    )
    before = known.select("id", note_before="note", before="instead_of")
    told = rows.select("id", "note", "clean").join(seen, on="id", how="left", maintain_order="left")
    told = told.join(before, on="id", how="left", maintain_order="left")
    said_anew = pl.col("note").ne_missing(pl.col("note_before"))
    listed = pl.when(said_anew).then("seen").otherwise("before")
    listed = pl.when(pl.col("note").is_not_null() & (listed.list.len() > 0)).then(listed)
    ids = listed.list.eval(pl.element().cast(pl.String)).list.join(",")
    text = pl.concat_str(pl.col("clean").str.strip_suffix("}"), pl.lit(',"instead_of":['), ids, pl.lit("]}"))
    return rows.with_columns(clean=told.select(pl.when(listed.is_null()).then("clean").otherwise(text)).to_series())
