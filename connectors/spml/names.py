"""The namespaces and fixed names of SPML 2.0, DSMLv2, SOAP 1.1 and WS-Security 1.0."""

from __future__ import annotations

SPML = "urn:oasis:names:tc:SPML:2:0"
PROFILE = f"{SPML}:DSML"
PASSWORD = f"{SPML}:password"
SEARCH = f"{SPML}:search"
SUSPEND = f"{SPML}:suspend"
DSML = "urn:oasis:names:tc:DSML:2:0:core"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"

_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
WSSE = f"{_WSS}-wssecurity-secext-1.0.xsd"
WSU = f"{_WSS}-wssecurity-utility-1.0.xsd"
PASSWORD_TEXT = f"{_WSS}-username-token-profile-1.0#PasswordText"
BASE64 = f"{_WSS}-soap-message-security-1.0#Base64Binary"

PREFIXES = {
    "soap": SOAP,
    "spml": SPML,
    "dsml": DSML,
    "password": PASSWORD,
    "search": SEARCH,
    "suspend": SUSPEND,
    "wsse": WSSE,
    "wsu": WSU,
}
