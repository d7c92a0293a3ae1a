"""Logins of a tenant stay in it; and what a login costs others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings as configured
from django.db import connection
from django.test import Client

from idp.models import Tenant, User
from provisioning.inbound.login.oidc import line
from provisioning.models import AuditEvent, LoginCode
from serviceproviders.models import ServiceProvider
from tests.fakes.openid import OpenIdProvider
from tests.flows.logins import (
    APPLICATION,
    Person,
    application,
    code_of,
    configure,
    corporate,
    openid,
    person,
    redeem,
)
from tests.log_lines import Lines
from tests.provisioning.inbound.calls import make_client

__all__ = ["application", "corporate", "openid", "person"]

pytestmark = pytest.mark.django_db(transaction=True)
at_once = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="one writer at a time; runs on PostgreSQL"
)
QUERY = {"service_provider": "hr-portal", "redirect_uri": APPLICATION}


@pytest.fixture
def theirs(other_tenant: Tenant, openid: OpenIdProvider) -> ServiceProvider:
    """The application and the identity provider of another tenant, of the same names."""
    configure(openid, tenant="partner.example", role_mappings=[])
    portal = ServiceProvider.objects.create(
        tenant=other_tenant, name="hr-portal", redirect_uris=[APPLICATION]
    )
    make_client(portal, client_id="their-portal")
    return portal


@pytest.mark.usefixtures("application")
def test_a_login_of_a_tenant_makes_somebody_there_and_its_code_is_good_there_only(
    person: Person, theirs: ServiceProvider, client: Client
) -> None:
    begun = person.client.get("/t/partner.example/login/corporate/", QUERY)
    asked = dict(parse_qsl(urlsplit(begun["Location"]).query))
    assert (
        urlsplit(asked["redirect_uri"]).path == "/t/partner.example/login/corporate/callback/"
    )
    back = person.at_provider(begun)

    answer = person.client.get(back)

    assert User.objects.get().tenant.domain == "partner.example"
    assert AuditEvent.objects.get(action="login.accept").tenant.domain == "partner.example"
    code = code_of(answer)
    assert redeem(client, code).status_code == 400
    assert redeem(client, code, client_id="their-portal").json()["user"] == "kim"


def test_an_answer_for_a_tenant_does_not_count_in_another(
    person: Person, theirs: ServiceProvider
) -> None:
    back = person.at_provider(person.client.get("/t/partner.example/login/corporate/", QUERY))

    answer = person.client.get(back.removeprefix("/t/partner.example"))

    assert answer.status_code == 400
    assert not User.objects.exists()


def test_identity_providers_that_hang_do_not_take_every_thread(person: Person) -> None:
    with ExitStack() as waiting:
        for _ in range(configured.PURVEYOR_WEB_THREADS // 4):
            waiting.enter_context(line.to("somebody slow"))

        answer = person.begin()

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert person.sign_in().status_code == 200


def test_addresses_with_codes_and_states_are_not_logged(
    person: Person, openid: OpenIdProvider, lines: Lines
) -> None:
    openid.bend = lambda claims: {**claims, "aud": "somebody-else"}
    back = person.at_provider(person.begin())
    given = dict(parse_qsl(urlsplit(back).query))

    assert person.client.get(back).status_code == 403
    assert person.client.get(back).status_code == 400

    assert given["state"] not in lines.text
    assert given["code"] not in lines.text


@at_once
@pytest.mark.usefixtures("application")
def test_a_code_that_is_redeemed_by_many_at_once_is_good_for_one(person: Person) -> None:
    code = code_of(person.to_application())

    def one(_: int) -> Any:
        try:
            return redeem(Client(), code).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(one, range(4)))

    assert sorted(answers) == [200, 400, 400, 400]
    assert LoginCode.objects.get().redeemed is not None


@at_once
@pytest.mark.usefixtures("application")
def test_a_page_of_consent_that_is_sent_twice_at_once_makes_one(
    person: Person, openid: OpenIdProvider
) -> None:
    configure(openid, jit={"prompt": "consent"})
    page = person.to_application()
    cookies = person.client.cookies

    def one(_: int) -> int:
        browser = Client()
        browser.cookies = cookies
        said = {"state": page.context["state"], "decision": "agree"}
        try:
            status: int = browser.post("/login/corporate/continue/", said).status_code
            return status
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(one, range(3)))

    assert sorted(answers) == [200, 400, 400]
    assert User.objects.count() == LoginCode.objects.count() == 1
