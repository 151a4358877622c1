"""The shape of `consents.toml`: what we ask people's leave for. To add a purpose: a table `[purpose.NAME]` there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from crmtool.core.rule import Name, Rule, Words


class Purpose(Rule):
    """What a consent is asked for."""

    title: Name
    channel: Literal["email", "phone", "messenger"] | None = None  # the one it is about; None: any
    months: Annotated[int, Field(ge=1)] | None = None  # how long a consent holds that names no end; None: without end
    texts: Mapping[Name, Name] = {}  # version -> the words people agreed to


class Consents(Rule):
    """`consents.toml`: purposes, and the words by which files say where a consent stands; `silent` ones say nothing."""

    purpose: Mapping[Name, Purpose] = {}
    silent: Words = ("no", "false")
    given: Words = ("given", "yes", "true", "subscribed")
    withdrawn: Words = ("withdrawn", "unsubscribed")
    expired: Words = ("expired",)
    unknown: Words = ("unknown", "pending")
