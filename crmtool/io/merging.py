"""Many decisions about pairs at once, read from the store and from filled sheets, planned in parts (see `core.merges`).

What parting two contacts takes back beside the verdict is in `unmerging`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core import golden, merges, model, queue_sheets
from crmtool.core.errors import InputRefused, UsageError
from crmtool.io import editing, gathering

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crmtool.core.plans import Plan
    from crmtool.core.rules import Rules
    from crmtool.io.readers.table import Table
    from crmtool.io.store import Store

#: Pairs that wait for a decision, by roots.
WAITING: dict[str, pl.DataType] = {
    "left_id": pl.Int64(),
    "right_id": pl.Int64(),
    "weight": pl.Float64(),
    "certain": pl.Boolean(),
    "reason": pl.String(),
}
_AT_ONCE = 20_000  # contacts of a part
_LARGEST = 20  # contacts that a rule joins into one
_PAIR = {"left_id": pl.Int64(), "right_id": pl.Int64()}
_REFUSED = {"row": pl.Int64(), "left_id": pl.Int64(), "right_id": pl.Int64(), "reason": pl.String()}


class Asked(NamedTuple):
    """Decisions that can be made (`merges.DECISIONS`), and those that cannot (row, left_id, right_id, reason).

    `known` counts decisions that hold already, `open` rows that were left without one.
    """

    decisions: pl.DataFrame
    refused: pl.DataFrame
    known: int = 0
    open: int = 0


def waiting(store: Store) -> pl.DataFrame:
    """Return the pairs that wait for a person (columns: `WAITING`): the certain first, then the heaviest."""
    types = {**WAITING, "certain": pl.Int64()}
    sql = "SELECT min(left_id, right_id), max(left_id, right_id), weight, certain, reason FROM review ORDER BY id"
    pairs = store.query(sql, [], types).group_by("left_id", "right_id", maintain_order=True)
    found = pairs.agg(pl.col("weight").drop_nulls().last(), pl.col("certain").max() == 1, pl.col("reason").first())
    order = ["certain", "weight", "left_id", "right_id"]
    return found.sort(order, descending=[True, True, False, False], nulls_last=True)


# -- decisions --------------------------------------------------------------------------------------------------------


def certain(store: Store, limit: int | None = None) -> Asked:
    """Return the decisions "same" about the pairs that a rule finds certain, the heaviest first.

    Pairs that would make one contact of more than twenty are left for a person.
    """
    with store.reading():
        pairs = waiting(store).filter("certain")
        pairs = pairs if limit is None else pairs.head(limit)
        large = _too_large(store, pairs)
    decided = pairs.select(*_PAIR, "weight", "reason", decision=pl.lit("same"), by=pl.lit("rule:certain")).select(
        *merges.DECISIONS
    )
    apart = decided.filter(large)
    why = pl.lit(f"would make one contact of more than {_LARGEST}")
    refused = apart.select(pl.lit(None, pl.Int64).alias("row"), *_PAIR, reason=why)
    return Asked(decided.filter(~large), refused)


def _too_large(store: Store, pairs: pl.DataFrame) -> pl.Series:
    """Tell which pairs belong to a cluster that would have too many members."""
    ids = pl.concat([pairs["left_id"], pairs["right_id"].rename("left_id")]).unique().rename("id")
    sizes = store.query(
        "SELECT root_id, count(*) FROM contact WHERE root_id IN (SELECT value FROM json_each(?)) GROUP BY root_id",
        [json.dumps(ids.to_list())],
        {"id": pl.Int64(), "size": pl.Int64()},
    )
    grown = golden.roots(ids, pairs).join(sizes, on="id").with_columns(size=pl.col("size").sum().over("root_id"))
    return pairs.select(id="left_id").join(grown, on="id", how="left", maintain_order="left")["size"] > _LARGEST


def from_sheet(store: Store, table: Table, actor: str) -> Asked:
    """Return the decisions that colleagues wrote into a sheet of the queue.

    Refused are rows whose verdict is no word known here, and rows of pairs that were changed or decided since the
    sheet was written. Raises InputRefused for a table that is no sheet of the queue.
    """
    cells = _columns(table.cells)
    rows = cells.with_columns(
        table.rows.alias("row"),
        *(pl.col(name).str.strip_chars().str.to_integer(strict=False).alias(name) for name in _PAIR),
        decision=queue_sheets.verdicts(cells["verdict"]),
    )
    said = rows.filter(pl.col("decision").is_not_null() & (pl.col("decision") != "unsure"))
    with store.reading():
        now = _guards(store, said)
    said = said.with_columns(pl.Series("now", now, dtype=pl.String))
    why = (
        pl.when(pl.col("decision") == "")
        .then(pl.lit("the verdict is none of same, different, unsure"))
        .when(pl.col("left_id").is_null() | pl.col("right_id").is_null())
        .then(pl.lit("the ids of the pair are not there"))
        .when(pl.col("guard").ne_missing(pl.col("now")))
        .then(pl.lit("the pair was changed or merged since the sheet was written"))
    )
    said = said.with_columns(reason=why)
    fine = said.filter(pl.col("reason").is_null())
    reason = pl.coalesce("comment", pl.lit(merges.BY_A_PERSON))
    decisions = fine.select(*_PAIR, "decision", reason=reason, by=pl.lit(actor), weight=pl.lit(None, pl.Float64))
    refused = said.filter(pl.col("reason").is_not_null()).select(*_REFUSED)
    return Asked(decisions.select(*merges.DECISIONS), refused, open=rows.height - said.height)


def _columns(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of a sheet of the queue that are read. Raises InputRefused where one is missing."""
    wanted = {
        queue_sheets.VERDICT: "verdict",
        queue_sheets.LEFT: "left_id",
        queue_sheets.RIGHT: "right_id",
        queue_sheets.GUARD: "guard",
    }
    absent = [heading for heading in wanted if heading not in cells.columns]
    if absent:
        raise InputRefused(
            f"This is no sheet of the queue: it has no column {', '.join(absent)}.",
            "Make one with: crmtool duplicates export -o queue.xlsx",
        )
    comment = pl.col(queue_sheets.COMMENT) if queue_sheets.COMMENT in cells.columns else pl.lit(None, pl.String)
    return cells.select(*(pl.col(heading).alias(name) for heading, name in wanted.items()), comment=comment)


def _guards(store: Store, pairs: pl.DataFrame) -> list[str | None]:
    """Return the guard each pair has now, null where one of the two carries no golden record."""
    ids = pl.concat([pairs["left_id"], pairs["right_id"].rename("left_id")]).drop_nulls().unique()
    guards = dict(people(store, ids).select("id", "guard").iter_rows())
    both = ((guards.get(a), guards.get(b)) for a, b in pairs.select(*_PAIR).iter_rows())
    return [a + b if a and b else None for a, b in both]


def people(store: Store, ids: pl.Series) -> pl.DataFrame:
    """Return root contacts as `queue_sheets.guarded` gives them; ids that carry no golden record are absent."""
    keys = json.dumps(ids.to_list())
    text = pl.String()
    channels = store.query(
        """SELECT n.root_id, h.kind, h.value FROM contact n JOIN channel h ON h.contact_id = n.id
           WHERE n.root_id IN (SELECT value FROM json_each(?)) ORDER BY h.id""",
        [keys],
        {"root_id": pl.Int64(), "kind": text, "value": text},
    )
    tags = store.query(
        """SELECT n.root_id, t.tag FROM contact n JOIN contact_tag t ON t.contact_id = n.id
           WHERE n.root_id IN (SELECT value FROM json_each(?)) ORDER BY t.id""",
        [keys],
        {"root_id": pl.Int64(), "tag": text},
    )
    contacts = store.snapshot("contact", where="id", keys=ids)
    return queue_sheets.guarded(contacts.filter(pl.col("id") == pl.col("root_id")), channels, tags)


# -- plans ------------------------------------------------------------------------------------------------------------


def judged(store: Store, asked: Asked) -> Asked:
    """Return decisions without those that hold already, and with those refused that contradict one another."""
    with store.reading():
        checked = merges.judged(asked.decisions, _around(store, asked.decisions))
    wrong = checked.filter(pl.col("refusal").is_not_null() & (pl.col("refusal") != ""))
    refused = wrong.select(pl.lit(None, pl.Int64).alias("row"), *_PAIR, reason="refusal")
    fine = checked.filter(pl.col("refusal").is_null()).drop("refusal")
    known = checked.height - wrong.height - fine.height
    return Asked(fine, pl.concat([asked.refused, refused]), known, asked.open)


def _around(store: Store, decisions: pl.DataFrame) -> golden.Clusters:
    """Return the contacts that decisions speak of and the verdicts between them; no records, for judging only."""
    ids = pl.concat([decisions["left_id"], decisions["right_id"].rename("left_id")]).unique()
    roots = gathering.roots_of(store, ids)["root_id"].unique()
    members = store.snapshot("contact", where="root_id", keys=roots)
    keys = members["id"]
    sides = [store.snapshot("verdict", where=side, keys=keys) for side in _PAIR]
    holding = pl.concat(sides).unique("id").filter(pl.col("retracted_in").is_null()).sort("id")
    none = golden.records_of(model.empty("record"))
    return golden.Clusters(members, model.empty("channel"), none, holding)


def plans(store: Store, rules: Rules, asked: Asked, command: str) -> Iterator[Plan]:
    """Yield the plans that make verdicts of decisions, contacts that hang together in one part; at least one."""
    parts = list(_parts(asked.decisions))
    for part in parts:
        with store.reading():
            ids = pl.concat([part["left_id"], part["right_id"].rename("left_id")]).unique()
            clusters = gathering.clusters(store, ids)
            plan = merges.plan_decisions(
                command, part, clusters, store.revision(), rules, store.next_ids(), facts=facts(asked)
            )
        yield plan
        del plan


def facts(asked: Asked) -> dict[str, int]:
    """Return what there is to count of decisions."""
    same = int((asked.decisions["decision"] == "same").sum())
    return {
        "merged": same,
        "different": asked.decisions.height - same,
        "known": asked.known,
        "undecided": asked.open,
        "refused": asked.refused.height,
    }


def _parts(decisions: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield decisions in parts; those that join the same contacts come together."""
    if decisions.height * 2 <= _AT_ONCE:
        yield decisions
        return
    ids = pl.concat([decisions["left_id"], decisions["right_id"].rename("left_id")]).unique().rename("id")
    roots = golden.roots(ids, decisions)
    order = roots.select(pl.col("root_id").unique().sort()).with_columns(part=pl.int_range(pl.len()) * 2 // _AT_ONCE)
    placed = decisions.join(roots, left_on="left_id", right_on="id", maintain_order="left").join(
        order, on="root_id", maintain_order="left"
    )
    for (_,), part in placed.group_by("part", maintain_order=True):
        yield part.drop("root_id", "part")


# -- one pair ---------------------------------------------------------------------------------------------------------


def chosen(store: Store, rules: Rules, pair: tuple[int, int], keep: Mapping[str, int]) -> merges.Chosen | None:
    """Return the values a person chose for the contact that survives: `keep` is field -> the contact whose value it is.

    `name` stands for all its parts. Raises UsageError for a field without value there, and for a third contact.
    """
    if not keep:
        return None
    roots = dict(gathering.roots_of(store, [*pair, *keep.values()]).iter_rows())
    survivor = min(roots[contact] for contact in pair)
    given: dict[str, str] = {}
    for field, contact in keep.items():
        if roots.get(contact) not in [roots[one] for one in pair]:
            raise UsageError(f"{contact} is neither of the two contacts.", "Write --keep FIELD=ID with one of them.")
        given |= _value(store, roots[contact], field)
    done = editing.said(store, rules, {survivor: given})
    return merges.Chosen(done.said, done.known)


def _value(store: Store, root: int, field: str) -> dict[str, str]:
    """Return the golden value of a field as it is typed; of a name all parts."""
    golden_row = store.snapshot("contact", where="id", keys=[root]).to_dicts()[0]
    if field == "name" or field in model.NAME_PARTS:
        parts = {part: golden_row[part] or "" for part in model.NAME_PARTS}
        split = golden_row["given_name"] or golden_row["family_name"]
        return parts if split else {**parts, "name": golden_row["name"] or ""}
    own = json.loads(golden_row["custom"] or "{}")
    value = own.get(field.removeprefix("attr.")) if field.startswith("attr.") else golden_row.get(field)
    if not value or field in {"id", "root_id", "changeset_id", "custom"}:
        raise UsageError(f"Contact {root} has no {field}.", "See what it has with: crmtool contacts show ID")
    return {field: str(value)}
