"""Two tenants share one domain at a target: patterns keep their people apart."""

from __future__ import annotations

import pytest

from idp.models import Tenant
from provisioning.models import ProvisionedEntity
from serviceproviders.models import ServiceProvider
from serviceproviders.tenants import resident_of
from tests.fakes.google import GoogleDirectory
from tests.flows.conftest import Step, Store
from tests.flows.domains import addresses, connect, domain_of

pytestmark = pytest.mark.django_db(transaction=True)


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
