"""`crmtool duplicates train`: learn what agreement is worth from the contacts there are, and keep it as a rule file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import screen
from crmtool.cli.session import Session, command

if TYPE_CHECKING:
    from crmtool.core.match_rules import Compared, Learned, Model

_LIMIT = 8  # levels that are named

_HEAD = """\
# What agreement is worth, learned by `crmtool duplicates train` from the contacts there were. Keep it in git beside the
# rules: while it fits them and the base, `duplicates find`, `explain` and `import` weigh by it. Train again when much
# has changed; without this file `find` and `explain` learn by themselves, and imports are not matched.
"""


def declare(noun: typer.Typer) -> None:
    """Add the command to the noun."""

    @command(noun, "train")
    def train(
        session: Session,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written; write nothing.")] = False,
    ) -> None:
        """Learn what each field is worth, show it and how far it can be trusted, and keep it in the rules.

        Example: crmtool duplicates train --dry-run
        """
        with session.working("duplicates train"):
            learned = _learned(session)
            if not dry_run:
                written(session, learned)
        if session.options.as_json:
            screen.document(_document(learned))
        elif not session.options.quiet:
            _shown(learned, dry_run)


def _learned(session: Session) -> Learned:
    from crmtool.core.duplicates import models
    from crmtool.core.match_rules import Learned
    from crmtool.io import doubles

    rules = session.rules
    with session.store.reading():
        found = {kind: models.model(trained) for kind, trained in doubles.trained(session.store, rules)}
    settings = models.settings(rules.duplicates.match)
    return Learned(day=session.today, settings=settings, person=found.get("person"), company=found.get("company"))


def written(session: Session, learned: Learned) -> None:
    """Write the model beside the rules, over the one before."""
    from crmtool.io import rulebook
    from crmtool.io.writers import files, toml

    text = _HEAD + "\n" + toml.dumped(learned.model_dump(mode="json"))
    with files.atomic(session.workspace.rules_path / rulebook.LEARNED, force=True) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def _each(learned: Learned) -> list[tuple[str, Model]]:
    kept = [(kind, learned.of(kind)) for kind in ("person", "company")]
    return [(kind, model) for kind, model in kept if model is not None]


def _document(learned: Learned) -> dict[str, Any]:
    from crmtool.core.duplicates import models

    return {
        "day": learned.day.isoformat(),
        "settings": learned.settings,
        **{
            kind: {
                "rows": model.rows,
                "data": model.data,
                "prior": model.prior,
                "fields": {name: _levels(kept, models.is_firm(kept)) for name, kept in model.field.items()},
            }
            for kind, model in _each(learned)
        },
    }


def _levels(kept: Compared, firm: list[bool]) -> list[dict[str, Any]]:
    """Return the levels of a comparison with m, u, the weight in bits, and what they rest on."""
    from math import log2

    each = zip(kept.levels, kept.m, kept.u, kept.pairs, kept.halves, firm, strict=True)
    return [
        {"level": level, "m": m, "u": u, "weight": log2(m / u), "pairs": pairs, "halves": halves, "firm": trusted}
        for level, m, u, pairs, halves, trusted in each
    ]


def _shown(learned: Learned, dry_run: bool) -> None:
    from crmtool.core.duplicates import models

    for kind, model in _each(learned):
        lines = [(name, line) for name, kept in model.field.items() for line in _levels(kept, models.is_firm(kept))]
        _table(kind, lines)
        _trusted(model, lines)
    if dry_run:
        screen.say("Dry run: nothing was written.")
    elif _each(learned):
        screen.say("Wrote rules/duplicates.model.toml: find, explain and import use it from now on.")
    else:
        screen.say("There are no contacts to learn from yet.")


def _table(kind: str, lines: list[tuple[str, dict[str, Any]]]) -> None:
    rows, last = [], ""
    for name, line in lines:
        rows.append(
            (
                _called(name) if name != last else "",
                line["level"],
                f"{line['m']:.4f}",
                f"{line['u']:.6f}",
                f"{line['weight']:+.1f}",
                f"{line['pairs']:.0f}",
                f"{line['halves']:.1f}" if line["pairs"] >= 1 else "",
                "" if line["firm"] else "?",
            )
        )
        last = name
    headings = ["", "", "in one", "in others", "bits", "pairs", "±", ""]
    screen.table(headings, rows, title=kind, right=[2, 3, 4, 5, 6])


def _trusted(model: Model, lines: list[tuple[str, dict[str, Any]]]) -> None:
    """Say how far what was learned can be trusted."""
    from crmtool.core.duplicates import models

    usual = [_called(name) for name, kept in model.field.items() if sum(kept.pairs) < 1]
    unsure = [
        f"{_called(name)} {line['level']}" for name, line in lines if not line["firm"] and _called(name) not in usual
    ]
    if usual:
        screen.say(
            f"Too few sure pairs to learn from for {', '.join(usual)}: there the usual values stand, the same for "
            "everybody."
        )
    if unsure:
        more = f" and {len(unsure) - _LIMIT} more" if len(unsure) > _LIMIT else ""
        screen.say(
            f"Not firm (?): {', '.join(unsure[:_LIMIT])}{more}. They rest on fewer than {models.FEW:.0f} pairs, or "
            f"halves of the pairs give weights more than {models.FIRM:.0f} bit apart (±)."
        )
    firm = sum(line["firm"] for _, line in lines)
    screen.say(f"{firm} of {len(lines)} levels are firm, learned from {screen.counted(model.rows, 'contact')}.")


def _called(name: str) -> str:
    return name.removeprefix("attr.").replace("_", " ")
