"""Keep a file and give it back unchanged."""

from __future__ import annotations

import hashlib
from uuid import UUID

from crm.core.access import Handling
from crm.core.db import db
from crm.files.models import StoredFile


def keep(
    content: bytes,
    *,
    name: str,
    media_type: str,
    originator_id: UUID,
    handling: Handling,
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
        handling=handling.value,
        sample=sample,
    )
    db.session.add(stored)
    return stored
