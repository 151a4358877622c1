"""What there is to say about a value: a finding is a row of data, shown, counted, kept, never raised.

A stage returns a frame of the columns in `SCHEMA`. To add a finding: one line in `CATALOGUE`; its documentation and
its place in reports come from there. `{value}` and `{suggestion}` in a message are filled in when it is shown.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

ERROR, WARNING, NOTE = SEVERITIES = "error", "warning", "note"  # the worst first

SCHEMA: dict[str, pl.DataType] = {
    "row": pl.Int64(),  # the number a person sees beside the row in a spreadsheet; null: the whole file
    "column": pl.String(),  # heading in the file
    "field": pl.String(),  # field of the catalogue
    "value": pl.String(),  # the cell as read
    "code": pl.String(),
    "severity": pl.String(),
    "suggestion": pl.String(),
}


class Kind(NamedTuple):
    """One kind of finding: how bad it is, and what is said to the person."""

    severity: str
    message: str


CATALOGUE: dict[str, Kind] = {
    # reading
    "row.ragged": Kind(ERROR, "has more cells than the header; the row is kept aside"),
    "row.unreadable": Kind(ERROR, "cannot be split into cells; the row is kept aside as it stands"),
    "row.short": Kind(NOTE, "has fewer cells than the header; the missing ones are empty"),
    "row.quotes": Kind(NOTE, "has quotation marks that were not doubled; it was split at the separators alone"),
    "row.delimiter": Kind(NOTE, "has other separators than the rest of the file; it was split at those"),
    "row.above": Kind(NOTE, "stands above the header; it is not read as a contact"),
    "row.header": Kind(NOTE, "repeats the header; the row is kept aside"),
    "row.other_table": Kind(NOTE, "belongs to another table in the same file; the row is kept aside"),
    "row.footer": Kind(NOTE, "stands below the last contact, as totals do; the row is kept aside"),
    "row.control": Kind(NOTE, "holds invisible control characters; they were dropped from the cleaned values"),
    "file.encoding": Kind(NOTE, "the encoding was guessed: {suggestion}"),
    "file.bytes": Kind(WARNING, "holds bytes that do not fit the encoding; they are shown as \ufffd"),
    "file.outside": Kind(NOTE, "stands outside the list of rows; it is not read as a contact"),
    "column.bytes": Kind(WARNING, "holds bytes that are no text, such as pictures; the column is left out"),
    "mail.messages": Kind(NOTE, "holds {suggestion} messages; each row is a person in them"),
    "mail.nobody": Kind(ERROR, "is a message that names nobody with an address; its beginning is kept aside"),
    "mail.ours": Kind(
        NOTE, "holds {suggestion} letters without an address of ours; taken as coming in (say it with --ours)"
    ),
    "calendar.repeats": Kind(NOTE, "comes again; its times up to today are kept, later ones when it is read again"),
    "calendar.often": Kind(NOTE, "comes again so often that its first time and the latest 999 up to today are kept"),
    "calendar.first": Kind(NOTE, "comes again by a rule that is not read, or beside too many; its first time is kept"),
    "calendar.zone": Kind(NOTE, "names a time zone that is not known; read by the clock of the workspace"),
    "file.cut": Kind(WARNING, "ends in the middle of its list; ask for the whole file"),
    # sheets
    "row.hidden": Kind(NOTE, "is hidden in the sheet; it was read all the same"),
    "cell.error": Kind(WARNING, "is an error of the spreadsheet, read as empty"),
    "cell.uncomputed": Kind(WARNING, "is a formula that was never computed; open and save the file in a spreadsheet"),
    "cell.precision": Kind(WARNING, "is a number of more than 15 digits; a spreadsheet loses the others"),
    "cell.damaged": Kind(WARNING, "is a number cut short by a spreadsheet; its other digits are lost"),
    "cell.merged": Kind(NOTE, "is merged with cells beside or below; the value stands in the first one alone"),
    "sheet.unread": Kind(NOTE, "is another sheet with cells, which was not read; choose it with --sheet"),
    "sheet.hidden": Kind(NOTE, "is a hidden sheet with cells, which was not read; choose it with --sheet"),
    "sheet.below": Kind(WARNING, "is another table below the first one, kept aside; give it a sheet of its own"),
    "sheet.beside": Kind(WARNING, "is another table beside the first one, not read; give it a sheet of its own"),
    # cards and directory entries
    "entry.unended": Kind(NOTE, "does not say where it ends; it was read up to the next one"),
    "entry.line": Kind(WARNING, "is no line of a card or a directory entry; kept with the record, not used"),
    "entry.outside": Kind(WARNING, "stands outside of any card or directory entry; it is not read as a contact"),
    "entry.dropped": Kind(NOTE, "holds pictures, sounds, keys or passwords, which are not kept: {suggestion}"),
    "entry.overflow": Kind(WARNING, "holds the values that are too many for columns of their own"),
    "entry.encoded": Kind(WARNING, "cannot be decoded; kept as it stands"),
    "entry.elsewhere": Kind(NOTE, "is the name of another file, which is not opened"),
    "entry.change": Kind(ERROR, "changes a directory and is no entry; kept aside as it stands"),
    # mapping
    "column.unmapped": Kind(NOTE, "is not a known field; its cells are kept with the record"),
    "column.guessed": Kind(NOTE, "is taken for {suggestion}, by its heading and cells"),
    "column.unsure": Kind(NOTE, "may be {suggestion}, but not surely; its cells are kept with the record"),
    # rows
    "row.empty": Kind(ERROR, "has no name, company, phone or e-mail: nobody to keep"),
    "row.repeated": Kind(NOTE, "says the same as row {suggestion} of this file"),
    "row.erased": Kind(WARNING, "is of somebody who was erased; nothing was kept of it"),
    "row.key": Kind(WARNING, "has the key of row {suggestion} and says something else; kept as a record of its own"),
    "value.required": Kind(ERROR, "is empty, against rule {suggestion}"),
    "value.pattern": Kind(WARNING, "does not have the form asked for by rule {suggestion}"),
    "value.length": Kind(WARNING, "is too short or too long for rule {suggestion}"),
    "value.range": Kind(WARNING, "lies outside the bounds of rule {suggestion}"),
    "value.unknown": Kind(WARNING, "is not in its vocabulary, against rule {suggestion}"),
    "value.unique": Kind(WARNING, "is the same for somebody else, against rule {suggestion}"),
    "value.cross": Kind(WARNING, "does not agree with another field, against rule {suggestion}"),
    "file.lacks": Kind(NOTE, "has no values for fields of rule {suggestion}"),
    "value.placeholder": Kind(NOTE, "is a placeholder, read as unknown"),
    "value.spaces": Kind(NOTE, "has spaces at its ends or several in a row"),
    "value.scripts": Kind(WARNING, "mixes Latin and Cyrillic letters in one word"),
    # what was found out
    "verify.nobody": Kind(WARNING, "belongs to nobody in the base; nothing was kept of it"),
    "verify.outcome": Kind(WARNING, "says no outcome that freshness.toml knows; nothing was kept of it"),
    "verify.day": Kind(WARNING, "has a day that cannot be read; nothing was kept of it"),
    # values
    "phone.invalid": Kind(WARNING, "is no phone number of its country; kept in the record, not used"),
    "phone.damaged": Kind(WARNING, "lost digits in a spreadsheet; ask for the number again"),
    "phone.ambiguous": Kind(
        WARNING, "may belong to several countries; kept in the record, not used (say which country with --region)"
    ),
    "phone.elsewhere": Kind(
        WARNING, "is no phone number of its row's country; read as one of the country given for the file: {suggestion}"
    ),
    "phone.local": Kind(WARNING, "is a number within a city, without its code; kept in the record, not used"),
    "phone.placeholder": Kind(NOTE, "is a number that nobody has, such as 0000000; read as unknown"),
    "email.invalid": Kind(WARNING, "is no e-mail address; kept in the record, not used"),
    "email.typo": Kind(WARNING, "looks mistyped; perhaps {suggestion}"),
    "email.broken": Kind(WARNING, "is no e-mail address; perhaps {suggestion}; kept in the record, not used"),
    "email.placeholder": Kind(NOTE, "is an address that nobody has, such as test@test.ru; read as unknown"),
    "email.reserved": Kind(WARNING, "has a domain that is set aside and takes no mail; kept"),
    "email.example": Kind(NOTE, "has a domain for examples, which takes no mail; kept"),
    "email.ending": Kind(WARNING, "ends in no top-level domain known here; kept"),
    "email.not_asked": Kind(NOTE, "has a domain of which the DNS could not be asked; kept (try --mx again later)"),
    "email.no_server": Kind(WARNING, "has a domain without a mail server, as the DNS says; kept"),
    "email.disposable": Kind(WARNING, "is an address for a few minutes or days; kept"),
    "email.cyrillic": Kind(
        WARNING, "has Cyrillic letters before a Latin domain, which hardly any service allows; kept"
    ),
    "email.repaired": Kind(NOTE, "had look-alike or stray characters, or a disguise; repaired to {suggestion}"),
    "site.invalid": Kind(WARNING, "is no address of the web; kept in the record, not used"),
    "messenger.unclear": Kind(NOTE, "is no account in a form known here; kept as it is"),
    "name.unclear": Kind(NOTE, "could not be split into parts with certainty; kept whole as the name"),
    "name.several": Kind(NOTE, "seems to name more than one person; kept whole, to be divided by hand"),
    "name.company": Kind(NOTE, "has the legal form of a company; kept whole as the name"),
    "name.none": Kind(WARNING, "does not look like a person's name; kept whole as the name"),
    "name.layout": Kind(WARNING, "seems typed with the wrong keyboard layout; perhaps {suggestion}"),
    "name.letters": Kind(NOTE, "had look-alike letters of another alphabet; repaired to {suggestion}"),
    "date.invalid": Kind(WARNING, "is no date; kept in the record, not used"),
    "date.ambiguous": Kind(WARNING, "could be two different days; kept in the record, not used"),
    "date.partial": Kind(WARNING, "names no whole day; kept in the record, not used"),
    "date.unlikely": Kind(WARNING, "is an unlikely day, long past or far ahead; kept as it is"),
    "money.invalid": Kind(WARNING, "is no amount of money; kept in the record, not used"),
    "money.ambiguous": Kind(WARNING, "could be two different amounts; kept in the record, not used"),
    "yes_no.unknown": Kind(WARNING, "is neither yes nor no; kept in the record, not used"),
    "vocabulary.unknown": Kind(NOTE, "is not in the vocabulary; kept as it is"),
    "vocabulary.near": Kind(NOTE, "is not in the vocabulary; perhaps {suggestion}; kept as it is"),
    "tag.unknown": Kind(NOTE, "is not in the dictionary of tags; given as it is"),
    "city.ambiguous": Kind(NOTE, "is the name of several places; kept, and the country or region beside it decides"),
    "city.renamed": Kind(NOTE, "is an older name; today it is {suggestion}"),
    "city.elsewhere": Kind(WARNING, "is not known in the country of its row; one of the two may be wrong"),
    "city.several": Kind(NOTE, "names several cities; kept as it is"),
    "city.more": Kind(NOTE, "says more than a city; kept as it is"),
    "city.typo": Kind(WARNING, "looks mistyped; perhaps {suggestion}"),
    "address.city_shared": Kind(
        NOTE, "names a city as several are called; the contact's city stays empty: {suggestion}"
    ),
    "postcode.zero": Kind(WARNING, "may have lost its leading zero; perhaps {suggestion}"),
    "postcode.invalid": Kind(WARNING, "does not look like a postcode; kept as it is"),
    "company.nameless": Kind(NOTE, "is a legal form without a name; kept as it is"),
    "company.several": Kind(WARNING, "names several companies; kept as it is, the contact can have one only"),
    "company.by_domain": Kind(NOTE, "has the mail domain of one company alone; perhaps {suggestion}"),
    "tax_id.invalid": Kind(WARNING, "has wrong check digits; kept as it is"),
    "tax_id.damaged": Kind(WARNING, "lost its leading zeros in a spreadsheet; perhaps {suggestion}; kept as it is"),
    "tax_id.unknown": Kind(NOTE, "is no kind of tax number known here; kept as it is"),
    # consents
    "consent.purpose": Kind(WARNING, "is for a purpose that consents.toml does not have; kept in the record, not used"),
    "consent.word": Kind(WARNING, "does not say where the consent stands; counts as unknown"),
    "consent.undated": Kind(WARNING, "names no day, and no day is known; kept in the record, not used"),
    "consent.ahead": Kind(WARNING, "has a day that is yet to come; kept in the record, not used"),
    "consent.outdone": Kind(WARNING, "names no day, and the contact has said no since; kept in the record, not used"),
    # journals
    "journal.undated": Kind(ERROR, "does not say when it was; the row is kept aside"),
    "person.unknown": Kind(NOTE, "is nobody in the base; the row waits (crmtool interactions waiting)"),
    "person.several": Kind(NOTE, "belongs to several contacts; the row waits (crmtool interactions waiting)"),
    "duration.invalid": Kind(NOTE, "is no duration; kept with the row, not used"),
    "money.exceeds": Kind(ERROR, "has more than four decimals or is too large; the row is kept aside"),
    "currency.unknown": Kind(WARNING, "is no currency known here; kept with the row, not used"),
    "currency.other": Kind(WARNING, "is a currency that deals.toml does not list; kept"),
    "stage.stateless": Kind(NOTE, "is a stage that deals.toml does not list; taken as open"),
    # documents
    "document.name": Kind(WARNING, "does not have the form of documents.toml, nor all parts of it"),
    "document.rename": Kind(WARNING, "does not have the form of documents.toml; it would be {suggestion}"),
    "document.date": Kind(WARNING, "has a date that is no day"),
    "document.type": Kind(WARNING, "is of a type that documents.toml does not have"),
    "document.unsafe": Kind(WARNING, "has signs in its name that other systems refuse or do not show"),
    "document.nowhere": Kind(NOTE, "lies in no folder of a deal"),
    "document.deal": Kind(WARNING, "lies in a folder that names no deal known here"),
    "document.superseded": Kind(NOTE, "has a newer version: {suggestion}"),
    "document.taken": Kind(WARNING, "cannot be renamed to {suggestion}: something has that name already"),
    "document.missing": Kind(WARNING, "lacks what its stage asks for: {suggestion}"),
    "document.nothing": Kind(NOTE, "has no document here; its stage asks for: {suggestion}"),
    "document.other": Kind(WARNING, "is a link or no file; it is not followed"),
    "document.unread": Kind(WARNING, "cannot be read"),
    "document.bytes": Kind(WARNING, "has a name that is no text in UTF-8"),
    # sheets that come back
    "sheet.row": Kind(ERROR, "cannot be taken back: {suggestion}"),
    "sheet.column": Kind(WARNING, "is no field of a contact; it is not used"),
    # linking
    "key.other": Kind(
        WARNING,
        "has the key of somebody else: taken as a new contact; lists that number their rows alike want --source each",
    ),
    "link.joined": Kind(NOTE, "is the same person as contact {suggestion}"),
    "link.contradiction": Kind(
        WARNING, "shares a phone or e-mail with contact {suggestion}, the names differ: to review"
    ),
    "link.unproven": Kind(WARNING, "shares a phone or e-mail with contact {suggestion}, no proof enough: to review"),
    "link.shared": Kind(NOTE, "is shared by many contacts; not used to join them"),
}

#: Codes of checks that the rules ask for: `suggestion` has the rule, so that each rule is counted for itself.
OF_RULES = (
    *(f"value.{what}" for what in ("required", "pattern", "length", "range", "unknown", "unique", "cross")),
    "file.lacks",
)


_BARE = pl.DataFrame(schema=SCHEMA)


def empty() -> pl.DataFrame:
    """Return a frame of findings without rows."""
    return _BARE.clone()


def found(frame: pl.DataFrame, code: str | None = None, **literals: str | None) -> pl.DataFrame:
    """Shape `frame` into findings.

    `frame` may hold any columns of `SCHEMA`; `code` (or a column of that name) is a key of `CATALOGUE`, from which the
    severity comes unless the frame has one; `literals` fill columns with one text. Rows without a code are left out.
    """
    if frame.is_empty():
        return empty()
    texts = {**literals, **({"code": code} if code else {})}
    frame = frame.with_columns(pl.lit(text, pl.String).alias(name) for name, text in texts.items())
    if "severity" not in frame.columns:
        severities = {name: kind.severity for name, kind in CATALOGUE.items()}
        frame = frame.with_columns(severity=pl.col("code").replace_strict(severities, return_dtype=pl.String))
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in SCHEMA.items() if name not in frame.columns]
    return (
        frame.with_columns(absent)
        .select(pl.col(n).cast(t) for n, t in SCHEMA.items())
        .filter(pl.col("code").is_not_null())
    )


def joined(*frames: pl.DataFrame) -> pl.DataFrame:
    """Return the findings of several stages as one frame, by row."""
    return pl.concat([empty(), *frames]).sort("row", "column", "code", nulls_last=False, maintain_order=True)


def message(code: str, suggestion: str | None) -> str:
    """Return the sentence for a finding, without its value."""
    return CATALOGUE[code].message.replace("{suggestion}", suggestion or "")


def sentences(found: pl.DataFrame) -> pl.Series:
    """Return the sentence for each finding of a frame (columns code, suggestion), without its value."""
    means = {code: CATALOGUE[code].message for code in found["code"].unique()}
    sentence = pl.col("code").replace_strict(means, return_dtype=pl.String)
    filled = sentence.str.replace("{suggestion}", pl.col("suggestion").fill_null(""), literal=True)
    return found.select(filled.alias("sentence")).to_series()
