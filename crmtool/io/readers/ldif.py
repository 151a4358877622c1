"""LDIF (RFC 2849) to a `Table`: one row for each entry, numbered by the line of its `dn:`.

Headings are the names of the attributes as RFC 4519, RFC 2798 and Mozilla write them; a second value is "mail 2". Files
that an entry names are not opened, passwords and pictures are not kept. To add an attribute: its name in `NAMES`, with
the other names it goes by in `ALIASES`.
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from crmtool.core.errors import InputRefused
from crmtool.io.readers import encodings, entries, streams
from crmtool.io.readers.entries import put

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from crmtool.io.readers.entries import Entry
    from crmtool.io.readers.table import Options, Table

LARGEST = 1 << 26  # characters of an entry
NAMES = (
    *("dn", "objectClass", "cn", "displayName", "personalTitle", "givenName", "initials", "sn"),
    *(
        "generationQualifier",
        "gender",
        "o",
        "company",
        "ou",
        "department",
        "departmentNumber",
        "title",
        "businessCategory",
    ),
    *("mail", "mozillaSecondEmail", "mobile", "telephoneNumber", "homePhone", "facsimileTelephoneNumber", "pager"),
    *("street", "l", "st", "postalCode", "postOfficeBox", "c", "co", "countryName", "postalAddress"),
    *("homePostalAddress", "registeredAddress", "mozillaWorkStreet2", "mozillaHomeStreet", "mozillaHomeStreet2"),
    *("mozillaHomeLocalityName", "mozillaHomeState", "mozillaHomePostalCode", "mozillaHomeCountryName"),
    *("mozillaWorkUrl", "mozillaHomeUrl", "labeledURI", "mozillaNickname", "nsAIMid", "dateOfBirth", "birthyear"),
    *("birthmonth", "birthday", "description", "info", "employeeNumber", "employeeType", "uid", "preferredLanguage"),
    *("mozillaCustom1", "mozillaCustom2", "mozillaCustom3", "mozillaCustom4", "member", "uniqueMember", "memberUid"),
    *("memberOf", "seeAlso", "owner", "manager", "secretary", "modifytimestamp", "userPassword", "unicodePwd"),
    *("jpegPhoto", "thumbnailPhoto", "photo", "audio", "userCertificate", "userSMIMECertificate", "cACertificate"),
    *("userPKCS12", "objectGUID", "objectSid", "sambaNTPassword", "sambaLMPassword", "krbPrincipalKey"),
)
ALIASES = {
    "commonname": "cn",
    "surname": "sn",
    "gn": "givenName",
    "organizationname": "o",
    "orgunit": "ou",
    "organizationalunitname": "ou",
    "localityname": "l",
    "locality": "l",
    "stateorprovincename": "st",
    "region": "st",
    "streetaddress": "street",
    "zip": "postalCode",
    "rfc822mailbox": "mail",
    "email": "mail",
    "emailaddress": "mail",
    "userid": "uid",
    "fax": "facsimileTelephoneNumber",
    "cellphone": "mobile",
    "mobiletelephonenumber": "mobile",
    "hometelephonenumber": "homePhone",
    "homephone": "homePhone",
    "pagerphone": "pager",
    "pagertelephonenumber": "pager",
    "xmozillanickname": "mozillaNickname",
    "xmozillasecondemail": "mozillaSecondEmail",
    "notes": "description",
    "workurl": "mozillaWorkUrl",
    "homeurl": "mozillaHomeUrl",
    "homestreet": "mozillaHomeStreet",
}
_KNOWN = {name.lower(): name for name in NAMES} | ALIASES
_SECRET = {"userpassword", "unicodepwd", "sambantpassword", "sambalmpassword", "krbprincipalkey"}
_BINARY = {
    *("jpegphoto", "thumbnailphoto", "photo", "audio", "usercertificate", "usersmimecertificate", "cacertificate"),
    *("userpkcs12", "objectguid", "objectsid"),
}
_LISTS = {"objectclass", "member", "uniquemember", "memberuid", "memberof", "seealso"}
_ADDRESSES = {"postaladdress", "homepostaladdress", "registeredaddress"}
_PEOPLE = {"person", "organizationalperson", "inetorgperson", "openldapperson", "user", "contact"}
_LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9.-]*)((?:;[\w.=-]+)*)\s*:([:<]?)[ \t]*(.*)", re.DOTALL)
_GROUP = "name of the group"
_BIRTH = ("birthyear", "birthmonth", "birthday")


class Attribute(NamedTuple):
    """One line of an entry: its name in small letters, options such as ";lang-ru", ":" or "<", and the value."""

    name: str
    options: str
    mark: str
    value: str


def read(path: Path, options: Options) -> Iterator[Table]:
    """Read a file of directory entries.

    Raises InputRefused for a file without entries or with one of no bounded size, UsageError for options of tables.
    """
    entries.check(path, options, "an LDIF file")
    stream = streams.surveyed(path, options.encoding)
    found = (each for lines in blocks(streams.lines(path, stream)) if (each := entry(lines)))
    return entries.tables(path, stream, options, "ldif", found, rank)


def blocks(lines: Iterable[str]) -> Iterator[list[tuple[int, str]]]:
    """Give the unfolded lines that stand together with the numbers they begin in, without comments.

    Blank lines part entries; so does a `dn:` where the blank line is missing. Raises InputRefused for an entry larger
    than `LARGEST`.
    """
    block: list[tuple[int, list[str]]] = []
    size = 0
    for number, line in enumerate(lines, 1):
        size += len(line)
        if size > LARGEST:
            raise InputRefused(f"The entry before line {number} is larger than 64 MB.", "Take it out of the file.")
        if line[:1] == " " and block:
            block[-1][1].append(line[1:])
            continue
        if (not line.strip() or line[:3].lower() == "dn:") and block:
            yield _joined(block)
            block, size = [], 0
        if line.strip():
            block.append((number, [line]))
    yield _joined(block)


def _joined(block: list[tuple[int, list[str]]]) -> list[tuple[int, str]]:
    whole = ((number, "".join(pieces)) for number, pieces in block)
    return [(number, line) for number, line in whole if not line.startswith("#")]


def entry(lines: list[tuple[int, str]]) -> Entry | None:
    """Return what one entry says; None where there are only comments or the version of the format."""
    lines = [each for each in lines if not re.match(r"version:\s*\d+\s*$", each[1], re.IGNORECASE)]
    if not lines:
        return None
    into = entries.entry(lines[0][0])
    raw = "\n".join(line for _, line in lines)
    found = [attribute(line) for _, line in lines]
    known = [each for each in found if each]
    if not known or known[0].name != "dn" or found[0] is None:
        return into._replace(code="row.unreadable", raw=raw)
    if _change(known) not in ("", "add"):
        return into._replace(code="entry.change", raw=raw)
    _fill(into, [each for each in known if each.name not in {"changetype", "control"}])
    unread = [line for (_, line), each in zip(lines, found, strict=True) if each is None]
    into.notes.extend(("entry.line", entries.UNREAD, line, None) for line in unread)
    put(into, entries.UNREAD, "\n".join(unread))
    return into


def attribute(line: str) -> Attribute | None:
    """Return the attribute that a line is, None for no attribute."""
    found = _LINE.fullmatch(line)
    return Attribute(found[1].lower(), found[2].lower(), found[3], found[4]) if found else None


def _change(found: list[Attribute]) -> str:
    return next((each.value.strip().lower() for each in found if each.name == "changetype"), "")


def _fill(into: Entry, found: list[Attribute]) -> None:
    lists: dict[str, list[str]] = {}
    for each in sorted(found, key=lambda each: bool(each.options)):
        heading = _heading(each, into)
        if each.mark == "<":
            into.notes.append(("entry.elsewhere", f"{heading} at", each.value, None))
            put(into, f"{heading} at", each.value.strip())
        elif each.name in _SECRET | _BINARY or ";binary" in each.options:
            into.dropped.append((heading, len(each.value) * 3 // 4 if each.mark else len(each.value)))
        elif each.name in _LISTS:
            lists.setdefault(heading, []).append(_value(each, heading, into))
        else:
            put(into, heading, _value(each, heading, into))
    for heading, values in lists.items():
        put(into, heading, ("\n" if heading != "objectClass" else ", ").join(filter(None, values)))
    _birth(into.cells)
    _whom(into.cells)


def _heading(each: Attribute, into: Entry) -> str:
    """Return the name of an attribute; its options belong to the name where the entry has the plain one too."""
    plain = _KNOWN.get(each.name, each.name)
    return plain + each.options if each.options and plain in into.cells else plain


def _value(each: Attribute, heading: str, into: Entry) -> str:
    value = each.value.strip()
    if each.mark == ":":
        value = _decoded(value, heading, into)
    if each.name in _ADDRESSES:
        lines = (re.sub(r"\\(24|5[Cc])", _signed, line).strip() for line in value.split("$"))
        value = ", ".join(filter(None, lines))
    return value.replace("\r\n", "\n").strip()


def _signed(found: re.Match[str]) -> str:
    return "$" if found[1] == "24" else "\\"


def _decoded(value: str, heading: str, into: Entry) -> str:
    """Return the text that is written in base64; data that is no text is counted and not kept."""
    try:
        raw = base64.b64decode(re.sub(r"\s", "", value), validate=True)
    except (binascii.Error, ValueError):
        into.notes.append(("entry.encoded", heading, value, None))
        return value
    if b"\0" in raw:
        into.dropped.append((heading, len(raw)))
        return ""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode(encodings.detected(raw).encoding, "replace")


def _birth(cells: dict[str, str]) -> None:
    """Put the birthday together of the three attributes that Mozilla has for it."""
    parts = [cells.get(name, "") for name in _BIRTH]
    if all(part.isdecimal() for part in parts):
        cells["dateOfBirth"] = f"{parts[0]:0>4}-{parts[1]:0>2}-{parts[2]:0>2}"
        for name in _BIRTH:
            del cells[name]


def _whom(cells: dict[str, str]) -> None:
    """Keep the name of a group or of a part of the tree from being taken for a person's."""
    classes = set(cells.get("objectClass", "").lower().split(", "))
    if "cn" in cells and classes & _THINGS and not classes & _PEOPLE:
        cells[_GROUP] = cells.pop("cn")


_THINGS = {
    *(
        "groupofnames",
        "groupofuniquenames",
        "posixgroup",
        "group",
        "groupofurls",
        "groupofmembers",
        "organizationalunit",
    ),
    *("container", "domain", "device", "computer", "ipnetwork", "organizationalrole", "builtindomain"),
}


@lru_cache(maxsize=4096)
def rank(heading: str) -> int:
    """Return where a column stands: in `NAMES`, and those of other attributes after them."""
    plain = "cn" if heading == _GROUP else heading.partition(";")[0].removesuffix(" at")
    return NAMES.index(plain) if plain in NAMES else len(NAMES)
