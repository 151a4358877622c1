"""What somebody found out about the mail servers of cleaned addresses: no address is refused for it.

The asking is not done here. To tell something else of a domain: a state in `told`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmtool.core.imports.steps import Step

_DOMAIN = pl.col("canonical").str.extract(r"@([^@]+)$")
#: What is worse than a server that takes no mail, or says the same.
_GRAVER = ("email.typo", "email.reserved", "email.example")


def asked(steps: tuple[Step, ...], servers: Callable[[pl.Series], pl.DataFrame] | None) -> tuple[Step, ...]:
    """Return cleaned columns with what `servers` says of their domains (see `told`); None: nobody asks."""
    return told(steps, servers(domains(steps))) if servers else steps


def domains(steps: tuple[Step, ...]) -> pl.Series:
    """Return the distinct domains in ASCII of the addresses in cleaned columns."""
    found = [step.values.select(_DOMAIN.alias("domain"))["domain"] for step in steps if "canonical" in step.values]
    return pl.concat([pl.Series("domain", [], pl.String), *found]).drop_nulls().unique().sort()


def told(steps: tuple[Step, ...], states: pl.DataFrame) -> tuple[Step, ...]:
    """Return the columns with email.no_server where the domain refuses mail, email.not_asked where nothing is known.

    `states` has domain and state (see `io.mail_servers.checked`).
    """
    refusing, open_ = (states.filter(pl.col("state") == state)["domain"].implode() for state in ("refuses", "unknown"))
    lacking = _DOMAIN.is_in(refusing) & pl.col("clean").is_not_null()
    lacking = lacking & ~pl.col("code").is_in(_GRAVER).fill_null(value=False)
    says = pl.when(lacking)
    not_asked = pl.when(_DOMAIN.is_in(open_) & pl.col("clean").is_not_null()).then(pl.lit("email.not_asked"))
    marks = {
        "code": says.then(pl.lit("email.no_server")).otherwise(pl.coalesce("code", not_asked)),
        "suggestion": says.then(pl.lit(None, pl.String)).otherwise("suggestion"),
        "status": says.then(pl.lit("invalid")).otherwise("status"),
    }
    return tuple(
        replace(step, values=step.values.with_columns(**marks)) if "canonical" in step.values else step
        for step in steps
    )
