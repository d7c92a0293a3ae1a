"""To the identity provider with a browser, and what comes back."""

from __future__ import annotations

import hmac
import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.integrations.requests_client import OAuth2Session
from django.http import HttpRequest

from idp.models import IdentityProvider
from provisioning.inbound.login import addresses
from provisioning.inbound.login.oidc import discovery, line, proof
from provisioning.inbound.login.oidc.client import Client, client_of
from provisioning.inbound.login.oidc.discovery import Described
from provisioning.inbound.login.oidc.id_tokens import Checker
from provisioning.inbound.login.oidc.line import Line
from provisioning.inbound.login.protocol import Answer, Begun, Kept
from provisioning.inbound.login.stops import NotLetIn, ProviderFailed, Untrusted

OURS = frozenset(
    [
        "iss",
        "aud",
        "exp",
        "iat",
        "nbf",
        "nonce",
        "azp",
        "at_hash",
        "c_hash",
        "jti",
        "sid",
        "auth_time",
        "acr",
        "amr",
        "typ",
    ]
)
"""Claims about the token and the login; what remains is about the person."""


def begin(provider: IdentityProvider, state: str) -> Begun:
    client = client_of(provider)
    with line.to(str(provider)) as talk:
        described = discovery.describe(talk, client.issuer)
    nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    session: Any = OAuth2Session(
        client.client_id,
        scope=" ".join(client.scopes),
        redirect_uri=addresses.callback(provider),
        code_challenge_method="S256",
    )
    url, _ = session.create_authorization_url(
        described.authorization_endpoint, state=state, nonce=nonce, code_verifier=verifier
    )
    return Begun(url, {"nonce": nonce, "verifier": verifier, "issuer": client.issuer})


def finish(provider: IdentityProvider, kept: Kept, request: HttpRequest) -> Answer:
    client = client_of(provider)
    if kept.get("issuer") != client.issuer:
        raise Untrusted("The identity provider's settings changed meanwhile. Sign in again.")
    with line.to(str(provider)) as talk:
        described = discovery.describe(talk, client.issuer)
        code = _code(provider, described, request)
        tokens = _tokens(talk, provider, client, described, code, kept["verifier"])
        checker = Checker(talk, described, client)
        claims = checker.claims(tokens.get("id_token"), kept["nonce"])
        more = _userinfo(talk, described, tokens.get("access_token"), claims["sub"])
    return _answer(claims, more)


def leave(provider: IdentityProvider, state: str) -> str:
    """RP-Initiated Logout 1.0 §2; without an ID token, which we do not keep, the identity
    provider asks the person."""
    client = client_of(provider)
    with line.to(str(provider)) as talk:
        end = discovery.describe(talk, client.issuer).end_session_endpoint
    if not end:
        return ""
    told = {
        "client_id": client.client_id,
        "post_logout_redirect_uri": addresses.signed_out(provider),
        "state": state,
    }
    return f"{end}{'&' if urlsplit(end).query else '?'}{urlencode(told)}"


def _code(provider: IdentityProvider, described: Described, request: HttpRequest) -> str:
    """Of an answer that is of this identity provider, and says yes."""
    issuer = request.GET.get("iss")
    if issuer is None and described.names_issuer:
        raise Untrusted("The answer does not say which identity provider it is from (iss).")
    if issuer is not None and not hmac.compare_digest(
        issuer.encode(), described.issuer.encode()
    ):
        raise Untrusted("The answer is from another identity provider (iss).")
    if error := request.GET.get("error"):
        if error == "access_denied":
            raise NotLetIn(f"{provider} did not let you in, or you cancelled the login there.")
        raise ProviderFailed(f"{provider} refused the login ({error[:80]}).")
    code = request.GET.get("code", "")
    if not code:
        raise ProviderFailed(f"{provider} sent you back without a code.")
    return code


def _tokens(
    talk: Line,
    provider: IdentityProvider,
    client: Client,
    described: Described,
    code: str,
    verifier: str,
) -> dict[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": addresses.callback(provider),
        "code_verifier": verifier,
    }
    more, headers = proof.of(client, described)
    return talk.post(described.token_endpoint, {**form, **more}, headers)


def _userinfo(talk: Line, described: Described, token: Any, subject: str) -> dict[str, Any]:
    """What it says beyond the ID token, of the same person (Core §5.3.4)."""
    if not described.userinfo_endpoint or not isinstance(token, str) or not token:
        return {}
    headers = {"Authorization": f"Bearer {token}"}
    claims = talk.get(described.userinfo_endpoint, headers)
    if claims.get("sub") != subject:
        raise Untrusted("The identity provider told of another person (userinfo).")
    return claims


def _answer(claims: dict[str, Any], more: dict[str, Any]) -> Answer:
    told = {**claims, **more}
    # Whether an address is verified is said beside it, and of no other one.
    source = more if "email" in more else claims
    verified = source.get("email_verified") in (True, "true")
    about = {name: value for name, value in told.items() if name not in OURS}
    return Answer(subject=str(claims["sub"]), claims=about, email_verified=verified)
