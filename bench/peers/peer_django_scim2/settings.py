from __future__ import annotations

from peer_settings import *  # noqa: F403
from peer_settings import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = [*INSTALLED_APPS, "django_scim", "peer_django_scim2"]
MIDDLEWARE = [*MIDDLEWARE, "peer_token.middleware"]
ROOT_URLCONF = "peer_django_scim2.urls"
AUTH_USER_MODEL = "peer_django_scim2.User"
SCIM_SERVICE_PROVIDER = {
    "SCHEME": "http",
    "NETLOC": "127.0.0.1",
    "GROUP_MODEL": "peer_django_scim2.models.Group",
    "AUTHENTICATION_SCHEMES": [
        {"type": "oauth2", "name": "OAuth 2", "description": "A bearer token."}
    ],
}
