"""300 of 1,000 people are deleted, one by one, under a guard of 5 %."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.utils import timezone

from connectors import EntityType
from idp.models import OutboundConnector, User
from provisioning.changes import Action, Change, Door, UserData
from provisioning.intake import accept_all
from provisioning.models import Job, ProvisionedEntity, State
from serviceproviders.models import ServiceProvider
from tests.factories import send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def thousand(
    resident: ServiceProvider, connector: OutboundConnector, target: Scim2Target
) -> list[User]:
    """People who are here and at the target, as if they had been sent there long ago."""
    changes = (
        Change(
            tenant=resident.tenant,
            service_provider=resident,
            door=Door.IMPORT,
            actor="ops",
            action=Action.CREATE,
            entity_type=EntityType.USER,
            user=UserData(name=f"person-{n}"),
        )
        for n in range(1_000)
    )
    assert len(list(accept_all(changes))) == 1_000
    row = send_to(resident, connector)
    people = list(User.objects.order_by("pk"))
    ProvisionedEntity.objects.bulk_create(
        ProvisionedEntity(
            tenant=resident.tenant,
            connector=connector,
            target=row,
            entity_type=EntityType.USER,
            entity_id=user.pk,
            entity_name=user.username,
            remote_id=target.add_user(user.username)["id"],
            remote_name=user.username,
            name_key=user.username,
            created=timezone.now(),
            updated=timezone.now(),
        )
        for user in people
    )
    return people


def test_fifty_go_and_the_others_wait_for_an_operator(
    thousand: list[User],
    target: Scim2Target,
    store: Store,
    deliver: Callable[[], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    OutboundConnector.objects.update(guard_max_percent=5)
    for user in thousand[:300]:
        store.delete_user(user.pk)
    deliver()

    assert len(target.users) == 950
    held = Job.objects.filter(state=State.HELD, reason_code="guard").order_by("position")
    assert held.count() == 250
    oldest = list(held.values_list("entity_name", flat=True)[:10])

    call_command("release", "partner", "scim2", "--count", "10")
    deliver()

    assert capsys.readouterr().out == "10 released\n"
    assert len(target.users) == 940
    assert not {user["userName"] for user in target.users.values()} & set(oldest)
    assert held.count() == 240
    assert len(target.requests("DELETE")) == 60
