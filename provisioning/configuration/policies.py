"""Policies of a tenant: their documents, and which of them decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from idp.models import Tenant
from provisioning import policies
from provisioning.configuration.errors import ConfigurationError
from provisioning.configuration.report import Applying, Result
from provisioning.configuration.rows import present
from provisioning.models import Policy, PolicyVersion

Entry = Mapping[str, Any]

COLUMNS = ("description", "enabled", "order")


def apply_policies(run: Applying, tenant: Tenant, entries: Sequence[Entry], path: str) -> None:
    """One after the other: what others refer to is given before them."""
    for index, entry in enumerate(entries):
        row, result, changed = _bring(tenant, entry, f"{path}[{index}]")
        try:
            changed += _bring_document(run, row, entry)
            changed += _bring_publication(run, row, entry)
        except policies.InvalidPolicy as error:
            raise ConfigurationError(f"{path}[{index}].document: {error}") from error
        if changed and result is Result.UNCHANGED:
            result = Result.CHANGED
        run.note("policy", tenant, row.name, result, subject=row.pk, fields=changed)


def told(row: Policy) -> dict[str, Any]:
    """The policy as files tell it: what is published, else the newest draft."""
    version = row.published or row.versions.first()
    return {
        "name": row.name,
        **{name: getattr(row, name) for name in COLUMNS},
        "published": row.published_id is not None,
        **({"document": version.document} if version else {}),
    }


def _bring(tenant: Tenant, entry: Entry, path: str) -> tuple[Policy, Result, list[str]]:
    row = Policy.objects.filter(tenant=tenant, name=entry["name"]).first()
    if row is None:
        if "document" not in entry:
            raise ConfigurationError(f"{path}.document: a new policy needs one")
        row = Policy(tenant=tenant, name=entry["name"], **present(entry, *COLUMNS))
        row.save()
        return row, Result.CREATED, []
    changed = [name for name in COLUMNS if name in entry and getattr(row, name) != entry[name]]
    for name in changed:
        setattr(row, name, entry[name])
    if changed:
        row.save()
        policies.decide_anew(tenant)
    return row, Result.CHANGED if changed else Result.UNCHANGED, changed


def _bring_document(run: Applying, row: Policy, entry: Entry) -> list[str]:
    newest = row.versions.first()
    if "document" not in entry or (newest and newest.document == entry["document"]):
        return []
    policies.save_draft(row, entry["document"], actor=run.actor)
    return ["document"]


def _bring_publication(run: Applying, row: Policy, entry: Entry) -> list[str]:
    """`published: true` publishes the newest version; left out, what decides stays."""
    newest: PolicyVersion | None = row.versions.first()
    wanted = entry.get("published")
    if wanted is None or newest is None:
        return []
    if wanted and row.published_id != newest.pk:
        policies.publish(row, newest, actor=run.actor)
        return ["published"]
    if not wanted and row.published_id is not None:
        policies.unpublish(row, actor=run.actor)
        return ["published"]
    return []
