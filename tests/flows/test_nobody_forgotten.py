"""A removal is never forgotten, and neither is who is where: defects others had."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse

from idp.models import IdentityProvider, OutboundConnector, Tenant
from provisioning import owed
from provisioning.changes import Result
from provisioning.models import ProvisionedEntity
from serviceproviders.models import OutboundTarget, ServiceProvider
from tests.console import sign_in
from tests.factories import make_connector, send_to
from tests.fakes.scim2 import Scim2Target
from tests.flows.conftest import Store, names, results
from tests.provisioning.management.running import run

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], None]


def test_a_delete_goes_on_to_the_targets_after_one_where_the_person_never_was(
    resident: ServiceProvider,
    tenant: Tenant,
    connector: OutboundConnector,
    target: Scim2Target,
    second: Scim2Target,
    store: Store,
    deliver: Step,
) -> None:
    """WSO2 #20151: the first target without the person ended the loop over all."""
    send_to(resident, connector)
    other = make_connector(tenant, second.settings, name="a-second")
    send_to(resident, other)
    IdentityProvider.objects.filter(name="partner").update(provisioning_roles=["sales"])
    kim = store.add_user("kim")
    lee = store.add_user("lee")
    deliver()
    assert (names(target), names(second)) == ([], ["kim", "lee"])

    assert results(store.delete_user(kim.entity_id)) == {
        "partner/scim2": Result.SKIPPED,
        "a-second/scim2": Result.QUEUED,
    }
    IdentityProvider.objects.filter(name="partner").update(provisioning_roles=[])
    IdentityProvider.objects.filter(name="a-second").update(provisioning_roles=["sales"])
    store.set_user(lee.entity_id, "lee", document={"title": "x"})
    deliver()
    assert (names(target), names(second)) == (["lee"], [])


@pytest.mark.parametrize("switched", [OutboundConnector, IdentityProvider])
def test_a_role_lost_while_nothing_can_be_sent_is_owed_like_a_delete(
    row: OutboundTarget,
    target: Scim2Target,
    store: Store,
    deliver: Step,
    switched: type[OutboundConnector] | type[IdentityProvider],
) -> None:
    IdentityProvider.objects.update(provisioning_roles=["sales"])
    sales = store.add_group("sales")
    kim, lee = store.add_user("kim", join=["sales"]), store.add_user("lee", join=["sales"])
    deliver()
    switched.objects.update(enabled=False)
    store.set_group(sales.entity_id, remove=[kim.entity_id, lee.entity_id])
    told = store.set_user(kim.entity_id, "kim", document={"title": "x"})
    store.set_group(sales.entity_id, add=[lee.entity_id])
    deliver()
    assert results(told) == {"partner/scim2": Result.HELD}
    assert names(target) == ["kim", "lee"]

    switched.objects.update(enabled=True)
    # One of them holds the role again: only the other owes anything.
    assert owed.send(ProvisionedEntity.objects.exclude(owed=""), actor="ops") == 1
    deliver()
    assert names(target) == ["lee"]


def test_an_update_alone_of_the_password_is_sent_like_any_other(
    row: OutboundTarget, target: Scim2Target, store: Store, deliver: Step
) -> None:
    """WSO2 up to 5.10 had no event for it."""
    kim = store.add_user("kim", password="a-first-secret-1")
    deliver()
    store.set_user(kim.entity_id, "kim", password="a-second-secret-2")
    deliver()

    assert list(target.passwords.values()) == ["a-second-secret-2"]


def test_saving_the_configuration_again_forgets_nobody(
    row: OutboundTarget, target: Scim2Target, store: Store, tmp_path: Path, deliver: Step
) -> None:
    """WSO2 #11343: an edited connector was deleted and made again, and its people with it."""
    kim = store.add_user("kim")
    deliver()
    link = ProvisionedEntity.objects.get()
    file = tmp_path / "exported.yaml"
    file.write_text(run("export").out)
    call_command("apply", str(file))
    page = reverse(
        "admin:serviceproviders_serviceprovider_change", args=[row.service_provider_id]
    )
    form = {
        "description": "edited",
        "outbound-TOTAL_FORMS": "1",
        "outbound-INITIAL_FORMS": "1",
        "outbound-0-id": str(row.pk),
        "outbound-0-service_provider": str(row.service_provider_id),
        "outbound-0-connector": str(row.connector_id),
        "outbound-0-blocking": "on",
        "outbound-0-on_blocking_failure": "report",
    }
    assert sign_in(store.service_provider.tenant).post(page, form).status_code == 302

    row.refresh_from_db()
    assert row.blocking
    assert ProvisionedEntity.objects.get().target_id == row.pk
    assert ProvisionedEntity.objects.get().remote_id == link.remote_id
    assert results(store.delete_user(kim.entity_id)) == {"partner/scim2": Result.DONE}
