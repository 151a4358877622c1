"""Write a file of invented contacts, many of them more than once, with the truth beside: by seed.

`FILE` is what an import leaves: names in parts, numbers in E.164, ISO days, and `person`, the truth. `FILE` with
`.truth.csv` holds, row by row: `person`, `errors` (the kinds planted in this row, joined by "|"), and what tells how
two people may be close: `pair`, `relation`, `firm`. People stand in `bench.population`, errors in `bench.copies`.

Run as `python -m bench.doubles ROWS FILE [--seed N] [--duplicated 0.4]` from the folder above.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import polars as pl

from bench import copies, draws, population

COLUMNS = (
    "name",
    "given_name",
    "middle_name",
    "family_name",
    "email",
    "phone",
    "company",
    "job_title",
    "city",
    "birthday",
    "tax_id",
    "site",
    "kind",
    "person",
)
TRUTH = ("person", "errors", "pair", "relation", "firm", "kind")
DUPLICATED = 0.4  # of all people and firms: stand two to four times
ROWS_EACH = 1.5  # a row more than this for each person, firms included, so that `rows` can be cut to size
FULL_ORDER = 0.5  # of whole names: family name first


def contacts(rows: int, seed: int, duplicated: float = DUPLICATED) -> pl.DataFrame:
    """Return exactly `rows` rows in random order: `COLUMNS` and `TRUTH`."""
    each = (1 + duplicated * 1.55) * (1 + population.FIRMS)
    count = int(rows / each * 1.02) + 2
    people, firms = _people(count, seed, duplicated), _firms(count, seed, duplicated)
    both = pl.concat([people, firms], how="diagonal").with_row_index("row")
    shuffled = both.with_columns(order=draws.chances(seed, "row")("order")).sort("order").head(rows)
    return shuffled.select(*COLUMNS, *(name for name in TRUTH if name not in COLUMNS))


def _people(count: int, seed: int, duplicated: float) -> pl.DataFrame:
    frame = copies.copied(population.people_of(count, seed), "n", seed, duplicated)
    frame = copies.planted(frame, copies.STEPS, seed)
    family_first = draws.chances(seed, "key")("name order") < FULL_ORDER
    ways = (["family", "given", "middle"], ["given", "middle", "family"])
    first, last = (pl.concat_str([pl.col(part) for part in way], separator=" ", ignore_nulls=True) for way in ways)
    return frame.with_columns(
        name=pl.when(family_first & (pl.col("land") != "44")).then(first).otherwise(last),
        kind=pl.lit("person"),
        person=pl.format("p{}", "n"),
        birthday=pl.col("birthday").cast(pl.String),
    ).rename({"given": "given_name", "middle": "middle_name", "family": "family_name"})


def _firms(count: int, seed: int, duplicated: float) -> pl.DataFrame:
    chance = draws.chances(seed, "firm")
    frame = population.firms_of(count, seed)
    others = frame.select(bare_later=pl.col("bare").shift(1).fill_null(pl.col("bare").last()))
    frame = pl.concat([frame, others], how="horizontal").with_columns(
        phone=pl.col("switchboard"),
        email=pl.when(chance("info known") < 0.7).then("info"),
        site=pl.format("https://{}", "domain"),
    )
    frame = copies.planted(copies.copied(frame, "firm", seed, duplicated), copies.FIRM_STEPS, seed)
    return frame.with_columns(
        name=pl.lit(None, pl.String),
        kind=pl.lit("company"),
        person=pl.format("f{}", "firm"),
        relation=pl.lit("none"),
        pair=pl.lit(None, pl.Int64),
    )


def write(place: Path, rows: int, seed: int, duplicated: float = DUPLICATED) -> None:
    """Write the file and its truth; they appear under their names only when whole."""
    place.parent.mkdir(parents=True, exist_ok=True)
    frame = contacts(rows, seed, duplicated)
    for path, columns in ((place.with_suffix(".truth.csv"), TRUTH), (place, COLUMNS)):
        part = path.with_suffix(".part")
        frame.select(columns).write_csv(part)
        part.replace(path)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description="Write a file of invented contacts and the truth about them.")
    parser.add_argument("rows", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--duplicated", type=float, default=DUPLICATED, help="share of people that stand 2 to 4 times")
    options = parser.parse_args(arguments)
    write(options.file, options.rows, options.seed, options.duplicated)


if __name__ == "__main__":
    main(sys.argv[1:])
