"""`crmtool duplicates explain | keys`: why a pair is one, and what pairs come from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crmtool.cli import screen
from crmtool.cli.inputs import output_option
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from crmtool.core.duplicates.matching import Matched

_One = Annotated[int, typer.Argument(help="Id of a contact.", show_default=False)]
_BAR = 12  # signs of the longest bar on a side


def declare(noun: typer.Typer) -> None:
    """Add the commands to the noun."""

    @command(noun, "explain")
    def explain(
        session: Session,
        left: _One,
        right: _One,
        output: Annotated[Path | None, output_option("Write a page of HTML.")] = None,
        force: Annotated[bool, typer.Option("--force", help="Overwrite the page.")] = False,
    ) -> None:
        """Show why two contacts are, or are not, taken for one: each field, what it says, and what it weighs.

        Example: crmtool duplicates explain 17 42 -o why.html
        """
        with session.working("duplicates explain"):
            prior, lines = _explained(session, left, right)
        total = prior + float(lines["weight"].sum())
        review = session.rules.duplicates.match.review
        if output:
            from crmtool.io.renderers import waterfall
            from crmtool.io.writers import files

            page = waterfall.waterfall_html(left, right, prior, lines, review=review, as_of=session.today)
            with files.atomic(output, force=force) as temporary:
                temporary.write_text(page, encoding="utf-8", newline="\n")
        if session.options.as_json:
            pair = {"left_id": left, "right_id": right, "weight": total, "prior": prior}
            screen.document({**pair, "fields": lines.to_dicts()})
        elif not session.options.quiet:
            _waterfall(prior, lines, total, review)

    @command(noun, "keys")
    def keys(session: Session) -> None:
        """Show what brings contacts together to be compared: the groups under each rule, and those left out.

        Example: crmtool duplicates keys
        """
        import polars as pl

        with session.working("duplicates keys"):
            blocks = pl.concat(
                found.candidates.report.select(pl.lit(kind).alias("kind"), pl.all()) for kind, found in _each(session)
            )
        if session.options.as_json:
            screen.document(blocks.to_dicts())
        elif not session.options.quiet:
            headings = ["share", "pairs", "groups", "largest", "left out"]
            for (kind,), part in blocks.group_by("kind", maintain_order=True):
                rows = part.drop("kind", "rows_left_out").rows()
                screen.table(headings, rows, title=str(kind).capitalize(), right=[1, 2, 3, 4], whole=[0])


def _each(session: Session) -> list[tuple[str, Matched]]:
    from crmtool.io import doubles

    with session.store.reading():
        return [(kind, found) for kind, _, found in doubles.each(session.store, session.rules)]


def _explained(session: Session, left: int, right: int) -> tuple[float, pl.DataFrame]:
    from crmtool.core.duplicates import explaining
    from crmtool.io import doubles, gathering

    with session.store.reading():
        roots = dict(gathering.roots_of(session.store, [left, right]).rows())
        _check(left, right, roots)
        for _, parties, found in doubles.each(session.store, session.rules):
            rows = [parties["id"].index_of(roots[contact]) for contact in (left, right)]
            if rows[0] is not None and rows[1] is not None:
                return explaining.explained(found, parties, rows[0], rows[1])
    raise UsageError(
        f"Contact {left} and contact {right} are not compared: one is a person, the other a company.",
        "Look at both with: crmtool contacts show ID",
    )


def _check(left: int, right: int, roots: dict[int, int]) -> None:
    """Refuse contacts that do not exist, or that are one already."""
    for contact in (left, right):
        if contact not in roots:
            raise UsageError(f"There is no contact {contact}.", "Find it with: crmtool contacts find TEXT")
    if roots[left] == roots[right]:
        raise UsageError(
            f"Contacts {left} and {right} are one: both lead to {roots[left]}.",
            "Part them with: crmtool duplicates unmerge A B",
        )


def _waterfall(prior: float, lines: pl.DataFrame, total: float, review: float) -> None:
    """Show what each comparison adds, the heaviest first."""
    told = lines.filter(lines["agreement"].is_not_null()).sort("weight", descending=True, maintain_order=True)
    longest = max([abs(prior), *(abs(weight) for weight in told["weight"].to_list()), 1.0])
    rows: list[tuple[object, ...]] = [("before anything is compared", "", "", f"{prior:+.1f}", _bar(prior, longest))]
    for line in told.to_dicts():
        values = "\n".join(str(line[side]) for side in ("left", "right") if line[side] is not None)
        name = line["field"].removeprefix("attr.").replace("_", " ")
        rows.append((name, values, line["agreement"], f"{line['weight']:+.1f}", _bar(line["weight"], longest)))
    rows.append(("together", "", "", f"{total:+.1f}", ""))
    screen.table(["", "both", "are", "bits", ""], rows, right=[3])
    odds = f"{2 ** min(abs(total), 60):,.0f} to 1".replace(",", " ")
    verdict = "one party" if total >= 0 else "two parties"
    screen.say(f"That is {odds} for {verdict}; from {review:g} bits on a pair is put before a person.")


def _bar(weight: float, longest: float) -> str:
    """Return a bar of a length that tells the weight: # speaks for one party, - against."""
    return ("#" if weight >= 0 else "-") * round(abs(weight) / longest * _BAR)
