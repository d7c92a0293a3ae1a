"""People by the value of a claim, through the indexes there are."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q

from idp import queries
from idp.claim_places import At, Column, Leading
from idp.claims import Claim, profile_of
from idp.local_claims import table_of
from idp.models import Tenant, User, key_of
from idp.search_values import indexed_paths

_PAGE = 2_000


def candidates(tenant: Tenant, uri: str, value: str) -> list[User]:
    """At most two users whose claim has that value, without case. Raises `UnknownClaim`.

    Only for claims that can be searched.
    """
    claim = table_of(tenant).claim(uri)
    rows = User.objects.filter(tenant=tenant).select_related("store", "tenant")
    found = []
    for user in rows.filter(_condition(tenant, claim, value)).order_by("pk"):
        held = claim.place.read(profile_of(user))
        if isinstance(held, str) and key_of(held) == key_of(value):
            found.append(user)
            if len(found) == 2:
                break
    return found


def holders(tenant: Tenant, uri: str, value: str) -> Iterator[User]:
    """All users whose claim has that value, or has it among its values, without case; by id.

    Looks at every user of the tenant where no index knows the claim. Groups are not looked
    at. Raises `UnknownClaim`.
    """
    claim = table_of(tenant).claim(uri)
    rows = User.objects.filter(tenant=tenant).select_related("store").order_by("pk")
    if can_be_searched(tenant, uri):
        rows = rows.filter(_condition(tenant, claim, value))
    for user in rows.iterator(chunk_size=_PAGE):
        held = claim.place.read(profile_of(user)) or ()
        values = [held] if isinstance(held, str) else held
        if key_of(value) in map(key_of, values):
            yield user


def can_be_searched(tenant: Tenant, uri: str) -> bool:
    """Whether an index finds people by that claim. Raises `UnknownClaim`."""
    claim = table_of(tenant).claim(uri)
    return isinstance(claim.place, Column) or _path(claim) in indexed_paths(tenant)


def _condition(tenant: Tenant, claim: Claim, value: str) -> Q:
    if isinstance(claim.place, Column):
        if claim.place.name == "external_id":
            return queries.with_external_id(value)
        return queries.named(queries.stores_of(tenant), value, "username_key")
    return queries.searchable(tenant, _path(claim), value)


def _path(claim: Claim) -> str:
    """As search rows call it; empty where there are none."""
    place = claim.place
    if isinstance(place, Leading):
        return f"{place.attribute}.{place.sub}"
    if isinstance(place, At):
        head, *rest = place.path
        return f"{head}:{'.'.join(rest)}" if head.startswith("urn:") else ".".join(place.path)
    return ""
