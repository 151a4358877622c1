"""What an audit says, as values: figures line by line, the health score with its formula, tables and lists of work.

A line has a code, which is its name for `--fail-on`, for snapshots and in JSON, and a label, which renderers translate.
To add a line: its code and label in `LABELS`, its section in `SECTIONS`, and its count in `crmtool.io.auditing`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from crmtool.core.audits.quarters import Quarter
    from crmtool.core.freshness_rules import Freshness, Health

#: Code of a line -> what it counts. A code with a dot belongs to a rule or a field, whose name follows.
LABELS: dict[str, str] = {
    "red": "Contacts that are red",
    "yellow": "Contacts that are yellow",
    "green": "Contacts that are green",
    "red_values": "Values that are red",
    "never_verified": "Values nobody has verified",
    "found_bad": "Values found wrong or unreachable",
    "incomplete": "Contacts that lack something required",
    "bad_email": "E-mails found wrong or unreachable",
    "bad_phone": "Phones found wrong or unreachable",
    "invalid": "Values that break a rule",
    "unreachable": "Contacts without any good phone or e-mail",
    "duplicates": "Pairs of duplicates waiting for a decision",
    "duplicate_contacts": "Contacts in such pairs",
    "merged": "Contacts merged into others so far",
    "consent": "Contacts with a valid consent",
    "no_consent": "Contacts without a valid consent",
    "consent_expiring": "Consents that end soon",
    "consent_over": "Consents that have ended",
    "consent_withdrawn": "Consents withdrawn",
    "inactive": "Contacts without any sign of life for long",
    "no_owner": "Contacts without an owner",
    "strays": "Values that no vocabulary knows",
    "stale_tags": "Tags that nobody got for long",
    "empty_segments": "Segments that hold nobody",
    "imported": "Rows that came in this quarter",
    "rejects": "Rows rejected this quarter",
    "writers": "People who changed the base this quarter",
    "archived": "Contacts in the archive",
}

#: Sections in the order people read them -> the codes of their lines.
SECTIONS: dict[str, tuple[str, ...]] = {
    "Freshness": ("red", "yellow", "green", "red_values", "never_verified", "found_bad"),
    "Completeness": ("incomplete",),
    "Validity": ("bad_email", "bad_phone", "unreachable", "invalid"),
    "Duplicates": ("duplicates", "duplicate_contacts", "merged"),
    "Consent": ("consent", "no_consent", "consent_expiring", "consent_over", "consent_withdrawn"),
    "Activity": ("inactive", "archived"),
    "Ownership": ("no_owner",),
    "Words": ("strays", "stale_tags", "empty_segments"),
    "Imports": ("imported", "rejects"),
    "Rights": ("writers",),
}

#: Lines of which more is better; of the others less is.
GOOD = frozenset({"green", "consent", "imported", "merged", "archived", "writers"})


@dataclass(frozen=True)
class Line:
    """One figure: how many of how many, how it changed since the last quarter, and the command that mends it."""

    code: str
    count: int
    of: int | None = None
    command: str = ""
    change: int | None = None

    @property
    def label(self) -> str:
        """What it counts."""
        return LABELS[self.code]


@dataclass(frozen=True)
class Part:
    """One part of the health score: `good` of `of`, and its weight; with nothing to measure it weighs nothing."""

    name: str
    good: float
    of: int
    weight: float

    @property
    def share(self) -> float | None:
        """How much of it is good, 0 to 1."""
        return self.good / self.of if self.of else None


@dataclass(frozen=True)
class Table:
    """Counts by something: `columns` are headings to translate; a row begins with what it is about, null for nobody."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int  # rows there are; more than `rows` where it was cut
    flags: bool = False  # whether it counts green, yellow and red, in its last columns but one


@dataclass(frozen=True)
class Work:
    """A list of values to check: dicts with the keys of `WORK`, the first of `total`."""

    flag: str
    rows: tuple[Mapping[str, Any], ...]
    total: int


#: What is said of a value to check.
WORK = ("contact_id", "name", "owner", "field", "value", "flag", "reason", "due_on", "verified_on", "checker", "how")


@dataclass(frozen=True)
class Report:
    """An audit: the same revision, rules and day give the same one."""

    as_of: dt.date
    quarter: Quarter
    revision: int
    fingerprint: str
    rules: Freshness
    contacts: int
    lines: tuple[Line, ...]
    parts: tuple[Part, ...]
    tables: tuple[Table, ...] = ()
    work: tuple[Work, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict)  # the snapshot that changes are told against; may be none
    trend: tuple[tuple[str, float], ...] = ()  # day of each snapshot kept and this one, and its score
    digest: str = ""  # of the history up to the revision

    @property
    def head(self) -> str:
        """The head of the history, as `history verify --anchor` takes it."""
        return f"{self.revision} {self.digest[:16]}".strip()

    @property
    def score(self) -> float | None:
        """The health score, 0 to 100; None where nothing could be measured."""
        return score(self.parts)

    def line(self, code: str) -> Line:
        """Return a line by its code."""
        return next(line for line in self.lines if line.code == code)

    def figures(self) -> dict[str, float]:
        """Return code -> count of every line, and the score: what a snapshot keeps."""
        counted: dict[str, float] = {line.code: line.count for line in self.lines}
        return counted | ({"score": round(self.score, 1)} if self.score is not None else {})


def score(parts: tuple[Part, ...]) -> float | None:
    """Return the weighted mean of the shares that could be measured, in points of 100."""
    measured = [(part.share, part.weight) for part in parts if part.share is not None and part.weight]
    weight = sum(weight for _, weight in measured)
    return 100 * sum(share * weight for share, weight in measured) / weight if weight else None


def health(counts: Mapping[str, int], contacts: int, filled: int, required: int, rules: Health) -> tuple[Part, ...]:
    """Return the parts of the health score.

    freshness: green contacts and half of the yellow ones, of those with something to check; completeness: `filled` of
    the `required` cells; validity: main e-mails and phones not found bad, and values that break no rule; uniqueness:
    contacts in no waiting pair; consent: contacts with a valid one; ownership: contacts with an owner.
    """
    checked = counts["green"] + counts["yellow"] + counts["red"]
    values = counts["emails"] + counts["phones"]
    bad = counts["bad_email"] + counts["bad_phone"] + counts["invalid"]
    good = {
        "freshness": (counts["green"] + counts["yellow"] / 2, checked),
        "completeness": (filled, required),
        "validity": (max(values - bad, 0), values),
        "uniqueness": (contacts - counts["duplicate_contacts"], contacts),
        "consent": (counts["consent"], contacts),
        "ownership": (contacts - counts["no_owner"], contacts),
    }
    return tuple(Part(name, of[0], of[1], getattr(rules, name)) for name, of in good.items())


def compared(lines: tuple[Line, ...], before: Mapping[str, float]) -> tuple[Line, ...]:
    """Return the lines with their change since the figures of an earlier audit; what it did not count has none."""
    return tuple(
        Line(line.code, line.count, line.of, line.command, line.count - int(before[line.code]))
        if line.code in before
        else line
        for line in lines
    )
