"""Somebody signs in elsewhere, and a trusted authenticator tells: they are made here, brought
up to date, given and taken groups, and sent on where rows have JIT Outbound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from idp.models import Group, JitSettings, User
from provisioning.models import Association, AuditEvent, JitEvent, Job
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store
from tests.flows.jit import (
    KIM,
    Authenticator,
    C,
    groups,
    jit_outbound,
    kim,
    portal,
    tell,
    trusted,
)
from tests.provisioning.inbound.calls import make_client

__all__ = ["jit_outbound", "portal", "tell", "trusted"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("trusted")]
Step = Callable[[], None]


def test_the_first_login_makes_the_person_and_a_later_one_brings_them_up_to_date(
    tell: Authenticator, jit_outbound: OutboundTarget, target: Scim2Target, deliver: Step
) -> None:
    answer = tell(roles=["Sales"])
    assert answer.status_code == 200, answer.content
    assert answer.json()["user"] == "kim"
    assert answer.json()["created"] is True
    assert answer.json()["outcome"] == answer["Provisioning-Outcome"]
    assert "partner/scim2=queued" in answer.json()["outcome"]
    deliver()
    assert [one["name"]["givenName"] for one in target.users.values()] == ["Kim"]
    assert groups() == {"sales"}
    assert {e.door for e in AuditEvent.objects.filter(subject_id=str(kim().pk))} == {"jit"}

    again = tell(claims={**KIM, f"{C}givenname": "Kimberly"}, roles=["Sales"])
    assert again.json()["created"] is False
    deliver()
    assert [one["name"]["givenName"] for one in target.users.values()] == ["Kimberly"]
    assert User.objects.count() == 1


def test_without_jit_outbound_the_person_is_made_here_only(
    tell: Authenticator, jit_outbound: OutboundTarget
) -> None:
    jit_outbound.jit_outbound = False
    jit_outbound.save()

    answer = tell()

    assert "partner/scim2=skipped" in answer.json()["outcome"]
    assert kim().active
    assert not Job.objects.exists()


def test_roles_that_are_not_said_change_nothing_and_none_takes_what_was_given(
    tell: Authenticator, store: Store
) -> None:
    tell(roles=["Sales"])
    store.set_group(Group.objects.get(name="pilots").pk, add=[kim().pk])

    tell()
    assert groups() == {"sales", "pilots"}

    tell(roles=[])
    assert groups() == {"pilots"}


def test_what_somebody_else_gave_stays_though_the_login_names_it_once(
    tell: Authenticator, store: Store
) -> None:
    tell()
    store.set_group(Group.objects.get(name="sales").pk, add=[kim().pk])

    tell(roles=["Sales"])
    tell(roles=[])

    assert groups() == {"sales"}


def test_roles_of_our_own_and_roles_without_a_mapping_are_given_to_nobody(
    tell: Authenticator, store: Store
) -> None:
    store.add_group("Internal/boss")
    store.add_group("admins")

    tell(roles=["Boss", "admins", "Pilots"])

    assert groups() == {"pilots"}


def test_an_event_told_twice_is_done_once(tell: Authenticator) -> None:
    first = tell(key="login-1")
    JitSettings.objects.update(enabled=False)

    again, other = tell(key="login-1"), tell("lee", key="login-1")

    assert again.status_code == 200
    assert again.json() == first.json()
    assert other.status_code == 409
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"


def test_an_event_that_was_refused_may_be_told_again(tell: Authenticator) -> None:
    JitSettings.objects.update(enabled=False)
    assert tell(key="login-1").status_code == 409
    JitSettings.objects.update(enabled=True)

    assert tell(key="login-1").status_code == 200
    assert JitEvent.objects.count() == 1


@pytest.mark.parametrize("on_failure", ["report", "refuse"])
def test_a_blocking_target_that_fails_decides_the_login(
    tell: Authenticator, jit_outbound: OutboundTarget, target: Scim2Target, on_failure: str
) -> None:
    jit_outbound.blocking, jit_outbound.on_blocking_failure = True, on_failure
    jit_outbound.save()
    target.fail_next(status=400)

    answer = tell()

    assert answer.status_code == 502
    assert "partner/scim2" in answer["Provisioning-Outcome"]
    assert User.objects.exists() is (on_failure == "report")

    assert tell().status_code == 200
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"identity_provider": "nobody"}, "identity_provider"),
        ({"identity_provider": "partner"}, "identity_provider"),
        ({"subject": ""}, "subject"),
        ({"subject": "Internal/boss"}, "subject"),
        ({"claims": {f"{C}nonsense": "x"}}, f"claims.{C}nonsense"),
        ({"claims": {f"{C}identity/accountDisabled": "true"}}, None),
        ({"claims": {f"{C}active": "false"}}, f"claims.{C}active"),
        ({"claims": {f"{C}title": {"a": 1}}}, f"claims.{C}title"),
        ({"claims": []}, "claims"),
        ({"roles": "Sales"}, "roles"),
        ({"tenant": "partner.example"}, "tenant"),
    ],
)
def test_what_cannot_be_is_refused_naming_the_field(
    tell: Authenticator, jit_outbound: OutboundTarget, wrong: Any, field: str | None
) -> None:
    answer = tell(**wrong)

    assert answer.status_code in (400, 409), answer.content
    assert field in [None, *(one["field"] for one in answer.json()["errors"])], answer.content
    assert not User.objects.exists()
    assert not Association.objects.exists()


def test_without_the_scope_nobody_tells(client: Client, portal: ServiceProvider) -> None:
    make_client(portal)
    asked = {"client_id": "hr-portal", "client_secret": "hr-secret-123"}
    token = client.post("/oauth2/token", {"grant_type": "client_credentials", **asked}).json()

    answer = client.post(
        "/api/v1/events/jit/",
        {"identity_provider": "corporate", "subject": "kim"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token['access_token']}"},
    )

    assert answer.status_code == 403
    assert not User.objects.exists()


def test_in_dumb_mode_who_signs_in_is_sent_onward_and_stored_nowhere(
    tell: Authenticator, jit_outbound: OutboundTarget, target: Scim2Target, deliver: Step
) -> None:
    jit_outbound.service_provider.dumb_mode = True
    jit_outbound.service_provider.save()

    assert tell().json()["created"] is True
    deliver()
    assert tell(claims={**KIM, f"{C}title": "Lead"}).json()["created"] is False
    deliver()

    [there] = target.users.values()
    assert (there["userName"], there["title"]) == ("kim", "Lead")
    assert not User.objects.exists()
