"""`crmtool documents`: names and folders of documents checked, mended, and linked to deals and contacts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import screen
from crmtool.cli.session import Session, command
from crmtool.core.errors import Conflict, NotWritable, UsageError

if TYPE_CHECKING:
    import polars as pl

_WRONG = 4
_Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder with the folders of deals.", show_default=False)]


def declare(app: typer.Typer) -> None:
    """Add the commands."""
    noun = typer.Typer(help="Documents of deals: their names, folders and versions.", no_args_is_help=True)
    app.add_typer(noun, name="documents")

    @command(noun, "lint", also=("yes",))
    def lint(
        session: Session,
        folder: _Folder,
        rename: Annotated[bool, typer.Option("--rename", help="Show better names; with --yes give them.")] = False,
        strict: Annotated[bool, typer.Option("--strict", help="End with code 4 where anything is wrong.")] = False,
        limit: Annotated[int, typer.Option(min=1, help="Lines to show.")] = 40,
    ) -> int:
        """Check names and folders of documents against rules/documents.toml, and what deals lack.

        Example: crmtool documents lint Deals --rename
        """
        return _linted(session, folder, rename=rename, strict=strict, limit=limit)

    @command(noun, "unrename", also=("dry_run", "yes"))
    def unrename(
        session: Session,
        number: Annotated[int | None, typer.Argument(help="Which renames; without it: the last.")] = None,
    ) -> int:
        """Give files that `documents lint --rename` renamed their old names.

        Example: crmtool documents unrename 1
        """
        return _unrenamed(session, number)

    @command(noun, "link", writes=True)
    def link(
        session: Session,
        path: Annotated[Path, typer.Argument(metavar="PATH", help="A file, or a folder with those of deals.")],
        deal: Annotated[int | None, typer.Option(help="Of this deal, wherever it lies.", show_default=False)] = None,
        contact: Annotated[int | None, typer.Option(help="Of this contact.", show_default=False)] = None,
    ) -> None:
        """Link documents to deals, by the folders they lie in, or to a contact: name, size and hash are kept.

        Example: crmtool documents link Deals
        """
        _linked(session, path, deal, contact)


def _linted(session: Session, folder: Path, *, rename: bool, strict: bool, limit: int) -> int:
    from crmtool.core import findings
    from crmtool.core.documents import checks, names
    from crmtool.io import documents

    rules = session.rules
    files, odd = documents.listed(folder, rules.documents.ignore)
    deals = documents.deals(session.store)
    said = names.read(files, rules.documents)
    said = said.with_columns(checks.placed(said, deals))
    better = names.proposed(said, rules.documents, rules.normalize.date_order)
    lacking = checks.missing(said, deals, rules.documents, rules.deals)
    wanted = said.select("path", to=better).drop_nulls()
    renames = wanted.filter(documents.free(folder, wanted)) if rename else wanted.clear()
    taken = wanted.join(renames, on="path", how="anti") if rename else wanted.clear()
    unfree = findings.found(taken.rename({"path": "value", "to": "suggestion"}), "document.taken")
    found = findings.joined(odd, checks.linted(said, better), lacking, unfree).sort("value", maintain_order=True)
    number, failed = _given(session, folder, renames)
    if session.options.as_json:
        told = {"files": files.height, "renames": renames.to_dicts(), "journal": number, "failed": failed}
        screen.document({**told, "findings": found.select("value", "code", "severity", "suggestion").to_dicts()})
    elif not session.options.quiet:
        _shown(files.height, found, limit)
        _told(renames.rows() if rename else None, number, len(failed), limit)
    for path in failed:
        screen.remark(f"crmtool: {path} could not be renamed")
    if failed:
        return NotWritable.exit_code
    return _WRONG if strict and found.filter(found["severity"] != findings.NOTE).height else 0


def _given(session: Session, folder: Path, renames: pl.DataFrame) -> tuple[int | None, list[str]]:
    """Rename where it is meant; return the number of the journal and what could not be renamed."""
    from crmtool.io import documents

    if not renames.height or not session.options.yes:
        return None, []
    stamp = {"at": session.now.isoformat(timespec="seconds"), "by": session.actor}
    with session.turn("documents lint"):
        return documents.renamed(session.workspace.root, folder, renames.rows(), stamp)


def _shown(files: int, found: pl.DataFrame, limit: int) -> None:
    from crmtool.core import findings

    lines = found.with_columns(findings.sentences(found)).select("severity", "value", "sentence").rows()
    if lines:
        screen.table(["", "file", "what"], lines[:limit])
    more = f", {limit} shown" if len(lines) > limit else ""
    screen.say(f"{screen.counted(files, 'file')}, {screen.counted(len(lines), 'finding')}{more}")


def _told(renames: list[tuple[Any, ...]] | None, number: int | None, failed: int, limit: int) -> None:
    if renames is None:
        return
    if renames:
        screen.table(["file", "new name"], renames[:limit], title="Renames")
    if number is not None:
        screen.say(f"Renamed {len(renames) - failed}. Take it back with: crmtool documents unrename {number}")
    elif renames:
        screen.say(f"Dry run: nothing was renamed. Rename {len(renames)} with: --rename --yes")
    else:
        screen.say("Nothing to rename.")


def _unrenamed(session: Session, number: int | None) -> int:
    from crmtool.io import documents

    session.store.show(["name", "note", "interaction", "deal"])  # names of documents tell of whom and of what they are
    with session.turn("documents unrename"):
        folder, pairs = documents.taken_back(session.workspace.root, number)
        spoken = not session.options.as_json and not session.options.quiet
        if spoken and pairs:
            screen.table(["file", "old name"], [(new, Path(old).name) for new, old in pairs], title="Renames")
        meant = bool(pairs) and session.agreed()
        failed = documents.renamed_back(folder, pairs) if meant else []
    done = len(pairs) - len(failed) if meant else 0
    if session.options.as_json:
        screen.document({"renames": [{"path": new, "to": old} for new, old in pairs], "renamed": done})
    elif spoken:
        screen.say(f"Renamed {done} back." if meant else "Nothing was renamed." if pairs else "Nothing to rename back.")
    if failed:
        raise Conflict("Some files could not be renamed back:", "See who may write there.", failed)
    return 0


def _linked(session: Session, path: Path, deal: int | None, contact: int | None) -> None:
    from crmtool.core import findings
    from crmtool.core.documents import links
    from crmtool.io import documents

    name = f"documents link {path.name}"
    folder = path.parent if path.is_file() else path
    files, odd = _files(session, path)
    with session.turn(name):
        with session.store.reading():
            whose, aside = _whose(session, files, deal, contact, alone=path.is_file())
            with session.working("Reading"):
                read, unread = documents.hashed(folder, whose["path"])
            given = whose.join(read, on="path", maintain_order="left").select(*links.LINKED)
            known = documents.standing(session.store, given)
            revision, ids = session.store.revision(), session.store.next_ids()
        plan = links.plan_link(name, given, known, revision, session.rules.fingerprint, ids["attachment"])
        wrong = findings.joined(odd, aside, unread)

        def show() -> None:
            from crmtool.core.plans import counts

            _shown(files.height, wrong, limit=40)
            screen.changes(counts(plan))

        session.offer(plan, show)


def _files(session: Session, path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the files that a path means. Raises UsageError where there is nothing."""
    import polars as pl

    from crmtool.core import findings
    from crmtool.core.documents import names
    from crmtool.io import documents

    if path.is_file():
        if not path.name.isprintable():
            raise UsageError("The name of that file has signs that are not shown.", "Give it another name first.")
        return pl.DataFrame([(path.name, path.stat().st_size)], schema=names.FILES, orient="row"), findings.empty()
    return documents.listed(path, session.rules.documents.ignore)


def _whose(
    session: Session, files: pl.DataFrame, deal: int | None, contact: int | None, *, alone: bool
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return files with deal_id and contact_id, and findings about those of nobody. Raises UsageError."""
    import polars as pl

    from crmtool.core import findings
    from crmtool.core.documents import checks, names
    from crmtool.io import documents, timelines

    deals = documents.deals(session.store)
    if deal is not None and not deals["deal_id"].is_in([deal]).any():
        raise UsageError(f"There is no deal {deal}.", "See them with: crmtool deals list")
    if alone and deal is None and contact is None:
        raise UsageError("Whose document is it?", "Say it with --deal NUMBER or --contact ID.")
    root = None if contact is None else timelines.root(session.store, contact)
    if deal is not None or root is not None:
        ids = {"deal_id": pl.lit(deal, pl.Int64), "contact_id": pl.lit(root, pl.Int64)}
        return files.select("path", **ids), findings.empty()
    said = names.read(files, session.rules.documents)
    said = said.with_columns(checks.placed(said, deals))
    mine = said.drop_nulls("deal_id").select("path", "deal_id", contact_id=pl.lit(None, pl.Int64))
    return mine, checks.nobodys(said.filter(pl.col("deal_id").is_null()))
