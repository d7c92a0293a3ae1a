"""A change at the SCIM 2.0 door, and what an SPML provider holds afterwards.

The provider checks every request by the specifications of SPML 2.0, DSMLv2 and SOAP 1.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from connectors.spml.capabilities import Capabilities
from idp import presets
from idp.models import OutboundConnector, Tenant
from provisioning import operations
from provisioning.models import AcceptedMember, Job, ProvisionedEntity, State
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, make_operator, send_to
from tests.fakes.spml import SpmlTarget
from tests.fakes.spml.target import SET_PASSWORD, SUSPEND
from tests.flows.conftest import replaced
from tests.provisioning.inbound.calls import basic
from tests.provisioning.inbound.scim2.conftest import Scim

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]
KIM: dict[str, Any] = {
    "name": {"formatted": "Kim O'Lee", "givenName": "Kim", "familyName": "O'Lee"},
    "title": "R&D <Lead>",
    "emails": [{"value": "kim@example.org", "type": "work", "primary": True}],
}
HELD = {
    "objectclass": ["user"],
    "cn": ["Kim O'Lee"],
    "givenName": ["Kim"],
    "mail": ["kim@example.org"],
    "sn": ["O'Lee"],
}


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port may come back for another provider."""
    monkeypatch.setattr(Capabilities, "_missing", {})


@pytest.fixture(params=["opaque IDs", "names as IDs"])
def target(request: pytest.FixtureRequest) -> Iterator[SpmlTarget]:
    with SpmlTarget(ids_are_names=request.param == "names as IDs") as running:
        yield running
    assert running.violations == []


@pytest.fixture
def connector(
    tenant: Tenant, resident: ServiceProvider, target: SpmlTarget
) -> OutboundConnector:
    made = make_connector(tenant, target.settings, type="spml")
    presets.take(made.provider)
    send_to(resident, made)
    return made


@pytest.fixture
def scim(client: Client, tenant: Tenant, connector: OutboundConnector) -> Scim:
    make_operator(tenant)
    return Scim(client, credentials=basic())


def asked(target: SpmlTarget) -> list[str]:
    """What was asked since the last time, in order."""
    names = [request.path.partition("#SPML")[2] for request in target.log]
    target.log.clear()
    return names


def states() -> set[str]:
    return set(Job.objects.values_list("state", flat=True))


def test_a_person_is_made_and_changed_by_the_smallest_requests(
    scim: Scim, target: SpmlTarget, deliver: Step
) -> None:
    path = f"/Users/{scim.make_user('kim', **KIM, password='first-Secret-1')['id']}"
    deliver()
    kim = target.user("kim")
    assert kim.attributes == {**HELD, "accountId": ["kim"], "title": ["R&D <Lead>"]}
    assert kim.password == "first-Secret-1"
    assert asked(target) == ["AddRequest", "SetPasswordRequest"]

    scim.patch(path, replaced("title", "Head"))
    deliver()
    assert target.user("kim").values("title") == ["Head"]
    scim.patch(path, {"op": "remove", "path": "title"}, replaced("nickName", "K"))
    deliver()
    assert target.user("kim").attributes == {**HELD, "accountId": ["kim"]}
    assert asked(target) == ["ModifyRequest"] * 2

    scim.patch(path, replaced("nickName", "Kimmy"))  # nothing that goes there
    deliver()
    assert asked(target) == []
    assert states() == {State.DONE}


def test_a_person_is_renamed_disabled_enabled_and_deleted(
    scim: Scim, target: SpmlTarget, deliver: Step
) -> None:
    path = f"/Users/{scim.make_user('kim', **KIM, password='first-Secret-1')['id']}"
    deliver()
    asked(target)

    scim.patch(path, replaced("userName", "kim.lee"))
    deliver()
    assert target.user("kim.lee").id == ProvisionedEntity.objects.get().remote_id
    assert len(target.users) == 1

    for active in (False, True):
        scim.patch(path, replaced("active", active))
        deliver()
        assert target.user("kim.lee").active is active
    assert asked(target) == ["ModifyRequest", "SuspendRequest", "ResumeRequest"]

    scim.patch(path, replaced("password", "next-Secret-2"))
    deliver()
    assert target.user("kim.lee").password == "next-Secret-2"
    assert asked(target) == ["SetPasswordRequest"]

    assert scim("DELETE", path).status == 204
    deliver()
    assert target.users == {}
    assert asked(target) == ["DeleteRequest"]
    assert not ProvisionedEntity.objects.exists()
    assert states() == {State.DONE}


def test_where_leavers_are_disabled_a_returner_is_enabled_again(
    scim: Scim, target: SpmlTarget, connector: OutboundConnector, deliver: Step
) -> None:
    connector.delete_action = "disable"
    connector.save()
    kim = scim.make_user("kim", **KIM, externalId="hr-1")
    deliver()
    held = dict(target.user("kim").attributes)
    asked(target)

    scim("DELETE", f"/Users/{kim['id']}")
    deliver()
    assert not target.user("kim").active
    assert target.user("kim").attributes == held
    assert asked(target) == ["SuspendRequest"]

    scim.make_user("kim", **KIM, externalId="hr-1")
    deliver()
    assert target.user("kim").active
    assert len(target.users) == 1
    assert states() == {State.DONE}


def test_a_group_follows_its_members(scim: Scim, target: SpmlTarget, deliver: Step) -> None:
    kim, lee, max_ = (scim.make_user(name)["id"] for name in ("kim", "lee", "max"))
    group = scim.make_group("staff", [kim, lee])
    deliver()
    assert target.member_names("staff") == ["kim", "lee"]

    path = f"/Groups/{group['id']}"
    scim.patch(
        path,
        {"op": "add", "path": "members", "value": [{"value": max_}]},
        {"op": "remove", "path": f'members[value eq "{kim}"]'},
        replaced("displayName", "crew"),
    )
    deliver()
    assert target.member_names("crew") == ["lee", "max"]

    scim("DELETE", f"/Users/{lee}")
    deliver()
    assert AcceptedMember.objects.count() == 1

    assert scim("DELETE", path).status == 204
    deliver()
    assert set(target.store.objects) == set(target.users)
    assert len(target.users) == 2
    assert states() == {State.DONE}


@pytest.mark.parametrize("lost", ["dropped", "garbage", "pending"])
def test_a_lost_answer_makes_nobody_twice(
    scim: Scim, target: SpmlTarget, deliver: Step, later: Step, lost: str
) -> None:
    if lost == "dropped":
        target.drop_next(path="AddRequest")
    elif lost == "garbage":
        target.garbage_next(path="AddRequest")
    else:
        target.pending.append("addRequest")
    scim.make_user("kim", **KIM, password="first-Secret-1")
    deliver()
    later()
    deliver()

    assert asked(target).count("AddRequest") == 1
    assert target.user("kim").password == "first-Secret-1"
    assert ProvisionedEntity.objects.get().remote_id == target.user("kim").id
    assert states() == {State.DONE}


@pytest.mark.parametrize(
    "operation", ["ModifyRequest", "SuspendRequest", "ResumeRequest", "DeleteRequest"]
)
def test_a_lost_answer_to_a_change_is_looked_up(
    scim: Scim, target: SpmlTarget, deliver: Step, later: Step, operation: str
) -> None:
    resuming = operation == "ResumeRequest"
    path = f"/Users/{scim.make_user('kim', **KIM, active=not resuming)['id']}"
    deliver()
    asked(target)
    target.drop_next(path=operation)
    if operation == "DeleteRequest":
        scim("DELETE", path)
    elif operation == "ModifyRequest":
        scim.patch(path, replaced("title", "Head"))
    else:
        scim.patch(path, replaced("active", resuming))
    deliver()
    later()
    deliver()

    names = asked(target)
    assert states() == {State.DONE}
    if operation == "DeleteRequest":
        assert target.users == {}
        return
    assert names == [operation, "LookupRequest", "ActiveRequest"]
    assert target.user("kim").active is (operation != "SuspendRequest")
    assert (target.user("kim").values("title") == ["Head"]) is (operation == "ModifyRequest")


def test_a_newcomer_half_done_is_finished_without_being_made_again(
    scim: Scim, target: SpmlTarget, deliver: Step, later: Step
) -> None:
    target.refuse_next("suspendRequest", "customError", "busy")
    scim.make_user("kim", **KIM, active=False, password="first-Secret-1")
    deliver()
    assert target.user("kim").active  # for now, and the job says so
    later()
    deliver()

    assert not target.user("kim").active
    assert target.user("kim").password == "first-Secret-1"
    assert asked(target).count("AddRequest") == 1
    assert states() == {State.DONE}


def test_somebody_who_is_there_is_adopted_and_not_made_again(
    scim: Scim, target: SpmlTarget, deliver: Step
) -> None:
    there = target.store.add({"objectclass": ["user"], "accountId": ["Kim"]}, "")

    scim.make_user("kim", **KIM, password="first-Secret-1")
    deliver()

    link = ProvisionedEntity.objects.get()
    assert (link.adopted, link.remote_id) == (True, target.user("kim").id)
    assert there.values("sn") == ["O'Lee"]
    assert there.password == ""


def test_without_search_a_lost_answer_is_left_to_an_operator_where_ids_tell_nothing(
    scim: Scim, target: SpmlTarget, deliver: Step, later: Step
) -> None:
    target.capabilities = (SUSPEND, SET_PASSWORD)
    target.drop_next(path="AddRequest")
    scim.make_user("kim", **KIM)
    deliver()
    later()
    deliver()

    job = Job.objects.get()
    assert asked(target).count("AddRequest") == 1
    if target.store.ids_are_names:
        assert job.state == State.DONE
    else:
        assert (job.state, "cannot be searched" in job.reason) == (State.FAILED, True)


def test_claims_without_names_of_the_target_wait_for_the_mapping(
    scim: Scim, target: SpmlTarget, connector: OutboundConnector, deliver: Step
) -> None:
    provider = connector.provider
    provider.claim_mappings.all().delete()
    provider.claim_dialect = "local"
    provider.save()
    scim.make_user("kim", **KIM)
    deliver()
    job = Job.objects.get()
    assert (job.state, asked(target)) == (State.FAILED, [])
    assert "http://wso2.org/claims/emailaddress" in job.reason

    presets.take(provider)
    assert operations.retry_misconfigured() == 1
    deliver()

    assert target.user("kim").values("sn") == ["O'Lee"]
