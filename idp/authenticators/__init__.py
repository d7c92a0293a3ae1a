"""How people sign in through an identity provider: what is declared, checked and kept."""

from idp.authenticators.fields import OIDC, SAML, TYPES, together
from idp.authenticators.keeping import clean_for, save
from idp.authenticators.metadata import Metadata, MetadataRefused, read_metadata

__all__ = [
    "OIDC",
    "SAML",
    "TYPES",
    "Metadata",
    "MetadataRefused",
    "clean_for",
    "read_metadata",
    "save",
    "together",
]
