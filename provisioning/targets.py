"""From a configured connector (a row) to one that works (an object)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import lru_cache

from django.conf import settings

from connectors import Connector, ConnectorIsWrong, EntityType, LocalName
from connectors.http import Http
from idp.models import Mode, OutboundConnector
from idp.secrets import CannotOpen


def open_connector(
    connector: OutboundConnector, deadline: Callable[[], float] | None = None
) -> Connector:
    """A connector for one thread; in dry run, one that changes nothing at its target.

    Raises `ConnectorIsWrong` when its settings cannot work.
    """
    try:
        kind = connector.connector_class
    except (LookupError, ImportError) as error:
        raise ConnectorIsWrong(str(error)) from error
    try:
        opened = connector.settings
    except CannotOpen as error:
        raise ConnectorIsWrong(f"its settings cannot be read: {error}") from error
    http = Http(
        allow_private=settings.PURVEYOR_ALLOW_PRIVATE_TARGETS,
        deadline=deadline,
        rehearses=connector.mode == Mode.DRY_RUN,
    )
    for field in kind.fields:
        if field.secret and opened.get(field.name):
            http.hide(str(opened[field.name]))
    return kind(opened, http)


@lru_cache(maxsize=256)
def _namer(connector_id: uuid.UUID, revision: int, sealed: bytes) -> Connector | None:
    connector = OutboundConnector.objects.get(pk=connector_id)
    try:
        return open_connector(connector)
    except ConnectorIsWrong:
        return None


def namer(connector: OutboundConnector) -> Connector | None:
    """The connector for questions that need no network; None while its settings are wrong."""
    return _namer(connector.pk, connector.revision, bytes(connector.sealed_settings))


def remote_name(connector: OutboundConnector, entity_type: EntityType, name: LocalName) -> str:
    naming = namer(connector)
    return naming.remote_name(entity_type, name) if naming else name.full


def handles(connector: OutboundConnector, entity_type: EntityType) -> bool:
    naming = namer(connector)
    return naming.handles(entity_type) if naming else True
