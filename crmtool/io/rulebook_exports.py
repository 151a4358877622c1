"""What is wrong in export profiles: fields nobody knows, labels of nothing, purposes nobody asks for."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from crmtool.core import model
from crmtool.core.export_rules import MORE, channel_of, is_field
from crmtool.io.rulebook_names import unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crmtool.core.consent_rules import Consents
    from crmtool.core.export_rules import Export


def mistakes(exports: Iterable[tuple[str, Export]], consents: Consents | None) -> Iterator[str]:
    """Yield what is wrong with profiles; `consents` is None where its file could not be read."""
    for name, export in exports:
        yield from (f"exports/{name}.toml: {line}" for line in _in_profile(export, consents))


def _in_profile(export: Export, consents: Consents | None) -> Iterator[str]:
    columns = {f"columns.{heading}": field for heading, field in export.columns.items() if not is_field(field)}
    yield from unknown(columns, {*model.FIELDS, *model.CHANNELS, *MORE})
    for heading in export.labels:
        if channel_of(export.columns.get(heading, "")) is None:
            yield f"labels.{heading}: is no column of a channel"
    for heading in set(export.labels.values()) & set(export.columns):
        yield f"labels: {heading} is a column already"
    if export.rows == "channel" and export.channel is None:
        yield 'rows: "channel" needs channel = "email", "phone" or "messenger"'
    if export.rows == "contact" and {"channel", "channel.label"} & set(export.columns.values()):
        yield 'columns: channel and channel.label need rows = "channel"'
    if export.purpose is not None and consents:
        yield from unknown({"purpose": export.purpose}, set(consents.purpose), "purpose of consents.toml")
    try:
        codecs.lookup(export.encoding)
    except LookupError:
        yield f"encoding: there is no encoding called {export.encoding!r}"
