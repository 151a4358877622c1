"""`crmtool export`: a segment as a file, by a profile of `rules/exports`; who may not be written to stays out of it.

What is done in which order: judge everybody, cut the sample, write each file and read it back, write the log, and only
then give the files their names.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import screen
from crmtool.cli.inputs import output_option
from crmtool.cli.segments import condition
from crmtool.cli.session import Session, command
from crmtool.core.errors import SafetyRefused, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import polars as pl

    from crmtool.core.export_rules import Export
    from crmtool.core.exports.log import Delivery
    from crmtool.core.plans import Plan
    from crmtool.io.writers.delivery import Look

_SHOWN = 5  # odd names
_HUNDRED = 100


@dataclass(frozen=True)
class Trial:
    """A sample to try a mailing on: how many or which share, of which strata, and where the others go."""

    size: float
    share: bool
    strata: tuple[str, ...]
    seed: int
    rest: Path | None


@dataclass(frozen=True)
class Job:
    """One export as it was asked for."""

    segment: str
    profile: str
    rule: Export
    output: Path
    trial: Trial | None
    approximate: bool
    force: bool
    readers: tuple[str, ...]  # public keys: only these open the files
    anew: bool  # only who was in no file of this segment by this profile


def declare(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "export")
    def export(
        session: Session,
        segment: Annotated[str, typer.Argument(help="Name of a segment, or a filter.", show_default=False)],
        output: Annotated[Path, output_option("File: .csv, .xlsx, .vcf, .jsonl or .parquet.")],
        profile: Annotated[str, typer.Option(help="Profile of rules/exports.")] = "excel",
        purpose: Annotated[
            str | None, typer.Option(help="Only with consent for this purpose; see consents.toml.", show_default=False)
        ] = None,
        sample: Annotated[
            str | None, typer.Option(metavar="N|N%", help="Only so many, drawn by the seed.", show_default=False)
        ] = None,
        stratify: Annotated[
            str, typer.Option(metavar="FIELD,...", help="Draw in proportion from each value of these fields.")
        ] = "",
        seed: Annotated[int, typer.Option(help="Another seed, another sample.")] = 1,
        rest: Annotated[
            Path | None, typer.Option(help="File for all who are not in the sample.", show_default=False)
        ] = None,
        new: Annotated[
            bool, typer.Option("--new", help="Only who was in no earlier file of this segment by this profile.")
        ] = False,
        encoding: Annotated[
            str | None, typer.Option(help="Encoding of a CSV: utf-8, cp1251 ...", show_default=False)
        ] = None,
        delimiter: Annotated[str | None, typer.Option(help="Between the cells of a CSV.", show_default=False)] = None,
        approximate: Annotated[
            bool, typer.Option("--approximate", help="Write letters the encoding lacks in Latin.")
        ] = False,
        encrypt_to: Annotated[
            list[str] | None,
            typer.Option("--encrypt-to", metavar="KEY", help="Only this public key opens it; repeatable."),
        ] = None,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Say who would be in it; write nothing.")] = False,
        confirm: Annotated[bool, typer.Option("--confirm", help="Export more rows than the profile's limit.")] = False,
        force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    ) -> None:
        """Write the contacts of a segment to a file, without those who may not be written to.

        Example: crmtool export vip-kyiv -o vip.csv
        """
        rule = _profile(session, profile, purpose, encoding, delimiter)
        readers = tuple(encrypt_to or ())
        trial = _trial(sample, stratify, seed, _sealed_name(rest, readers) if rest else None)
        _export(
            session,
            Job(segment, profile, rule, _sealed_name(output, readers), trial, approximate, force, readers, new),
            dry_run,
            confirm,
        )


def _profile(session: Session, name: str, purpose: str | None, encoding: str | None, delimiter: str | None) -> Export:
    """Return a profile with what the command says otherwise. Raises UsageError."""
    from crmtool.cli.consents import purpose_known
    from crmtool.core.export_rules import is_delimiter

    profiles = session.rules.exports
    if name not in profiles:
        raise UsageError(f"There is no export profile {name!r}.", f"Known are: {', '.join(sorted(profiles))}")
    if purpose is not None:
        purpose_known(session, purpose)
    if delimiter is not None and not is_delimiter(delimiter):
        raise UsageError(f"--delimiter {delimiter!r} cannot stand between cells.", "Give one sign, such as ; or a tab.")
    said = {"purpose": purpose, "encoding": encoding, "delimiter": delimiter}
    rule = profiles[name].model_copy(update={key: value for key, value in said.items() if value is not None})
    asked = session.rules.consents.purpose.get(rule.purpose or "")
    return rule.model_copy(update={"channel": rule.channel or (asked.channel if asked else None)})


def _trial(sample: str | None, stratify: str, seed: int, rest: Path | None) -> Trial | None:
    """Return what is said of a sample. Raises UsageError."""
    from crmtool.core import model

    strata = tuple(name.strip() for name in stratify.split(",") if name.strip())
    if sample is None:
        if strata or rest:
            raise UsageError("--stratify and --rest are about a sample.", "Give it: --sample 5%")
        return None
    for name in strata:
        if name not in {*model.FIELDS, "kind"}:
            raise UsageError(f"--stratify: there is no field {name!r}.", f"Known are: {', '.join(model.FIELDS)}")
    number, share = sample.removesuffix("%").replace(",", "."), sample.endswith("%")
    try:
        size = float(number) if share else int(number)
    except ValueError:
        size = -1
    if size <= 0 or (share and size > _HUNDRED):
        raise UsageError(f"--sample {sample!r} is no number of contacts.", "For example: --sample 50, or --sample 5%")
    return Trial(size / _HUNDRED if share else size, share, strata, seed, rest)


def _export(session: Session, job: Job, dry_run: bool, confirm: bool) -> None:
    from crmtool.core.exports import gate
    from crmtool.io import exporting

    chosen = condition(session, job.segment)
    session.store.show(name for name in (job.trial.strata if job.trial else ()) if name != "kind")
    rule = job.rule
    ask = exporting.Ask(
        chosen.sql, list(chosen.params), rule.purpose, rule.channel, session.today, rule.rows == "channel"
    )
    with contextlib.ExitStack() as stack:
        with session.store.reading():
            revision = session.store.revision().number
            judged = exporting.judged(session.store, ask)
            if job.anew:
                judged = gate.anew(judged, exporting.given(session.store, job.segment, job.profile))
            withheld = gate.counted(judged)
            people = _deliverable(judged.filter(judged["reason"].is_null()).drop("reason"), rule)
            if not session.options.as_json:  # the document says it
                _told_withheld(withheld, rule)
            parts = _cut(session, people, job)
            if dry_run:
                _previewed(session, job, parts, withheld)
                return
            _within_limit(people, job, confirm)
            made, looks = stack.enter_context(_files(session, job, parts))
        facts = _facts(job, made, withheld, looks)
        plan = _log(session, made, _about(job, withheld, revision), facts)
        session.note(plan, f"export {job.segment}", lambda: _shown(facts, list(parts)))


def _deliverable(people: pl.DataFrame, rule: Export) -> pl.DataFrame:
    """Return who is in a file: with a row for each address, those without any are in none."""
    return people.filter(people["value"].is_not_null()) if rule.rows == "channel" else people


def _told_withheld(withheld: Mapping[str, int], rule: Export) -> None:
    """Say who is left out, on the screen or in the document; nothing makes this silent."""
    from crmtool.core.exports import gate

    if withheld:
        said = ", ".join(f"{count} {gate.REASONS[reason]}" for reason, count in withheld.items())
        of = f" ({rule.purpose})" if rule.purpose else ""
        screen.remark(f"Left out{of}: {said}.")


def _cut(session: Session, people: pl.DataFrame, job: Job) -> dict[Path, tuple[str | None, pl.DataFrame]]:
    """Return the files to write, each with the name of its part and its people."""
    from crmtool.core.exports import samples
    from crmtool.io import exporting

    trial = job.trial
    if trial is None:
        return {job.output: (None, people)}
    ids = people["root_id"].unique(maintain_order=True)
    size = samples.size_of(trial.size, ids.len()) if trial.share else int(trial.size)
    strata = exporting.strata(session.store, ids, trial.strata)
    chosen = strata["id"].filter(samples.taken(strata, trial.strata, size, trial.seed))
    inside = people["root_id"].is_in(chosen.implode())
    cut: dict[Path, tuple[str | None, pl.DataFrame]] = {job.output: ("sample", people.filter(inside))}
    if trial.rest:
        if trial.rest.absolute() == job.output.absolute():
            raise UsageError("The sample and the rest are one file.", "Give them different names.")
        cut[trial.rest] = ("rest", people.filter(~inside))
    return cut


def _within_limit(people: pl.DataFrame, job: Job, confirmed: bool) -> None:
    """Raise SafetyRefused for more rows than the profile allows unasked."""
    if people.height > job.rule.limit and not confirmed:
        raise SafetyRefused(
            f"{people.height} rows are more than the {job.rule.limit} that profile {job.profile} allows unasked.",
            "If that is meant, add --confirm; the limit stands in the profile.",
        )


# -- files ----------------------------------------------------------------------------------------------------------


def _sealed_name(path: Path, readers: tuple[str, ...]) -> Path:
    """Return the name of a file; one that is encrypted ends in .age."""
    from crmtool.io import encryption

    sealed = not readers or path.suffix == encryption.ENDING
    return path if sealed else path.with_name(path.name + encryption.ENDING)


def _begun(job: Job, path: Path) -> contextlib.AbstractContextManager[Path]:
    """Return what gives a private file that gets its name, and is encrypted if that was asked for, after the block."""
    from crmtool.io import encryption
    from crmtool.io.writers import files

    return encryption.sealed(path, job.readers, force=job.force) if job.readers else files.atomic(path, force=job.force)


@contextlib.contextmanager
def _files(
    session: Session, job: Job, parts: Mapping[Path, tuple[str | None, pl.DataFrame]]
) -> Iterator[tuple[list[Delivery], list[Look]]]:
    """Write the files and their manifests; they get their names when the block has ended well."""
    from crmtool.core.exports.log import Delivery
    from crmtool.io import delivering, manifests
    from crmtool.io.writers import files

    made, looks = [], []
    with contextlib.ExitStack() as stack:
        for path, (part, people) in parts.items():
            temporary = stack.enter_context(_begun(job, path))
            paper = stack.enter_context(files.atomic(delivering.paper_of(path), force=job.force))
            with session.working(f"Writing {path.name}"):
                look = _written(session, job, path, temporary, people)
            delivery = Delivery(path.name, manifests.hashed(temporary), part, _rows(look), people["root_id"].unique())
            delivering.write_paper(_manifest(session, job, delivery, temporary.stat().st_size), paper)
            made.append(delivery)
            looks.append(look)
        yield made, looks


def _rows(look: Look) -> int:
    return sum(part.rows for part in look.sums)


def _written(session: Session, job: Job, path: Path, temporary: Path, people: pl.DataFrame) -> Look:
    """Write one file and read it back."""
    from crmtool.io import delivering, encryption

    plain = Path(path.name.removesuffix(encryption.ENDING)) if job.readers else path
    return delivering.delivered(session.store, people, job.rule, plain, temporary, approximate=job.approximate)


def _manifest(session: Session, job: Job, delivery: Delivery, size: int) -> dict[str, Any]:
    head = session.store.revision()
    trial = job.trial
    return {
        "file": delivery.file,
        "sha256": delivery.sha256,  # of an encrypted file as it is when opened
        "bytes": size,
        "rows": delivery.rows,
        "contacts": delivery.people.len(),
        "segment": job.segment,
        "part": delivery.part,
        **({"sample": {"strata": trial.strata, "seed": trial.seed}} if trial else {}),
        "profile": job.profile,
        "purpose": job.rule.purpose,
        "columns": dict(job.rule.columns),
        "rules": session.rules.fingerprint,
        "history": {"number": head.number, "digest": head.digest},
        "made": session.now.isoformat(timespec="seconds"),
        "by": session.actor,
    }


# -- the log and the screens ----------------------------------------------------------------------------------------


def _about(job: Job, withheld: Mapping[str, int], revision: int) -> dict[str, Any]:
    return {
        "segment": job.segment,
        "profile": job.profile,
        "purpose": job.rule.purpose,
        "fields": list(job.rule.columns.values()),
        "withheld": dict(withheld),
        "revision": revision,
    }


def _facts(job: Job, made: list[Delivery], withheld: Mapping[str, int], looks: list[Look]) -> dict[str, Any]:
    from crmtool.io import readback

    sums = readback.added(part for look in looks for part in look.sums)
    unfit: dict[str, int] = {}
    for look in looks:
        unfit = {kind: unfit.get(kind, 0) + look.unfit.get(kind, 0) for kind in {*unfit, *look.unfit}}
    files = [{"file": m.file, "rows": m.rows, "contacts": m.people.len(), "sha256": m.sha256} for m in made]
    return {
        "segment": job.segment,
        "profile": job.profile,
        "purpose": job.rule.purpose,
        "files": files,
        "withheld": dict(withheld),
        "unfit": dict(sorted(unfit.items())),
        "letters": sum(len(look.letters) for look in looks),
        **sums.faults,
    }


def _log(session: Session, made: list[Delivery], about: dict[str, Any], facts: dict[str, Any]) -> Callable[[], Plan]:
    """Return what makes the plan of the log."""
    from crmtool.core.exports import log

    store, fingerprint = session.store, session.rules.fingerprint
    return lambda: log.plan_log(made, about, store.revision(), fingerprint, store.next_ids()["export_log"], facts)


def _shown(facts: dict[str, Any], paths: list[Path]) -> None:
    for file, path in zip(facts["files"], paths, strict=True):
        rows = "" if file["rows"] == file["contacts"] else f" in {screen.counted(file['rows'], 'row')}"
        screen.say(f"Wrote {screen.counted(file['contacts'], 'contact')}{rows} to {path}")
    if facts["unfit"]:
        unfit = ", ".join(screen.counted(count, kind) for kind, count in facts["unfit"].items())
        screen.say(f"Not in the file, as the profile has no columns for more: {unfit}")
    if facts["letters"]:
        screen.say(
            f"Letters that the encoding lacks were written in Latin in {screen.counted(facts['letters'], 'value')}"
        )
    if facts["glued"]:
        screen.say(f"Look at {screen.counted(facts['glued'], 'name')} that may be two words glued together")
    if facts["broken"]:
        screen.say(f"Look at {screen.counted(facts['broken'], 'value')} with broken letters, as they are in the base")


def _previewed(
    session: Session, job: Job, parts: Mapping[Path, tuple[str | None, pl.DataFrame]], withheld: Mapping[str, int]
) -> None:
    """Show who would be in the files, and what the personal fields look like."""
    from crmtool.io import exporting

    people = next(iter(parts.values()))[1]
    seen = exporting.previewed(session.store, people["root_id"].unique(maintain_order=True), job.rule.language)
    counts = [(path.name, part, each.height) for path, (part, each) in parts.items()]
    if session.options.as_json:
        files = [{"file": name, "part": part, "rows": rows} for name, part, rows in counts]
        screen.document({"dry_run": True, "files": files, "withheld": dict(withheld), **seen._asdict()})
    elif not session.options.quiet:
        for name, _, rows in counts:
            screen.say(f"{name}: {screen.counted(rows, 'row')}")
        screen.say(f"Without a given name: {seen.nameless}; of unknown gender: {seen.neutral}")
        screen.table(["greeting", "contacts"], [tuple(row.values()) for row in seen.greetings], right=[1])
        odd = [(row["id"], row["given_name"], row["oddity"]) for row in seen.odd[:_SHOWN]]
        if odd:
            more = f"Odd names, {len(odd)} of {len(seen.odd)}"
            screen.table(["contact", "name", "what"], odd, title=more, right=[0])
        screen.say("Dry run: nothing was written.")
