"""The provider of single sign-on (OpenID Connect), as far as the settings name one.

Authorization code flow with PKCE, state and nonce. Our side speaks to the issuer's own host and to no other, with
a time limit and without following it anywhere; tokens count only when they are signed with a key of the issuer's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from authlib.integrations.flask_client import FlaskOAuth2App, OAuth
from authlib.integrations.requests_client import OAuth2Session
from flask import Flask, current_app, request, session

import config
from crm.accounts.rules import TIME_ZONES

PATIENCE = 5.0
"""Seconds that the provider has for each answer."""

SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
"""How a token may be signed: with the issuer's private key, never with a shared secret and never not at all."""

_NAME = "provider"


class ProviderRefused(Exception):
    """The provider, or what it sent, cannot be believed; the message says why in words of ours."""


@dataclass(frozen=True)
class Arrival:
    """Whom the provider has sent. `factor`: it vouches for a second factor, by the settings' own words."""

    issuer: str
    subject: str
    email: str
    email_verified: bool
    time_zone: str
    factor: bool
    target: str


class _Line(OAuth2Session):  # type: ignore[misc]
    """Speaks to the issuer alone."""

    def request(self, method: str, url: str, *given: Any, **named: Any) -> Any:
        if _origin(urlsplit(url)) != _origin(urlsplit(_settings().oidc_issuer)):
            raise ProviderRefused("it names an address that is not its own")
        self.trust_env = False
        named |= {"allow_redirects": False, "timeout": PATIENCE}
        return super().request(method, url, *given, **named)


class _Client(FlaskOAuth2App):  # type: ignore[misc]
    """The library's client on a line of ours."""

    client_cls = _Line

    def load_server_metadata(self) -> Any:
        """What the issuer says of itself, once it is the right one; unsigned tokens are none of its ways."""
        metadata = super().load_server_metadata()
        if metadata.get("issuer") != _settings().oidc_issuer:
            raise ProviderRefused("it calls itself by another name")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [one for one in offered if one in SIGNATURES]
        return metadata


def _settings() -> config.Settings:
    settings: config.Settings = current_app.extensions["settings"]
    return settings


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def register(app: Flask) -> None:
    """Make the client that the settings describe; the sign-in page shows its button only then."""
    settings: config.Settings = app.extensions["settings"]
    app.jinja_env.globals["single_sign_on"] = settings.oidc_label if settings.oidc_issuer else ""
    if not settings.oidc_issuer:
        return
    app.extensions["provider"] = OAuth(app).register(
        _NAME,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_cls=_Client,
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256"},
    )


def _client() -> _Client:
    client: _Client = current_app.extensions["provider"]
    return client


def way_there(target: str) -> str:
    """The provider's address at which somebody signs in; this browser keeps what their return is checked against."""
    back = f"{_settings().public_url}/sign-in/returned"
    way = _client().create_authorization_url(back)
    _client().save_authorize_data(redirect_uri=back, target=target, **way)
    return str(way["url"])


def expects(state: str) -> bool:
    """Whether this browser has set out to the provider under this mark, and has not come back yet."""
    return bool(_client().framework.get_state_data(session, state))


def arrival() -> Arrival:
    """Whom the provider has sent back with this request; the mark is used up. Raises ProviderRefused and errors of
    the libraries for whatever cannot be believed.
    """
    settings, client = _settings(), _client()
    kept = client.framework.get_state_data(session, request.args.get("state", ""))
    answer = client.authorize_access_token(
        claims_options={
            "iss": {"essential": True, "value": settings.oidc_issuer},
            "aud": {"essential": True, "value": settings.oidc_client_id},
            "sub": {"essential": True},
            "exp": {"essential": True},
            "iat": {"essential": True},
            "nonce": {"essential": True},
        }
    )
    claims = answer.get("userinfo")
    if not claims or not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise ProviderRefused("it says not who has come")
    said = claims.get("amr") if isinstance(claims.get("amr"), list) else []
    zone = claims.get("zoneinfo")
    return Arrival(
        issuer=settings.oidc_issuer,
        subject=claims["sub"],
        email=str(claims.get("email") or ""),
        email_verified=claims.get("email_verified") is True,
        time_zone=zone if zone in TIME_ZONES else "UTC",
        factor=bool(settings.oidc_factors & {str(one) for one in (*said, claims.get("acr"))}),
        target=str(kept["target"]),
    )
