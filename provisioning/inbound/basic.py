"""HTTP Basic (RFC 7617): an operator account with *use the provisioning doors*."""

from __future__ import annotations

import base64
import binascii
from typing import NoReturn

from django.http import HttpRequest

from idp.models import Operator, Tenant, login_name
from provisioning.inbound import lockout, verified
from provisioning.inbound.refusals import NotPermitted, Unauthenticated

WRONG = "The user name or password is wrong, or the account may not act in this tenant."
LOCKED = "Too many failed attempts with this name from this address. Try again later."


def decode(value: str, domain: str | None) -> tuple[str, str]:
    """Name and password of an `Authorization: Basic` value; UTF-8, else Latin-1."""
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unauthenticated("The Basic credentials are not base64.", domain) from error
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    name, colon, password = text.partition(":")
    if not colon or not name:
        raise Unauthenticated("The Basic credentials are not name:password.", domain)
    return name, password


def operator_of(request: HttpRequest, name: str, password: str, tenant: Tenant) -> Operator:
    """The operator with that name and password, allowed to act in the tenant.

    The row and the lockout are read every time, so a changed password, a deactivated
    account and a lockout act at once; only the hashing is spared (see `verified`).
    """
    login = _login(name, tenant)
    failed = lockout.failures(request, login)
    if lockout.is_locked(failed):
        raise Unauthenticated(LOCKED, tenant.domain)
    operator = _verified(_candidates(name, login, tenant), password)
    if operator is None or not operator.is_active:
        lockout.count_failure(request, login)
        raise Unauthenticated(WRONG, tenant.domain)
    if failed:
        lockout.forget_failures(request, login)
    if not operator.use_doors:
        raise NotPermitted("The account may not use the provisioning doors.", tenant.domain)
    return operator


def refuse_unknown(request: HttpRequest, name: str, password: str, domain: str) -> NoReturn:
    """For a tenant that does not exist: the same answer, after the same time."""
    login = f"{name}@{domain}"
    if lockout.is_locked(lockout.failures(request, login)):
        raise Unauthenticated(LOCKED, domain)
    verified.burn(password)
    lockout.count_failure(request, login)
    raise Unauthenticated(WRONG, domain)


def _login(name: str, tenant: Tenant) -> str:
    """The login the name stands for in the tenant: `kim` and `kim@its.domain` are one."""
    return login_name(name.removesuffix(f"@{tenant.domain}") or name, tenant)


def _candidates(name: str, login: str, tenant: Tenant) -> list[Operator]:
    """The tenant's own operator first, then a super-operator of that login."""
    if "\0" in name:
        return []
    found = Operator.objects.filter(username__in={login, name})
    return sorted(
        (o for o in found if o.tenant_id == tenant.pk or o.is_superuser),
        key=lambda operator: operator.tenant_id != tenant.pk,
    )


def _verified(candidates: list[Operator], password: str) -> Operator | None:
    for operator in candidates:
        if verified.credentials.check(password, operator.password):
            return operator
    if not candidates:
        verified.burn(password)
    return None
