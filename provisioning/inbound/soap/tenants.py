"""What WSO2 answers of tenants and stores, as far as there is such a thing here."""

from __future__ import annotations

from idp.models import ROOT
from provisioning.inbound.soap.calls import Call
from provisioning.inbound.soap.faults import meaningless
from provisioning.inbound.soap.parameters import Given

ROOT_ID = -1234
"""The number by which WSO2's clients know the root tenant."""
NEVER = -1


def tenant_id(call: Call, given: Given) -> int:
    return _tenant_id(call, "getTenantId")


def tenant_id_of_user(call: Call, given: Given) -> int:
    call.names.user(given.text("username"), "username")
    return _tenant_id(call, "getTenantIdofUser")


def _tenant_id(call: Call, operation: str) -> int:
    if call.tenant.domain != ROOT:
        raise meaningless(
            operation,
            f"tenants have no numbers here; this one is {call.tenant.domain}.",
        )
    return ROOT_ID


def user_id(call: Call, given: Given) -> int:
    call.names.user(given.text("username"), "username")
    raise meaningless(
        "getUserId",
        "people's ids are no numbers here; read the claim http://wso2.org/claims/userid.",
    )


def password_expiration_time(call: Call, given: Given) -> int:
    """Milliseconds since 1970; passwords do not expire."""
    call.names.user(given.text("username"), "username")
    return NEVER


def is_read_only(call: Call, given: Given) -> bool:
    return False


def properties(call: Call, given: Given) -> list[dict[str, str]]:
    """A user store has none that could be told."""
    return []
