"""People and groups come in by `/scim2` and by the console, and arrive at `scim2-server`,
which others wrote, exactly."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from django.test import Client
from django.urls import reverse

from idp.models import Group, Tenant, User
from provisioning.models import Job, State
from serviceproviders.models import ServiceProvider
from tests.console import sign_in
from tests.factories import make_connector, make_operator, send_to
from tests.fakes.independent import scim2_server
from tests.provisioning.inbound.calls import basic

pytestmark = pytest.mark.django_db(transaction=True)
Json = dict[str, Any]
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PERSON: Json = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
    "userName": "kim",
    "externalId": "hr-1",
    "name": {"givenName": "Kim", "familyName": "O'Lee"},
    "displayName": 'Kim "K" Lee',
    "title": "Engineer",
    "active": True,
    "emails": [
        {"value": "kim@example.org", "type": "work", "primary": True},
        {"value": "k@home.example", "type": "home"},
    ],
    ENTERPRISE: {"department": "R&D", "employeeNumber": "7"},
}


class Remote:
    def __init__(self, base: str) -> None:
        self.base = base

    def all(self, kind: str) -> list[Json]:
        answer = requests.get(f"{self.base}/{kind}", timeout=10).json()
        listed: list[Json] = answer.get("Resources", [])
        return listed

    def only(self, kind: str) -> Json:
        [found] = self.all(kind)
        return found


@pytest.fixture
def remote(tenant: Tenant, resident: ServiceProvider) -> Iterator[Remote]:
    with scim2_server() as base:
        settings = {
            "authentication": "none",
            "user_endpoint": f"{base}/Users",
            "group_endpoint": f"{base}/Groups",
        }
        send_to(resident, make_connector(tenant, settings))
        yield Remote(base)


@pytest.fixture
def call(tenant: Tenant, client: Client) -> Callable[..., Json]:
    make_operator(tenant, "caller")

    def send(method: str, path: str, body: Json | None = None, expect: int = 200) -> Json:
        answer = client.generic(
            method,
            f"/scim2{path}",
            data=b"" if body is None else json.dumps(body).encode(),
            content_type="application/scim+json",
            headers=basic("caller"),
        )
        assert answer.status_code == expect, answer.content
        told: Json = answer.json() if answer.content else {}
        return told

    return send


def without(resource: Json, *names: str) -> Json:
    return {key: value for key, value in resource.items() if key not in names}


def patch(*operations: Json) -> Json:
    return {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": list(operations),
    }


def test_a_person_posted_to_the_door_arrives_exactly(
    remote: Remote, call: Callable[..., Json], deliver: Callable[[], None]
) -> None:
    kim = call("POST", "/Users", PERSON, expect=201)
    deliver()
    there = remote.only("Users")
    assert without(there, "id", "meta", "schemas") == without(PERSON, "schemas")

    path = f"/Users/{kim['id']}"
    call(
        "PATCH",
        path,
        patch(
            {"op": "replace", "path": "title", "value": "Lead"},
            {"op": "replace", "path": "userName", "value": "kim.lee"},
            {"op": "remove", "path": 'emails[type eq "home"]'},
            {"op": "replace", "path": f"{ENTERPRISE}:department", "value": "Ops"},
        ),
    )
    deliver()
    there = remote.only("Users")
    assert (there["userName"], there["title"]) == ("kim.lee", "Lead")
    assert [mail["value"] for mail in there["emails"]] == ["kim@example.org"]
    assert there[ENTERPRISE] == {"department": "Ops", "employeeNumber": "7"}

    call("PATCH", path, patch({"op": "replace", "path": "active", "value": False}))
    deliver()
    assert remote.only("Users")["active"] is False

    call("PUT", path, {**PERSON, "displayName": "Kim", "active": True})
    deliver()
    there = remote.only("Users")
    assert (there["userName"], there["displayName"], there["active"]) == ("kim", "Kim", True)

    call("DELETE", path, expect=204)
    deliver()
    assert remote.all("Users") == []


def test_a_group_posted_to_the_door_follows_its_members(
    remote: Remote, call: Callable[..., Json], deliver: Callable[[], None]
) -> None:
    ids = [
        call("POST", "/Users", {**PERSON, "userName": name, "externalId": name}, expect=201)[
            "id"
        ]
        for name in ("kim", "lee", "max")
    ]
    group = call(
        "POST",
        "/Groups",
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": "staff",
            "members": [{"value": ids[0]}, {"value": ids[1]}],
        },
        expect=201,
    )
    deliver()
    names = {user["id"]: user["userName"] for user in remote.all("Users")}
    assert sorted(names[m["value"]] for m in remote.only("Groups")["members"]) == ["kim", "lee"]

    path = f"/Groups/{group['id']}"
    call(
        "PATCH",
        path,
        patch(
            {"op": "add", "path": "members", "value": [{"value": ids[2]}]},
            {"op": "remove", "path": f'members[value eq "{ids[0]}"]'},
            {"op": "replace", "path": "displayName", "value": "crew"},
        ),
    )
    deliver()
    there = remote.only("Groups")
    assert there["displayName"] == "crew"
    assert sorted(names[m["value"]] for m in there["members"]) == ["lee", "max"]

    call("DELETE", path, expect=204)
    deliver()
    assert remote.all("Groups") == []
    assert len(remote.all("Users")) == 3


def test_the_console_sends_what_the_door_sends(
    remote: Remote, tenant: Tenant, deliver: Callable[[], None]
) -> None:
    console = sign_in(tenant)
    form = {
        "username": "pat",
        "store": "PRIMARY",
        "given_name": "Pat",
        "family_name": "Moss",
        "emails": "pat@example.org",
        "title": "Clerk",
        "active": "on",
    }
    answer = console.post(reverse("admin:idp_user_add"), form)
    assert answer.status_code == 302, answer.content
    deliver()
    there = remote.only("Users")
    assert (there["userName"], there["title"], there["active"]) == ("pat", "Clerk", True)
    assert there["name"] == {"givenName": "Pat", "familyName": "Moss"}

    pat = User.objects.get()
    page = reverse("admin:idp_user_change", args=[pat.pk])
    answer = console.post(
        page,
        without({**form, "username": "pat.moss", "title": "Head", "version": "1"}, "active"),
    )
    assert answer.status_code == 302, answer.content
    deliver()
    there = remote.only("Users")
    assert (there["userName"], there["title"], there["active"]) == ("pat.moss", "Head", False)

    answer = console.post(
        reverse("admin:idp_group_add"),
        {"name": "clerks", "store": "PRIMARY", "members": "pat.moss"},
    )
    assert answer.status_code == 302, answer.content
    deliver()
    assert [m["value"] for m in remote.only("Groups")["members"]] == [there["id"]]

    group = Group.objects.get()
    console.post(reverse("admin:idp_group_delete", args=[group.pk]), {"post": "yes"})
    console.post(reverse("admin:idp_user_delete", args=[pat.pk]), {"post": "yes"})
    deliver()
    assert remote.all("Groups") == []
    assert remote.all("Users") == []
    states = set(Job.objects.values_list("state", flat=True))
    assert states <= {State.DONE, State.CANCELLED, State.SUPERSEDED}
