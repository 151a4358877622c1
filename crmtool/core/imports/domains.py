"""Which company a person may belong to by the domain of their mail: a suggestion, never a value.

A corporate domain speaks for a company where everybody with that domain, in an address of mail or of a site, and a
company has the same one. Domains of free mail and of many companies speak for none.
"""

from __future__ import annotations

import polars as pl

from crmtool.core import findings
from crmtool.core.folding import folds
from crmtool.core.normalizers.email_domains import corporate


def mail(records: pl.DataFrame) -> pl.DataFrame:
    """Return the first e-mail address of each record (columns row, email, company; see `model.CLEAN`)."""
    channels = records.select("row", "company", "channels").explode("channels").unnest("channels")
    return (
        channels.filter(pl.col("kind") == "email")
        .unique("row", keep="first", maintain_order=True)
        .select("row", "company", email="value")
    )


def holding(records: pl.DataFrame) -> pl.DataFrame:
    """Return the e-mail and web addresses of records with a company (columns address, company)."""
    named = records.filter(pl.col("company").is_not_null()).select("company", "channels")
    channels = named.explode("channels").unnest("channels")
    return channels.filter(pl.col("kind").is_in(["email", "site"])).select("company", address="value")


def asking(people: pl.DataFrame) -> pl.Series:
    """Return the corporate domains of people without a company (columns as for `suggested`)."""
    return people.filter(pl.col("company").is_null()).select(_of_mail()).to_series().drop_nulls().unique()


def suggested(people: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return findings `company.by_domain` for people without a company.

    `people` has row, email and company, both null where empty; `known` has the e-mail or web address and the company of
    those whose company is known: of the file, of the base, or both. Companies are compared folded, without quotation
    marks; the suggestion is the spelling that stands most often, then the first in the alphabet.
    """
    companies = _companies(known)
    lacking = people.filter(pl.col("company").is_null()).with_columns(domain=_of_mail())
    joined = lacking.join(companies, on="domain", how="inner", maintain_order="left")
    said = joined.select("row", value="email", suggestion="suggestion")
    return findings.found(said, "company.by_domain", column="email", field="company")


def _companies(known: pl.DataFrame) -> pl.DataFrame:
    """Return the domains that speak for one company (columns domain, suggestion)."""
    named = known.with_columns(domain=corporate(pl.col("address"))).drop_nulls(["domain", "company"])
    named = named.with_columns(fold=folds(named["company"]).str.replace_all(r'[«»„“”"]', ""))
    counted = named.group_by("domain", "fold", "company").len().sort("len", "company", descending=[True, False])
    alone = counted.group_by("domain").agg(pl.col("fold").n_unique().alias("folds"), pl.col("company").first())
    return alone.filter(pl.col("folds") == 1).select("domain", suggestion="company")


def _of_mail() -> pl.Expr:
    """Return the corporate domain of addresses of mail."""
    return corporate(pl.when(pl.col("email").str.contains("@", literal=True)).then("email"))
