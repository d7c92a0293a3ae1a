"""Dumb mode through SCIM 1.1: people go onward to the targets and are stored nowhere here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from idp.models import Group, User
from provisioning.models import Job, PassingEntity, State
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import names, scim_of
from tests.provisioning.inbound.scim11.conftest import CORE, ENTERPRISE, Scim1, described

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]
OF_2 = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
KIM: dict[str, Any] = {
    "externalId": "hr-1",
    "title": "Lead",
    ENTERPRISE: {"department": "R&D", "manager": {"managerId": "26"}},
}


@pytest.fixture
def scim(client: Client, portal: ServiceProvider) -> Scim1:
    return Scim1(client, credentials=scim_of(client, portal).credentials)


def test_a_person_and_a_group_live_at_the_target_only(
    scim: Scim1, onward: OutboundTarget, target: Scim2Target, deliver: Step
) -> None:
    made = scim("POST", "/Users", {"schemas": [CORE], "userName": "kim", **KIM})
    assert (made.status, made.headers["Provisioning-Outcome"][:21]) == (
        201,
        "partner/scim2=queued;",
    )
    kim = made.body["id"]
    group = scim.make_group("staff", [kim])
    deliver()

    assert not User.objects.exists()
    assert not Group.objects.exists()
    [there] = target.users.values()
    assert there[OF_2] == {"department": "R&D", "manager": {"value": "26"}}
    read = scim("GET", f"/Users/{kim}").body
    assert {name: read[name] for name in KIM} == KIM
    assert scim.found("userName Eq kim") == ["kim"]
    assert scim.found('externalId eq "hr-1" and title eq "Lead"') == ["kim"]
    assert "dumb mode" in described(scim("GET", "/Users", params={"filter": 'title eq "x"'}))

    changed = scim.partial(
        f"/Users/{kim}",
        meta={"attributes": ["title"]},
        nickName="Kimmy",
        groups=[{"value": "hr", "display": "hr"}],
    )
    assert changed.status == 200
    assert {one["display"] for one in changed.body["groups"]} == {"staff", "hr"}
    gone = {"value": kim, "operation": "delete"}
    assert scim.partial(f"/Groups/{group['id']}", members=[gone]).status == 200
    deliver()
    [there] = target.users.values()
    assert (there["nickName"], "title" in there) == ("Kimmy", False)

    assert scim("DELETE", f"/Users/{kim}").status == 200
    deliver()
    assert names(target) == []
    assert scim("GET", f"/Users/{kim}").status == 404
    assert set(Job.objects.values_list("state", flat=True)) <= {State.DONE, State.SUPERSEDED}


def test_without_a_way_out_nobody_is_taken(scim: Scim1) -> None:
    answer = scim("POST", "/Users", {"userName": "kim"})

    assert answer.status == 403
    assert described(answer)
    assert not PassingEntity.objects.exists()
