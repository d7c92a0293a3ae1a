"""The production server: gunicorn in this process, and a worker child beside it."""

from provisioning.serving.server import serve
from provisioning.serving.sockets import CannotListen, address_of, listen

__all__ = ["CannotListen", "address_of", "listen", "serve"]
