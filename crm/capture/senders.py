"""Who sent a mail: one of the party's own people, if the mail server vouches for them, or a stranger."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from crm.accounts.models import Party, User
from crm.accounts.queries import user_by_email
from crm.accounts.viewers import unknown_to, viewer_of
from crm.capture import addresses
from crm.capture.rules.message import Mail
from crm.capture.rules.proof import vouched_for
from crm.core.access import Viewer
from crm.core.db import db


def known_sender(mail: Mail, party_id: UUID) -> User | None:
    """The person of the party who sent it, if the mail server vouches for that and they may log."""
    if not mail.sender or not vouched_for(mail.results, addresses.settings().capture_trusts, mail.sender):
        return None
    user = user_by_email(mail.sender)
    if user is None or not user.active or user.party_id != party_id:
        return None
    return user if viewer_of(user).may("activities:create") else None


def as_viewer(sender: User | None, party_id: UUID) -> Viewer:
    """Who wrote a mail to a party, as far as that is known."""
    if sender:
        return viewer_of(sender)
    party = db.session.get_one(Party, party_id)
    return replace(unknown_to(party), name=f"Mail of somebody unknown to {party.name}")
