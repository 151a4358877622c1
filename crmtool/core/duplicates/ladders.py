"""Comparisons as SQL: what each party brings as columns, and by what conditions two parties show each level.

The conditions are asked in order and the first that holds counts, as in a CASE of SQL; a column of the party with the
smaller id ends in `_l`, of the other in `_r`. They use what databases share (`array_contains`, `array_position`,
`least`, `coalesce`) and our functions of values (`comparators.beside`). A level that weighs by how rare the agreed
value is names a column with the number of rows that have it, for term frequencies: engines take the greater of both
sides, so values of a party stand in order, the rarest first, and the place in that order at which the value stands on
either side, the nearer one, tells the column that both sides agree in, or where the other's is rarer still.
To add a kind of comparison: a function here and its line in `_OF_KIND`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from crmtool.core.comparators import beside, channels, coding, texts
from crmtool.core.comparators.coding import UNKNOWN, Coded, Listed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crmtool.core.comparators.coding import Numbers, Shares
    from crmtool.core.comparators.comparison import Comparison
    from crmtool.core.comparators.persons import People

ELSE = "ELSE"
PLACES = 16  # values of one party that weigh by how rare each is; what stands behind weighs as the last of them


class Rung(NamedTuple):
    """A level, the condition it is shown by, the column that tells how rare what is agreed on is.

    With `asks` the condition is that this expression gives the level.
    """

    level: int
    condition: str
    rare: str | None = None
    asks: str | None = None


@dataclass(frozen=True)
class Ladder:
    """A comparison: when it is silent, the rungs in order (the last holds for all that is left), and what it reads.

    `columns` has a row for each party. `shares` has for each column that a rung names as `rare` a table: its numbers,
    and the share of others that stands for each (column `share`).
    """

    silent: str
    rungs: Sequence[Rung]
    columns: pl.DataFrame
    shares: Mapping[str, pl.DataFrame]

    def shows(self, levels: Sequence[int]) -> str:
        """Return the condition that one of some levels is shown."""
        told = [(rung, rung.level in levels) for rung in self.rungs]
        while told and not told[-1][1]:
            told.pop()
        lines = [f"WHEN {self.silent} THEN FALSE"]
        for (asks, yes), same in groupby(told, key=lambda each: (each[0].asks, each[1])):
            rungs = [rung for rung, _ in same]
            if asks:
                condition = f"{asks} IN ({', '.join(str(rung.level) for rung in rungs)})"
            else:
                condition = " OR ".join("TRUE" if rung.condition == ELSE else rung.condition for rung in rungs)
            lines.append(f"WHEN {condition} THEN {'TRUE' if yes else 'FALSE'}")
        return f"CASE {' '.join(lines)} ELSE FALSE END"


def ladders(
    parties: pl.DataFrame, kinds: Mapping[str, str], comparisons: Sequence[Comparison], people: People | None
) -> dict[str, Ladder]:
    """Return the ladder of each comparison; all are of the same parties."""
    found = _of_people(people) if people else {}
    for c in comparisons:
        if c.rare is not None and c.name not in found:
            found[c.name] = _OF_KIND[kinds[c.name]](c.name, c.rare[1], parties)
    return found


# -- one value --------------------------------------------------------------------------------------------------------


def _single(name: str, whole: Coded, rungs: Sequence[Rung], more: Mapping[str, pl.Series] | None = None) -> Ladder:
    """Return the ladder of a column of single values, equal values its first rung."""
    rare = f"{name}_rows"
    columns = {name: _taken(whole.values, whole.codes), **(more or {}), rare: _numbers(whole.rows, whole.codes)}
    first = Rung(1, f"{name}_l = {name}_r", rare)
    return Ladder(
        _unknown(name), [first, *rungs], pl.DataFrame(columns), {rare: _shares(rare, whole.rows, whole.share)}
    )


def _unknown(name: str) -> str:
    return f"({name}_l IS NULL OR {name}_r IS NULL)"


def _text(name: str, whole: Coded, _: pl.DataFrame) -> Ladder:
    key = f"{name}_key"
    rungs = [Rung(2, f"{key}_l = {key}_r"), *_asked(f"crm_text({key}_l, {key}_r)", (6, 3, 4), 5)]
    return _single(name, whole, rungs, {key: _taken(texts.word_keys(whole.values), whole.codes)})


def _code(name: str, whole: Coded, _: pl.DataFrame) -> Ladder:
    return _single(name, whole, _asked(f"crm_code({name}_l, {name}_r)", (4, 2), 3))


def _day(name: str, whole: Coded, _: pl.DataFrame) -> Ladder:
    return _single(name, whole, _asked(f"crm_day({name}_l, {name}_r)", (5, 2, 3), 4))


def _asked(asks: str, levels: Sequence[int], last: int) -> list[Rung]:
    """Return the rungs of levels that an expression gives; the commonest stand first, so that few pairs go on."""
    return [*(Rung(level, f"{asks} = {level}", None, asks) for level in levels), Rung(last, ELSE)]


def _taken(values: pl.Series, codes: Numbers) -> pl.Series:
    return pl.concat([values.cast(pl.String), pl.Series([None], dtype=pl.String)]).gather(
        np.where(codes >= 0, codes, len(values))
    )


def _numbers(numbers: Numbers, codes: Numbers) -> pl.Series:
    return (
        pl.DataFrame({"number": np.append(numbers, 0)[codes], "known": codes >= 0})
        .select(pl.when("known").then(pl.col("number").cast(pl.Int64)))
        .to_series()
    )


def _shares(column: str, rows: Numbers, share: Shares) -> pl.DataFrame:
    """Return the share that stands for each number of rows."""
    return pl.DataFrame({column: rows, "share": share}).unique(column).sort(column)


# -- several values ---------------------------------------------------------------------------------------------------


class _Ranked(NamedTuple):
    """Values of each party, the rarest first: as lists, and for each place the value and how many rows have it."""

    lists: pl.Series
    values: dict[str, pl.Series]
    rare: dict[str, pl.Series]


def _ranked(name: str, rows: Numbers, codes: Numbers, values: pl.Series, held: Numbers, many: int) -> _Ranked:
    """Return values (`codes` of `values`, in `rows` of `many` parties), the rarest first; `held` counts each."""
    order = np.lexsort((codes, held[codes], rows))
    rows, codes = rows[order], codes[order]
    counts = np.bincount(rows, minlength=many)
    place = coding.places(counts)
    found = _Ranked(lists(rows, values.gather(codes), many), {}, {})
    for at in range(min(PLACES, int(counts.max(initial=0)))):
        column = np.full(many, UNKNOWN)
        column[rows[place == at]] = codes[place == at]
        found.values[f"{name}_{at + 1}"] = _taken(values, column)
        found.rare[f"{name}_rows_{at + 1}"] = _numbers(held, column)
    return found


def lists(rows: Numbers, values: pl.Series, many: int) -> pl.Series:
    """Return the values of each of `many` rows as a list, null where there are none; `rows` are in order."""
    table = pl.DataFrame({"row": rows, "values": values}).group_by("row", maintain_order=True).agg("values")
    every = pl.DataFrame({"row": np.arange(many)})
    return every.join(table, on="row", how="left", maintain_order="left")["values"]


def _several(name: str, column: Listed, rungs: Sequence[Rung], more: Mapping[str, pl.Series] | None = None) -> Ladder:
    """Return the ladder of a column of lists, a value that both have its first rungs."""
    ranked = _ranked(name, column.rows, column.codes, column.values, column.held, len(column.counts))
    columns = {
        name: ranked.lists,
        f"{name}_all": beside.joined(ranked.lists),
        **(more or {}),
        **ranked.values,
        **ranked.rare,
    }
    shares = {rare: _shares(rare, column.held, column.share) for rare in ranked.rare}
    shared = [
        Rung(1, f"(array_contains({name}_r, {value}_l) OR array_contains({name}_l, {value}_r))", rare)
        for value, rare in zip(ranked.values, ranked.rare, strict=True)
    ]
    beyond = [Rung(1, f"arrays_overlap({name}_l, {name}_r)", shared[-1].rare)] if len(shared) == PLACES else []
    return Ladder(_unknown(name), [*shared, *beyond, *rungs], pl.DataFrame(columns), shares)


def _phone(name: str, column: Listed, _: pl.DataFrame) -> Ladder:
    return _several(name, column, _asked(f"crm_phone({name}_all_l, {name}_all_r)", (4, 2), 3))


def _messenger(name: str, column: Listed, _: pl.DataFrame) -> Ladder:
    return _several(name, column, [Rung(2, ELSE)])


def _email(name: str, column: Listed, parties: pl.DataFrame) -> Ladder:
    """Return the ladder of e-mail addresses; of two that are made from the name the levels count on."""
    made = f"{name}_made"
    both = f"({made}_l AND {made}_r)"
    asks = f"crm_email({name}_all_l, {name}_all_r) + CASE WHEN {both} THEN 5 ELSE 0 END"
    flags = {made: pl.Series(channels.made_from_name(column, parties))}
    plain = _several(name, column, _asked(asks, (5, 10, 2, 7, 3, 8, 4), 9), flags)
    same = [rung for rung in plain.rungs if rung.level == 1]
    own = [rung._replace(level=6, condition=f"{both} AND {rung.condition}") for rung in same]
    return Ladder(plain.silent, [*own, *plain.rungs], plain.columns, plain.shares)


# -- names ------------------------------------------------------------------------------------------------------------

_WORDS, _RANK = "name_words", "name_rank"
_ELSEWHERE = 5


def _of_people(people: People) -> dict[str, Ladder]:
    """Return the ladders of names; a part is looked for among the words of the other name too."""
    many, ranked = len(people.held), _words_ranked(people)
    texts_ = people.keys.marks.texts
    known = people.held >= 0
    words = lists(np.nonzero(known)[0], texts_.gather(people.held[known]), many)
    shared = pl.DataFrame({_WORDS: words, f"{_WORDS}_all": beside.joined(words), _RANK: ranked.lists, **ranked.rare})
    shares = {rare: _shares(rare, people.column.held, people.share) for rare in ranked.rare}
    family, given = (_part(people, part, list(ranked.rare)) for part in ("family", "given"))
    silent = f"({given.silent} OR {_one_word(given, family)})"
    found = {
        "family_name": family,
        "given_name": Ladder(silent, given.rungs, given.columns, given.shares),
        "middle_name": _middle(people),
    }
    return {
        name: Ladder(
            ladder.silent,
            ladder.rungs,
            pl.concat([ladder.columns, shared], how="horizontal") if name != "middle_name" else ladder.columns,
            {**ladder.shares, **(shares if name != "middle_name" else {})},
        )
        for name, ladder in found.items()
    }


def _words_ranked(people: People) -> _Ranked:
    """Return the keys of each name, the rarest first: its words, and the parts that are looked for among words."""
    keys = np.column_stack([people.held, *(people.key[people.parts[part]] for part in ("family", "given"))])
    known = keys >= 0
    pair = np.unique(np.nonzero(known)[0] * (len(people.keys.length) + 1) + keys[known])
    rows, codes = np.divmod(pair, len(people.keys.length) + 1)
    return _ranked(_RANK, rows, codes, people.keys.marks.texts, people.column.held, len(keys))


def _columns(people: People, part: str) -> dict[str, pl.Series]:
    """Return the columns of a part of the name: the word, its key, whether it is one letter, how many have the key."""
    word = people.parts[part]
    key = people.key[word]
    name = f"{part}_name"
    return {
        name: _taken(people.words, word),
        f"{name}_key": _taken(people.keys.marks.texts, key),
        f"{name}_initial": pl.Series(np.append(people.initial, False)[word]),
        f"{name}_rows": _numbers(people.column.held, key),
    }


def _asks(part: str) -> str:
    """Return the expression that gives the level of a part in its own place."""
    name = f"{part}_name"
    letter = "" if part == "family" else f", ({name}_initial_l OR {name}_initial_r)"
    return f"crm_{part}({name}_key_l, {name}_key_r{letter})"


def _aligned(people: People, part: str, rungs: Sequence[Rung]) -> Ladder:
    """Return the ladder of a part in its own place, the same word its first rung."""
    name, rare = f"{part}_name", f"{part}_name_rows"
    first = Rung(1, f"{name}_l = {name}_r", rare)
    shares = {rare: _shares(rare, people.column.held, people.share)}
    return Ladder(_unknown(name), [first, *rungs], pl.DataFrame(_columns(people, part)), shares)


def _middle(people: People) -> Ladder:
    return _aligned(people, "middle", _asked(_asks("middle"), (4, 2), 3))


def _part(people: People, part: str, rare: Sequence[str]) -> Ladder:
    """Return the ladder of a part that may stand elsewhere in the other name, where its own place says nothing."""
    asks = _asks(part)
    rungs = [Rung(6, f"({asks} = 6 AND NOT {_elsewhere(part)})"), *_asked(asks, (2, 3, 4), 6)[:-1]]
    for mine, other in (("l", "r"), ("r", "l")):
        key = f"{part}_name_key_{mine}"
        place = f"least(array_position({_RANK}_l, {key}), array_position({_RANK}_r, {key}))"
        there = f"array_contains({_WORDS}_{other}, {key})"
        rungs += [Rung(_ELSEWHERE, f"({there} AND {place} = {at})", column) for at, column in enumerate(rare, 1)]
    own = _aligned(people, part, [*rungs, Rung(6, ELSE)])
    return Ladder(f"({own.silent} AND NOT {_elsewhere(part)})", own.rungs, own.columns, own.shares)


def _elsewhere(part: str) -> str:
    """Return the condition that a part is among the words of the other name."""
    found = [
        f"coalesce(array_contains({_WORDS}_{other}, {part}_name_key_{mine}), FALSE)"
        for mine, other in (("l", "r"), ("r", "l"))
    ]
    return f"({' OR '.join(found)})"


def _one_word(given: Ladder, family: Ladder) -> str:
    """Return the condition that one word, all that both names share, is the given name here, the family name there."""
    both = f"{_elsewhere('given')} AND {_elsewhere('family')} AND crm_common({_WORDS}_all_l, {_WORDS}_all_r) = 1"
    return f"({both} AND {given.shows([_ELSEWHERE])} AND {family.shows([_ELSEWHERE])})"


_OF_KIND: dict[str, Callable[[str, Any, pl.DataFrame], Ladder]] = {
    "text": _text,
    "code": _code,
    "day": _day,
    "phone": _phone,
    "messenger": _messenger,
    "form": _messenger,
    "email": _email,
}
