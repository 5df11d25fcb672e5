"""Reading the mails that wait in the outbox, as their readers would."""

from __future__ import annotations

import re
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from crm.core import access
from crm.core.db import db
from crm.mail.models import OutboxMail


class Mail(NamedTuple):
    """A mail as a plain value."""

    id: UUID
    subject: str
    text: str
    state: str


def mails_to(address: str) -> list[Mail]:
    """Every mail to an address, the newest first."""
    db.session.rollback()
    columns = (OutboxMail.id, OutboxMail.subject, OutboxMail.text, OutboxMail.state)
    with access.looking_as(access.SYSTEM):
        wanted = select(*columns).where(OutboxMail.recipient == address).order_by(OutboxMail.posted_at.desc())
        return [Mail(*row) for row in db.session.execute(wanted)]


def link_in(mail: Mail) -> str:
    """The path of the link in a mail."""
    found = re.search(r"http://localhost:8000(/(?:invitation|new-password)/\S+)", mail.text)
    assert found, mail.text
    return found[1]
