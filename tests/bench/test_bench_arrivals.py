"""Of the rows that come to a base, half are of people whom it has; none stands in both files."""

import polars as pl

from bench import arrivals


def test_half_of_what_comes_is_known(tmp_path):
    arrivals.written(tmp_path, 400, 20)
    every = pl.read_csv(tmp_path / "all.csv", infer_schema=False)
    base, new = (pl.read_csv(tmp_path / name, infer_schema=False) for name in ("base.csv", "new.csv"))
    assert (base.height, new.height) == (400, 20)
    known, later = every.head(400)["person"], every.tail(80)
    columns = [name for name in new.columns if name in later.columns]
    people = new.join(later, on=columns, nulls_equal=True, maintain_order="left")["person"]
    assert people.len() == 20
    assert int(people.is_in(known.implode()).sum()) == 10
