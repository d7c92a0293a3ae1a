"""A default password is for who is made there, and for nobody who is there already."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.test import Client

from connectors.spml.capabilities import Capabilities
from idp import presets
from idp.models import Tenant
from provisioning.models import Job, ProvisionedEntity, State
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, make_operator, send_to
from tests.fakes.google import GoogleDirectory
from tests.fakes.salesforce import SalesforceOrg
from tests.fakes.scim2 import Scim2Target
from tests.fakes.spml import SpmlTarget
from tests.flows.conftest import replaced
from tests.provisioning.inbound.calls import basic
from tests.provisioning.inbound.scim2.conftest import Scim

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]
DEFAULT = "Default-for-new-1"


class Target:
    """A fake of one kind, with an account of Kim's that somebody else has made."""

    def __init__(self, kind: str, running: Any) -> None:
        self.kind, self.running = kind, running
        name = "kim" if kind in ("scim2", "spml") else "kim@acme.example"
        if kind == "spml":
            running.store.add({"objectclass": ["user"], "accountId": [name]}, "")
        else:
            running.add_user(name)

    @property
    def passwords(self) -> set[str]:
        """All that were ever set there, whosever."""
        if self.kind == "spml":
            return {user.password for user in self.running.users.values()} - {""}
        held = self.running.passwords.values()
        return {one for each in held for one in ([each] if isinstance(each, str) else each)}


KINDS = {
    "scim2": Scim2Target,
    "google": GoogleDirectory,
    "salesforce": SalesforceOrg,
    "spml": SpmlTarget,
}


@pytest.fixture(params=KINDS)
def there(
    request: pytest.FixtureRequest, tenant: Tenant, resident: ServiceProvider
) -> Iterator[Target]:
    with ExitStack() as stack:
        running: Any = stack.enter_context(KINDS[request.param]())
        stack.callback(Capabilities._missing.clear)
        settings = {
            **running.settings,
            "enable_password_provisioning": True,
            "default_password": DEFAULT,
        }
        made = make_connector(tenant, settings, type=request.param, delete_action="disable")
        presets.take(made.provider)
        send_to(resident, made)
        yield Target(request.param, running)


@pytest.fixture
def scim(client: Client, tenant: Tenant, there: Target) -> Scim:
    make_operator(tenant)
    return Scim(client, credentials=basic())


def person(name: str) -> dict[str, Any]:
    mail = {"value": f"{name}@home.example", "primary": True}
    names = {"givenName": name.title(), "familyName": "Lee"}
    return {"externalId": f"hr-{name}", "name": names, "emails": [mail]}


def test_who_is_adopted_changed_or_back_again_keeps_the_password_they_have(
    scim: Scim, there: Target, deliver: Step
) -> None:
    kim = scim.make_user("kim", **person("kim"), password="own-Secret-1")
    deliver()
    assert ProvisionedEntity.objects.get().adopted

    path = f"/Users/{kim['id']}"
    scim.patch(path, replaced("title", "Lead"))
    deliver()
    for active in (False, True):
        scim.patch(path, replaced("active", active))
        deliver()
    scim("DELETE", path)
    deliver()
    scim.make_user("kim", **person("kim"))
    deliver()

    assert ProvisionedEntity.objects.filter(state="linked", active=True).count() == 1
    assert set(Job.objects.values_list("state", flat=True)) == {State.DONE}
    assert there.passwords == set()

    scim.make_user("robin", **person("robin"))
    deliver()
    assert there.passwords == {DEFAULT}
