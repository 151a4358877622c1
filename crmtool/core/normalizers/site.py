"""Web sites: one look for an address of the web; pages of people in social networks by the network.

Scheme and host are in lower case, `www.` and a lone slash go; a path, its case and what follows it stay as they are. To
add a network: `NETWORKS`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core.normalizers import email_domains
from crmtool.core.normalizers.cells import answered, prepared
from crmtool.core.normalizers.registry import normalizer

if TYPE_CHECKING:
    from crmtool.core.normalizers.registry import Settings

EXTRA: dict[str, pl.DataType] = {
    "status": pl.String(),
    "domain": pl.String(),
    "network": pl.String(),
    "account": pl.String(),
}


class Network(NamedTuple):
    """A social network: the host its pages have in their one look, its other hosts, and what an account is."""

    host: str
    others: tuple[str, ...]
    account: str  # pattern of a path, the account in its group


_NAME = r"([\w.-]+)"
NETWORKS: dict[str, Network] = {
    "linkedin": Network("linkedin.com", (), r"^/((?:in|company|school|pub)/[^/?#]+)"),
    "vk": Network("vk.com", ("vk.ru", "vkontakte.ru", "m.vk.com"), rf"^/{_NAME}/?$"),
    "facebook": Network(
        "facebook.com", ("fb.com", "m.facebook.com", "fb.me"), r"^/(profile\.php\?id=\d+|(?!profile\.php)[\w.-]+)/?$"
    ),
    "instagram": Network("instagram.com", ("instagr.am",), rf"^/@?{_NAME}/?$"),
    "ok": Network("ok.ru", ("odnoklassniki.ru", "m.ok.ru"), r"^/((?:profile|group)/\d+|[\w.-]+)/?$"),
    "twitter": Network("x.com", ("twitter.com", "mobile.twitter.com"), r"^/@?(\w{1,15})/?$"),
    "youtube": Network("youtube.com", ("m.youtube.com",), r"^/(@[\w.-]+|(?:c|channel|user)/[^/?#]+)"),
    "telegram": Network("t.me", ("telegram.me", "telegram.dog"), r"^/(?:s/)?(\w{4,32})/?$"),
    "tiktok": Network("tiktok.com", (), r"^/(@[\w.]+)"),
}
_HOSTS = {host: name for name, network in NETWORKS.items() for host in (network.host, *network.others)}
#: Networks in which an account has no capitals.
_FOLDED = frozenset({"vk", "instagram", "twitter", "linkedin", "facebook", "ok", "tiktok"})

_LONGEST = 2_000  # characters of an address that browsers take
_URL = re.compile(r"^(?:([a-z]+):(?=/))?/{0,3}([^/@?#:\s]+)(:\d{1,5})?([/?#]\S*)?$", re.IGNORECASE)
_WWW = re.compile(r"^(?:www\.)+(?=[^.]+\.)")
_SLIPS = re.compile(r"^(?:(https?)(?:;//?|:/(?!/)|://:?|:\\\\|//)|(?:http|htp|htttp|ttp|hhtp)(s?)://)", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,;|]+")
_COUNTRY_HOST = re.compile(r"^(?:[a-z]{2}|www|web)\.(?=(?:linkedin|facebook|instagram)\.)")


class Read(NamedTuple):
    """A site as read; `clean` is None where it is none."""

    clean: str | None
    domain: str | None = None
    network: str | None = None
    account: str | None = None


@normalizer("site")
def site(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return addresses of the web in their one look, one row per address of a cell.

    `https://` and `http://` stay where they are written, a bare domain stays bare. Adds `status` ("valid", "possible":
    of an ending nobody knows, "invalid", "unknown"), `domain` (as people read it), `network` and `account` of a page
    in a social network. Code: site.invalid (null in `clean`).

    >>> from crmtool.core.normalizers.registry import Settings
    >>> site(pl.Series(["HTTP://WWW.Firma.RU/", "vk.com/Ivan"]), Settings())["clean"].to_list()
    ['http://firma.ru', 'https://vk.com/ivan']
    """
    cells = prepared(values, settings)
    texts = cells["text"].drop_nulls().unique()
    rows = [(text, n, *read) for text in texts for n, read in enumerate(_sites(text))]
    schema = {"text": pl.String, "seq": pl.Int64, **dict.fromkeys(Read._fields, pl.String)}
    found = pl.DataFrame(rows, schema=schema, orient="row")
    joined = cells.join(found, on="text", how="left", maintain_order="left").with_columns(pl.col("seq").fill_null(0))
    lost = pl.col("clean").is_null() & pl.col("text").is_not_null()
    known = pl.col("domain").str.extract(r"([^.]+)$").is_in([*email_domains.endings(), *_OWN_LETTERS])
    told = joined.with_columns(
        code=pl.when(lost).then(pl.lit("site.invalid")).otherwise("code"),
        rule=pl.when(pl.col("clean") != pl.col("value")).then(pl.lit("site.format")),
        status=pl.when(pl.col("text").is_null())
        .then(pl.lit("unknown"))
        .when(lost)
        .then(pl.lit("invalid"))
        .when(known | pl.col("domain").str.contains("[^\u0000-\u007f][^.]*$"))
        .then(pl.lit("valid"))
        .otherwise(pl.lit("possible")),
    )
    return answered(told, EXTRA)


_OWN_LETTERS = ("рф", "укр", "бел", "рус")


def _sites(text: str) -> tuple[Read, ...]:
    """Return the sites of a cell, each once; words beside them are left out."""
    if len(text) > _LONGEST:
        return (Read(None),)
    found = [read(word) for word in _BETWEEN.split(text) if word]
    sites = {each.clean: each for each in reversed(found) if each.clean}
    ordered = [each for each in dict.fromkeys(each.clean for each in found) if each]
    return tuple(sites[clean] for clean in ordered) or (Read(None),)


def read(text: str) -> Read:
    """Return what one address of the web is.

    >>> read("https:/ru.linkedin.com/in/Anna-K/?trk=x").clean, read("кафе.рф").clean, read("firma").clean
    ('https://linkedin.com/in/anna-k', 'кафе.рф', None)
    """
    mended = _SLIPS.sub(
        lambda match: f"{'https' if 's' in match[0][:6].lower() else 'http'}://", text.strip("<>()\"'«»")
    )
    match = _URL.match(mended)
    scheme = (match[1] or "").lower() if match else ""
    if not match or (scheme not in {"", "http", "https"}):
        return Read(None)
    host = _host(match[2])
    if host is None:
        return Read(None)
    path = match[4] or ""
    if name := _HOSTS.get(host):
        return _page(name, host, path)
    rest = "" if path == "/" else path
    return Read(f"{scheme}://{host}{match[3] or ''}{rest}" if scheme else f"{host}{match[3] or ''}{rest}", host)


def _scheme(slip: re.Match[str]) -> str:
    """Return the scheme that was meant."""
    return "https://" if "s" in slip[0].lower() else "http://"


def _host(written: str) -> str | None:
    """Return a host in lower case, as people read it, without `www.`; None where it is none."""
    host = email_domains.ascii_of(_WWW.sub("", written.lower().strip(".")))
    return email_domains.readable(_COUNTRY_HOST.sub("", host)) if host else None


def _page(name: str, host: str, path: str) -> Read:
    """Return a page of a network: that of an account in one look, any other as it stands."""
    network = NETWORKS[name]
    account = re.match(network.account, path)
    if account is None:
        return Read(f"https://{host}{'' if path == '/' else path}", host, name)
    own = account[1].lower() if name in _FOLDED else account[1]
    return Read(f"https://{network.host}/{own}", network.host, name, own.rpartition("/")[2])
