"""The shape of `rules/documents.toml`: how documents of deals are named, where they lie, which of them a deal needs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import model_validator

from crmtool.core.folding import folded
from crmtool.core.rule import Name, Rule

#: What the parts of a name look like; those of the pattern and of a folder.
PARTS = {"date": r"\d{4}-\d{2}-\d{2}", "type": r".+?", "version": r"\d{1,4}", "author": r".+"}
HOLDERS = {"deal": r"\d{1,18}", "key": r".+?"}
_HOLE = re.compile(r"\{(\w*)\}")


class Documents(Rule):
    """`documents.toml`: names, types and folders of documents, and what a deal at a stage must have."""

    pattern: Name = "{date}_{type}_v{version}_{author}"  # of a name without its ending
    folder: Name = "{deal}*"  # of a deal's folder; {key}: what its source calls the deal
    ignore: tuple[Name, ...] = ()  # files that are no documents: "~$*"
    type: Mapping[Name, tuple[Name, ...]] = {}  # type -> how names write it
    required: Mapping[Name, tuple[Name, ...]] = {}  # stage -> types that a deal has from then on

    @model_validator(mode="after")
    def _makes_sense(self) -> Documents:
        """Refuse patterns with unknown parts, words of two types, and types that are asked for and not there."""
        parts = holes(self.pattern)
        if {*parts} - {*PARTS} or len({*parts}) != len(parts) or not {"date", "type"} <= {*parts}:
            raise ValueError("the pattern has {date} and {type}, may have {version} and {author}, each once")
        if [*map(str, holes(self.folder))] not in [[name] for name in HOLDERS]:
            raise ValueError("a folder has {deal} or {key}, once")
        if odd := sorted({name for names in self.required.values() for name in names} - {*self.type}):
            raise ValueError(f"required: no type is called {', '.join(odd)}")
        if twice := _twice([(folded(word), name) for name, words in self.type.items() for word in {name, *words}]):
            raise ValueError(f"type: stands for two types: {', '.join(twice)}")
        return self

    def words(self) -> dict[str, str]:
        """Return how names write types, folded -> type."""
        return {folded(word): name for name, words in self.type.items() for word in (name, *words)}


def _twice(words: list[tuple[str, str]]) -> list[str]:
    homes: dict[str, set[str]] = {}
    for word, name in words:
        homes.setdefault(word, set()).add(name)
    return sorted(word for word, names in homes.items() if len(names) > 1)


def holes(template: str) -> list[str]:
    """Return the parts that a template names, in order.

    >>> holes("{date}_{type}")
    ['date', 'type']
    """
    return _HOLE.findall(template)


def expression(template: str, parts: Mapping[str, str]) -> str:
    r"""Return a template as a regular expression with a named group for each part; `*` stands for anything.

    >>> expression("{deal}*", HOLDERS)
    '^(?P<deal>\\d{1,18}).*$'
    """
    pieces = _HOLE.split(template)
    written = [
        f"(?P<{piece}>{parts[piece]})" if at % 2 else ".*".join(map(re.escape, piece.split("*")))
        for at, piece in enumerate(pieces)
    ]
    return f"^{''.join(written)}$"
