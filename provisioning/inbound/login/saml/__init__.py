"""SAML 2.0 as a protocol of logins; what is believed, `provisioning.inbound.saml` decides."""

from provisioning.inbound.login.protocol import Protocol
from provisioning.inbound.login.saml.flow import answer, begin, finish, told_of_us
from provisioning.inbound.login.saml.used import forget_old

PROTOCOL = Protocol(begin, finish)

__all__ = ["PROTOCOL", "answer", "forget_old", "told_of_us"]
