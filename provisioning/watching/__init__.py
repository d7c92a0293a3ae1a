"""Looking now and then at what notifications are about: what is new, and what is over.

A cause that nobody told of (it was there before an upgrade) is told of here, and one that
is gone, by whatever way, closes its notification.
"""

from provisioning.watching.certificates import look_at_certificates
from provisioning.watching.connectors import look_at_connectors
from provisioning.watching.processes import HEARTBEAT, WATCH, look_at_processes, silent_since
from provisioning.watching.states import tell_states
from provisioning.watching.trails import look_at_trails

__all__ = [
    "HEARTBEAT",
    "WATCH",
    "look_at_certificates",
    "look_at_connectors",
    "look_at_processes",
    "look_at_trails",
    "silent_since",
    "tell_states",
]
