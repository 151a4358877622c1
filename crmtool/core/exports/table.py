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
    from collections.abc import Iterator, Mapping

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
    taken = _taken(channels.filter(pl.col("kind").is_in(list(kinds))), wanted).with_columns(text=_extended())
    headings = list(profile.columns)
    slots = taken.select("root_id").unique()
    for n in wanted:
        mine = _one_each(taken.filter(pl.col("slot") == n), profile.separator)
        names = {f"\x00slot {n}": "text", **({f"\x00label {n}": "label"} if headings[n] in profile.labels else {})}
        slots = slots.join(mine.select("root_id", **names), on="root_id", how="left")
    unfit = taken.filter(pl.col("slot").is_null()).group_by("kind").len().sort("kind")
    return slots, dict(unfit.rows())


def _one_each(channels: pl.DataFrame, separator: str) -> pl.DataFrame:
    """Return the channels of one column, those of a contact that has several there as one."""
    if not channels["root_id"].is_duplicated().any():
        return channels
    each = channels.group_by("root_id", maintain_order=True)
    return each.agg(pl.col("text").str.join(separator), pl.col("label").first())


def _extended() -> pl.Expr:
    """Return the value of a channel with its extension."""
    return pl.col("value") + pl.format(" ext. {}", "extension").fill_null("")


def _taken(channels: pl.DataFrame, wanted: dict[int, tuple[str, str | None] | None]) -> pl.DataFrame:
    """Give each channel the number of its column (slot; null: none), as the text of the module says."""
    rest: dict[str, int] = {}
    columns: dict[tuple[str, str], list[int]] = {}
    for number, channel in wanted.items():
        if channel and channel[1] == _REST:
            rest[channel[0]] = number
        elif channel:
            columns.setdefault((channel[0], channel[1] or ""), []).append(number)
    mobile = pl.when((pl.col("type") == "mobile") & pl.col("label").is_null()).then(pl.lit("mobile"))
    labelled = channels.with_columns(as_label=pl.coalesce("label", mobile, pl.lit("")))
    first = _numbered(labelled, {place: numbers for place, numbers in columns.items() if place[1]})
    left = first.filter(pl.col("slot").is_null()).with_columns(as_label=pl.lit(""))
    second = _numbered(left, {place: numbers for place, numbers in columns.items() if not place[1]}).with_columns(
        slot=pl.coalesce("slot", pl.col("kind").replace_strict(rest, default=None, return_dtype=pl.Int64))
    )
    return pl.concat([first.filter(pl.col("slot").is_not_null()), second])


def _numbered(channels: pl.DataFrame, columns: Mapping[tuple[str, str], list[int]]) -> pl.DataFrame:
    """Give the first channel of each contact, kind and label the first column for them, and so on.

    Kinds and labels are counted by number: by their texts it takes several times as long.
    """
    if not columns:
        return channels.with_columns(slot=pl.lit(None, pl.Int64))
    most = max(map(len, columns.values()))
    names = {f"{kind} {label}": place for place, (kind, label) in enumerate(columns)}
    slots = {place * most + turn: n for place, numbers in enumerate(columns.values()) for turn, n in enumerate(numbers)}
    named = pl.format("{} {}", "kind", "as_label").replace_strict(names, default=None, return_dtype=pl.Int64)
    known = channels.with_columns(place=named)
    turn = _turns(known.select(pl.col("root_id") * len(names) + pl.col("place")).to_series())
    slot = pl.when(turn < most).then(pl.col("place") * most + turn)
    return known.with_columns(slot=slot.replace_strict(slots, default=None, return_dtype=pl.Int64)).drop("place")


def _turns(keys: pl.Series) -> pl.Series:
    """Return how many rows before each have its key; of rows without a key it means nothing.

    By two sorts of whole numbers: a window over as many groups as there are contacts takes ten times as long.
    """
    place = pl.int_range(pl.len())
    begins = pl.when(pl.col("key").ne_missing(pl.col("key").shift())).then(place)
    ordered = keys.alias("key").to_frame().with_columns(at=place).sort("key", maintain_order=True)
    return ordered.select("at", turn=place - begins.forward_fill()).sort("at")["turn"]


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
