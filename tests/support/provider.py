"""A small provider of single sign-on (OpenID Connect) on 127.0.0.1: real HTTP, real keys, real signatures.

It checks what a provider checks (client, secret, address to return to, code used once, PKCE), signs in whoever a
test names without asking, and lies in its tokens when a test tells it to.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from crm.core import clock

CLIENT, SECRET = "demarche-test", "a secret of the provider for tests alone"
RETURN = "http://localhost:8000/sign-in/returned"


def _flat(text: str) -> dict[str, str]:
    return dict(parse_qsl(text))


@dataclass
class Provider:
    """What the provider is to say. `claims` replaces some (None leaves one out), `metadata` what it says of itself."""

    issuer: str = ""
    subject: str = "subject-1"
    email: str = "officer@example.org"
    verified: Any = True
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    signing: str = "RS256"
    strange_key: bool = False
    broken: bool = False
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))

    def describe(self) -> dict[str, Any]:
        """The discovery document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            **self.metadata,
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Somebody has come and is signed in: the address they go back to, with a code."""
        assert (asked["client_id"], asked["redirect_uri"]) == (CLIENT, RETURN)
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256" and asked["nonce"]
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{RETURN}?{urlencode({'code': code, 'state': asked['state']})}"

    def exchange(self, asked: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """A code for tokens."""
        name, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":")
        begun = self.codes.pop(asked.get("code", ""), None)
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = _coded(digest)
        right = begun and (name, unquote(secret)) == (CLIENT, SECRET) and challenge == begun["code_challenge"]
        if not begun or not right or asked["redirect_uri"] != RETURN:
            return 400, {"error": "invalid_grant"}
        token = self.sign(begun["nonce"])
        return 200, {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "id_token": token}

    def sign(self, nonce: str) -> str:
        """The token that says who has come."""
        now = int(clock.now().timestamp())
        claims = {
            "iss": self.issuer, "sub": self.subject, "aud": CLIENT, "nonce": nonce, "iat": now, "exp": now + 300,
            "email": self.email, "email_verified": self.verified, **self.claims,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.signing, "kid": "one"}
        if self.signing in ("none", "HS256"):
            return self._lie(".".join(_coded(json.dumps(one).encode()) for one in (header, claims)))
        key = RSAKey.generate_key(2048, {"kid": "one"}) if self.strange_key else self.key
        return jwt.encode(header, claims, key)

    def _lie(self, content: str) -> str:
        """No signature, or one that anybody can make who has read the public key."""
        secret = self.key.as_pem(private=False)
        digest = hmac.new(secret, content.encode(), hashlib.sha256).digest()
        return f"{content}.{_coded(digest) if self.signing == 'HS256' else ''}"


def _coded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

        def _answer(self, status: int, body: Any = None, **headers: str) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            provider.asked.append(parts.path)
            if provider.broken:
                return self._answer(503, {})
            if parts.path == "/.well-known/openid-configuration":
                return self._answer(200, provider.describe())
            if parts.path == "/keys":
                return self._answer(200, {"keys": [provider.key.as_dict(private=False)]})
            if parts.path == "/authorize":
                return self._answer(303, None, Location=provider.authorize(_flat(parts.query)))
            return self._answer(404, {})

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(*provider.exchange(_flat(body), self.headers.get("Authorization", "")))

    return Handler


@contextmanager
def running() -> Iterator[Provider]:
    """A provider on a free port of 127.0.0.1 until the block ends."""
    provider = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    server.daemon_threads = True
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def state_in(address: str) -> str:
    """The mark under which somebody set out."""
    return parse_qs(urlsplit(address).query)["state"][0]
