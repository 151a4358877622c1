"""The shape of every rule file. Values here are frozen; reading and checking files is `crmtool.io.rulebook`'s work.

To add a kind of rule file: a model here and a line in `crmtool.io.rulebook.FILES`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from crmtool.core import model
from crmtool.core.alert_rules import Alerts
from crmtool.core.backup_rules import Backup
from crmtool.core.communication_rules import Communication
from crmtool.core.consent_rules import Consents
from crmtool.core.deal_rules import Deals
from crmtool.core.document_rules import Documents
from crmtool.core.export_rules import Export
from crmtool.core.freshness_rules import Freshness
from crmtool.core.limit_rules import Limits as Touching
from crmtool.core.match_rules import Learned
from crmtool.core.pipeline_rules import Pipeline
from crmtool.core.retention_rules import Retention
from crmtool.core.role_rules import Roles
from crmtool.core.rule import Name, Rule, Words
from crmtool.core.survivorship_rules import Survivorship
from crmtool.core.tag_rules import Tags

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
    "site",
    "messenger",
    "telegram",
    "whatsapp",
    "viber",
    "skype",
]

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


def _bound(given: object) -> object:
    """Return a bound as a number, a day, or "today"; a text or a moment in TOML may be a day."""
    if isinstance(given, dt.datetime):
        return given.date()
    if isinstance(given, bool) or not isinstance(given, str | int | float | dt.date):
        raise ValueError("a bound is a number, a day, or today")  # noqa: TRY004  # only these become a problem of a key
    if isinstance(given, str) and given != "today":
        try:
            return dt.date.fromisoformat(given)
        except ValueError:
            raise ValueError("a bound is a number, a day such as 2024-03-05, or today") from None
    return given


Target = Annotated[str, AfterValidator(canonical)]
Targets = Annotated[tuple[Target, ...], BeforeValidator(lambda given: (given,) if isinstance(given, str) else given)]
Bound = Annotated[int | float | dt.date | Literal["today"], BeforeValidator(_bound)]

#: How a check compares two fields.
COMPARISON = r"^\s*([^\s<>=!]+)\s*(<=|>=|!=|<|>|=)\s*([^\s<>=!]+)\s*$"


def _compares(text: str) -> str:
    if not re.match(COMPARISON, text):
        raise ValueError("a comparison has two fields and <, <=, =, !=, >= or > between them")
    return text


class Condition(Rule):
    """What a row has to say for a check to concern it; case does not matter. A field alone: it is filled."""

    field: Target
    equals: Words = ()
    differs: Words = ()  # an empty field differs from every word
    filled: bool | None = None


class Message(Rule):
    """What a check says in its own words, in the languages of the people who read it."""

    en: str = ""
    ru: str = ""


class Limits(Rule):
    """What values have to be; `core.requirements` says each in a sentence."""

    pattern: str | None = None  # the whole value has this form; RE2, where a letter is [\pL], not \w
    min_length: Annotated[int, Field(ge=0)] | None = None  # characters
    max_length: Annotated[int, Field(ge=0)] | None = None
    min: Bound | None = None
    max: Bound | None = None
    known: bool = False  # stands in the vocabulary of the field
    unique: bool = False  # no two contacts have the same
    severity: Literal["error", "warning", "note"] = "warning"  # an error sets the row aside
    message: Message | Name | None = None


class FieldRule(Limits):
    """One field of the catalogue: what kind of value it holds, by which headings it is known, what it has to be."""

    title: str
    kind: Kind = "text"
    vocabulary: str | None = None
    headings: tuple[str, ...] = ()  # synonyms of the heading, in any language; case and spaces do not matter
    required: bool | Literal["person", "company"] = False  # always, or of contacts of this kind
    required_when: tuple[Condition, ...] = ()  # where all of these hold
    due: bool = False  # a day of one's own that something ends or is to be done on: `crmtool due` tells it


class Requirement(Limits):
    """`[[check]]`: what is asked of several fields together, or of some rows only."""

    name: Annotated[str, Field(pattern=r"^\w[\w.-]*$")]
    kind: Literal["person", "company"] | None = None  # contacts it concerns; None: all
    when: tuple[Condition, ...] = ()  # all of these hold for the rows it concerns
    field: Targets = ()  # whose values the limits are for
    required: Targets = ()  # all of these are filled
    at_least_one: Targets = ()  # one of these is filled
    compare: Annotated[str, AfterValidator(_compares)] | None = None  # "birthday <= first_contact_on"


class Fields(Rule):
    """`fields.toml`: the field catalogue, and what a row must have to be kept."""

    field: Mapping[str, FieldRule]
    identity: tuple[Name, ...]  # a row needs at least one of these
    required: tuple[Name, ...] = ()  # and all of these
    check: tuple[Requirement, ...] = ()
    language: Literal["en", "ru"] = "en"  # of messages that are written in both


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

    @cached_property
    def index(self) -> Mapping[str, str]:
        """Folded synonym -> canonical value."""
        from crmtool.core.normalizers.vocabulary import vocabulary_index

        return MappingProxyType(vocabulary_index(self.values, self.drop))


class Normalize(Rule):
    """`normalize.toml`: what cannot be told from a value itself."""

    region: str | None = None
    name_order: Literal["auto", "given-family", "family-given"] = "auto"
    date_order: Literal["DMY", "MDY"] = "DMY"
    year_pivot: Annotated[int, Field(ge=0, le=99)] = 40
    placeholders: tuple[str, ...] = ()
    email_typos: Mapping[str, str] = {}
    apply_email_typos: bool = False  # write the likely domain instead of suggesting it
    email_roles: tuple[str, ...] = ()  # mailboxes that several people read, beside the usual ones


class Link(Rule):
    """When an imported row joins a known contact without being asked."""

    channels: tuple[Literal["email", "mobile"], ...] = ("email", "mobile")
    max_shared: Annotated[int, Field(ge=2)] = 5  # a value on more contacts than this proves nothing


#: What rules of blocking may name: a field as it is, or a part of it.
BLOCKING_KEYS = frozenset(
    {
        *("email", "email.box", "phone", "messenger", "site", "domain", "name", "name.word", "given_name"),
        "family_name",
        *("birthday", "birthday.year", "postcode", "postcode.beginning", "tax_id", "tax_id.beginning"),
        *(
            f"{field}{part}"
            for field in ("company", "job_title", "city", "address", "region")
            for part in ("", ".word")
        ),
    }
)


class Match(Rule):
    """How `duplicates find` looks for contacts that are the same."""

    #: What contacts must share to be compared at all: for each rule all of its keys.
    blocking: Annotated[tuple[tuple[str, ...], ...], Field(max_length=32)] = (
        ("email",),
        ("phone",),
        ("tax_id",),
        ("messenger",),
        ("domain",),
        ("name",),
        ("name.word", "birthday"),
        ("name.word", "postcode"),
        ("name.word", "city"),
        ("name.word", "company"),
        ("name.word", "birthday.year"),
        ("name.word", "postcode.beginning"),
        ("name.word", "job_title"),
        ("name.word", "address.word"),
        ("birthday", "city"),
        ("birthday", "postcode"),
        ("company", "city"),
    )
    max_block: Annotated[int, Field(ge=2)] = 100  # rows: larger groups are reported, not paired
    max_pairs: Annotated[int, Field(ge=1)] = 5  # for each row, under one rule; beyond, its largest blocks are left out
    max_cluster: Annotated[int, Field(ge=2)] = 500  # rows that are compared each with each
    max_certain: Annotated[int, Field(ge=2)] = 50  # contacts that are one party: more are for a person, however sure
    certain: float = 10.0  # bits of match weight from which a pair is the same without asking
    review: float = 0.0  # bits from which a pair waits for a person
    seed: int = 7
    at_import: bool = True  # new contacts are matched with the base as they come in, by the model that train wrote


class Duplicates(Rule):
    """`duplicates.toml`."""

    link: Link = Field(default_factory=Link)
    match: Match = Field(default_factory=Match)


class Segment(Rule):
    """`segments/NAME.toml`: a saved filter."""

    title: str
    where: str
    description: str = ""
    owner: str = ""
    review_on: dt.date | None = None  # when its owner looks at it again


class Rules(Rule):
    """All rules of a workspace, with one fingerprint over every file."""

    fingerprint: str
    fields: Fields
    normalize: Normalize = Field(default_factory=Normalize)
    survivorship: Survivorship = Field(default_factory=Survivorship)
    duplicates: Duplicates = Field(default_factory=Duplicates)
    learned: Learned | None = None
    freshness: Freshness = Field(default_factory=lambda: Freshness(check=()))
    deals: Deals = Field(default_factory=Deals)
    documents: Documents = Field(default_factory=Documents)
    backup: Backup = Field(default_factory=Backup)
    limits: Touching = Field(default_factory=Touching)
    retention: Retention = Field(default_factory=Retention)
    roles: Roles = Field(default_factory=Roles)
    alerts: Alerts = Field(default_factory=Alerts)
    consents: Consents = Field(default_factory=Consents)
    communication: Communication = Field(default_factory=Communication)
    interactions: Mapping[str, SourceMapping] = {}  # mappings of journals
    purchases: Mapping[str, SourceMapping] = {}
    mappings: Mapping[str, SourceMapping] = {}
    vocabularies: Mapping[str, Vocabulary] = {}
    tags: Tags = Field(default_factory=Tags)
    segments: Mapping[str, Segment] = {}
    exports: Mapping[str, Export] = {}
    pipelines: Mapping[str, Pipeline] = {}


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
