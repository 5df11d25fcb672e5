"""Answers to our own invitations among the mails that come in.

An answer counts when the mail server vouches that whoever was invited wrote it. Of any other, and of one that calls
itself somebody else's, nothing is taken; the mail waits as every mail does.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from crm.activities.appointments.rules import Answer
from crm.activities.appointments.service import take_answer
from crm.capture import addresses
from crm.capture.rules.invitations import Reply
from crm.capture.rules.proof import vouched_for
from crm.capture.understanding import Content


def take(content: Content, party_id: UUID) -> None:
    """Note what those invited by this party answered."""
    mail = content.mail
    if len(content.replies) != 1 or not mail.sender:
        return
    if not vouched_for(mail.results, addresses.settings().capture_trusts, mail.sender):
        return
    (reply,) = content.replies
    key = _activity_of(reply)
    if key is None or reply.address != mail.sender.lower():
        return
    take_answer(
        party_id=party_id,
        activity_id=key,
        email=reply.address,
        answer=Answer(reply.answer),
        sequence=reply.sequence,
        stamped_at=_moment(reply),
    )


def _activity_of(reply: Reply) -> UUID | None:
    try:
        return UUID(reply.uid.partition("@")[0])
    except ValueError:
        return None


def _moment(reply: Reply) -> datetime:
    found = datetime.fromisoformat(reply.stamped_at)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
