"""The base that filters are tried on."""

import pytest
from bases import filled


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """Return a connection to the base."""
    return filled(tmp_path_factory.mktemp("segments") / "crm.db")
