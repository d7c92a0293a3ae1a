"""Saving, publishing and ordering policies. Everything is noted in the audit trail."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from idp import revisions
from idp.models import OutboundConnector, Tenant
from provisioning import audit
from provisioning.models import Policy, PolicyRevision, PolicyVersion
from provisioning.policies import compiled
from provisioning.rules import PolicyRefused
from serviceproviders.models import OutboundTarget


class InvalidPolicy(ValueError):
    """The document is refused; `line` is where, if that is known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def save_draft(policy: Policy, document: str, *, actor: str, note: str = "") -> PolicyVersion:
    """A new version, or the newest one anew while it was never published.

    `note` says what it is for. Raises `InvalidPolicy`: what could not be published is not
    kept.
    """
    check(policy.tenant, policy, document)
    with transaction.atomic():
        if policy._state.adding:
            policy.save()
        newest = policy.versions.select_for_update().first()
        if newest is not None and newest.document == document:
            return newest
        if newest is None or newest.published_at is not None:
            last = policy.versions.aggregate(last=Max("number"))["last"] or 0
            newest = PolicyVersion(policy=policy, number=last + 1)
        newest.document, newest.author, newest.created = document, actor, timezone.now()
        newest.note = note
        newest.save()
        _note(policy, "policy.save", actor, version=newest.number)
    return newest


def publish(policy: Policy, version: PolicyVersion, *, actor: str) -> None:
    """From now on this version decides. Raises `InvalidPolicy`."""
    check(policy.tenant, policy, version.document)
    with transaction.atomic():
        version.published_at = version.published_at or timezone.now()
        version.save(update_fields=["published_at"])
        policy.published = version
        policy.save(update_fields=["published", "modified"])
        decide_anew(policy.tenant)
        _note(policy, "policy.publish", actor, version=version.number)


def restore(policy: Policy, number: int, *, actor: str) -> PolicyVersion:
    """An old version as the newest draft. Raises `InvalidPolicy`, and
    `PolicyVersion.DoesNotExist`."""
    old = policy.versions.get(number=number)
    return save_draft(policy, old.document, actor=actor, note=f"version {number} again")


def unpublish(policy: Policy, *, actor: str) -> None:
    """It decides nothing any more; its versions stay. Raises `InvalidPolicy` when another
    policy that decides refers to it."""
    _check_the_rest(policy.tenant, without=policy)
    with transaction.atomic():
        policy.published = None
        policy.save(update_fields=["published", "modified"])
        decide_anew(policy.tenant)
        _note(policy, "policy.unpublish", actor)


def enable(policy: Policy, enabled: bool, *, actor: str) -> None:
    """Raises `InvalidPolicy` for one that cannot decide among the others."""
    if enabled and policy.published is not None:
        check(policy.tenant, policy, policy.published.document)
    with transaction.atomic():
        policy.enabled = enabled
        policy.save(update_fields=["enabled", "modified"])
        decide_anew(policy.tenant)
        _note(policy, "policy.enable" if enabled else "policy.disable", actor)


def set_order(policy: Policy, order: int, *, actor: str) -> None:
    with transaction.atomic():
        policy.order = order
        policy.save(update_fields=["order", "modified"])
        decide_anew(policy.tenant)
        _note(policy, "policy.order", actor, order=order)


def check(tenant: Tenant, policy: Policy | None, document: str) -> None:
    """Whether the document could be published among the others. Raises `InvalidPolicy`."""
    try:
        compiled.with_draft(tenant, policy, document)
    except PolicyRefused as error:
        raise InvalidPolicy(str(error), error.line) from error


def _check_the_rest(tenant: Tenant, *, without: Policy) -> None:
    try:
        compiled.without(tenant, without)
    except PolicyRefused as error:
        raise InvalidPolicy(f"another policy needs {without.name}: {error}") from error


def decide_anew(tenant: Tenant) -> None:
    """What is compiled is stale; people, and jobs that wait where rules are asked, are planned
    again."""
    PolicyRevision.objects.get_or_create(tenant=tenant, defaults={"number": 1})
    PolicyRevision.objects.filter(tenant=tenant).update(number=F("number") + 1)
    asking = OutboundTarget.objects.filter(service_provider__tenant=tenant, enable_rules=True)
    revisions.move(OutboundConnector.objects.filter(pk__in=asking.values("connector")))


def _note(policy: Policy, action: str, actor: str, **detail: Any) -> None:
    audit.record(
        tenant=policy.tenant,
        actor=actor,
        action=action,
        subject_type="policy",
        subject_id=policy.pk,
        subject_name=policy.name,
        detail=detail,
    )
