"""`crmtool contacts show ID --why`: which record gave each value, by which rule, and what was not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmtool.cli import screen

if TYPE_CHECKING:
    import polars as pl

    from crmtool.cli.session import Session
    from crmtool.core.rules import Rules
    from crmtool.io.store import Store

#: Rules of survivorship -> why a value is the golden one.
_BECAUSE = {
    "only one": "",
    "by hand": "said by hand",
    "trusted": "most trusted source",
    "newest": "newest record",
    "earliest": "earliest",
    "verified": "verified last",
    "most_complete": "fullest record",
    "longest": "longest text",
    "most_frequent": "said most often",
    "union": "all are kept",
}
_OPEN = "no clear winner"


def why(store: Store, rules: Rules, root: int) -> pl.DataFrame:
    """Return every value the records of a contact give, the kept ones first (columns: `survivorship.TOLD` and origin).

    The origin is contact_id, source, file, row, changeset_id.
    """
    import polars as pl

    from crmtool.core import survivorship
    from crmtool.io import gathering

    around = gathering.clusters(store, [root])
    records = around.records.with_columns(root_id=pl.lit(root, pl.Int64))
    checks = around.checks.with_columns(root_id=pl.lit(root, pl.Int64))
    told = survivorship.told(records, checks, rules.survivorship)
    columns = ["id", "contact_id", "source", "file_id", "row", "changeset_id"]
    origin = store.snapshot("record", columns, where="id", keys=told["record"].unique())
    files = store.snapshot("file", ["id", "name"], where="id", keys=origin["file_id"].drop_nulls().unique())
    origin = origin.join(files.rename({"id": "file_id", "name": "file"}), on="file_id", how="left").drop("file_id")
    return told.join(origin, left_on="record", right_on="id", maintain_order="left").drop("root_id")


def shown(session: Session, contact: int) -> None:
    """Print why the values of a contact are what they are, or the same as JSON. Raises UsageError without one."""
    from crmtool.io import gathering

    with session.store.reading():
        root = gathering.root_of(session.store, contact)
        told = why(session.store, session.rules, root)
    if session.options.as_json:
        screen.document({"id": root, "values": told.to_dicts()})
    elif not session.options.quiet:
        _table(root, told)


def _table(root: int, told: pl.DataFrame) -> None:
    """Print each field with the values that were kept, and below them those that were not."""
    import polars as pl

    rows, last = [], ""
    of = ["field", "value", "chosen"]
    places = (
        told.with_columns(place=_place()).group_by(of, maintain_order=True).agg("place", pl.col("rule", "open").first())
    )
    fields = told.select("field").unique(maintain_order=True).with_row_index("at")
    ordered = places.join(fields, on="field").sort("at", ~pl.col("chosen"), maintain_order=True)
    for value in ordered.to_dicts():
        place = ", ".join(dict.fromkeys(value["place"]))
        rows.append(("" if value["field"] == last else value["field"], value["value"], _because(value), place))
        last = value["field"]
    screen.table(["field", "value", "why", "from"], rows, title=f"Contact {root}: where each value comes from")
    if open_ := told.filter(pl.col("open"))["field"].unique(maintain_order=True).to_list():
        screen.say(f"No clear winner: {', '.join(open_)}. Decide with: crmtool contacts set {root} FIELD=VALUE")


def _place() -> pl.Expr:
    """Return where a value came from, in words."""
    import polars as pl

    return pl.coalesce(pl.format("{} row {}", "file", "row"), pl.lit("by hand"))


def _because(value: dict[str, Any]) -> str:
    """Return why a value was kept, or that it was not."""
    from crmtool.core import survivorship

    if not value["chosen"]:
        return "kept beside it" if value["field"] in survivorship.MAIN else "not kept"
    return _OPEN if value["open"] else _BECAUSE[value["rule"]]
