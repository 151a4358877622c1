"""What is known of a copy without opening it: a small JSON file beside the archive, without anybody's data.

It is proved with the key of the workspace, so a changed manifest is as good as none. `Copy` is one archive with its
manifest in one folder.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.errors import StoreDamaged
from crmtool.io.changelog import keyed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ENDING = ".json"
_FORMAT = 1
_MOST = 100_000  # bytes of a manifest


@dataclass(frozen=True)
class Manifest:
    """What a copy holds."""

    archive: str  # name of the file
    made: str  # ISO moment in UTC
    why: str
    encrypted: bool
    sha256: str  # of the archive
    bytes: int
    store_sha256: str
    store_bytes: int
    revision: int  # the last change set of the history, and its digest: an anchor for the history
    head: str
    schema: int
    rules: str  # fingerprint
    counts: Mapping[str, int]  # table -> rows
    faults: int  # rows that were not as their proof says when the copy was made
    version: str  # of crmtool
    format: int = _FORMAT

    @property
    def moment(self) -> dt.datetime:
        """When it was made."""
        return dt.datetime.fromisoformat(self.made)


@dataclass(frozen=True)
class Copy:
    """One archive in one folder."""

    manifest: Manifest
    folder: Path
    proof: str

    @property
    def path(self) -> Path:
        """The archive."""
        return self.folder / self.manifest.archive

    @property
    def manifest_path(self) -> Path:
        """The manifest."""
        return self.path.with_name(self.path.name + ENDING)


def rendered(manifest: Manifest, proof: str) -> str:
    """Return a manifest as the text of its file."""
    return json.dumps({**asdict(manifest), "proof": proof}, indent=1) + "\n"


def proof(manifest: Manifest, key: str) -> str:
    """Return the keyed hash of a manifest."""
    content = json.dumps(asdict(manifest), sort_keys=True)
    return str(pl.select(keyed(key, "backup", pl.lit(content))).item())


def read(path: Path) -> Copy:
    """Return the copy a manifest tells of. Raises StoreDamaged where the file is not, byte for byte, as we wrote it."""
    try:
        with path.open("rb") as file:
            text = file.read(_MOST).decode("utf-8")
        said = json.loads(text)
        given = said.pop("proof")
        manifest = Manifest(**said)
        whole = manifest.format == _FORMAT and rendered(manifest, given) == text
        whole = whole and all(type(n) is int for n in (manifest.bytes, manifest.store_bytes, manifest.revision))
        whole = whole and manifest.moment.tzinfo is not None and manifest.archive == path.name.removesuffix(ENDING)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        whole = False
    if not whole:
        raise StoreDamaged(f"{path.name} is no manifest of a copy, or was changed.", "Take another copy.")
    return Copy(manifest, path.parent, given)


def found(folder: Path) -> Iterator[Copy]:
    """Yield the copies in a folder whose manifest can be read, oldest first."""
    copies = []
    for path in folder.glob(f"crm-*{ENDING}"):
        try:
            copies.append(read(path))
        except StoreDamaged:
            continue
    yield from sorted(copies, key=lambda copy: (copy.manifest.moment, copy.manifest.archive))


def unreadable(folder: Path) -> list[Path]:
    """Return the files in a folder that belong to a copy without a manifest that can be read."""
    known = {path for copy in found(folder) for path in (copy.path, copy.manifest_path)}
    return sorted(path for path in folder.glob("crm-*.tar.zst*") if path not in known)


def whole(copy: Copy, key: str | None) -> str:
    """Return what is wrong with a copy as a file: its manifest, its length, its hash; empty: nothing.

    Without the key of the workspace it is not known who wrote the manifest.
    """
    if key is not None and proof(copy.manifest, key) != copy.proof:
        return "its manifest was changed, or is of another workspace"
    try:
        if copy.path.stat().st_size != copy.manifest.bytes:
            return "it is not as long as it was"
        return "" if hashed(copy.path) == copy.manifest.sha256 else "its content was changed"
    except FileNotFoundError:
        return "the archive is not there"
    except OSError as error:
        return f"it cannot be read ({error.strerror})"


def hashed(path: Path) -> str:
    """Return the SHA-256 (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
