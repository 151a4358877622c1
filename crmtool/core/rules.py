"""The shape of every rule file. Values here are frozen; reading and checking files is `crmtool.io.rulebook`'s work.

To add a kind of rule file: a model here and a line in `crmtool.io.rulebook.FILES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal[
    "text", "note", "person", "name_part", "phone", "email", "vocabulary", "date", "tags", "key", "verified_on"
]
Strategy = Literal["trusted", "newest", "longest", "most_frequent", "earliest"]
Name = Annotated[str, Field(min_length=1)]


class Rule(BaseModel):
    """A frozen model that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldRule(Rule):
    """One field of the catalogue: what kind of value it holds and by which headings it is known."""

    title: str
    kind: Kind = "text"
    vocabulary: str | None = None
    headings: tuple[str, ...] = ()  # synonyms of the heading, in any language; case and spaces do not matter


class Fields(Rule):
    """`fields.toml`: the field catalogue, and what a row must have to be kept."""

    field: Mapping[str, FieldRule]
    identity: tuple[Name, ...]  # a row needs at least one of these
    required: tuple[Name, ...] = ()  # and all of these


class SourceMapping(Rule):
    """`mappings/NAME.toml`: how one source's export becomes fields."""

    title: str
    source: str
    signature: tuple[str, ...] = ()  # headings that together tell this export from all others
    columns: Mapping[str, str] = {}  # heading -> field, "phone.mobile", or "ignore"
    split: Mapping[str, str] = {}  # heading -> separator between several values in a cell
    defaults: Mapping[str, str] = {}  # field -> value where the file has none
    tags: tuple[str, ...] = ()
    key: tuple[str, ...] = ()  # headings that name a row for ever; without them its content does
    region: str | None = None  # ISO 3166 code for phones without a country


class Vocabulary(Rule):
    """`vocabularies/NAME.toml`: canonical value <- synonyms."""

    title: str
    values: Mapping[str, tuple[str, ...]]
    drop: tuple[str, ...] = ()  # words in front that say nothing: "г.", "м."


class Normalize(Rule):
    """`normalize.toml`: what cannot be told from a value itself."""

    region: str | None = None
    name_order: Literal["auto", "given-family", "family-given"] = "auto"
    date_order: Literal["DMY", "MDY"] = "DMY"
    year_pivot: Annotated[int, Field(ge=0, le=99)] = 40
    placeholders: tuple[str, ...] = ()
    email_typos: Mapping[str, str] = {}


class Survivorship(Rule):
    """`survivorship.toml`: which record's value becomes the golden one."""

    default: Strategy = "trusted"
    field: Mapping[str, Strategy] = {}
    trust: Mapping[str, int] = {}  # source -> rank, higher wins
    default_trust: int = 50


class Link(Rule):
    """When an imported row joins a known contact without being asked."""

    channels: tuple[Literal["email", "mobile"], ...] = ("email", "mobile")
    max_shared: Annotated[int, Field(ge=2)] = 5  # a value on more contacts than this proves nothing


class Find(Rule):
    """Which agreements `duplicates find` puts before a person."""

    by: tuple[Literal["email", "phone", "name"], ...] = ("email", "phone", "name")
    max_block: Annotated[int, Field(ge=2)] = 50  # larger groups are reported, not paired


class Duplicates(Rule):
    """`duplicates.toml`."""

    link: Link
    find: Find


class Check(Rule):
    """One line of the freshness regulation: who checks a field, how often and how."""

    field: str  # "email", "phone", or a golden field
    owner: str  # role that checks it
    every_months: Annotated[int, Field(ge=1)]
    how: str
    grace_days: Annotated[int, Field(ge=0)] = 30  # how long a new, never verified value may wait


class Freshness(Rule):
    """`freshness.toml`: the regulation."""

    due_days: Annotated[int, Field(ge=0)] = 31  # yellow this long before it turns red
    check: tuple[Check, ...]


class Segment(Rule):
    """`segments/NAME.toml`: a saved filter."""

    title: str
    where: str
    description: str = ""
    owner: str = ""


class Export(Rule):
    """`exports/NAME.toml`: which fields under which headings, in which look."""

    title: str
    columns: Mapping[str, str]  # heading -> field
    format: Literal["csv", "xlsx"] = "csv"
    delimiter: Literal[",", ";", "\t"] = ","
    bom: bool = False  # Excel needs it to read UTF-8


class Rules(Rule):
    """All rules of a workspace, with one fingerprint over every file."""

    fingerprint: str
    fields: Fields
    normalize: Normalize
    survivorship: Survivorship
    duplicates: Duplicates
    freshness: Freshness
    mappings: Mapping[str, SourceMapping]
    vocabularies: Mapping[str, Vocabulary]
    segments: Mapping[str, Segment]
    exports: Mapping[str, Export]


def field_of(target: str) -> str:
    """Return the field of a mapping target: "phone" for "phone.mobile", "attr.nps" for itself.

    >>> field_of("phone.mobile"), field_of("attr.nps"), field_of("city")
    ('phone', 'attr.nps', 'city')
    """
    return target if target.startswith("attr.") else target.partition(".")[0]


def label_of(target: str) -> str | None:
    """Return the label of a mapping target: "mobile" for "phone.mobile", None where there is none.

    >>> label_of("phone.mobile"), label_of("city")
    ('mobile', None)
    """
    return None if target.startswith("attr.") else target.partition(".")[2] or None
