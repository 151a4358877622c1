"""An XML parser for files of strangers: a document that declares entities or a document type is refused unread.

That closes entity bombs and outside entities, whatever the encoding. Memory and time of what remains are the business
of the process that parses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, NoReturn
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Iterator


class ForbiddenXml(Exception):
    """The document has a declaration that no export of a list needs."""


class Element(NamedTuple):
    """The beginning of an element: names without namespaces, "" for the parent of the first."""

    parent: str
    name: str
    attributes: dict[str, str]


def parser() -> expat.XMLParserType:
    """Return a parser that raises ForbiddenXml at a document type; names come with their namespace before a "}"."""
    made = expat.ParserCreate(namespace_separator="}")
    made.buffer_text = True
    made.StartDoctypeDeclHandler = _refused
    made.EntityDeclHandler = _refused
    made.ExternalEntityRefHandler = _refused
    return made


def _refused(*_: object) -> NoReturn:
    raise ForbiddenXml


def local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]


def elements(data: bytes) -> Iterator[Element]:
    """Return the beginnings of the elements of a small document, in its order; expat.ExpatError where it is broken."""
    found: list[Element] = []
    path = [""]

    def start(name: str, attributes: dict[str, str]) -> None:
        plain = {local(key): value for key, value in attributes.items()}
        found.append(Element(path[-1], local(name), plain))
        path.append(local(name))

    def end(_: str) -> None:
        path.pop()

    made = parser()
    made.StartElementHandler, made.EndElementHandler = start, end
    made.Parse(data, True)
    return iter(found)
