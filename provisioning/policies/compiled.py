"""The policies of a tenant that decide, compiled: once per revision, shared by all threads."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from idp.models import Tenant
from provisioning import rules
from provisioning.models import Policy, PolicyRevision
from provisioning.rules import Library, PolicyRefused, Repository

BY_CLOCK = "urn:purveyor:withdraw-by-clock"
"""The id of an obligation or advice by which a policy says that its Deny withdraws although
it was made by the clock."""

_lock = threading.Lock()
_compiled: dict[uuid.UUID, Compiled] = {}


@dataclass(frozen=True, slots=True)
class Compiled:
    """`library` is None when a published policy cannot be read: then nothing is decided."""

    revision: int
    library: Library | None
    names: Mapping[str, str]
    """What operators call the policies, by their PolicyId."""
    problem: str = ""
    withdraws_by_clock: bool = False


def of(tenant: Tenant) -> Compiled:
    """Costs one query while nothing changed."""
    revision = revision_of(tenant)
    known = _compiled.get(tenant.pk)
    if known is None or known.revision != revision:
        known = _compile(revision, published(tenant))
        with _lock:
            _compiled[tenant.pk] = known
    return known


def anew(tenant: Tenant) -> Compiled:
    """The same, kept for nobody: for a transaction that will be taken back."""
    return _compile(revision_of(tenant), published(tenant))


def revision_of(tenant: Tenant) -> int:
    number = PolicyRevision.objects.filter(tenant=tenant).values_list("number", flat=True)
    return number.first() or 0


def published(tenant: Tenant) -> list[Policy]:
    """Those with a published version, in their order."""
    rows = Policy.objects.filter(tenant=tenant, published__isnull=False)
    return list(rows.select_related("published").order_by("order", "name"))


def with_draft(tenant: Tenant, policy: Policy | None, document: str) -> Compiled:
    """As it would be with this draft published and enabled. Raises `PolicyRefused`."""
    rows = [row for row in published(tenant) if policy is None or row.pk != policy.pk]
    name = policy.name if policy is not None else "this draft"
    order = policy.order if policy is not None else 1
    known = {row.name: _text(row) for row in rows} | {name: document}
    places = {row.name: (row.order, row.name) for row in rows if row.enabled}
    places[name] = (order, name)
    return _tried(
        {called: known[called] for called in sorted(places, key=places.__getitem__)},
        known,
        name,
    )


def without(tenant: Tenant, policy: Policy) -> Compiled:
    """As it would be if this one were not published. Raises `PolicyRefused`."""
    rows = [row for row in published(tenant) if row.pk != policy.pk]
    known = {row.name: _text(row) for row in rows}
    return _tried({row.name: known[row.name] for row in rows if row.enabled}, known)


def _tried(texts: Mapping[str, str], known: Mapping[str, str], own: str = "") -> Compiled:
    """`texts` decide, in their order; they may refer to all that are `known`.

    Raises `PolicyRefused`, which names the policy unless it is their `own`.
    """
    references = _repository(known)
    names: dict[str, str] = {}
    loaded: dict[tuple[str, bool], rules.Policy] = {}
    for called, text in texts.items():
        try:
            one = rules.load(text, references)
        except PolicyRefused as error:
            if called == own:
                raise
            raise PolicyRefused(f"policy {called}: {error}") from error
        if loaded.setdefault((one.id, one.name.is_set), one) is not one:
            raise PolicyRefused(f"policy {names[one.id]} has the PolicyId {one.id} already")
        names[one.id] = called
    return Compiled(-1, Library(loaded.values()), names)


def _compile(revision: int, policies: list[Policy]) -> Compiled:
    references = _repository({policy.name: _text(policy) for policy in policies})
    loaded: list[rules.Policy] = []
    names: dict[str, str] = {}
    for policy in policies:
        if not policy.enabled:
            continue
        try:
            one = rules.load(_text(policy), references)
        except PolicyRefused as error:
            return Compiled(revision, None, {}, f"policy {policy.name}: {error}")
        loaded.append(one)
        names[one.id] = policy.name
    by_clock = any(BY_CLOCK in _text(policy) for policy in policies)
    return Compiled(revision, Library(loaded), names, withdraws_by_clock=by_clock)


def _text(policy: Policy) -> str:
    return policy.published.document if policy.published is not None else ""


def _repository(documents: Mapping[str, str]) -> Repository:
    """What policies may refer to: whatever is published, enabled or not."""
    return Repository({name: text.encode() for name, text in documents.items()}, rules.load)
