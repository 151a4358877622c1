"""vCard 2.1, 3.0 and 4.0 to a `Table`: one row for each card, numbered by the line of its BEGIN.

Headings say property and label: "Phone mobile", "Phone mobile 2", "E-mail work", "Address home: city". A label of
someone's own stands beside its value: "Phone labelled" and "Phone label". To add a property: a line in `PLAIN`, or a
function in `READ`. How lines become properties is in `vcard_lines`, what a label means in `vcard_labels`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from crmtool.io.readers import entries, streams, vcard_labels, vcard_lines
from crmtool.io.readers.entries import put, put_together
from crmtool.io.readers.vcard_lines import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from crmtool.io.readers.entries import Entry
    from crmtool.io.readers.table import Options, Table
    from crmtool.io.readers.vcard_lines import Card, Head, Property

    Read = Callable[[Entry, Head, str, str], None]

VERSION = "vCard"
NAME = ("Family name", "Given name", "Middle name", "Prefix", "Suffix", "Second family name", "Generation")
PLAIN = {
    "VERSION": VERSION,
    "FN": "Full name",
    "NICKNAME": "Nickname",
    "TITLE": "Job title",
    "ROLE": "Role",
    "NOTE": "Note",
    "UID": "UID",
    "KIND": "Kind",
    "X-ADDRESSBOOKSERVER-KIND": "Kind",
    "REV": "Revised",
    "PRODID": "Product",
    "LANG": "Language",
    "TZ": "Time zone",
    "GEO": "Geographic position",
    "X-SPOUSE": "Spouse",
    "X-EVOLUTION-SPOUSE": "Spouse",
    "X-MS-SPOUSE": "Spouse",
}
_ADDRESS = ("street", "city", "region", "postcode", "country", "beyond", "as written", "label")
_LISTS = {
    "CATEGORIES": ("Categories", ", "),
    "MEMBER": ("Members", "\n"),
    "X-ADDRESSBOOKSERVER-MEMBER": ("Members", "\n"),
}
_BINARY = {"PHOTO", "LOGO", "SOUND", "KEY"}
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ].*)?")
_PARTIAL = re.compile(r"--(?:(\d\d)-?(\d\d)|-\d\d|\d\d)|\d{4}(?:-\d\d)?")
_GROUPS = {"group", "x-group"}
_COMPANIES = {"org", "organization", "company"}


def read(path: Path, options: Options) -> Iterator[Table]:
    """Read a file of cards.

    Raises InputRefused for a file without cards or with one of no bounded size, UsageError for options of tables.
    """
    entries.check(path, options, "a vCard file")
    stream = streams.surveyed(path, options.encoding)
    found = (each for card in vcard_lines.cards(streams.lines(path, stream)) if (each := entry(card)))
    return entries.tables(path, stream, options, "vcard", found, rank)


def entry(card: Card) -> Entry | None:
    """Return what one card says; None for blank lines between cards."""
    into = entries.entry(card.row)
    if not card.inside:
        outside = "\n".join(card.lines).strip()
        return into._replace(notes=[("entry.outside", None, outside, None)], counted=False) if outside else None
    known, unread = vcard_lines.properties(card.lines)
    if unread and not known:
        return into._replace(code="row.unreadable", raw="\n".join(card.lines))
    _fill(into, known)
    if into.cells or into.dropped:
        into.cells.setdefault(VERSION, "none")  # a mapping knows the headings of cards by this one
    if unread:
        into.notes.extend(("entry.line", entries.UNREAD, line, None) for line in unread)
        put(into, entries.UNREAD, "\n".join(unread))
    if not card.ended:
        into.notes.append(("entry.unended", None, None, None))
    return into


def _fill(into: Entry, found: list[Property]) -> None:
    """Read the properties of a card, the preferred ones first."""
    labels: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    if any([head.special for head, _ in found]):  # noqa: C419 - a list is the faster one for a dozen
        found = sorted(found, key=_preference)
        labels = {head.group: text(head, value) for head, value in found if head.group and head.name == "X-ABLABEL"}
    for head, value in found:
        if head.encoding == "b" or head.name in _BINARY:
            _dropped(into, head, value)
        elif head.name in _LISTS:
            lists.setdefault(head.name, []).extend(text(head, item) for item in vcard_lines.items(value))
        else:
            label = (head.parameters.get("X-CUSTOM") or labels.get(head.group, "")) if head.special else ""
            _READ.get(head.name, _plain)(into, head, value, label)
    for name, values in lists.items():
        put(into, _LISTS[name][0], _LISTS[name][1].join(filter(None, values)))
    _whom(into)


def _preference(each: Property) -> int:
    return each[0].preference


def _silent(_into: Entry, _head: Head, _value: str, _label: str) -> None:
    """Leave out what says something about another line."""


def _dropped(into: Entry, head: Head, value: str) -> None:
    """Count the data of a picture, sound or key; where it is only named, keep the name."""
    value = value.strip()
    if head.encoding != "b" and re.match(r"(?!data:)[a-z][a-z0-9+.-]*:", value, re.IGNORECASE):
        put(into, head.name.capitalize(), value)
    elif value:
        into.dropped.append((head.name, (len(value) - value.count(" ")) * 3 // 4))


def _plain(into: Entry, head: Head, value: str, _label: str) -> None:
    put(into, PLAIN.get(head.name, head.name), text(head, value))


def _labelled(into: Entry, what: str, value: str, words: str, own: str) -> None:
    """Add a value under the words it goes by, or beside a label of someone's own."""
    if own and value:
        put_together(into, (f"{what} labelled{{}}", f"{what} labelled{{}}: label"), (value, own))
    else:
        put(into, f"{what} {words}" if words else what, value)


def _name(into: Entry, head: Head, value: str, _label: str) -> None:
    parts = [text(head, part) for part in vcard_lines.parts(value)]
    if "," in value and not into.cells.get(VERSION, "").startswith("2"):
        parts = [_items(head, part, ", " if at == _SUFFIX else " ") for at, part in enumerate(vcard_lines.parts(value))]
    put_together(into, _NAMES[: len(parts)], parts[: len(_NAMES)])


_SUFFIX = NAME.index("Suffix")
_NAMES = tuple(f"{heading}{{}}" for heading in NAME)


def _items(head: Head, value: str, between: str) -> str:
    return between.join(filter(None, (text(head, item) for item in vcard_lines.items(value))))


def _organization(into: Entry, head: Head, value: str, _label: str) -> None:
    first, *units = (text(head, part) for part in vcard_lines.parts(value))
    put_together(into, ("Organization{}", "Department{}"), (first, ", ".join(filter(None, units))))


def _phone(into: Entry, head: Head, value: str, label: str) -> None:
    kind, place, own = vcard_labels.named(head.types, label)
    value = text(head, value)
    if value[:4].lower() == "tel:":
        value = re.sub(r";ext=", " ext. ", unquote(value[4:]), flags=re.IGNORECASE).partition(";")[0]
    what = {"fax": "Fax", "pager": "Pager"}.get(kind, "Phone")
    _labelled(into, what, value, place if what != "Phone" else f"{kind} {place}".strip(), own)


def _email(into: Entry, head: Head, value: str, label: str) -> None:
    _, place, own = vcard_labels.named(head.types, label)
    value = text(head, value)
    _labelled(into, "E-mail", value[7:] if value[:7].lower() == "mailto:" else value, place, own)


def _site(into: Entry, head: Head, value: str, label: str) -> None:
    _, place, own = vcard_labels.named(head.types, label)
    _labelled(into, "Web site", text(head, value), place, "" if own.lower() in {"homepage", "home page"} else own)


def _messenger(into: Entry, head: Head, value: str, label: str) -> None:
    """Add an account of a messenger, named by the property, a parameter, a type, or the scheme of its address."""
    value = text(head, value)
    scheme, colon, rest = value.partition(":")
    if colon and re.fullmatch(r"[A-Za-z][\w+.-]*", scheme) and not rest.startswith("//"):
        value = unquote(re.split(r"[?=]", rest)[-1] if "?" in rest and "=" in rest else rest)
    names = (head.name, head.parameters.get("X-SERVICE-TYPE", ""), label, scheme, *head.types)
    known = vcard_labels.service(*names)
    own = next((name for name in (names[1], label) if name), "") if not known else ""
    _labelled(into, "Messenger", value, known, own)


def _profile(into: Entry, head: Head, value: str, label: str) -> None:
    """Add a page of a social network, or an account of a messenger that is given as one."""
    names = (*head.types, label, head.parameters.get("X-SERVICE-TYPE", ""))
    value = text(head, value)
    value = head.parameters.get("X-USER", "") or value if value[:8].lower() in ("", "x-apple:") else value
    messenger, network = vcard_labels.service(*names), vcard_labels.network(*names)
    if messenger or network:
        put(into, f"Messenger {messenger}" if messenger else f"Profile {network}", value)
    else:
        _labelled(into, "Profile", value, "", " ".join(filter(None, names)))


def _address(into: Entry, head: Head, value: str, label: str) -> None:
    _, place, own = vcard_labels.named(head.types, label)
    given = [*(text(head, part) for part in vcard_lines.parts(value)), *[""] * 7]
    box, more, street, *rest = given[:7]
    written = vcard_lines.caret(head.parameters.get("LABEL", ""))
    if any(given) or written:
        line = ", ".join(filter(None, (street, more, box)))
        beyond = ", ".join(filter(None, given[7:]))
        put_together(into, _of(" labelled" if own else place and f" {place}"), (line, *rest, beyond, written, own))


@cache
def _of(label: str) -> tuple[str, ...]:
    return tuple(f"Address{label}{{}}: {part}" for part in _ADDRESS)


def _written_address(into: Entry, head: Head, value: str, label: str) -> None:
    _, place, _ = vcard_labels.named(head.types, label)
    put(into, f"Postal label {place}".strip(), text(head, value))


def _day(into: Entry, head: Head, value: str, _label: str, heading: str = "Birthday") -> None:
    """Add a day: whole as year-month-day, a part of one or words apart from it."""
    value = text(head, value)
    whole = _DATE.fullmatch(value)
    if head.parameters.get("VALUE", "").lower() == "text" and not whole:
        put(into, f"{heading} in words", value)
    elif whole and head.parameters.get("X-APPLE-OMIT-YEAR") != whole[1]:
        put(into, heading, f"{whole[1]}-{whole[2]}-{whole[3]}")
    elif whole:
        put(into, f"{heading} in part", f"--{whole[2]}-{whole[3]}")
    else:
        part = _PARTIAL.fullmatch(value)
        day = f"--{part[1]}-{part[2]}" if part and part[1] else value
        put(into, f"{heading} in part" if part else heading, day)


def _other_day(into: Entry, head: Head, value: str, label: str) -> None:
    own = vcard_labels.named((), label)[2]
    if own.lower() == "anniversary" or "ANNIVERSARY" in head.name:
        _day(into, head, value, label, "Anniversary")
    else:
        _labelled(into, "Date", text(head, value), "", own)


def _related(into: Entry, head: Head, value: str, label: str) -> None:
    own = vcard_labels.named((), label)[2] or " ".join(head.types)
    _labelled(into, "Related", text(head, value), "", own)


def _gender(into: Entry, head: Head, value: str, _label: str) -> None:
    sex, *identity = (text(head, part) for part in vcard_lines.parts(value))
    put_together(into, ("Gender{}", "Gender identity{}"), (sex, " ".join(identity)))


def _android(into: Entry, head: Head, value: str, label: str) -> None:
    """Read what Android has no property for: kind;value;type of it;..."""
    kind, given, what, *_ = [*(text(head, part) for part in vcard_lines.parts(value)), "", "", ""]
    match kind.rpartition("/")[2]:
        case "nickname":
            put(into, "Nickname", given)
        case "contact_event":
            _day(into, head, given, label, {"1": "Anniversary", "3": "Birthday"}.get(what, "Date"))
        case "relation":
            put(into, "Related", given)
        case _:
            _plain(into, head, value, label)


def _shown_as(into: Entry, head: Head, value: str, _label: str) -> None:
    put(into, "Kind", text(head, value))


def _whom(into: Entry) -> None:
    """Keep the name of a company or a group from being taken for a person's."""
    cells = into.cells
    name, kind = cells.get("Full name"), cells.get("Kind", "").lower()
    if name is None:
        return
    if kind in _GROUPS:
        cells["Group"] = cells.pop("Full name")
    elif not any(heading in cells for heading in NAME) and (kind in _COMPANIES or cells.get("Organization") == name):
        del cells["Full name"]
        if cells.get("Organization") != name:
            put(into, "Organization", name)


_READ: dict[str, Read] = {
    "X-ABLABEL": _silent,
    "AGENT": _silent,
    "N": _name,
    "ORG": _organization,
    "TEL": _phone,
    "EMAIL": _email,
    "URL": _site,
    "ADR": _address,
    "LABEL": _written_address,
    "BDAY": _day,
    "IMPP": _messenger,
    "X-MS-IMADDRESS": _messenger,
    **{f"X-{name.upper()}{end}": _messenger for name in vcard_labels.SERVICES for end in ("", "-USERNAME", "-ID")},
    "X-SOCIALPROFILE": _profile,
    "X-SOCIAL-PROFILE": _profile,
    "SOCIALPROFILE": _profile,
    **dict.fromkeys(("ANNIVERSARY", "X-ANNIVERSARY", "X-MS-ANNIVERSARY", "X-EVOLUTION-ANNIVERSARY"), _other_day),
    "X-ABDATE": _other_day,
    "RELATED": _related,
    "X-ABRELATEDNAMES": _related,
    "GENDER": _gender,
    "X-ABSHOWAS": _shown_as,
    "X-ANDROID-CUSTOM": _android,
}

#: How columns stand beside one another; parts of an address come last, for they are ordered among themselves.
_ORDER = (
    *(VERSION, "Kind", "Group", "Full name", "Prefix", "Given name", "Middle name", "Family name"),
    *("Second family name", "Suffix", "Generation", "Nickname", "Organization", "Department", "Job title", "Role"),
    *("Phone mobile", "Phone work", "Phone home", "Phone main", "Phone", "Fax", "Pager"),
    *("E-mail work", "E-mail home", "E-mail", "Messenger", "Web site work", "Web site", "Profile"),
    *("Address work", "Address home", "Address", "Postal label", "Birthday", "Anniversary", "Date", "Gender", "Spouse"),
    *("Related", "Categories", "Note", "Members", "Language", "Time zone", "Geographic position", "UID", "Revised"),
    *("Product", *(f": {part}" for part in _ADDRESS)),
)


@cache
def rank(heading: str) -> int:
    """Return where a column stands: in `_ORDER`, and those of other properties after them."""
    places = (place for place, stem in enumerate(_ORDER) if (heading + " ").startswith((stem + " ", stem + ":")))
    return next(places, len(_ORDER))
