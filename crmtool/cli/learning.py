"""`crmtool rules learn`: values a vocabulary does not know, from the base or a file, taken into it one after another.

Each answer is written at once, so that a person may stop at any time; the base is cleaned anew by `crmtool refresh`. To
add an answer: `_KEYS` and `_after`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from crmtool.cli import screen
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from crmtool.core.normalizers.nearness import Near

#: What is typed -> what it means; the second key is the same one on a Russian keyboard.
_KEYS = {"a": "alias", "ф": "alias", "n": "new", "т": "new", "s": "skip", "ы": "skip", "q": "quit", "й": "quit"}
_KEYS |= {"і": "skip", "": "skip"}  # a Ukrainian keyboard; Enter
_SHOWN = 3  # nearest values
_LIKE = 0.5  # a value less like another is none that could be meant
_PARTLY = ("company",)  # kinds of field whose vocabulary has parts of values: legal forms


class Unknown(NamedTuple):
    """A value that the vocabulary of a field does not know, in how many rows it stands, and what it is near to."""

    field: str
    vocabulary: str
    value: str
    rows: int
    near: list[Near]


def declare(noun: typer.Typer) -> None:
    """Add the command."""

    @command(noun, "learn")
    def learn(
        session: Session,
        field: Annotated[str | None, typer.Argument(help="A field with a vocabulary.", show_default=False)] = None,
        file: Annotated[
            Path | None, typer.Option("--from", help="Values of this file, not of the base.", show_default=False)
        ] = None,
        column: Annotated[
            str | None, typer.Option("--column", metavar="NAME", help="Its column, for --from.", show_default=False)
        ] = None,
        limit: Annotated[int, typer.Option("--limit", min=1, help="How many values, the commonest first.")] = 20,
        accept_nearest: Annotated[
            float | None,
            typer.Option(
                "--accept-nearest", min=0.5, max=1.0, help="Take what is so like a known one, without asking."
            ),
        ] = None,
    ) -> None:
        """Show values that the vocabularies do not know, and take them in.

        Example: crmtool rules learn source --limit 10
        """
        found = [each for name in _fields(session, field, file) for each in _unknown(session, name, file, column)]
        found = sorted(found, key=lambda each: (-each.rows, each.field, each.value))[:limit]
        found = [each._replace(near=_near(session, each)) for each in found]
        if session.options.as_json:
            screen.document([{**each._asdict(), "near": [near._asdict() for near in each.near]} for each in found])
        elif not session.options.quiet:
            _shown(found)
        if accept_nearest is not None:
            learnt = sum(_accepted(session, each, accept_nearest) for each in found)
        else:
            learnt = _asked(session, found) if session.interactive else 0
        if learnt and not session.options.quiet:
            screen.remark(f"{screen.counted(learnt, 'word')} learnt. Clean the base anew with: crmtool refresh")


# --- what is not known ---


def _fields(session: Session, field: str | None, file: Path | None) -> list[str]:
    """Return the fields to look at. Raises UsageError for one without a vocabulary."""
    known = [
        name
        for name, rule in session.rules.fields.field.items()
        if rule.vocabulary and rule.kind not in _PARTLY and "." not in name
    ]
    if field is None and file is not None:
        raise UsageError("--from needs a field.", f"One of: {', '.join(known)}")
    if field is not None and field not in known:
        raise UsageError(f"The field {field!r} has no vocabulary.", f"These have: {', '.join(known)}")
    return [field] if field else known


def _unknown(session: Session, field: str, file: Path | None, column: str | None) -> list[Unknown]:
    """Return the values of a field that its vocabulary does not know."""
    import polars as pl

    from crmtool.core.normalizers.registry import Settings
    from crmtool.core.normalizers.vocabulary import vocabulary

    name = session.rules.fields.field[field].vocabulary or ""
    index = session.rules.vocabularies[name].index
    counted = _of_file(session, file, column) if file else _of_base(session, field)
    settings = Settings(vocabulary=index, placeholders=frozenset(session.rules.normalize.placeholders))
    told = vocabulary(counted["value"], settings).filter(pl.col("code").str.starts_with("vocabulary."))
    rows = told.join(counted, on="value").group_by("clean").agg(pl.col("rows").sum()).sort("rows", "clean")
    ours = {rule.source for rule in session.rules.mappings.values()} if field == "source" else set()
    return [Unknown(field, name, value, count, []) for value, count in rows.iter_rows() if value not in ours]


def _near(session: Session, unknown: Unknown) -> list[Near]:
    """Return the known values that a value is like."""
    from crmtool.core.folding import folded
    from crmtool.core.normalizers.nearness import nearest

    found = nearest(folded(unknown.value), session.rules.vocabularies[unknown.vocabulary].index, _SHOWN)
    return [near for near in found if near.likeness >= _LIKE]


def _of_base(session: Session, field: str) -> pl.DataFrame:
    """Return the values of a field in the records of the base (columns value, rows)."""
    import polars as pl

    sql = "SELECT json_extract(clean, ?) AS value, count(*) AS rows FROM record GROUP BY 1 HAVING value IS NOT NULL"
    return session.store.query(sql, [f"$.{field}"], {"value": pl.String(), "rows": pl.Int64()})


def _of_file(session: Session, file: Path, column: str | None) -> pl.DataFrame:
    """Return the values of a column of a file (columns value, rows). Raises UsageError."""
    import polars as pl

    from crmtool.io.readers import files

    parts = []
    for table in files.parts(file, session.reading.options()):
        if column not in table.cells.columns:
            raise UsageError(
                f"{file} has no column {column!r}." if column else "--from needs a --column.",
                f"Its columns are: {', '.join(table.cells.columns[:20])}",
            )
        parts.append(table.cells[column].drop_nulls().alias("value").to_frame())
    return pl.concat(parts).group_by("value").agg(rows=pl.len()).cast({"rows": pl.Int64})


def _shown(found: list[Unknown]) -> None:
    if not found:
        screen.say("The vocabularies know every value.")
        return
    rows = [(each.field, each.value, each.rows, *_nearest(each)) for each in found]
    screen.table(("field", "value", "rows", "nearest", "like it"), rows, title="Not in the vocabulary", right=(2, 4))


def _nearest(each: Unknown) -> tuple[str, str]:
    return (each.near[0].canonical, f"{each.near[0].likeness:.0%}") if each.near else ("", "")


# --- taking in ---


def _accepted(session: Session, each: Unknown, least: float) -> bool:
    """Take a value in as an alias of its nearest one if that is near enough, and nearer than any other."""
    near = each.near
    if not near or near[0].likeness < least or (len(near) > 1 and near[1].likeness == near[0].likeness):
        return False
    _write(session, each, near[0].canonical)
    return True


def _asked(session: Session, found: list[Unknown]) -> int:
    """Ask about each value until somebody quits or nobody answers; return how many were taken in."""
    learnt = 0
    for each in found:
        said = _answer(each)
        if said == "quit":
            break
        if said != "skip":
            _write(session, each, None if said == "new" else said)
            learnt += 1
    return learnt


def _answer(each: Unknown) -> str:
    """Return the canonical value that is meant, or "new", "skip" or "quit"."""
    screen.remark("")
    screen.remark(f"{each.field}: {each.value} ({screen.counted(each.rows, 'row')})")
    screen.remark("  ".join(f"{n} {near.canonical} ({near.likeness:.0%})" for n, near in enumerate(each.near, 1)))
    while True:
        typed = screen.typed("a: the same as 1, a number: as that one, n: a value of its own, s: skip, q: quit: ")
        said = "quit" if typed is None else _understood(typed.casefold(), each.near)
        if said:
            return said
        screen.remark("One of these keys, please.")


def _understood(typed: str, near: list[Near]) -> str | None:
    """Return what an answer means, None where it means nothing here."""
    number = 1 if _KEYS.get(typed) == "alias" else int(typed) if typed.isdecimal() else 0
    if number:
        return near[number - 1].canonical if number <= len(near) else None
    return _KEYS.get(typed) if _KEYS.get(typed) != "alias" else None


def _write(session: Session, each: Unknown, canonical: str | None) -> None:
    """Put a value into the file of its vocabulary, as an alias of `canonical` or as one of its own."""
    from crmtool.core.vocabulary_edits import with_alias, with_value
    from crmtool.io.writers import files

    path = session.workspace.rules_path / "vocabularies" / f"{each.vocabulary}.toml"
    text = path.read_text(encoding="utf-8-sig")
    edited = with_alias(text, canonical, each.value) if canonical else with_value(text, each.value)
    with files.atomic(path, force=True) as temporary:
        temporary.write_text(edited, encoding="utf-8", newline="\n")
    if not session.options.quiet:
        screen.remark(f"  {each.value} is {canonical or 'a value of its own'}, in vocabularies/{path.name}")
