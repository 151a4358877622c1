"""One file of an export: rows out of the store, into its format, and read back; and the paper that goes with it."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core.exports import cards, table
from crmtool.io import exporting, readback
from crmtool.io.writers import delivery

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crmtool.core.export_rules import Export
    from crmtool.io.store import Store
    from crmtool.io.writers.delivery import Look

_NAMES = ("name", "given_name", "middle_name", "family_name")


def delivered(
    store: Store, people: pl.DataFrame, profile: Export, path: Path, temporary: Path, *, approximate: bool = False
) -> Look:
    """Write the people of an export (columns: `gate.ADDRESSES`) into a file that `files.atomic` gave; return its look.

    `path` is the name it will have, whose ending says the format. Raises UsageError as `delivery.written` does, and
    NotWritable unless the file reads back as it was written.
    """
    look = looked(profile, path, approximate=approximate)
    made = _cards(store, people, profile) if look.format == "vcard" else _rows(store, people, profile, look)
    first = next(made, None)
    frames = itertools.chain([_empty(profile, look) if first is None else first], made)
    delivery.written(frames, temporary, look)
    readback.checked(temporary, look, _headings(profile), readback.added(look.sums))
    return look


def looked(profile: Export, path: Path, *, approximate: bool = False) -> Look:
    """Return how a profile's file looks under a name. Raises UsageError for an ending that says no format."""
    days = {heading for heading, field in profile.columns.items() if field in table.DAYS and not profile.dates}
    names = {heading for heading, field in profile.columns.items() if field in _NAMES}
    tabbed = path.suffix.lower() == ".tsv"
    return delivery.Look(
        delivery.format_of(path, profile.format),
        "\t" if tabbed else profile.delimiter,
        profile.bom,
        profile.encoding,
        approximate,
        frozenset(days),
        frozenset(names),
    )


def _rows(store: Store, people: pl.DataFrame, profile: Export, look: Look) -> Iterator[pl.DataFrame]:
    for rows, unfit in exporting.parts(store, people, profile):
        for kind, count in unfit.items():
            look.unfit[kind] = look.unfit.get(kind, 0) + count
        yield rows.drop(table.ID)


def _cards(store: Store, people: pl.DataFrame, profile: Export) -> Iterator[pl.DataFrame]:
    for ids in exporting.portions(people["root_id"].unique(maintain_order=True)):
        mine = people.filter(people["root_id"].is_in(ids.implode()))
        yield cards.cards(exporting.chunk(store, mine, profile), profile)


def _empty(profile: Export, look: Look) -> pl.DataFrame:
    """Return no rows under the headings: an export of nobody is a file too."""
    headings = ["card"] if look.format == "vcard" else _headings(profile)
    return pl.DataFrame(schema=dict.fromkeys(headings, pl.String()))


def _headings(profile: Export) -> list[str]:
    return [heading for _, heading, _ in table.placed(profile)]


def paper_of(path: Path) -> Path:
    """Return where the manifest of an exported file stands: beside it."""
    return path.with_name(f"{path.name}.manifest.json")


def write_paper(said: Mapping[str, Any], temporary: Path) -> None:
    """Write a manifest into a file that `files.atomic` gave."""
    temporary.write_text(json.dumps(said, ensure_ascii=False, indent=2) + "\n", "utf-8")
