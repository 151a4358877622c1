"""Whether domains take mail, as the DNS tells: only when a person asks for it, and never by asking a mail server.

"Unknown" is never "refuses". Some large providers are asked first, and a name that nobody can have: where those do not
answer as they must (no network, a network that answers everything itself), all is unknown. Answers are kept for a while
in a small file, so that the same list asks once. To change for how long: `_KEPT`.
"""

from __future__ import annotations

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.io.writers import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

ACCEPTS, REFUSES, UNKNOWN = "accepts", "refuses", "unknown"
SCHEMA: dict[str, pl.DataType] = {"domain": pl.String(), "state": pl.String()}

#: Domains that take mail as long as there is an Internet, and one that never will (RFC 6761).
CANARIES = ("gmail.com", "outlook.com", "mail.ru", "ukr.net")
NOBODY = "no-mail-here.invalid"

_KEPT = {ACCEPTS: 30, REFUSES: 3}  # days; what does not answer is asked again
_SECONDS = 5.0  # for one domain
_AT_ONCE = 16


def checked(
    domains: Iterable[str], cache: Path | None, today: dt.date, ask: Callable[[str], str] | None = None
) -> pl.DataFrame:
    """Return what is known of domains in ASCII: domain, state ("accepts", "refuses" or "unknown"), by domain.

    `cache` is the file of earlier answers, made where it is not there; None: nothing is kept. `ask` is what asks the
    DNS about one domain (`asked`). Raises NotWritable where the file cannot be written.
    """
    wanted = sorted(set(domains))
    known = _remembered(cache, today)
    found = _answers([domain for domain in wanted if domain not in known], ask or asked)
    if cache and found.keys() - {domain for domain, state in found.items() if state == UNKNOWN}:
        _kept(cache, known, found, today)
    states = [known[domain][0] if domain in known else found[domain] for domain in wanted]
    return pl.DataFrame({"domain": wanted, "state": states}, schema=SCHEMA)


def asking(
    cache: Path | None, today: dt.date, ask: Callable[[str], str] | None = None
) -> Callable[[pl.Series], pl.DataFrame]:
    """Return `checked` for a run over many parts: a domain is asked about once in it, answered or not."""
    said: dict[str, str] = {}

    def answers(domains: pl.Series) -> pl.DataFrame:
        said.update(checked((domain for domain in domains if domain not in said), cache, today, ask).iter_rows())
        return pl.DataFrame({"domain": domains, "state": [said[domain] for domain in domains]}, schema=SCHEMA)

    return answers


def asked(domain: str) -> str:
    """Return whether a domain takes mail, by its MX records, else by its address (RFC 5321, RFC 7505)."""
    from dns import exception, resolver

    try:
        asking = resolver.Resolver()
        asking.lifetime = _SECONDS
        servers = asking.resolve(domain, "MX")
        return ACCEPTS if any(str(server.exchange) != "." for server in servers) else REFUSES
    except resolver.NXDOMAIN:
        return REFUSES
    except resolver.NoAnswer:
        return _by_address(asking, domain)
    except (exception.DNSException, OSError, ValueError):
        return UNKNOWN


def _by_address(asking: Any, domain: str) -> str:  # noqa: ANN401  # a Resolver, imported where it is made
    """Return whether a domain without MX records has an address to deliver to."""
    from dns import exception, resolver

    for record in ("A", "AAAA"):
        try:
            asking.resolve(domain, record)
        except resolver.NoAnswer:
            continue
        except resolver.NXDOMAIN:
            return REFUSES
        except (exception.DNSException, OSError, ValueError):
            return UNKNOWN
        return ACCEPTS
    return REFUSES


def _answers(domains: list[str], ask: Callable[[str], str]) -> dict[str, str]:
    """Return the state of each domain; all unknown where the network cannot be trusted to tell."""
    if not domains:
        return {}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        trusted = list(pool.map(ask, (NOBODY, *CANARIES)))
        if trusted[0] == ACCEPTS or ACCEPTS not in trusted[1:]:
            return dict.fromkeys(domains, UNKNOWN)
        return dict(zip(domains, pool.map(ask, domains), strict=True))


def _remembered(cache: Path | None, today: dt.date) -> dict[str, tuple[str, str]]:
    """Return the answers that still hold: domain -> state and day. A file that cannot be read holds none."""
    try:
        said = json.loads(cache.read_text("utf-8")) if cache else {}
        return {str(domain): (state, day) for domain, (state, day) in said.items() if _holds(state, day, today)}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _holds(state: str, day: str, today: dt.date) -> bool:
    age = (today - dt.date.fromisoformat(day)).days
    return 0 <= age <= _KEPT.get(state, -1)


def _kept(cache: Path, known: Mapping[str, tuple[str, str]], found: Mapping[str, str], today: dt.date) -> None:
    """Write the answers that hold to the file."""
    fresh = {domain: (state, today.isoformat()) for domain, state in found.items() if state != UNKNOWN}
    with files.atomic(cache, force=True) as temporary:
        temporary.write_text(json.dumps({**known, **fresh}, indent=0, sort_keys=True), encoding="utf-8")
