"""What every command that reads files can be told about them: `--column`, `--sheet`, `--encoding` and their like.

To add such an option: a line in `OPTIONS` and a field of `Reading`. Names of files may be patterns
(`'lists/*.csv'`), so that a scheduled run need not rely on a shell.
"""

from __future__ import annotations

import glob
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.core.errors import InputRefused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crmtool.io.readers.table import Options

OPTIONS: dict[str, Any] = {
    "column": Annotated[
        list[str] | None, typer.Option("--column", metavar="NAME=FIELD", help="Say what a column is; repeatable.")
    ],
    "mapping": Annotated[str | None, typer.Option("--mapping", help="Use this saved mapping.", show_default=False)],
    "region": Annotated[
        str | None,
        typer.Option("--region", metavar="CODE", help="Country of phones without one: RU, UA ...", show_default=False),
    ],
    "format": Annotated[
        str | None, typer.Option("--format", help="What the file is: csv, excel, vcard ...", show_default=False)
    ],
    "encoding": Annotated[str | None, typer.Option("--encoding", help="Encoding of a text file.", show_default=False)],
    "delimiter": Annotated[
        str | None, typer.Option("--delimiter", help="What stands between the cells of a text.", show_default=False)
    ],
    "header": Annotated[
        int | None,
        typer.Option("--header", min=0, help="Row of the header; 0: there is none.", show_default=False),
    ],
    "sheet": Annotated[str | None, typer.Option("--sheet", help="Sheet of a workbook.", show_default=False)],
}


#: Of commands that clean e-mails; the answers are kept for a while in the workspace, where there is one.
MX = Annotated[
    bool, typer.Option("--mx", help="Ask the DNS whether the domains of e-mails take mail (uses the network).")
]


def output_option(what: str) -> Any:  # noqa: ANN401  # as typer types its options
    """Return the option that names a file to write."""
    return typer.Option("-o", "--output", help=what, show_default=False)


@dataclass(frozen=True)
class Reading:
    """What a person said about the files to read."""

    columns: Mapping[str, str] = field(default_factory=dict)  # heading -> target
    mapping: str | None = None
    region: str | None = None
    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header: int | None = None
    sheet: str | None = None

    def options(self, limit: int | None = None) -> Options:
        """Return what the readers are told; with a limit only so many rows are read."""
        from crmtool.io.readers.table import Options

        return Options(self.encoding, self.sheet, limit, self.format, self.delimiter, self.header)


def reading(given: dict[str, Any]) -> Reading:
    """Return what was said, taking the values of `OPTIONS` out of `given`. Raises UsageError."""
    said = {name: given.pop(name) for name in OPTIONS}
    return Reading(columns=column_options(said.pop("column") or []), **said)


def column_options(given: Iterable[str]) -> dict[str, str]:
    """Return heading -> field from options written NAME=FIELD. Raises UsageError."""
    for text in given:
        if "=" not in text.strip("="):
            raise UsageError(f"--column {text!r} is not NAME=FIELD.", "For example: --column 'Mobile=phone.mobile'")
    pairs = (text.rpartition("=") for text in given)
    return {heading.strip(): target.strip() for heading, _, target in pairs}


def paths(given: Iterable[Path]) -> list[Path]:
    """Return the files meant, each once, in the order given; a name that is no file may be a pattern.

    Raises InputRefused for a pattern that fits no file.
    """
    found: dict[Path, None] = {}
    for path in given:
        found |= dict.fromkeys(_matching(path))
    return list(found)


def _matching(path: Path) -> list[Path]:
    if str(path) == "-" or path.exists() or not glob.has_magic(str(path)):
        return [path]
    fitting = sorted(Path(name) for name in glob.glob(str(path), recursive=True))  # noqa: PTH207  # it may be absolute
    files = [file for file in fitting if file.is_file()]
    if not files:
        raise InputRefused(f"No file fits the pattern {path}.", "Check the spelling and the folder.")
    return files
