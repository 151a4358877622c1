"""Reads `rules/*.toml` into `crmtool.core.rules.Rules`, listing every mistake at once.

To add a kind of rule file: its model in `crmtool.core.rules`, a line in `FILES` or `FOLDERS`, and its names in
`rulebook_resolving`.
"""

from __future__ import annotations

import contextlib
import hashlib
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmtool import __version__
from crmtool.core import rules
from crmtool.core.alert_rules import Alerts
from crmtool.core.backup_rules import Backup
from crmtool.core.communication_rules import Communication
from crmtool.core.consent_rules import Consents
from crmtool.core.deal_rules import Deals
from crmtool.core.document_rules import Documents
from crmtool.core.errors import NotWritable, RuleError
from crmtool.core.export_rules import Export
from crmtool.core.freshness_rules import Freshness
from crmtool.core.limit_rules import Limits
from crmtool.core.match_rules import Learned
from crmtool.core.pipeline_rules import Pipeline
from crmtool.core.retention_rules import Retention
from crmtool.core.role_rules import Roles
from crmtool.core.survivorship_rules import Survivorship
from crmtool.core.tag_rules import Tags
from crmtool.io.deferring import Deferred, Shelf
from crmtool.io.rulebook_files import parsed
from crmtool.io.rulebook_names import meant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crmtool.core.rule import Rule

FILES: dict[str, type[Rule]] = {
    "fields": rules.Fields,
    "normalize": rules.Normalize,
    "survivorship": Survivorship,
    "duplicates": rules.Duplicates,
    "freshness": Freshness,
    "deals": Deals,
    "documents": Documents,
    "backup": Backup,
    "limits": Limits,
    "retention": Retention,
    "roles": Roles,
    "alerts": Alerts,
    "consents": Consents,
    "communication": Communication,
}
#: In a workspace: which rules were found right. It can be removed at any time.
KNOWN = "crm.rules"
#: What `duplicates train` writes; there need be none.
LEARNED = Path("duplicates.model.toml")
#: Files and folders that older workspaces do not have.
LATER = (
    *("deals", "documents", "backup", "limits", "retention", "roles", "alerts", "consents"),
    *("communication", "interactions", "purchases"),
)
FOLDERS: dict[str, type[Rule]] = {
    "mappings": rules.SourceMapping,
    "vocabularies": rules.Vocabulary,
    "segments": rules.Segment,
    "exports": Export,
    "pipelines": Pipeline,
    "interactions": rules.SourceMapping,
    "purchases": rules.SourceMapping,
}

#: Stands among the vocabularies, and is shaped otherwise.
TAGS = Path("vocabularies/tags.toml")


def loaded(folder: Path, known: Path | None = None) -> rules.Rules:
    """Return the rules in a folder. Raises RuleError naming every file, key and likely intention.

    `known` is a file that says which rules were found right (see `remember`): those are not looked through again, and
    of their folders only the files that are asked for are read.
    """
    sources = _sources(folder)
    fingerprint = _fingerprint(sources)
    right = known is not None and _said(known) == _right(fingerprint)
    return _book(fingerprint, tuple(sources.items()), looked_through=right)


def fingerprint(folder: Path) -> str:
    """Return the fingerprint of the rules in a folder, right or wrong."""
    return _fingerprint(_sources(folder))


def remember(known: Path, fingerprint: str) -> None:
    """Write down that rules were found right; where that cannot be, they are looked through again the next time."""
    from crmtool.io.writers import files

    if _said(known) != (right := _right(fingerprint)):
        with contextlib.suppress(NotWritable, OSError), files.atomic(known, force=True) as temporary:
            temporary.write_text(right, "ascii")


def _right(fingerprint: str) -> str:
    """Return what is written down of right rules: another crmtool may know of more mistakes."""
    return f"{__version__} {fingerprint}\n"


def _said(known: Path) -> str:
    try:
        return known.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return ""


@lru_cache(maxsize=4)
def _book(fingerprint: str, files: tuple[tuple[Path, bytes], ...], *, looked_through: bool) -> rules.Rules:
    """Return the rules in some files; kept, as a pipeline reads the same ones again for each of its steps."""
    sources = dict(files)
    problems: list[str] = []
    single: dict[str, Any] = {
        name: parsed(Path(f"{name}.toml"), sources, shape, problems) for name, shape in FILES.items()
    }
    if LEARNED in sources:
        single["learned"] = parsed(LEARNED, sources, Learned, problems)
    single["tags"] = parsed(TAGS, sources, Tags, problems) if TAGS in sources else Tags()
    many: dict[str, Any] = {name: _folder(name, sources, shape) for name, shape in FOLDERS.items()}
    book = rules.Rules.model_construct(fingerprint=fingerprint, **single, **many)
    if not looked_through:
        problems += _mistakes(book, sources)
    if problems:
        raise RuleError(problems)
    return book.model_copy(update={"survivorship": _ranked(book)})


def _mistakes(book: rules.Rules, sources: Mapping[Path, bytes]) -> list[str]:
    """Return what is wrong in the folders of rules, and between the files."""
    from crmtool.io import rulebook_resolving

    problems: list[str] = []
    whole = {name: dict(_read(name, sources, shape, problems)) for name, shape in FOLDERS.items()}
    problems += _strangers(sources)
    return [*problems, *rulebook_resolving.unresolved(book.model_copy(update=whole))]


def _sources(folder: Path) -> dict[Path, bytes]:
    """Return the rule files of a folder by their names; one that came after the workspace is that of crmtool."""
    sources = {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*.toml"))}
    present = {path.parts[0].removesuffix(".toml") for path in sources}
    later = [name for name in LATER if name not in present]
    shipped = [path for name in later for path in (defaults() / f"{name}.toml", *(defaults() / name).glob("*.toml"))]
    return sources | {path.relative_to(defaults()): path.read_bytes() for path in shipped if path.is_file()}


def _ranked(book: rules.Rules) -> Survivorship:
    """Return the survivorship rules with the ranks that mappings give their sources; what the file says wins."""

    def ranks() -> dict[str, int]:
        said = {rule.source: rule.trust for rule in book.mappings.values() if rule.trust is not None}
        return {**said, **book.survivorship.trust}

    return book.survivorship.model_copy(update={"trust": Deferred(ranks)})


def _fingerprint(sources: Mapping[Path, bytes]) -> str:
    """Return one SHA-256 over the names and bytes of all rule files."""
    total = hashlib.sha256()
    for path in sorted(sources):
        total.update(f"{path.as_posix()} {len(sources[path])}\n".encode() + sources[path])
    return total.hexdigest()


def _folder(name: str, sources: Mapping[Path, bytes], shape: type[Rule]) -> Shelf[Any]:
    """Return the rules in a folder by their names, each read when it is asked for."""
    there = {path.stem: path for path in _inside(name, sources)}

    def read(asked: str) -> Rule:
        problems: list[str] = []
        if (rule := parsed(there[asked], sources, shape, problems)) is None:
            raise RuleError(problems)
        return rule

    return Shelf(there, read)


def _read(
    name: str, sources: Mapping[Path, bytes], shape: type[Rule], problems: list[str]
) -> Iterator[tuple[str, Rule | None]]:
    """Yield all rules in a folder, None for one that could not be read."""
    return ((path.stem, parsed(path, sources, shape, problems)) for path in _inside(name, sources))


def _inside(name: str, sources: Iterable[Path]) -> list[Path]:
    return [path for path in sources if path.parent == Path(name) and path != TAGS]


def _strangers(sources: Iterable[Path]) -> list[str]:
    """Name rule files that nobody would read."""
    known = [f"{name}.toml" for name in FILES] + [f"{name}/" for name in FOLDERS]
    files = {LEARNED, *(Path(f"{name}.toml") for name in FILES)}
    odd = [path for path in sources if path not in files and path.parent.as_posix() not in FOLDERS]
    return [f"{p.as_posix()}: no rule file has this name{meant(p.as_posix(), known)}" for p in odd]


def defaults() -> Path:
    """Return the folder of the rules that come with crmtool."""
    packed = Path(str(resources.files("crmtool") / "default_rules"))
    return packed if packed.is_dir() else Path(__file__).parents[2] / "rules"
