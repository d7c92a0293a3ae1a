"""Why a login ends, in words for the person and with the status of the page."""

from __future__ import annotations


class Stop(Exception):
    """Answers the request with a plain page: never a redirect, a code or a session."""

    status = 400
    title = "This does not work"
    retry_after = 0
    """Seconds after which it may work; 0: nobody knows."""


class WrongRequest(Stop):
    """The address was made wrongly, or is not good any more."""


class Unknown(Stop):
    status = 404
    title = "There is nothing here"


class NotLetIn(Stop):
    """Somebody who may not sign in."""

    status = 403
    title = "You cannot sign in"


class Untrusted(NotLetIn):
    """An answer that must not be believed."""


class TooMany(Stop):
    status = 429
    title = "Too many logins"
    retry_after = 60


class ProviderFailed(Stop):
    """The identity provider does not work, or does not answer."""

    status = 502
    title = "The login did not work"


class TargetFailed(Stop):
    """A blocking target did not take the person."""

    status = 502
    title = "You cannot sign in just now"


class Busy(Stop):
    status = 503
    title = "Too many logins at once"
    retry_after = 5
