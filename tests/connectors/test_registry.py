from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from connectors import registry
from connectors.scim.v1 import Scim1Connector
from connectors.scim.v2 import Scim2Connector


def test_ours_are_known_and_loaded_on_first_use() -> None:
    assert {"scim", "scim2"} <= set(registry.keys())
    assert registry.load("scim") is Scim1Connector
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


def test_a_plug_in_is_found_by_its_entry_point(tmp_path: Path) -> None:
    info = tmp_path / "acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[purveyor.connectors]\nacme = acme:Acme\nbad = acme:Missing\nscim2 = acme:Acme\n"
    )
    (tmp_path / "acme.py").write_text(
        "from connectors.scim.v2 import Scim2Connector\n"
        "class Acme(Scim2Connector): key = 'acme'\n"
    )
    script = (
        "from connectors import registry; "
        "assert {'acme', 'bad', 'scim2'} <= set(registry.keys()); "
        "assert registry.load('acme').key == 'acme'; "
        "assert registry.load('scim2').key == 'scim2'\n"
        "try: registry.load('bad')\n"
        "except registry.BrokenConnector: print('broken')"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}

    run = subprocess.run(
        [sys.executable, "-c", script], env=environment, check=True, capture_output=True
    )

    assert run.stdout == b"broken\n"


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
