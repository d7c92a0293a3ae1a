"""Updates that change nothing at a target cost it no request, whatever it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.test import Client

from connectors.registry import BUILT_IN
from connectors.scim.profiles import choices
from provisioning.models import Job, ProvisionedEntity, State
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, make_operator, send_to
from tests.fakes.google import GoogleDirectory
from tests.fakes.salesforce import SalesforceOrg
from tests.fakes.scim1 import Scim1Target
from tests.fakes.scim2 import Scim2Target
from tests.fakes.server import FakeServer
from tests.fakes.spml import SpmlTarget
from tests.flows.conftest import Step, replaced
from tests.provisioning.inbound.calls import basic
from tests.provisioning.inbound.scim2.conftest import Scim

pytestmark = pytest.mark.django_db(transaction=True)
UPDATES = 1_000
LOCAL = "http://wso2.org/claims/"
PROFILES = [key for key, _ in choices()]
OF_SCIM = {
    "name.givenName": "givenname",
    "name.familyName": "lastname",
    "displayName": "displayName",
    "emails.work": "emailaddress",
}
OF_GOOGLE = {f"{LOCAL}{name}": name for name in ("givenname", "lastname")}
OF_SPML = {"sn": "lastname", "givenName": "givenname"}
OF_SALESFORCE = {
    "Alias": "nickname",
    "Email": "emailaddress",
    "LastName": "lastname",
}
CONSTANTS = {
    "EmailEncodingKey": "UTF-8",
    "LanguageLocaleKey": "en_US",
    "LocaleSidKey": "en_US",
    "ProfileId": "Standard User",
    "TimeZoneSidKey": "Europe/Oslo",
}
KIM: dict[str, Any] = {
    "name": {"givenName": "Kim", "familyName": "Lee"},
    "displayName": "Kim Lee",
    "nickName": "kim",
    "emails": [{"value": "kim@example.org", "type": "work", "primary": True}],
}
Targets = dict[str, FakeServer]


@pytest.fixture
def targets(resident: ServiceProvider) -> Iterator[Targets]:
    """One of each type, and one SCIM 2.0 target for each profile; no title is mapped."""
    with ExitStack() as stack:
        scim2: Targets = {}
        for key in ["", *PROFILES]:
            target = stack.enter_context(Scim2Target())
            settings = {**target.settings, "profile": key}
            mapped(resident, f"scim2 {key}", settings, OF_SCIM, type="scim2")
            scim2[f"scim2 {key}"] = target
        scim1 = stack.enter_context(Scim1Target())
        mapped(resident, "scim", scim1.settings, OF_SCIM, type="scim")
        google = stack.enter_context(GoogleDirectory())
        mapped(resident, "google", google.settings, OF_GOOGLE, type="google")
        org = stack.enter_context(SalesforceOrg())
        mapped(
            resident, "salesforce", org.settings, OF_SALESFORCE, CONSTANTS, type="salesforce"
        )
        spml = stack.enter_context(SpmlTarget())
        mapped(resident, "spml", spml.settings, OF_SPML, type="spml")
        others = {"scim": scim1, "google": google, "salesforce": org, "spml": spml}
        assert {"scim2", *others} == set(BUILT_IN)
        yield {**scim2, **others}


def mapped(
    resident: ServiceProvider,
    name: str,
    settings: dict[str, Any],
    claims: dict[str, str],
    constants: dict[str, str] | None = None,
    **fields: Any,
) -> None:
    connector = make_connector(resident.tenant, settings, name=name, **fields)
    provider = connector.provider
    provider.claim_dialect = "custom"
    provider.save()
    for remote, local in claims.items():
        provider.claim_mappings.create(remote=remote, local=LOCAL + local)
    for remote, value in (constants or {}).items():
        provider.claim_mappings.create(remote=remote, constant=value)
    send_to(resident, connector)


def test_a_thousand_updates_that_change_nothing_there_make_no_request(
    client: Client, resident: ServiceProvider, targets: Targets, deliver: Step
) -> None:
    make_operator(resident.tenant)
    scim = Scim(client, credentials=basic())
    kim = scim.make_user("kim", **KIM)
    deliver()
    assert ProvisionedEntity.objects.count() == len(targets)
    before = {name: target.count_requests() for name, target in targets.items()}

    for number in range(UPDATES):
        # Three of four change nothing here either.
        answer = scim.patch(f"/Users/{kim['id']}", replaced("title", f"Dr. {number // 4}"))
        assert answer.status == 200, answer.body
        if number % 250 == 0:
            deliver()
    deliver()

    assert {name: target.count_requests() for name, target in targets.items()} == before
    over = (State.DONE, State.SUPERSEDED)
    assert list(Job.objects.exclude(state__in=over).values_list("reason", flat=True)) == []

    scim.patch(f"/Users/{kim['id']}", replaced("name.familyName", "Park"))
    deliver()
    after = {name: target.count_requests() for name, target in targets.items()}
    assert [name for name in targets if after[name] == before[name]] == []
