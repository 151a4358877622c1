"""The log of runs as lines of JSON, for whoever watches machines: what ran, how it ended, never whose data it was.

The file is turned over when it is full; a few old ones are kept.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MOST = 1_000_000  # bytes of a file
_OLD = 5  # files kept beside the one in use


def noted(path: Path, event: Mapping[str, Any]) -> None:
    """Add one line to a log. A log that cannot be written stops nothing."""
    line = json.dumps(dict(event), ensure_ascii=False).encode() + b"\n"
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size + len(line) > _MOST:
            _turned(path)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)


def _turned(path: Path) -> None:
    """Move each old file one number up, the last one out, and the one in use to number 1."""
    for number in range(_OLD - 1, 0, -1):
        old = path.with_name(f"{path.name}.{number}")
        if old.exists():
            old.replace(path.with_name(f"{path.name}.{number + 1}"))
    path.replace(path.with_name(f"{path.name}.1"))
