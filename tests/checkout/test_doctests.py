"""The examples in the docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

import checkout

MODULES = [f"checkout.{module.name}" for module in pkgutil.iter_modules(checkout.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold_when_a_module_is_read(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_window_shows_what_it_promises_when_imported() -> None:
    assert sorted(set(checkout.__all__)) == sorted(checkout.__all__)
    assert all(hasattr(checkout, name) for name in checkout.__all__)
