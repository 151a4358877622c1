"""The registry: every kind has a module that is loaded when it is wanted, and no other."""

import pkgutil
import subprocess
import sys
from importlib import import_module

import polars as pl
import pytest

from crmtool.core import normalizers
from crmtool.core.normalizers import registry

ASKED = """
import sys
import polars as pl
from crmtool.core.normalizers import registry
registry.normalized("text", pl.Series(["a"]), registry.Settings())
print(*(name for name in sys.modules if name.startswith("crmtool.core.normalizers.")))
"""


def test_every_kind_that_a_module_registers_is_listed():
    for module in pkgutil.iter_modules(normalizers.__path__):
        import_module(f"crmtool.core.normalizers.{module.name}")
    assert sorted(registry._REGISTRY) == registry.kinds()


def test_a_kind_without_a_normalizer_is_an_error():
    with pytest.raises(KeyError):
        registry.normalized("colour", pl.Series(["red"]), registry.Settings())


def test_what_is_not_wanted_is_not_loaded():
    done = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True)
    assert "crmtool.core.normalizers.text" in done.stdout
    assert "crmtool.core.normalizers.phone" not in done.stdout
