"""The screen, by a pilot at 80x24: its main states beside golden files, its keys, hostile values, and its end."""

from __future__ import annotations

import asyncio
import os
import unicodedata
from pathlib import Path

import polars as pl
import pytest
from rich.cells import cell_len

from crmtool.cli.review import desk, weights
from crmtool.cli.review.app import Review
from crmtool.core import plans
from crmtool.io.store import Stamp

GOLDEN = Path(__file__).parent / "golden"
SIZE = (80, 24)

#: A state of the screen -> the keys that lead to it.
STATES = {
    "pair": (),
    "chosen": ("down", "left"),
    "typed": ("down", "down", "e", *("backspace",) * 6, *"Тверь", "enter"),
    "kept": ("down", "left", "down", "e", *("backspace",) * 6, *"Тверь", "enter", "y", "u"),
    "decided": ("y",),
    "different": ("n",),
    "verifying": ("v",),
    "verified": ("v", "enter"),
    "undone": ("y", "u"),
    "skipped": ("s",),
    "members": ("s", "s", "m"),
    "unmarked": ("s", "s", "m", "right", "space"),
    "split": ("s", "s", "m", "right", "space", "t"),
    "help": ("question_mark",),
    "filter": ("slash", *"owner"),
    "filtered": ("slash", *"Ким", "enter"),
    "nothing": ("slash", *"nobody", "enter"),
    "end": ("y", "n", "y", "y"),
}


@pytest.fixture
def unlearned(monkeypatch):
    """Learn nothing: what comes from a thread would come at any moment."""
    monkeypatch.setattr(weights, "MOST", 0)


def screen_of(app):
    """Return what the screen shows, line by line."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


def seen(session, *keys, size=SIZE):
    """Press keys one after another; return what the screen shows then, and the screen's program."""

    async def run():
        app = Review(session, desk.seated(session))
        async with app.run_test(size=size) as pilot:
            await pilot.press(*keys)
            await pilot.pause()
            return screen_of(app), app

    return asyncio.run(run())


@pytest.mark.usefixtures("unlearned")
@pytest.mark.parametrize("name", STATES)
def test_a_state_is_as_it_was(steward, name):
    lines, _ = seen(steward(), *STATES[name])
    assert len(lines) == SIZE[1]
    assert max(cell_len(line) for line in lines) <= SIZE[0]
    text = "\n".join(lines) + "\n"
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


# -- keys -------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("unlearned")
@pytest.mark.parametrize("keys", ["ytsug", "нтыгu", "нтіuг", "YTSUG"])
def test_the_keys_do_the_same_on_cyrillic_layouts(steward, keys):
    session = steward()
    _, app = seen(session, *keys.replace("t", "n").replace("T", "N").replace("g", "u").replace("G", "U"))
    assert [step.said for step in app.view.sitting.steps] == ["same"]
    commands = session.store.changesets()["command"].to_list()[1:]
    assert commands == ["duplicates merge 1 2", "duplicates different 3 4", "undo 3"]


@pytest.mark.usefixtures("unlearned")
@pytest.mark.parametrize(
    ("key", "typed", "outcome", "method"),
    [
        ("v", None, "confirmed", "call"),
        ("м", "2 не отвечает", None, None),
        ("м", "2 недоступен звонок вечером", "unreachable", "звонок вечером"),
        ("v", "3 wrong", None, None),
        ("v", "", None, None),
    ],
)
def test_a_value_is_verified_and_the_pair_goes_on_waiting(steward, content, key, typed, outcome, method):
    session, before = steward(), content()
    line = () if typed is None else ("ctrl+u", *("space" if sign == " " else sign for sign in typed))
    lines, app = seen(session, key, *line, "enter", size=(120, 30))
    assert [step.said for step in app.view.sitting.steps] == ([outcome] if outcome else [])
    assert app.view.sitting.pair[:2] == (1, 2)
    kept = session.store.snapshot("verification")
    whose = 1 if typed is None else 2
    found = [(whose, "phone", "+79160000201", outcome, "olha", method)] if outcome else []
    assert kept.select("contact_id", "field", "value", "outcome", "by", "method").rows() == found
    assert outcome or "says nothing of 1 or 2" in "".join(lines) or "does not" in "".join(lines)
    seen(session, "y")  # it is decided as before
    assert session.store.changesets()["command"].to_list()[-1] == "duplicates merge 1 2"
    assert content() != before


@pytest.mark.usefixtures("unlearned")
def test_a_verification_is_taken_back_like_a_decision(steward):
    session = steward()
    _, app = seen(session, "v", "enter", "v", "enter", "u")
    assert app.view.sitting.steps == ()
    assert session.store.snapshot("verification").is_empty()
    assert app.view.sitting.pair[:2] == (1, 2)


@pytest.mark.usefixtures("unlearned")
def test_a_key_typed_into_a_filter_is_a_letter(steward):
    session = steward()
    seen(session, "slash", "y", "n", "u", "escape")
    assert len(session.store.changesets()) == 1


@pytest.mark.usefixtures("unlearned")
@pytest.mark.parametrize("size", [(60, 20), (80, 24), (140, 40), (30, 8)])
def test_any_size_of_terminal_is_filled_and_not_overrun(steward, size):
    lines, _ = seen(steward(), "down", "m", "right", size=size)
    assert len(lines) == size[1]
    assert all(cell_len(line) <= size[0] for line in lines)


def test_the_bars_come_when_the_weights_are_learned(steward):
    async def run():
        session = steward()
        app = Review(session, desk.seated(session))
        async with app.run_test(size=(80, 40)) as pilot:
            for _ in range(200):
                await pilot.pause(0.05)
                if app.view.why:
                    break
            return "\n".join(screen_of(app))

    text = asyncio.run(run())
    assert "before      anything is compared" in text
    assert "---" in text


@pytest.mark.usefixtures("unlearned")
def test_another_steward_s_decision_is_told_where_the_remarks_are(steward):
    olha, taras = steward("olha"), steward("taras")
    begun = desk.seated(taras)
    _, case, _ = desk.faced(taras, begun)

    async def run():
        app = Review(olha, desk.seated(olha))
        async with app.run_test(size=SIZE) as pilot:
            desk.stepped(taras, begun, case, "different", 1.0)
            await pilot.press("y")
            await pilot.pause()
            return screen_of(app)

    assert "1 and 2: taras said that they are different" in "\n".join(asyncio.run(run()))
    assert olha.store.changesets()["actor"].to_list()[1:] == ["taras"]


@pytest.mark.usefixtures("unlearned")
def test_while_another_run_writes_nothing_is_decided_and_that_is_told(steward, monkeypatch):
    monkeypatch.setattr("crmtool.cli.session._PATIENCE", 0.0)
    session = steward()
    with session.workspace.lock("import huge.csv"):
        lines, app = seen(session, "y")
    assert "Another run is writing: import huge.csv" in lines[-2]
    assert app.view.sitting.steps == ()


# -- hostile values ---------------------------------------------------------------------------------------------------

HOSTILE = {
    "markup": "[/] [bold]x[/bold] [@click=app.quit]y[/] :warning:",
    "codes": "\x1b[2J\x1b]0;owned\x07\x9b31m",
    "direction": "\u202egnp.exe\u2066\u200b\ufeff",
    "rtl": "שלום עולם مرحبا",
    "long": "Ы" * 5_000,
    "emoji": "👩🏽‍⚕️🏳️‍🌈 漢字",
    "lines": "first\nsecond\r\x85third\u2028fourth",
}


@pytest.fixture
def hostile(steward):
    """A session over contacts whose every value tries something; imports would have cleaned some of them."""
    session = steward()
    before = session.store.snapshot("contact")
    values = [*HOSTILE.values()][: before.height]
    after = before.with_columns(
        pl.Series(name, [f"{value} {name}" for value in values]) for name in ("name", "city", "company", "given_name")
    )
    plan = plans.Plan(
        "hostile", session.store.revision(), "", {"contact": plans.edit("contact", updated=(before, after))}
    )
    session.store.apply(plan, Stamp("x", "2026-11-21T09:30:00+00:00"))
    return session


@pytest.mark.usefixtures("unlearned")
def test_a_hostile_queue_is_shown_literally(hostile):
    async def run():
        app = Review(hostile, desk.seated(hostile))
        async with app.run_test(size=(120, 30)) as pilot:
            whole = []
            for key in ("up", "s", "s", "s", "s", "m", "right"):
                await pilot.press(key)
                await pilot.pause()
                whole += screen_of(app)
            return whole

    whole = asyncio.run(run())
    assert all(cell_len(line) <= 120 for line in whole)
    assert {c for line in whole for c in line if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"}} == set()
    squeezed = "".join("".join(whole).split())
    for literal in ("[/][bold]x[/bold]", "[@click=app.quit]", r"\x1b[2J\x1b]0;owned", r"\u202egnp.exe", "ЫЫЫЫ", "漢字"):
        assert literal in squeezed, literal
    assert "signs" in squeezed, "what was cut says so"


# -- the end ----------------------------------------------------------------------------------------------------------


def test_a_bug_ends_the_screen_without_showing_anybody_s_data(steward, monkeypatch, capfd):
    def broken(*_args, **_given):
        raise RuntimeError("the number of Анна Ким")

    monkeypatch.setattr(weights, "MOST", 0)
    session = steward()
    app = Review(session, desk.seated(session))
    run = app.run

    async def pressing(pilot):
        await pilot.press("y")
        monkeypatch.setattr(desk, "stepped", broken)
        await pilot.press("y")

    monkeypatch.setattr(app, "run", lambda **_: run(headless=True, size=SIZE, auto_pilot=pressing))
    with pytest.raises(RuntimeError):
        app.reviewed()
    out, err = capfd.readouterr()
    assert "Ким" not in out + err
    assert [step.changeset for step in app.view.sitting.steps] == [2], "what was decided before is known"
