"""One rule file becomes its model, or what is wrong with it: each mistake with its key and what was probably meant."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from crmtool.io.rulebook_names import meant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pydantic_core import ErrorDetails

    from crmtool.core.rule import Rule


def parsed(path: Path, sources: Mapping[Path, bytes], shape: type[Rule], problems: list[str]) -> Rule | None:
    """Return the model of one file, or None after noting what is wrong with it."""
    if path not in sources:
        problems.append(f"{path.as_posix()}: the file is missing; copy it from a new workspace (crmtool init)")
        return None
    try:
        return _read_as(shape, sources[path])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path.as_posix()}: is no TOML: {error}")
    except ValidationError as error:
        problems.extend(f"{path.as_posix()}: {line}" for line in _mistakes(error, shape))
    return None


@lru_cache(maxsize=1_000)
def _read_as(shape: type[Rule], content: bytes) -> Rule:
    """Return the model of a file; kept, as a pipeline reads the same hundred files again for each of its steps."""
    return shape.model_validate(tomllib.loads(content.decode("utf-8-sig")))


def _mistakes(error: ValidationError, shape: type[BaseModel]) -> Iterator[str]:
    """Yield each mistake as "key: what is wrong, with a did-you-mean"."""
    for mistake in error.errors():
        where = ".".join(str(part + 1 if isinstance(part, int) else part) for part in mistake["loc"])
        if mistake["type"] == "extra_forbidden":
            keys = sorted(_keys_at(shape, mistake["loc"][:-1]))
            yield f"{where}: is no key here{meant(str(mistake['loc'][-1]), keys)}"
        else:
            what = mistake["msg"].removeprefix("Value error, ")
            yield f"{where + ': ' if where else ''}{what[:1].lower()}{what[1:]}{_given(mistake)}"


def _given(mistake: ErrorDetails) -> str:
    value = mistake.get("input")
    return f", not {value!r}" if isinstance(value, (str, int, float, bool)) else ""


def _keys_at(shape: type[BaseModel], path: tuple[int | str, ...]) -> set[str]:
    """Return the keys a model knows at a path; steps through lists and tables are skipped."""
    for step in path:
        info = shape.model_fields.get(str(step))
        inner = [a for a in _arguments(info.annotation) if issubclass(a, BaseModel)] if info else []
        shape = inner[0] if inner else shape
    return set(shape.model_fields)


def _arguments(annotation: object) -> Iterator[type]:
    """Yield the classes inside an annotation such as Mapping[str, FieldRule]."""
    if isinstance(annotation, type):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _arguments(argument)
