"""The walks that tests of the command line look at."""

from __future__ import annotations

import pytest
from commands import walked


@pytest.fixture(scope="session")
def walk(tmp_path_factory):
    """The walk as a person sees it."""
    return walked(tmp_path_factory.mktemp("walk"))


@pytest.fixture(scope="session")
def json_walk(tmp_path_factory):
    """The walk of a program."""
    return walked(tmp_path_factory.mktemp("json"), "--json")


@pytest.fixture(scope="session")
def quiet_walk(tmp_path_factory):
    """The walk of cron; the folder it was taken in comes with it."""
    place = tmp_path_factory.mktemp("quiet")
    return place, walked(place, "--quiet")
