"""An assertion is taken once, whatever it is shown for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from idp.models import IdentityProvider, Tenant
from provisioning.inbound.login.saml import used
from provisioning.inbound.saml import Asserted, SamlRefused

pytestmark = pytest.mark.django_db
TOLD = Asserted("_a", timezone.now() + timedelta(minutes=5), "kim", {}, False)


@pytest.fixture
def provider(tenant: Tenant) -> IdentityProvider:
    return IdentityProvider.objects.create(tenant=tenant, name="corporate")


def test_the_second_time_is_refused(tenant: Tenant, provider: IdentityProvider) -> None:
    other = IdentityProvider.objects.create(tenant=tenant, name="other")
    used.take(provider, TOLD)

    with pytest.raises(SamlRefused, match="used before"):
        used.take(provider, TOLD)

    used.take(provider, replace(TOLD, assertion_id="_b"))
    used.take(other, TOLD)
