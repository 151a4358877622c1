"""Documents as attachments of deals and contacts: what a file is, never what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.journal import file_names
from crmtool.core.plans import Plan, edit

if TYPE_CHECKING:
    from crmtool.core.plans import Revision

#: A file that is to be linked.
LINKED: dict[str, pl.DataType] = {
    "deal_id": pl.Int64(),
    "contact_id": pl.Int64(),
    "path": pl.String(),
    "size": pl.Int64(),
    "sha256": pl.String(),
}
#: Endings that name a media type by themselves; another is kept without one.
_TYPES = {
    "pdf": "application/pdf",
    "rtf": "application/rtf",
    "zip": "application/zip",
    "xml": "application/xml",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "txt": "text/plain",
    "csv": "text/csv",
    "eml": "message/rfc822",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "tif": "image/tiff",
    "tiff": "image/tiff",
}
#: Whom a document belongs to.
WHOSE = ("deal_id", "contact_id")


def plan_link(
    command: str,
    files: pl.DataFrame,
    standing: pl.DataFrame,
    revision: Revision,
    fingerprint: str,
    next_id: int,
) -> Plan:
    """Return the plan that links files (`LINKED`) to their deals and contacts; `standing` are rows of `attachment`.

    A file that is known by its path, or was moved or renamed and is known by its content, keeps its row.
    """
    given = _described(files)
    kept = pl.concat([_met(given, standing, "path"), _met(given, _elsewhere(standing, given), "sha256")])
    kept = kept.unique("at", keep="first").unique("id", keep="first").sort("id")
    number = pl.lit(revision.next, pl.Int64)
    before = standing.join(kept.select("id"), on="id", how="semi").sort("id")
    after = before.with_columns(kept.select("name", "type", "size", "sha256", "path")).with_columns(changeset_id=number)
    fresh = given.filter(~pl.col("at").is_in(kept["at"].implode()))
    fresh = fresh.with_columns(id=pl.int_range(pl.len(), dtype=pl.Int64) + next_id, changeset_id=number)
    return Plan(
        command,
        revision,
        fingerprint,
        {"attachment": edit("attachment", created=fresh, updated=(before, after))},
        facts={"files": files.height},
    )


def _described(files: pl.DataFrame) -> pl.DataFrame:
    """Return files with a safe name and a media type, numbered by `at`."""
    last = files["path"].str.extract("([^/]*)$")
    ending = last.str.extract(r"\.([A-Za-z0-9]{1,8})$").str.to_lowercase()
    return files.with_columns(
        name=pl.Series([file_names.safe(name) for name in last], dtype=pl.String),
        type=ending.replace_strict(_TYPES, default=None, return_dtype=pl.String),
        at=pl.int_range(pl.len(), dtype=pl.Int64),
    )


def _met(given: pl.DataFrame, standing: pl.DataFrame, by: str) -> pl.DataFrame:
    """Return files with the ids of the rows that have their deal, contact, and path or content."""
    return given.join(standing.select("id", *WHOSE, by), on=[*WHOSE, by], nulls_equal=True).select(*given.columns, "id")


def _elsewhere(standing: pl.DataFrame, given: pl.DataFrame) -> pl.DataFrame:
    """Return rows whose path is none of the files': what they stand for may have been moved."""
    gone = standing.join(given, on=[*WHOSE, "path"], how="anti", nulls_equal=True)
    return gone.unique([*WHOSE, "sha256"], keep="first", maintain_order=True)  # of many empty files one will do
