"""Which rows fall short of what the rules ask (`core.requirements`): findings, the rows themselves untouched.

Presence and comparisons are expressions over the rows; what is asked of values is asked of each distinct one. To add
something that values have to be: a key in `rules.Limits` and a line in `_faults`.
"""

from __future__ import annotations

import datetime as dt
import operator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings, model, requirements
from crmtool.core.folding import folded, folds
from crmtool.core.rules import field_of, label_of, own_field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from crmtool.core.rules import Bound, Condition, Requirement, Rules

_NAMES = ("name", "given_name", "middle_name", "family_name")
_DAY = r"^\d{4}-\d{2}-\d{2}"
_YEAR, _MONTH = r"^(\d{4})$", r"^(\d{4}-\d{2})$"
_NO_DAY = r"^(--\d{2}-\d{2}|\d{4}-?Q[1-4])$"  # a birthday without its year is neither too early nor too late
_SIGNS: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Standards:
    """What is asked of the rows of a file.

    `known` has for each field with a vocabulary its values, `headings` the columns each field comes from, `titles` what
    people call it. Without `today`, rules about it ask nothing.
    """

    requirements: tuple[Requirement, ...] = ()
    known: Mapping[str, frozenset[str]] = field(default_factory=dict)
    headings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    today: dt.date | None = None
    language: str = "en"


def standards(rules: Rules, columns: Mapping[str, str], today: dt.date | None) -> Standards:
    """Return what the rules ask of a file whose `columns` (heading -> field) are mapped."""
    catalogue = rules.fields.field
    headings: dict[str, tuple[str, ...]] = {}
    for heading, target in columns.items():
        for name in dict.fromkeys((target, field_of(target))):
            headings[name] = (*headings.get(name, ()), heading)
    known = {
        name: frozenset(rules.vocabularies[rule.vocabulary].values)
        for name, rule in catalogue.items()
        if rule.vocabulary is not None and rule.vocabulary in rules.vocabularies
    }
    titles = {name: rule.title for name, rule in catalogue.items()}
    return Standards(requirements.gathered(rules.fields), known, headings, titles, today, rules.fields.language)


def broken(records: pl.DataFrame, asked: Standards, *, first: bool = True) -> pl.DataFrame:
    """Return a finding for each thing a row lacks, or has and should not (`records`: `cleaning.Cleaned.records`).

    What no row has is said of the whole file, once, with its `first` part, unless rows are set aside for it.
    """
    parts = [part for rule in asked.requirements for part in _broken(records, rule, asked, first=first)]
    return pl.concat([findings.empty(), *parts])


def _broken(records: pl.DataFrame, rule: Requirement, asked: Standards, *, first: bool) -> Iterator[pl.DataFrame]:
    rows = model.where(records, concerned(records, rule))
    spoken = requirements.spoken(rule, asked.language)
    said = {"severity": rule.severity, "suggestion": spoken}
    yield from _lacking(rows, rule, asked, said, first=first)
    if rule.at_least_one:
        yield _without_any(rows, rule, asked, said, first=first)
    if rule.compare:
        yield _disagreeing(rows, requirements.comparison(rule.compare), asked, said)
    if requirements.demands_of_values(rule):
        for name in rule.field:
            yield _faulty(rows, name, rule, asked, said)


def concerned(records: pl.DataFrame, rule: Requirement) -> pl.Expr:
    """Tell which rows a rule is about."""
    conditions = [_holds(records, condition) for condition in rule.when]
    return pl.all_horizontal(pl.lit(value=True), *([_kind() == rule.kind] if rule.kind else []), *conditions)


def _kind() -> pl.Expr:
    """Return what a row is about, as the golden record will tell it."""
    nameless = ~present("name") & pl.col("company").is_not_null()
    return pl.coalesce("kind", pl.when(nameless).then(pl.lit("company")), pl.lit("person"))


def _holds(records: pl.DataFrame, condition: Condition) -> pl.Expr:
    is_there = present(condition.field)
    if condition.filled is None and not condition.equals and not condition.differs:
        return is_there
    holds = [] if condition.filled is None else [is_there == pl.lit(condition.filled)]
    if condition.equals:
        holds.append(_says(records, condition.field, condition.equals))
    if condition.differs:
        holds.append(~_says(records, condition.field, condition.differs))
    return pl.all_horizontal(*holds)


def _says(records: pl.DataFrame, name: str, words: tuple[str, ...]) -> pl.Expr:
    """Tell the rows in which a field is one of some words."""
    values = held(records, name)
    distinct = values["value"].unique()
    meant = distinct.filter(folds(distinct).is_in([folded(word) for word in words]))
    rows = values.filter(pl.col("value").is_in(meant.implode()))["row"]
    return pl.col("row").is_in(rows.implode())


# -- values of a field ------------------------------------------------------------------------------------------------


def present(name: str) -> pl.Expr:
    """Tell whether a record has a value for a field, a channel, or a field of one's own."""
    if field_of(name) in model.CHANNELS:
        label, element = label_of(name), pl.element().struct
        fits = element.field("kind") == field_of(name)
        fits = fits & (element.field("label") == label) if label else fits
        return pl.col("channels").list.eval(fits.fill_null(value=False)).list.any().fill_null(value=False)
    if name in requirements.FAMILIES or own_field(name):
        return (
            pl.col("custom")
            .list.eval(_is_own(pl.element().struct.field("field"), name))
            .list.any()
            .fill_null(value=False)
        )
    if name == "name":
        return pl.any_horizontal(pl.col(part).is_not_null() for part in _NAMES)
    if name == "tags":
        return pl.col("tags").list.len().fill_null(0) > 0
    return pl.col(name).is_not_null()


def _is_own(fields: pl.Expr, name: str) -> pl.Expr:
    own = own_field(name)
    return fields.str.starts_with(f"{name}.") if own is None else fields == own


def held(records: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return every value of a field with its row (columns row, value)."""
    if field_of(name) in model.CHANNELS:
        label = label_of(name)
        every = _exploded(records, "channels").filter(pl.col("kind") == field_of(name))
        return (every.filter(pl.col("label") == label) if label else every).select("row", "value")
    if name in requirements.FAMILIES or own_field(name):
        return _exploded(records, "custom").filter(_is_own(pl.col("field"), name)).select("row", "value")
    if name == "tags":
        return records.select("row", value="tags").explode("value").drop_nulls()
    if name == "name":
        whole = pl.concat_str("given_name", "middle_name", "family_name", separator=" ", ignore_nulls=True)
        return records.select("row", value=pl.coalesce("name", pl.when(whole != "").then(whole))).drop_nulls()
    return records.select("row", value=name).drop_nulls()


def _exploded(records: pl.DataFrame, lists: str) -> pl.DataFrame:
    return records.select("row", lists).explode(lists).drop_nulls(lists).unnest(lists)


# -- what is asked ----------------------------------------------------------------------------------------------------


def _lacking(
    rows: pl.DataFrame, rule: Requirement, asked: Standards, said: Mapping[str, str], *, first: bool
) -> Iterator[pl.DataFrame]:
    """Yield the rows without what is required; fields that no row has and no column gives are told once."""
    there = {name: rows.select(present(name).alias("there"))["there"] for name in rule.required}
    nowhere = [
        name for name, has in there.items() if rule.severity != "error" and not has.any() and not _in_file(name, asked)
    ]
    for name, has in there.items():
        if name not in nowhere:
            told = rows.filter(~has).select("row", column=column(name, asked))
            yield findings.found(told, "value.required", field=name, **said)
    if nowhere and rows.height and first:
        yield _nowhere(nowhere, said)


def _nowhere(names: Iterable[str], said: Mapping[str, str]) -> pl.DataFrame:
    """Return the finding that a file has no values for some fields."""
    told = pl.DataFrame({"suggestion": [f"{said['suggestion']}: {', '.join(names)}"]})
    return findings.found(told, "file.lacks", severity=said["severity"])


def _without_any(
    rows: pl.DataFrame, rule: Requirement, asked: Standards, said: Mapping[str, str], *, first: bool
) -> pl.DataFrame:
    """Return the rows that have none of some fields; of fields that no column gives it is told once."""
    without = rows.filter(~pl.any_horizontal(*(present(name) for name in rule.at_least_one)))
    nowhere = without.height == rows.height and not any(_in_file(name, asked) for name in rule.at_least_one)
    if nowhere and rule.severity != findings.ERROR:
        return _nowhere(rule.at_least_one, said) if rows.height and first else findings.empty()
    first_of = rule.at_least_one[0]
    told = without.select("row", column=column(first_of, asked))
    return findings.found(told, "value.required", field=first_of, **said)


def column(name: str, asked: Standards) -> pl.Expr:
    """Return the column a field comes from, null where several give it, or none."""
    headings = asked.headings.get(name, ())
    return pl.lit(headings[0] if len(headings) == 1 else None, pl.String)


def _in_file(name: str, asked: Standards) -> bool:
    return any(part in asked.headings for part in (_NAMES if name == "name" else (name,)))


def _disagreeing(
    rows: pl.DataFrame, compared: requirements.Comparison, asked: Standards, said: Mapping[str, str]
) -> pl.DataFrame:
    """Return the rows in which both fields are filled and do not stand to each other as they should.

    Numbers are compared as numbers, days as days; where one of the two is neither, only whether they are the same.
    """
    left, right = (held(rows, name).unique("row", keep="first") for name in (compared.left, compared.right))
    both = left.join(right, on="row", suffix="_right")
    one, other = pl.col("value"), pl.col("value_right")
    numbers = [each.cast(pl.Float64, strict=False) for each in (one, other)]
    compares = _SIGNS[compared.sign]
    agrees = pl.coalesce(
        compares(*numbers),
        pl.when(one.str.contains(_DAY) & other.str.contains(_DAY)).then(compares(one, other)),
        compares(one, other) if compared.sign in {"=", "!="} else pl.lit(None, pl.Boolean),
    )
    wrong = both.filter(~agrees).select("row", "value", column=column(compared.left, asked))
    return findings.found(wrong, "value.cross", field=compared.left, **said)


def _faulty(
    rows: pl.DataFrame, name: str, rule: Requirement, asked: Standards, said: Mapping[str, str]
) -> pl.DataFrame:
    """Return the rows whose values of a field are not as they should be."""
    values = held(rows, name)
    distinct = values["value"].unique()
    wrong = pl.concat(
        [
            pl.DataFrame(schema={"value": pl.String(), "code": pl.String()}),
            *(
                distinct.filter(bad).alias("value").to_frame().with_columns(code=pl.lit(code))
                for code, bad in _faults(distinct, name, rule, asked)
            ),
        ]
    )
    if wrong.is_empty():
        return findings.empty()
    at = values.join(wrong, on="value", maintain_order="left").with_columns(column=column(name, asked))
    return findings.found(at, field=name, **said)


def _faults(distinct: pl.Series, name: str, rule: Requirement, asked: Standards) -> Iterator[tuple[str, pl.Series]]:
    """Yield for each thing asked of values its code and which of the distinct values fall short of it."""
    if rule.pattern is not None:
        matches = requirements.matcher(rule.pattern)
        yield "value.pattern", ~pl.Series([matches(value) for value in distinct], dtype=pl.Boolean)
    if rule.min_length is not None or rule.max_length is not None:
        length = distinct.str.len_chars()
        yield "value.length", _outside(length, rule.min_length, rule.max_length)
    if rule.min is not None or rule.max is not None:
        yield "value.range", _out_of_range(distinct, rule.min, rule.max, asked.today)
    if rule.known and name in asked.known:
        yield "value.unknown", ~distinct.is_in(list(asked.known[name]))


def _out_of_range(values: pl.Series, low: Bound | None, high: Bound | None, today: dt.date | None) -> pl.Series:
    """Tell the values that lie outside, or are neither numbers nor days where such are asked for."""
    low, high = (today if bound == "today" else bound for bound in (low, high))
    if low is None and high is None:
        return pl.Series([False]).new_from_index(0, len(values)) if len(values) else pl.Series([], dtype=pl.Boolean)
    if isinstance(low, dt.date) or isinstance(high, dt.date):
        first = _days(values.str.replace(_YEAR, "$1-01-01").str.replace(_MONTH, "$1-01"))
        last = _days(values.str.replace(_YEAR, "$1-12-31").str.replace(_MONTH, "$1-01"))
        last = pl.select(pl.when(values.str.contains(_MONTH)).then(last.dt.month_end()).otherwise(last)).to_series()
        return (_outside(first, None, high) | _outside(last, low, None)) & ~values.str.contains(_NO_DAY)
    return _outside(values.cast(pl.Float64, strict=False).fill_nan(None), low, high)


def _days(values: pl.Series) -> pl.Series:
    return values.str.head(10).str.to_date("%Y-%m-%d", strict=False)


def _outside(values: pl.Series, low: object, high: object) -> pl.Series:
    """Tell the values that are null, less than `low` or more than `high`; None: no bound."""
    bad = values.is_null()
    bad = bad if low is None else bad | (values < low).fill_null(value=True)
    return bad if high is None else bad | (values > high).fill_null(value=True)
