"""A plan as a file: written by `--save-plan`, reviewed, and applied later exactly as reviewed.

The file is a ZIP archive: for each part of the plan its frames (Arrow IPC) and what it says, and a head that names the
digests of all parts, proved with the key of the workspace. A plan that was edited, or is of another workspace, is
refused. It holds contact data, so it is readable by its owner alone.
"""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core import findings, model, plans
from crmtool.core.errors import InputRefused
from crmtool.core.plans import Edit, Plan, Revision
from crmtool.io.changelog import keyed
from crmtool.io.writers import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

_HEAD, _FORMAT = "head.json", 1
_FRAMES = ("created", "before", "after", "removed")
_NO_PLAN = "Make one with: crmtool import FILE --save-plan PLAN"


class _NotEnded(Exception):
    """Leaves the writer of a plan that came to nothing."""


@contextmanager
def writing(path: Path, key: str) -> Iterator[tuple[Callable[[Plan], None], Callable[[Mapping[str, Any]], None]]]:
    """Give two functions: one adds a part of the plan, one ends the file with the facts of the whole.

    The file comes into being only when it was ended. Raises UsageError where there is one, NotWritable.
    """
    digests: list[str] = []
    with suppress(_NotEnded), files.atomic(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:

        def add(plan: Plan) -> None:
            for name, content in _entries(plan):
                archive.writestr(f"{len(digests):05}/{name}", content)
            digests.append(plans.digest(plan))

        def end(facts: Mapping[str, Any]) -> None:
            head = json.dumps({"format": _FORMAT, "digests": digests, "facts": facts}, ensure_ascii=False)
            archive.writestr(_HEAD, json.dumps({"head": head, "proof": _proof(key, head)}))

        yield add, end
        if _HEAD not in archive.namelist():
            raise _NotEnded


def facts(path: Path, key: str) -> dict[str, Any]:
    """Return the facts of the whole of a saved plan. Raises as `parts` does."""
    with _opened(path) as archive:
        found: dict[str, Any] = _head(archive, path, key)["facts"]
        return found


def parts(path: Path, key: str) -> Iterator[Plan]:
    """Yield the parts of a saved plan.

    Raises InputRefused where the file is no plan, was edited, or belongs to another workspace.
    """
    with _opened(path) as archive:
        for number, digest in enumerate(_head(archive, path, key)["digests"]):
            plan = _part(archive, f"{number:05}", path)
            if plans.digest(plan) != digest:
                raise _edited(path)
            yield plan
            del plan


def _proof(key: str, head: str) -> str:
    return str(pl.select(keyed(key, "plan", pl.lit(head))).item())


def _entries(plan: Plan) -> Iterator[tuple[str, bytes]]:
    said = {
        "command": plan.command,
        "base": [plan.base.number, plan.base.digest],
        "rules": plan.rules,
        "undoes": plan.undoes,
        "facts": dict(plan.facts),
        "tables": list(plan.edits),
    }
    yield "plan.json", json.dumps(said, ensure_ascii=False).encode()
    yield "findings.arrow", _packed(plan.findings)
    for table, edit in plan.edits.items():
        for name in _FRAMES:
            frame = getattr(edit, name)
            if frame.height:
                yield f"{table}.{name}.arrow", _packed(frame)


def _packed(frame: pl.DataFrame) -> bytes:
    target = io.BytesIO()
    frame.write_ipc(target, compression="zstd")
    return target.getvalue()


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except FileNotFoundError:
        raise InputRefused(f"There is no file {path}.", _NO_PLAN) from None
    except (zipfile.BadZipFile, IsADirectoryError):
        raise InputRefused(f"{path} is no saved plan.", _NO_PLAN) from None


def _head(archive: zipfile.ZipFile, path: Path, key: str) -> dict[str, Any]:
    try:
        outer = json.loads(archive.read(_HEAD))
        head: dict[str, Any] = json.loads(outer["head"])
        proved = outer["proof"] == _proof(key, outer["head"])
    except (KeyError, ValueError, TypeError):
        raise InputRefused(f"{path} is no saved plan.", _NO_PLAN) from None
    if not proved:
        raise _edited(path)
    if head["format"] != _FORMAT:
        raise InputRefused(f"{path} was saved by another version of crmtool.", "Make the plan anew with this one.")
    return head


def _edited(path: Path) -> InputRefused:
    return InputRefused(f"{path} was edited, or belongs to another workspace.", "Make the plan anew.")


def _part(archive: zipfile.ZipFile, folder: str, path: Path) -> Plan:
    names = set(archive.namelist())

    def frame(name: str, absent: pl.DataFrame) -> pl.DataFrame:
        entry = f"{folder}/{name}.arrow"
        return pl.read_ipc(io.BytesIO(archive.read(entry))) if entry in names else absent

    try:
        said = json.loads(archive.read(f"{folder}/plan.json"))
        edits = {
            table: Edit(**{name: frame(f"{table}.{name}", model.empty(table)) for name in _FRAMES})
            for table in said["tables"]
        }
        found = frame("findings", findings.empty())
    except (KeyError, ValueError, zipfile.BadZipFile, pl.exceptions.PolarsError):
        raise _edited(path) from None
    return Plan(said["command"], Revision(*said["base"]), said["rules"], edits, found, said["facts"], said["undoes"])
