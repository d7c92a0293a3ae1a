from __future__ import annotations

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator

from serviceproviders.models import OAuthClient


class AuthenticatedClientValidator(OAuth2Validator):
    """For requests whose client `authenticate_client` has identified already.

    The view hands the client over in the request's environ, where nothing of a caller's
    making can get: header names there begin with `HTTP_`.
    """

    ENVIRON = "purveyor.oauth_client"

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        client = request.headers.get(self.ENVIRON)
        if not isinstance(client, OAuthClient):
            return False
        request.client = client
        return True
