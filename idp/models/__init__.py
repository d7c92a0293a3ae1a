from idp.models.authenticator import Authenticator
from idp.models.base import Row, first_id, new_id
from idp.models.claim import ClaimType, LocalClaim
from idp.models.connector import DeleteAction, Mode, OnConflict, OnDeny, OutboundConnector
from idp.models.operator import Operator, Role, login_name
from idp.models.provider import (
    AttributeSync,
    ClaimDialect,
    ClaimMapping,
    IdentityProvider,
    JitSettings,
    Prompt,
    RoleMapping,
    UnmappedRoles,
)
from idp.models.tenant import ROOT, Tally, Tenant
from idp.models.userstore import (
    INTERNAL,
    PRIMARY,
    Document,
    Group,
    Membership,
    SearchValue,
    User,
    UserStore,
    key_of,
    split_name,
)

__all__ = [
    "INTERNAL",
    "PRIMARY",
    "ROOT",
    "AttributeSync",
    "Authenticator",
    "ClaimDialect",
    "ClaimMapping",
    "ClaimType",
    "DeleteAction",
    "Document",
    "Group",
    "IdentityProvider",
    "JitSettings",
    "LocalClaim",
    "Membership",
    "Mode",
    "OnConflict",
    "OnDeny",
    "Operator",
    "OutboundConnector",
    "Prompt",
    "Role",
    "RoleMapping",
    "Row",
    "SearchValue",
    "Tally",
    "Tenant",
    "UnmappedRoles",
    "User",
    "UserStore",
    "first_id",
    "key_of",
    "login_name",
    "new_id",
    "split_name",
]
