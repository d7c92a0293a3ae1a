"""From `new_connector` to a person at the target: a package installed with pip, and no line
of the tree changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from connectors import registry
from idp.models import IdentityProvider, OutboundConnector, Tenant
from provisioning import worker
from provisioning.configuration import apply
from serviceproviders.tenants import resident_of
from tests.console import sign_in
from tests.factories import send_to
from tests.provisioning.admin.test_connectors import POLICIES, add_page
from tests.provisioning.configuration.files import tree

ROOT = Path(__file__).parent.parent.parent
NAME = "acme_hr"


def run(*arguments: str | Path, folder: Path = ROOT, path: tuple[Path, ...] = ()) -> str:
    """What it says; AssertionError with all it said when it fails."""
    places = os.pathsep.join(map(str, (*path, ROOT)))
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": places, "PIP_NO_INPUT": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Written by the command."""
    folder = tmp_path_factory.mktemp("ours")
    run("manage.py", "new_connector", NAME, "--directory", folder)
    return folder / NAME


@pytest.fixture(scope="module")
def installed(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pip has put it; nothing is fetched from anywhere."""
    there = tmp_path_factory.mktemp("site")
    options = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    run("-m", "pip", "install", *options, "--target", there, package, folder=package)
    return there


@pytest.fixture
def beside(installed: Path, package: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """This process, with the package installed next to it; its fake of the target."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(package / "tests"))
    monkeypatch.syspath_prepend(str(installed))
    with import_module(f"{NAME}_server").AcmeHrServer() as server:
        yield server
    registry.load.cache_clear()
    for module in {name for name in sys.modules if NAME in name} - before:
        del sys.modules[module]


def test_its_tests_pass_as_they_are_written(package: Path, installed: Path) -> None:
    said = run("-m", "pytest", "-q", "-rs", folder=package, path=(installed,))

    assert " passed" in said
    assert "skipped" not in said


def test_it_is_typed_and_so_is_what_it_uses(package: Path, tmp_path: Path) -> None:
    options = [
        "--strict",
        "--follow-imports=silent",
        "--config-file=",
        f"--cache-dir={tmp_path}",
    ]
    places = (package / "src", package / "tests")

    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "src", "tests"],
        cwd=package,
        env={**os.environ, "MYPYPATH": os.pathsep.join(map(str, (*places, ROOT)))},
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_listed(installed: Path) -> None:
    told = json.loads(run("manage.py", "list_connectors", "--json", path=(installed,)))

    [ours] = [connector for connector in told if connector["key"] == NAME]
    assert ours["label"] == "Acme hr"
    assert "access_token" in [field["name"] for field in ours["fields"]]


def test_a_second_one_of_that_name_is_refused(package: Path, tmp_path: Path) -> None:
    before = sorted(package.rglob("*"))
    arguments = ["manage.py", "new_connector", NAME, "--directory", str(package.parent)]

    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 2
    assert done.stderr.strip() == f"{package} is there already, and is left as it is."
    assert sorted(package.rglob("*")) == before


def test_people_go_to_it_as_to_any_other(beside: Any, tenant: Tenant) -> None:
    console: Client = sign_in(tenant)
    provider = IdentityProvider.objects.create(
        tenant=tenant, name="acme", claim_dialect="custom"
    )
    provider.claim_mappings.create(remote="title", local="http://wso2.org/claims/title")
    form = {f"setting_{name}": value for name, value in beside.settings.items()}

    chooser = console.get(add_page(provider)).content.decode()
    page = console.get(add_page(provider, NAME)).content.decode()
    test = reverse("admin:idp_outboundconnector_test_new")
    given = {"enabled": "on", **POLICIES, **form}
    found = console.post(f"{test}?provider={provider.pk}&type={NAME}", given).content.decode()
    console.post(add_page(provider, NAME), given)
    connector = OutboundConnector.objects.get()
    send_to(resident_of(tenant), connector)
    kim = '{username: kim, claims: {"http://wso2.org/claims/title": Pilot}}'
    apply(
        tree(f"{{version: 1, tenants: [{{domain: carbon.super, users: [{kim}]}}]}}"), actor="t"
    )
    worker.run(once=True, threads=1)

    assert "Acme hr" in chooser
    assert 'data-shown-by="setting_authentication"' in page
    assert "accepts the credentials" in found
    assert connector.settings["access_token"] == beside.settings["access_token"]
    [user] = beside.users.values()
    assert (user["name"], user["title"], user["active"]) == ("kim", "Pilot", True)
