"""Whom a broken claim mapping holds back goes as soon as it is put right, without a change."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from idp.models import IdentityProvider
from idp.revisions import touch
from provisioning import housekeeping, ticks
from provisioning.admin.why import address
from provisioning.configuration import apply
from provisioning.explain import explain
from provisioning.models import AuditEvent, HeldBack, Job, ProvisionedEntity, State, Tick
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.console import sign_in
from tests.factories import make_connector, make_operator, send_to
from tests.fakes.salesforce import SalesforceOrg
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store
from tests.idp.test_admin_configuration import form, page_of, rows
from tests.provisioning.inbound.calls import basic

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]
Look = Callable[..., None]
SHORT = "size(username) > 4 ? username.substring(0, 4) : username"
WRONG = "username.substring(0, 4)"
TITLE = {"remote": "title", "local": "http://wso2.org/claims/title"}


CLOCK = "ask rules by the clock"


@pytest.fixture
def a_worker_looks(deliver: Step) -> Callable[..., None]:
    """Every periodic task is due, except perhaps that of the hour; then all is delivered."""

    def look(*, full_hour: bool = False) -> None:
        Tick.objects.all().delete()
        if not full_hour:
            Tick.objects.create(name=CLOCK, due=timezone.now() + timedelta(hours=1))
        for task in housekeeping.TASKS:
            ticks.run(task)
        deliver()

    return look


@pytest.fixture
def provider(row: OutboundTarget) -> IdentityProvider:
    """With a mapping that has no answer for short names."""
    provider = row.provider
    provider.claim_dialect = "custom"
    provider.save()
    provider.claim_mappings.create(**TITLE)
    provider.claim_mappings.create(remote="nickName", order=1, expression=WRONG)
    touch(provider)
    return provider


def by_file(provider: IdentityProvider, expression: str) -> None:
    mapped = {"claim_mappings": [TITLE, {"remote": "nickName", "expression": expression}]}
    entry = {"name": provider.name, **mapped}
    tenant = {"domain": provider.tenant.domain, "identity_providers": [entry]}
    apply({"version": 1, "tenants": [tenant]}, actor="ops")


def by_rest(provider: IdentityProvider, expression: str) -> None:
    make_operator(provider.tenant)
    mapped = {"claim_mappings": [TITLE, {"remote": "nickName", "expression": expression}]}
    url = f"/api/v1/identity-providers/{provider.name}/"
    given = {"data": json.dumps(mapped), "content_type": "application/json"}
    answer = Client().patch(url, headers=basic(), **given)
    assert answer.status_code == 200, answer.content


def by_console(provider: IdentityProvider, expression: str) -> None:
    title, nick = provider.claim_mappings.order_by("order")
    mapped = rows(
        "claim_mappings",
        {**TITLE, "id": title.pk},
        {"remote": "nickName", "expression": expression, "id": nick.pk},
        initial=2,
    )
    posted = form(mapped, claim_dialect="custom")
    assert sign_in(provider.tenant).post(page_of(provider), posted).status_code == 302


def nicknames(target: Scim2Target) -> dict[str, str]:
    return {user["userName"]: user["nickName"] for user in target.users.values()}


@pytest.mark.parametrize("put_right", [by_file, by_rest, by_console])
def test_they_are_sent_once_the_row_is_put_right(
    provider: IdentityProvider, target: Scim2Target, store: Store, a_worker_looks: Step,
    put_right: Callable[[IdentityProvider, str], None],
) -> None:  # fmt: skip
    store.add_user("robin")
    kim = store.add_user("kim", document={"title": "Lead"})
    a_worker_looks()
    assert nicknames(target) == {"robin": "robi"}
    held = HeldBack.objects.get()
    assert held.reason.startswith("claim mapping row 2 (nickName): ")
    [told] = explain(kim.entity, store.service_provider)["targets"]  # type: ignore[arg-type]
    assert told["held_back_since"] == held.since.isoformat()
    assert "tried again when it changes, and by the clock" in told["summary"]
    page = sign_in(provider.tenant, "reader", role="viewer").get(address("user", "kim"))
    assert ">held back</span>" in page.content.decode()

    put_right(provider, SHORT)
    a_worker_looks()
    a_worker_looks()

    assert nicknames(target) == {"robin": "robi", "kim": "kim"}
    assert not HeldBack.objects.exists()
    event = AuditEvent.objects.get(action="user.entitlement")
    assert (event.subject_name, event.detail["cause"]) == (
        "kim",
        "claim mapping or settings changed",
    )
    assert Job.objects.filter(entity_id=kim.entity_id).count() == 1
    [told] = explain(kim.entity, store.service_provider)["targets"]  # type: ignore[arg-type]
    assert told["held_back_since"] is None


def test_an_update_that_was_held_back_is_sent_whole(
    provider: IdentityProvider, target: Scim2Target, store: Store, a_worker_looks: Step
) -> None:
    by_file(provider, SHORT)
    kim = store.add_user("kim", document={"title": "before"})
    a_worker_looks()
    by_file(provider, WRONG)
    store.set_user(kim.entity_id, "kim", document={"title": "after"})
    a_worker_looks()
    assert [user["title"] for user in target.users.values()] == ["before"]

    by_file(provider, SHORT)
    a_worker_looks()

    assert [user["title"] for user in target.users.values()] == ["after"]


def test_while_it_is_still_wrong_they_wait_and_are_not_asked_about_all_the_time(
    provider: IdentityProvider, store: Store, a_worker_looks: Step
) -> None:
    store.add_user("kim")
    by_file(provider, "username.substring(0, 5)")
    a_worker_looks()

    held = HeldBack.objects.get()
    assert held.revision == provider.connectors.get().revision
    assert not Job.objects.exists()
    since = held.since
    a_worker_looks()
    assert HeldBack.objects.get().since == since


def test_a_row_that_speaks_of_groups_is_tried_again_by_the_clock(
    provider: IdentityProvider,
    target: Scim2Target,
    store: Store,
    a_worker_looks: Callable[..., None],
) -> None:
    """A group is called otherwise: nobody changed, and no mapping did."""
    sales = store.add_group("hr")
    by_file(provider, "groups[0].substring(0, 5)")
    store.add_user("kim", join=["hr"])
    a_worker_looks()
    assert target.users == {}

    store.set_group(sales.entity_id, name="people")
    a_worker_looks()
    assert target.users == {}
    a_worker_looks(full_hour=True)

    assert nicknames(target) == {"kim": "peopl"}


def test_who_is_deleted_meanwhile_is_forgotten(
    provider: IdentityProvider, target: Scim2Target, store: Store, a_worker_looks: Step
) -> None:
    kim = store.add_user("kim")
    store.delete_user(kim.entity_id)
    by_file(provider, SHORT)
    a_worker_looks()

    assert target.users == {}
    assert not HeldBack.objects.exists()
    assert not ProvisionedEntity.objects.exists()


@pytest.fixture
def org() -> Iterator[SalesforceOrg]:
    with SalesforceOrg() as running:
        yield running


def test_what_failed_for_want_of_a_required_value_is_sent_once_it_is_mapped(
    resident: ServiceProvider, org: SalesforceOrg, store: Store, a_worker_looks: Step
) -> None:
    connector = make_connector(resident.tenant, org.settings, name="crm", type="salesforce")
    send_to(resident, connector)
    needed = [
        {"remote": one.remote, "local": one.local, "constant": one.constant}
        for one in connector.connector_class.preset
    ]
    without = [one for one in needed if one["remote"] != "LastName"]
    mail = {"emails": [{"value": "kim@acme.example", "primary": True}]}
    document: dict[str, Any] = {"name": {"givenName": "Kim", "familyName": "Lee"}, **mail}
    map_rows(resident, without)
    store.add_user("kim", document=document)
    a_worker_looks()
    job = Job.objects.get()
    assert (job.state, job.reason_code) == (State.FAILED, "configuration")
    assert "LastName" in job.reason

    map_rows(resident, needed)
    a_worker_looks()

    assert Job.objects.get().state == State.DONE
    assert [user["LastName"] for user in org.objects["User"].values()] == ["Lee"]


def map_rows(resident: ServiceProvider, mapped: list[dict[str, Any]]) -> None:
    entry = {"name": "crm", "claim_dialect": "custom", "claim_mappings": mapped}
    tenant = {"domain": resident.tenant.domain, "identity_providers": [entry]}
    apply({"version": 1, "tenants": [tenant]}, actor="ops")
