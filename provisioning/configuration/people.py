"""Groups and users of a configuration file: through the intake, like anybody's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors import EntityType
from idp.models import Group, Tenant
from provisioning import passing
from provisioning.changes import Action, GroupData, Refused
from provisioning.configuration.importing import Importing, Told, bring_users
from provisioning.configuration.report import Applying, Line, Result
from provisioning.configuration.rows import is_absent
from provisioning.models import PassingEntity

Entry = Mapping[str, Any]


def apply_people(run: Applying, tenant: Tenant, entry: Entry, path: str) -> None:
    """Groups first, then users. One that is refused is told, and the others go on."""
    importing = Importing(tenant, run.actor, run.report.dry_run)
    groups, users = entry.get("groups", ()), entry.get("users", ())
    brought = (_bring_group(importing, group) for group in groups)
    _tell(run, tenant, "group", [group["name"] for group in groups], brought, path)
    names = [user["username"] for user in users]
    _tell(run, tenant, "user", names, bring_users(importing, users), path)


def _tell(
    run: Applying,
    tenant: Tenant,
    kind: str,
    names: Sequence[str],
    told: Iterable[Told],
    path: str,
) -> None:
    for index, (name, (result, reason)) in enumerate(zip(names, told, strict=True)):
        reasons = [f"{path}.{kind}s[{index}]: {reason}"] if reason else []
        run.report.lines.append(Line(kind, tenant.domain, name, result, reasons))


def _bring_group(importing: Importing, entry: Entry) -> Told:
    domain, name_key = importing.key_of(entry["name"])
    group: Group | PassingEntity | None = Group.objects.filter(
        store__tenant=importing.tenant, store__domain=domain, name_key=name_key
    ).first()
    resident = importing.service_provider
    if group is None and resident.dumb_mode:
        sent = passing.named(resident, EntityType.GROUP, domain, [name_key])
        group = sent[0] if sent else None
    if (group is None) == is_absent(entry):  # gone as it shall be, or there
        return Result.UNCHANGED, ""
    if group is None:
        data = GroupData(name=entry["name"])
        result, change = (
            Result.CREATED,
            importing.change(Action.CREATE, EntityType.GROUP, group=data),
        )
    else:
        result, change = (
            Result.DELETED,
            importing.change(Action.DELETE, EntityType.GROUP, entity_id=group.pk),
        )
    try:
        importing.accept(change)
    except Refused as error:
        return Result.REFUSED, str(error)
    return result, ""
