"""How each reader wants to be reminded."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import Base, Identified
from crm.followups.reminding.rules import Way, Wishes

_WAYS = ", ".join(f"'{one.value}'" for one in Way)
_USUAL = Wishes()


class ReminderWishes(Identified, Base):
    """The wishes of one person; whoever has no row is reminded as usual. The fields are those of `rules.Wishes`.

    `to_working_days`: what falls due on a day off moves by itself when it is given to them. `said_at`: what should
    have been told by these wishes before they were said is not told after.
    """

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), unique=True)
    when_given: Mapped[bool] = mapped_column(default=_USUAL.when_given)
    before: Mapped[list[Any]] = mapped_column(default=lambda: list(_USUAL.before))
    when_due: Mapped[bool] = mapped_column(default=_USUAL.when_due)
    overdue_every: Mapped[int] = mapped_column(default=_USUAL.overdue_every)
    escalated_after: Mapped[int] = mapped_column(default=_USUAL.escalated_after)
    way: Mapped[str] = mapped_column(default=_USUAL.way.value)
    at: Mapped[time] = mapped_column(default=_USUAL.at)
    weekday: Mapped[int] = mapped_column(default=_USUAL.weekday)
    to_working_days: Mapped[bool] = mapped_column(default=False, server_default=false())
    said_at: Mapped[datetime] = mapped_column(default=clock.now)
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        CheckConstraint(f"way IN ({_WAYS})", name="way"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
    )

    @classmethod
    def usual(cls, user_id: UUID | None) -> ReminderWishes:
        """The wishes of somebody who never said any."""
        return cls(
            user_id=user_id, version=1, **{**asdict(_USUAL), "before": list(_USUAL.before), "way": _USUAL.way.value}
        )

    @property
    def wishes(self) -> Wishes:
        """As the rules read them."""
        return Wishes(
            when_given=self.when_given,
            before=tuple(int(one) for one in self.before),
            when_due=self.when_due,
            overdue_every=self.overdue_every,
            escalated_after=self.escalated_after,
            way=Way(self.way),
            at=self.at,
            weekday=self.weekday,
        )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own alone."""
        return cls.user_id == viewer.user_id if viewer.user_id else false()
