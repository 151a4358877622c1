"""What a cell of addresses says when it is not one plain address: several of them, names, remarks, disguises, slips.

Only such cells come here, each distinct one once; every pattern reads a text in one go. To add a disguise of the @ or
the dot: `_AT`, `_DOT`; a word that may stand before an address: `_LABELS`.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, NamedTuple

from crmtool.core.normalizers.email_domains import endings
from crmtool.core.normalizers.email_letters import CYRILLIC, latin

if TYPE_CHECKING:
    from collections.abc import Iterator


class Piece(NamedTuple):
    """An address as it can be checked; `mended` tells what was wrong with it as written, None: nothing."""

    text: str
    mended: str | None = None


_LONGEST = 20_000  # characters of a cell that may hold addresses; a longer one is a text
_LONGEST_PIECE = 1_000  # and of what may be one address with words about it

_AT = r"(?:at|ат|эт|собака|собачка|равлик|песик)"
_DOT = r"(?:dot|тчк|точка|крапка|дот)"
_AT_BRACKETED = re.compile(rf"(?i)\s{{0,9}}[(\[{{<]\s{{0,3}}(?:@|{_AT})\s{{0,3}}[)\]}}>]\s{{0,9}}")
_DOT_BRACKETED = re.compile(rf"(?i)\s{{0,9}}[(\[{{<]\s{{0,3}}(?:\.|{_DOT})\s{{0,3}}[)\]}}>]\s{{0,9}}")
_AT_SPELLED = re.compile(rf"(?i)\s{_AT}\s")
_DOT_SPELLED = re.compile(rf"(?i)\s{_DOT}\s")

_TAG = re.compile(r"(?i)</?(?:a|b|i|p|br|div|span|font|u)(?:\s[^<>]*)?/?>")
_LINK = re.compile(r"(?i)<a\s[^<>]*>")
_MAILTO = re.compile(r"(?i)(?:\bmailto|\bsmtp):\s?")
_QUERY = re.compile(r"(@[^\s?;,@]+)\?(?:subject|body|cc|bcc)=\S*", re.IGNORECASE)
_IN_ANGLES = re.compile(r"<([^<>]*)>")
_IN_QUOTES = re.compile(r'"[^"]*"')
_AROUND_AT = re.compile(r"\s{0,9}@\s{0,9}")
_ATS = re.compile("@{2,}")
_LISTED = re.compile(r"[;|\r\n\t]+")
_BETWEEN = re.compile(r"[\s,/\\]+")
_LABELS = re.compile(
    r"(?i)^(?:(?:e-?mail|mail|email address|mail to|почта|пошта|эл\.?\s?почта|ел\.?\s?пошта|адрес|адреса)\b"
    r"(?:\s?\d)?\s{0,3}[:=\-–—.]?\s{0,9})"
)
_BEFORE = re.compile(r"^[^\w@]*[\u0400-\u052f][\u0400-\u052f\s.,:()№'’\-–—]*[\s:](?=[!-~]+@)")
_REMARK = re.compile(r"(?<=[a-z0-9])\s{0,9}(?:\([^()@]*\)?|[-–—,/]?\s{1,9}[^@]*)$", re.IGNORECASE)
_SPACED_DOT = re.compile(r"(@\S+?)\s{0,3}\.\s{0,3}(?=[^\s.])")
_DOTLESS = re.compile(r"^([^@]+@[\w-]+)\s{0,3}[,\s/]\s{0,3}([a-zа-я]{2,6})$", re.IGNORECASE)
_NO_WORDS = re.compile(r"[@\d]")
_CYRILLIC_ENDINGS = frozenset(["рф", "ру", "рус", "укр", "бел", "ком", "нет", "орг"])

_STRAY_BEFORE = '"«»“”„‘’`([{<,;: '  # no address begins with one; a full stop in front may stand for a lost letter
_STRAY_BEHIND = '"«»“”„‘’`)]}>,;:.\\/ '
_NEEDLESS = re.compile(r'^"[^"\s\\@(),:;<>\[\]]+"@[^"\s]+$')  # RFC 5321: the same without its quotes
_QUOTED = re.compile(r"^'(.*)'$")


def pieces(text: str) -> tuple[Piece, ...]:
    """Return the addresses of a cell in their order, without those that stand twice; one piece at least.

    A piece that is no address is returned as it stands: nothing is left out but names, labels and remarks.

    >>> [piece.text for piece in pieces("Почта: a@x.ru, b@x.ru (личная)")]
    ['a@x.ru', 'b@x.ru']
    """
    if len(text) > _LONGEST:
        return (Piece(text),)
    plain = _MAILTO.sub("", _without_tags(text))
    plain = _QUERY.sub(r"\1", plain)
    shown = _disclosed(plain)
    disguised = "email.disguised" if shown != plain else None
    found = [_mended(text_, mended or disguised) for text_, mended in _listed(shown)]
    first: dict[str, Piece] = {}
    for piece in found:
        first.setdefault(piece.text.lower(), piece)
    return tuple(first.values()) or (Piece(text),)


def _without_tags(text: str) -> str:
    """Return a text without the marks of a web page."""
    if "&" in text and ";" in text:
        text = html.unescape(text)
    if _LINK.search(text):
        text = _TAG.sub(" ", text)
    return text


def _disclosed(text: str) -> str:
    """Return a text with the @ and the dots that were written as words or in brackets."""
    shown = _DOT_BRACKETED.sub(".", _AT_BRACKETED.sub("@", text))
    shown = shown if "@" in shown else shown.replace("＠", "@")
    if "@" not in shown:
        shown = _AT_SPELLED.sub("@", shown)
        shown = shown.replace("%40", "@") if "@" not in shown else shown
    domain = shown.rpartition("@")[2] if shown.count("@") == 1 else ""
    return shown.removesuffix(domain) + _DOT_SPELLED.sub(".", domain) if _DOT_SPELLED.search(domain) else shown


def _listed(text: str) -> Iterator[Piece]:
    """Yield the parts of a cell, those in angle brackets first where there are any.

    Beside an address in brackets stands a name, unless it has an @ of its own.
    """
    named = [match for match in _IN_ANGLES.finditer(text) if "@" in match[1]]
    if not named:
        yield from _parted(text)
        return
    place = 0
    for match in named:
        yield from _beside_brackets(text[place : match.start()])
        yield from _parted(match[1])
        place = match.end()
    yield from _beside_brackets(text[place:])


def _beside_brackets(text: str) -> Iterator[Piece]:
    """Yield the addresses of a text that stands beside brackets: a name is none, nor what a name has in quotes."""
    for part in _LISTED.split(_IN_QUOTES.sub(" ", text).replace(",", ";")):
        if "@" in part:
            yield from _parted(part)


def _parted(text: str) -> Iterator[Piece]:
    """Yield the parts of a text without angle brackets."""
    joined = _AROUND_AT.sub("@", text)
    single = _ATS.sub("@", joined)
    mended = "email.repaired" if single != joined else None
    parts = [part.strip(" ,") for part in _LISTED.split(single)]
    parts = [part for part in parts if part]
    addressed = any("@" in part for part in parts)
    for part in parts:
        if part.count("@") > 1:
            yield from (Piece(each, each_mended or mended) for each, each_mended in _several(part))
        elif "@" in part or not (addressed and _words(part)):
            whole = _one(part)
            yield Piece(whole.text, whole.mended or mended)


def _several(text: str) -> Iterator[Piece]:
    """Yield addresses with commas, slashes, spaces or words of another alphabet between them."""
    tokens = [token for token in _BETWEEN.split(text) if token]
    waiting: list[str] = []
    for token in tokens:
        if waiting and "@" not in token and (whole := _with_dot(f"{waiting[-1]} {token}")):
            waiting = []
            yield Piece(whole, "email.repaired")
        elif "@" in token:
            yield from (Piece(each) for each in waiting)
            waiting = [token]
        elif not _between(token):
            yield from (Piece(each) for each in waiting)
            waiting = []
            yield Piece(token)
    yield from (Piece(each) for each in waiting)


def _between(word: str) -> bool:
    """Tell whether a word among addresses is none: a sign, a label, a word in Cyrillic."""
    return _words(word) or bool(_LABELS.fullmatch(word)) or not re.search(r"\w", word) or word == "and"


def _words(text: str) -> bool:
    """Tell whether a text is words in Cyrillic, no address and no part of one."""
    return bool(CYRILLIC.search(text)) and not _NO_WORDS.search(text)


def _with_dot(text: str) -> str | None:
    """Return an address whose only dot was typed as a comma or a space, None for any other text."""
    match = _DOTLESS.match(text)
    if match and (match[2].lower() in endings() or match[2].lower() in _CYRILLIC_ENDINGS):
        return f"{match[1]}.{match[2]}"
    return None


def _one(text: str) -> Piece:
    """Return the one address of a text without the label before it and the remark behind it."""
    if "@" not in text or len(text) > _LONGEST_PIECE:
        return Piece(text)
    if _NEEDLESS.match(text):
        return Piece(text.replace('"', ""), "email.quotes")
    bare = _BEFORE.sub("", _LABELS.sub("", text))
    if whole := _with_dot(bare):
        return Piece(whole, "email.repaired")
    spaced = _SPACED_DOT.sub(r"\1.", bare)
    local, at, domain = spaced.partition("@")
    domain = _REMARK.sub("", domain) if "." in domain.partition(" ")[0] else domain
    return Piece(local + at + domain, "email.repaired" if spaced != bare else None)


def _mended(text: str, mended: str | None) -> Piece:
    """Return a piece without stray characters at its ends, with single dots in its domain and with Latin letters."""
    bare = text.lstrip(_STRAY_BEFORE).rstrip(_STRAY_BEHIND)
    bare = _QUOTED.sub(r"\1", bare) if bare.startswith("'") else bare
    local, at, domain = bare.rpartition("@")
    bare = local + at + re.sub(r"\.{2,}", ".", domain).lstrip(".") if at and ".." in domain else bare
    mended = mended or ("email.repaired" if bare != text else None)
    plain = latin(bare) if CYRILLIC.search(bare) else bare
    return Piece(plain, "email.letters" if plain != bare else mended)
