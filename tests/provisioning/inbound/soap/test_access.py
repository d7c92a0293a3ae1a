"""Who may ask: the same callers as at the other doors, each in the tenant of the address."""

from __future__ import annotations

import pytest
from django.test import Client
from lxml import etree
from pytest_django import Settings

from config.requests import REGISTRY
from idp.models import Tenant, User
from provisioning.inbound.soap.operations import TABLE
from serviceproviders.models import OAuthClient, ServiceProvider
from tests.factories import make_connector, make_operator, send_to
from tests.log_lines import Lines
from tests.provisioning.inbound.calls import basic, make_client
from tests.provisioning.inbound.soap.clients import SOAP12, V1, V2, Raw, Zeep

pytestmark = pytest.mark.django_db(transaction=True)
ASK = "<s:isReadOnly/>"
ADD = "<s:addUser><s:userName>kim</s:userName></s:addUser>"


def bearer(client: Client, service_provider: ServiceProvider, *scopes: str) -> dict[str, str]:
    make_client(service_provider, client_id=service_provider.name, scopes=scopes)
    answer = client.post(
        "/oauth2/token",
        {"grant_type": "client_credentials", "scope": " ".join(scopes)},
        headers=basic(service_provider.name, "hr-secret-123"),
    )
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.mark.parametrize(
    "wrong",
    [{}, basic(password="no"), basic("nobody"), {"Authorization": "Bearer no"}, {"x": "y"}],
)
def test_nobody_unknown_is_let_in_whatever_they_send(
    client: Client, credentials: dict[str, str], wrong: dict[str, str]
) -> None:
    raw = Raw(client, wrong)

    for answer in (raw(ADD), raw.send(b"no xml"), raw.send(b"x", "application/json")):
        assert answer.status == 401
        assert "WWW-Authenticate" in answer.headers
        assert answer.code == "Client"
        assert answer.fault
    twelve = Raw(client, wrong, soap=SOAP12)(ADD)
    assert (twelve.status, twelve.code) == (401, "Sender")
    assert twelve.headers["Content-Type"].startswith("application/soap+xml")
    assert not User.objects.exists()


def test_an_operator_without_the_doors_is_forbidden(client: Client, tenant: Tenant) -> None:
    make_operator(tenant, use_doors=False)

    answer = Raw(client, basic())(ADD)

    assert (answer.status, "may not use the provisioning doors" in answer.fault) == (403, True)


def test_a_client_acts_for_its_service_provider(client: Client, tenant: Tenant) -> None:
    portal = ServiceProvider.objects.create(tenant=tenant, name="portal")
    connector = make_connector(tenant, {"user_endpoint": "http://127.0.0.1:9/Users"})
    send_to(portal, connector)
    soap = Zeep(client, bearer(client, portal, "provisioning"))

    assert soap("addUser", "kim", None, [], [], None, None) is True

    assert soap.outcome.startswith("partner/scim2=queued;job=")


def test_the_scope_for_reading_reads_and_changes_nothing(
    client: Client, tenant: Tenant
) -> None:
    portal = ServiceProvider.objects.create(tenant=tenant, name="portal")
    raw = Raw(client, bearer(client, portal, "provisioning:read"))

    assert raw("<s:getRoleNames/>").status == 200
    for operation in TABLE.values():
        answer = raw(f"<s:{operation.name}/>")
        assert (answer.status == 403) is operation.changes, operation.name
        if operation.changes:
            assert "lacks the scope 'provisioning'" in answer.fault
            assert 'scope="provisioning"' in answer.headers["WWW-Authenticate"]
    assert not User.objects.exists()


def test_a_client_with_neither_scope_is_forbidden(client: Client, tenant: Tenant) -> None:
    portal = ServiceProvider.objects.create(tenant=tenant, name="portal")

    answer = Raw(client, bearer(client, portal, "provisioning:jit"))(ASK)

    assert (answer.status, "lacks the scope 'provisioning'" in answer.fault) == (403, True)


def test_a_client_that_asks_too_often_is_told_when_to_come_back(
    client: Client, tenant: Tenant
) -> None:
    portal = ServiceProvider.objects.create(tenant=tenant, name="portal")
    raw = Raw(client, bearer(client, portal, "provisioning"))
    OAuthClient.objects.update(requests_per_minute=1)

    answers = [raw(ASK) for _ in range(3)]

    assert answers[-1].status == 429
    assert "Retry-After" in answers[-1].headers
    assert "1 requests a minute" in answers[-1].fault


def test_tenants_know_nothing_of_each_other(
    client: Client, credentials: dict[str, str], other_tenant: Tenant
) -> None:
    make_operator(other_tenant, "opa")
    here = Zeep(client, credentials)
    there = Zeep(client, basic("opa"), base="/t/partner.example")
    here("addUser", "kim", None, [], [], None, None)

    assert there("listUsers", "*", -1) == []
    assert there("isExistingUser", "kim") is False
    assert "no user kim" in there.fault("deleteUser", "kim").message
    there("addUser", "kim", None, [], [], None, None)
    assert {str(user.tenant.domain) for user in User.objects.all()} == {
        "carbon.super",
        "partner.example",
    }
    assert "partner.example" in there.fault("getTenantId").message
    by_name = Raw(client, basic("opa@partner.example"))
    assert by_name("<s:getTenantId/>").status == 500
    assert Raw(client, credentials, base="/t/partner.example")(ASK).status == 401
    assert Raw(client, basic("opa"))(ASK).status == 401
    assert Raw(client, credentials, base="/t/nowhere.example")(ASK).status == 401
    assert Raw(client, credentials, base="/t/carbon.super")(ASK).status == 200


@pytest.mark.parametrize("name", [V1, V2])
@pytest.mark.parametrize("base", ["", "/t/partner.example"])
def test_the_wsdl_is_open_and_says_where_the_service_is(
    client: Client, other_tenant: Tenant, tenant: Tenant, name: str, base: str
) -> None:
    for query in ("wsdl", "WSDL", "wsdl="):
        answer = client.get(f"{base}/services/{name}?{query}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (
            200,
            "text/xml; charset=utf-8",
        )
    root = etree.fromstring(answer.content)
    places = {one.get("location") for one in root.iter("{*}address")}
    assert places == {
        f"http://testserver{base}/services/{name}.{name}Https{soap}Endpoint/"
        for soap in ("Soap11", "Soap12")
    }
    assert client.get(f"/t/nowhere.example/services/{name}?wsdl").status_code == 404
    assert client.get("/services/RemoteUserStoreManagerServiceV3?wsdl").status_code == 404


def test_the_wsdl_names_the_address_that_callers_use(
    client: Client, tenant: Tenant, settings: Settings
) -> None:
    settings.PURVEYOR_BASE_URL = "https://purveyor.example"

    answer = client.get(f"/services/{V2}?wsdl")

    assert b'"https://purveyor.example/services/' in answer.content
    assert b"testserver" not in answer.content


def test_every_address_that_clients_of_wso2_call(
    client: Client, credentials: dict[str, str]
) -> None:
    for suffix in ("", "/", f".{V2}HttpsSoap11Endpoint", f".{V2}HttpsSoap12Endpoint/"):
        assert Raw(client, credentials, name=f"{V2}{suffix}")(ASK).status == 200, suffix


def test_a_caller_who_is_wrong_wakes_nobody(raw: Raw, lines: Lines) -> None:
    before = {status: counted(status) for status in ("4xx", "5xx")}
    assert raw("<s:deleteUser><s:userName>nobody</s:userName></s:deleteUser>").status == 500

    levels = {event["level"] for event in lines.events}
    assert not {"warning", "error"} & levels
    assert {status: counted(status) - was for status, was in before.items()} == {
        "4xx": 1,
        "5xx": 0,
    }


def counted(status: str) -> float:
    """Requests to the door that metrics have counted with that class of status."""
    labels = {"door": "soap", "method": "POST", "status": status}
    name = "purveyor_door_request_duration_seconds_count"
    return REGISTRY.get_sample_value(name, labels) or 0.0
