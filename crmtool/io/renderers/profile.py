"""The profile of some files as one HTML page that needs nothing else: no script, no request, pictures drawn in place.

The page is `templates/profile.html.j2`; what it shows is `io.surveys.document`, put in order here. Escaping is the
engine's (`pages.environment`). To add a part of the page: a value in `profile_html` and its place in the template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmtool.core.findings import SEVERITIES
from crmtool.io.renderers.pages import environment, share

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

_SQUARE = 20  # files in the square of shared people; more of them are a list
_PAIRS = 200


def profile_html(content: Mapping[str, Any], *, as_of: dt.date) -> str:
    """Return a document of `io.surveys.document` as a page of HTML, made on the day `as_of`."""
    files = [_file(number, file) for number, file in enumerate(content["files"], 1)]
    square = _square(content, files) if 1 < len(files) <= _SQUARE else []
    pairs = [] if square else _pairs(content, files)
    page = environment().get_template("profile.html.j2")
    values = any("examples" in column for file in content["files"] for column in file["columns"])
    return page.render(content=content, files=files, square=square, pairs=pairs, values=values, as_of=as_of)


def _file(number: int, file: Mapping[str, Any]) -> dict[str, Any]:
    columns = [_column(column, file["rows"]) for column in file["columns"]]
    return {**file, "number": number, "columns": columns, "rejected": sum(file["rejected"].values())}


def _column(column: Mapping[str, Any], rows: int) -> dict[str, Any]:
    """Return a column as it is shown: shares in words and in lengths, faults worst first."""
    faults = sorted(column["problems"], key=lambda fault: SEVERITIES.index(fault["severity"]))
    return {
        **column,
        "certainty": f"{column['confidence']:.0%}" if column["confidence"] is not None else "",
        "share": share(column["filled"], rows),
        "length": f"{100 * column['filled'] / rows:.2f}%" if rows else "0%",
        "shapes": [{**each, "share": share(each["rows"], column["filled"])} for each in column["shapes"]],
        "faults": faults,
        "examples": column.get("examples", []),
    }


def _square(content: Mapping[str, Any], files: Sequence[Mapping[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return for each file how many people it shares with each, itself included, and how deep to colour that."""
    both = {(each["left"], each["right"]): each["people"] for each in content["shared"]}
    lines = []
    for file in files:
        line = []
        for other in files:
            left, right = file["path"], other["path"]
            people = file["people"] if left == right else both.get((left, right), both.get((right, left), 0))
            line.append({"people": people, "own": left == right, "depth": _depth(people, file["people"])})
        lines.append(line)
    return lines


def _depth(people: int, whole: int) -> str:
    return f"{people / whole:.2f}" if whole else "0"


def _pairs(content: Mapping[str, Any], files: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the pairs of files that share most people."""
    named = {file["path"]: file for file in files}
    shared = sorted((each for each in content["shared"] if each["people"]), key=lambda each: -each["people"])
    return [
        {"left": named[each["left"]], "right": named[each["right"]], "people": each["people"]}
        for each in shared[:_PAIRS]
    ]
