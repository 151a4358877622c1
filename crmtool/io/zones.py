"""The time zone of this computer, by its IANA name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

_LINK = Path("/etc/localtime")
_NAME = Path("/etc/timezone")


def local(environment: Mapping[str, str]) -> str:
    """Return the name of the zone: what the variable TZ says, then what the system has; "UTC" where neither is known.

    >>> local({"TZ": "Europe/Kyiv"}), local({"TZ": ":Europe/Moscow"})
    ('Europe/Kyiv', 'Europe/Moscow')
    """
    linked = _LINK.resolve().as_posix().rpartition("zoneinfo/")[2] if _LINK.is_symlink() else ""
    written = _NAME.read_text("utf-8", "replace").strip() if _NAME.is_file() else ""
    names = (environment.get("TZ", "").removeprefix(":"), linked, written)
    return next((name for name in names if name and _known(name)), "UTC")


def _known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
