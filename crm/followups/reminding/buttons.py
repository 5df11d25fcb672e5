"""The buttons of a reminder: signed addresses, each for one reminder and one purpose.

Whoever holds the mail may press them without signing in, so reading such an address changes nothing and says no more
than the mail did. What is pressed is done by the person who was reminded, with the rights that they have then. It
works until the keys of their account end: it carries how often they had ended when it was made.
"""

from __future__ import annotations

from uuid import UUID

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from crm.core.errors import NotFound

DONE, LATER = "done", "later"
PURPOSES = (DONE, LATER)

LASTS = 30 * 24 * 3600
"""Seconds for which a button works."""


def _signer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.extensions["settings"].secret_key, salt=f"reminder {purpose}")


def address(purpose: str, reminder_id: UUID, keys: int) -> str:
    """The path of a button; `keys`: how often the keys of the account have ended until now."""
    return f"/reminders/{purpose}/{_signer(purpose).dumps([reminder_id.hex, keys])}"


def reminder_behind(purpose: str, token: str) -> tuple[UUID, int]:
    """For which reminder a button was made, and how often the keys of the account had ended then; NotFound for one
    that is forged, too old, or for something else.
    """
    try:
        reminder, keys = _signer(purpose).loads(token, max_age=LASTS)
        return UUID(hex=reminder), int(keys)
    except (BadData, ValueError, TypeError, AttributeError):
        raise NotFound("no such button") from None
