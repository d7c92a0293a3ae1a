"""From the document to the configuration: by `apply`, as any other file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import yaml
from django.db import transaction

from idp.models import OutboundConnector
from provisioning.configuration import Report, apply, schema
from provisioning.configuration.export import service_provider_entry, whole_service_providers
from provisioning.wso2.document import Document
from provisioning.wso2.secrets import Secret
from serviceproviders.models import RESIDENT, OAuthClient, ServiceProvider

Entry = dict[str, Any]
Told = TypeVar("Told")

PLACEHOLDER = "to be given by hand"


class _TakenBack(Exception):
    """Ends a rehearsal."""


def bring(document: Document, *, actor: str, mode: str = "") -> Report:
    """Apply the document. Connectors that are new get the mode. Raises `ConfigurationError`,
    and then has done nothing."""
    return apply(tree(document, mode=mode), actor=actor)


def rehearse(
    document: Document, look: Callable[[], Told], *, actor: str, mode: str = ""
) -> tuple[Report, Told]:
    """What applying would do, and what `look` sees while it is done; all of it is taken back.

    Raises `ConfigurationError`.
    """
    try:
        with transaction.atomic():
            # There are no people in it: nothing is sent by what is applied here.
            report = apply(tree(document, mode=mode, rehearsed=True), actor=actor)
            seen = look()
            raise _TakenBack
    except _TakenBack:
        report.dry_run = True
        return report, seen


def tree(document: Document, *, mode: str = "", rehearsed: bool = False) -> Entry:
    """What `apply` is given: secrets in clear. One that is not known is left out, or in a
    rehearsal stands for itself where a connector is new."""
    tenant = document.tenant
    domain = tenant["domain"]
    providers = [
        _provider(domain, entry, mode, rehearsed=rehearsed)
        for entry in tenant.get("identity_providers", ())
    ]
    services = [_service(domain, entry) for entry in tenant.get("service_providers", ())]
    parts = {"identity_providers": providers, "service_providers": services}
    return {"version": 1, "tenants": [tenant | {key: one for key, one in parts.items() if one}]}


def _provider(domain: str, entry: Entry, mode: str, *, rehearsed: bool) -> Entry:
    there = set(
        OutboundConnector.objects.filter(
            provider__tenant__domain=domain, provider__name=entry["name"]
        ).values_list("type", flat=True)
    )
    filled = dict(entry)
    if "authenticator" in entry:
        authenticator = _known(entry["authenticator"])
        filled.pop("authenticator")
        if not missing(entry["authenticator"]) and authenticator_is_accepted():
            filled["authenticator"] = authenticator
    if "connectors" in entry:
        filled["connectors"] = [
            _connector(one, mode, fresh=one["type"] not in there, rehearsed=rehearsed)
            for one in entry["connectors"]
        ]
    return filled


def _connector(entry: Entry, mode: str, *, fresh: bool, rehearsed: bool) -> Entry:
    stand_in = PLACEHOLDER if fresh and rehearsed else ""
    filled = {**entry, "settings": _known(entry["settings"], stand_in)}
    return {**filled, "mode": mode} if fresh and mode else filled


def _service(domain: str, entry: Entry) -> Entry:
    """A client whose secret is not known yet is left for later."""
    if "outbound" in entry:
        entry = {**entry, "outbound": [*entry["outbound"], *_other_rows(domain, entry)]}
    if "oauth_client" not in entry:
        return entry
    filled = {**entry, "oauth_client": _known(entry["oauth_client"])}
    clients = OAuthClient.objects.filter(
        service_provider__tenant__domain=domain, service_provider__name=entry["name"]
    )
    if missing(entry["oauth_client"]) and not clients.exists():
        filled.pop("oauth_client")
    return filled


def _other_rows(domain: str, entry: Entry) -> list[Entry]:
    """Rows of ours that lead elsewhere: WSO2 knows nothing of them, and a list replaces."""
    name = RESIDENT if entry["name"] == "resident" else entry["name"]
    rows = ServiceProvider.objects.filter(tenant__domain=domain, name=name)
    row = whole_service_providers(rows).first()
    held = service_provider_entry(row)["outbound"] if row else []
    named = {one["identity_provider"] for one in entry["outbound"]}
    return [one for one in held if one["identity_provider"] not in named]


def _known(values: Entry, stand_in: str = "") -> Entry:
    known = {
        key: (value.known or stand_in) if isinstance(value, Secret) else value
        for key, value in values.items()
    }
    return {
        key: value
        for key, value in known.items()
        if value != "" or not isinstance(values[key], Secret)
    }


def missing(values: Entry) -> list[str]:
    """The environment variables that are still to be given."""
    secrets = (value for value in values.values() if isinstance(value, Secret))
    return [secret.variable for secret in secrets if not secret.known]


def to_be_given(document: Document) -> Iterator[str]:
    """All of them, in connectors, logins and clients."""
    for entry in document.tenant.get("identity_providers", ()):
        for one in entry.get("connectors", ()):
            yield from missing(one["settings"])
        yield from missing(entry.get("authenticator", {}))
    for entry in document.tenant.get("service_providers", ()):
        yield from missing(entry.get("oauth_client", {}))


def prepared_logins(document: Document) -> list[str]:
    """The identity providers whose authenticator is written down and not applied."""
    return [
        entry["name"]
        for entry in document.tenant.get("identity_providers", ())
        if "authenticator" in entry
        and (missing(entry["authenticator"]) or not authenticator_is_accepted())
    ]


def authenticator_is_accepted() -> bool:
    """Whether this version knows logins at all."""
    sample = {"name": "-", "authenticator": {"type": "oidc", "issuer": "https://idp.example"}}
    problems: list[str] = []
    schema.entry("identity_providers").clean(sample, "", problems)
    return not problems


def written(document: Document, *, mode: str = "") -> str:
    """The document as a configuration file in YAML, secrets left out as references."""
    tenant = _referring(document.tenant)
    for entry in tenant.get("identity_providers", ()) if mode else ():
        for one in entry.get("connectors", ()):
            one["mode"] = mode
    return yaml.dump(
        {"version": 1, "tenants": [tenant]},
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=100,
    )


class _Dumper(yaml.SafeDumper):
    """Documents and certificates as blocks; no aliases, which `apply` refuses."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _referring(value: Any) -> Any:
    if isinstance(value, Secret):
        return value.reference
    if isinstance(value, dict):
        return {key: _referring(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_referring(item) for item in value]
    return value
