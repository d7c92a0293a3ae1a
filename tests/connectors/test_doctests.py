from __future__ import annotations

import doctest
from importlib import import_module

import pytest


@pytest.mark.parametrize(
    "name",
    [
        "connectors.addresses",
        "connectors.new_package",
        "connectors.patterns",
        "connectors.retry_after",
        "connectors.scim.diff",
        "connectors.scim.filters",
        "connectors.scim.partial",
        "connectors.spml.dsml",
        "connectors.spml.pso",
    ],
)
def test_examples_in_docstrings_hold(name: str) -> None:
    result = doctest.testmod(import_module(name))

    assert result.attempted > 0
    assert result.failed == 0
