"""Dry run: everything is planned and built as ever, and nothing changes at the target."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.urls import reverse

from idp.models import Mode, OutboundConnector, Tenant
from provisioning import status
from provisioning.configuration import apply
from provisioning.models import (
    REHEARSED,
    AcceptedMember,
    Attempt,
    Job,
    LinkState,
    Outcome,
    ProvisionedEntity,
    State,
)
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.console import sign_in
from tests.factories import make_connector, send_to
from tests.fakes.google import GoogleDirectory
from tests.fakes.salesforce import SalesforceOrg
from tests.fakes.scim1 import Scim1Target
from tests.fakes.scim2 import Scim2Target
from tests.fakes.spml import SpmlTarget
from tests.flows.conftest import Store, names
from tests.provisioning.inbound.scim2.conftest import Scim
from tests.provisioning.management.running import run

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]
NAMED = {
    "name": {"givenName": "Kim", "familyName": "Lee"},
    "emails": [{"value": "k@x.example"}],
}


def switch(mode: Mode) -> None:
    OutboundConnector.objects.update(mode=mode)


def wrote(target: Any) -> list[str]:
    """The requests that reached the target and could have changed something."""
    ours = [one for one in target.requests() if not one.path.endswith("/token")]
    asking = re.compile("(?i)search|lookup|listTargets|active")
    return [
        one.method
        for one in ours
        if one.method != "GET" and not asking.search(str(one.headers.get("soapaction", "")))
    ]


def recorded() -> list[dict[str, Any]]:
    """The requests of the last rehearsal that would have been sent."""
    exchanges: list[dict[str, Any]] = Attempt.objects.latest("id").exchanges
    return [one for one in exchanges if one.get("rehearsed")]


def test_who_is_rehearsed_goes_once_the_connector_is_active(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    switch(Mode.DRY_RUN)
    for number in range(25):
        store.add_user(f"person-{number}")
    deliver()

    assert target.users == {}
    assert wrote(target) == []
    assert status.is_idle()
    job = Job.objects.first()
    assert job is not None
    assert (job.state, job.reason_code) == (State.HELD, REHEARSED)
    assert "dry run: would create person-" in job.reason
    assert not ProvisionedEntity.objects.exists()

    switch(Mode.ACTIVE)
    deliver()

    assert len(target.users) == 25
    assert set(Job.objects.values_list("state", flat=True)) == {State.DONE}


def test_the_request_that_is_kept_is_the_one_that_is_sent_later(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    switch(Mode.DRY_RUN)
    store.add_user("kim", document={"title": "Lead"})
    deliver()
    (rehearsed,) = recorded()
    assert (rehearsed["status"], rehearsed["response_body"]) == (0, "")

    switch(Mode.ACTIVE)
    deliver()

    (sent,) = [one for one in Attempt.objects.latest("id").exchanges if one["status"] == 201]
    alike = ("method", "url", "request_headers", "request_body")
    assert {key: sent[key] for key in alike} == {key: rehearsed[key] for key in alike}


def test_passwords_wait_for_the_real_request_and_are_in_no_recording(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    connector = row.connector
    connector.settings = {**connector.settings, "enable_password_provisioning": True}
    connector.mode = Mode.DRY_RUN
    connector.save()
    store.add_user("kim", password="not-for-anybody-1")
    deliver()

    assert recorded()
    assert "not-for-anybody-1" not in str(Attempt.objects.latest("id").exchanges)

    switch(Mode.ACTIVE)
    deliver()

    assert list(target.passwords.values()) == ["not-for-anybody-1"]


def test_changes_and_deletes_of_people_who_are_there_are_owed(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    stays, goes = (store.add_user(name).entity_id for name in ("stays", "goes"))
    deliver()
    before = dict(target.users)
    links = list(ProvisionedEntity.objects.order_by("id").values())
    switch(Mode.DRY_RUN)
    store.set_user(stays, "stays", document={"title": "Lead"})
    store.delete_user(goes)
    deliver()

    assert target.users == before
    assert list(ProvisionedEntity.objects.order_by("id").values()) == links
    assert sorted(Job.objects.filter(state=State.HELD).values_list("operation", flat=True)) == [
        "delete",
        "update",
    ]

    switch(Mode.ACTIVE)
    deliver()

    assert [user.get("title") for user in target.users.values()] == ["Lead"]
    assert not ProvisionedEntity.objects.filter(entity_id=goes).exists()


def test_a_withdrawal_is_owed_as_well(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    staff = store.add_group("staff").entity_id
    row.provider.provisioning_roles = ["staff"]
    row.provider.save()
    kim = store.add_user("kim", join=["staff"]).entity_id
    deliver()
    switch(Mode.DRY_RUN)
    store.set_group(staff, remove=[kim])
    deliver()
    assert names(target) == ["kim"]

    switch(Mode.ACTIVE)
    deliver()

    assert names(target) == []


def test_what_was_rehearsed_and_is_over_before_the_switch_leaves_no_trace(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    switch(Mode.DRY_RUN)
    kim = store.add_user("kim").entity_id
    deliver()
    store.delete_user(kim)
    deliver()
    switch(Mode.ACTIVE)
    deliver()

    assert target.users == {}
    assert wrote(target) == []
    assert not Job.objects.filter(is_open=True).exists()


def test_the_newest_change_goes_and_only_that(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    switch(Mode.DRY_RUN)
    kim = store.add_user("kim").entity_id
    for title in ("Clerk", "Lead"):
        deliver()
        store.set_user(kim, "kim", document={"title": title})
    deliver()
    switch(Mode.ACTIVE)
    deliver()

    assert [user["title"] for user in target.users.values()] == ["Lead"]
    assert wrote(target) == ["POST"]


def test_groups_and_their_members_follow(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    old = store.add_user("old").entity_id
    group = store.add_group("sales", add=[old]).entity_id
    deliver()
    switch(Mode.DRY_RUN)
    new = store.add_user("new").entity_id
    store.set_group(group, add=[new], remove=[old])
    store.add_group("empty")
    deliver()
    (there,) = target.groups.values()
    assert len(there["members"]) == 1
    assert AcceptedMember.objects.get().member_id == old

    switch(Mode.ACTIVE)
    deliver()

    members = {
        group["displayName"]: [
            target.users[one["value"]]["userName"] for one in group.get("members", [])
        ]
        for group in target.groups.values()
    }
    assert members == {"sales": ["new"], "empty": []}


def test_who_only_passes_through_is_not_forgotten(
    onward: OutboundTarget, target: Scim2Target, scim: Scim, deliver: Step
) -> None:
    switch(Mode.DRY_RUN)
    made = scim("POST", "/Users", {"userName": "kim", "title": "Lead"})
    assert made.status == 201
    deliver()
    assert target.users == {}

    switch(Mode.ACTIVE)
    deliver()

    assert [(u["userName"], u["title"]) for u in target.users.values()] == [("kim", "Lead")]


@pytest.fixture(params=["google", "salesforce", "scim", "scim2", "spml"])
def any_target(request: pytest.FixtureRequest) -> Iterator[tuple[str, Any]]:
    kinds: dict[str, Any] = {
        "google": GoogleDirectory,
        "salesforce": SalesforceOrg,
        "scim": Scim1Target,
        "scim2": Scim2Target,
        "spml": SpmlTarget,
    }
    with kinds[request.param]() as running:
        yield request.param, running


def test_every_kind_of_connector_rehearses(
    any_target: tuple[str, Any], resident: ServiceProvider, store: Store, deliver: Step
) -> None:
    kind, target = any_target
    connector = make_connector(resident.tenant, target.settings, type=kind)
    send_to(resident, connector)
    if connector.connector_class.preset:
        map_as_proposed(connector)
    stays = store.add_user("stays", document=NAMED).entity_id
    goes = store.add_user("goes", document=NAMED).entity_id
    deliver()
    before, so_far = deepcopy(dict(target.users)), len(wrote(target))
    assert len(before) >= 2
    switch(Mode.DRY_RUN)
    store.add_user("comes", document=NAMED)
    store.set_user(stays, "stays", document={"name": {"familyName": "Changed"}})
    store.delete_user(goes)
    deliver()

    assert len(wrote(target)) == so_far
    assert target.users == before
    rehearsed = Job.objects.filter(state=State.HELD, reason_code=REHEARSED)
    assert sorted(rehearsed.values_list("operation", flat=True)) == [
        "create",
        "delete",
        "update",
    ]
    for attempt in Attempt.objects.filter(outcome=Outcome.DRY_RUN):
        assert [one for one in attempt.exchanges if one.get("rehearsed")]

    switch(Mode.ACTIVE)
    deliver()

    assert set(Job.objects.values_list("state", flat=True)) == {State.DONE}
    assert ProvisionedEntity.objects.filter(state=LinkState.LINKED).count() == 2


def map_as_proposed(connector: OutboundConnector) -> None:
    rows = [
        {"remote": one.remote, "local": one.local, "constant": one.constant}
        for one in connector.connector_class.preset
    ]
    entry = {"name": "partner", "claim_dialect": "custom", "claim_mappings": rows}
    tenant = {"domain": "carbon.super", "identity_providers": [entry]}
    apply({"version": 1, "tenants": [tenant]}, actor="ops")


def test_it_is_told_everywhere(
    row: OutboundTarget, store: Store, deliver: Step, tenant: Tenant
) -> None:
    switch(Mode.DRY_RUN)
    store.add_user("kim", document={"title": "Lead"})
    deliver()
    job = Job.objects.get()
    console = sign_in(tenant)

    [told] = status.status()["connectors"]
    assert (told["state"], told["held"], told["rehearsed"]) == ("dry_run", 1, 1)
    assert "dry_run, 0 queued, 1 held (1 rehearsed)" in run("status").out
    assert "requests are written down and not sent" in run("explain", "kim").out
    page = console.get(reverse("admin:provisioning_job_change", args=[job.pk])).content.decode()
    assert "not sent: rehearsed" in page
    assert "Once the connector is active it is planned anew and sent" in page
    assert "/press/release/" not in page
    assert "/press/reject/" not in page
    overview = console.get(reverse("admin:index")).content.decode()
    assert "1 rehearsed" in overview
    assert "dry run" in overview
