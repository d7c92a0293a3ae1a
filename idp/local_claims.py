"""The claims of a tenant: the built-in ones, and those it has defined for itself."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.db import transaction

from idp import revisions
from idp.claim_places import CUSTOM, ENTERPRISE, At
from idp.claim_table import TABLE, Claim
from idp.claims import BUILT_IN, ClaimTable
from idp.models import ClaimMapping, ClaimType, LocalClaim, SearchValue, Tenant, new_id

CORE = "urn:ietf:params:scim:schemas:core:2.0:"
_URI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s\"'\\]+\Z", re.IGNORECASE)
_PATH = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,31}:[\w.:-]+\Z", re.IGNORECASE | re.ASCII)
_NAME = re.compile(r"[a-z][\w$-]*\Z", re.IGNORECASE | re.ASCII)
_TAKEN = frozenset(
    (entry.place.path[0].lower(), entry.place.path[1].lower())
    for entry in TABLE
    if isinstance(entry.place, At) and len(entry.place.path) > 1
)


def table_of(tenant: Tenant) -> ClaimTable:
    """The tenant's claims. Read once for each `claims_stamp` and process."""
    return _table(own_claims(tenant))


@dataclass(frozen=True, slots=True, eq=False)
class OwnClaims:
    """The claims that a tenant has defined itself, as they stand under one stamp.

    Equal only to itself, so that what is made of it can be kept; all tenants without
    claims of their own share one.
    """

    rows: tuple[LocalClaim, ...] = ()


NONE = OwnClaims()


def own_claims(tenant: Tenant) -> OwnClaims:
    return _own(tenant.pk, tenant.claims_stamp)


@lru_cache(maxsize=1024)
def _own(tenant_id: uuid.UUID, stamp: uuid.UUID) -> OwnClaims:
    rows = tuple(LocalClaim.objects.filter(tenant_id=tenant_id))
    return OwnClaims(rows) if rows else NONE


@lru_cache(maxsize=512)
def _table(own: OwnClaims) -> ClaimTable:
    return ClaimTable([*TABLE, *map(as_claim, own.rows)]) if own.rows else BUILT_IN


def as_claim(row: LocalClaim) -> Claim:
    urn, name = split_path(row.path)
    place = At((urn, name), multivalued=row.multivalued, type=row.type)
    return Claim(name, row.display_name, place, own_uri=row.uri)


def split_path(path: str) -> tuple[str, str]:
    """The urn of a schema, and the name of an attribute.

    >>> split_path("urn:purveyor:custom:User:badge")
    ('urn:purveyor:custom:User', 'badge')
    """
    urn, _, name = path.rpartition(":")
    return urn, name


def check(row: LocalClaim) -> None:
    """Whether the claim may be: raises `ValidationError`, by field."""
    problems = {
        name: problem
        for name, problem in (("uri", _uri_problem(row)), ("path", _path_problem(row)))
        if problem
    }
    if row.searchable and row.type in (ClaimType.DECIMAL, ClaimType.DATE_TIME):
        problems["searchable"] = "Texts, whole numbers and true or false can be indexed."
    if not row._state.adding:
        problems |= _moved(row)
    if problems:
        raise ValidationError(problems)


def _uri_problem(row: LocalClaim) -> str:
    if not _URI.match(row.uri):
        return "A claim URI looks like http://wso2.org/claims/badge."
    if any(entry.uri.lower() == row.uri.lower() for entry in TABLE):
        return "This is a built-in claim."
    others = LocalClaim.objects.filter(tenant=row.tenant, uri__iexact=row.uri)
    return "There is a claim of this URI." if others.exclude(pk=row.pk).exists() else ""


def _path_problem(row: LocalClaim) -> str:
    urn, name = split_path(row.path)
    if not _PATH.match(row.path) or not _NAME.match(name) or urn.count(":") < 2:
        return f"A path looks like {CUSTOM}:badge: the urn of a schema and an attribute."
    if urn.lower() == ENTERPRISE.lower() or urn.lower().startswith(CORE.lower()):
        return f"The attributes of {urn} are given. Use {CUSTOM}:{name}."
    if (urn.lower(), name.lower()) in _TAKEN:
        return "A built-in claim lives there."
    others = LocalClaim.objects.filter(tenant=row.tenant).exclude(pk=row.pk)
    if others.filter(path__iexact=row.path).exists():
        return "Another claim lives there."
    for other in others.filter(path__istartswith=f"{urn}:").values_list("path", flat=True):
        written, _ = split_path(other)
        if written.lower() == urn.lower() and written != urn:
            return f"Write the urn as the other claims do: {written}."
    return ""


def _moved(row: LocalClaim) -> dict[str, str]:
    stored = LocalClaim.objects.get(pk=row.pk)
    return {
        name: "This stays as it is: people may have values there."
        for name in ("uri", *LocalClaim.FIXED)
        if getattr(stored, name) != getattr(row, name)
    }


def save(row: LocalClaim) -> None:
    """Check and store a claim; whoever looks at the tenant's claims sees it at once.

    Raises `ValidationError`. One that is to be searchable is indexed afterwards, and until
    then found by looking.
    """
    with transaction.atomic():
        # Two at once wait for each other.
        tenant = Tenant.objects.select_for_update().get(pk=row.tenant_id)
        check(row)
        if row._state.adding:
            revisions.touch_all(tenant)
        row.indexed = bool(row.indexed and row.searchable)
        row.save()
        if not row.searchable:
            _forget_rows(row)
        _stamp(row.tenant, tenant)


def delete(row: LocalClaim) -> None:
    """Forget the definition; the values that people have stay in their documents.

    Raises `ValidationError` while claim mappings use it.
    """
    if users := users_of(row):
        raise ValidationError(f"It is used in the claim mapping of {', '.join(users)}.")
    with transaction.atomic():
        tenant = Tenant.objects.select_for_update().get(pk=row.tenant_id)
        _forget_rows(row)
        row.delete()
        revisions.touch_all(tenant)
        _stamp(row.tenant, tenant)


def set_indexed(row: LocalClaim) -> None:
    """Its rows are complete: filters may use them. Not if it has changed meanwhile."""
    with transaction.atomic():
        tenant = Tenant.objects.select_for_update().get(pk=row.tenant_id)
        same = LocalClaim.objects.filter(pk=row.pk, searchable=True, modified=row.modified)
        if same.update(indexed=True):
            _stamp(row.tenant, tenant)


def _forget_rows(row: LocalClaim) -> None:
    SearchValue.objects.filter(tenant=row.tenant, path=row.path).delete()


def users_of(row: LocalClaim) -> Sequence[str]:
    """The identity providers whose claim mappings read the claim."""
    rows = ClaimMapping.objects.filter(provider__tenant=row.tenant)
    named = {*rows.filter(local=row.uri).values_list("provider__name", flat=True)}
    named |= {
        *rows.filter(expression__contains=row.uri).values_list("provider__name", flat=True)
    }
    return sorted(named)


def _stamp(*tenants: Tenant) -> None:
    stamp = new_id()
    for tenant in tenants:
        tenant.claims_stamp = stamp
    Tenant.objects.filter(pk=tenants[0].pk).update(claims_stamp=stamp)
