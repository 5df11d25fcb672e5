"""What happened: one row for the activity, one for each State it concerned, one for each person met."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, exists, or_
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from crm.core import clock
from crm.core.access import Handled, Viewer, handled_visible
from crm.core.db import Base, Identified


class Activity(Handled, Identified, Base):
    """One approach to one or several States. Names and titles are kept as they were on the day."""

    kind: Mapped[str]
    status: Mapped[str]
    held_on: Mapped[date]
    precision: Mapped[str] = mapped_column(default="day")
    occasion: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    delivered_by: Mapped[str] = mapped_column(default="")
    delivered_by_title: Mapped[str] = mapped_column(default="")
    paper_left: Mapped[str] = mapped_column(default="none")
    paper_accepted: Mapped[bool | None]
    reply: Mapped[str] = mapped_column(default="")
    officer_comment: Mapped[str] = mapped_column(default="")
    attribution: Mapped[str] = mapped_column(default="state_not_person")
    next_action: Mapped[str] = mapped_column(default="")
    next_action_due: Mapped[date | None]
    next_action_owner_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    extras: Mapped[dict[str, Any]] = mapped_column(default=dict)
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    originator_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    sample: Mapped[bool] = mapped_column(default=False)

    states: Mapped[list[ActivityState]] = relationship(cascade="all, delete-orphan", back_populates="activity")
    people: Mapped[list[ActivityPerson]] = relationship(cascade="all, delete-orphan", back_populates="activity")

    __table_args__ = (
        Index("ix_activity_held", "held_on", "id"),
        Index("ix_activity_kind", "kind", "held_on", "id"),
    )
    __mapper_args__ = {"version_id_col": version}


class ActivityPart:
    """Mixin: a part is visible exactly when its activity is."""

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        whole = aliased(Activity)
        return exists().where(
            whole.id == cls.activity_id,  # type: ignore[attr-defined]
            whole.visible_to(viewer),
        )


class ActivityState(ActivityPart, Identified, Base):
    """A State that an activity concerned, with the day repeated so that its timeline reads one index."""

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"))
    held_on: Mapped[date]

    activity: Mapped[Activity] = relationship(back_populates="states")

    __table_args__ = (
        UniqueConstraint("activity_id", "state_iso3"),
        Index("ix_activity_state_timeline", "state_iso3", "held_on", "activity_id"),
    )


class ActivityPerson(ActivityPart, Identified, Base):
    """A person met: name, title, ministry and level as they were on the day."""

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    ministry: Mapped[str] = mapped_column(default="")
    level: Mapped[str] = mapped_column(default="other")

    activity: Mapped[Activity] = relationship(back_populates="people")


class ActivityObstacle(ActivityPart, Identified, Base):
    """Which claim about an obstacle came out of which activity."""

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), index=True)
    claim_id: Mapped[UUID] = mapped_column(ForeignKey("obstacle_claim.id", ondelete="CASCADE"), index=True)


class Attachment(Identified, Base):
    """A document or picture kept with an activity. `handling` may be narrower than the activity's; None follows it.

    `added_by` is the name as it was then. The bytes are those of a stored file of its own that nobody reaches
    but through this.
    """

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"), unique=True)
    what: Mapped[str] = mapped_column(default="")
    handling: Mapped[str | None]
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
    added_by: Mapped[str] = mapped_column(default="")
    added_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index("ix_attachment_activity", "activity_id", "added_at", "id"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Where its activity is, and its own handling, if it has one, lets it be."""
        whole = aliased(Activity)
        own_rule = handled_visible(whole.originator_id, cls.handling, viewer)  # type: ignore[arg-type]
        return exists().where(
            whole.id == cls.activity_id,
            whole.visible_to(viewer),
            or_(cls.handling.is_(None), own_rule),
        )
