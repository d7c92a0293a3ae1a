"""Names of the wire: namespaces, versions of SOAP, and the types of the two services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum

from django.conf import settings
from lxml import etree

SERVICE_NS = "http://service.ws.um.carbon.wso2.org"
CLAIM_VALUE_NS = "http://common.mgt.user.carbon.wso2.org/xsd"
DAO_NS = "http://dao.service.ws.um.carbon.wso2.org/xsd"
CORE_NS = "http://core.user.carbon.wso2.org/xsd"
CLAIM_NS = "http://claim.core.user.carbon.wso2.org/xsd"
TENANT_NS = "http://tenant.core.user.carbon.wso2.org/xsd"
V1 = "RemoteUserStoreManagerService"
V2 = "RemoteUserStoreManagerServiceV2"
XSD_NS = "http://www.w3.org/2001/XMLSchema"
XSI_NS = "http://www.w3.org/2001/XMLSchema-instance"
XML_NS = "http://www.w3.org/XML/1998/namespace"
ADDRESSING = (
    "http://www.w3.org/2005/08/addressing",
    "http://schemas.xmlsoap.org/ws/2004/08/addressing",
)

Element = etree._Element


class Version(Enum):
    """A version of SOAP, by the namespace of its envelope."""

    SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
    SOAP12 = "http://www.w3.org/2003/05/soap-envelope"

    @property
    def media_type(self) -> str:
        return "text/xml" if self is Version.SOAP11 else "application/soap+xml"

    def tag(self, name: str) -> str:
        return f"{{{self.value}}}{name}"


class Kind(StrEnum):
    """What a parameter or an answer is made of; simple ones by their name in XML Schema."""

    STRING = "string"
    INT = "int"
    LONG = "long"
    BOOLEAN = "boolean"
    CLAIM_VALUE = "ClaimValue"
    CLAIM = "Claim"
    PERMISSION = "Permission"
    TENANT = "Tenant"
    STRINGS = "ArrayOfString"


@dataclass(frozen=True, slots=True)
class Composed:
    """A type with parts, in the order in which they stand. `many`: each is repeatable."""

    name: str
    namespace: str
    parts: Mapping[str, str]
    many: bool = False


_CLAIM = {
    "claimUri": "string",
    "description": "string",
    "dialectURI": "string",
    "displayOrder": "int",
    "displayTag": "string",
    "regEx": "string",
    "required": "boolean",
    "supportedByDefault": "boolean",
    "value": "string",
}
_PERMISSION = {"action": "string", "resourceId": "string"}
_TENANT = {
    "active": "boolean",
    "adminName": "string",
    "adminPassword": "string",
    "createdDate": "date",
    "domain": "string",
    "email": "string",
    "id": "int",
}

_SHARED = {
    Kind.CLAIM_VALUE: Composed(
        "ClaimValue", CLAIM_VALUE_NS, {"claimURI": "string", "value": "string"}
    ),
    Kind.TENANT: Composed("Tenant", TENANT_NS, _TENANT),
    Kind.STRINGS: Composed("ArrayOfString", SERVICE_NS, {"array": "string"}, many=True),
}
_TYPES = {
    **_SHARED,
    Kind.CLAIM: Composed("ClaimDTO", DAO_NS, _CLAIM),
    Kind.PERMISSION: Composed("PermissionDTO", DAO_NS, _PERMISSION),
}
_OLDER_TYPES = {
    **_SHARED,
    Kind.CLAIM: Composed("Claim", CLAIM_NS, _CLAIM),
    Kind.PERMISSION: Composed("Permission", CORE_NS, _PERMISSION),
}
"""As WSO2 had them until the service got types of its own."""


@dataclass(frozen=True, slots=True)
class Service:
    """One of the two services. `answers`: a change that was made is answered with a message,
    not only with an empty HTTP answer. `older_types`: those of an older WSDL."""

    name: str
    answers: bool
    older_types: bool = False

    @property
    def types(self) -> Mapping[Kind, Composed]:
        return _OLDER_TYPES if self.older_types else _TYPES

    @property
    def has_error_codes(self) -> bool:
        """V2's exception has a part for programs; that of the first service has none."""
        return self.name == V2

    @property
    def fault(self) -> str:
        """The name of the element in a fault's detail."""
        return "UserStoreException" if self.older_types else f"{self.name}UserStoreException"


def service_of(name: str) -> Service:
    """The service of that name, as the settings have it."""
    if name == V2:
        return Service(V2, answers=True)
    return Service(V1, settings.PURVEYOR_SOAP_ANSWERS, settings.PURVEYOR_SOAP_OLDER_TYPES)


def local(element: Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def namespace(element: Element) -> str:
    return (etree.QName(element).namespace or "") if isinstance(element.tag, str) else ""
