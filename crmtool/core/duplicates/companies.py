"""What companies are compared by: the name without its legal form, the form of its own, the domain of site and mail.

A contact that is a company bears its name in full: compared whole, ООО «Ромашка» and ООО «Василёк» would have
something in common, and Romashka LLC little with the first. To add forms that translate one another: a line in `_SAME`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.normalizers import registry
from crmtool.core.normalizers.email_domains import corporate

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Columns that companies have beside those of a contact.
COLUMNS: dict[str, pl.DataType] = {"legal_form": pl.String(), "domain": pl.List(pl.String())}
#: Forms that stand for one another where a name is translated.
_SAME = (
    "ООО ТОВ LLC Ltd.",
    "АО АТ JSC",
    "ОАО ВАТ OJSC",
    "ЗАО ЗАТ CJSC",
    "ПАО ПАТ PJSC",
    "ТОО LLP",
    "ЧП ПП",
    "ИП ФОП",
)
_FIRST = {form: line.split()[0] for line in _SAME for form in line.split()}


def apart(companies: pl.DataFrame, forms: Mapping[str, str]) -> pl.DataFrame:
    """Return companies by what they are compared by: as they came, and `COLUMNS`, without `company` and `site`.

    Their name stands in `name` or, where that is null, in `company`; `email` and `site` are lists. `forms` is the
    vocabulary of legal forms: folded synonym -> form.
    """
    has = companies.schema
    names = companies.select(pl.coalesce(name for name in ("name", "company") if name in has)).to_series()
    found = companies.with_columns(*_told(names, forms), _domains(companies))
    return found.drop("company", "site", strict=False)


def employed(people: pl.DataFrame, forms: Mapping[str, str]) -> pl.DataFrame:
    """Return people with the companies they work for by their base names, as far as there is a column of them."""
    if "company" not in people.schema:
        return people
    return people.with_columns(company=_told(people["company"], forms)["name"])


def _told(names: pl.Series, forms: Mapping[str, str]) -> pl.DataFrame:
    """Return for each name of a company what it is called without its form (name), and the form (legal_form)."""
    settings = registry.Settings(vocabulary=forms)
    answers = registry.normalized("company", names.drop_nulls().unique(maintain_order=True), settings)
    told = answers.unique("value", keep="first").select(
        "value", pl.col("legal_form").replace(_FIRST), name=pl.coalesce("base_name", "value")
    )
    return names.to_frame("value").join(told, on="value", how="left", maintain_order="left").drop("value")


def _domains(companies: pl.DataFrame) -> pl.Series:
    """Return the domains of sites and corporate mail of each company (`domain`), null where there is none."""
    lists = [pl.col(name).fill_null([]) for name in ("site", "email") if name in companies.columns]
    every = companies.select(address=pl.concat_list(lists) if lists else pl.lit([], COLUMNS["domain"])).with_row_index()
    flat = every.explode("address", empty_as_null=False).select("index", domain=corporate(pl.col("address")))
    found = flat.drop_nulls().unique(maintain_order=True).group_by("index").agg("domain")
    rows = companies.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("index"))
    return rows.join(found, on="index", how="left", maintain_order="left")["domain"]
