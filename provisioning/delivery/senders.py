"""A thread that sends: it has a connector of its own for each configuration it meets."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable

from connectors import Connector, ConnectorIsWrong
from idp.models import OutboundConnector
from provisioning import targets
from provisioning.delivery.sending import broken, defect, send
from provisioning.parcels import Parcel, Report

log = logging.getLogger(__name__)

_thread = threading.local()


Configuration = tuple[int, str]
"""The revision and the mode that a connector was opened with."""


class Turn:
    """The lease that a thread's connector works under just now."""

    left: Callable[[], float]

    def seconds_left(self) -> float:
        return self.left()


def attempt(parcel: Parcel, left: Callable[[], float]) -> Report:
    """One attempt within what is `left` of the lease; whatever happens, an answer."""
    try:
        connector = _opened(parcel.connector, left)
    except ConnectorIsWrong as error:
        return broken(parcel, error)
    except Exception:
        # A connector of anybody's may break while it is made, too.
        log.exception("connector %s cannot be opened", parcel.connector.pk)
        return defect(parcel)
    return send(parcel, connector)


def _opened(configured: OutboundConnector, left: Callable[[], float]) -> Connector:
    """This thread's connector for that configuration; connections are kept alive."""
    opened: dict[uuid.UUID, tuple[Configuration, Turn, Connector]]
    opened = getattr(_thread, "opened", {})
    _thread.opened = opened
    known = opened.get(configured.pk)
    # A mode changes nothing that is sent, and so no revision; but whether it is sent.
    now = (configured.revision, configured.mode)
    if known is None or known[0] != now:
        if known is not None:
            known[2].http.close()
        turn = Turn()
        connector = targets.open_connector(configured, turn.seconds_left)
        known = (now, turn, connector)
        opened[configured.pk] = known
    known[1].left = left
    return known[2]
