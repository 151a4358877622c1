"""The shape of `exports/NAME.toml`: which fields under which headings, for whom, in which look.

A field stands as often as there are columns for it: the first `email` is the main one, the next takes the next one.
`phone.mobile` takes the mobile ones, `phone.rest` all that no other column has. To add a key: a field here, and who
reads it in `core/exports` or `io/exporting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from crmtool.core import model
from crmtool.core.rule import Name, Rule

Format = Literal["csv", "xlsx", "vcard", "jsonl", "parquet"]

#: What is told of a contact beside its own fields; `channel` and `channel.label` only with one row for each channel.
MORE = ("id", "name", "kind", "tags", "salutation", "channel", "channel.label")


def is_delimiter(text: str) -> bool:
    """Tell whether a text can stand between the cells of a CSV."""
    return len(text) == 1 and text.isascii() and not text.isalnum() and text not in '"\r\n'


def _delimiter(text: str) -> str:
    if not is_delimiter(text):
        raise ValueError("a delimiter is one ASCII sign: no letter, digit, quotation mark or line end")
    return text


Delimiter = Annotated[str, AfterValidator(_delimiter)]


class Export(Rule):
    """One profile."""

    title: Name
    columns: Annotated[Mapping[Name, Name], Field(min_length=1)]  # heading -> field
    labels: Mapping[Name, Name] = {}  # heading of a channel -> heading under which its label stands, right before it
    format: Format = "csv"  # unless the file's ending says another
    delimiter: Delimiter = ","
    bom: bool = False  # Excel needs it to read UTF-8
    encoding: Name = "utf-8"  # of CSV
    separator: str = ", "  # between several tags, or several channels in one cell
    dates: str = ""  # how days are written, such as "%d.%m.%Y"; without it ISO
    vcard: Literal["3.0", "4.0"] = "4.0"
    language: Literal["auto", "en", "ru", "uk"] = "auto"  # of salutations; auto: by the name and the country
    rows: Literal["contact", "channel"] = "contact"  # a row for each contact, or for each address of `channel`
    channel: Literal["email", "phone", "messenger"] | None = None  # by which people are written to
    purpose: Name | None = None  # a marketing profile: only whose consent for it holds
    limit: Annotated[int, Field(ge=1)] = 10_000  # more rows need --confirm


def channel_of(field: str) -> tuple[str, str | None] | None:
    """Return kind and label of a field that is a channel, None for any other.

    >>> channel_of("phone"), channel_of("phone.mobile"), channel_of("city")
    (('phone', None), ('phone', 'mobile'), None)
    """
    kind, _, label = field.partition(".")
    return (kind, label or None) if kind in model.CHANNELS else None


def is_field(name: str) -> bool:
    """Tell whether an export may name it."""
    own = name.startswith(("attr.", "utm.", "consent."))
    return own or name in {*model.FIELDS, *MORE} or channel_of(name) is not None
