"""Golden records: what a contact is, computed from its source records and the verdicts between contacts.

Contacts are nodes, verdicts "same" are edges, a connected component is one person; its smallest id is the root and
carries the golden record. Everything here is a pure function of records, verdicts, verifications and rules, so it can
be computed anew at any time: after an import, a merge, an unmerge, an undo, or a change of the rules. Which value
survives is said by `survivorship`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import model, plans, survivorship

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crmtool.core.survivorship_rules import Survivorship

_AT_ONCE = 50_000  # contacts
_FEW = 100  # edges that are quicker walked one by one
#: Queries whose steps are as few as can be: to look for better ones would take longer.
_AS_IT_IS = pl.QueryOptFlags.none()
_CHANNEL_KEY = ["contact_id", "kind", "value", "extension"]


@dataclass(frozen=True)
class Clusters:
    """Some whole clusters of the store.

    `contacts` and `channels` hold rows of their tables as they stand; `records` has id, contact_id, origin
    (the record's source), changeset_id and the columns of `model.CLEAN`; `verdicts` the holding rows of that table;
    `checks` rows of the table `verification`, needed where the rules ask for them (`Survivorship.asks_checks`).
    """

    contacts: pl.DataFrame
    channels: pl.DataFrame
    records: pl.DataFrame
    verdicts: pl.DataFrame
    checks: pl.DataFrame = field(default_factory=lambda: model.empty("verification"))


def records_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows of the table `record` with their cleaned fields as columns, as `Clusters.records` wants them."""
    return rows.select("id", "contact_id", "changeset_id", origin="source").hstack(model.decoded(rows["clean"]))


def roots(ids: pl.Series, edges: pl.DataFrame) -> pl.DataFrame:
    """Return the root of each contact (columns id, root_id): the smallest id of its connected component.

    `edges` has left_id and right_id.
    """
    ids = ids.cast(pl.Int64).alias("id")
    if edges.height <= _FEW:
        led = _walked(edges.select("left_id", "right_id").rows())
        return pl.DataFrame([ids, ids.replace(list(led), list(led.values())).alias("root_id")])
    found = ids.to_frame().join(_labelled(edges), on="id", how="left", maintain_order="left")
    return found.select("id", root_id=pl.coalesce("label", "id"))


def _walked(edges: list[tuple[int, int]]) -> dict[int, int]:
    """Return where the contacts on some edges lead."""
    led = {node: node for edge in edges for node in edge}
    before: dict[int, int] = {}
    while before != led:
        before = dict(led)
        for a, b in edges:
            led[a] = led[b] = min(led[a], led[b])
    return led


def _labelled(edges: pl.DataFrame) -> pl.DataFrame:
    """Return where the contacts on many edges lead (columns id, label).

    Labels travel along edges and jump to the label of their label, so long chains take few rounds.
    """
    edges = edges.select(pl.col("left_id").alias("a"), pl.col("right_id").alias("b"))
    both = pl.concat([edges, edges.select(a="b", b="a")]).unique().lazy()
    labels = both.select(id="a", label="a").unique().sort("id").collect()
    settled = labels.is_empty()
    while not settled:
        nearer = _nearer(labels, both).collect()
        labels, settled = nearer.select("id", "label"), nearer["label"].equals(nearer["old"])
    return labels


def _nearer(labels: pl.DataFrame, both: pl.LazyFrame) -> pl.LazyFrame:
    """Return the label of each contact after a round (columns id, label, old), in order of id."""
    known = labels.lazy()
    heard = both.join(known, left_on="b", right_on="id").group_by("a").agg(pl.col("label").min().alias("heard"))
    nearer = known.join(heard, left_on="id", right_on="a").select(
        "id", label=pl.min_horizontal("label", "heard"), old="label"
    )
    far = nearer.select(label="id", far="label")
    return nearer.join(far, on="label").select("id", "old", label=pl.min_horizontal("label", "far")).sort("id")


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
    if not rules.asks_checks:
        clusters = replace(clusters, checks=clusters.checks.clear())
    rooted = roots(ids, same_edges(clusters.verdicts))
    gone = clusters.channels.clear() if remembered is None else remembered
    parts: list[dict[str, plans.Edit]] = []
    for part in _parts(rooted, clusters, gone):
        parts.append(_edits(part, rules, number, next_channel))
        given = parts[-1]["channel"].created["id"]  # in order; the last is the highest, or one that came back
        next_channel = max(next_channel, int(given[-1]) + 1 if given.len() else 0)
    return plans.merged(parts)


def after_checks(
    edits: dict[str, plans.Edit],
    clusters: Clusters | None,
    rules: Survivorship,
    number: int,
    next_ids: Mapping[str, int],
) -> dict[str, plans.Edit]:
    """Return edits that keep verifications, with what follows for golden records where the rules ask for these.

    `edits` has the table `verification` and neither contacts nor channels; `clusters` are those of the contacts.
    """
    if clusters is None or not rules.asks_checks:
        return edits
    known = replace(clusters, checks=pl.concat([clusters.checks, edits["verification"].created]))
    return plans.merged([edits, recomputed(clusters.contacts["id"], known, rules, number, next_ids["channel"])])


@dataclass(frozen=True)
class _Part:
    """A range of contacts: who they are (`rooted`), and what stands and speaks for them."""

    rooted: pl.DataFrame  # id, root_id
    contacts: pl.DataFrame
    channels: pl.DataFrame
    gone: pl.DataFrame  # channels
    cluster: pl.DataFrame  # records of all members of the clusters whose root is in the range, with root_id
    own: pl.DataFrame  # records of the contacts themselves
    checks: pl.DataFrame  # verifications of all members, with root_id


def _parts(rooted: pl.DataFrame, clusters: Clusters, gone: pl.DataFrame) -> Iterator[_Part]:
    """Yield the contacts in ranges: the frames in between are several times as large as the result.

    Rows of contacts that shall not exist any more come with the first part.
    """
    rooted = rooted.sort("id")
    records, checks = (_rooted(frame, rooted) for frame in (clusters.records, clusters.checks))
    frames = {
        "rooted": (rooted, "id"),
        "contacts": (clusters.contacts, "id"),
        "channels": (clusters.channels, "contact_id"),
        "gone": (gone, "contact_id"),
        "cluster": (records, "root_id"),
        "own": (records, "contact_id"),
        "checks": (checks, "root_id"),
    }
    if rooted.height <= _AT_ONCE:
        yield _Part(**{name: frame for name, (frame, _) in frames.items()})
        return
    numbered = rooted.select("id", part=pl.int_range(pl.len()) // _AT_ONCE)
    at = {name: _beside(frame[key], numbered).fill_null(0) for name, (frame, key) in frames.items()}
    for number in range(rooted.height // _AT_ONCE + 1):
        yield _Part(**{name: frame.filter(at[name] == number) for name, (frame, _) in frames.items()})


def _rooted(rows: pl.DataFrame, rooted: pl.DataFrame) -> pl.DataFrame:
    """Return rows of contacts with where these lead."""
    return rows.with_columns(_beside(rows["contact_id"], rooted))


def _beside(keys: pl.Series, known: pl.DataFrame) -> pl.Series:
    """Return what is known of contacts (`known`: id and a column), null for others."""
    return keys.rename("id").to_frame().join(known, on="id", how="left", maintain_order="left").to_series(1)


def _edits(part: _Part, rules: Survivorship, number: int, next_channel: int) -> dict[str, plans.Edit]:
    """Return the edits of a range of contacts."""
    owned = survivorship.ranked(part.cluster, rules)
    reached = survivorship.exploded(owned)
    same = part.own is part.cluster
    mine = reached if same else survivorship.exploded(survivorship.ranked(part.own, rules))
    known = pl.concat([part.channels, part.gone]) if part.gone.height else part.channels
    become = {
        "contact": (part.contacts, _contacts(part.rooted, owned, reached, part.checks, rules)),
        "channel": (part.channels, _channels(mine, known, next_channel)),
    }
    stamp = pl.lit(number, pl.Int64).alias("changeset_id")
    return {table: plans.difference(table, old, new.with_columns(stamp)) for table, (old, new) in become.items()}


def _contacts(
    rooted: pl.DataFrame, owned: pl.DataFrame, reached: pl.DataFrame, checks: pl.DataFrame, rules: Survivorship
) -> pl.DataFrame:
    """Return the rows of the table `contact`: golden on roots, bare on absorbed contacts.

    `owned` are the records as `survivorship.ranked` has them, `reached` their channels.
    """
    golden = survivorship.survivors(owned, checks, rules)
    for more in (survivorship.main_channels(reached, checks, rules), survivorship.own_fields(owned)):
        golden = golden.join(more, on="root_id", how="left")
    contacts = rooted.lazy().join(golden, left_on="id", right_on="root_id", how="left", maintain_order="left")
    return contacts.with_columns(_called()).collect(engine="in-memory", optimizations=_AS_IT_IS)


@functools.cache
def _called() -> tuple[pl.Expr, pl.Expr]:
    """Return the display name and the kind of a contact."""
    parts = pl.concat_str(["given_name", "middle_name", "family_name"], separator=" ", ignore_nulls=True)
    called = pl.coalesce(pl.when(parts != "").then(parts), "name")
    whole = pl.concat_str(["prefix", called, "suffix"], separator=" ", ignore_nulls=True)
    person = pl.when(called.is_not_null()).then(whole)
    is_root = pl.col("id") == pl.col("root_id")
    kind = pl.coalesce(
        "kind", pl.when(person.is_null() & pl.col("company").is_not_null()).then(pl.lit("company")), pl.lit("person")
    )
    name = pl.when(is_root).then(pl.coalesce(person, "company"))
    return name.alias("name"), pl.when(is_root).then(kind).alias("kind")


def _channels(reached: pl.DataFrame, before: pl.DataFrame, next_id: int) -> pl.DataFrame:
    """Return the rows of the table `channel`: each contact's distinct channels, with the ids they already have."""
    wanted = reached.lazy().unique(_CHANNEL_KEY, keep="first", maintain_order=True)
    had = before.lazy().unique(_CHANNEL_KEY, keep="first").select("id", *_CHANNEL_KEY)
    known = wanted.join(had, on=_CHANNEL_KEY, how="left", suffix="_channel", nulls_equal=True)
    known = known.sort("contact_id", "id", "kind", "value", "extension")
    fresh = pl.col("id_channel").is_null()
    given = pl.when(fresh).then(fresh.cast(pl.Int64).cum_sum() + (next_id - 1)).otherwise("id_channel")
    return known.with_columns(id=given).drop("id_channel").collect(engine="in-memory", optimizations=_AS_IT_IS)
