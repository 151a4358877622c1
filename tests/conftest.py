"""What the tests of whole walks share: a fresh workspace, and the command line in this process.

To add a fixture: only when several folders of tests need it; what one folder needs stands in that folder.
"""

import gc
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from crmtool.io import workspace as workspaces

# The gate asks the same of everybody, however busy the machine; `make soak` looks for examples that nobody has seen.
settings.register_profile("gate", derandomize=True, deadline=None, max_examples=25)
settings.register_profile("search", deadline=None, print_blob=True, max_examples=200)
settings.load_profile("gate")


_MEMORY = Path("/dev/shm")  # a disk in memory, where Linux has one
_LONG = ("tests/test_readme", "tests/soak", "tests/cli/test_screens")
_ROOM = 4 << 30  # bytes: several times of what the gate ever keeps at once


def pytest_configure() -> None:
    """Work in memory where there is room: each commit waits for the disk, and the gate has thousands of them."""
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


class _Together(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Which tests stay on one worker: those of a module, or of a walk (`[walk:step]`); pages of the guide go alone.

    The groups that xdist has for this (`xdist_group`) are lost with pytest 9.2, which names tests in another way.
    """

    def _split_scope(self, nodeid: str) -> str:
        walk = re.search(r"\[(\w+):", nodeid) if nodeid.startswith("tests/cli/") else None
        if walk:
            return walk[1]
        return nodeid if nodeid.startswith("tests/test_readme") else nodeid.partition("::")[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with what takes long and cannot be shared out, so that both workers end together."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONG))


def pytest_collection_finish() -> None:
    """Keep eight thousand tests out of what Python looks through for garbage, again and again."""
    gc.freeze()


def pytest_xdist_make_scheduler(config: Any, log: Any) -> LoadScopeScheduling:
    """Give xdist the way to share tests out, in the order they stand in."""
    config.option.loadscopereorder = False
    return _Together(config, log)


@dataclass(frozen=True)
class Ran:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document on standard output."""
        return json.loads(self.out)


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, workspaces.Workspace, Callable[[], object]], None]:
    """Bring a workspace to where several tests start: by doing it the first time, then by a copy of what came of it.

    Called with a name of its own for what is done, the workspace and what to do there.
    """
    homes: dict[str, Path] = {}

    def brought(name: str, workspace: workspaces.Workspace, build: Callable[[], object]) -> None:
        if name not in homes:
            build()
            shutil.copytree(workspace.root, homes.setdefault(name, tmp_path_factory.mktemp("kept") / "crm"))
        else:
            shutil.rmtree(workspace.root, ignore_errors=True)
            shutil.copytree(homes[name], workspace.root)

    return brought


@pytest.fixture
def workspace(tmp_path: Path, kept: Callable[..., None]) -> workspaces.Workspace:
    """A fresh workspace."""
    fresh = workspaces.Workspace(tmp_path / "workspace")
    kept("fresh", fresh, lambda: workspaces.created(fresh.root))
    return fresh


@pytest.fixture
def crm(
    workspace: workspaces.Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """Run the command line in this process: `crm("import", "people.csv", "--yes")`; it works in `workspace`."""
    from crmtool.cli import main

    monkeypatch.setenv(workspaces.VARIABLE, str(workspace.root))

    def run(*arguments: object) -> Ran:
        capsys.readouterr()
        code = main._code([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run
