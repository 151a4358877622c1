"""Survivorship: which of the values that several records of one contact give is the golden one, and why.

The rules are `survivorship.toml`. Whatever the strategy, a hand edit comes before every file, and a record that only
fills gaps after every other. What a strategy leaves equal goes to the more trusted source, then to the newer record.
Where records that say different things are equal in all of that, the order of rows decides and the field is `open`: a
person should look. To add a strategy: a word in `core.rules` and a line in `_keys`.

Records come as `golden.Clusters.records` with `root_id`; `checks` are rows of the table `verification` with `root_id`.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import polars as pl

from crmtool.core import model

if TYPE_CHECKING:
    from crmtool.core.survivorship_rules import Survivorship

#: The parts of a name survive together: half of one name and half of another is nobody's name.
NAME_UNIT = ("name", *model.NAME_PARTS)
#: Fields that survive each for itself.
SINGLE = (*(name for name in model.FIELDS if name not in NAME_UNIT), "kind")
#: Kinds of channel of which one is the main one.
MAIN = ("email", "phone")

#: The parts without which there is no name: a form of address alone calls nobody.
_CALLED = ("name", "given_name", "middle_name", "family_name")
_HAND = 1 << 62  # the trust of hand edits
_GAPS = -_HAND  # that of records that only fill gaps
_OUTCOMES = ("confirmed", "unreachable", "wrong")  # of one day the last counts
_BETWEEN = "\n\n"  # notes
_NAMED = "\x00named"  # the column of the parts of a name together

#: Each value that a record gives for a field, the best first; of fields with one value it is that alone.
TOLD: dict[str, pl.DataType] = {
    "root_id": pl.Int64(),
    "field": pl.String(),
    "value": pl.String(),
    "rule": pl.String(),  # "by hand", "only one", or the strategy
    "chosen": pl.Boolean(),
    "open": pl.Boolean(),  # the field has no clear winner
    "record": pl.Int64(),
}


_Values = TypeVar("_Values", pl.DataFrame, pl.LazyFrame)


class _Key(NamedTuple):
    """One thing records are put in order by; where two are equal in all that `tells`, nothing has decided."""

    by: pl.Expr
    descending: bool = True
    tells: bool = True


def ranked(records: pl.DataFrame, rules: Survivorship) -> pl.DataFrame:
    """Return records with their trust: hand edits first, then by source, then the newest; those that fill gaps last."""
    trust = _trust(tuple(rules.trust.items()), rules.default_trust)
    return records.with_columns(trust=trust).sort(["trust", "changeset_id", "id"], descending=[True, True, True])


@functools.cache
def _trust(trust: tuple[tuple[str, int], ...], usual: int) -> pl.Expr:
    """Return how far records are trusted."""
    source = pl.lit(usual)
    if trust:
        source = pl.col("origin").replace_strict(dict(trust), default=usual, return_dtype=pl.Int64)
    by_hand = pl.when(pl.col("origin") == model.MANUAL).then(pl.lit(_HAND)).otherwise(source)
    return pl.when(pl.col("fill").fill_null(value=False)).then(pl.lit(_GAPS)).otherwise(by_hand)


def survivors(owned: pl.DataFrame, checks: pl.DataFrame, rules: Survivorship) -> pl.LazyFrame:
    """Return one row for each root: root_id, the parts of the name, and the fields in `SINGLE`; `owned` is `ranked`.

    A root's only record has nothing to be compared with.
    """
    columns = ["root_id", *NAME_UNIT, *SINGLE]
    compared = owned["root_id"].is_duplicated()
    if not compared.any():
        return owned.lazy().select(columns)
    many = owned if compared.all() else owned.filter(compared)
    chosen = _chosen(_weighed(many, checks, rules), rules).select(columns)
    if many.height == owned.height:
        return chosen
    return pl.concat([owned.lazy().filter(~compared).select(columns), chosen])


def _chosen(many: pl.DataFrame, rules: Survivorship) -> pl.LazyFrame:
    """Return the fields that survive of the `_weighed` records of each root."""
    strategies = tuple((name, rules.of(name)) for name in ("name", *SINGLE))
    united = rules.of("note") == "union"
    picked = many.lazy().group_by("root_id", maintain_order=True).agg(_picked(strategies)).unnest(_NAMED)
    return picked.join(_united(many), on="root_id", how="left", maintain_order="left") if united else picked


@functools.cache
def _picked(strategies: tuple[tuple[str, str], ...]) -> tuple[pl.Expr, ...]:
    """Return what picks the values of a root's records; made once, as that takes longer than to use it on a few."""
    of = dict(strategies)
    by, descending = zip(*((key.by, key.descending) for key in _name_order(of["name"])), strict=True)
    name = pl.struct(NAME_UNIT).sort_by(by, descending=descending, nulls_last=True, maintain_order=True).first()
    single = (_best(name, _order(name, of[name])) for name in SINGLE if of[name] != "union")
    return name.alias(_NAMED), *single


def main_channels(reached: pl.DataFrame, checks: pl.DataFrame, rules: Survivorship) -> pl.LazyFrame:
    """Return the main e-mail and phone of each root (columns root_id, email, phone); `reached` is from `exploded`."""
    ordered = _sorted(_main(reached, checks, rules).lazy(), _CHANNEL_ORDER)
    first = [pl.col("value").filter(pl.col("kind") == kind).first().alias(kind) for kind in MAIN]
    return ordered.group_by("root_id", maintain_order=True).agg(first)


def own_fields(owned: pl.DataFrame) -> pl.LazyFrame:
    """Return the workspace's own fields of each root as one JSON object (columns root_id, custom); `owned` is `ranked`.

    Of fields of consent a "no" of any record counts: a merge does not widen what somebody allowed.
    """
    if owned["custom"].null_count() == owned.height:
        return pl.LazyFrame(schema={"root_id": pl.Int64(), "custom": pl.String()})
    long = _own(owned).unique(["root_id", "field"], keep="first", maintain_order=True)
    pair = pl.format("{}:{}", _json_text("field"), _json_text("value"))
    return (
        long.lazy()
        .sort("root_id", "field")
        .group_by("root_id", maintain_order=True)
        .agg(custom=pl.lit("{") + pair.str.join(",") + pl.lit("}"))
    )


def told(records: pl.DataFrame, checks: pl.DataFrame, rules: Survivorship) -> pl.DataFrame:
    """Return every value the records of some roots give, with what became of it (columns: `TOLD`), by root and field.

    The name stands for all its parts; `email` and `phone` are the main channels; own fields are written attr.NAME.
    """
    owned = ranked(records, rules)
    many = _weighed(owned, checks, rules)
    reached = _main(exploded(owned), checks, rules)
    names = many.with_columns(name=_whole_name())
    parts = [_listed(names, "name", rules.of("name"), _name_order(rules.of("name")))]
    for name in SINGLE:
        united = name == "note" and rules.of(name) == "union"
        parts.append(
            _listed_notes(many) if united else _listed(many, name, rules.of(name), _order(name, rules.of(name)))
        )
    for kind in MAIN:
        of_kind = reached.filter(pl.col("kind") == kind).rename({"value": kind})
        found = _listed(of_kind, kind, rules.of(kind), _CHANNEL_ORDER)
        parts.append(found.with_columns(open=pl.lit(value=False)))  # the others are kept too
    custom = _own(owned).with_columns(field=pl.format("attr.{}", "field"))
    parts.append(_told(custom, "value", "trusted", [_REFUSED]))
    return pl.concat(parts).sort("root_id", maintain_order=True)


def exploded(owned: pl.DataFrame) -> pl.DataFrame:
    """Return the channels of `ranked` records, each as a row with its own columns and those that tell of its record."""
    told = owned.lazy().select("root_id", "contact_id", "id", "changeset_id", "trust", "channels")
    held = told.filter(pl.col("channels").list.len() > 0)
    return held.explode("channels").unnest("channels").collect(engine="in-memory")


# -- what records are put in order by -------------------------------------------------------------------------------


#: Hand edits, then files, then records that only fill gaps.
_GROUP = _Key((pl.col("trust") == _HAND).cast(pl.Int8) - (pl.col("trust") == _GAPS).cast(pl.Int8))
_REFUSED = _Key(pl.col("field").str.starts_with("consent.") & (pl.col("value") == "no"))
#: Those that speak, those that were confirmed, then personal and mobile ones.
_CHANNEL_ORDER = [_Key(pl.col("trust") > _GAPS), _Key(pl.col("checked")), _Key(pl.col("usual"))]


def _keys(strategy: str, text: pl.Expr, name: str) -> list[_Key]:
    """Return what a strategy puts the values of a field in order by; `trusted` has nothing to add to `ranked`."""
    if strategy == "earliest" and name.endswith("_on"):
        return [_Key(pl.col(name), descending=False)]
    return {
        "newest": [_Key(pl.col("changeset_id")), _Key(pl.col("id"), tells=False)],
        "earliest": [
            _Key(pl.col("changeset_id"), descending=False),
            _Key(pl.col("id"), descending=False, tells=False),
        ],
        "longest": [_Key(text.str.len_chars())],
        "most_frequent": [_Key(pl.col(f"{name} said"))],
        "most_complete": [_Key(pl.col("filled"))],
        "verified": [_Key(pl.col(f"{name} checked"))],
    }.get(strategy, [])


@functools.cache
def _order(name: str, strategy: str) -> list[_Key]:
    """Return what `ranked` records are put in order by for a field."""
    keys = _keys(strategy, pl.col(name), name)
    return [_GROUP, *keys] if keys else []


@functools.cache
def _name_order(strategy: str) -> list[_Key]:
    """Return what records are put in order by for their name: among equals the fuller one counts, then the newer."""
    parts = pl.sum_horizontal(pl.col(part).is_not_null() for part in NAME_UNIT)
    keys = _keys(strategy, _name_text(), "name")
    return [_Key(_called()), _GROUP, *keys, _Key(pl.col("trust")), _Key(parts)]


def _sorted(values: _Values, order: list[_Key]) -> _Values:
    """Return values by some keys; those that are equal stay as they stood."""
    if not order:
        return values
    descending = [key.descending for key in order]
    return values.sort([key.by for key in order], descending=descending, nulls_last=True, maintain_order=True)


def _best(name: str, order: list[_Key]) -> pl.Expr:
    """Return the expression that picks a field's value from `ranked` records of one root."""
    known = pl.col(name).is_not_null()
    value = pl.col(name).filter(known)
    if order:
        by, descending = [key.by.filter(known) for key in order], [key.descending for key in order]
        value = value.sort_by(by, descending=descending, nulls_last=True, maintain_order=True)
    return value.first()


def _weighed(many: pl.DataFrame, checks: pl.DataFrame, rules: Survivorship) -> pl.DataFrame:
    """Return records with the columns that the strategies of the rules look at."""
    texts = {"name": _name_text(), **{name: pl.col(name) for name in SINGLE}}
    speaks = pl.col("trust") > _GAPS
    often = [name for name in texts if rules.of(name) == "most_frequent"]
    many = many.with_columns(speaks.sum().over("root_id", texts[name]).alias(f"{name} said") for name in often)
    if "most_complete" in map(rules.of, texts):
        filled = pl.sum_horizontal(pl.col(name).is_not_null() for name in (*NAME_UNIT, *SINGLE))
        many = many.with_columns(filled=filled + pl.col("channels").list.len().fill_null(0))
    for name in texts:
        if rules.of(name) == "verified":
            many = many.with_columns(_checked(many, name, checks).alias(f"{name} checked"))
    return many


def _checked(values: pl.DataFrame, name: str, checks: pl.DataFrame) -> pl.Series:
    """Return the day each value was last confirmed: empty where nobody looked, null where it was found wrong since."""
    order = pl.col("outcome").replace_strict(_OUTCOMES, range(len(_OUTCOMES)), default=-1, return_dtype=pl.Int8)
    last = (
        checks.filter((pl.col("field") == name) & pl.col("on").is_not_null())
        .sort("on", order, maintain_order=True)
        .group_by("root_id", "value")
        .agg(pl.col("outcome", "on").last())
    )
    at = values.select("root_id", value=name).join(last, on=["root_id", "value"], how="left", maintain_order="left")
    confirmed = pl.when(pl.col("outcome") == _OUTCOMES[0]).then("on")
    return at.select(pl.when(pl.col("outcome").is_null()).then(pl.lit("")).otherwise(confirmed)).to_series()


# -- names, notes, channels, own fields -----------------------------------------------------------------------------


def _called() -> pl.Expr:
    return pl.any_horizontal(pl.col(part).is_not_null() for part in _CALLED)


def _name_text() -> pl.Expr:
    return pl.concat_str(NAME_UNIT, separator=" ", ignore_nulls=True)


def _whole_name() -> pl.Expr:
    """Return a name as it is shown, null where nobody is called."""
    parts = pl.concat_str("given_name", "middle_name", "family_name", separator=" ", ignore_nulls=True)
    called = pl.coalesce(pl.when(parts != "").then(parts), "name")
    return pl.when(_called()).then(pl.concat_str("prefix", called, "suffix", separator=" ", ignore_nulls=True))


def _united(many: pl.DataFrame) -> pl.LazyFrame:
    """Return the notes of each root as one (columns root_id, note), each word for word, the best first."""
    return _speaking_notes(many).lazy().group_by("root_id", maintain_order=True).agg(pl.col("note").str.join(_BETWEEN))


def _speaking_notes(many: pl.DataFrame) -> pl.DataFrame:
    """Return the records whose notes are part of the golden one, each text once.

    Left out is what a hand edit stands in for, and a text whose lines stand together in another one.
    """
    some = many.filter(pl.col("note").is_not_null())
    if not some["root_id"].is_duplicated().any():
        return some
    noted = some.lazy()
    replaced = noted.select("root_id", id="instead_of").filter(pl.col("id").list.len() > 0).explode("id")
    noted = noted.join(replaced, on=["root_id", "id"], how="anti", maintain_order="left")
    speaks = pl.col("trust") > _GAPS
    noted = noted.filter(speaks | ~speaks.any().over("root_id"))
    texts = noted.unique(["root_id", "note"], keep="first", maintain_order=True)
    several = texts.filter(pl.len().over("root_id") > 1).select("root_id", "id", lines=pl.format("\n{}\n", "note"))
    both = several.join(several, on="root_id", suffix="_other").filter(pl.col("id") != pl.col("id_other"))
    inside = both.filter(pl.col("lines_other").str.contains(pl.col("lines"), literal=True))
    return texts.join(inside.select("id"), on="id", how="anti", maintain_order="left").collect()


def _main(reached: pl.DataFrame, checks: pl.DataFrame, rules: Survivorship) -> pl.DataFrame:
    """Return the channels (from `exploded`) of which one may be the main one, with what puts these in order."""
    usual = pl.col("type").is_in(["personal", "mobile"]).fill_null(value=False)
    main = reached.filter(pl.col("kind").is_in(MAIN)).with_columns(usual=usual, checked=pl.lit(""))
    for kind in MAIN:
        if rules.of(kind) == "verified":
            found = _checked(main.with_columns(pl.col("value").alias(kind)), kind, checks)
            main = main.with_columns(checked=pl.when(pl.col("kind") == kind).then(found).otherwise("checked"))
    return main


def _own(owned: pl.DataFrame) -> pl.DataFrame:
    """Return the workspace's own fields of records, each as a row with field and value, the best first."""
    some = owned.select("root_id", "id", "changeset_id", "trust", "custom").filter(pl.col("custom").list.len() > 0)
    return _sorted(some.explode("custom").unnest("custom"), [_REFUSED])


def _json_text(name: str) -> pl.Expr:
    """Return a column's texts as JSON strings."""
    return pl.struct(x=pl.col(name)).struct.json_encode().str.strip_prefix('{"x":').str.strip_suffix("}")


# -- telling --------------------------------------------------------------------------------------------------------


def _listed(values: pl.DataFrame, name: str, strategy: str, order: list[_Key]) -> pl.DataFrame:
    """Return the values of one field as `TOLD`."""
    known = values.filter(pl.col(name).is_not_null()).with_columns(field=pl.lit(name))
    return _told(known, name, strategy, order)


def _told(known: pl.DataFrame, value: str, strategy: str, order: list[_Key]) -> pl.DataFrame:
    """Return values (columns root_id, field, and the keys of `order`) as `TOLD`: the first of a field is chosen."""
    of = ["root_id", "field"]
    telling = [key.by.alias(str(n)) for n, key in enumerate(order) if key.tells]
    keyed = _sorted(known, order).with_columns(key=pl.struct(*telling, "trust", "changeset_id"))
    other = pl.col(value) != pl.col(value).first().over(of)
    tied = pl.col("key") == pl.col("key").first().over(of)
    rule = (
        pl.when(~other.any().over(of))
        .then(pl.lit("only one"))
        .when(pl.col("trust").first().over(of) == _HAND)
        .then(pl.lit("by hand"))
        .otherwise(pl.lit(strategy))
    )
    said = {"value": pl.col(value), "rule": rule, "chosen": ~other, "open": (tied & other).any().over(of)}
    return keyed.select(*of, **said, record="id").select(*TOLD)


def _listed_notes(many: pl.DataFrame) -> pl.DataFrame:
    """Return notes as `TOLD` where all of them are kept."""
    noted = many.filter(pl.col("note").is_not_null())
    kept = _speaking_notes(many)["id"]
    return noted.select(
        "root_id",
        field=pl.lit("note"),
        value="note",
        rule=pl.lit("union"),
        chosen=pl.col("id").is_in(kept.implode()),
        open=pl.lit(value=False),
        record="id",
    )
