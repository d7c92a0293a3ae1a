from __future__ import annotations

from peer_settings import *  # noqa: F403
from peer_settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_scim2_server"]
ROOT_URLCONF = "peer_django_scim2_server.urls"
SCIM2_SERVER_AUTH_CHECK = "peer_token.is_right"
