"""The walks that tests of the command line look at."""

from __future__ import annotations

import shutil

import pytest
from commands import HOMES, started, walked


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """A place with a base to start from; not to be changed."""
    place = tmp_path_factory.mktemp("base")
    started(place)
    return place


def _taken(tmp_path_factory, request, *flags):
    """Return the name of each step -> what came of it, and the name of each walk -> its place; lazily, walk by walk."""
    results, places = {}, {}

    def of(step):
        if step not in results:
            walk = HOMES[step]
            place = places[walk] = tmp_path_factory.mktemp(walk)
            if walk != "first":
                shutil.copytree(request.getfixturevalue("base"), place, dirs_exist_ok=True)
            results.update(walked(walk, place, *flags))
        return results[step]

    return of, places


@pytest.fixture(scope="session")
def walk_and_places(tmp_path_factory, request):
    """What a person sees; name of the walk -> the folder it was taken in comes with it."""
    return _taken(tmp_path_factory, request)


@pytest.fixture(scope="session")
def walk(walk_and_places):
    """What a person sees: called with the name of a step, gives (exit code, output, remarks)."""
    return walk_and_places[0]


@pytest.fixture(scope="session")
def json_walk(tmp_path_factory, request):
    """What a program sees."""
    return _taken(tmp_path_factory, request, "--json")[0]


@pytest.fixture(scope="session")
def quiet_walk(tmp_path_factory, request):
    """What cron sees."""
    return _taken(tmp_path_factory, request, "--quiet")[0]
