"""Somebody else changes the user between our reading and our writing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from idp.models import Tenant, User
from provisioning.changes import UserData
from provisioning.inbound.auth import Caller
from provisioning.inbound.scim2 import users as module
from provisioning.inbound.scim2.errors import ScimError
from provisioning.inbound.scim2.messages import Call
from provisioning.inbound.scim2.rendering import Site
from provisioning.inbound.scim2.schema import user_schema
from provisioning.inbound.scim2.user_bodies import draft_of, user_data
from provisioning.inbound.scim2.users import Users
from serviceproviders.models import ServiceProvider
from tests.provisioning.inbound.scim2.conftest import Scim


class Rival:
    """Puts the title after somebody else was faster for the first `wins` times."""

    def __init__(self, scim: Scim, wins: int) -> None:
        self.scim = scim
        self.wins = wins

    def __call__(self, user: User) -> UserData:
        if self.wins:
            self.wins -= 1
            value = {"op": "add", "path": "nickName", "value": f"rival {self.wins}"}
            assert self.scim.patch(f"/Users/{user.pk}", value).status == 200
        return user_data({**draft_of(user), "title": "Boss"})


@pytest.fixture
def call(tenant: Tenant, resident: ServiceProvider) -> Call:
    return Call(Caller(tenant, resident, "ops"), Site(""))


def test_a_change_is_made_again_on_what_is_there_now(scim: Scim, call: Call) -> None:
    made = scim.make_user("kim")

    answer = Users(user_schema(call.caller.tenant)).change(
        call, made["id"], Rival(scim, wins=2)
    )

    assert answer.status == 200
    assert User.objects.get().document == {"nickName": "rival 0", "title": "Boss"}
    assert User.objects.get().version == 4


def test_with_if_match_the_change_is_refused(scim: Scim, call: Call) -> None:
    made = scim.make_user("kim")
    guarded = replace(call, if_match=made["meta"]["version"])

    with pytest.raises(ScimError) as caught:
        Users(user_schema(call.caller.tenant)).change(guarded, made["id"], Rival(scim, wins=1))

    assert caught.value.status == 412
    assert User.objects.get().document == {"nickName": "rival 0"}


def test_a_race_that_is_always_lost_ends(
    scim: Scim, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ATTEMPTS", 3)
    made = scim.make_user("kim")

    with pytest.raises(ScimError) as caught:
        Users(user_schema(call.caller.tenant)).change(call, made["id"], Rival(scim, wins=9))

    assert caught.value.status == 409
