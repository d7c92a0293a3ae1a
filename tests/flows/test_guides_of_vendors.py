"""The files in the guides to Google Workspace and Salesforce do what the guides say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from idp.models import Tenant
from provisioning.configuration import apply, loading
from provisioning.models import Job, State
from serviceproviders.models import ServiceProvider
from tests.fakes.google import GoogleDirectory
from tests.fakes.salesforce import SalesforceOrg
from tests.flows.conftest import Store
from tests.test_docs import blocks

pytestmark = pytest.mark.django_db(transaction=True)
GUIDES = Path(__file__).parents[2] / "docs" / "guides"
KIM: dict[str, Any] = {
    "name": {"givenName": "Kim", "familyName": "Lee"},
    "title": "Engineer",
    "emails": [{"value": "kim@home.example", "primary": True}],
    "phoneNumbers": [{"value": "+47 1", "type": "mobile"}],
}


@pytest.fixture
def org() -> Iterator[SalesforceOrg]:
    with SalesforceOrg() as running:
        yield running


def apply_guide(name: str, settings: dict[str, Any]) -> None:
    """The guide's first file, with the address and credentials of a fake."""
    tree = loading.parse(next(blocks(GUIDES / name, "yaml")))
    [provider] = tree["tenants"][0]["identity_providers"]
    given = provider["connectors"][0]["settings"]
    provider["connectors"][0]["settings"] = {**given, **settings}
    apply(tree, actor="ops")


def picked(settings: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: settings[name] for name in names}


def test_the_guide_to_google(
    tenant: Tenant,
    resident: ServiceProvider,
    google: GoogleDirectory,
    deliver: Callable[[], None],
) -> None:
    told = picked(google.settings, "base_url", "token_uri", "admin_email")
    apply_guide("provision-google.md", {**told, "private_key": google.key_file})
    store = Store(resident)
    store.add_user("kim", document=KIM)
    deliver()

    [there] = google.users.values()
    assert there["name"] == {"givenName": "Kim", "familyName": "Lee"}
    assert there["orgUnitPath"] == "/"
    assert there["organizations"] == [{"type": "work", "primary": True, "title": "Engineer"}]
    assert there["phones"] == [{"type": "mobile", "value": "+47 1"}]


def test_the_guide_to_salesforce(
    tenant: Tenant, resident: ServiceProvider, org: SalesforceOrg, deliver: Callable[[], None]
) -> None:
    told = picked(org.settings, "domain_name", "token_endpoint", "client_id", "client_secret")
    apply_guide("provision-salesforce.md", told)
    store = Store(resident)
    store.add_group("sales")
    store.add_user("kim", document=KIM, join=["sales"])
    store.add_user("lee", document=KIM)
    deliver()

    profiles = {row["Id"]: row["Name"] for row in org.objects["Profile"].values()}
    assert {user["Username"]: profiles[user["ProfileId"]] for user in org.users.values()} == {
        "kim@acme.example": "Standard User",
        "lee@acme.example": "Minimum Access - Salesforce",
    }
    [group] = org.objects["Group"].values()
    kim = org.user("kim@acme.example")
    assert kim is not None
    assert kim["FederationIdentifier"] == "kim"
    assert org.member_ids(group["Id"]) == [kim["Id"]]
    assert set(Job.objects.values_list("state", flat=True)) == {State.DONE}
