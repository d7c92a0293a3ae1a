"""What one of several values is called in XML (`multiValuedAttributeChildName`)."""

from __future__ import annotations

from collections.abc import Mapping

_CHILDREN: Mapping[str, str] = {
    name: name[:-1]
    for name in (
        *("emails", "phoneNumbers", "ims", "photos", "groups", "members", "roles"),
        *("entitlements", "x509Certificates", "schemas", "Resources", "Operations"),
        *("Errors", "authenticationSchemes", "attributes", "subAttributes"),
        "canonicalValues",
    )
} | {"addresses": "address"}


def child_of(name: str) -> str:
    """The element for one of the values of an attribute.

    >>> child_of("phoneNumbers"), child_of("addresses"), child_of("badges")
    ('phoneNumber', 'address', 'value')
    """
    return _CHILDREN.get(name, "value")
