"""The shape of every rule file. Values here are frozen; reading and checking files is `crmtool.io.rulebook`'s work.

To add a kind of rule file: a model here and a line in `crmtool.io.rulebook.FILES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from crmtool.core import model

Kind = Literal[
    "text",
    "note",
    "person",
    "name_part",
    "phone",
    "email",
    "vocabulary",
    "date",
    "tags",
    "key",
    "verified_on",
    "country",
    "region",
    "city",
    "postcode",
    "address",
    "company",
    "tax_id",
    "job_title",
    "money",
    "yes_no",
]
Strategy = Literal["trusted", "newest", "longest", "most_frequent", "earliest"]
Name = Annotated[str, Field(min_length=1)]
Words = Annotated[tuple[Name, ...], BeforeValidator(lambda given: (given,) if isinstance(given, str) else given)]

#: Parts of an address. A label tells addresses apart: "city.home" and "address.home" belong together.
ADDRESS = ("country", "region", "city", "postcode", "address")

#: Families of targets that are fields of one's own, kept under their whole names; `attr.` alone is cut off.
OWN = ("attr", "utm", "consent")

#: Other names of targets, for mappings that write fields by the thing they belong to.
ALIASES = {
    **{f"name.{part}": f"{part}_name" for part in ("given", "middle", "family")},
    "name.first": "given_name",
    "name.last": "family_name",
    "name.full": "name",
    "name.prefix": "prefix",
    "name.suffix": "suffix",
    "company.name": "company",
    "company.tax_id": "tax_id",
    **{f"company.{channel}": f"{channel}.work" for channel in ("email", "phone", "site")},
}
_PARTS = {
    **{part: part for part in ADDRESS},
    "street": "address",
    "line": "address",
    "state": "region",
    "zip": "postcode",
}


def canonical(target: str) -> str:
    """Return a target under its own name: "company" for "company.name", "city.home" for "address.home.city".

    >>> canonical("address.city"), canonical("address.home.street"), canonical("address.home"), canonical("phone.fax")
    ('city', 'address.home', 'address.home', 'phone.fax')
    """
    head, *labels = target.split(".")
    if head == "address" and labels and labels[-1] in _PARTS:
        return ".".join([_PARTS[labels[-1]], *labels[:-1]])
    return ALIASES.get(target, target)


Target = Annotated[str, AfterValidator(canonical)]


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


class Join(Rule):
    """Several columns that are one value, put together in this order; empty cells are left out."""

    columns: Annotated[tuple[Name, ...], Field(min_length=1)]
    separator: str = " "


class Tagging(Rule):
    """Tags for the rows whose cell says so; case and spaces do not matter. Without a word, any filled cell does."""

    column: Name
    equals: Words = ()
    contains: Words = ()
    tags: Annotated[Words, Field(min_length=1)]


class SourceMapping(Rule):
    """`mappings/NAME.toml`: how one source's export becomes fields.

    Headings are compared folded. `*` in a heading stands for a number or for none: "Phone * - Value" is "Phone 1 -
    Value", "Phone 2 - Value" and "Phone - Value". A heading written out goes before one with `*`. In a pair or a join
    of headings with `*` the same number belongs together.
    """

    title: str
    source: str
    signature: tuple[str, ...] = ()  # headings that together tell this export from all others
    variants: tuple[tuple[str, ...], ...] = ()  # other signatures: of other versions of the same export
    columns: Mapping[str, Target] = {}  # heading -> field, "phone.mobile", or "ignore"
    labels: Mapping[str, str] = {}  # heading of a channel -> heading of the column that says its label
    split: Mapping[str, Name] = {}  # heading -> separator between several values in a cell
    join: Mapping[Target, Join] = {}  # field -> the columns that are one value of it
    translate: Mapping[str, Mapping[str, str]] = {}  # heading -> value as written -> value wanted; "" for none
    formats: Mapping[str, str] = {}  # heading of days -> "DMY", "MDY", or how they are written: "%d.%m.%Y %H:%M"
    defaults: Mapping[Target, str] = {}  # field -> value where the file has none
    tags: tuple[str, ...] = ()
    tagging: tuple[Tagging, ...] = ()
    key: tuple[str, ...] = ()  # headings that name a row for ever; without them its content does
    region: str | None = None  # ISO 3166 code for phones without a country
    trust: int | None = None  # rank of the source, unless `survivorship.toml` ranks it
    on_duplicate: Literal["update", "fill", "skip", "review"] = "update"  # what a row of someone known may do
    file_formats: tuple[Name, ...] = ()  # only tables read from these formats; none: from any


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
    normalize: Normalize = Normalize()
    survivorship: Survivorship = Survivorship()
    duplicates: Duplicates = Duplicates(link=Link(), find=Find())
    freshness: Freshness = Freshness(check=())
    mappings: Mapping[str, SourceMapping] = {}
    vocabularies: Mapping[str, Vocabulary] = {}
    segments: Mapping[str, Segment] = {}
    exports: Mapping[str, Export] = {}


def field_of(target: str) -> str:
    """Return the field of a mapping target: "phone" for "phone.mobile"; a field of one's own is all of it.

    >>> field_of("phone.mobile"), field_of("attr.nps"), field_of("city.home"), field_of("consent.calls.at")
    ('phone', 'attr.nps', 'city', 'consent.calls.at')
    """
    head, _, rest = target.partition(".")
    return target if head in OWN and rest else head


def label_of(target: str) -> str | None:
    """Return the label of a mapping target: "mobile" for "phone.mobile", None where there is none.

    >>> label_of("phone.mobile"), label_of("city"), label_of("attr.nps")
    ('mobile', None, None)
    """
    return target.removeprefix(field_of(target)).removeprefix(".") or None


def own_field(target: str) -> str | None:
    """Return under which name a field of one's own is kept, None for any other target.

    >>> own_field("attr.nps"), own_field("utm.source"), own_field("phone.mobile")
    ('nps', 'utm.source', None)
    """
    head, _, rest = target.partition(".")
    return (rest if head == "attr" else target) if head in OWN and rest else None


def may_be_labelled(field: str) -> bool:
    """Return whether a field takes a label: channels do, and parts of an address."""
    return field in {*model.CHANNELS, *ADDRESS}
