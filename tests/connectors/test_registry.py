from __future__ import annotations

import subprocess
import sys

import pytest

from connectors import registry
from connectors.scim.v2 import Scim2Connector


def test_ours_are_known_and_loaded_on_first_use() -> None:
    assert "scim2" in list(registry.keys())
    assert registry.load("scim2") is Scim2Connector


def test_an_unknown_key_is_answered_with_the_known_ones() -> None:
    with pytest.raises(registry.UnknownConnector, match=r"'acme'.*scim2"):
        registry.load("acme")


@pytest.mark.parametrize(
    "path", ["tests.nowhere:Connector", "connectors.scim.v2:Nothing", "json:dumps"]
)
def test_a_broken_connector_breaks_only_itself(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry.BUILT_IN, "broken", path)

    with pytest.raises(registry.BrokenConnector, match="broken"):
        registry.load("broken")
    assert "broken" in list(registry.keys())
    assert registry.load("scim2") is Scim2Connector


def test_connectors_need_no_django() -> None:
    script = (
        "import sys; from connectors import registry; "
        "[registry.load(key) for key in registry.BUILT_IN]; "
        "assert not [m for m in sys.modules if m.partition('.')[0] in ('django', 'celery')]"
    )

    subprocess.run([sys.executable, "-c", script], check=True)


def test_listing_the_keys_imports_no_connector() -> None:
    script = (
        "import sys; from connectors import registry; registry.keys(); "
        "assert 'connectors.scim.v2' not in sys.modules and 'requests' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", script], check=True)
