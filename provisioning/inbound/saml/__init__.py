"""SAML 2.0 Web Browser SSO: we are the service provider, and strict about it.

What is known of requests, responses and signatures, and nothing of logins and browsers.
Sections are those of saml-core-2.0-os, saml-bindings-2.0-os and saml-profiles-2.0-os.
"""

from provisioning.inbound.saml.descriptor import MEDIA_TYPE, descriptor
from provisioning.inbound.saml.parties import Ours, Theirs, ours, theirs
from provisioning.inbound.saml.refusals import NobodySignedIn, SamlRefused
from provisioning.inbound.saml.requests import Asked, ask
from provisioning.inbound.saml.responses import Asserted, read

__all__ = [
    "MEDIA_TYPE",
    "Asked",
    "Asserted",
    "NobodySignedIn",
    "Ours",
    "SamlRefused",
    "Theirs",
    "ask",
    "descriptor",
    "ours",
    "read",
    "theirs",
]
