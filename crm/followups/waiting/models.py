"""What is noted of the answer to an entry: that it came, that it is awaited, or that none is."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, exists, or_
from sqlalchemy.orm import Mapped, mapped_column

from crm.activities.models import Activity, ActivityPart
from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import EMPTY, Base, Identified
from crm.core.visibility import HIDES_STATE, Attribution, as_seen, bare
from crm.followups.waiting.rules import Stands

_STANDS = ", ".join(f"'{one.value}'" for one in Stands)


class AwaitedAnswer(ActivityPart, Identified, Base):
    """What somebody said of the answer to an entry. `received_on`: its receipt was acknowledged on that day.

    `ended_on`: the day on which the answer came, or was not expected any more; `answer_id`: the entry that tells of it.
    """

    shown_by = frozenset(Attribution) - HIDES_STATE

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), unique=True)
    stands: Mapped[str] = mapped_column(default=Stands.BY_RECORD.value)
    received_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    answer_id: Mapped[UUID | None] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), index=True)
    note: Mapped[str] = mapped_column(default="", server_default=EMPTY)
    noted_at: Mapped[datetime] = mapped_column(default=clock.now)
    by: Mapped[str] = mapped_column(default="", server_default=EMPTY)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (CheckConstraint(f"stands IN ({_STANDS})", name="stands"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Where its entry is, and the one that tells of the answer: to whoever may not read that one, none came."""
        part = super().visible_to(viewer)
        if viewer.is_system:
            return part
        answer = exists().where(bare(Activity).c.id == cls.answer_id, as_seen(Activity, viewer))
        return part & or_(cls.answer_id.is_(None), answer)
