"""Both ends ours: the SCIM 1.1 connector of one installation, the door of another.

The other one is a server of its own, with its own database; people arrive in a tenant there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.test import Client

from idp.models import Group, OutboundConnector, Tenant, User
from provisioning.models import Job, ProvisionedEntity, State
from serviceproviders.models import ServiceProvider
from tests.chaos import migrated
from tests.factories import make_connector, make_operator, send_to
from tests.provisioning.inbound.calls import basic
from tests.provisioning.inbound.scim11.conftest import CORE, ENTERPRISE, Scim1
from tests.provisioning.management.running import run

pytestmark = pytest.mark.django_db(transaction=True)
Deliver = Callable[[], None]
ROOT = Path(__file__).parents[2]
PATIENCE = 90
SYNC = ("sync", "sync-Secret-1")
THERE = """
version: 1
tenants:
  - domain: partner.example
    operators: [{username: sync, password: sync-Secret-1, role: operator, use_doors: true}]
"""
KIM: dict[str, Any] = {
    "schemas": [CORE, ENTERPRISE],
    "externalId": "hr-1",
    "name": {"givenName": "Kim", "familyName": "O'Lee", "middleName": "J."},
    "title": "Engineer",
    "emails": [
        {"value": "kim@example.org", "type": "work", "primary": True},
        {"value": "k@home.example", "type": "home"},
    ],
    ENTERPRISE: {"department": "R&D", "manager": {"managerId": "26"}},
}
"""What the door tells; the connector tells it again."""


class There:
    """What the other installation tells of its tenant, by its own door."""

    def __init__(self, url: str) -> None:
        self.base = f"{url}t/partner.example/wso2/scim"

    def get(self, path: str, **params: str) -> dict[str, Any]:
        answer = requests.get(f"{self.base}{path}", params, auth=SYNC, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def named(self, name: str, path: str = "/Users") -> list[dict[str, Any]]:
        attribute = "userName" if path == "/Users" else "displayName"
        found = self.get(path, filter=f'{attribute} eq "{name}"')["Resources"]
        assert isinstance(found, list)
        return found

    def user(self, name: str) -> dict[str, Any]:
        [found] = self.named(name)
        return found

    def members(self, group: str) -> list[str]:
        [found] = self.named(group, "/Groups")
        ids = [one["value"] for one in found.get("members", ())]
        return sorted(self.get(f"/Users/{one}")["userName"] for one in ids)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[There]:
    folder = tmp_path_factory.mktemp("there")
    shutil.copy(migrated.sqlite(), folder / migrated.FILE)
    (folder / "there.yaml").write_text(THERE)
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": os.environ["SECRET_KEY"],
        "PURVEYOR_SECRET_KEYS": os.environ["PURVEYOR_SECRET_KEYS"],
        "PURVEYOR_DATA_DIR": str(folder),
    }
    command = [sys.executable, "manage.py"]
    subprocess.run(
        [*command, "apply", str(folder / "there.yaml")],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    serving = subprocess.Popen(
        [*command, "serve", "--no-worker", "--bind", "127.0.0.1:0"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert serving.stdout is not None
        said = re.fullmatch(r"Serving (\S+)\n", serving.stdout.readline())
        assert said is not None
        yield There(said[1])
    finally:
        serving.terminate()
        serving.wait(PATIENCE)


@pytest.fixture
def connector(tenant: Tenant, resident: ServiceProvider, there: There) -> OutboundConnector:
    make_operator(tenant)
    made = make_connector(
        tenant,
        {
            "user_endpoint": f"{there.base}/Users",
            "group_endpoint": f"{there.base}/Groups",
            "username": SYNC[0],
            "password": SYNC[1],
            "enable_password_provisioning": False,
        },
        type="scim",
    )
    send_to(resident, made)
    return made


@pytest.fixture
def ours(client: Client, connector: OutboundConnector) -> Scim1:
    return Scim1(client, credentials=basic())


def told(user: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in user.items() if key not in ("id", "meta", "groups")}


def test_a_person_lives_on_both_sides_alike(
    ours: Scim1, there: There, deliver: Deliver
) -> None:
    kim = ours.make_user("kim", **KIM)
    deliver()
    arrived = there.user("kim")
    assert told(arrived) == told(kim)
    assert arrived["id"] != kim["id"]

    path = f"/Users/{kim['id']}"
    changed = ours.partial(
        path,
        meta={"attributes": ["name.middleName", f"{ENTERPRISE}:department", "emails"]},
        title="Lead",
        emails=[{"value": "kim@new.example"}],
    ).body
    deliver()
    assert told(there.user("kim")) == told(changed)
    ours.partial(path, active=False)
    deliver()
    assert there.user("kim")["active"] is False
    ours.partial(path, userName="kim.lee", active=True)
    deliver()
    renamed = there.user("kim.lee")
    assert (renamed["id"], renamed["active"]) == (arrived["id"], True)

    jobs = Job.objects.count()
    ours.partial(path, title="Lead")
    deliver()
    assert Job.objects.count() == jobs
    assert there.user("kim.lee")["meta"] == renamed["meta"]

    assert ours("DELETE", path).status == 200
    deliver()
    assert there.named("kim.lee") == []
    assert not ProvisionedEntity.objects.exists()
    assert set(Job.objects.values_list("state", flat=True)) == {State.DONE}


def test_a_group_has_the_same_members_on_both_sides(
    ours: Scim1, there: There, deliver: Deliver
) -> None:
    ann, bob = (ours.make_user(name)["id"] for name in ("ann", "bob"))
    staff = f"/Groups/{ours.make_group('staff', [ann])['id']}"
    deliver()
    assert there.members("staff") == ["ann"]

    out = {"value": ann, "operation": "delete"}
    ours.partial(staff, members=[{"value": bob}, out])
    deliver()
    assert there.members("staff") == ["bob"]
    ours.partial(staff, displayName="crew", members=[{"value": ann}])
    deliver()
    assert there.members("crew") == ["ann", "bob"]
    ours("DELETE", f"/Users/{bob}")
    deliver()
    assert there.members("crew") == ["ann"]

    assert ours("DELETE", staff).status == 200
    deliver()
    assert there.named("crew", "/Groups") == []
    assert not Group.objects.exists()
    assert list(User.objects.values_list("username", flat=True)) == ["ann"]
    assert set(Job.objects.values_list("state", flat=True)) == {State.DONE}


def test_the_connection_test_finds_everything(connector: OutboundConnector) -> None:
    ended = run("check", "partner", "scim")

    assert (ended.code, "supports PATCH" in ended.out) == (0, True)
