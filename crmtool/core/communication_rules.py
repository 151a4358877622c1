"""The shape of `rules/communication.toml`: which addresses are ours, and by which clock our files are written."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator

from crmtool.core.rule import Name, Rule


def _known(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is no time zone; write it as Europe/Kyiv") from None
    return zone


class Communication(Rule):
    """`communication.toml`: what is ours of the addresses in calls and letters."""

    ours: tuple[Name, ...] = ()  # e-mails, numbers in the form +74950001101, or "@company.example"
    zone: Annotated[str, AfterValidator(_known)] | None = None  # of times without one; None: that of this computer
