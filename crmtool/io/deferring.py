"""Mappings that are made when they are asked for: a command reads the rules it needs, not all there are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from typing import TypeVar

_Value = TypeVar("_Value")


class Deferred(Mapping[str, _Value]):
    """A mapping that `make` gives, asked once and not before something is looked for in it."""

    def __init__(self, make: Callable[[], Mapping[str, _Value]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Mapping[str, _Value]:
        return self._make()

    def __getitem__(self, name: str) -> _Value:
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


class Shelf(Mapping[str, _Value]):
    """A mapping whose names are known and whose values `read` gives, each time that they are asked for."""

    def __init__(self, names: Collection[str], read: Callable[[str], _Value]) -> None:
        self._names, self._read = names, read

    def __getitem__(self, name: str) -> _Value:
        if name not in self._names:
            raise KeyError(name)
        return self._read(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
