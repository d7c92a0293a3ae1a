"""What can be asked, with its parameters in order: the one table of the service.

`docs/standards/soap.md` shows it; a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from provisioning.inbound.soap import claims, roles, tenants, users
from provisioning.inbound.soap.calls import Call, Outcomes
from provisioning.inbound.soap.parameters import Given, Param
from provisioning.inbound.soap.vocabulary import Kind


@dataclass(frozen=True, slots=True)
class Operation:
    """`returns` is what a question answers; a change answers true, where it answers at all."""

    name: str
    handler: Callable[[Call, Given], Any]
    params: tuple[Param, ...] = ()
    returns: Param | None = None

    @property
    def changes(self) -> bool:
        return self.returns is None

    @property
    def answered(self) -> Param:
        return self.returns or DONE


DONE = Param("return", Kind.BOOLEAN)


def _change(name: str, handler: Callable[[Call, Given], Outcomes], *params: Param) -> Operation:
    return Operation(name, handler, params)


def _ask(
    name: str,
    handler: Callable[[Call, Given], Any],
    *params: Param,
    kind: Kind = Kind.STRING,
    many: bool = False,
) -> Operation:
    return Operation(name, handler, params, Param("return", kind, many))


def _texts(name: str) -> Param:
    return Param(name, many=True)


USER, ROLE, PROFILE = Param("userName"), Param("roleName"), Param("profileName")
LOWER_USER = Param("username")
CREDENTIAL, NEW_CREDENTIAL = Param("credential"), Param("newCredential")
CLAIM_URI, CLAIM_VALUE = Param("claimURI"), Param("claimValue")
PAIRS = Param("claims", Kind.CLAIM_VALUE, many=True)

OPERATIONS = (
    _change(
        "addUser",
        users.add,
        USER,
        CREDENTIAL,
        _texts("roleList"),
        PAIRS,
        PROFILE,
        Param("requirePasswordChange", Kind.BOOLEAN),
    ),
    _change("deleteUser", users.delete, USER),
    _change(
        "updateCredential", users.update_password, USER, NEW_CREDENTIAL, Param("oldCredential")
    ),
    _change("updateCredentialByAdmin", users.set_password, USER, NEW_CREDENTIAL),
    _ask("authenticate", users.authenticate, USER, CREDENTIAL, kind=Kind.BOOLEAN),
    _ask("isExistingUser", users.exists, USER, kind=Kind.BOOLEAN),
    _ask(
        "listUsers",
        users.names_like,
        Param("filter"),
        Param("maxItemLimit", Kind.INT),
        many=True,
    ),
    _ask(
        "getUserList",
        claims.holders,
        Param("claimUri"),
        CLAIM_VALUE,
        Param("profile"),
        many=True,
    ),
    _change("setUserClaimValue", claims.set_one, USER, CLAIM_URI, CLAIM_VALUE, PROFILE),
    _change("setUserClaimValues", claims.set_several, USER, PAIRS, PROFILE),
    _change("addUserClaimValue", claims.add_one, USER, CLAIM_URI, CLAIM_VALUE, PROFILE),
    _change("addUserClaimValues", claims.add_several, USER, PAIRS, PROFILE),
    _change("deleteUserClaimValue", claims.delete_one, USER, CLAIM_URI, PROFILE),
    _change("deleteUserClaimValues", claims.delete_several, USER, _texts("claims"), PROFILE),
    _ask("getUserClaimValue", claims.get_one, USER, Param("claim"), PROFILE),
    _ask("getUserClaimValues", claims.get_all, USER, PROFILE, kind=Kind.CLAIM, many=True),
    _ask(
        "getUserClaimValuesForClaims",
        claims.get_several,
        USER,
        _texts("claims"),
        PROFILE,
        kind=Kind.CLAIM_VALUE,
        many=True,
    ),
    _ask("getProfileNames", claims.profile_names, USER, many=True),
    _ask("getAllProfileNames", claims.all_profile_names, many=True),
    _change(
        "addRole",
        roles.add,
        ROLE,
        _texts("userList"),
        Param("permissions", Kind.PERMISSION, many=True),
    ),
    _change("deleteRole", roles.delete, ROLE),
    _change("updateRoleName", roles.rename, ROLE, Param("newRoleName")),
    _change(
        "updateUserListOfRole",
        roles.update_members,
        ROLE,
        _texts("deletedUsers"),
        _texts("newUsers"),
    ),
    _change(
        "updateRoleListOfUser",
        roles.update_roles,
        USER,
        _texts("deletedRoles"),
        _texts("newRoles"),
    ),
    _ask("isExistingRole", roles.exists, ROLE, kind=Kind.BOOLEAN),
    _ask("getRoleNames", roles.names, many=True),
    _ask("getHybridRoles", roles.internal_names, many=True),
    _ask("getRoleListOfUser", roles.of_user, USER, many=True),
    _ask("getUserListOfRole", roles.members, ROLE, many=True),
    _ask("getUserId", tenants.user_id, LOWER_USER, kind=Kind.INT),
    _ask("getTenantId", tenants.tenant_id, kind=Kind.INT),
    _ask("getTenantIdofUser", tenants.tenant_id_of_user, LOWER_USER, kind=Kind.INT),
    _ask(
        "getPasswordExpirationTime",
        tenants.password_expiration_time,
        LOWER_USER,
        kind=Kind.LONG,
    ),
    _ask("isReadOnly", tenants.is_read_only, kind=Kind.BOOLEAN),
    _ask(
        "getProperties",
        tenants.properties,
        Param("tenant", Kind.TENANT),
        kind=Kind.STRINGS,
        many=True,
    ),
)
TABLE = {operation.name: operation for operation in OPERATIONS}
