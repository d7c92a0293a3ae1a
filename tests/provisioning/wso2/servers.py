"""Folders of a WSO2 server, written for a test."""

from __future__ import annotations

import shutil
from pathlib import Path

from idp.claims import BUILT_IN
from idp.models import ROOT
from provisioning.wso2.document import Document, build
from provisioning.wso2.notes import Became, Note

SERVER = Path(__file__).parent / "server"
PROVIDERS = "repository/conf/identity/identity-providers"
SERVICES = "repository/conf/identity/service-providers"
POLICIES = "repository/conf/identity/policies"


def copied(folder: Path) -> Path:
    """The whole example, to be changed."""
    shutil.copytree(SERVER, folder / "wso2")
    return folder / "wso2"


def provider(name: str, *parts: str, enabled: bool = True) -> str:
    state = f"<IsEnabled>{str(enabled).lower()}</IsEnabled>"
    inner = "".join(parts)
    return (
        f"<IdentityProvider><IdentityProviderName>{name}</IdentityProviderName>{state}{inner}"
        "</IdentityProvider>"
    )


def connector(kind: str, **properties: str) -> str:
    """The section with one connector; `_` in names stands for `-`."""
    held = "".join(
        f"<Property><Name>{name.replace('__', '-')}</Name><Value>{value}</Value></Property>"
        for name, value in properties.items()
    )
    return (
        "<ProvisioningConnectorConfigs><ProvisioningConnectorConfig>"
        f"<Name>{kind}</Name><IsEnabled>true</IsEnabled>"
        f"<ProvisioningProperties>{held}</ProvisioningProperties>"
        "</ProvisioningConnectorConfig></ProvisioningConnectorConfigs>"
    )


def mappings(*rows: tuple[str, str, str]) -> str:
    """Of (local claim, remote claim, default) in an own dialect."""
    held = "".join(
        f"<ClaimMapping><LocalClaim><ClaimUri>{local}</ClaimUri></LocalClaim>"
        f"<RemoteClaim><ClaimUri>{remote}</ClaimUri></RemoteClaim>"
        f"<DefaultValue>{default}</DefaultValue></ClaimMapping>"
        for local, remote, default in rows
    )
    return f"<ClaimConfig><ClaimMappings>{held}</ClaimMappings></ClaimConfig>"


def written(folder: Path, *, providers: dict[str, str] | None = None,
            services: dict[str, str] | None = None,
            policies: dict[str, str] | None = None) -> Path:  # fmt: skip
    for place, files in ((PROVIDERS, providers), (SERVICES, services), (POLICIES, policies)):
        (folder / place).mkdir(parents=True, exist_ok=True)
        for name, text in (files or {}).items():
            (folder / place / f"{name}.xml").write_text(text)
    return folder


def of(folder: Path) -> Document:
    return build(folder, ROOT, BUILT_IN)


def only_provider(folder: Path, text: str) -> tuple[dict[str, object], Document]:
    document = of(written(folder, providers={"one": text}))
    [entry] = document.tenant["identity_providers"]
    return entry, document


def note(document: Document, what: str) -> Note:
    return next(one for one in document.notes.rows if one.what.endswith(what))


def whys(document: Document, result: Became) -> dict[str, str]:
    return {one.what: one.why for one in document.notes.of(result)}
