"""Telling a watchdog on the web that a run has begun and how it ended; whether it hears is no concern of the run."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit

from crmtool.core.errors import UsageError

_PATIENCE = 10.0  # seconds


def checked(url: str) -> str:
    """Return the address of a watchdog. Raises UsageError where it is none of the web."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise UsageError(f"{url!r} is no address of the web.", "It begins with https://")
    return url.rstrip("/")


def told(url: str | None, what: str) -> None:
    """Ask for URL/what, and go on whatever happens; nothing else is sent."""
    if url is None:
        return
    from urllib.request import Request, urlopen

    with suppress(Exception):
        request = Request(f"{url}/{what}", headers={"User-Agent": "crmtool"})  # noqa: S310  # its scheme was checked
        urlopen(request, timeout=_PATIENCE).close()  # noqa: S310
