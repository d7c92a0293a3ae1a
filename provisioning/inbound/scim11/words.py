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


_DOLLAR = "_x0024_"


def child_of(name: str) -> str:
    """The element for one of the values of an attribute.

    >>> child_of("phoneNumbers"), child_of("addresses"), child_of("badges")
    ('phoneNumber', 'address', 'value')
    """
    return _CHILDREN.get(name, "value")


def element_of(name: str) -> str:
    """The element of an attribute; names of claims of one's own may hold a `$`.

    >>> element_of("pay$grade")
    'pay_x0024_grade'
    """
    return name.replace("$", _DOLLAR)


def attribute_of(element: str) -> str:
    return element.replace(_DOLLAR, "$")
