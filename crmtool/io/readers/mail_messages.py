"""Mailboxes (mbox) and single messages (eml) to messages: who wrote to whom, when, about what, and what text.

Only the beginning of a message is looked at, attachments never are, so a mailbox of any size takes little memory. To
read another header: its name in `_WANTED`, and a field of `Message`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.utils import getaddresses, parsedate_to_datetime
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from crmtool.io.readers import encodings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import Message as Parsed

KEPT = 256 << 10  # bytes of a message that are looked at
_BLOCK = 4 << 20
_TAIL = 4 << 10  # bytes; a line that begins a message is shorter
_TEXT = 32 << 10  # bytes of a message's text
_LONGEST = 320  # characters of an address
_YEARS = range(1971, 2101)

#: A line that may begin a message in a mailbox: "From" and more, before a header ...
_BEGINNING = re.compile(rb"\nFrom ([^\r\n]{1,300})\r?\n(?=>?From |[!-9;-~]{1,80}[ \t]*:)")
#: ... and does, if that is a sender, or ends in a day with its time.
_SENDER = re.compile(rb"\S+@\S+\s*|.*\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b.{1,20}\d{1,2}:\d{2}.{0,30}\b\d{4}\b.*")
_WANTED = (
    *("from", "sender", "reply-to", "to", "cc", "bcc", "date", "subject", "content-type"),
    *("list-post", "list-unsubscribe", "precedence", "auto-submitted", "x-autoreply"),
)
_ROLES = ("from", "sender", "reply-to", "to", "cc", "bcc")
_BULK = ("bulk", "junk", "list")
_WORDS = re.compile(r"=\?[^?\s]{1,80}\?[bBqQ]\?[^?]*\?=(?:\s*=\?[^?\s]{1,80}\?[bBqQ]\?[^?]*\?=)*")
_ECHO = re.compile(r"""(^|[,;:]\s*)'?[^\s<>,;:"'()]+@[^\s<>,;:"'()]+'?\s*(?=<)""")  # an address for a name
_LOOSE = re.compile(r"[\w.+-]{1,80}@[\w-]{1,80}(?:\.[\w-]{1,80}){1,8}")
_HELD = re.compile("\ue000(\\d+)\ue001")
_LAX = {"strict": False} if "strict" in (getaddresses.__kwdefaults__ or {}) else {}  # newer Pythons give up sooner


class Person(NamedTuple):
    """Somebody a message names: in which header ("from", "to" ...), under which name, with which address."""

    role: str
    name: str
    address: str


class Message(NamedTuple):
    """What is wanted of a message; `day` is in UTC, `bulk`: it says itself that no person wrote it."""

    people: list[Person]
    day: datetime | None
    subject: str
    bulk: bool
    lists: tuple[str, ...]  # addresses of mailing lists it came by
    text: str


def split(read: Callable[[int], bytes], kept: int = KEPT) -> Iterator[bytes]:
    """Yield the beginning of each message of a mailbox, up to `kept` bytes.

    `read` gives so many more bytes of the mailbox, none at its end.
    """
    rest, head = b"\n", b""  # the first byte of `rest` was dealt with: it is there to be looked back at
    while True:
        block = read(_BLOCK)
        text, at = rest + block, 1
        sure = max(len(text) - _TAIL, 1) if block else len(text)
        for found in _BEGINNING.finditer(text, 0, len(text)):
            start = found.start() + 1
            if start >= sure:
                break
            if _SENDER.fullmatch(found[1]):
                head = _kept(head, text, at, start, kept)
                if head.strip():
                    yield head
                head, at = b"", found.end()
        sure = max(sure, at)
        head, rest = _kept(head, text, at, sure, kept), text[sure - 1 :]
        if not block:
            break
    if head.strip():
        yield head


def _kept(head: bytes, text: bytes, start: int, stop: int, kept: int) -> bytes:
    return head + text[start : min(stop, start + kept - len(head))]


def parsed(head: bytes, parts: Parsed | None = None) -> Message | None:
    """Return what the beginning of a message says; None where it names nobody with an address.

    `parts` is what the standard library made of all of it, where it was asked already.
    """
    try:
        headers, body = _headers(head, parts)
        people = [
            Person(role, name, address)
            for role in _ROLES
            for value in headers.get(role, ())
            for name, address in addresses(value)
        ]
    except RecursionError:  # comments within comments
        return None
    if not people:
        return None
    first = {name: values[0] for name, values in headers.items()}
    lists = tuple(re.findall(r"<mailto:([^>?\s]+)", first.get("list-post", "").lower()))
    return Message(
        people, day(first.get("date", "")), decoded(first.get("subject", "")), _bulk(first, lists), lists, body
    )


def _headers(head: bytes, parts: Parsed | None) -> tuple[dict[str, list[str]], str]:
    """Return the headers wanted, by name in small letters, and the text of the message."""
    end = re.search(rb"\r?\n\r?\n", head)
    block = head[: end.start()] if end else head
    held: dict[str, list[bytes]] = {}
    for line in re.split(rb"\r?\n(?![ \t])", block):
        name, _, value = line.partition(b":")
        own = name.strip().lower().decode("latin-1")
        if own in _WANTED:
            held.setdefault(own, []).append(b" ".join(value.split()))
    charset = re.search(rb"charset=\"?([\w.:-]+)", held.get("content-type", [b""])[0])
    fallback = charset[1].decode() if charset else None
    headers = {name: [_text(value, fallback) for value in values] for name, values in held.items()}
    if "from" not in headers:
        return headers, ""
    short = head[: len(block) + _TEXT]
    return headers, _body(short, parts if len(short) == len(head) else None)


def _text(data: bytes, charset: str | None) -> str:
    """Return bytes as text: as UTF-8 where they are, in the encoding they claim, or in the likeliest."""
    for name in ("utf-8", charset or "ascii"):
        try:
            return data.decode(name)
        except (LookupError, ValueError):
            continue
    return encodings.decoded(data, None, whole=True).utf8.decode("utf-8", "replace")


def decoded(header: str) -> str:
    """Return a header's text with its encoded words read, white space collapsed."""
    return " ".join(_WORDS.sub(lambda found: _word(found[0]), header).split())


def _word(words: str) -> str:
    """Read encoded words that stand together: a letter may begin in one and end in the next."""
    try:
        pieces = decode_header(words)
    except (MessageError, ValueError):
        return words
    return "".join(piece if isinstance(piece, str) else _text(piece, charset) for piece, charset in pieces)


@lru_cache(maxsize=1 << 14)
def addresses(header: str) -> list[tuple[str, str]]:
    """Return name and address (in small letters) of everybody in a header; the name "" where there is none.

    >>> addresses('"Petrova, Anna" <Anna@mail.example>, team: bob@mail.example (Bob);')
    [('Petrova, Anna', 'anna@mail.example'), ('Bob', 'bob@mail.example')]
    """
    words: list[str] = []

    def hold(found: re.Match[str]) -> str:  # the commas of encoded words separate nobody
        words.append(_word(found[0]))
        return f"\ue000{len(words) - 1}\ue001"

    people, before = [], ""
    for name, address in getaddresses([_WORDS.sub(hold, _ECHO.sub(r"\1", header))], **_LAX):
        said = _HELD.sub(lambda found: words[int(found[1])], name if "@" in address else f"{name} {address}".strip())
        said = f"{before}, {said}" if before else said
        before = "" if "@" in address else said  # "Petrova, Anna <...>" that nobody quoted
        if _is_address(address):
            people.append((_name(said, address), address.lower()))
    return people or [("", address.lower()) for address in _LOOSE.findall(header) if _is_address(address)]


def _is_address(address: str) -> bool:
    local, _, domain = address.rpartition("@")
    return bool(local and domain) and len(address) <= _LONGEST and not re.search(r"\s|@", local + domain)


def _name(said: str, address: str) -> str:
    """Return a name without what mail programs put around it, "" if it is an address."""
    name = " ".join(said.split()).strip("'\" ")
    return "" if name.lower() == address.lower() or re.fullmatch(r"\S+@\S+", name) else name


def day(header: str) -> datetime | None:
    """Return the moment a header of a message says, in UTC; None for none."""
    try:
        day = parsedate_to_datetime(header)
        day = day.replace(tzinfo=UTC) if day.tzinfo is None else day.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return day if day.year in _YEARS else None


def _bulk(first: dict[str, str], lists: tuple[str, ...]) -> bool:
    """Tell whether a message says that no person wrote it; what a mailing list passed on was written by one."""
    answer = first.get("auto-submitted", "no").lower().startswith("auto-generated")
    return answer or (not lists and ("list-unsubscribe" in first or first.get("precedence", "").lower() in _BULK))


def _body(head: bytes, whole: Parsed | None) -> str:
    """Return the first plain text of a message, else that of its first page of HTML without the tags."""
    try:
        message = message_from_bytes(head) if whole is None else whole
        parts = [part for part in message.walk() if not part.is_multipart()]
    except (RecursionError, MessageError, ValueError, LookupError):
        return ""
    by_type = {part.get_content_type(): part for part in reversed(parts) if part.get_filename() is None}
    if "text/plain" in by_type:
        return _content(by_type["text/plain"])
    return _without_tags(_content(by_type["text/html"])) if "text/html" in by_type else ""


def _content(part: Parsed) -> str:
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        return ""
    charset = part.get_content_charset()
    return _text(data[:_TEXT], charset) if isinstance(data, bytes) else ""


def _without_tags(page: str) -> str:
    lines = re.sub(r"(?i)<(br|/p|/div|/tr|/li)\b[^<>]{0,500}>", "\n", re.sub(r"[\r\n]+", " ", page))
    return unescape(re.sub(r"<[^<>]{0,5000}>", "", lines))
