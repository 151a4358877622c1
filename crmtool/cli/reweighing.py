"""`crmtool duplicates learn`: let people's decisions say how much each field should count."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from crmtool.cli import screen, training
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from crmtool.core.duplicates.reweighing import Fitted, Judged, Tested
    from crmtool.core.match_rules import Model


class Found(NamedTuple):
    """What was learned of one kind of contact; None where there are too few decisions."""

    model: Model
    judged: Judged
    fitted: Fitted | None
    tested: Tested | None

    @property
    def better(self) -> bool:
        """Whether it is worth keeping."""
        return self.tested is not None and self.tested.better


def declare(noun: typer.Typer) -> None:
    """Add the command to the noun."""

    @command(noun, "learn")
    def learn(
        session: Session,
        keep: Annotated[bool, typer.Option("--keep", help="Keep what was learned, where it is better.")] = False,
    ) -> None:
        """Learn from what people decided about pairs how much each field should count, and test whether it is better.

        Every pair is weighed by what was learned without it. Nothing is kept without --keep.

        Example: crmtool duplicates learn
        """
        with session.working("duplicates learn"):
            found = _found(session)
            kept = keep and any(each.better for each in found.values())
            if kept:
                _keep(session, found)
        if session.options.as_json:
            screen.document({"kept": kept} | {kind: _document(each) for kind, each in found.items()})
        elif not session.options.quiet:
            for kind, each in found.items():
                _shown(kind, each)
            _ended(kept=kept, better=any(each.better for each in found.values()))


def _found(session: Session) -> dict[str, Found]:
    """Return for each kind what is learned. Raises UsageError where the library is not installed."""
    from crmtool.core.duplicates import reweighing
    from crmtool.io import doubles

    with session.store.reading():
        judged = {kind: (model, of) for kind, model, of in doubles.decided(session.store, session.rules)}
    if any(of.enough for _, of in judged.values()) and not find_spec("recordlinkage"):
        raise UsageError("Learning needs the library recordlinkage.", "Install it with: pip install 'crmtool[learn]'")
    found, seed = {}, session.rules.duplicates.match.seed
    for kind, (model, of) in judged.items():
        fitted = reweighing.fitted(of.bits, of.same) if of.enough else None
        tested = reweighing.tested(of, reweighing.fitted, seed) if of.enough else None
        found[kind] = Found(model, of, fitted, tested)
    return found


def _keep(session: Session, found: dict[str, Found]) -> None:
    """Write the model file with the new weights of each kind for which they are better."""
    from crmtool.core.duplicates import models
    from crmtool.core.match_rules import Learned

    new = {kind: each.model for kind, each in found.items()}
    for kind, each in found.items():
        if each.better and each.fitted:
            prior = 1 / (1 + 2.0**-each.fitted.prior)
            scale = dict(zip(each.judged.names, each.fitted.scale.tolist(), strict=True))
            new[kind] = models.rescaled(each.model, prior, scale)
    settings = models.settings(session.rules.duplicates.match)
    learned = Learned(day=session.today, settings=settings, person=new.get("person"), company=new.get("company"))
    training.written(session, learned)


def _document(each: Found) -> dict[str, Any]:
    same = int(each.judged.same.sum())
    told: dict[str, Any] = {"same": same, "different": len(each.judged.same) - same, "better": each.better}
    if each.tested and each.fitted:
        told |= {
            "wrong": {"before": each.tested.wrong[0], "after": each.tested.wrong[1]},
            "doubt": {"before": each.tested.doubt[0], "after": each.tested.doubt[1]},
            "gain": each.tested.gain,
            "error": each.tested.error,
            "prior": each.fitted.prior,
            "scale": dict(zip(each.judged.names, each.fitted.scale.tolist(), strict=True)),
        }
    return told


def _shown(kind: str, each: Found) -> None:
    from crmtool.core.duplicates import reweighing

    told = _document(each)
    decided = f"{kind.capitalize()}: people decided that {told['same']} pairs are the same and {told['different']} not."
    if each.tested is None or each.fitted is None:
        screen.say(f"{decided} Learning needs {reweighing.FEWEST} of either.")
        return
    screen.say(decided)
    rows = [(name.replace("_", " "), f"{scale:.2f}") for name, scale in told["scale"].items()]
    screen.table(["weight of", "times"], rows, right=[1])
    lines = [
        (when, each.tested.wrong[place], f"{each.tested.doubt[place]:.3f}")
        for place, when in enumerate(("as weighed now", "as learned, unseen"))
    ]
    screen.table(["", "wrong", "bits of doubt a pair"], lines, right=[1, 2])
    verdict = "better" if each.better else "not better by more than chance"
    screen.say(f"What was learned is {verdict}: {each.tested.gain:+.3f} ± {each.tested.error:.3f} bits a pair.")


def _ended(*, kept: bool, better: bool) -> None:
    if kept:
        screen.say("Wrote rules/duplicates.model.toml: find, explain and import use it from now on.")
    elif better:
        screen.say("Nothing was kept. Use it with: crmtool duplicates learn --keep")
    else:
        screen.say("Nothing was kept: the weights stay as they are.")
