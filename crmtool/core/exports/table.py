"""Contacts as the rows and columns of a profile.

A `Chunk` holds what the store says of some contacts; `table` gives one text column for each heading. Channels find
their columns in this order: those of a label go where it is asked for, the others into the columns without a label, the
main one first, and what is left into `KIND.rest`; what finds no column is counted in `Made.unfit`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core import model
from crmtool.core.export_rules import Export, channel_of
from crmtool.core.exports import salutations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Columns of `Chunk.channels`, in the order in which they are taken.
CHANNELS: dict[str, pl.DataType] = {
    "root_id": pl.Int64(),
    "kind": pl.String(),
    "value": pl.String(),
    "label": pl.String(),
    "extension": pl.String(),
    "type": pl.String(),
}
#: The id of the contact beside each row; a name no heading has.
ID = "\x00id"
_REST = "rest"
#: Fields that are days.
DAYS = frozenset({"birthday", "first_contact_on"})


@dataclass(frozen=True)
class Chunk:
    """Some contacts, by id: rows of the table `contact`; what belongs to them has `root_id`."""

    contacts: pl.DataFrame
    channels: pl.DataFrame  # CHANNELS
    tags: pl.DataFrame  # root_id, tag
    consents: pl.DataFrame  # `consents.CURRENT`


class Made(NamedTuple):
    """Rows of a file (`id` of the contact, then the headings), and how many channels found no column, by kind."""

    rows: pl.DataFrame
    unfit: dict[str, int]


def table(chunk: Chunk, profile: Export, addresses: pl.DataFrame | None = None) -> Made:
    """Return the rows of some contacts; `addresses` (root_id, value, label) make a row of each channel instead.

    Every column is text but the id of a contact; `ID` comes first, for the sample and the log.
    """
    slots, unfit = _slots(chunk.channels, profile)
    wide = chunk.contacts.join(slots, left_on="id", right_on="root_id", how="left", maintain_order="left")
    for more in _lists(chunk, profile):
        wide = wide.join(more, left_on="id", right_on="root_id", how="left", maintain_order="left")
    if addresses is not None:
        own = chunk.channels.filter(pl.col("kind") == profile.channel).drop("kind", "type")
        whole = addresses.drop("label").join(own, on=["root_id", "value"], how="left", maintain_order="left")
        each = whole.select("root_id", _extended().alias("channel"), pl.col("label").alias("channel.label"))
        wide = wide.join(each, left_on="id", right_on="root_id", maintain_order="left")
    if "salutation" in profile.columns.values():
        wide = wide.with_columns(salutation=salutations.salutation(profile.language))
    shown = [_shown(n, field, profile).alias(heading) for n, heading, field in placed(profile)]
    return Made(wide.select(pl.col("id").alias(ID), *shown), unfit)


def placed(profile: Export) -> Iterator[tuple[int, str, str]]:
    """Yield the number of each column, its heading and its field; a label stands right before its channel."""
    for number, (heading, field) in enumerate(profile.columns.items()):
        if heading in profile.labels:
            yield number, profile.labels[heading], f"\x00label {number}"
        yield number, heading, field


def _shown(number: int, field: str, profile: Export) -> pl.Expr:
    if field.startswith("\x00label"):
        return model.named(field)
    if channel_of(field):
        return model.named(f"\x00slot {number}")
    if field.startswith(("attr.", "utm.")):
        name = field.removeprefix("attr.")
        escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'")
        return pl.col("custom").str.json_path_match(f"$['{escaped}']")
    if field in DAYS:
        day = pl.col(field).str.to_date("%Y-%m-%d", strict=False)
        return pl.coalesce(day.dt.to_string(profile.dates), field) if profile.dates else model.named(field)
    return model.named(field)


def _slots(channels: pl.DataFrame, profile: Export) -> tuple[pl.DataFrame, dict[str, int]]:
    """Return a column for each slot of the profile (root_id, slots and labels by number), and what found none."""
    wanted = {n: channel_of(field) for n, field in enumerate(profile.columns.values()) if channel_of(field)}
    kinds = {kind for kind, _ in filter(None, wanted.values())}
    taken = _taken(channels.filter(pl.col("kind").is_in(list(kinds))), wanted)
    columns = []
    headings = list(profile.columns)
    for n in wanted:
        mine = pl.col("slot") == n
        columns.append(_extended().filter(mine).str.join(profile.separator).replace("", None).alias(f"\x00slot {n}"))
        if headings[n] in profile.labels:
            columns.append(pl.col("label").filter(mine).first().alias(f"\x00label {n}"))
    unfit = taken.filter(pl.col("slot").is_null()).group_by("kind").len().sort("kind")
    return taken.group_by("root_id").agg(columns), dict(unfit.rows())


def _extended() -> pl.Expr:
    """Return the value of a channel with its extension."""
    return pl.col("value") + pl.format(" ext. {}", "extension").fill_null("")


def _taken(channels: pl.DataFrame, wanted: dict[int, tuple[str, str | None] | None]) -> pl.DataFrame:
    """Give each channel the number of its column (slot; null: none), as the text of the module says."""
    keys: dict[str, int] = {}
    rest: dict[str, int] = {}
    counts: dict[tuple[str, str | None], int] = {}
    for number, channel in wanted.items():
        if channel is None:
            continue
        if channel[1] == _REST:
            rest[channel[0]] = number
            continue
        counts[channel] = counts.get(channel, -1) + 1
        keys[f"{channel[0]} {channel[1] or ''} {counts[channel]}"] = number
    labelled = {f"{kind} {label}" for kind, label in counts if label}
    mobile = pl.when((pl.col("type") == "mobile") & pl.col("label").is_null()).then(pl.lit("mobile"))
    asked = channels.with_columns(as_label=pl.coalesce("label", mobile))
    first = _numbered(asked.with_columns(as_label=_if_known(labelled)), keys)
    left = first.filter(pl.col("slot").is_null()).with_columns(as_label=pl.lit(""))
    second = _numbered(left, keys).with_columns(
        slot=pl.coalesce("slot", pl.col("kind").replace_strict(rest, default=None, return_dtype=pl.Int64))
    )
    return pl.concat([first.filter(pl.col("slot").is_not_null()), second])


def _if_known(labelled: Iterable[str]) -> pl.Expr:
    known = pl.format("{} {}", "kind", "as_label").is_in(list(labelled))
    return pl.when(known).then("as_label").otherwise(pl.lit("\x00"))


def _numbered(channels: pl.DataFrame, keys: dict[str, int]) -> pl.DataFrame:
    """Give the first channel of each contact, kind and label the first column for them, and so on."""
    turn = pl.int_range(pl.len()).over("root_id", "kind", "as_label")
    key = pl.format("{} {} {}", "kind", "as_label", turn)
    return channels.with_columns(slot=key.replace_strict(keys, default=None, return_dtype=pl.Int64))


def _lists(chunk: Chunk, profile: Export) -> Iterator[pl.DataFrame]:
    """Yield tags and consents, one text for each contact (root_id and the field)."""
    fields = set(profile.columns.values())
    if "tags" in fields:
        tags = chunk.tags.unique().sort("root_id", "tag").group_by("root_id", maintain_order=True)
        yield tags.agg(tags=pl.col("tag").str.join(profile.separator))
    for field in sorted(field for field in fields if field.startswith("consent.")):
        _, purpose, *part = field.split(".")
        of = chunk.consents.filter(pl.col("purpose") == purpose).sort("root_id", "channel", nulls_last=True)
        yield of.group_by("root_id").agg(pl.col(part[0] if part else "state").first().alias(field))
