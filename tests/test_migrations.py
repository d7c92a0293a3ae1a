from idp.models import Tenant, UserStore
from serviceproviders.models import ServiceProvider


def test_migrating_makes_the_root_tenant(tenant: Tenant) -> None:
    assert {store.domain for store in UserStore.objects.filter(tenant=tenant)} == {
        "PRIMARY",
        "Internal",
    }
    assert ServiceProvider.objects.get(tenant=tenant).is_resident
