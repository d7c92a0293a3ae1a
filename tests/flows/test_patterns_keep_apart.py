"""Several tenants, user stores and identity providers with one domain at a target."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from idp.connector_settings import save_settings
from idp.models import OutboundConnector, Tenant, UserStore
from provisioning.models import Job, ProvisionedEntity, State
from serviceproviders.models import ServiceProvider
from serviceproviders.tenants import resident_of
from tests.factories import make_connector, send_to
from tests.fakes.google import GoogleDirectory
from tests.flows.conftest import Store

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]


@pytest.fixture
def google() -> Iterator[GoogleDirectory]:
    with GoogleDirectory() as running:
        yield running


def connect(
    service_provider: ServiceProvider,
    google: GoogleDirectory,
    pattern: str,
    idp: str = "google",
) -> OutboundConnector:
    """The domain at Google as an identity provider of the tenant, with an outbound row."""
    settings = {**google.settings, "pattern": pattern, "separator": "_"}
    connector = make_connector(service_provider.tenant, settings, name=idp, type="google")
    send_to(service_provider, connector)
    return connector


def addresses(google: GoogleDirectory) -> list[str]:
    return sorted(user["primaryEmail"] for user in google.users.values())


def domain_of(google: GoogleDirectory) -> str:
    return str(google.settings["domain"])


def test_two_tenants_one_domain_patterns_keep_them_apart(
    resident: ServiceProvider, other_tenant: Tenant, google: GoogleDirectory, deliver: Step
) -> None:
    elsewhere = resident_of(other_tenant)
    connect(resident, google, "{UN,TD}")
    connect(elsewhere, google, "{UN,TD}")
    mine = Store(resident).add_user("Kim")
    theirs = Store(elsewhere).add_user("kim")
    deliver()
    domain = domain_of(google)
    assert addresses(google) == [
        f"kim_carbon.super@{domain}",
        f"kim_partner.example@{domain}",
    ]

    Store(elsewhere).delete_user(theirs.entity_id)
    deliver()
    assert addresses(google) == [f"kim_carbon.super@{domain}"]
    [link] = ProvisionedEntity.objects.all()
    assert (link.entity_id, link.remote_name) == (mine.entity_id, addresses(google)[0])


def test_two_user_stores_at_one_domain(
    resident: ServiceProvider, staff: UserStore, google: GoogleDirectory, deliver: Step
) -> None:
    connect(resident, google, "{UD,UN}")
    store = Store(resident)
    kim = store.add_user("kim")
    store.add_user("STAFF/kim")
    deliver()
    domain = domain_of(google)
    assert addresses(google) == [f"primary_kim@{domain}", f"staff_kim@{domain}"]

    store.set_user(kim.entity_id, "kim@lee.example")
    deliver()
    assert addresses(google) == [f"primary_kim.lee.example@{domain}", f"staff_kim@{domain}"]


def test_two_identity_providers_at_one_domain(
    resident: ServiceProvider, google: GoogleDirectory, deliver: Step
) -> None:
    connect(resident, google, "{IDP,UN}", idp="berlin")
    connect(resident, google, "{IDP,UN}", idp="oslo")
    kim = Store(resident).add_user("kim")
    deliver()
    domain = domain_of(google)
    assert addresses(google) == [f"berlin_kim@{domain}", f"oslo_kim@{domain}"]

    Store(resident).delete_user(kim.entity_id)
    deliver()
    assert addresses(google) == []


def test_without_a_telling_pattern_the_second_of_a_name_is_held_not_mixed_up(
    resident: ServiceProvider, staff: UserStore, google: GoogleDirectory, deliver: Step
) -> None:
    connector = connect(resident, google, "{UN}")
    store = Store(resident)
    store.add_user("kim")
    deliver()
    store.add_user("STAFF/kim")
    deliver()
    assert addresses(google) == [f"kim@{domain_of(google)}"]
    held = Job.objects.get(state=State.HELD)
    assert held.reason == "remote name taken by kim"

    save_settings(connector, {"pattern": "{UD,UN}"})
    store.delete_user(held.entity_id)
    deliver()
    assert addresses(google) == [f"kim@{domain_of(google)}"]
