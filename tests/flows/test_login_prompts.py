"""People are asked before an account is made for them, if the operator wants it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import check_password

from idp.models import JitSettings, User
from provisioning.models import Association, AuditEvent, LoginCode
from serviceproviders.models import OutboundTarget
from tests.fakes.openid import OpenIdProvider
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store
from tests.flows.jit import jit_outbound
from tests.flows.logins import (
    APPLICATION,
    Person,
    application,
    corporate,
    openid,
    person,
)

__all__ = ["application", "corporate", "jit_outbound", "openid", "person"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("application")]
GOOD = "correct horse battery"


def asked(person: Person, prompt: str) -> Any:
    JitSettings.objects.update(prompt=prompt)
    return person.to_application()


def say(person: Person, page: Any, decision: str = "agree", **fields: str) -> Any:
    said = {"state": page.context["state"], "decision": decision, **fields}
    return person.client.post("/login/corporate/continue/", said)


def nobody() -> bool:
    rows = (User, Association, LoginCode)
    return not any(model._default_manager.exists() for model in rows)


def test_consent_is_asked_once_and_then_never_again(
    person: Person, openid: OpenIdProvider
) -> None:
    openid.person["groups"] = ["Sales"]
    page = asked(person, "consent")
    assert page.status_code == 200
    assert nobody()
    for shown in (b"kim@acme.example", b"corporate", b"hr-portal", b"sales"):
        assert shown in page.content
    assert b'type="password"' not in page.content

    agreed = say(person, page)

    assert agreed.status_code == 200
    assert f"{APPLICATION}?code=" in agreed.content.decode()
    assert User.objects.get().username == "kim"
    assert not User.objects.get().password
    assert person.redeem(person.to_application()).json()["created"] is False


def test_refusing_makes_nobody_and_ends_the_login(person: Person) -> None:
    page = asked(person, "consent")

    refused = say(person, page, "refuse")

    assert refused.status_code == 403
    assert b"no account was made" in refused.content
    assert nobody()
    assert say(person, page).status_code == 400
    assert nobody()
    [event] = AuditEvent.objects.filter(action="login.refuse")
    assert "did not agree" in event.detail["reason"]


@pytest.mark.parametrize(
    ("password", "again", "says"),
    [
        ("", "", "too short"),
        ("short", "short", "too short"),
        ("password123", "password123", "too common"),
        (GOOD, "another one", "differ"),
    ],
)
def test_a_password_that_will_not_do_is_asked_for_again(
    person: Person, password: str, again: str, says: str
) -> None:
    page = asked(person, "password")
    assert b'name="username"' not in page.content

    answer = say(person, page, password=password, password_again=again)

    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert f'value="{password}"' not in answer.content.decode() or not password
    assert nobody()
    say(person, page, password=GOOD, password_again=GOOD)
    assert check_password(GOOD, User.objects.get().password)


@pytest.mark.parametrize("name", ["lee", "LEE", "", "STAFF/lee", "Internal/boss", "a\tb"])
def test_a_name_that_cannot_be_chosen_is_said(person: Person, store: Store, name: str) -> None:
    store.add_user("lee")
    page = asked(person, "username")
    words = {"password": GOOD, "password_again": GOOD}

    answer = say(person, page, username=name, **words)

    assert answer.status_code == 200
    assert b'id="username-problem"' in answer.content
    assert User.objects.count() == 1

    say(person, answer, username="kimmy", **words)
    assert set(User.objects.values_list("username", flat=True)) == {"lee", "kimmy"}
    assert Association.objects.get().subject == "kim"


def test_a_name_that_is_taken_can_be_exchanged_or_refuses(person: Person, store: Store) -> None:
    store.add_user("kim")
    assert asked(person, "consent").status_code == 403

    page = asked(person, "username")

    assert b"already" in page.content
    words = {"username": "kim2", "password": GOOD, "password_again": GOOD}
    assert b"?code=" in say(person, page, **words).content


def test_a_blocking_target_that_fails_after_consent_is_told(
    person: Person, jit_outbound: OutboundTarget, target: Scim2Target
) -> None:
    jit_outbound.blocking, jit_outbound.on_blocking_failure = True, "refuse"
    jit_outbound.save()
    page = asked(person, "consent")
    target.fail_next(status=400)

    assert say(person, page).status_code == 502

    assert nobody()


def test_another_browser_and_a_forged_form_cannot_agree(person: Person) -> None:
    page = asked(person, "consent")
    stranger = Person(person.base)
    assert say(stranger, page).status_code == 403

    person.client.handler.enforce_csrf_checks = True
    assert say(person, page).status_code == 403
    assert nobody()


def test_the_page_may_be_loaded_again(person: Person) -> None:
    page = asked(person, "consent")

    again = person.client.get(f"/login/corporate/continue/?state={page.context['state']}")

    assert b"Make your account" in again.content
    assert nobody()
