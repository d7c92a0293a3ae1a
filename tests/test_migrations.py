from importlib import import_module

from django.apps import apps

from idp.models import Tenant, UserStore
from provisioning.models import Job, State
from serviceproviders.models import ServiceProvider
from tests.console import add_user, fail, make_world


def test_migrating_makes_the_root_tenant(tenant: Tenant) -> None:
    assert {store.domain for store in UserStore.objects.filter(tenant=tenant)} == {
        "PRIMARY",
        "Internal",
    }
    assert ServiceProvider.objects.get(tenant=tenant).is_resident


def test_what_had_failed_before_gets_the_signature_of_today(tenant: Tenant) -> None:
    make_world(tenant, "kim")
    lee = add_user(tenant, "lee")
    fail(Job.objects.get(entity_id=lee.pk), "the target refused lee")
    fail(Job.objects.get(entity_name="kim"), "the target refused kim")

    import_module("provisioning.migrations.0013_letters").sign_failed(apps, None)

    [signature] = {job.signature for job in Job.objects.filter(state=State.FAILED)}
    assert signature.startswith("scim2.put-user.failed.400.")
    assert not Job.objects.exclude(state=State.FAILED).exclude(signature="").exists()
