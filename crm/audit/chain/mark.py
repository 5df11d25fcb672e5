"""The mark: how many entries there are and the link of the last, which two offices can hold against the chain."""

from __future__ import annotations

from sqlalchemy import select

from crm.audit.models import AuditEntry, AuditHead
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db


def head() -> tuple[int, str]:
    """How many entries there are, and the link of the last.

    Looks as the system: the chain goes through everybody's entries.
    """
    with looking_as(SYSTEM):
        found = db.session.execute(select(AuditHead.place, AuditHead.link)).one()
    return found.place, found.link


def passes(mark: str) -> bool:
    """Whether the chain goes through a mark, written as number of entries, colon, link.

    Looks as the system: the chain goes through everybody's entries.
    """
    place, _, link = mark.partition(":")
    if not place.isdecimal() or len(place) > 18:
        return False
    with looking_as(SYSTEM):
        kept = db.session.scalar(select(AuditEntry.link).where(AuditEntry.place == int(place)))
    return kept is not None and kept == link.strip()
