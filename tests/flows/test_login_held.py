"""What a deciding target has held, or only rehearsed, is no failure: people get in."""

from __future__ import annotations

import pytest

from idp.models import OutboundConnector
from provisioning.models import Job, State
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.fakes.scim2 import Scim2Target
from tests.flows.logins import Person, application, came_to, corporate, openid, person

__all__ = ["application", "corporate", "openid", "person"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def deciding(application: ServiceProvider, onward: OutboundTarget) -> OutboundTarget:
    onward.jit_outbound = onward.blocking = True
    onward.save()
    return onward


@pytest.mark.parametrize("set_to", [{"mode": "dry_run"}, {"on_conflict": "hold"}])
def test_who_is_held_at_a_deciding_target_gets_in(
    person: Person, deciding: OutboundTarget, target: Scim2Target, set_to: dict[str, str]
) -> None:
    OutboundConnector.objects.update(**set_to)
    target.add_user("kim")

    for _ in range(2):  # whether anything changes or not
        assert came_to(person.to_application())["code"]

    assert Job.objects.filter(state=State.HELD).exists()
