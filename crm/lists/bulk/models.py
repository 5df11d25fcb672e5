"""A change of many rows, kept for whoever made it: so that they read what became of it and can take it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, false, true
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import Base, Identified


class BulkChange(Identified, Base):
    """Which rows were changed, with what they were before, and which were left out and why.

    `place`: where in the list it began, to go back there. It is kept for a month.
    """

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    list_key: Mapped[str]
    verb: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(default=clock.now)
    done: Mapped[list[Any]] = mapped_column(default=list)
    left: Mapped[list[Any]] = mapped_column(default=list)
    undone_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (Index("ix_bulk_change_user", "user_id", "at"),)
    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own alone."""
        if viewer.is_system:
            return true()
        return cls.user_id == viewer.user_id if viewer.user_id else false()
