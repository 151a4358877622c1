"""Mailboxes (mbox) and single messages (eml) to a `Table` of the people in them: a row for each address.

Rows are numbered from 1 in the order in which people first stand in the mailbox, since one message names several;
`First in message` is the number of that message. A message that names nobody is refused under its own number.
To add a column: a line in `_people`, or a label in `mail_signatures`.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core import findings
from crmtool.core.errors import InputRefused
from crmtool.io.readers import fitting, mail_messages, mail_signatures, table
from crmtool.io.readers.table import Options, Table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crmtool.io.readers.mail_messages import Message

_MOST = 3  # values of one kind that have columns of their own
_AUTOMATIC = (
    r"(?i)^(?:[^@]*[._+-])?(?:no[._-]?reply|do[._-]?not[._-]?reply|mailer-daemon|postmaster|bounces?|notifications?"
    r"|newsletters?|listserv|majordomo|auto-?reply|daemon)(?:[._+-][^@]*)?@|^[^@]*-(?:request|owner|bounces)@|^owner-"
)
_SAID: dict[str, pl.DataType] = {"address": pl.String(), "message": pl.Int64()}
_PEOPLE = {**_SAID, "role": pl.String(), "name": pl.String()}
_MESSAGES = {"message": pl.Int64(), "day": pl.Datetime("us", "UTC"), "subject": pl.String(), "bulk": pl.Boolean()}
_FIELDS = {**_SAID, "heading": pl.String(), "value": pl.String()}


class _Met(NamedTuple):
    """Who stands in which message, what is known of the messages, what people say of themselves, what is refused."""

    people: pl.DataFrame
    messages: pl.DataFrame
    fields: pl.DataFrame
    refused: list[tuple[int, str, str]]
    lists: set[str]


def read(path: Path, options: Options) -> Table:
    """Read a mailbox or a message. With a limit only so many messages are read.

    Raises InputRefused where no message names anybody, UsageError for options that say nothing about mail.
    """
    fitting.check(options, path.name, "mail")
    with path.open("rb") as file:
        box = file.read(5) == b"From "
        file.seek(0)
        met = _met(islice(mail_messages.split(file.read) if box else [file.read(mail_messages.KEPT)], options.limit))
    if met.people.is_empty():
        raise InputRefused(f"{path.name} holds no message with an address.", "Save the mailbox as mbox or .eml files.")
    cells = _cells(met)
    count = pl.DataFrame({"suggestion": [str(met.messages.height + len(met.refused))]})
    return Table(
        name=path.name,
        sha256=table.digest(path),
        cells=cells,
        rows=pl.int_range(1, cells.height + 1, eager=True).alias(table.ROW),
        refused=table.refused(met.refused),
        blank=0,
        findings=findings.joined(findings.found(count, "mail.messages")),
        encoding="utf-8",
        format="mbox" if box else "eml",
        header=0,
    )


def _met(heads: Iterable[bytes]) -> _Met:
    people: list[tuple[str, int, str, str]] = []
    messages: list[tuple[int, object, str, bool]] = []
    fields: list[tuple[str, int, str, str]] = []
    refused: list[tuple[int, str, str]] = []
    lists: set[str] = set()
    for number, head in enumerate(heads, 1):
        message = mail_messages.parsed(head)
        if message is None:
            refused.append((number, head.decode("utf-8", "replace"), "mail.nobody"))
            continue
        people += [(each.address, number, each.role, each.name) for each in message.people]
        messages.append((number, message.day, message.subject, message.bulk))
        fields += _fields(number, message)
        lists.update(message.lists)
    return _Met(
        pl.DataFrame(people, _PEOPLE, orient="row"),
        pl.DataFrame(messages, _MESSAGES, orient="row"),
        pl.DataFrame(fields, _FIELDS, orient="row"),
        refused,
        lists,
    )


def _fields(number: int, message: Message) -> list[tuple[str, int, str, str]]:
    """Return what the signature says about the only sender."""
    senders = {each.address for each in message.people if each.role == "from"}
    if len(senders) != 1 or message.bulk:
        return []
    (sender,) = senders
    return [(sender, number, heading, value) for heading, value in mail_signatures.fields(message.text)]


def _cells(met: _Met) -> pl.DataFrame:
    """Return a row for each address, in the order of first appearance; all columns are text."""
    people = _people(met)
    for column in _signatures(met):
        people = people.join(column, on="E-mail", how="left", maintain_order="left")
    texts = people.select(pl.all().cast(pl.String))
    return texts.select(pl.when(pl.all() != "").then(pl.all()))


def _people(met: _Met) -> pl.DataFrame:
    sent, received = pl.col("role") == "from", pl.col("role").is_in(["to", "cc", "bcc"])
    day, subject = pl.col("day"), pl.col("subject")
    latest = subject.filter(subject != "").sort_by(day.filter(subject != ""), nulls_last=False).last()
    form = "%Y-%m-%dT%H:%M:%SZ"
    wrote = pl.col("bulk").filter(sent)
    automatic = wrote.all() & (wrote.len() > 0)
    seen = met.people.join(met.messages, on="message", maintain_order="left")
    grouped = seen.group_by("address", maintain_order=True).agg(
        automatic=automatic,
        first=day.min().dt.strftime(form),
        last=day.max().dt.strftime(form),
        sent=pl.col("message").filter(sent).n_unique(),
        received=pl.col("message").filter(received).n_unique(),
        subject=latest,
        message=pl.col("message").first(),
    )
    by_itself = pl.col("automatic") | pl.col("address").str.contains(_AUTOMATIC) | pl.col("address").is_in(met.lists)
    return grouped.join(_names(met.people), on="address", how="left", maintain_order="left").select(
        pl.col("name").alias("Name"),
        pl.col("others").alias("Other names"),
        pl.col("address").alias("E-mail"),
        pl.when(by_itself).then(pl.lit("automatic")).alias("Kind"),
        pl.col("first").alias("First message"),
        pl.col("last").alias("Last message"),
        pl.col("sent").alias("Messages sent"),
        pl.col("received").alias("Messages received"),
        pl.col("subject").alias("Last subject"),
        pl.col("message").alias("First in message"),
    )


def _names(people: pl.DataFrame) -> pl.DataFrame:
    """Return the most frequent name of each address (of equals the one its owner uses), and its other names."""
    counted = (
        people.filter(pl.col("name") != "")
        .group_by("address", "name", maintain_order=True)
        .agg(times=pl.len(), own=(pl.col("role") == "from").any())
        .sort("times", "own", descending=True, maintain_order=True)
    )
    names = pl.col("name")
    return counted.group_by("address", maintain_order=True).agg(
        name=names.first(), others=names.slice(1).str.join("; ")
    )


def _signatures(met: _Met) -> Iterable[pl.DataFrame]:
    """Yield a column for each heading that signatures fill: what was said last, then what was said before."""
    known = met.fields.join(met.messages.select("message", "day"), on="message", maintain_order="left")
    latest = known.sort("day", nulls_last=False, maintain_order=True).reverse()
    distinct = latest.unique(["address", "heading", "value"], keep="first", maintain_order=True)
    ranked = distinct.with_columns(place=pl.int_range(pl.len()).over("address", "heading") + 1)
    for heading in met.fields["heading"].unique(maintain_order=True):
        for place in range(1, _MOST + 1):
            own = ranked.filter((pl.col("heading") == heading) & (pl.col("place") == place))
            if not own.is_empty():
                title = heading if place == 1 else f"{heading} {place}"
                yield own.select(pl.col("address").alias("E-mail"), pl.col("value").alias(title))
