from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone
from oauth2_provider.models import AccessToken

from idp.models import Tenant
from provisioning.inbound.auth import AuthRefused, Caller, authenticate
from serviceproviders.models import OAuthClient, ServiceProvider
from tests.provisioning.inbound.calls import basic, make_client


@pytest.fixture
def portal(tenant: Tenant) -> ServiceProvider:
    return ServiceProvider.objects.create(tenant=tenant, name="hr-portal")


@pytest.fixture
def oauth_client(portal: ServiceProvider) -> OAuthClient:
    return make_client(portal, scopes=("provisioning", "provisioning:jit"))


def ask(
    client: Client, path: str = "/oauth2/token", secret: str = "hr-secret-123", **form: str
) -> tuple[int, dict[str, object]]:
    form.setdefault("grant_type", "client_credentials")
    answer = client.post(path, form, headers=basic("hr-portal", secret))
    return answer.status_code, answer.json() if answer.content else {}


def token_for(client: Client, **form: str) -> str:
    status, body = ask(client, **form)
    assert status == 200, body
    return str(body["access_token"])


def call(token: str, domain: str | None = None, scope: str = "provisioning") -> Caller:
    request = RequestFactory().get("/", headers={"Authorization": f"Bearer {token}"})
    return authenticate(request, domain, scope=scope)


def refused(token: str, domain: str | None = None, scope: str = "provisioning") -> AuthRefused:
    with pytest.raises(AuthRefused) as caught:
        call(token, domain, scope)
    return caught.value


def test_a_client_gets_a_token_and_acts_for_its_service_provider(
    client: Client, tenant: Tenant, portal: ServiceProvider, oauth_client: OAuthClient
) -> None:
    caller = call(token_for(client))

    assert caller.tenant == tenant
    assert caller.service_provider == portal
    assert caller.actor == "hr-portal"
    assert caller.scopes == {"provisioning", "provisioning:jit"}


def test_credentials_in_the_body_work_too(client: Client, oauth_client: OAuthClient) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": "hr-portal",
        "client_secret": "hr-secret-123",
    }
    assert client.post("/oauth2/token", form).status_code == 200


def test_only_a_checksum_of_the_token_and_a_hash_of_the_secret_are_stored(
    client: Client, oauth_client: OAuthClient
) -> None:
    token = token_for(client)

    row = AccessToken.objects.get()
    oauth_client.refresh_from_db()

    assert row.token == ""
    assert token not in row.token_checksum
    assert "hr-secret-123" not in oauth_client.client_secret


def test_scopes_are_limited_to_those_of_the_client(
    client: Client, oauth_client: OAuthClient
) -> None:
    assert ask(client, scope="api:write")[1]["error"] == "invalid_scope"
    token = token_for(client, scope="provisioning:jit")

    answer = refused(token)

    assert answer.status == 403
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    assert call(token, scope="provisioning:jit").actor == "hr-portal"


def test_a_scope_taken_from_the_client_stops_counting_at_once(
    client: Client, oauth_client: OAuthClient
) -> None:
    token = token_for(client)
    OAuthClient.objects.update(scopes=["provisioning:jit"])

    assert refused(token).status == 403


def test_only_client_credentials_are_granted(client: Client, oauth_client: OAuthClient) -> None:
    for grant in ("password", "authorization_code", "refresh_token", "nonsense"):
        status, body = ask(client, grant_type=grant)
        assert status in (400, 401), grant
        assert body["error"], grant


def test_a_token_holds_in_its_own_tenant_only(
    client: Client, oauth_client: OAuthClient, other_tenant: Tenant
) -> None:
    token = token_for(client)

    assert refused(token, "partner.example").status == 401
    assert call(token, "carbon.super").actor == "hr-portal"
    assert ask(client, "/t/partner.example/oauth2/token")[0] == 401
    assert ask(client, "/t/carbon.super/oauth2/token")[0] == 200


def test_an_expired_token_is_refused(client: Client, oauth_client: OAuthClient) -> None:
    token = token_for(client)
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))

    assert 'error="invalid_token"' in refused(token).headers["WWW-Authenticate"]


def test_a_retired_service_provider_gets_and_uses_no_tokens(
    client: Client, portal: ServiceProvider, oauth_client: OAuthClient
) -> None:
    token = token_for(client)
    portal.retired_at = timezone.now()
    portal.save()

    assert refused(token).status == 401
    assert ask(client)[0] == 401


def test_a_wrong_secret_is_invalid_client_and_ends_in_a_lockout(
    client: Client, oauth_client: OAuthClient
) -> None:
    for _ in range(5):
        status, body = ask(client, secret="wrong")
        assert status == 401
        assert body["error"] == "invalid_client"

    status, body = ask(client)
    assert status == 401
    assert "Too many" in str(body["error_description"])


def test_a_client_revokes_its_own_token_only(
    client: Client, oauth_client: OAuthClient, tenant: Tenant
) -> None:
    stranger = ServiceProvider.objects.create(tenant=tenant, name="stranger")
    make_client(stranger, client_id="stranger")
    token = token_for(client)

    answer = client.post(
        "/oauth2/revoke", {"token": token}, headers=basic("stranger", "hr-secret-123")
    )
    assert answer.status_code == 200
    call(token)

    assert ask(client, "/oauth2/revoke", token=token)[0] == 200
    assert refused(token).status == 401


def test_introspection_tells_about_tokens_of_the_tenant(
    client: Client, oauth_client: OAuthClient, other_tenant: Tenant
) -> None:
    token = token_for(client, scope="provisioning")
    stranger = ServiceProvider.objects.create(tenant=other_tenant, name="stranger")
    make_client(stranger, client_id="stranger")

    body = ask(client, "/oauth2/introspect", token=token)[1]
    assert body["active"] is True
    assert body["scope"] == "provisioning"
    assert body["client_id"] == "hr-portal"

    assert ask(client, "/oauth2/introspect", token="nonsense")[1] == {"active": False}
    assert ask(client, "/oauth2/introspect")[0] == 400
    other = client.post(
        "/oauth2/introspect", {"token": token}, headers=basic("stranger", "hr-secret-123")
    )
    assert other.json() == {"active": False}
    assert client.post("/oauth2/introspect", {"token": token}).status_code == 401


def test_a_token_endpoint_takes_posts_only(client: Client, db: None) -> None:
    assert client.get("/oauth2/token").status_code == 405
