"""The table of what happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import clock
from crm.core.access import Handling, Viewer, handled_visible
from crm.core.db import Base, Identified


class AuditEntry(Identified, Base):
    """One event: who, on what, with which values. Entries are added and never changed."""

    at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    event: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(default="")
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    originator_id: Mapped[UUID | None]
    handling: Mapped[str] = mapped_column(default=Handling.ORIGINATOR.value)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)

    __table_args__ = (Index("ix_audit_entry_subject", "subject_kind", "subject_id", "at"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return handled_visible(cls.originator_id, cls.handling, viewer)  # type: ignore[arg-type]
