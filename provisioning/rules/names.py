"""Identifiers of XACML 3.0 (core, appendix B) that the rest speaks of by name."""

from __future__ import annotations

from typing import Final

NAMESPACE: Final = "urn:oasis:names:tc:xacml:3.0:core:schema:wd-17"
OLDER: Final = ("urn:oasis:names:tc:xacml:2.0:", "urn:oasis:names:tc:xacml:1.0:")
URN: Final = "urn:oasis:names:tc:xacml:"
XML_SCHEMA: Final = "http://www.w3.org/2001/XMLSchema#"

STRING: Final = XML_SCHEMA + "string"
BOOLEAN: Final = XML_SCHEMA + "boolean"
INTEGER: Final = XML_SCHEMA + "integer"
DOUBLE: Final = XML_SCHEMA + "double"
TIME: Final = XML_SCHEMA + "time"
DATE: Final = XML_SCHEMA + "date"
DATE_TIME: Final = XML_SCHEMA + "dateTime"
ANY_URI: Final = XML_SCHEMA + "anyURI"
HEX_BINARY: Final = XML_SCHEMA + "hexBinary"
BASE64_BINARY: Final = XML_SCHEMA + "base64Binary"
DAY_TIME: Final = XML_SCHEMA + "dayTimeDuration"
YEAR_MONTH: Final = XML_SCHEMA + "yearMonthDuration"
X500_NAME: Final = URN + "1.0:data-type:x500Name"
RFC822_NAME: Final = URN + "1.0:data-type:rfc822Name"
IP_ADDRESS: Final = URN + "2.0:data-type:ipAddress"
DNS_NAME: Final = URN + "2.0:data-type:dnsName"
XPATH: Final = URN + "3.0:data-type:xpathExpression"

_XQUERY: Final = "http://www.w3.org/TR/2002/WD-xquery-operators-20020816#"
LEGACY_TYPES: Final = {
    _XQUERY + "dayTimeDuration": DAY_TIME,
    _XQUERY + "yearMonthDuration": YEAR_MONTH,
    URN + "2.0:data-type:dayTimeDuration": DAY_TIME,
    URN + "2.0:data-type:yearMonthDuration": YEAR_MONTH,
}
"""Names that XACML 1.x and 2.0 gave to today's data types."""

ENVIRONMENT: Final = URN + "3.0:attribute-category:environment"
RESOURCE: Final = URN + "3.0:attribute-category:resource"
CURRENT: Final = {
    URN + "1.0:environment:current-time": TIME,
    URN + "1.0:environment:current-date": DATE,
    URN + "1.0:environment:current-dateTime": DATE_TIME,
}
"""Environment attributes that the clock supplies where a request lacks them (10.2.5)."""

CONTENT_SELECTOR: Final = URN + "3.0:content-selector"
MULTIPLE_CONTENT_SELECTOR: Final = URN + "3.0:profile:multiple:content-selector"

OK: Final = URN + "1.0:status:ok"
MISSING_ATTRIBUTE: Final = URN + "1.0:status:missing-attribute"
SYNTAX_ERROR: Final = URN + "1.0:status:syntax-error"
PROCESSING_ERROR: Final = URN + "1.0:status:processing-error"


def canonical_type(identifier: str) -> str:
    """Today's name of a data type."""
    return LEGACY_TYPES.get(identifier, identifier)


def short(identifier: str) -> str:
    """The part of an identifier that people read."""
    return identifier.rpartition("#")[2].rpartition(":")[2] or identifier
