"""People sign in through OpenID Connect: they are made here and at targets, brought up to
date, given and taken groups, and the application learns who it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from idp.models import Authenticator, Group, IdentityProvider, JitSettings, Membership, User
from provisioning.inbound.login import attempts
from provisioning.models import Association, AuditEvent, Job, LoginAttempt, LoginCode
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.fakes.openid import KIM, OpenIdProvider, rsa_key
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store
from tests.flows.jit import jit_outbound
from tests.flows.logins import (
    APPLICATION,
    C,
    Person,
    application,
    came_to,
    code_of,
    configure,
    corporate,
    openid,
    person,
    redeem,
)

__all__ = ["application", "corporate", "jit_outbound", "openid", "person"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("application")]
Step = Callable[[], None]


def groups() -> set[str]:
    rows = Membership.objects.filter(user__username="kim")
    return set(rows.values_list("group__name", flat=True))


def test_the_first_login_makes_the_person_here_and_at_the_target_and_tells_the_application(
    person: Person,
    openid: OpenIdProvider,
    jit_outbound: OutboundTarget,
    target: Scim2Target,
    deliver: Step,
) -> None:
    openid.person["groups"] = ["Sales", "Unknown"]

    answer = person.to_application()

    assert came_to(answer)["state"] == "s 1"
    told = person.redeem(answer)
    assert told.status_code == 200, told.content
    body = told.json()
    assert body["outcome"].startswith("partner/scim2=queued;job=")
    claims = body.pop("claims")
    assert claims[f"{C}givenname"] == "Kim"
    assert claims[f"{C}emailaddress"] == "kim@acme.example"
    assert body == {
        "user": "kim",
        "user_id": str(User.objects.get().pk),
        "groups": ["sales"],
        "roles": [],
        "identity_provider": "corporate",
        "subject": "kim",
        "created": True,
        "outcome": body["outcome"],
    }
    deliver()
    assert [one["name"]["givenName"] for one in target.users.values()] == ["Kim"]
    [event] = AuditEvent.objects.filter(action="login.accept")
    assert (event.subject_name, event.actor, event.door) == ("kim", "corporate", "jit")
    assert event.detail["identity_provider"] == "corporate"


def test_a_later_login_brings_both_up_to_date_and_a_role_that_went_withdraws(
    person: Person,
    openid: OpenIdProvider,
    jit_outbound: OutboundTarget,
    target: Scim2Target,
    deliver: Step,
) -> None:
    provider = jit_outbound.connector.provider
    provider.provisioning_roles = ["sales"]
    provider.save()
    openid.person["groups"] = ["Sales"]
    person.to_application()
    deliver()
    assert len(target.users) == 1

    openid.person["given_name"] = "Kimberly"
    again = person.redeem(person.to_application()).json()
    deliver()
    assert again["created"] is False
    assert again["claims"][f"{C}givenname"] == "Kimberly"
    assert [one["name"]["givenName"] for one in target.users.values()] == ["Kimberly"]

    openid.person["groups"] = []
    person.to_application()
    deliver()
    assert groups() == set()
    assert target.users == {}
    assert User.objects.count() == 1


def test_a_code_is_good_once_for_a_minute_for_its_own_client_and_address(
    person: Person, client: Client
) -> None:
    code = code_of(person.to_application())

    assert redeem(client, code, redirect_uri="https://hr.example/other").status_code == 400
    assert redeem(client, "wrong").status_code == 400
    assert redeem(client, code, secret="wrong").status_code == 401
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert redeem(client, code).status_code == 400
    good = redeem(client, code)
    assert good.status_code == 200
    again = redeem(client, code)
    assert again.status_code == 400
    assert again["Content-Type"] == "application/problem+json"
    assert again.json()["errors"][0]["field"] == "code"


def test_no_code_is_redeemed_without_a_client(person: Person, client: Client) -> None:
    code = code_of(person.to_application())
    body = {"code": code, "redirect_uri": APPLICATION}

    answer = client.post("/api/v1/login/redeem/", body, content_type="application/json")

    assert answer.status_code == 401
    assert LoginCode.objects.get().redeemed is None


def test_who_went_meanwhile_is_not_told(person: Person, store: Store, client: Client) -> None:
    code = code_of(person.to_application())
    store.delete_user(User.objects.get().pk)

    assert redeem(client, code).status_code == 409


def test_without_an_application_a_page_says_who_they_are(person: Person) -> None:
    answer = person.sign_in()

    assert answer.status_code == 200
    assert b"You are signed in" in answer.content
    assert b"<strong>kim</strong>" in answer.content
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert not LoginCode.objects.exists()


@pytest.mark.parametrize("on_failure", ["report", "refuse"])
def test_a_blocking_target_that_fails_refuses_the_login_with_a_page(
    person: Person,
    jit_outbound: OutboundTarget,
    target: Scim2Target,
    deliver: Step,
    on_failure: str,
) -> None:
    jit_outbound.blocking, jit_outbound.on_blocking_failure = True, on_failure
    jit_outbound.save()
    target.fail_next(status=400)

    answer = person.to_application()

    assert answer.status_code == 502
    assert b"partner/scim2" in answer.content
    assert not LoginCode.objects.exists()
    assert User.objects.exists() is (on_failure == "report")
    [event] = AuditEvent.objects.filter(action="login.refuse")
    assert event.detail["status"] == 502
    assert event.detail["subject"] == "kim"

    if on_failure == "report":
        assert person.to_application().status_code == 502  # still not there
        deliver()
    assert person.redeem(person.to_application()).json()["user"] == "kim"
    assert User.objects.count() == 1
    assert len(target.users) == 1
    assert set(Job.objects.values_list("state", flat=True)) <= {"done", "failed", "cancelled"}


def test_a_target_that_does_not_block_delays_and_refuses_nobody(
    person: Person, jit_outbound: OutboundTarget, target: Scim2Target
) -> None:
    hung = target.hang_next()

    assert came_to(person.to_application())["code"]

    assert not hung.reached.is_set()


def test_a_rule_of_a_blocking_target_refuses_before_anybody_is_made(
    person: Person, jit_outbound: OutboundTarget, publish: Any
) -> None:
    jit_outbound.blocking = jit_outbound.enable_rules = True
    jit_outbound.save()
    publish(DENY)

    answer = person.to_application()

    assert answer.status_code == 403
    assert not User.objects.exists()
    assert not Association.objects.exists()
    [event] = AuditEvent.objects.filter(action="login.refuse")
    assert "partner" in event.detail["reason"]


DENY = """<Policy xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicyId="nobody"
 Version="1.0"
 RuleCombiningAlgId="urn:oasis:names:tc:xacml:1.0:rule-combining-algorithm:first-applicable">
<Target/><Rule RuleId="no" Effect="Deny"/></Policy>"""


def test_when_jit_is_off_only_who_is_associated_or_linked_gets_in(
    person: Person, corporate: IdentityProvider, store: Store
) -> None:
    JitSettings.objects.update(enabled=False)
    stranger = person.to_application()
    assert stranger.status_code == 403
    assert b"not made" in stranger.content
    assert not User.objects.exists()
    assert not Association.objects.exists()

    store.add_user("kimmy", document={"emails": [{"value": "kim@acme.example"}]})
    JitSettings.objects.update(link_existing_by=[f"{C}emailaddress"])
    told = person.redeem(person.to_application()).json()
    assert (told["user"], told["created"], told["outcome"]) == ("kimmy", False, "")
    assert f"{C}givenname" not in told["claims"]

    JitSettings.objects.update(link_existing_by=[])
    assert person.redeem(person.to_application()).json()["user"] == "kimmy"


def test_a_disabled_account_stays_out(person: Person, store: Store) -> None:
    person.to_application()
    user = User.objects.get()
    store.set_user(user.pk, "kim", document=user.document, active=False)

    assert person.to_application().status_code == 403
    JitSettings.objects.update(enabled=False)
    assert person.to_application().status_code == 403


def test_in_dumb_mode_the_application_is_told_of_somebody_stored_nowhere(
    person: Person, application: ServiceProvider, jit_outbound: OutboundTarget
) -> None:
    application.dumb_mode = True
    application.save()

    told = person.redeem(person.to_application()).json()

    assert (told["user"], told["created"]) == ("kim", True)
    assert told["claims"][f"{C}givenname"] == "Kim"
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "method", ["client_secret_basic", "client_secret_post", "private_key_jwt"]
)
def test_we_prove_who_we_are_as_the_settings_say(
    person: Person, openid: OpenIdProvider, method: str
) -> None:
    pem = rsa_key().as_pem(private=True).decode()
    configure(openid, settings={"token_endpoint_auth_method": method, "private_key": pem})

    assert person.sign_in().status_code == 200

    assert openid.authentications == [method]


def test_signing_out_goes_through_the_identity_provider_and_back(person: Person) -> None:
    there = person.client.get(
        "/login/corporate/logout/",
        {"service_provider": "hr-portal", "redirect_uri": APPLICATION, "state": "bye"},
    )

    back = person.client.get(person.at_provider(there))

    assert came_to(back) == {"state": "bye"}
    assert (
        person.client.get(
            "/login/corporate/logout/", {"redirect_uri": "https://evil.example/"}
        ).status_code
        == 400
    )


def test_the_realm_leads_home_and_without_one_people_choose(
    person: Person, openid: OpenIdProvider
) -> None:
    configure(openid, home_realm_identifier="acme.example", display_name="Acme")
    wanted = {"service_provider": "hr-portal", "redirect_uri": APPLICATION, "state": "x"}

    led = person.client.get("/login/", {"realm": "kim@ACME.example", **wanted})
    assert led.status_code == 302
    assert led["Location"].startswith("/login/corporate/?service_provider=hr-portal")

    chooser = person.client.get("/login/", {"realm": "other.example", **wanted})
    assert b"other.example" in chooser.content
    assert b"/login/corporate/?service_provider=hr-portal" in chooser.content
    assert (
        person.client.get("/login/", {"redirect_uri": "https://evil.example"}).status_code
        == 400
    )


def test_old_attempts_and_codes_are_forgotten(person: Person) -> None:
    person.to_application()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert attempts.forget_old() is False

    assert not LoginAttempt.objects.exists()
    assert not LoginCode.objects.exists()


def test_nothing_secret_is_kept_in_the_trail(person: Person) -> None:
    answer = person.to_application()
    told = str(list(AuditEvent.objects.values()))

    assert code_of(answer) not in told
    assert str(Authenticator.objects.get().settings["client_secret"]) not in told


def test_roles_of_a_claim_are_only_given_as_mapped(
    person: Person, openid: OpenIdProvider, store: Store
) -> None:
    store.add_group("admins")
    openid.person = {**KIM, "groups": ["admins", "Internal/boss", "Sales"]}

    person.to_application()

    assert groups() == {"sales"}
    assert Group.objects.filter(name="admins", member_count=0).exists()
