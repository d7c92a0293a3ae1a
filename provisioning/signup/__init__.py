"""Self sign-up: asked for by anybody, confirmed by e-mail, and only then a change.

Until then nobody is stored and nothing is sent anywhere, so no update can overtake the
create.
"""

from provisioning.signup.asking import SelfSignUp, TooMany, Unavailable, ask
from provisioning.signup.confirming import Unknown, confirm, find
from provisioning.signup.forgetting import forget_old

__all__ = [
    "SelfSignUp",
    "TooMany",
    "Unavailable",
    "Unknown",
    "ask",
    "confirm",
    "find",
    "forget_old",
]
