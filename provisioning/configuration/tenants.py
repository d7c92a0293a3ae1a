"""Tenants, their user stores and their operators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError

from idp.models import INTERNAL, Operator, Tenant, UserStore, login_name
from idp.models.userstore import store_domain
from idp.store_names import name_beginning_with
from provisioning.configuration import removal
from provisioning.configuration.errors import ConfigurationError
from provisioning.configuration.report import Applying, Result
from provisioning.configuration.rows import bring, check, in_file, is_absent, present
from serviceproviders.tenants import create_tenant

Entry = Mapping[str, Any]


def apply_tenant(run: Applying, entry: Entry, path: str) -> Tenant | None:
    """The tenant with its stores and operators as given; None when it is to be absent."""
    domain = entry["domain"]
    tenant = Tenant.objects.filter(domain=domain).first()
    if is_absent(entry):
        if tenant is not None:
            removal.remove_tenant(run, tenant, path)
        return None
    if entry.get("time_zone", "UTC") not in available_timezones():
        raise ConfigurationError(
            f"{path}.time_zone: there is no time zone {entry['time_zone']}"
        )
    created = tenant is None
    if tenant is None:
        try:
            tenant = create_tenant(domain)
        except ValidationError as error:
            raise in_file(error, path) from error
    result, changed = bring(tenant, present(entry, "time_zone", "self_signup"), path)
    result = Result.CREATED if created else result
    run.note("tenant", tenant, "", result, subject=tenant.pk, fields=changed)
    for index, store in enumerate(entry.get("user_stores", ())):
        _apply_store(run, tenant, store, f"{path}.user_stores[{index}]")
    for index, operator in enumerate(entry.get("operators", ())):
        _apply_operator(run, tenant, operator, f"{path}.operators[{index}]")
    return tenant


def _apply_store(run: Applying, tenant: Tenant, entry: Entry, path: str) -> None:
    domain = entry["domain"].upper()
    domain = INTERNAL if domain == INTERNAL.upper() else domain
    store = UserStore.objects.filter(tenant=tenant, domain=domain).first()
    if is_absent(entry):
        if store is not None:
            removal.remove_store(run, store, path)
        return
    if store is None:
        store = UserStore(tenant=tenant, domain=domain)
        try:
            store_domain(domain)
        except ValidationError as error:
            raise in_file(error, f"{path}.domain") from error
        if taken := name_beginning_with(tenant, domain):
            raise ConfigurationError(
                f"{path}.domain: “{taken}” begins with {domain}/ already: "
                "it would seem to move there"
            )
    result, changed = bring(store, present(entry, "description"), path)
    run.note("user store", tenant, domain, result, subject=store.pk, fields=changed)


def _apply_operator(run: Applying, tenant: Tenant, entry: Entry, path: str) -> None:
    name = entry["username"].removesuffix(f"@{tenant.domain}")
    if "@" in name or "/" in name:
        raise ConfigurationError(
            f"{path}.username: a name has no “@” and no “/”: the tenant is added to it"
        )
    operator = Operator.objects.filter(tenant=tenant, name=name).first()
    values = present(entry, "role", "use_doors", "email")
    if "active" in entry:
        values["is_active"] = entry["active"]
    fresh = operator is None
    operator = operator or Operator(tenant=tenant, name=name)
    moved = _set_password(operator, entry.get("password"))
    changed = moved + [key for key, value in values.items() if getattr(operator, key) != value]
    for key, value in values.items():
        setattr(operator, key, value)
    if fresh or changed:
        operator.username = login_name(name, tenant)
        check(operator, path)
        operator.save()
    result = Result.CREATED if fresh else Result.CHANGED if changed else Result.UNCHANGED
    run.note("operator", tenant, name, result, subject=operator.pk, fields=changed)


def _set_password(operator: Operator, password: str | None) -> list[str]:
    """An absent password stays; a new operator without one cannot sign in until it is set."""
    if password is None:
        if not operator.password:
            operator.set_unusable_password()
        return []
    if operator.password and operator.check_password(password):
        return []
    operator.set_password(password)
    return ["password"]
