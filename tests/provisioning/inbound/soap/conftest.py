from __future__ import annotations

import pytest
from django.test import Client

from idp.models import Tenant
from tests.factories import make_operator
from tests.provisioning.inbound.calls import basic
from tests.provisioning.inbound.soap.clients import V2, Raw, Zeep


@pytest.fixture
def credentials(tenant: Tenant) -> dict[str, str]:
    make_operator(tenant)
    return basic()


@pytest.fixture
def soap(client: Client, credentials: dict[str, str]) -> Zeep:
    """V2, by our WSDL."""
    return Zeep(client, credentials)


@pytest.fixture
def raw(client: Client, credentials: dict[str, str]) -> Raw:
    return Raw(client, credentials, V2)
