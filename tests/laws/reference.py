"""A second, slow golden record in plain Python, written from the rules in words and not from the code under test.

The newest record is the one whose change set is the highest, then its id. To add a field: nothing; to add a strategy: a
line in `_survivor`.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from crmtool.core import model
from crmtool.core.rules import Survivorship

Record = Mapping[str, Any]
_UNIT = ("name", "prefix", "given_name", "middle_name", "family_name", "suffix")
_CALLED = ("name", "given_name", "middle_name", "family_name")


def roots(ids: Iterable[int], edges: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Return the smallest id that each contact is connected with: union-find, no tricks."""
    parent = {i: i for i in ids}

    def top(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for a, b in edges:
        low, high = sorted((top(a), top(b)))
        parent[high] = low
    return {i: top(i) for i in parent}


def golden(
    ids: Iterable[int], records: list[Record], edges: Iterable[tuple[int, int]], rules: Survivorship
) -> dict[int, dict[str, Any]]:
    """Return the row of each contact but its change set; `records` are rows of the table with `clean` decoded."""
    rooted = roots(ids, edges)
    rows = {}
    for contact, root in rooted.items():
        own = [r for r in records if rooted[r["contact_id"]] == root]
        rows[contact] = {"id": contact, "root_id": root, **(_person(own, rules) if root == contact else _bare())}
    return rows


def channels(records: list[Record], rules: Survivorship) -> set[tuple[Any, ...]]:
    """Return (contact_id, kind, value, label, extension, type) of every channel, as the best record words it."""
    found: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for record in _ranked(records, rules):
        for c in record["clean"].get("channels") or []:
            key = (record["contact_id"], c["kind"], c["value"])
            found.setdefault(key, (*key, c["label"], c["extension"], c["type"]))
    return set(found.values())


def _bare() -> dict[str, Any]:
    return dict.fromkeys(("kind", "name", *model.FIELDS, "email", "phone", "custom"))


def _ranked(records: Iterable[Record], rules: Survivorship) -> list[Record]:
    def rank(record: Record) -> tuple[bool, int, int, int]:
        return record["source"] == "manual", _trust(record, rules), record["changeset_id"], record["id"]

    return sorted(records, key=rank, reverse=True)


def _trust(record: Record, rules: Survivorship) -> int:
    return rules.trust.get(record["source"], rules.default_trust)


def _person(records: list[Record], rules: Survivorship) -> dict[str, Any]:
    ranked = _ranked(records, rules)
    row = _bare()
    row |= {f: _survivor(f, ranked, rules) for f in (*model.FIELDS, "kind") if f not in _UNIT}
    row |= _name(ranked, rules)
    row |= {kind: _main(kind, ranked) for kind in ("email", "phone")}
    own = {c["field"]: c["value"] for r in reversed(ranked) for c in reversed(r["clean"].get("custom") or [])}
    row["custom"] = json.dumps(own, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if own else None
    row["kind"] = row["kind"] or ("company" if row["name"] is None and row["company"] else "person")
    row["name"] = row["name"] or row["company"]
    return row


def _name(ranked: list[Record], rules: Survivorship) -> dict[str, Any]:
    """Return the name of the most trusted record that has one, the fullest of these; all its parts come together."""

    def known(record: Record) -> tuple[bool, bool, int, int]:
        named = any(record["clean"].get(part) is not None for part in _CALLED)
        parts = sum(record["clean"].get(part) is not None for part in _UNIT)
        return named, record["source"] == "manual", _trust(record, rules), parts

    best = max(ranked, key=known)["clean"] if ranked else {}  # max takes the first of equals
    unit = {part: best.get(part) for part in _UNIT}
    called = _joined(unit["given_name"], unit["middle_name"], unit["family_name"]) or unit["name"]
    return {**unit, "name": called and _joined(unit["prefix"], called, unit["suffix"])}


def _joined(*parts: str | None) -> str:
    return " ".join(part for part in parts if part is not None)


def _main(kind: str, ranked: list[Record]) -> str | None:
    every = [c for r in ranked for c in r["clean"].get("channels") or [] if c["kind"] == kind]
    personal = [c for c in every if c["type"] in {"personal", "mobile"}]
    return next((c["value"] for c in (*personal, *every)), None)


def _survivor(field: str, ranked: list[Record], rules: Survivorship) -> str | None:
    saying = [r for r in ranked if r["clean"].get(field) is not None]
    if field == "note" and rules.field.get(field) == "union":
        return _notes(saying)
    saying = [r for r in saying if r["source"] == "manual"] or saying
    if not saying:
        return None
    texts = [r["clean"][field] for r in saying]

    def age(record: Record) -> tuple[int, int]:
        return record["changeset_id"], record["id"]

    oldest = min(texts) if field.endswith("_on") else min(saying, key=age)["clean"][field]
    return {
        "trusted": texts[0],
        "newest": max(saying, key=age)["clean"][field],
        "earliest": oldest,
        "longest": max(texts, key=len),
        "most_frequent": Counter(texts).most_common(1)[0][0],
    }[rules.field.get(field, rules.default)]


def _notes(saying: list[Record]) -> str | None:
    """Return all notes but those that a hand edit stands in for, and those whose lines stand in another one."""
    replaced = {i for r in saying for i in r["clean"].get("instead_of") or []}
    texts = list(dict.fromkeys(r["clean"]["note"] for r in saying if r["id"] not in replaced))
    kept = [t for t in texts if not any(t != other and f"\n{t}\n" in f"\n{other}\n" for other in texts)]
    return "\n\n".join(kept) or None
