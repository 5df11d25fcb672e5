"""Addresses at which calendar programs fetch what somebody owes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from crm.calendar.rules import Detail
from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import Base, Identified

_DETAILS = ", ".join(f"'{one.value}'" for one in Detail)


class CalendarFeed(Identified, Base):
    """A secret address for one person's calendar program. Only the SHA-256 of its secret is kept.

    `fetched_at` is the last fetch, to the hour: its owner can tell that somebody else fetches it.
    """

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    label: Mapped[str]
    detail: Mapped[str] = mapped_column(default=Detail.NEUTRAL.value)
    sha256: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    fetched_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(f"detail IN ({_DETAILS})", name="detail"),
        Index("ix_calendar_feed_user", "user_id", "made_at"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own alone."""
        return cls.user_id == viewer.user_id if viewer.user_id else false()
