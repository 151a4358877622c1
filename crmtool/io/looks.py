"""When somebody last looked at a contact: a small private file in the workspace, which is nobody else's business."""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NAME = "looked.json"


def last(folder: Path, who: str, contact: int) -> int:
    """Return the revision of the store at which somebody last looked at a contact; 0: never."""
    seen = _read(folder).get(who, {})
    return int(seen.get(str(contact), 0)) if isinstance(seen, dict) else 0


def looked(folder: Path, who: str, contact: int, revision: int) -> None:
    """Remember that somebody looks; where that cannot be written, nothing is remembered."""
    whole = _read(folder)
    mine = whole.get(who)
    whole[who] = {**(mine if isinstance(mine, dict) else {}), str(contact): revision}
    beside = folder / f".{_NAME}.{os.getpid()}"
    with contextlib.suppress(OSError):
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(whole, file)
        beside.replace(folder / _NAME)


def _read(folder: Path) -> dict[str, object]:
    try:
        content = json.loads((folder / _NAME).read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
