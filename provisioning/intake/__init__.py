"""The one way in: every door builds a `Change` and calls `accept`, or `accept_all` for many.

A change is written to the user store, planned for every target and queued in one
transaction (`one`); new people by the thousand share transactions (`many`).
"""

from provisioning.intake.many import accept_all
from provisioning.intake.one import accept

__all__ = ["accept", "accept_all"]
