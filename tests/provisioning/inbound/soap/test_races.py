"""Somebody else changes the user between our reading and our writing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import RequestFactory

from idp.claims import profile_of
from idp.models import Tenant, User
from provisioning.changes import UserData
from provisioning.inbound.auth import Caller
from provisioning.inbound.soap import calls as module
from provisioning.inbound.soap.calls import Call, call_of, data_of
from provisioning.inbound.soap.faults import Code, SoapFault
from serviceproviders.models import ServiceProvider
from tests.provisioning.inbound.soap.clients import Zeep

pytestmark = pytest.mark.django_db(transaction=True)


class Rival:
    """Writes a title after somebody else was faster for the first `wins` times."""

    def __init__(self, soap: Zeep, wins: int) -> None:
        self.soap = soap
        self.wins = wins

    def __call__(self, user: User) -> UserData:
        if self.wins:
            self.wins -= 1
            nick = ("http://wso2.org/claims/nickname", f"rival {self.wins}")
            assert self.soap("setUserClaimValue", user.full_name, *nick, "default") is True
        profile = profile_of(user)
        return data_of(replace(profile, document={**profile.document, "title": "Boss"}))


@pytest.fixture
def call(soap: Zeep, tenant: Tenant, resident: ServiceProvider) -> Call:
    soap("addUser", "kim", None, [], [], None, None)
    return call_of(Caller(tenant, resident, "ops"), RequestFactory().post("/"))


def test_a_change_is_made_again_on_what_is_there_now(soap: Zeep, call: Call) -> None:
    call.change_user("kim", Rival(soap, wins=2))

    kim = User.objects.get()
    assert (kim.document, kim.version) == ({"nickName": "rival 0", "title": "Boss"}, 4)


def test_a_race_that_is_always_lost_ends(
    soap: Zeep, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ATTEMPTS", 3)

    with pytest.raises(SoapFault, match="changed by others all the time") as caught:
        call.change_user("kim", Rival(soap, wins=9))

    assert (caught.value.code, caught.value.counts_as) == (Code.SERVER, 409)
    assert User.objects.get().document == {"nickName": "rival 6"}
