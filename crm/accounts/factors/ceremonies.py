"""What a browser and a passkey say to each other (WebAuthn), with the library that knows how to check it.

A ceremony travels with the page: its challenge is sealed, bound to one purpose and one owner, and spent once it
has been answered. The person must show the device a PIN, finger or face, so that a passkey is two factors at once.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import webauthn
from flask import current_app
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from crm.accounts.factors import rules, vault
from crm.accounts.factors.models import Passkey, SpentChallenge
from crm.accounts.models import User
from crm.core import clock
from crm.core.db import db, savepoint
from crm.core.keys import digest

_ADDING, _SHOWING = "Demarche: adding a passkey", "Demarche: showing a passkey"
_REQUIRED = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True)
class NewKey:
    """The public half of a fresh passkey."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def site() -> rules.Site | None:
    """Where this installation's passkeys belong to; None where there can be none."""
    return rules.site_of(current_app.extensions["settings"].public_url)


def _described(keys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=one.credential_id) for one in keys]


def for_adding(user: User, keys: Sequence[Passkey]) -> dict[str, Any] | None:
    """What a browser needs to make a passkey: `options` for it and a `ceremony` to send back."""
    here, challenge = site(), secrets.token_bytes(32)
    if here is None:
        return None
    options = webauthn.generate_registration_options(
        rp_id=here.host,
        rp_name="Demarche",
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=_REQUIRED
        ),
        exclude_credentials=_described(keys),
    )
    return _to_send(_ADDING, user.id, challenge, webauthn.options_to_json(options))


def for_showing(user_id: UUID | None, keys: Sequence[Passkey]) -> dict[str, Any] | None:
    """What a browser needs to show a passkey; without a user, any that it has for this site."""
    here, challenge = site(), secrets.token_bytes(32)
    if here is None:
        return None
    options = webauthn.generate_authentication_options(
        rp_id=here.host, challenge=challenge, allow_credentials=_described(keys), user_verification=_REQUIRED
    )
    return _to_send(_SHOWING, user_id, challenge, webauthn.options_to_json(options))


def _to_send(purpose: str, owner: UUID | None, challenge: bytes, options: str) -> dict[str, Any]:
    sealed = vault.seal(purpose, owner, bytes_to_base64url(challenge))
    return {"options": json.loads(options), "ceremony": sealed}


def _challenge(purpose: str, owner: UUID | None, ceremony: str) -> bytes | None:
    """The challenge of a ceremony, which is spent by this; None when it is too old, another's or already spent."""
    kept = vault.unseal(purpose, owner, ceremony, lasts=rules.CEREMONY_LASTS)
    if kept is None:
        return None
    old = delete(SpentChallenge).where(SpentChallenge.at < clock.now() - 2 * rules.CEREMONY_LASTS)
    db.session.execute(old.execution_options(synchronize_session=False))
    try:
        with savepoint():
            db.session.add(SpentChallenge(sha256=digest(kept)))
    except IntegrityError:
        return None
    return base64url_to_bytes(kept)


def check_new(user: User, ceremony: str, credential: str) -> NewKey | None:
    """The passkey that a browser has made, or None when the answer does not fit what was asked; looks as the system."""
    here, challenge = site(), _challenge(_ADDING, user.id, ceremony)
    if here is None or challenge is None:
        return None
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=here.host,
            expected_origin=here.origin,
            require_user_verification=True,
        )
    except Exception:  # whatever is odd in bytes from outside proves nothing
        return None
    return NewKey(made.credential_id, made.credential_public_key, made.sign_count)


def credential_id(credential: str) -> bytes:
    """The name of the passkey that an answer claims to come from; empty for what is no answer."""
    try:
        return base64url_to_bytes(json.loads(credential)["id"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return b""


def check_shown(key: Passkey, owner: UUID | None, ceremony: str, credential: str) -> bool:
    """Whether this passkey has answered; its counter moves on. The caller holds the row; looks as the system."""
    here, challenge = site(), _challenge(_SHOWING, owner, ceremony)
    if here is None or challenge is None:
        return False
    try:
        shown = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=here.host,
            expected_origin=here.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except Exception:  # whatever is odd in bytes from outside proves nothing
        return False
    key.sign_count, key.used_at = shown.new_sign_count, clock.now()
    return True
