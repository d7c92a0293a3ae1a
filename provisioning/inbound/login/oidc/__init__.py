"""OpenID Connect (Core 1.0, Discovery 1.0, RP-Initiated Logout 1.0): the authorization code
flow with PKCE (RFC 7636), and the issuer in the answer (RFC 9207)."""

from provisioning.inbound.login.oidc.flow import begin, finish, leave
from provisioning.inbound.login.protocol import Protocol

PROTOCOL = Protocol(begin, finish, leave)

__all__ = ["PROTOCOL"]
