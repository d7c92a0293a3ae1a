"""An identity provider of others' making, and a browser that signs in through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from html import unescape
from re import findall
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client

from idp.models import IdentityProvider, OutboundConnector, Tenant
from provisioning.configuration import apply
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.factories import send_to
from tests.fakes.saml.provider import SamlProvider

C = "http://wso2.org/claims/"
GIVEN, FAMILY = "urn:oid:2.5.4.42", "urn:oid:2.5.4.4"
MAIL = "urn:oid:0.9.2342.19200300.100.1.3"
ROLES = "urn:oid:1.3.6.1.4.1.5923.1.1.1.7"


class Visitor:
    """A browser: it keeps cookies, and sends none with a form that another site posts."""

    def __init__(self, tenant: Tenant | None = None) -> None:
        self.client = Client()
        self.prefix = f"/t/{tenant.domain}" if tenant else ""

    def begin(self, **query: str) -> str:
        """The address at the identity provider that it is sent to."""
        answer = self.client.get(f"{self.prefix}/login/corporate/", query)
        assert answer.status_code == 302, answer.content
        return str(answer["Location"])

    def form_at(self, location: str) -> tuple[str, dict[str, str]]:
        """What the identity provider makes it post, and where."""
        page = requests.get(location, timeout=10).text
        [place] = findall(r'action="([^"]+)"', page)
        return urlsplit(unescape(place)).path, {
            name: unescape(value)
            for name, value in findall(r'name="(\w+)" value="([^"]*)"', page)
        }

    def post(self, place: str, fields: Mapping[str, str]) -> Any:
        """Where it is posted to, without cookies as from another site."""
        return Client().post(place, fields)

    def sign_in(self, **query: str) -> Any:
        """Through, until a page is shown or another site is next."""
        return self.follow(self.post(*self.form_at(self.begin(**query))))

    def follow(self, answer: Any) -> Any:
        if answer.status_code == 303:
            return self.client.get(answer["Location"])
        return answer


@pytest.fixture
def idp() -> Iterator[SamlProvider]:
    with SamlProvider() as running:
        running.attributes = {"givenName": ["Kim"], "sn": ["Lee"], "mail": ["kim@acme.example"]}
        yield running


@pytest.fixture
def jit_row(resident: ServiceProvider, connector: OutboundConnector) -> OutboundTarget:
    return send_to(resident, connector, jit_outbound=True)


Bring = Callable[..., IdentityProvider]


@pytest.fixture
def bring(tenant: Tenant, idp: SamlProvider) -> Bring:
    """Set the identity provider up, and tell it of us."""

    def bring(
        authenticator: Mapping[str, Any] | None = None, tenant: Tenant = tenant, **more: Any
    ) -> IdentityProvider:
        saml = {"type": "saml", "metadata": idp.metadata, **(authenticator or {})}
        entry = {
            "name": "corporate",
            "claim_dialect": "custom",
            "claim_mappings": [
                {"remote": GIVEN, "local": f"{C}givenname"},
                {"remote": FAMILY, "local": f"{C}lastname"},
                {"remote": MAIL, "local": f"{C}emailaddress"},
            ],
            "jit": {"enabled": True},
            "authenticator": saml,
            **more,
        }
        tenants = [{"domain": tenant.domain, "identity_providers": [entry]}]
        apply({"version": 1, "tenants": tenants}, actor="a test")
        metadata = Client().get(f"/t/{tenant.domain}/login/corporate/metadata/")
        assert metadata.status_code == 200, metadata.content
        idp.know(metadata.content.decode())
        return IdentityProvider.objects.get(tenant=tenant, name="corporate")

    return bring
