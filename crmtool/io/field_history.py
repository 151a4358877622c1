"""What a field of a contact was: every value it had, when, by whom and by which command.

Read from the log. Created rows are logged without their values: what one began with is what its first change says was
there before, or what still stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmtool.core import model
from crmtool.core.errors import UsageError
from crmtool.io import person

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmtool.io.store import Store

_OWN = "attr."  # before the name of a field of the workspace
_GOLDEN = ("kind", "name", *model.FIELDS, "email", "phone")
_LINE = ("changeset", "at", "actor", "command")


def changes(store: Store, contact: int, field: str = "") -> list[dict[str, Any]]:
    """Return each change of a field, or of all, of a contact and those it was joined with, oldest first.

    A line has changeset, at, actor, command, contact, field, before and after. Of a channel there are two kinds: the
    main one as a field, and every one that came or went, as "phone (one of)". Raises UsageError where there is no such
    contact or field.
    """
    _known(field)
    with store.reading():
        _, ids = person.members(store, contact)
        gone = person.removed(store, "channel", ids)
        golden = {row["id"]: row for row in store.snapshot("contact", where="id", keys=ids).to_dicts()}
        channels = {row["id"]: row for row in gone.to_dicts()}
        channels |= {row["id"]: row for row in store.snapshot("channel", where="contact_id", keys=ids).to_dicts()}
        log = person.history(store, {"contact": ids, "channel": channels})
    lines = _of_golden([each for each in log if each["table"] == "contact"], golden)
    lines += _of_channels([each for each in log if each["table"] == "channel"], channels)
    wanted = [line for line in lines if not field or line["field"] in {field, _one_of(field)}]
    return sorted(wanted, key=lambda line: (line["changeset"], line["contact"]))


def _known(field: str) -> None:
    known = dict.fromkeys((*_GOLDEN, *model.CHANNELS))
    if field and field not in known and not field.startswith(_OWN):
        raise UsageError(f"There is no field {field!r}.", f"Known are: {', '.join(known)}, {_OWN}NAME")


def _one_of(kind: str) -> str:
    return f"{kind} (one of)"


def _of_golden(log: list[dict[str, Any]], standing: Mapping[int, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the changes of golden fields; `standing` are the contacts as they are."""
    later = {contact: _fields(person.told(row)) for contact, row in standing.items()}
    lines = []
    for entry in reversed(log):  # from what stands back to what each began with
        now = later[entry["id"]]
        then = {} if entry["what"] == "create" else {**now, **_before(entry)}
        lines += [
            _line(entry, entry["id"], name, then.get(name), now.get(name))
            for name in {**then, **now}
            if then.get(name) != now.get(name)
        ]
        later[entry["id"]] = then
    return lines


def _before(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the fields that an update touched were before it; None: nothing."""
    touched = dict.fromkeys(_fields(entry.get("after", {})))
    return {**touched, **_fields(entry.get("before", {}))}


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the golden fields in a row, those of the workspace too."""
    own = {f"{_OWN}{name}": value for name, value in (row.get("custom") or {}).items()}
    return {**{name: row[name] for name in _GOLDEN if name in row}, **own}


def _of_channels(log: list[dict[str, Any]], known: Mapping[int, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the channels that came and went; `known` are all there ever were."""
    lines = []
    for entry in log:
        row = known[entry["id"]]
        sides = {"create": (None, row["value"]), "remove": (row["value"], None)}
        if entry["what"] in sides:
            lines.append(_line(entry, row["contact_id"], _one_of(row["kind"]), *sides[entry["what"]]))
    return lines


def _line(entry: Mapping[str, Any], contact: int, field: str, before: Any, after: Any) -> dict[str, Any]:  # noqa: ANN401  # texts, or what a field of the workspace holds
    said = {name: entry[name] for name in _LINE}
    return {**said, "contact": contact, "field": field, "before": before, "after": after}
