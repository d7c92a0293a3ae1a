from __future__ import annotations

from typing import Any

from oauth2_provider.scopes import SettingsScopes

from serviceproviders.models import OAuthClient


class ClientScopes(SettingsScopes):
    """A client gets the scopes of its own row, all of them when it asks for none by name."""

    def get_available_scopes(
        self, application: OAuthClient | None = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        known: dict[str, str] = self.get_all_scopes()
        return [
            scope for scope in (application.scopes if application else ()) if scope in known
        ]

    def get_default_scopes(
        self, application: OAuthClient | None = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return self.get_available_scopes(application)
