"""Applying a configuration file: the same file twice changes nothing the second time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from idp.models import ROOT, Tenant
from provisioning.configuration import loading
from provisioning.configuration.claims import apply_claims
from provisioning.configuration.errors import ConfigurationError
from provisioning.configuration.people import apply_people
from provisioning.configuration.policies import apply_policies
from provisioning.configuration.providers import apply_provider
from provisioning.configuration.report import Applying, Report
from provisioning.configuration.schema import file_schema
from provisioning.configuration.service_providers import apply_service_provider
from provisioning.configuration.telling import apply_preference, apply_webhook
from provisioning.configuration.tenants import apply_tenant

Entry = Mapping[str, Any]


class _DryRun(Exception):
    """Takes back what a dry run did."""


def apply_file(path: Path, *, actor: str, dry_run: bool = False) -> Report:
    """Apply the file. Raises `ConfigurationError`, and then has done nothing."""
    return apply(loading.read(path), actor=actor, dry_run=dry_run)


def apply(tree: Any, *, actor: str, dry_run: bool = False) -> Report:
    """Apply what a file holds: all configuration in one transaction, then the people.

    A person who is refused is told in the report and holds back nobody else. Must be
    called outside a transaction unless it is a dry run.
    """
    problems: list[str] = []
    entry = file_schema().clean(loading.as_mapping(tree), "", problems)
    if problems:
        raise ConfigurationError(*problems)
    run = Applying(actor, Report(dry_run=dry_run))
    people: list[tuple[Tenant, Entry, str]] = []
    try:
        with transaction.atomic():
            people += _configure(run, entry)
            if dry_run:
                _bring_people(run, people)
                raise _DryRun
    except _DryRun:
        return run.report
    except IntegrityError as error:
        raise ConfigurationError(
            "something else changed the configuration: try again"
        ) from error
    _bring_people(run, people)
    return run.report


def _configure(run: Applying, entry: Entry) -> Iterator[tuple[Tenant, Entry, str]]:
    # Two files at once wait for each other.
    Tenant.objects.select_for_update().get(domain=ROOT)
    for index, given in enumerate(entry.get("tenants", ())):
        path = f"tenants[{index}]"
        tenant = apply_tenant(run, given, path)
        if tenant is None:
            continue
        apply_claims(run, tenant, given, path)
        if given.get("policies"):
            apply_policies(run, tenant, given["policies"], f"{path}.policies")
        for number, webhook in enumerate(given.get("webhooks", ())):
            apply_webhook(run, tenant, webhook, f"{path}.webhooks[{number}]")
        for number, wish in enumerate(given.get("notifications", ())):
            apply_preference(run, tenant, wish, f"{path}.notifications[{number}]")
        for number, provider in enumerate(given.get("identity_providers", ())):
            apply_provider(run, tenant, provider, f"{path}.identity_providers[{number}]")
        for number, service in enumerate(given.get("service_providers", ())):
            apply_service_provider(run, tenant, service, f"{path}.service_providers[{number}]")
        yield tenant, given, path


def _bring_people(run: Applying, people: list[tuple[Tenant, Entry, str]]) -> None:
    for tenant, entry, path in people:
        if entry.get("groups") or entry.get("users"):
            apply_people(run, tenant, entry, path)
