"""A workspace packed into one file: its store, key, rules and marker as a tar archive under zstd, encrypted or not.

Any machine opens it without crmtool: `age -d -i KEYFILE NAME | tar --zstd -x`. What is unpacked is taken for hostile:
only names that we write come out, as plain files, and no more bytes than were said.
"""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from crmtool.core.errors import StoreDamaged
from crmtool.io import encryption

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAIN = ".tar.zst"
STORE, KEY, MARKER, RULES = "crm.db", "crm.key", "crmtool.toml", "rules"
_LEVEL = 3  # of zstd
_ALSO = 64 * 2**20  # bytes beside the store: rules, key
_MOST_FILES = 10_000
_SECOND_COPY = "Take another copy; crmtool backup list names them."


def packed(folder: Path, target: Path) -> None:
    """Pack the files of a folder into a file that is there and empty."""
    import zstandard

    press = zstandard.ZstdCompressor(level=_LEVEL, threads=-1)
    with (
        target.open("wb") as file,
        press.stream_writer(file) as stream,
        tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.add(path, path.relative_to(folder).as_posix(), recursive=False, filter=_nameless)


def _nameless(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out whose files they were."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o600
    return entry


def unpacked(archive: Path, folder: Path, store_bytes: int, identities: list[Any] | None = None) -> None:
    """Unpack an archive into an empty private folder; `store_bytes` is how large its store may be.

    Raises KeyMissing where it is encrypted and no key fits, StoreDamaged where it is not as we made it.
    """
    plain = archive
    if archive.name.endswith(encryption.ENDING):
        plain = folder / "archive"
        encryption.decrypted(archive, plain, identities or [])
    try:
        _extracted(plain, folder, store_bytes + _ALSO)
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise StoreDamaged(f"{archive.name} is damaged ({type(error).__name__}).", _SECOND_COPY) from None
    finally:
        if plain != archive:
            plain.unlink(missing_ok=True)


def _extracted(plain: Path, folder: Path, most: int) -> None:
    import zstandard

    try:
        with plain.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as stream:
            for entry, content in _entries(stream):
                most -= entry.size
                if most < 0:
                    raise ValueError("it holds more than was said")
                path = folder / PurePosixPath(entry.name)
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with encryption.private(path) as sink:
                    shutil.copyfileobj(content, sink, 2**20)
    except zstandard.ZstdError:
        raise ValueError("it cannot be decompressed") from None


def _entries(stream: Any) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:  # noqa: ANN401  # a reader of zstandard
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for number, entry in enumerate(archive):
            content = archive.extractfile(entry)
            if number > _MOST_FILES or not entry.isreg() or content is None or not _ours(entry.name):
                raise ValueError("it holds what no copy has")
            yield entry, content


def _ours(name: str) -> bool:
    """Return whether a copy may hold a file of this name.

    >>> [_ours(name) for name in ("crm.db", "rules/fields.toml", "rules/../../x", "/crm.db", "notes.txt")]
    [True, True, False, False, False]
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name:
        return False
    return name in {STORE, KEY, MARKER} or (path.parts[:1] == (RULES,) and len(path.parts) > 1)
