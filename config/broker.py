"""Which brokers there may be: `CELERY_BROKER_URL` is checked before anything uses it."""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

SCHEMES = ("redis", "rediss", "amqp", "amqps")


def checked(url: str) -> str:
    """The URL (several with `;` between them: the next is tried when one is down).

    A wrong one ends the process with a sentence, which does not hold the password.
    """
    for one in filter(None, url.split(";")):
        if problem := _problem(one.strip()):
            sys.stderr.write(f"CELERY_BROKER_URL: {problem}.\n")
            sys.exit(2)
    return url


def _problem(url: str) -> str:
    scheme = url.partition("://")[0] if "://" in url else ""
    if scheme not in SCHEMES:
        named = f"“{scheme}”" if scheme.isalnum() else "what stands there"
        return f"it begins with {', '.join(f'{s}://' for s in SCHEMES)}, not with {named}"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "its host and port cannot be read"
    if not parts.hostname or port == 0:
        return "it needs a host, as in redis://127.0.0.1:6379/0"
    database = parts.path.strip("/")
    if scheme in ("redis", "rediss") and database and not database.isdigit():
        return "what follows the last / is the number of a Redis database"
    return ""
