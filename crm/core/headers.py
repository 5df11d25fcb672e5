"""What goes with every answer: who may run what in a page, who may keep it, and for how long."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Response, current_app, g, request, url_for

from crm.core.routes import access_of


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "missing"


def asset_url(name: str) -> str:
    """Versioned address of a file under static/, so that browsers may keep it for a year."""
    known: dict[str, str] = current_app.extensions.setdefault("asset_urls", {})
    if name not in known:
        version = _fingerprint(Path(current_app.static_folder or "") / name)
        known[name] = url_for("static", filename=name, v=version)
    return known[name]


def _is_held_link() -> bool:
    """Whether the address of this request is itself a key."""
    declared = access_of(current_app, request.endpoint) if request.endpoint else None
    return declared is not None and declared.link


def add(response: Response) -> Response:
    """The headers of this answer; what a route has set of the policy stays."""
    nonce = g.get("csp_nonce", "")
    # A file that is handed out brings a stricter policy of its own.
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'",
    )
    response.headers["Referrer-Policy"] = "no-referrer" if _is_held_link() else "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint == "static":
        versioned = "v" in request.args
        if close := getattr(response.response, "close", None):
            response.call_on_close(close)  # compressing takes the content out and leaves the file open
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if versioned else "no-cache"
    else:
        response.headers["Cache-Control"] = "no-store"
    return response
