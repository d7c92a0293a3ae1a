"""One entry of a configuration file on its own: what the REST API brings in.

The same checks, writes and audit rows as `apply`; names in errors begin at the entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import IntegrityError, transaction

from idp.models import ROOT, IdentityProvider, Tenant
from provisioning.configuration import schema
from provisioning.configuration.claims import check_claims
from provisioning.configuration.connectors import apply_connector
from provisioning.configuration.errors import ConfigurationError
from provisioning.configuration.nodes import Object
from provisioning.configuration.policies import apply_policies
from provisioning.configuration.providers import apply_provider
from provisioning.configuration.report import Applying, Line, Report
from provisioning.configuration.service_providers import apply_service_provider
from provisioning.configuration.telling import apply_preference, apply_webhook

Entry = Mapping[str, Any]
Kind = str
"""A list of the file: `identity_providers`, `policies`, `users`, …"""


def node_of(kind: Kind) -> Object:
    """What an entry of that kind must be like."""
    return schema.entry(kind)


def cleaned(kind: Kind, entry: Any) -> Entry:
    """The checked entry. Raises `ConfigurationError`."""
    problems: list[str] = []
    checked: Entry = node_of(kind).clean(entry, "", problems)
    if problems:
        raise ConfigurationError(*problems)
    return checked


def bring_provider(run: Applying, tenant: Tenant, entry: Entry) -> Line:
    """Bring the identity provider to what the entry says. Raises `ConfigurationError`,
    and then has done nothing."""

    def bring() -> None:
        _check_claims(tenant, "identity_providers", entry)
        apply_provider(run, tenant, entry, "")

    return _alone(run, bring)


def checked_user(tenant: Tenant, entry: Any) -> Entry:
    """A user's entry whose claims there are. Raises `ConfigurationError`."""
    checked = cleaned("users", entry)
    _check_claims(tenant, "users", checked)
    return checked


def bring_policy(run: Applying, tenant: Tenant, entry: Entry) -> Line:
    return _alone(run, lambda: apply_policies(run, tenant, [entry], ""))


def bring_service_provider(run: Applying, tenant: Tenant, entry: Entry) -> Line:
    return _alone(run, lambda: apply_service_provider(run, tenant, entry, ""))


def bring_connector(run: Applying, provider: IdentityProvider, entry: Entry) -> Line:
    return _alone(run, lambda: apply_connector(run, provider, entry, ""))


def bring_webhook(run: Applying, tenant: Tenant, entry: Entry) -> Line:
    return _alone(run, lambda: apply_webhook(run, tenant, entry, ""))


def bring_preference(run: Applying, tenant: Tenant, entry: Entry) -> Line:
    return _alone(run, lambda: apply_preference(run, tenant, entry, ""))


def run_of(actor: str, door: str) -> Applying:
    return Applying(actor, Report(), door)


def _alone(run: Applying, step: Callable[[], None]) -> Line:
    """The report's first line is about the entry itself; its parts follow."""
    try:
        with transaction.atomic():
            # Two of them at once wait for each other, and for files.
            Tenant.objects.select_for_update().get(domain=ROOT)
            step()
    except ConfigurationError as error:
        raise ConfigurationError(*map(_from_entry, error.problems)) from error
    except IntegrityError as error:
        raise ConfigurationError(
            "something else changed the configuration: try again"
        ) from error
    return run.report.lines[0]


def _check_claims(tenant: Tenant, kind: Kind, entry: Entry) -> None:
    try:
        check_claims(tenant, {kind: [entry]})
    except ConfigurationError as error:
        problems = (problem.removeprefix(f"{kind}[0].") for problem in error.problems)
        raise ConfigurationError(*problems) from error


def _from_entry(problem: str) -> str:
    """A path within the entry has no dot before it, and the entry itself no path."""
    return problem.removeprefix("[0]").removeprefix(": ").removeprefix(".")
