"""`crmtool map`: what the columns of a file are taken for, asked about where that is not sure, and saved as a mapping.

Nothing is read into the base. A saved mapping is a file of the workspace's rules, to be read and corrected there.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from crmtool.cli import admission, profiles, screen
from crmtool.cli.session import Session, command
from crmtool.core.errors import ColumnsUnknown, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmtool.core.imports.mapping import Mapped
    from crmtool.core.profiles import Counts
    from crmtool.core.rules import Rules, SourceMapping
    from crmtool.io.readers.table import Table

_ROWS = 20_000  # looked at
_NAME = re.compile(r"\w[\w-]{0,59}")


class Looked(NamedTuple):
    """A file as far as it was looked at: its first rows, their shapes, and the columns that never repeat a value."""

    table: Table
    shapes: Mapping[str, str]
    unique: list[str]


def declare(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "map", reads=True)
    def map_(
        session: Session,
        file: Annotated[Path, typer.Argument(help="A file of contacts; - for standard input.", show_default=False)],
        save: Annotated[
            str | None,
            typer.Option(metavar="NAME", help="Save as rules/mappings/NAME.toml of the workspace.", show_default=False),
        ] = None,
        source: Annotated[
            str | None, typer.Option(help="Name of the source, for --save; else NAME.", show_default=False)
        ] = None,
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask; replace a mapping of the same name.")] = False,
    ) -> None:
        """Show what each column of a file is taken for, and save it for the next time.

        Example: crmtool map clients.csv --column 'Тел.=phone.mobile' --save clients
        """
        rules, _ = profiles.rules_here(session)
        if save:
            admission.admit(session, "map --save")
        path = _path(session, save, yes=yes) if save else None
        looked = _looked_at(session, file)
        mapped = _settled(session, looked, rules, asks=not yes)
        rule = _drafted(looked, mapped, rules, save, source) if save else None
        if session.options.as_json:
            screen.document(_content(looked, mapped, path))
        elif not session.options.quiet:
            _shown(looked, mapped)
        if rule and path:
            _saved(session, rule, path)


def _path(session: Session, name: str, *, yes: bool) -> Path:
    """Return where a mapping is saved. Raises UsageError for odd names, and where one is there that may not go."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be the name of a mapping.", "Use letters, digits, - and _ only.")
    path = session.workspace.rules_path / "mappings" / f"{name}.toml"
    if path.exists() and not yes and not (session.interactive and screen.agreed(f"Replace the mapping {name!r}?")):
        raise UsageError(f"There is a mapping {name!r} already.", "Choose another name, or replace it with --yes.")
    return path


def _looked_at(session: Session, file: Path) -> Looked:
    """Return the first rows of a file with their shapes."""
    from crmtool.core import profiles as counting
    from crmtool.io.readers import files

    table = next(files.parts(file, session.reading.options(_ROWS)))
    counts = _counted(table)
    described = counting.described(counts, table.cells.columns)
    return Looked(table, shapes(table), counting.unique(described, table.cells.height))


def shapes(table: Table) -> dict[str, str]:
    """Return the most frequent shape of each column's cells, by heading."""
    from crmtool.core import profiles as counting

    counts = _counted(table)
    tops = {heading: counting.top(counts.shapes, heading, 1)["shape"].to_list() for heading in table.cells.columns}
    return {heading: top[0] if top else "" for heading, top in tops.items()}


def _counted(table: Table) -> Counts:
    from crmtool.core import findings
    from crmtool.core import profiles as counting

    cells = table.cells.head(_ROWS)
    return counting.counted(cells, findings.empty(), counting.channels(cells, table.rows.head(_ROWS), []))


def _settled(session: Session, looked: Looked, rules: Rules, *, asks: bool) -> Mapped:
    """Return what the columns are, after asking about the unsure ones where somebody can be asked.

    Raises ColumnsUnknown where nothing is known and nobody can be asked.
    """
    from crmtool.cli import questions
    from crmtool.core.imports.mapping import Unsure

    said = dict(session.reading.columns)
    asks = asks and session.interactive
    try:
        found = _mapped(session, looked, rules, said)
        open_ = found.unsure
    except ColumnsUnknown:
        if not asks:
            raise
        open_ = tuple(Unsure(heading, "", 0.0, (), needed=True) for heading in looked.shapes if heading not in said)
    if not asks or not open_:
        return _mapped(session, looked, rules, said)
    said |= questions.answered(open_, looked.shapes, rules.fields)
    return _mapped(session, looked, rules, said)


def _mapped(session: Session, looked: Looked, rules: Rules, columns: Mapping[str, str]) -> Mapped:
    from crmtool.io import intake

    said = session.reading
    return intake.mapped(looked.table, rules, intake.Wishes(said.mapping, region=said.region, columns=columns))


def _drafted(looked: Looked, mapped: Mapped, rules: Rules, name: str, source: str | None) -> SourceMapping:
    from crmtool.core.imports import drafts, mapping

    headings = looked.table.cells.columns
    return drafts.drafted(headings, mapping.settled(mapped), rules, name=name, source=source, unique=looked.unique)


def _saved(session: Session, rule: SourceMapping, path: Path) -> None:
    from crmtool.io.writers import files, toml

    with files.atomic(path, force=True) as temporary:
        temporary.write_text(toml.dumped(rule.model_dump(mode="json", exclude_defaults=True)), encoding="utf-8")
    if not session.options.quiet and not session.options.as_json:
        screen.say(f"Saved as rules/mappings/{path.name}; a file with these headings is known by it from now on.")
        screen.say("Check the rules with: crmtool rules check; import with: crmtool import FILE --dry-run")


def _content(looked: Looked, mapped: Mapped, path: Path | None) -> dict[str, Any]:
    """Return what is known of the columns as one document."""
    doubts = {column.heading: column for column in mapped.unsure}
    columns = []
    for heading, shape in looked.shapes.items():
        doubt = doubts.get(heading)
        columns.append(
            {
                "column": heading,
                "field": mapped.columns.get(heading),
                "how": mapped.how.get(heading) or None,
                "confidence": doubt.confidence if doubt else mapped.confidence.get(heading),
                "perhaps": [doubt.target, *doubt.alternatives] if doubt else [],
                "needed": bool(doubt and doubt.needed),
                "shape": shape,
            }
        )
    return {
        "file": looked.table.name,
        "mapping": mapped.name,
        "source": mapped.source,
        "region": mapped.rule.region,
        "key": list(mapped.key),
        "columns": columns,
        "questions": [column.heading for column in mapped.questions],
        "saved": path.name if path else None,
    }


def _shown(looked: Looked, mapped: Mapped) -> None:
    """Show each column with its field, how that is known, and what the cells look like."""
    screen.say(f"{looked.table.name}: mapping {mapped.name}, source {mapped.source}")
    if mapped.key:
        screen.say(f"A row is named by: {', '.join(mapped.key)}")
    screen.say()
    doubts = {column.heading: column for column in mapped.unsure}
    lines = []
    for heading, shape in looked.shapes.items():
        doubt = doubts.get(heading)
        field = f"{doubt.target}?" if doubt else mapped.columns.get(heading, "—")
        sure = doubt.confidence if doubt else mapped.confidence.get(heading)
        how = mapped.how.get(heading, "")
        known = "not sure" if doubt else screen.WAYS[how]
        lines.append((heading, field, known, f"{sure:.0%}" if sure is not None else "", shape))
    screen.table(["column", "field", "known by", "sure", "most cells look like"], lines, right=[3])
    for column in mapped.unsure:
        others = " or ".join((column.target, *column.alternatives))
        screen.say(f"{column.heading}: perhaps {others}. Say it with: --column '{column.heading}={column.target}'")
    if mapped.questions:
        screen.say("An import asks about these first: " + ", ".join(column.heading for column in mapped.questions))
