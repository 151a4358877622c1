"""Mail servers: states, canaries, what is kept. Nothing here asks the network."""

import datetime as dt
import json

import polars as pl
import pytest
from dns import exception, resolver

from crmtool.io import mail_servers
from crmtool.io.mail_servers import ACCEPTS, CANARIES, NOBODY, REFUSES, UNKNOWN, checked

TODAY = dt.date(2026, 11, 21)

BROKEN = ("", "[]", "{", '{"a.ru": 1}', '{"a.ru": ["accepts", "x"]}', '{"a.ru": ["?", "2026-11-21"]}')


class Net:
    """A DNS that knows some names; `said` lists what it was asked."""

    def __init__(self, **known):
        self.known = {name.replace("_", "."): state for name, state in known.items()}
        self.said = []

    def __call__(self, domain):
        self.said.append(domain)
        usual = ACCEPTS if domain in CANARIES else REFUSES
        return self.known.get(domain, usual)


def states(domains, net, cache=None, today=TODAY):
    return dict(checked(domains, cache, today, net).iter_rows())


def test_domains_accept_or_refuse():
    assert states(["b.ru", "a.ru", "a.ru"], Net(a_ru=ACCEPTS)) == {"a.ru": ACCEPTS, "b.ru": REFUSES}


def test_without_a_network_all_is_unknown():
    assert states(["a.ru"], lambda _: REFUSES) == {"a.ru": UNKNOWN}
    assert states(["a.ru"], lambda _: UNKNOWN) == {"a.ru": UNKNOWN}


def test_a_network_that_answers_everything_is_not_believed():
    assert states(["a.ru"], lambda _: ACCEPTS) == {"a.ru": UNKNOWN}


def test_answers_are_kept_for_a_while(tmp_path):
    cache = tmp_path / "mail_servers.json"
    first = Net(a_ru=ACCEPTS, slow_ru=UNKNOWN)
    states(["a.ru", "b.ru", "slow.ru"], first, cache)
    assert cache.stat().st_mode & 0o777 == 0o600
    again = Net()
    assert states(["a.ru", "b.ru"], again, cache)["a.ru"] == ACCEPTS
    assert again.said == []
    later = Net(slow_ru=ACCEPTS)
    assert states(["a.ru", "b.ru", "slow.ru"], later, cache, TODAY + dt.timedelta(days=10))["slow.ru"] == ACCEPTS
    assert sorted(later.said) == sorted([NOBODY, *CANARIES, "b.ru", "slow.ru"])


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_holds_nothing(tmp_path, text):
    cache = tmp_path / "mail_servers.json"
    cache.write_text(text)
    assert states(["a.ru"], Net(), cache) == {"a.ru": REFUSES}
    assert json.loads(cache.read_text())["a.ru"][0] == REFUSES


class Server:
    def __init__(self, exchange):
        self.exchange = exchange


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ({"MX": [Server("mx.a.ru.")]}, ACCEPTS),
        ({"MX": [Server(".")]}, REFUSES),
        ({"MX": resolver.NXDOMAIN()}, REFUSES),
        ({"MX": resolver.NoAnswer, "A": ["1.2.3.4"]}, ACCEPTS),
        ({"MX": resolver.NoAnswer, "A": resolver.NoAnswer, "AAAA": ["::1"]}, ACCEPTS),
        ({"MX": resolver.NoAnswer, "A": resolver.NoAnswer, "AAAA": resolver.NoAnswer}, REFUSES),
        ({"MX": resolver.NoAnswer, "A": exception.Timeout()}, UNKNOWN),
        ({"MX": exception.Timeout()}, UNKNOWN),
        ({"MX": OSError()}, UNKNOWN),
    ],
)
def test_what_records_mean(monkeypatch, answers, state):
    class Fake:
        def resolve(self, _, record):
            said = answers[record]
            if said is resolver.NoAnswer:
                raise resolver.NoAnswer(response=_Response())
            if isinstance(said, Exception):
                raise said
            return said

    monkeypatch.setattr(resolver, "Resolver", Fake)
    assert mail_servers.asked("a.ru") == state


class _Response:
    question = "a.ru"


def test_a_run_asks_about_a_domain_once_answered_or_not():
    net = Net(slow_ru=UNKNOWN)
    answers = mail_servers.asking(None, TODAY, net)
    for _ in range(2):
        told = answers(pl.Series("domain", ["a.ru", "slow.ru"]))
        assert dict(told.iter_rows()) == {"a.ru": REFUSES, "slow.ru": UNKNOWN}
    assert net.said.count("slow.ru") == 1
    assert answers(pl.Series("domain", [], dtype=pl.String)).schema == mail_servers.SCHEMA
