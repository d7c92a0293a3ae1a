"""One domain at Google Workspace that several of ours share."""

from __future__ import annotations

from idp.models import OutboundConnector
from serviceproviders.models import ServiceProvider
from tests.factories import make_connector, send_to
from tests.fakes.google import GoogleDirectory


def connect(
    service_provider: ServiceProvider,
    google: GoogleDirectory,
    pattern: str,
    idp: str = "google",
) -> OutboundConnector:
    """The domain at Google as an identity provider of the tenant, with an outbound row."""
    settings = {**google.settings, "pattern": pattern, "separator": "_"}
    connector = make_connector(service_provider.tenant, settings, name=idp, type="google")
    send_to(service_provider, connector)
    return connector


def addresses(google: GoogleDirectory) -> list[str]:
    return sorted(user["primaryEmail"] for user in google.users.values())


def domain_of(google: GoogleDirectory) -> str:
    return str(google.settings["domain"])
