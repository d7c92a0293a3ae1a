"""Whoever tries to sign in as somebody else, or to lead somebody astray, sees a page: nobody
is made, no code is issued, and the browser is sent nowhere."""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from idp.models import IdentityProvider, JitSettings, Operator, Tenant, User
from provisioning.models import Association, AuditEvent, LoginAttempt, LoginCode
from tests.fakes.openid import (
    CLIENT_ID,
    KIM,
    SECRET,
    OpenIdProvider,
    encoded,
    other_key,
    rsa_key,
    unsigned,
)
from tests.flows.conftest import Store
from tests.flows.logins import (
    APPLICATION,
    C,
    Person,
    application,
    configure,
    corporate,
    openid,
    person,
)

__all__ = ["application", "corporate", "openid", "person"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("application")]
Claims = dict[str, Any]


def refused(answer: Any, status: int = 403, says: str = "") -> None:
    page = answer.content.decode()
    assert answer.status_code == status, page
    assert says in page
    assert "Location" not in answer
    assert not LoginCode.objects.exists()
    assert not Association.objects.exists()
    assert not User.objects.filter(username="kim").exists()


def changed(**claims: Any) -> Callable[[Claims], Claims]:
    """The claims with these instead; None takes one away."""
    return lambda said: {k: v for k, v in {**said, **claims}.items() if v is not None}


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"aud": "somebody-else"}, "another application"),
        ({"aud": [CLIENT_ID, "somebody-else"]}, "another application"),
        ({"aud": [CLIENT_ID, "x"], "azp": "x"}, "another application"),
        ({"exp": 1_000_000_000}, "expired"),
        ({"exp": None}, "expired"),
        ({"iat": 9_000_000_000}, "future"),
        ({"nonce": None}, "another login"),
        ({"nonce": "of-another-login"}, "another login"),
        ({"sub": None}, "names nobody"),
        ({"sub": ["kim"]}, "names nobody"),
    ],
)
def test_an_id_token_that_is_not_for_this_login_is_not_believed(
    person: Person, openid: OpenIdProvider, claims: Claims, says: str
) -> None:
    openid.bend = changed(**claims)

    refused(person.to_application(), says=says)

    [event] = AuditEvent.objects.filter(action="login.refuse")
    assert says in event.detail["reason"]


def hs256(claims: Claims) -> str:
    """RS/HS confusion: the public key, which everybody has, as if it were a shared secret."""
    signed = f"{encoded({'alg': 'HS256', 'kid': 'first'})}.{encoded(claims)}"
    mac = hmac.digest(rsa_key().as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def by_the_client_secret(claims: Claims) -> str:
    secret = OctKey.import_key(SECRET.encode() * 3)
    return jwt.encode({"alg": "HS256"}, claims, secret, algorithms=["HS256"])


def by_a_key_of_ones_own(claims: Claims) -> str:
    """… which the header even brings along."""
    key = RSAKey.generate_key(2048, private=True)
    header = {"alg": "RS256", "kid": "first", "jwk": key.as_dict(private=False)}
    return jwt.encode(header, claims, key, algorithms=["RS256"])


def cut(claims: Claims) -> str:
    return "a.b"


@pytest.mark.parametrize(
    "sign", [unsigned, hs256, by_the_client_secret, by_a_key_of_ones_own, cut]
)
@pytest.mark.parametrize("announced", [["RS256"], ["RS256", "HS256", "none"]])
def test_only_a_signature_of_the_identity_provider_counts(
    person: Person, openid: OpenIdProvider, sign: Callable[[Claims], str], announced: list[str]
) -> None:
    openid.algorithms, openid.sign = announced, sign

    refused(person.to_application(), says="cannot be trusted")


def test_a_document_about_somebody_else_is_not_believed(
    person: Person, openid: OpenIdProvider
) -> None:
    openid.describes = {"issuer": "https://evil.example"}

    refused(person.begin(), 502, says="https://evil.example")


def test_an_answer_of_another_identity_provider_is_not_taken_for_this_one(
    person: Person, openid: OpenIdProvider
) -> None:
    openid.returns = lambda given: {**given, "iss": "https://evil.example"}
    refused(person.to_application(), says="another identity provider")

    openid.returns = lambda given: {k: v for k, v in given.items() if k != "iss"}
    refused(person.to_application(), says="does not say")


def test_an_answer_does_not_fit_the_callback_of_another_identity_provider(
    person: Person, openid: OpenIdProvider
) -> None:
    configure(openid, name="other")

    back = person.at_provider(person.begin()).replace("/corporate/", "/other/")

    refused(person.client.get(back), 400, says="not good any more")


def test_an_answer_counts_once(person: Person, openid: OpenIdProvider) -> None:
    back = person.at_provider(person.begin())
    assert person.client.get(back).status_code == 200

    again = person.client.get(back)

    assert again.status_code == 400
    assert len(openid.requests("POST", "/token")) == 1


def test_a_code_that_the_identity_provider_has_seen_is_refused(
    person: Person, openid: OpenIdProvider
) -> None:
    first = dict(parse_qsl(urlsplit(person.at_provider(person.begin())).query))
    openid._codes.pop(first["code"])

    answer = person.client.get(f"/login/corporate/callback/?{urlencode(first)}")

    refused(answer, 502, says="invalid_grant")


def test_a_login_begun_in_another_browser_is_not_gone_on_with(person: Person) -> None:
    begun = person.begin()
    cookie = begun.cookies["login"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    back = person.at_provider(begun)

    refused(Client().get(back), says="another browser")

    # … and whoever began it still may.
    assert person.client.get(back).status_code == 200


def test_with_https_the_cookie_is_ours_alone(person: Person, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = True

    cookie = person.begin().cookies["__Host-login"]

    assert cookie["secure"]
    assert cookie["path"] == "/"


@pytest.mark.parametrize(
    "query",
    [
        {"service_provider": "hr-portal", "redirect_uri": "https://evil.example/"},
        {"service_provider": "hr-portal", "redirect_uri": f"{APPLICATION}/../x"},
        {"service_provider": "hr-portal", "redirect_uri": f"{APPLICATION}?next=x"},
        {"service_provider": "hr-portal", "redirect_uri": "//evil.example"},
        {"service_provider": "hr-portal"},
        {"service_provider": "nobody", "redirect_uri": APPLICATION},
        {"redirect_uri": APPLICATION},
        {"service_provider": "hr-portal", "redirect_uri": APPLICATION, "state": "x" * 3000},
        {"service_provider": "hr\0portal", "redirect_uri": APPLICATION},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(
    person: Person, query: dict[str, str]
) -> None:
    refused(person.begin(**query), 400)

    assert not LoginAttempt.objects.exists()


def test_the_host_header_is_not_believed(person: Person, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]

    begun = person.client.get("/login/corporate/", headers={"Host": "evil.example"})

    asked = dict(parse_qsl(urlsplit(begun["Location"]).query))
    assert asked["redirect_uri"] == f"{settings.PURVEYOR_BASE_URL}/login/corporate/callback/"
    assert asked["code_challenge_method"] == "S256"
    assert b"evil.example" not in begun.content + begun["Location"].encode()


def test_one_subject_of_two_identity_providers_is_two_people(
    person: Person, openid: OpenIdProvider
) -> None:
    configure(openid, name="other")
    person.to_application()

    answer = person.to_application("other")

    assert answer.status_code == 403
    assert b"not linked" in answer.content
    assert User.objects.count() == Association.objects.count() == LoginCode.objects.count() == 1


def test_userinfo_of_another_person_is_not_believed(
    person: Person, openid: OpenIdProvider
) -> None:
    openid.told = changed(sub="lee")

    refused(person.to_application(), says="another person")


@pytest.mark.parametrize("said", ["id_token", "userinfo"])
def test_an_address_that_is_not_verified_opens_nobodys_account(
    person: Person, openid: OpenIdProvider, store: Store, said: str
) -> None:
    store.add_user("boss", document={"emails": [{"value": "boss@acme.example"}]})
    JitSettings.objects.update(link_existing_by=[f"{C}emailaddress"])
    openid.person = {**KIM, "email": "boss@acme.example", "email_verified": False}
    if said == "userinfo":  # the token's address is verified, the one that counts is not
        openid.bend = changed(email="kim@acme.example", email_verified=True)

    refused(person.to_application(), says="not verified")

    openid.person["email_verified"], openid.bend = True, changed()
    assert person.redeem(person.to_application()).json()["user"] == "boss"


def test_no_claim_leads_to_another_tenant_or_to_an_operator(
    person: Person, openid: OpenIdProvider, other_tenant: Tenant
) -> None:
    configure(openid, user_id_claim="preferred_username")
    openid.person["preferred_username"] = "admin@partner.example"
    openid.person |= {
        "tenant": "partner.example",
        "role": "administrator",
        "is_superuser": True,
    }

    told = person.redeem(person.to_application()).json()

    assert told["user"] == "admin@partner.example"
    assert [user.tenant.domain for user in User.objects.all()] == ["carbon.super"]
    assert not Operator.objects.exists()
    openid.person["preferred_username"] = "Internal/admin"
    openid.person["sub"] = "other"
    assert person.to_application().status_code == 403


def test_an_identity_provider_of_another_tenant_is_not_there(
    person: Person, other_tenant: Tenant
) -> None:
    refused(person.client.get("/t/partner.example/login/corporate/"), 404)
    refused(person.client.get("/t/nowhere.example/login/corporate/"), 404)


def test_new_keys_count_without_a_restart_but_are_not_asked_for_at_will(
    person: Person, openid: OpenIdProvider
) -> None:
    assert person.sign_in().status_code == 200

    openid.key = other_key()
    assert person.sign_in().status_code == 200

    openid.sign = by_a_key_of_ones_own
    read = len(openid.requests("GET", "/jwks"))
    for _ in range(6):
        assert person.sign_in().status_code == 403
    assert len(openid.requests("GET", "/jwks")) <= read + 3


@pytest.mark.parametrize("path", ["openid-configuration", "/token"])
def test_an_identity_provider_that_hangs_costs_five_seconds_and_a_page(
    person: Person, openid: OpenIdProvider, path: str
) -> None:
    if path == "/token":
        person.sign_in()  # its description is known
        User.objects.all().delete()
        Association.objects.all().delete()
    openid.hang_next(path=path)
    started = time.monotonic()

    answer = person.begin() if path != "/token" else person.to_application()

    assert time.monotonic() - started < 8
    refused(answer, 502, says="does not work")


def test_errors_of_the_identity_provider_are_told_and_lead_nowhere(
    person: Person, openid: OpenIdProvider
) -> None:
    def denied(given: Claims) -> Claims:
        return {"error": "access_denied", "state": given["state"], "iss": given["iss"]}

    openid.returns = denied
    refused(person.to_application(), says="did not let you in")

    openid.returns = lambda given: {**denied(given), "error": "<script>alert(1)</script>"}
    answer = person.to_application()
    refused(answer, 502)
    assert b"<script>" not in answer.content


def test_a_network_that_begins_too_many_logins_waits(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provisioning.inbound.login.attempts.PER_ADDRESS", 2)
    person.begin()
    person.begin()

    answer = person.begin()

    refused(answer, 429)
    assert answer["Retry-After"] == "60"


def test_settings_that_change_meanwhile_end_the_login(
    person: Person, openid: OpenIdProvider, corporate: IdentityProvider
) -> None:
    back = person.at_provider(person.begin())
    configure(openid, settings={"issuer": "https://new.example"})

    refused(person.client.get(back), says="changed meanwhile")
