"""A tenant and what every tenant has from the start."""

from __future__ import annotations

from django.db import transaction

from idp.models import INTERNAL, PRIMARY, Tenant, UserStore
from serviceproviders.models import RESIDENT, ServiceProvider


def create_tenant(domain: str, time_zone: str = "UTC") -> Tenant:
    """The tenant with its stores `PRIMARY` and `Internal` and its resident service provider.

    Raises `ValidationError` for a domain that cannot be, or that exists.
    """
    tenant = Tenant(domain=domain, time_zone=time_zone)
    tenant.full_clean()
    with transaction.atomic():
        tenant.save(force_insert=True)
        UserStore.objects.bulk_create(
            UserStore(tenant=tenant, domain=store) for store in (PRIMARY, INTERNAL)
        )
        ServiceProvider.objects.create(tenant=tenant, name=RESIDENT)
    return tenant


def resident_of(tenant: Tenant) -> ServiceProvider:
    return ServiceProvider.objects.select_related("tenant", "user_store").get(
        tenant=tenant, name=RESIDENT
    )
