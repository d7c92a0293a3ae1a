"""Somebody signs up by themselves: nothing is there until they follow the link."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client

from idp.models import Group, Membership, Tenant, User
from provisioning import courier, signup
from provisioning.models import AuditEvent, Job, SignUp
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.fakes.mail import Mailbox
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store
from tests.provisioning.inbound.calls import make_client

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("row", "open_door"),
]
Step = Callable[[], None]
KIM = {
    "username": "kim",
    "password": "Correct-horse-9",
    "claims": {
        "http://wso2.org/claims/emailaddress": "kim@acme.example",
        "http://wso2.org/claims/givenname": "Kim",
    },
}


@pytest.fixture
def open_door(tenant: Tenant) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(self_signup=True)


def ask(client: Client, body: Any = KIM, path: str = "", **headers: str) -> Any:
    address = f"/api/v1/self-signup/{path}"
    return client.post(address, body, content_type="application/json", headers=headers)


def link(mailbox: Mailbox) -> str:
    courier.work_off()
    text = mailbox.mails[-1].get_payload(decode=True).decode()
    [found] = re.findall(r"http://\S+(/sign-up/\S+/)", text)
    return str(found)


def test_whoever_follows_the_link_is_made_and_sent_onward(
    client: Client, mailbox: Mailbox, target: Scim2Target, deliver: Step
) -> None:
    answer = ask(client)
    assert answer.status_code == 202, answer.content
    assert answer.json()["email"] == "kim@acme.example"
    assert not User.objects.exists()
    assert not Job.objects.exists()

    page = link(mailbox)
    looked = client.get(page)
    assert "Make my account" in looked.content.decode()
    assert looked["Referrer-Policy"] == "no-referrer"
    assert not User.objects.exists()

    assert "Your account is made" in client.post(page).content.decode()
    deliver()

    kim = User.objects.get()
    assert kim.full_name == "kim"
    assert check_password("Correct-horse-9", kim.password)
    [there] = target.users.values()
    assert there["userName"] == "kim"
    assert list(Group.objects.values_list("name", flat=True)) == ["selfsignup"]
    assert list(Membership.objects.values_list("user", flat=True)) == [kim.pk]
    event = AuditEvent.objects.get(subject_id=str(kim.pk))
    assert (event.door, event.actor) == ("signup", "self sign-up")
    row = SignUp.objects.get()
    assert row.given == {}


def test_a_second_click_makes_nobody_else(client: Client, mailbox: Mailbox) -> None:
    ask(client)
    page = link(mailbox)
    client.post(page)

    again = client.post(page)

    assert again.status_code == 200
    assert "Your account is made" in again.content.decode()
    assert User.objects.count() == 1


def test_a_click_after_a_process_died_half_way_finds_the_user(
    client: Client, mailbox: Mailbox
) -> None:
    ask(client)
    row = SignUp.objects.get()
    given = row.sealed_given
    client.post(link(mailbox))
    # The user is there, and nobody came to write down that it is.
    SignUp.objects.update(confirmed=None, sealed_given=given)

    answer = ask(client, {"token": row.given["token"]}, "confirm/")

    assert answer.status_code == 200
    assert answer.json() == {"user": str(User.objects.get().pk), "username": "kim"}


def test_a_name_that_was_taken_meanwhile_is_told_at_the_link(
    client: Client, mailbox: Mailbox, store: Store
) -> None:
    ask(client)
    store.add_user("kim")

    answer = client.post(link(mailbox))

    assert answer.status_code == 409
    assert "kim is taken" in answer.content.decode()
    assert SignUp.objects.get().confirmed is None


def test_a_blocking_target_that_fails_makes_nobody_and_the_link_stays_good(
    client: Client, mailbox: Mailbox, row: OutboundTarget, target: Scim2Target
) -> None:
    row.blocking, row.on_blocking_failure = True, "refuse"
    row.save()
    ask(client)
    page = link(mailbox)
    target.fail_next(status=400)

    refused = client.post(page)
    assert refused.status_code == 502
    assert "Try again" in refused.content.decode()
    assert not User.objects.exists()

    assert "Your account is made" in client.post(page).content.decode()
    assert [one["userName"] for one in target.users.values()] == ["kim"]


def test_a_client_signs_people_up_for_its_own_service_provider(
    client: Client,
    mailbox: Mailbox,
    tenant: Tenant,
    portal: ServiceProvider,
) -> None:
    Tenant.objects.update(self_signup=False)
    make_client(portal)
    token = client.post(
        "/oauth2/token",
        {"grant_type": "client_credentials", "client_id": "hr-portal"}
        | {"client_secret": "hr-secret-123"},
    ).json()["access_token"]

    answer = ask(client, Authorization=f"Bearer {token}")

    assert answer.status_code == 202, answer.content
    assert SignUp.objects.get().service_provider == portal


def test_where_it_is_switched_off_nobody_signs_up(client: Client, mailbox: Mailbox) -> None:
    Tenant.objects.update(self_signup=False)

    answer = ask(client)

    assert answer.status_code == 403
    assert "carbon.super" in answer.json()["detail"]
    assert not SignUp.objects.exists()


def test_without_a_mail_server_nobody_signs_up(client: Client) -> None:
    answer = ask(client)

    assert answer.status_code == 503
    assert "EMAIL_URL" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("wrong", "field", "status"),
    [
        ({"password": "kim"}, "password", 400),
        ({"password": ""}, "password", 400),
        ({"username": "Internal/boss"}, "username", 400),
        ({"username": ""}, "username", 400),
        ({"claims": {"http://wso2.org/claims/givenname": "Kim"}}, "emails", 400),
        ({"claims": {"http://wso2.org/claims/emailaddress": "nowhere"}}, "emails", 400),
        ({"groups": ["Internal/boss"]}, "groups", 400),
        ({"username": "lee"}, "username", 409),
    ],
)
def test_what_cannot_be_is_refused_at_once_naming_the_field(
    client: Client, mailbox: Mailbox, store: Store, wrong: Any, field: str, status: int
) -> None:
    store.add_user("lee")

    answer = ask(client, {**KIM, **wrong})

    assert answer.status_code == status, answer.content
    assert field in [error["field"] for error in answer.json()["errors"]], answer.content
    assert not SignUp.objects.exists()


def test_nobody_is_disabled_or_in_another_store_by_signing_up(
    client: Client, mailbox: Mailbox, store: Store
) -> None:
    claims = {**KIM["claims"], "http://wso2.org/claims/identity/accountDisabled": "true"}  # type: ignore[dict-item]
    assert ask(client, {**KIM, "claims": claims}).status_code == 400


def test_one_address_gets_so_many_mails_and_no_more(client: Client, mailbox: Mailbox) -> None:
    for number in range(3):
        assert ask(client, {**KIM, "username": f"kim{number}"}).status_code == 202

    answer = ask(client, {**KIM, "username": "kim9"})

    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600


def test_a_link_is_good_for_a_day_and_then_forgotten(client: Client, mailbox: Mailbox) -> None:
    ask(client)
    page = link(mailbox)
    SignUp.objects.update(expires="2020-01-01T00:00:00Z")

    assert client.post(page).status_code == 404
    signup.forget_old()

    assert not SignUp.objects.exists()
    assert not User.objects.exists()


def test_the_token_stands_in_no_message_and_no_log(
    client: Client, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    ask(client)
    token = SignUp.objects.get().given["token"]
    courier.work_off()

    from provisioning.models import Message

    assert token not in Message.objects.get().body
    assert token not in caplog.text
    assert "Correct-horse-9" not in caplog.text
