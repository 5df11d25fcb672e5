"""Stored files and their bytes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import Base, Identified
from crm.core.visibility import Handled, seen


class StoredFile(Handled, Identified, Base):
    """A file: name, media type, size in bytes and SHA-256 (hexadecimal) of exactly these bytes."""

    originator_id: Mapped[UUID] = mapped_column(index=False)
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(index=True)
    stored_at: Mapped[datetime] = mapped_column(default=clock.now)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index("ix_stored_file_party", "originator_id", "stored_at"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """By whose it is and its handling; what it belongs to narrows it further."""
        return seen(viewer, originator=cls.originator_id, handling=cls.handling)
