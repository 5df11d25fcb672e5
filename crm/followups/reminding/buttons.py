"""The buttons of a reminder: signed addresses, each for one reminder and one purpose.

Whoever holds the mail may press them without signing in, so reading such an address changes nothing and says no more
than the mail did. What is pressed is done by the person who was reminded, with the rights that they have then.
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


def address(purpose: str, reminder_id: UUID) -> str:
    """The path of a button."""
    return f"/reminders/{purpose}/{_signer(purpose).dumps(reminder_id.hex)}"


def reminder_behind(purpose: str, token: str) -> UUID:
    """For which reminder a button was made; NotFound for one that is forged, too old, or for something else."""
    try:
        return UUID(hex=_signer(purpose).loads(token, max_age=LASTS))
    except (BadData, ValueError, TypeError, AttributeError):
        raise NotFound("no such button") from None
