"""Two identity providers share one domain at a target."""

from __future__ import annotations

import pytest

from serviceproviders.models import ServiceProvider
from tests.fakes.google import GoogleDirectory
from tests.flows.conftest import Step, Store
from tests.flows.domains import addresses, connect, domain_of

pytestmark = pytest.mark.django_db(transaction=True)


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
