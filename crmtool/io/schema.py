"""The store's tables, as the SQL files in `migrations/` make them, oldest first.

To change the tables: a new file there, numbered on; never edit one that was released. Statements end in a semicolon at
the end of a line. The tables must then be those of `crmtool.core.model`, which a test compares.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.resources.abc import Traversable

    from sqlite_utils import Database, Migrations


def files() -> list[Traversable]:
    """Return the migrations, oldest first."""
    folder = resources.files("crmtool.io") / "migrations"
    return sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)


def version() -> int:
    """Return the newest schema this program knows; the store keeps its own in `user_version`."""
    return len(files())


def migrations() -> Migrations:
    """Return the migrations as steps that sqlite-utils applies, each in one transaction."""
    from sqlite_utils import Migrations

    steps = Migrations("crmtool")
    for file in files():
        steps(name=file.name)(_step(file.read_text(encoding="utf-8")))
    return steps


def _step(script: str) -> Callable[[Database], None]:
    def apply(db: Database) -> None:
        for statement in script.split(";\n"):
            if statement.strip():
                db.execute(statement)

    return apply
