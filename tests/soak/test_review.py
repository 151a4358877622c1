"""A steward who never tires: five hundred decisions among a hundred thousand contacts, by the keys of the screen.

What a decision took is printed, for docs/benchmarks.md; a test that asked for it would fail on a busy machine.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from random import Random

import pytest

from bench import doubles
from crmtool.cli import main
from crmtool.cli.review import desk, weights
from crmtool.cli.review.app import Review
from crmtool.cli.session import Options, Session
from crmtool.io import workspace as workspaces

CONTACTS, DECISIONS = 100_000, 500

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    folder = tmp_path_factory.mktemp("review")
    workspace = workspaces.created(folder / "crm")
    doubles.write(folder / "people.csv", CONTACTS, 3)
    words = ["import", str(folder / "people.csv"), "--yes", "--quiet", "--source", "lists"]
    assert main._code([*words, "--workspace", str(workspace.root)]) in {0, 3}
    return Session(Options(workspace=workspace.root))


def test_each_of_five_hundred_decisions_is_kept(session, monkeypatch, capsys):
    monkeypatch.setattr(weights, "MOST", 0)  # learned once for a sitting, beside it
    assert session.rules
    began = time.process_time()
    sitting = desk.seated(session)
    opened = time.process_time() - began
    keys, took = Random(7).choices("yns", (5, 4, 1), k=DECISIONS), []

    async def run():
        app = Review(session, sitting)
        async with app.run_test(size=(80, 24)) as pilot:
            for key in keys:
                began = time.process_time()
                await pilot.press(key)
                await pilot.pause()
                took.append(time.process_time() - began)
        return app.view.sitting

    ended = asyncio.run(run())
    with capsys.disabled():
        print(  # noqa: T201  # the measure
            f"\n{len(sitting.waiting)} pairs opened in {opened:.2f} s; a decision and the next pair: "
            f"median {statistics.median(took) * 1000:.1f} ms, 95 % under {sorted(took)[-25] * 1000:.1f} ms"
        )
    assert len(sitting.waiting) > 10_000
    assert len(ended.steps) == DECISIONS
    assert session.store.verify() == []
