"""Our configuration document, of everything that could be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from idp.claims import ClaimTable
from idp.models import INTERNAL, PRIMARY
from provisioning.wso2 import separating
from provisioning.wso2.claims import LocalClaims
from provisioning.wso2.folder import File, Folder
from provisioning.wso2.notes import Notes
from provisioning.wso2.policies import Policies
from provisioning.wso2.providers import provider_of
from provisioning.wso2.reading import Part, Unreadable, read
from provisioning.wso2.rows import checked_rows
from provisioning.wso2.secrets import Variables
from provisioning.wso2.service_providers import service_provider_of

Entry = dict[str, Any]


@dataclass(slots=True)
class Document:
    """`tenant` is the tenant's entry of a configuration file, with `Secret`s in it. Nothing
    is to be applied while there are `problems`: sentences that begin with file and line."""

    tenant: Entry
    notes: Notes = field(default_factory=Notes)
    problems: list[str] = field(default_factory=list)
    files: int = 0


@dataclass(slots=True)
class _Reading:
    document: Document
    claims: LocalClaims
    variables: Variables = field(default_factory=Variables)

    def entries(
        self, files: Iterable[File], translate: Callable[[Part], Entry | None]
    ) -> list[Entry]:
        """Of each file that can be read; what is wrong with the others is a problem."""
        found: dict[str, tuple[str, Entry]] = {}
        for file in files:
            self.document.files += 1
            try:
                entry = translate(read(file.path, file.shown))
                if entry is None:
                    continue
                first, _ = found.setdefault(entry["name"].lower(), (file.shown, entry))
                if first != file.shown:
                    raise Unreadable(f"{file.shown}:1: {first} has the name {entry['name']}")
            except Unreadable as error:
                self.document.problems.append(f"{error}.")
        return [entry for _, entry in found.values()]

    def policies(self, folder: Folder) -> list[Entry]:
        policies, document = Policies(), self.document
        own = folder.own_policies()
        for file in [*folder.policies(), *own]:
            document.files += 1
            try:
                root = read(file.path, file.shown)
                policies.read(file.path.read_bytes(), root, drafted=file in own)
            except Unreadable as error:
                document.problems.append(f"{error}.")
        document.problems += [
            f"{sentence.rstrip('.')}." for sentence in policies.refused(document.notes)
        ]
        return policies.entries(document.notes)


def build(root: Path, domain: str, table: ClaimTable) -> Document:
    """Of the files below `root`, for the tenant of that domain; `table` holds its claims."""
    document = Document({"domain": domain})
    folder, reading = Folder(root), _Reading(document, LocalClaims.of(table))
    notes, variables = document.notes, reading.variables
    providers = reading.entries(
        folder.identity_providers(),
        lambda part: provider_of(part, notes, reading.claims, variables),
    )
    services = reading.entries(
        folder.service_providers(), lambda part: service_provider_of(part, notes, variables)
    )
    policies = reading.policies(folder)
    checked_rows(services, providers, notes)
    providers = separating.separated(providers, notes)
    parts: Entry = {
        "user_stores": [{"domain": name} for name in _stores(providers, services)],
        "local_claims": list(reading.claims.defined.values()),
        "policies": policies,
        "identity_providers": providers,
        "service_providers": services,
    }
    document.tenant |= {key: value for key, value in parts.items() if value}
    return document


def _stores(providers: list[Entry], services: list[Entry]) -> list[str]:
    """Every user store that a setting names."""
    named = [one.get("jit", {}).get("user_store", "") for one in providers]
    named += [one.get("inbound", {}).get("user_store", "") for one in services]
    for one in providers:
        roles = [row["local"] for row in one.get("role_mappings", ())]
        roles += one.get("provisioning_roles", ())
        named += [store.upper() for role in roles if (store := role.rpartition("/")[0])]
    kept = {PRIMARY, INTERNAL.upper(), "APPLICATION", "WORKFLOW", ""}
    return sorted(set(named) - kept)
