"""Reads `rules/*.toml` into `crmtool.core.rules.Rules`, listing every mistake at once.

To add a kind of rule file: its model in `crmtool.core.rules`, a line in `FILES` or `FOLDERS`, and its names in
`_unresolved`.
"""

from __future__ import annotations

import hashlib
import tomllib
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from crmtool.core import model, rules
from crmtool.core.alert_rules import Alerts
from crmtool.core.backup_rules import Backup
from crmtool.core.communication_rules import Communication
from crmtool.core.consent_rules import Consents
from crmtool.core.deal_rules import Deals
from crmtool.core.document_rules import Documents
from crmtool.core.errors import RuleError
from crmtool.core.export_rules import Export
from crmtool.core.freshness_rules import Freshness
from crmtool.core.journal.targets import DEALS, IGNORED, INTERACTIONS
from crmtool.core.limit_rules import Limits
from crmtool.core.match_rules import Learned
from crmtool.core.pipeline_rules import Pipeline
from crmtool.core.retention_rules import Retention
from crmtool.core.role_rules import Roles
from crmtool.core.rule import Rule
from crmtool.core.survivorship_rules import Survivorship
from crmtool.core.tag_rules import Tags
from crmtool.io import rulebook_checks as checks
from crmtool.io import rulebook_exports
from crmtool.io import rulebook_operations as operations
from crmtool.io.rulebook_names import meant, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydantic_core import ErrorDetails

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

#: Targets that are no field of a contact but mean something to an import.
_TARGETS = ("ignore", "tags", "key", "verified_on", "name")
_Rule = TypeVar("_Rule", bound=Rule)
_GOLDEN = {*model.FIELDS, *model.CHANNELS, "name", "kind", "id", "tags"}


def defaults() -> Path:
    """Return the folder of the rules that come with crmtool."""
    packed = Path(str(resources.files("crmtool") / "default_rules"))
    return packed if packed.is_dir() else Path(__file__).parents[2] / "rules"


def loaded(folder: Path) -> rules.Rules:
    """Return the rules in a folder. Raises RuleError naming every file, key and likely intention."""
    sources = _sources(folder)
    problems: list[str] = []
    single: dict[str, Any] = {
        name: _parsed(Path(f"{name}.toml"), sources, shape, problems) for name, shape in FILES.items()
    }
    if LEARNED in sources:
        single["learned"] = _parsed(LEARNED, sources, Learned, problems)
    single["tags"] = _parsed(TAGS, sources, Tags, problems) if TAGS in sources else Tags()
    many: dict[str, Any] = {name: dict(_folder(name, sources, shape, problems)) for name, shape in FOLDERS.items()}
    problems += _strangers(sources)
    book = rules.Rules.model_construct(fingerprint=_fingerprint(sources), **single, **many)
    problems += _unresolved(book)
    if problems:
        raise RuleError(problems)
    return book.model_copy(update={"survivorship": _ranked(book)})


def roles(folder: Path) -> Roles:
    """Return who may see and do what: the one rule file that every command reads. Raises RuleError."""
    path = Path("roles.toml")
    if not (folder / path).is_file():
        return Roles()
    problems: list[str] = []
    found = _parsed(path, {path: (folder / path).read_bytes()}, Roles, problems)
    if isinstance(found, Roles) and not (problems := list(operations.in_roles(found))):
        return found
    raise RuleError(problems)


def _sources(folder: Path) -> dict[Path, bytes]:
    """Return the rule files of a folder by their names; one that came after the workspace is that of crmtool."""
    sources = {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*.toml"))}
    present = {path.parts[0].removesuffix(".toml") for path in sources}
    later = [name for name in LATER if name not in present]
    shipped = [path for name in later for path in (defaults() / f"{name}.toml", *(defaults() / name).glob("*.toml"))]
    return sources | {path.relative_to(defaults()): path.read_bytes() for path in shipped if path.is_file()}


def _ranked(book: rules.Rules) -> Survivorship:
    """Return the survivorship rules with the ranks that mappings give their sources; what the file says wins."""
    ranks = {rule.source: rule.trust for rule in book.mappings.values() if rule.trust is not None}
    return book.survivorship.model_copy(update={"trust": {**ranks, **book.survivorship.trust}})


def _fingerprint(sources: Mapping[Path, bytes]) -> str:
    """Return one SHA-256 over the names and bytes of all rule files."""
    total = hashlib.sha256()
    for path in sorted(sources):
        total.update(f"{path.as_posix()} {len(sources[path])}\n".encode() + sources[path])
    return total.hexdigest()


def _folder(
    name: str, sources: Mapping[Path, bytes], shape: type[Rule], problems: list[str]
) -> Iterator[tuple[str, Any]]:
    for path in sources:
        if path.parent == Path(name) and path != TAGS:
            yield path.stem, _parsed(path, sources, shape, problems)


def _strangers(sources: Iterable[Path]) -> list[str]:
    """Name rule files that nobody would read."""
    known = [f"{name}.toml" for name in FILES] + [f"{name}/" for name in FOLDERS]
    files = {LEARNED, *(Path(f"{name}.toml") for name in FILES)}
    odd = [path for path in sources if path not in files and path.parent.as_posix() not in FOLDERS]
    return [f"{p.as_posix()}: no rule file has this name{meant(p.as_posix(), known)}" for p in odd]


def _parsed(path: Path, sources: Mapping[Path, bytes], shape: type[Rule], problems: list[str]) -> Rule | None:
    """Return the model of one file, or None after noting what is wrong with it."""
    if path not in sources:
        problems.append(f"{path.as_posix()}: the file is missing; copy it from a new workspace (crmtool init)")
        return None
    try:
        return _read_as(shape, sources[path])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path.as_posix()}: is no TOML: {error}")
    except ValidationError as error:
        problems.extend(f"{path.as_posix()}: {line}" for line in _mistakes(error, shape))
    return None


@lru_cache(maxsize=1_000)
def _read_as(shape: type[Rule], content: bytes) -> Rule:
    """Return the model of a file; kept, as a pipeline reads the same hundred files again for each of its steps."""
    return shape.model_validate(tomllib.loads(content.decode("utf-8-sig")))


def _mistakes(error: ValidationError, shape: type[BaseModel]) -> Iterator[str]:
    """Yield each mistake as "key: what is wrong, with a did-you-mean"."""
    for mistake in error.errors():
        where = ".".join(str(part + 1 if isinstance(part, int) else part) for part in mistake["loc"])
        if mistake["type"] == "extra_forbidden":
            keys = sorted(_keys_at(shape, mistake["loc"][:-1]))
            yield f"{where}: is no key here{meant(str(mistake['loc'][-1]), keys)}"
        else:
            what = mistake["msg"].removeprefix("Value error, ")
            yield f"{where + ': ' if where else ''}{what[:1].lower()}{what[1:]}{_given(mistake)}"


def _given(mistake: ErrorDetails) -> str:
    value = mistake.get("input")
    return f", not {value!r}" if isinstance(value, (str, int, float, bool)) else ""


def _keys_at(shape: type[BaseModel], path: tuple[int | str, ...]) -> set[str]:
    """Return the keys a model knows at a path; steps through lists and tables are skipped."""
    for step in path:
        info = shape.model_fields.get(str(step))
        inner = [a for a in _arguments(info.annotation) if issubclass(a, BaseModel)] if info else []
        shape = inner[0] if inner else shape
    return set(shape.model_fields)


def _arguments(annotation: object) -> Iterator[type]:
    """Yield the classes inside an annotation such as Mapping[str, FieldRule]."""
    if isinstance(annotation, type):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _arguments(argument)


def _unresolved(book: rules.Rules) -> Iterator[str]:
    """Yield every name in the rules that leads nowhere; what could not be read is None here, and passed over."""
    if book.fields:
        yield from _in_fields(book)
        targets = {*book.fields.field, *_TARGETS}
        for name, mapping in _read(book.mappings):
            yield from (f"mappings/{name}.toml: {line}" for line in _in_mapping(mapping, targets))
    yield from _in_journals(book)
    yield from _two_ranks(book)
    yield from operations.in_pipelines(_read(book.pipelines))
    if book.backup:
        yield from operations.in_backup(book.backup)
    if book.roles:
        yield from operations.in_roles(book.roles)
    if book.survivorship:
        named = {f"survivorship.toml: field.{field}": field for field in book.survivorship.field}
        yield from unknown(named, {*model.FIELDS, "name", "email", "phone"})
    if book.duplicates:
        blocking = enumerate(book.duplicates.match.blocking, 1)
        named = {f"duplicates.toml: match.blocking {n}: {key}": key for n, rule in blocking for key in rule}
        yield from unknown(named, set(rules.BLOCKING_KEYS))
    if book.freshness:
        yield from checks.of_freshness(book)
    yield from rulebook_exports.mistakes(_read(book.exports), book.consents)


def _in_journals(book: rules.Rules) -> Iterator[str]:
    if book.deals:
        yield from checks.of_deals(book)
    if book.deals and book.documents:
        named = {f"documents.toml: required.{stage}": stage for stage in book.documents.required}
        yield from unknown(named, set(book.deals.states()), "stage")
    for folder, known in (("interactions", INTERACTIONS), ("purchases", DEALS)):
        for name, mapping in _read(getattr(book, folder)):
            yield from checks.of_journal(f"{folder}/{name}.toml", mapping, {*known, IGNORED})


def _read(files: Mapping[str, _Rule]) -> list[tuple[str, _Rule]]:
    """Return the rule files of a folder that could be read."""
    return [(name, rule) for name, rule in files.items() if rule]


def _in_fields(book: rules.Rules) -> Iterator[str]:
    yield from checks.mistakes(book)
    vocabularies = {
        f"fields.toml: field.{name}.vocabulary": rule.vocabulary
        for name, rule in book.fields.field.items()
        if rule.vocabulary is not None
    }
    yield from unknown(vocabularies, set(book.vocabularies), "vocabulary")
    asked = {"identity": book.fields.identity, "required": book.fields.required}
    named = {f"fields.toml: {key}: {name}": name for key, names in asked.items() for name in names}
    yield from unknown(named, {*model.FIELDS, *model.CHANNELS, "name"})
    if not book.fields.identity:
        yield "fields.toml: identity: names no field, so no row could be kept"
    for name in book.fields.field:
        if rules.field_of(name) not in {*_GOLDEN, *_TARGETS} and not name.startswith("attr."):
            yield f"fields.toml: field.{name}: a field of your own is written attr.{name}"


def _in_mapping(mapping: rules.SourceMapping, targets: set[str]) -> Iterator[str]:
    named = {f"columns.{heading}": target for heading, target in mapping.columns.items()}
    named |= {f"join.{target}": target for target in mapping.join}
    yield from unknown({w: t for w, t in named.items() if not known_target(t, targets)}, targets)
    own = {target for target in mapping.defaults if rules.own_field(target)}
    yield from unknown({f"defaults.{target}": target for target in mapping.defaults}, {*model.FIELDS, *own})
    yield from unknown({f"split.{heading}": heading for heading in mapping.split}, _sent(mapping), "column")
    yield from unknown({f"labels.{heading}": heading for heading in mapping.labels}, _sent(mapping), "column")
    yield from _unlabelled(mapping)
    for heading, form in mapping.formats.items():
        if form not in {"DMY", "MDY"} and "%" not in form:
            yield f'formats.{heading}: {form!r} is neither "DMY", "MDY" nor a form such as "%d.%m.%Y"'


def _sent(mapping: rules.SourceMapping) -> set[str]:
    """Return the headings a mapping sends somewhere."""
    return {*mapping.columns, *(heading for join in mapping.join.values() for heading in join.columns)}


def _unlabelled(mapping: rules.SourceMapping) -> Iterator[str]:
    """Yield a line for each column that is given a label and is sent where labels mean nothing."""
    for heading in mapping.labels:
        target = mapping.columns.get(heading)
        if target is not None and not rules.may_be_labelled(rules.field_of(target)):
            yield f"labels.{heading}: a {target} has no label; only channels and parts of an address do"


def _two_ranks(book: rules.Rules) -> Iterator[str]:
    """Yield a line for each mapping that ranks its source otherwise than a mapping before it."""
    ranks: dict[str, tuple[int, str]] = {}
    for name, mapping in _read(book.mappings):
        if mapping.trust is None:
            continue
        rank, first = ranks.setdefault(mapping.source, (mapping.trust, name))
        if rank != mapping.trust:
            yield f"mappings/{name}.toml: trust: {mapping.trust}, but mappings/{first}.toml says {rank} for its source"


def known_target(target: str, targets: Iterable[str]) -> bool:
    """Return whether a mapping may send a column there: a field, a labelled one, or a field of one's own.

    >>> [known_target(target, {"name"}) for target in ("name", "phone.fax", "city.home", "utm.source", "name.old")]
    [True, True, True, True, False]
    """
    field = rules.field_of(target)
    return target in targets or rules.own_field(target) is not None or rules.may_be_labelled(field)
