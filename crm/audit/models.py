"""The table of what happened, and the end of its chain."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, or_
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import clock
from crm.core.access import Handling, SystemOnly, Viewer, handled_visible
from crm.core.db import Base, Identified

OF_ACCOUNTS = ("user", "user_session", "api_token", "calendar_feed", "sign_in", "sample", "outbox_mail")
"""Subjects that say something about accounts and mail, and nothing about any State."""


class AuditEntry(Identified, Base):
    """One event: who, on what, with which facts. Entries are added, sealed, and never changed after that.

    `place` is its place in the chain, `commitment` the SHA-256 of its content with `salt`, `link` the SHA-256
    of the link before it, the place and the commitment.
    """

    at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    event: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(default="")
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    originator_id: Mapped[UUID | None]
    handling: Mapped[str] = mapped_column(default=Handling.ORIGINATOR.value)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    place: Mapped[int | None] = mapped_column(unique=True)
    salt: Mapped[str] = mapped_column(default="")
    commitment: Mapped[str] = mapped_column(default="")
    link: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        Index("ix_audit_entry_subject", "subject_kind", "subject_id", "at"),
        Index("ix_audit_entry_event", "event", "at", "id"),
        Index("ix_audit_entry_originator", "originator_id", "at", "id"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """As the record it is about; whoever keeps the accounts sees what happened to them, and nothing else."""
        seen = handled_visible(cls.originator_id, cls.handling, viewer)  # type: ignore[arg-type]
        return or_(seen, cls.subject_kind.in_(OF_ACCOUNTS)) if viewer.may("accounts:read") else seen


class AuditHead(SystemOnly, Base):
    """The end of the chain, one row: whoever adds to it waits here for the one before."""

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    place: Mapped[int] = mapped_column(default=0)
    link: Mapped[str] = mapped_column(default="")
