"""What is locked with the installation's secret: apps' secrets at rest, and what a page hands back unchanged."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

from crm.core import clock

_AT_REST = b"Demarche: secrets of authenticator apps"


def _box(purpose: bytes) -> Fernet:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return Fernet(base64.urlsafe_b64encode(HKDF(SHA256(), 32, None, purpose).derive(secret)))


def lock(secret: str) -> str:
    """A secret as it is kept."""
    return _box(_AT_REST).encrypt(secret.encode()).decode()


def unlock(kept: str) -> str | None:
    """The secret again; None when the installation's own secret is another by now."""
    try:
        return _box(_AT_REST).decrypt(kept.encode()).decode()
    except InvalidToken:
        return None


def seal(purpose: str, owner: UUID | None, value: str) -> str:
    """A value for a page to hand back, that nobody else reads, changes or uses for another purpose or owner."""
    return _box(purpose.encode()).encrypt(json.dumps([str(owner), value, clock.now().isoformat()]).encode()).decode()


def unseal(purpose: str, owner: UUID | None, sealed: str, *, lasts: timedelta) -> str | None:
    """The value again; None when it is not ours, not for this purpose and owner, or too old."""
    try:
        content = _box(purpose.encode()).decrypt(sealed.encode("ascii", "replace"))
    except InvalidToken:
        return None
    whose, value, at = json.loads(content)
    age = clock.now() - datetime.fromisoformat(at)
    return str(value) if whose == str(owner) and abs(age) < lasts else None
