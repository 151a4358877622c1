"""Which company a person may belong to by the domain of their mail: a suggestion, never a value.

A corporate domain speaks for a company where everybody with that domain and a company has the same one. Domains of free
mail, of providers and of many companies speak for none. To add a free domain: `FREE`.
"""

from __future__ import annotations

import polars as pl

from crmtool.core import findings
from crmtool.core.folding import folds

#: Mail for everybody; every subdomain as well.
_FREE_WORDS = (
    "gmail.com googlemail.com mail.ru bk.ru inbox.ru list.ru internet.ru xmail.ru yandex.ru yandex.com yandex.ua "
    "yandex.by yandex.kz ya.ru narod.ru rambler.ru lenta.ru ro.ru autorambler.ru myrambler.ru vk.com ok.ru ukr.net "
    "i.ua meta.ua bigmir.net online.ua email.ua 3g.ua ua.fm tut.by mail.kz outlook.com outlook.de hotmail.com "
    "hotmail.co.uk hotmail.fr live.com live.ru live.co.uk msn.com yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.es "
    "ymail.com rocketmail.com icloud.com me.com mac.com aol.com proton.me protonmail.com pm.me gmx.com gmx.de "
    "gmx.net web.de t-online.de freenet.de orange.fr wanadoo.fr free.fr laposte.net libero.it virgilio.it tin.it "
    "wp.pl o2.pl onet.pl interia.pl op.pl seznam.cz centrum.cz azet.sk abv.bg mail.bg inbox.lv inbox.lt zoho.com "
    "fastmail.com mail.com gmx.at bluewin.ch hey.com duck.com tutanota.com tuta.io qq.com 163.com 126.com naver.com "
    "comcast.net verizon.net att.net sbcglobal.net btinternet.com sky.com"
)
FREE = frozenset(_FREE_WORDS.split())


def suggested(people: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return findings `company.by_domain` for people without a company.

    `people` has row, email and company, both null where empty; `known` has email and company of those whose company is
    known: of the file, of the base, or both. Companies are compared folded, without quotation marks; the suggestion
    is the spelling that stands most often, then the first in the alphabet.
    """
    companies = _companies(known)
    lacking = people.filter(pl.col("company").is_null()).with_columns(domain=_domain(pl.col("email")))
    joined = lacking.join(companies, on="domain", how="inner", maintain_order="left")
    said = joined.select("row", value="email", suggestion="suggestion")
    return findings.found(said, "company.by_domain", column="email", field="company")


def _companies(known: pl.DataFrame) -> pl.DataFrame:
    """Return the domains that speak for one company (columns domain, suggestion)."""
    named = known.with_columns(domain=_domain(pl.col("email"))).drop_nulls(["domain", "company"])
    named = named.with_columns(fold=folds(named["company"]).str.replace_all(r'[«»„“”"]', ""))
    counted = named.group_by("domain", "fold", "company").len().sort("len", "company", descending=[True, False])
    alone = counted.group_by("domain").agg(pl.col("fold").n_unique().alias("folds"), pl.col("company").first())
    return alone.filter(pl.col("folds") == 1).select("domain", suggestion="company")


def _domain(email: pl.Expr) -> pl.Expr:
    """Return the domain of an address, null for free mail and its subdomains."""
    domain = email.str.to_lowercase().str.extract(r"@([^@\s]+\.[^@\s.]+)$")
    parent = domain.str.extract(r"^[^.]+\.(.+\..+)$")
    free = domain.is_in([*FREE]) | parent.is_in([*FREE]).fill_null(value=False)
    return pl.when(~free).then(domain)
