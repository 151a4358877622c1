"""Matching past one machine: what another engine needs to weigh pairs as the model does, and its scores taken back.

A folder holds for each kind of contact `KIND.contacts.parquet` (cleaned columns and blocking keys),
`KIND.shares.parquet` (how rare values are), `KIND.settings.json` (the trained model as Splink's settings), and
`export.json`: what it was made of. The engine adds `KIND.scores.parquet`, a file or a folder of parts. Which contacts
are one party is told here, from the scores and all pairs among those that hang together.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from crmtool.core.duplicates import matching, models, queue, splink_settings
from crmtool.core.duplicates.weighing import Pairs
from crmtool.core.errors import Conflict, InputRefused, UsageError
from crmtool.io import doubles, engine_scripts
from crmtool.io.writers import files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crmtool.core.duplicates.matching import Matched
    from crmtool.core.match_rules import Model
    from crmtool.core.rules import Rules
    from crmtool.io.store import Store

ABOUT, SCRIPT = "export.json", "score.py"
_VERSION = 1
_EXPORTED: dict[str, pl.DataType] = {"unique_id": pl.Int64(), "fingerprint": pl.Int64()}
_SCORES: dict[str, pl.DataType] = {"unique_id_l": pl.Int64(), "unique_id_r": pl.Int64(), "match_weight": pl.Float64()}
_APART = 1e-6  # bits by which an engine's weight may differ from ours before it is told


class Counts(NamedTuple):
    """What there is to say of scores.

    `scored` counts the pairs, `unknown` those of contacts that are gone or merged, `changed` those of contacts changed
    since the export, `new` contacts that were not in it, `differing` weights that are not ours (`apart` bits at most).
    """

    scored: int
    unknown: int
    changed: int
    new: int
    differing: int
    apart: float


class Scored(NamedTuple):
    """What came back: pairs to ask about (`queue.OFFERED`), and of each kind of contact what there is to say."""

    pairs: pl.DataFrame
    counts: dict[str, Counts]

    def told(self, what: str) -> int:
        """Return one of the counts over all kinds."""
        return sum(getattr(counts, what) for counts in self.counts.values())


# -- out --------------------------------------------------------------------------------------------------------------


def written(store: Store, rules: Rules, folder: Path, dialect: str, *, force: bool) -> dict[str, int]:
    """Write what an engine needs into a folder; return how many contacts of each kind.

    Raises UsageError where there is no model that fits, or files are there already.
    """
    told: dict[str, Any] = {}
    reasons = {}
    _free(folder, force=force)
    for kind, parties in doubles.kinds(store, rules):
        model = doubles.usable(rules, kind, parties.height)
        if model is None:
            reasons[kind] = models.unfit(rules.learned, kind, rules.duplicates.match, parties.height)
            continue
        _opened(folder)
        handed = splink_settings.handed(parties, rules.duplicates.match, model, dialect)
        known = handed.table.with_columns(fingerprint=pl.Series(models.lines(parties.drop("id", "kind"))))
        _parquet(known, folder / f"{kind}.contacts.parquet")
        _parquet(handed.shares, folder / f"{kind}.shares.parquet")
        _text(json.dumps(handed.settings, indent=1, ensure_ascii=False), folder / f"{kind}.settings.json")
        told[kind] = {"contacts": parties.height, "model": _identity(model)}
    if not told:
        why = "; ".join(f"{kind}: {reason}" for kind, reason in reasons.items()) or "there are no contacts"
        raise UsageError(f"There is no model to hand over ({why}).", "Learn one with: crmtool duplicates train")
    _text(engine_scripts.SCRIPTS[dialect], folder / SCRIPT)
    about = {"version": _VERSION, "engine": "splink", "dialect": dialect, "kinds": told, "left_out": reasons}
    _text(json.dumps(about, indent=1), folder / ABOUT)
    return {kind: each["contacts"] for kind, each in told.items()}


def _free(folder: Path, *, force: bool) -> None:
    """Raise UsageError where something stands in the place of the folder; an export is replaced by force."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file.", "Name a folder.")
    if folder.is_dir() and any(folder.iterdir()):
        if not (folder / ABOUT).is_file():
            raise UsageError(f"{folder} is not empty.", "Name a folder that is empty or not there yet.")
        files.refuse_to_overwrite(folder / ABOUT, force=force)


def _opened(folder: Path) -> None:
    """Make the folder, or take away the scores of the export that it held: they are of other contacts."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for stale in folder.glob("*.scores.parquet"):
        if stale.is_dir():
            shutil.rmtree(stale)
        else:
            stale.unlink()


def _parquet(table: pl.DataFrame, path: Path) -> None:
    with files.atomic(path, force=True) as temporary:
        table.write_parquet(temporary)


def _text(text: str, path: Path) -> None:
    with files.atomic(path, force=True) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8", newline="\n")


def _identity(model: Model) -> str:
    return hashlib.sha256(model.model_dump_json().encode()).hexdigest()[:16]


# -- back -------------------------------------------------------------------------------------------------------------


def scored(store: Store, rules: Rules, folder: Path) -> Scored:
    """Return the pairs to put before a person by the scores of an engine: those that `duplicates find` would find.

    Pairs of contacts that are unknown, or were changed since the export, are left out and counted. Raises InputRefused
    for a folder or scores that cannot be read, Conflict where the model is another one now.
    """
    about = _about(folder)
    known, waiting = (doubles.judged(store, sort) for sort in (doubles.WEIGHED, doubles.UNWEIGHED))
    counts, pairs = {}, [pl.DataFrame(schema=queue.OFFERED)]
    for kind, parties in doubles.kinds(store, rules):
        if kind in about["kinds"]:
            matched, counts[kind] = _of_kind(store, rules, folder, parties, about["kinds"][kind]["model"])
            pairs.append(doubles.to_ask(matched, parties["id"], waiting, known))
    if not counts:
        raise InputRefused("The contacts of this folder are not those of the store.", "Export anew.")
    order = ["weight", "left_id", "right_id"]
    return Scored(pl.concat(pairs).sort(order, descending=[True, False, False]), counts)


def _about(folder: Path) -> dict[str, Any]:
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        fine = about["version"] == _VERSION and all(each["model"] for each in about["kinds"].values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        fine = False
    if not fine:
        raise InputRefused(
            f"{folder} is no folder of: crmtool duplicates export --engine splink",
            "Name the folder that was exported and scored.",
        )
    kept: dict[str, Any] = about
    return kept


def _of_kind(store: Store, rules: Rules, folder: Path, parties: pl.DataFrame, exported: str) -> tuple[Matched, Counts]:
    """Return who belongs together of a kind by the scores in a folder; `exported` is the model it was made with."""
    kind, ids = str(parties["kind"][0]), parties["id"]
    model = doubles.usable(rules, kind, parties.height)
    if model is None or _identity(model) != exported:
        raise Conflict(
            f"The model of a {kind} is not the one that was exported.",
            "Export and score anew with: crmtool duplicates export --engine splink",
        )
    fields = parties.drop("id", "kind")
    before = _read(folder / f"{kind}.contacts.parquet", _EXPORTED)
    scores = _scores(folder / f"{kind}.scores.parquet")
    now = pl.DataFrame({"unique_id": ids, "fingerprint": models.lines(fields)})
    here = _of_both(scores, ids)
    fitting = _of_both(here, now.join(before, on=["unique_id", "fingerprint"])["unique_id"])
    left, right = doubles.placed(ids, fitting)
    pairs = Pairs(np.minimum(left, right), np.maximum(left, right), fitting["weight"].to_numpy())
    apart = doubles.placed(ids, doubles.judged(store, doubles.DIFFERENT))
    matched = matching.joined(fields, pairs, rules.duplicates.match, model, apart)
    new = int((~ids.is_in(before["unique_id"].implode())).sum())
    lost = scores.height - here.height, here.height - fitting.height
    return matched, Counts(scores.height, *lost, new, *_compared(pairs, matched, len(ids)))


def _of_both(pairs: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """Return the pairs both of whose contacts are among some."""
    known = ids.implode()
    return pairs.filter(pl.col("left_id").is_in(known) & pl.col("right_id").is_in(known))


def _compared(pairs: Pairs, matched: Matched, rows: int) -> tuple[int, float]:
    """Return how many weights differ from ours, and by how much at most, of the pairs that we weighed too."""
    ours = pl.DataFrame({"pair": matched.pairs.left * rows + matched.pairs.right, "own": matched.pairs.weight})
    theirs = pl.DataFrame({"pair": pairs.left * rows + pairs.right, "weight": pairs.weight})
    both = theirs.join(ours.filter(pl.col("own") > matching.NEVER), on="pair")
    far = (both["weight"] - both["own"]).abs()
    return int((far > _APART).sum()), float(far.max() or 0.0)  # type: ignore[arg-type]  # weights are numbers


def _scores(path: Path) -> pl.DataFrame:
    """Return the scored pairs, each once: left_id below right_id, weight. Raises InputRefused."""
    table = _read(path / "*.parquet" if path.is_dir() else path, _SCORES).drop_nulls()
    one, other = pl.col("unique_id_l"), pl.col("unique_id_r")
    ordered = table.filter(pl.col("match_weight").is_finite() & (one != other)).select(
        left_id=pl.min_horizontal(one, other), right_id=pl.max_horizontal(one, other), weight="match_weight"
    )
    return ordered.unique(["left_id", "right_id"], keep="first", maintain_order=True)


def _read(path: Path, columns: Mapping[str, pl.DataType]) -> pl.DataFrame:
    try:
        return pl.read_parquet(path, columns=list(columns)).select(
            pl.col(name).cast(kind) for name, kind in columns.items()
        )
    except (OSError, pl.exceptions.PolarsError) as fault:
        there = any(path.parent.glob(path.name))
        wants = f"{path.name} cannot be read: it needs the columns {', '.join(columns)}."
        raise InputRefused(
            wants if there else f"There is no {path.name} in {path.parent.name}.",
            f"Score the folder first, with the {SCRIPT} in it: python {SCRIPT}",
        ) from fault
