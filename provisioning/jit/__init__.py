"""Just-in-time provisioning: whoever signs in elsewhere is made, or brought up to date, here.

Asked by our own logins and by trusted authenticators (`/api/v1/events/jit/`).
"""

from provisioning.jit.foreseeing import Foreseen, foresee
from provisioning.jit.idempotence import forget_old
from provisioning.jit.linking import remove
from provisioning.jit.logins import Login, NameIsTaken, NotAdmitted, SignedIn
from provisioning.jit.recognising import recognise
from provisioning.jit.signing_in import sign_in

__all__ = [
    "Foreseen",
    "Login",
    "NameIsTaken",
    "NotAdmitted",
    "SignedIn",
    "foresee",
    "forget_old",
    "recognise",
    "remove",
    "sign_in",
]
