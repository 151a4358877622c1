"""Measure how fast invented rows are cleaned, what each normalizer takes of it, and phones beside the library.

Three measures, in one run: `crmtool clean` as a command; the cleaning stage alone with the share of every column; the
phone normalizer beside plain phonenumbers on the same distinct values. Seconds differ from machine to machine; shares
and ratios hold better.

Run as `python -m bench.cleaning [--rows 1000000]`; the result is shown and kept in bench/out/cleaning.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.imports import BIN, OUT, ROOT, SOME_REJECTED, Failed, generated, machine, measured

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from crmtool.core.imports.mapping import Mapped
    from crmtool.core.rules import Rules

ROWS = 1_000_000
WANTED = 50_000  # rows a second
_PHONES = 50_000  # distinct values given to plain phonenumbers, which takes its time
MAPPING = ROOT / "bench" / "invented.toml"


class Share(NamedTuple):
    """What a column took: its kind of field, its distinct values (of each part), and seconds of CPU."""

    column: str
    kind: str
    distinct: int
    seconds: float


class Beside(NamedTuple):
    """The phone normalizer beside plain phonenumbers: values a second, and answers that contradict each other."""

    values: int
    ours: float
    theirs: float
    different: int


def commanded(file: Path) -> tuple[float, float, float]:
    """Return wall seconds, CPU seconds and peak megabytes of `crmtool clean`. Raises Failed."""
    crmtool = str(BIN / "crmtool")
    fine = frozenset({0, SOME_REJECTED})
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "clean.csv")
        return measured((crmtool, "clean", str(file), "-o", out, "--region", "RU", "--quiet"), fine)


def rules() -> Rules:
    """Return the rules of the package with the mapping of the invented files."""
    import tomllib

    from crmtool.core.rules import SourceMapping
    from crmtool.io import rulebook

    known = rulebook.loaded(rulebook.defaults())
    own = SourceMapping.model_validate(tomllib.loads(MAPPING.read_text(encoding="utf-8")))
    return known.model_copy(update={"mappings": {**known.mappings, "invented": own}})


def staged(file: Path) -> tuple[int, float, float, list[Share], pl.Series]:
    """Clean a file part by part as an import does.

    Returns rows, wall seconds, CPU seconds, the share of each column, and the distinct phones.
    """
    import polars as pl

    from crmtool.core.imports import cleaning
    from crmtool.io import intake
    from crmtool.io.readers import files
    from crmtool.io.readers.table import Options

    known, mapped, rows, seconds, worked = rules(), None, 0, 0.0, 0.0
    synonyms = {name: vocabulary.index for name, vocabulary in known.vocabularies.items()}
    shares: list[Share] = []
    phones: list[pl.Series] = []
    for part in files.parts(file, Options()):
        mapped = mapped or intake.mapped(part, known, intake.Wishes(region="RU"))
        start, work = time.perf_counter(), time.process_time()
        cleaning.cleaned(part.cells, part.rows, mapped, known, synonyms)
        seconds, worked = seconds + time.perf_counter() - start, worked + time.process_time() - work
        rows += part.cells.height
        shares += columns(part.cells, mapped, known, synonyms)
        phones += [part.cells[h].drop_nulls() for h, t in mapped.columns.items() if t.partition(".")[0] == "phone"]
    return rows, seconds, worked, summed(shares), pl.concat([each.alias("phone") for each in phones]).unique().sort()


def columns(cells: pl.DataFrame, mapped: Mapped, known: Rules, synonyms: dict[str, dict[str, str]]) -> Iterator[Share]:
    """Yield what normalizing each column of a part takes, its distinct values included."""
    from crmtool.core.imports import values

    said = values.said_of(cells.columns, mapped.rule)
    for heading, target in mapped.columns.items():
        if target in {"ignore", "key"}:
            continue
        rule = known.fields.field.get(target) or known.fields.field.get(target.partition(".")[0])
        words = synonyms.get(rule.vocabulary, {}) if rule and rule.vocabulary else {}
        settings = values.settings_for(known.normalize, "RU", words)
        kind = values.kind_of(target, known.fields)
        start = time.process_time()
        done = values.normalized(cells[heading], heading, kind, said, settings)
        yield Share(heading, kind, done["value"].n_unique(), time.process_time() - start)


def summed(shares: list[Share]) -> list[Share]:
    """Return the shares of all parts by column, the longest first."""
    by_column: dict[str, Share] = {}
    for share in shares:
        old = by_column.get(share.column, Share(share.column, share.kind, 0, 0.0))
        by_column[share.column] = Share(*share[:2], old.distinct + share.distinct, old.seconds + share.seconds)
    return sorted(by_column.values(), key=lambda share: -share.seconds)


def beside(phones: pl.Series) -> Beside:
    """Measure the phone normalizer and plain phonenumbers on the same distinct values.

    An answer is different where both call a cell one valid number and mean two; a cell we flag is not.
    """
    import polars as pl

    from crmtool.core.normalizers.registry import Settings, normalized

    phones = phones.sample(min(_PHONES, phones.len()), seed=1).sort()
    normalized("phone", phones.head(100), Settings(region="RU"))  # the library reads its tables once
    start = time.process_time()
    ours = normalized("phone", phones, Settings(region="RU"))
    mine = time.process_time() - start
    start = time.process_time()
    theirs = [plain(text) for text in phones]
    library = time.process_time() - start
    single = ours.filter(~pl.col("value").is_in(ours.filter(pl.col("seq") > 0)["value"].implode()))
    found = dict(single.select("value", "clean").iter_rows())
    different = sum(
        1 for text, e164 in zip(phones, theirs, strict=True) if e164 and found.get(text) and found[text] != e164
    )
    return Beside(phones.len(), phones.len() / mine, phones.len() / library, different)


def plain(text: str) -> str | None:
    """Return a number as phonenumbers alone reads it, None where it is not valid."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, "RU")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Measure how fast rows are cleaned.")
    parser.add_argument("--rows", type=int, default=ROWS)
    wanted = parser.parse_args(arguments).rows
    file = generated(wanted)
    try:
        wall, cpu, peak = commanded(file)
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    rows, seconds, worked, shares, phones = staged(file)
    phone = beside(phones)
    told = [
        f"crmtool clean: {rows:,} rows in {wall:.1f} s ({cpu:.1f} s of CPU, {peak:,.0f} MB): {rows / wall:,.0f} rows/s",
        f"the cleaning stage alone: {seconds:.1f} s ({worked:.1f} s of CPU): {rows / seconds:,.0f} rows/s",
        f"wanted: {WANTED:,} rows/s on two cores; one second of CPU cleans {rows / worked:,.0f}",
        "",
        f"{'column':<24} {'kind':<12} {'distinct':>10} {'CPU s':>7} {'share':>7} {'values/s':>11}",
    ]
    whole = sum(share.seconds for share in shares)
    told += [
        f"{s.column[:24]:<24} {s.kind:<12} {s.distinct:>10,} {s.seconds:>7.2f} {s.seconds / whole:>7.1%}"
        f" {s.distinct / max(s.seconds, 1e-6):>11,.0f}"
        for s in shares
    ]
    told.append(
        f"\nphones, {phone.values:,} distinct values: {phone.ours:,.0f}/s, plain phonenumbers {phone.theirs:,.0f}/s:"
        f" {phone.ours / phone.theirs:.1f} times as fast; {phone.different:,} other numbers"
    )
    print("\n".join(told))
    report = {
        "machine": machine(),
        "rows": rows,
        "command": {"wall": wall, "cpu": cpu, "peak": peak},
        "stage": {"wall": seconds, "cpu": worked, "columns": [share._asdict() for share in shares]},
        "phones": phone._asdict(),
    }
    (OUT / "cleaning.json").write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
