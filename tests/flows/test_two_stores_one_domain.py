"""Two user stores share one domain at a target."""

from __future__ import annotations

import pytest

from idp.connector_settings import save_settings
from idp.models import UserStore
from provisioning.models import Job, State
from serviceproviders.models import ServiceProvider
from tests.fakes.google import GoogleDirectory
from tests.flows.conftest import Step, Store
from tests.flows.domains import addresses, connect, domain_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_user_stores_at_one_domain(
    resident: ServiceProvider, staff: UserStore, google: GoogleDirectory, deliver: Step
) -> None:
    connect(resident, google, "{UD,UN}")
    store = Store(resident)
    kim = store.add_user("kim")
    store.add_user("STAFF/kim")
    deliver()
    domain = domain_of(google)
    assert addresses(google) == [f"primary_kim@{domain}", f"staff_kim@{domain}"]

    store.set_user(kim.entity_id, "kim@lee.example")
    deliver()
    assert addresses(google) == [f"primary_kim.lee.example@{domain}", f"staff_kim@{domain}"]


def test_without_a_telling_pattern_the_second_of_a_name_is_held_not_mixed_up(
    resident: ServiceProvider, staff: UserStore, google: GoogleDirectory, deliver: Step
) -> None:
    connector = connect(resident, google, "{UN}")
    store = Store(resident)
    store.add_user("kim")
    deliver()
    store.add_user("STAFF/kim")
    deliver()
    assert addresses(google) == [f"kim@{domain_of(google)}"]
    held = Job.objects.get(state=State.HELD)
    assert held.reason == "remote name taken by kim"

    save_settings(connector, {"pattern": "{UD,UN}"})
    store.delete_user(held.entity_id)
    deliver()
    assert addresses(google) == [f"kim@{domain_of(google)}"]
