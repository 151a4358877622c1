"""Workspaces in which something happened to somebody, for the tests of what a person may ask for."""

from pathlib import Path

import pytest
from commands import ran


def settled(patch, place):
    """Work in a folder with its workspace `crm`, at a fixed moment, as a fixed person."""
    patch.chdir(place)
    patch.setenv("CRMTOOL_NOW", "2026-11-21T09:00:00+00:00")
    patch.setenv("TZ", "UTC")
    patch.setenv("LOGNAME", "olha")
    patch.setenv("CRMTOOL_WORKSPACE", str(place / "crm"))


def lived(place, files, steps):
    """Make a workspace in a folder, beside some files (name -> text), and take steps there, a line each."""
    with pytest.MonkeyPatch.context() as patch:
        settled(patch, place)
        for name, text in files.items():
            Path(name).write_text(text, "utf-8")
        assert ran("init", "crm")[0] == 0
        for step in steps.splitlines():
            code, out, err = ran(*step.split(), "--yes")
            assert code in {0, 3}, (step, out, err)
    return place
