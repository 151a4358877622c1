"""`crmtool profile`: what is in some files, before anything is done with them.

Works without a workspace: then the rules are those that come with crmtool, and nothing is said of a base. What is told
is one plain structure (`io.surveys.document`): printed by `--json`, shown here, and made a page by `renderers.profile`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import inputs, screen
from crmtool.cli.inputs import output_option
from crmtool.cli.session import Session, command
from crmtool.core.errors import NoWorkspace, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmtool.core.rules import Rules

_MATRIX = 8  # lists beside each other on a screen
_SHAPES = 2
_PAGES = (".html", ".htm")


def declare(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "profile", reads=True)
    def profile(
        session: Session,
        given: Annotated[
            list[Path], typer.Argument(metavar="FILE...", help="Files of contacts; - for standard input.")
        ],
        output: Annotated[Path | None, output_option("Write an HTML page.")] = None,
        limit: Annotated[
            int | None, typer.Option(min=1, help="Only the first rows of each file.", show_default=False)
        ] = None,
        examples: Annotated[bool, typer.Option("--examples", help="Show values too, not only their shapes.")] = False,
        force: Annotated[bool, typer.Option("--force", help="Overwrite the page.")] = False,
    ) -> None:
        """Show what is in files: columns, shapes, faults, and how many people they share.

        Example: crmtool profile lists/*.csv -o profile.html
        """
        if output and output.suffix.lower() not in _PAGES:
            raise UsageError(f"{output.name}: a profile is written as a page.", "End its name in .html.")
        content = _content(session, inputs.paths(given), limit, examples=examples)
        if session.options.as_json:
            screen.document(content)
        elif not session.options.quiet:
            _shown(content)
        if output:
            _page(session, output, content, force=force)


def rules_here(session: Session) -> tuple[Rules, bool]:
    """Return the rules of the workspace, or the defaults where there is none; and whether there is one.

    Raises NoWorkspace where one was named and is not there.
    """
    from crmtool.io import rulebook, workspace

    try:
        return session.rules, True
    except NoWorkspace:
        if session.options.workspace or os.environ.get(workspace.VARIABLE):
            raise
        return rulebook.loaded(rulebook.defaults()), False


def _content(session: Session, paths: list[Path], limit: int | None, *, examples: bool) -> dict[str, Any]:
    from crmtool.io import intake, surveys
    from crmtool.io.readers import files

    rules, housed = rules_here(session)
    said = session.reading
    wishes = intake.Wishes(said.mapping, None, said.region, said.columns)
    found = {
        str(path): surveys.surveyed(files.parts(path, said.options(limit)), rules, wishes, session.today)
        for path in paths
    }
    if not housed:
        return surveys.document(found, examples=examples)
    with session.store.reading():
        return surveys.document(found, surveys.base(session.store), examples=examples)


def _page(session: Session, path: Path, content: Mapping[str, Any], *, force: bool) -> None:
    from crmtool.io.renderers import profile
    from crmtool.io.writers import files

    html = profile.profile_html(content, as_of=session.today)
    with files.atomic(path, force=force) as temporary:
        temporary.write_text(html, encoding="utf-8")
    if not session.options.quiet and not session.options.as_json:
        screen.say(f"Wrote {path}")


# -- the screen -----------------------------------------------------------------------------------------------------


def _shown(content: Mapping[str, Any]) -> None:
    files = content["files"]
    for number, file in enumerate(files, 1):
        _file(file, f"{number}. " if len(files) > 1 else "")
    _people(content)


def _file(file: Mapping[str, Any], number: str) -> None:
    """Show one file: how it is read, its columns, and what is wrong in them."""
    how = ", ".join(filter(None, [file["format"], file["encoding"], file["sheet"] and f"sheet {file['sheet']}"]))
    screen.say(f"{number}{file['file']}: {how}")
    rows = screen.counted(file["rows"], "row")
    screen.say(f"{file['read']} read = {rows} + {file['refused']} refused + {file['blank']} blank")
    known = f"mapping: {file['mapping']}" if file["mapping"] else "no column says who a row is about"
    screen.say(known + (f"; an import would reject {sum(file['rejected'].values())}" if file["rejected"] else ""))
    screen.say()
    lines = [line for column in file["columns"] for line in _column(column, file["rows"])]
    screen.table(["column", "field", "filled", "different", "shape", "of it"], lines, right=[2, 3, 5])
    _examples(file)
    _faults(file)


def _column(column: Mapping[str, Any], rows: int) -> list[tuple[object, ...]]:
    """Return a line for a column and its most frequent shape, and one more for each further shape."""
    shapes = [(each["shape"], _share(each["rows"], column["filled"])) for each in column["shapes"][:_SHAPES]]
    different = column["distinct"] if column["distinct_exact"] else f"~{column['distinct']}"
    first, *further = shapes or [("", "")]
    filled = _share(column["filled"], rows)
    return [
        (column["column"], _field(column), filled, different, *first),
        *(("", "", "", "", *each) for each in further),
    ]


def _field(column: Mapping[str, Any]) -> str:
    """Return what a column is, with a question mark where that is only likely."""
    if column["field"] is None:
        return f"{column['perhaps']}?" if column["perhaps"] else "—"
    return str(column["field"])


def _examples(file: Mapping[str, Any]) -> None:
    lines = [
        (column["column"], each["value"], each["rows"])
        for column in file["columns"]
        for each in column.get("examples", [])[:_SHAPES]
    ]
    if lines:
        screen.table(["column", "value", "rows"], lines, title="Examples", right=[2])


def _faults(file: Mapping[str, Any]) -> None:
    """Show what is wrong with values, and how many were there before."""
    lines = [
        (each["severity"], column["column"], each["rows"], each["message"])
        for column in file["columns"]
        for each in column["problems"]
    ]
    lines += [
        ("note", column["column"], column["repeated"], "stood in the column before, as cleaned")
        for column in file["columns"]
        if column["repeated"]
    ]
    if lines:
        from crmtool.core.findings import SEVERITIES

        worst_first = sorted(lines, key=lambda line: SEVERITIES.index(line[0]))
        screen.table(["", "column", "rows", "what"], worst_first, title="Faults", right=[2])


def _people(content: Mapping[str, Any]) -> None:
    """Show how many people there are, and how many of them stand in two lists."""
    files, base = content["files"], content["base"]
    lines = [
        (n, f["file"], f["rows"], f["people"], f["rows_without_channel"], *_known(f)) for n, f in enumerate(files, 1)
    ]
    headings = ["", "file", "rows", "people", "unreachable", *(["in the base", "new"] if base else [])]
    if len(files) > 1:
        total = ("", "together", sum(f["rows"] for f in files), content["people"], None, *_known(content))
        lines.append(total)
    screen.table(headings, lines, title="People, told by e-mail and phone", right=[0, *range(2, 7)])
    if base:
        screen.say(f"The base has {screen.counted(base['contacts'], 'contact')}.")
    if len(files) > 1:
        _shared(content)


def _known(counts: Mapping[str, Any]) -> tuple[int, ...]:
    return () if counts["in_base"] is None else (counts["in_base"], counts["new_to_base"])


def _shared(content: Mapping[str, Any]) -> None:
    """Show how many people each two files share: as a square, or where they are many as a list."""
    files = content["files"]
    title = "The same people in two files"
    both = {(each["left"], each["right"]): each["people"] for each in content["shared"]}
    paths = [file["path"] for file in files]
    if len(files) <= _MATRIX:
        numbers = [str(n) for n in range(1, len(files) + 1)]
        lines = [(n, file["file"], *(_cell(both, file, other) for other in files)) for n, file in enumerate(files, 1)]
        screen.table(["", "file", *numbers], lines, title=title, right=[0, *range(2, len(files) + 2)])
        return
    order = sorted(both.items(), key=lambda item: -item[1])
    number = {path: n for n, path in enumerate(paths, 1)}
    lines = [(f"{number[left]} and {number[right]}", people) for (left, right), people in order if people]
    screen.table(["files", "people"], lines, title=title, right=[1])


def _cell(both: Mapping[tuple[str, str], int], file: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    """Return how many people two files share; a file shares all with itself."""
    left, right = file["path"], other["path"]
    return int(file["people"] if left == right else both.get((left, right), both.get((right, left), 0)))


def _share(part: int, whole: int) -> str:
    """Return a share in percent that claims all or nothing only where it is so.

    >>> _share(999, 1000), _share(1, 1000), _share(0, 7), _share(7, 7), _share(0, 0)
    ('99 %', '<1 %', '0 %', '100 %', '—')
    """
    if not whole:
        return "—"
    return "<1 %" if 0 < part * 100 < whole else f"{part * 100 // whole} %"
