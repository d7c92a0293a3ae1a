"""What a rule is asked: the attributes WSO2's policies know, under the same names.

Where WSO2 joins several values with commas they are bags here, on every operation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from connectors import EntityType
from idp.models import OutboundConnector
from provisioning import mapping
from provisioning.rules import Request
from provisioning.subjects import Subject

IDENTITY: Final = "http://wso2.org/identity/"
CLAIMS: Final = "http://wso2.org/claims/"
ENVIRONMENT: Final = "urn:oasis:names:tc:xacml:3.0:attribute-category:environment"
XS: Final = "http://www.w3.org/2001/XMLSchema#"
_ENV: Final = "urn:oasis:names:tc:xacml:1.0:environment:"

USER: Final = IDENTITY + "user"
SP: Final = IDENTITY + "sp"
IDP: Final = IDENTITY + "idp"
ACTION: Final = IDENTITY + "identity-action"
PROVISIONING: Final = IDENTITY + "provisioning"

ALSO_CALLED: Final[Mapping[str, tuple[str, ...]]] = {
    "google": ("googleapps",),
    "scim2": ("SCIM2",),
}
"""What WSO2 calls the same connectors; the others are called the same there."""
ROLES: Final = (CLAIMS + "role", CLAIMS + "roles")

Values = Sequence[tuple[str, Any]]


def build(
    subject: Subject,
    connector: OutboundConnector,
    service_provider: str,
    operation: str,
    now: datetime,
) -> Request:
    """`operation` is POST, PUT, PATCH or DELETE; `now` is told in the tenant's time zone."""
    tenant = subject.tenant
    groups = sorted(subject.groups)
    if subject.type is EntityType.GROUP:
        groups = [subject.name]
    return Request.of(
        {
            USER: {
                **_claims(subject),
                **dict.fromkeys(ROLES, _texts(*groups)),
                f"{USER}/user-tenant-domain": _texts(tenant.domain),
                f"{USER}/username": _texts(subject.name),
            },
            SP: {
                f"{SP}/sp-name": _texts(service_provider),
                f"{IDENTITY}auth/sp-tenant-domain": _texts(tenant.domain),
            },
            IDP: {
                f"{IDP}/idp-name": _texts(connector.provider.name),
                f"{IDP}/connector-type": _texts(
                    connector.type, *ALSO_CALLED.get(connector.type, ())
                ),
            },
            ACTION: {f"{ACTION}/action-name": _texts("provisioning")},
            PROVISIONING: {
                f"{PROVISIONING}/claim-group": _texts(*groups),
                f"{PROVISIONING}/provision-operation": _texts(operation),
            },
            ENVIRONMENT: {
                f"{_ENV}environment-id": _texts(tenant.domain),
                **_clock(now.astimezone(ZoneInfo(tenant.time_zone))),
            },
        }
    )


def _claims(subject: Subject) -> dict[str, Values]:
    if subject.type is not EntityType.USER or not subject.exists:
        return {}
    return {
        uri: _texts(*(value if isinstance(value, list) else [value]))
        for uri, value in mapping.claims_of(subject).items()
    }


def _clock(now: datetime) -> dict[str, Values]:
    """Typed, as the standard has it, and as the texts that WSO2 sends."""
    return {
        f"{_ENV}current-date": [
            (f"{XS}date", now.date().isoformat() + _offset(now)),
            (f"{XS}string", now.strftime("%Y/%m/%d")),
        ],
        f"{_ENV}current-time": [
            (f"{XS}time", now.time().isoformat("seconds") + _offset(now)),
            (f"{XS}string", now.strftime("%H:%M:%S")),
        ],
        f"{_ENV}current-dateTime": [
            (f"{XS}dateTime", now.isoformat(timespec="seconds")),
            (f"{XS}string", now.strftime("%Y/%m/%d %H:%M:%S")),
        ],
    }


def _offset(now: datetime) -> str:
    return now.isoformat(timespec="seconds")[19:]


def _texts(*values: Any) -> Values:
    return [(f"{XS}string", str(value)) for value in values]
