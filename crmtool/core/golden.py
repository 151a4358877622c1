"""Golden records: what a contact is, computed from its source records and the verdicts between contacts.

Contacts are nodes, verdicts "same" are edges, a connected component is one person; its smallest id is the root and
carries the golden record. Everything here is a pure function of records, verdicts and rules, so it can be computed anew
at any time: after an import, a merge, an unmerge, an undo, or a change of the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import model, plans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmtool.core.rules import Survivorship

#: The parts of a name survive together: half of one name and half of another is nobody's name.
_NAME_UNIT = ("name", *model.NAME_PARTS)

#: The parts without which there is no name: a form of address alone calls nobody.
_CALLED = ("name", "given_name", "middle_name", "family_name")

_LEAST = -(1 << 62)  # the trust of records that only fill gaps
_AT_ONCE = 50_000  # contacts
_CHANNEL_KEY = ["contact_id", "kind", "value", "extension"]


@dataclass(frozen=True)
class Clusters:
    """Some whole clusters of the store.

    `contacts` and `channels` hold rows of their tables as they stand; `records` has id, contact_id, origin
    (the record's source), changeset_id and the columns of `model.CLEAN`; `verdicts` the holding rows of that table.
    """

    contacts: pl.DataFrame
    channels: pl.DataFrame
    records: pl.DataFrame
    verdicts: pl.DataFrame


def records_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows of the table `record` with their cleaned fields as columns, as `Clusters.records` wants them."""
    return rows.select("id", "contact_id", "changeset_id", origin="source").hstack(model.decoded(rows["clean"]))


def roots(ids: pl.Series, edges: pl.DataFrame) -> pl.DataFrame:
    """Return the root of each contact (columns id, root_id): the smallest id of its connected component.

    `edges` has left_id and right_id. Labels travel along edges and jump to the label of their label, so long chains
    take few rounds.
    """
    alone = pl.DataFrame({"id": ids.cast(pl.Int64)}).with_columns(root_id=pl.col("id"))
    edges = edges.select(pl.col("left_id").alias("a"), pl.col("right_id").alias("b"))
    both = pl.concat([edges, edges.select(a="b", b="a")]).unique()
    labels = both.select(id="a", label="a").unique().sort("id")
    while labels.height:
        heard = both.join(labels, left_on="b", right_on="id").group_by("a").agg(pl.col("label").min().alias("heard"))
        nearer = labels.join(heard, left_on="id", right_on="a").select(
            "id", label=pl.min_horizontal("label", "heard"), old="label"
        )
        jumped = nearer.join(nearer.select(label="id", far="label"), on="label").select(
            "id", "old", label=pl.min_horizontal("label", "far")
        )
        labels = jumped.select("id", "label").sort("id")
        if jumped.select((pl.col("label") == pl.col("old")).all()).item():
            break
    return (
        alone.join(labels, on="id", how="left", maintain_order="left")
        .with_columns(root_id=pl.coalesce("label", "root_id"))
        .drop("label")
    )


def same_edges(verdicts: pl.DataFrame) -> pl.DataFrame:
    """Return the edges (left_id, right_id) that hold contacts together."""
    holding = (pl.col("decision") == "same") & pl.col("retracted_in").is_null()
    return verdicts.filter(holding).select("left_id", "right_id")


def recomputed(
    ids: pl.Series,
    clusters: Clusters,
    rules: Survivorship,
    number: int,
    next_channel: int,
    remembered: pl.DataFrame | None = None,
) -> dict[str, plans.Edit]:
    """Return the edits that bring contacts and channels in line with their records and verdicts.

    `ids` are the contacts that shall exist; `clusters` holds the rows as they stand now and the facts as they shall
    be; `number` is the coming change set; `next_channel` the first free id of a channel; `remembered` channels are
    gone and get their own id again should they come back.
    """
    rooted = roots(ids, same_edges(clusters.verdicts))
    gone = clusters.channels.clear() if remembered is None else remembered
    parts: list[dict[str, plans.Edit]] = []
    for part in _parts(rooted, clusters, gone):
        parts.append(_edits(part, rules, number, next_channel))
        given = parts[-1]["channel"].created["id"]  # in order; the last is the highest, or one that came back
        next_channel = max(next_channel, int(given[-1]) + 1 if given.len() else 0)
    return plans.merged(parts)


@dataclass(frozen=True)
class _Part:
    """A range of contacts: who they are (`rooted`), and what stands and speaks for them."""

    rooted: pl.DataFrame  # id, root_id
    contacts: pl.DataFrame
    channels: pl.DataFrame
    gone: pl.DataFrame  # channels
    cluster: pl.DataFrame  # records of all members of the clusters whose root is in the range, with root_id
    own: pl.DataFrame  # records of the contacts themselves


def _parts(rooted: pl.DataFrame, clusters: Clusters, gone: pl.DataFrame) -> Iterator[_Part]:
    """Yield the contacts in ranges: the frames in between are several times as large as the result.

    Rows of contacts that shall not exist any more come with the first part.
    """
    rooted = rooted.sort("id")
    numbered = rooted.with_columns(part=pl.int_range(pl.len()) // _AT_ONCE)

    def found(keys: pl.Series, name: str) -> pl.Series:
        return keys.rename("id").to_frame().join(numbered, on="id", how="left", maintain_order="left")[name]

    records = clusters.records.with_columns(root_id=found(clusters.records["contact_id"], "root_id"))
    keys = {
        "rooted": (rooted, rooted["id"]),
        "contacts": (clusters.contacts, clusters.contacts["id"]),
        "channels": (clusters.channels, clusters.channels["contact_id"]),
        "gone": (gone, gone["contact_id"]),
        "cluster": (records, records["root_id"]),
        "own": (records, records["contact_id"]),
    }
    at = {name: found(key, "part").fill_null(0) for name, (_, key) in keys.items()}
    for number in range(rooted.height // _AT_ONCE + 1):
        yield _Part(**{name: frame.filter(at[name] == number) for name, (frame, _) in keys.items()})


def _edits(part: _Part, rules: Survivorship, number: int, next_channel: int) -> dict[str, plans.Edit]:
    """Return the edits of a range of contacts."""
    known = pl.concat([part.channels, part.gone]).unique(_CHANNEL_KEY, keep="first")
    contacts = _contacts(part.rooted, _ranked(part.cluster, rules), rules)
    channels = _channels(_ranked(part.own, rules), known, next_channel)
    stamp = pl.lit(number, pl.Int64).alias("changeset_id")
    return {
        "contact": plans.difference("contact", part.contacts, contacts.with_columns(stamp)),
        "channel": plans.difference("channel", part.channels, channels.with_columns(stamp)),
    }


def _ranked(records: pl.DataFrame, rules: Survivorship) -> pl.DataFrame:
    """Sort records by trust, then the newest first; those that only fill gaps come last."""
    trust = pl.col("origin").replace_strict(dict(rules.trust), default=rules.default_trust, return_dtype=pl.Int64)
    if not rules.trust:
        trust = pl.lit(rules.default_trust)
    trusted = pl.when(pl.col("fill").fill_null(value=False)).then(pl.lit(_LEAST)).otherwise(trust)
    return records.with_columns(trust=trusted).sort(["trust", "changeset_id", "id"], descending=[True, True, True])


def _contacts(rooted: pl.DataFrame, owned: pl.DataFrame, rules: Survivorship) -> pl.DataFrame:
    """Return the rows of the table `contact`: golden on roots, bare on absorbed contacts."""
    many = owned.join(
        owned.group_by("root_id").len().filter(pl.col("len") > 1), on="root_id", how="semi", maintain_order="left"
    )
    single = owned.join(many.select("root_id").unique(), on="root_id", how="anti", maintain_order="left")
    fields = list(dict.fromkeys([*_NAME_UNIT, *model.FIELDS, "kind"]))
    main = _main_channels(owned)
    own = _own_fields(owned)
    golden = (
        pl.concat([single.select("root_id", *fields), _survivors(many, fields, rules)])
        .join(main, on="root_id", how="left")
        .join(own, on="root_id", how="left")
    )
    return _named(
        rooted.join(golden.with_columns(id="root_id"), on=["id", "root_id"], how="left", maintain_order="left")
    )


def _survivors(many: pl.DataFrame, fields: list[str], rules: Survivorship) -> pl.DataFrame:
    """Choose each field's value among the records of a root, by its strategy.

    The name is that of the most trusted record that has one; among equals the fuller, then the newer.
    """
    plain = [name for name in fields if name not in _NAME_UNIT]
    chosen = many.group_by("root_id", maintain_order=True).agg(
        pl.coalesce(_choice(name, rules.field.get(name, rules.default)), _known(name).first()) for name in plain
    )
    called = pl.any_horizontal(pl.col(name).is_not_null() for name in _CALLED)
    parts = pl.sum_horizontal(pl.col(name).is_not_null() for name in _NAME_UNIT)
    best_name = many.sort(called, "trust", parts, descending=True, maintain_order=True)
    unit = best_name.group_by("root_id", maintain_order=True).agg(pl.col(name).first() for name in _NAME_UNIT)
    return chosen.join(unit, on="root_id").select("root_id", *fields)


def _choice(name: str, strategy: str) -> pl.Expr:
    """Return the expression that picks a value from records sorted by trust and newness, not from those that fill."""
    speaks = pl.col(name).is_not_null() & (pl.col("trust") > _LEAST)
    known = pl.col(name).filter(speaks)
    order = {
        "newest": pl.struct("changeset_id", "id"),
        "earliest": pl.col(name) if name.endswith("_on") else pl.struct("changeset_id", "id"),
        "longest": pl.col(name).str.len_chars(),
    }
    if strategy == "most_frequent":
        return known.mode(maintain_order=True).first()
    if strategy == "trusted":
        return known.first()
    by = order[strategy].filter(speaks)
    return known.sort_by(by, descending=strategy != "earliest", maintain_order=True).first()


def _known(name: str) -> pl.Expr:
    return pl.col(name).filter(pl.col(name).is_not_null())


def _main_channels(owned: pl.DataFrame) -> pl.DataFrame:
    """Return the main e-mail and phone of each root: the best record's, personal and mobile ones first."""
    long = _exploded(owned.select("root_id", "channels", fills=pl.col("trust") == _LEAST)).with_columns(
        rank=(~pl.col("type").is_in(["personal", "mobile"])).fill_null(value=True)
    )
    first = (
        long.sort("fills", "rank", maintain_order=True)
        .group_by("root_id", "kind", maintain_order=True)
        .agg(pl.col("value").first())
    )
    return (
        first.filter(pl.col("kind") == "email")
        .select("root_id", email="value")
        .join(
            first.filter(pl.col("kind") == "phone").select("root_id", phone="value"),
            on="root_id",
            how="full",
            coalesce=True,
        )
    )


def _own_fields(owned: pl.DataFrame) -> pl.DataFrame:
    """Return the workspace's own fields of each root as one JSON object (columns root_id, custom)."""
    some = owned.select("root_id", "custom").filter(pl.col("custom").list.len() > 0)
    long = some.explode("custom").unnest("custom").unique(["root_id", "field"], keep="first", maintain_order=True)
    if long.is_empty():
        return pl.DataFrame(schema={"root_id": pl.Int64(), "custom": pl.String()})
    pair = pl.format("{}:{}", _json_text("field"), _json_text("value"))
    return (
        long.sort("root_id", "field")
        .group_by("root_id", maintain_order=True)
        .agg(custom=pl.lit("{") + pair.str.join(",") + pl.lit("}"))
    )


def _json_text(name: str) -> pl.Expr:
    """Return a column's texts as JSON strings."""
    return pl.struct(x=pl.col(name)).struct.json_encode().str.strip_prefix('{"x":').str.strip_suffix("}")


def _named(contacts: pl.DataFrame) -> pl.DataFrame:
    """Give each golden record its kind and its display name."""
    parts = pl.concat_str(["given_name", "middle_name", "family_name"], separator=" ", ignore_nulls=True)
    called = pl.coalesce(pl.when(parts != "").then(parts), "name")
    whole = pl.concat_str(["prefix", called, "suffix"], separator=" ", ignore_nulls=True)
    person = pl.when(called.is_not_null()).then(whole)
    is_root = pl.col("id") == pl.col("root_id")
    kind = pl.coalesce(
        "kind", pl.when(person.is_null() & pl.col("company").is_not_null()).then(pl.lit("company")), pl.lit("person")
    )
    return contacts.with_columns(
        name=pl.when(is_root).then(pl.coalesce(person, "company")), kind=pl.when(is_root).then(kind)
    )


def _channels(ranked: pl.DataFrame, before: pl.DataFrame, next_id: int) -> pl.DataFrame:
    """Return the rows of the table `channel`: each contact's distinct channels, with the ids they already have."""
    every = _exploded(ranked.select("contact_id", "id", "channels"))
    wanted = every.unique(_CHANNEL_KEY, keep="first", maintain_order=True)
    known = wanted.join(
        before.select("id", *_CHANNEL_KEY), on=_CHANNEL_KEY, how="left", suffix="_channel", nulls_equal=True
    )
    known = known.sort("contact_id", "id", "kind", "value", "extension")
    fresh = pl.col("id_channel").is_null()
    given = pl.when(fresh).then(fresh.cast(pl.Int64).cum_sum() + (next_id - 1)).otherwise("id_channel")
    return known.with_columns(id=given).drop("id_channel")


def _exploded(frame: pl.DataFrame) -> pl.DataFrame:
    """Turn the list of channels of each row into rows with the channel's columns."""
    return frame.filter(pl.col("channels").list.len() > 0).explode("channels").unnest("channels")
