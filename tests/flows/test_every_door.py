"""One story through every door of an application: the same jobs, wherever its people live.

In dumb mode, in a user store of its own, and in a tenant beside the root one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from django.test import Client

from idp.models import Tenant, User, UserStore
from provisioning import courier
from provisioning.models import Job, PassingEntity, State
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, send_to
from tests.fakes.mail import Mailbox
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import replaced
from tests.provisioning.inbound.calls import basic, make_client
from tests.provisioning.inbound.scim2.conftest import Scim
from tests.provisioning.inbound.scim11.conftest import CORE, Scim1
from tests.provisioning.inbound.soap.clients import Zeep

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]

PASSWORD = "a-good-secret-1"
CLAIM = "http://wso2.org/claims/"
CLAIMS = {f"{CLAIM}givenname": "Kim", f"{CLAIM}emailaddress": "kim@acme.example"}
KIM = {
    "userName": "kim",
    "password": PASSWORD,
    "name": {"givenName": "Kim"},
    "emails": [{"value": "kim@acme.example"}],
}


@dataclass
class Caller:
    """An application with a token of its own, at the address of its tenant."""

    http: Client
    portal: ServiceProvider
    base: str = ""

    @cached_property
    def credentials(self) -> dict[str, str]:
        make_client(self.portal)
        asked = {"grant_type": "client_credentials"}
        headers = basic("hr-portal", "hr-secret-123")
        answer = self.http.post(f"{self.base}/oauth2/token", asked, headers=headers)
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


class ByScim2:
    def __init__(self, caller: Caller, _mailbox: Mailbox) -> None:
        self.scim = Scim(caller.http, f"{caller.base}/scim2", caller.credentials)

    def create(self) -> None:
        self.user = self.scim.make_user(**{k: v for k, v in KIM.items() if k != "userName"})
        self.path = f"/Users/{self.user['id']}"

    def change(self) -> None:
        assert self.scim.patch(self.path, replaced("title", "Lead")).status == 200

    def delete(self) -> None:
        assert self.scim("DELETE", self.path).status == 204


class ByScim1:
    def __init__(self, caller: Caller, _mailbox: Mailbox) -> None:
        base = f"{caller.base}/wso2/scim"
        self.scim = Scim1(caller.http, base, credentials=caller.credentials)

    def create(self) -> None:
        made = self.scim("POST", "/Users", {"schemas": [CORE], **KIM})
        assert made.status == 201, made.body
        self.path = f"/Users/{made.body['id']}"

    def change(self) -> None:
        assert self.scim.partial(self.path, title="Lead").status == 200

    def delete(self) -> None:
        assert self.scim("DELETE", self.path).status == 200


class BySoap:
    def __init__(self, caller: Caller, _mailbox: Mailbox) -> None:
        self.soap = Zeep(caller.http, caller.credentials, base=caller.base)

    def create(self) -> None:
        given = [{"claimURI": uri, "value": value} for uri, value in CLAIMS.items()]
        self.soap("addUser", "kim", PASSWORD, [], given, "default", False)

    def change(self) -> None:
        self.soap("setUserClaimValue", "kim", f"{CLAIM}title", "Lead", "default")

    def delete(self) -> None:
        self.soap("deleteUser", "kim")


class BySignUp(ByScim2):
    """Who signed up is changed through another door; nobody changes themselves."""

    def __init__(self, caller: Caller, mailbox: Mailbox) -> None:
        super().__init__(caller, mailbox)
        self.caller = caller
        self.mailbox = mailbox

    def create(self) -> None:
        body = {"username": "kim", "password": PASSWORD, "claims": CLAIMS}
        address = f"{self.caller.base}/api/v1/self-signup/"
        asked = self.caller.http.post(
            address, body, "application/json", headers=self.caller.credentials
        )
        assert asked.status_code == 202, asked.content
        courier.work_off()
        text = self.mailbox.mails[-1].get_payload(decode=True).decode()
        [link] = re.findall(r"http://[^/\s]+(/\S+)", text)
        assert self.caller.http.post(link).status_code in (200, 302)
        self.path = f"/Users/{Job.objects.get().entity_id}"


DOORS: dict[str, Callable[[Caller, Mailbox], Any]] = {
    "scim2": ByScim2,
    "scim11": ByScim1,
    "soap": BySoap,
    "sign-up": BySignUp,
}


@pytest.fixture(params=["dumb mode", "a store of its own", "another tenant"])
def home(
    request: pytest.FixtureRequest, client: Client, tenant: Tenant, target: Scim2Target
) -> tuple[Caller, str]:
    """The application, and what kim is called there."""
    name, base = "kim", ""
    if request.param == "another tenant":
        tenant, base = request.getfixturevalue("other_tenant"), "/t/partner.example"
    portal = ServiceProvider(tenant=tenant, name="hr-portal")
    if request.param == "dumb mode":
        portal.dumb_mode = True
    if request.param == "a store of its own":
        portal.user_store = UserStore.objects.create(tenant=tenant, domain="STAFF")
        name = "STAFF/kim"
    portal.save()
    send_to(portal, make_connector(tenant, target.settings))
    return Caller(client, portal, base), name


@pytest.mark.parametrize("door", DOORS)
def test_the_same_jobs_through_every_door(
    home: tuple[Caller, str],
    door: str,
    target: Scim2Target,
    mailbox: Mailbox,
    deliver: Step,
) -> None:
    caller, name = home
    by = DOORS[door](caller, mailbox)

    by.create()
    deliver()
    [there] = target.users.values()
    assert (there["userName"], there["name"]["givenName"]) == (name, "Kim")
    assert [mail["value"] for mail in there["emails"]] == ["kim@acme.example"]
    assert User.objects.exists() is not caller.portal.dumb_mode
    by.change()
    deliver()
    [there] = target.users.values()
    assert there["title"] == "Lead"
    by.delete()
    deliver()

    assert not target.users
    jobs = Job.objects.order_by("position")
    assert [(job.operation, job.entity_name, job.remote_name) for job in jobs] == [
        ("create", name, name),
        ("update", name, name),
        ("delete", name, name),
    ]
    assert {(job.tenant_id, job.state) for job in jobs} == {
        (caller.portal.tenant_id, State.DONE)
    }
    assert not User.objects.exists()
    assert not PassingEntity.objects.exists()
