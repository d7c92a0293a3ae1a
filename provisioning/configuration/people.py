"""Groups and users of a configuration file: through the intake, like anybody's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from idp.models import Tenant
from provisioning.configuration.importing import Importing, Told, bring_users
from provisioning.configuration.importing_groups import bring_groups
from provisioning.configuration.report import Applying, Line

Entry = Mapping[str, Any]


def apply_people(run: Applying, tenant: Tenant, entry: Entry, path: str) -> None:
    """Groups first, then users. One that is refused is told, and the others go on."""
    importing = Importing(tenant, run.actor, run.report.dry_run)
    groups, users = entry.get("groups", ()), entry.get("users", ())
    brought = bring_groups(importing, groups)
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
