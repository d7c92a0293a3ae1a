"""Just-in-time provisioning: whoever signs in elsewhere is made, or brought up to date, here.

Asked by our own logins and by trusted authenticators (`/api/v1/events/jit/`).
"""

from provisioning.jit.idempotence import forget_old
from provisioning.jit.linking import remove
from provisioning.jit.logins import Login, NotAdmitted, SignedIn
from provisioning.jit.signing_in import sign_in

__all__ = ["Login", "NotAdmitted", "SignedIn", "forget_old", "remove", "sign_in"]
