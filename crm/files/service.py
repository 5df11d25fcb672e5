"""Keep a file and give it back unchanged.

A file is for its own party alone. Whoever else may have it comes through the record it belongs to: what decides
is that record as it is at the moment, however far it was to travel when the file was kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from crm.core import clock
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db
from crm.core.errors import RuleViolation
from crm.files.intake import CheckedFile
from crm.files.models import StoredFile
from crm.files.rules import MOST_PER_DAY


def keep(
    content: bytes,
    *,
    name: str,
    media_type: str,
    originator_id: UUID,
    sample: bool = False,
) -> StoredFile:
    """Store bytes under their fingerprint; part of the present transaction."""
    stored = StoredFile(
        name=name,
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        originator_id=originator_id,
        handling=Handling.ORIGINATOR.value,
        sample=sample,
    )
    db.session.add(stored)
    return stored


def keep_sent(file: CheckedFile, *, originator_id: UUID, field: str, sample: bool = False) -> StoredFile:
    """Store a file that somebody sent. Raises RuleViolation on the field when the party has sent too much today."""
    if sent_lately(originator_id) + len(file.content) > MOST_PER_DAY:
        raise RuleViolation(field, "Your party has added 500 MB within a day. Add this file tomorrow.")
    return keep(
        file.content,
        name=file.name,
        media_type=file.media_type,
        originator_id=originator_id,
        sample=sample,
    )


def behind(keys: Collection[UUID]) -> dict[UUID, StoredFile]:
    """Files with their bytes, by key. Looks as the system: the caller has found the viewer to see whatever the
    files belong to.
    """
    with looking_as(SYSTEM):
        found = db.session.scalars(
            select(StoredFile).where(StoredFile.id.in_(keys)).options(undefer(StoredFile.content))
        )
        return {one.id: one for one in found}


def sent_lately(originator_id: UUID) -> int:
    """Bytes that a party has kept within the last 24 hours, letters included.

    Counts as the system: what the viewer may not see counts, too.
    """
    since = clock.now() - timedelta(days=1)
    wanted = select(func.coalesce(func.sum(StoredFile.size), 0)).where(
        StoredFile.originator_id == originator_id, StoredFile.stored_at > since
    )
    with looking_as(SYSTEM):
        return int(db.session.scalar(wanted) or 0)


def is_intact(stored: StoredFile) -> bool:
    """Whether the bytes are still those that were kept."""
    return hashlib.sha256(stored.content).hexdigest() == stored.sha256
