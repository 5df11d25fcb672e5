"""What happened: one row for the activity, one for each State it concerned, one for each person met."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, UniqueConstraint, exists, false, or_, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.activities.rules import REPORTS, Reading
from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import EMPTY, Base, Identified
from crm.core.visibility import (
    HIDES_STATE,
    Attribution,
    Handled,
    activity_concerns,
    as_seen,
    bare,
    names_one_of,
    not_closed,
    one_of,
    seen,
    unhidden,
)


class Activity(Handled, Identified, Base):
    """One approach to one or several States. Names and titles are kept as they were on the day.

    `marks`: the national classification as its originator writes it, kept word for word and never interpreted.
    `delivered_by`: who went, not who wrote it down; "" where that is not said. `mission_id`: the mission that goes,
    the writer's own or the one that is instructed.
    `objective`: what it is to bring about. `extras`: answers to what its kind asks (`details.py`).
    `report_ref`: where the originator's own report lies; above the ceiling it is all that is kept.
    """

    kind: Mapped[str]
    status: Mapped[str]
    held_on: Mapped[date]
    precision: Mapped[str] = mapped_column(default="day")
    occasion: Mapped[str] = mapped_column(default="")
    objective: Mapped[str] = mapped_column(default="", server_default=EMPTY)
    place: Mapped[str] = mapped_column(default="")
    delivered_by: Mapped[str] = mapped_column(default="")
    delivered_by_title: Mapped[str] = mapped_column(default="")
    paper_left: Mapped[str] = mapped_column(default="none")
    paper_accepted: Mapped[bool | None]
    reply: Mapped[str] = mapped_column(default="")
    attribution: Mapped[str] = mapped_column(default=Attribution.STATE_NOT_PERSON.value)
    marks: Mapped[str] = mapped_column(default="")
    report_ref: Mapped[str] = mapped_column(default="")
    next_action: Mapped[str] = mapped_column(default="")
    next_action_due: Mapped[date | None]
    next_action_owner_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    next_action_mission_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("mission.id", ondelete="SET NULL"), index=True
    )
    extras: Mapped[dict[str, Any]] = mapped_column(default=dict)
    mission_id: Mapped[UUID | None] = mapped_column(ForeignKey("mission.id", ondelete="SET NULL"), index=True)
    round_id: Mapped[UUID | None] = mapped_column(ForeignKey("talk_round.id", ondelete="SET NULL"), index=True)
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    originator_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    sample: Mapped[bool] = mapped_column(default=False)

    states: Mapped[list[ActivityState]] = relationship(cascade="all, delete-orphan", back_populates="activity")
    people: Mapped[list[ActivityPerson]] = relationship(cascade="all, delete-orphan", back_populates="activity")
    comment: Mapped[ActivityComment | None] = relationship(cascade="all, delete-orphan", back_populates="activity")
    steps: Mapped[list[ActivityStep]] = relationship(
        cascade="all, delete-orphan", back_populates="activity", order_by="ActivityStep.at"
    )

    __table_args__ = (
        Index("ix_activity_held", "held_on", "id"),
        Index("ix_activity_kind", "kind", "held_on", "id"),
        Index("ix_activity_status", "status", "held_on", "id"),
    )
    __mapper_args__ = {"version_id_col": version}

    @property
    def is_reference(self) -> bool:
        """Whether nothing is kept of what was said; of what is still to come that cannot be told yet."""
        return not self.reply and self.status in REPORTS

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The rule of `core.visibility`, for the States in its parts."""
        return _activity_seen(viewer, cls)


def _activity_seen(viewer: Viewer, row: Any) -> ColumnElement[bool]:
    """The rule of an activity, given as the class or as the columns of its table."""
    part = unhidden(ActivityState, "activity_id", "state_iso3")

    def concerns(codes: Collection[str]) -> ColumnElement[bool]:
        return exists().where(part.c.activity_id == row.id, part.c.state_iso3.in_(codes))

    return seen(
        viewer,
        originator=row.originator_id,
        handling=row.handling,
        concerns=concerns,
        hides_state=one_of(row.attribution, HIDES_STATE),
    )


class TalkRound(Handled, Identified, Base):
    """What short talks at one meeting have in common; each talk is an activity of its own with its own handling.

    For its own party alone: others read the talks, as far as each is for them. `delegation`: who spoke for us.
    `rows`: the talks in the order in which they were written down, each with the words in which its day was given.
    """

    occasion: Mapped[str]
    held_on: Mapped[date]
    place: Mapped[str] = mapped_column(default="")
    delegation: Mapped[str] = mapped_column(default="")
    rows: Mapped[list[Any]] = mapped_column(default=list)
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    originator_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), index=True)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index("ix_talk_round_recorded", "recorded_at", "id"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The rule of `core.visibility` for a record about no State of its own."""
        return seen(viewer, originator=cls.originator_id, handling=cls.handling)


class ActivityPart:
    """Mixin: a part is visible when its activity is, unless the attribution keeps that part from other parties.

    `shown_by`: the attributions under which others see the part; None for all of them.
    """

    shown_by: ClassVar[frozenset[Attribution] | None] = None

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        whole = bare(Activity)
        told = [] if cls.shown_by is None else [_told(viewer, whole.c, cls.shown_by)]
        return exists().where(
            whole.c.id == cls.activity_id,  # type: ignore[attr-defined]
            _activity_seen(viewer, whole.c),
            *told,
        )


def _told(viewer: Viewer, row: Any, shown_by: frozenset[Attribution]) -> ColumnElement[bool]:
    """Whether the attribution shows something: to one's own party always."""
    if viewer.is_system:
        return true()
    return or_(row.originator_id == viewer.party_id, one_of(row.attribution, shown_by))


class ActivityState(ActivityPart, Identified, Base):
    """A State that an activity concerned, with its day and whether it is still to come repeated, so that the timeline
    of a State reads one index.
    """

    shown_by = frozenset(Attribution) - HIDES_STATE

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"))
    held_on: Mapped[date]
    ahead: Mapped[bool] = mapped_column(default=False, server_default=false())

    activity: Mapped[Activity] = relationship(back_populates="states")

    __table_args__ = (
        UniqueConstraint("activity_id", "state_iso3"),
        Index("ix_activity_state_timeline", "state_iso3", "ahead", "held_on", "activity_id"),
        Index("ix_activity_state_held", "state_iso3", "held_on", "activity_id"),
    )


class ActivityPerson(ActivityPart, Identified, Base):
    """A person met: name, title, ministry and level as they were on the day; `level_other` says which other level.

    `interlocutor_id` and `holder_id`: who that is among the people and office-holders known, where it is told.
    """

    shown_by = frozenset({Attribution.FULL})

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    ministry: Mapped[str] = mapped_column(default="")
    level: Mapped[str] = mapped_column(default="other")
    level_other: Mapped[str] = mapped_column(default="", server_default=EMPTY)
    interlocutor_id: Mapped[UUID | None] = mapped_column(ForeignKey("interlocutor.id", ondelete="SET NULL"), index=True)
    holder_id: Mapped[UUID | None] = mapped_column(ForeignKey("office_holder.id", ondelete="SET NULL"), index=True)

    activity: Mapped[Activity] = relationship(back_populates="people")


class ActivityStep(ActivityPart, Identified, Base):
    """How an activity went from one status to the next: when, by whom, and why where a reason was given."""

    shown_by = frozenset({Attribution.FULL})

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    status: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=clock.now)
    by: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")

    activity: Mapped[Activity] = relationship(back_populates="steps")

    __table_args__ = (Index("ix_activity_step_activity", "activity_id", "at"),)


class ActivityComment(Identified, Base):
    """An officer's own view, kept apart from the facts: for their own party, whatever the activity's handling."""

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), unique=True)
    text: Mapped[str]

    activity: Mapped[Activity] = relationship(back_populates="comment")

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        whole = bare(Activity)
        own = whole.c.originator_id == viewer.party_id if viewer.party_id else true() if viewer.is_system else false()
        return exists().where(whole.c.id == cls.activity_id, _activity_seen(viewer, whole.c), own)


class ActivityObstacle(ActivityPart, Identified, Base):
    """Which claim about an obstacle came out of which activity."""

    shown_by = frozenset(Attribution) - HIDES_STATE

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), index=True)
    claim_id: Mapped[UUID] = mapped_column(ForeignKey("obstacle_claim.id", ondelete="CASCADE"), index=True)


class Attachment(Identified, Base):
    """A document or picture kept with an activity. `handling` may be narrower than the activity's; None follows it.

    `states`: what it is about beside the States of the activity, codes with spaces between them: a mail that came with
    it may have been about others. `added_by` is the name as it was then. The bytes are those of a stored file of its
    own that nobody reaches but through this.
    """

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"), unique=True)
    what: Mapped[str] = mapped_column(default="")
    handling: Mapped[str | None]
    states: Mapped[str] = mapped_column(default="", server_default=EMPTY)
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
    added_by: Mapped[str] = mapped_column(default="")
    added_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index("ix_attachment_activity", "activity_id", "added_at", "id"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Where its activity is, none of its own States is closed, and an activity of its own handling would be, if it
        has one.

        A paper names the State: where the attribution hides that, the file is for its own party alone.
        """
        whole = bare(Activity)
        about = partial(activity_concerns, whole.c.id)
        own_rule = seen(viewer, originator=whole.c.originator_id, handling=cls.handling, concerns=about)
        not_closed_itself = not_closed(viewer, partial(names_one_of, cls.states))
        return not_closed_itself & exists().where(
            whole.c.id == cls.activity_id,
            _activity_seen(viewer, whole.c),
            _told(viewer, whole.c, frozenset(Attribution) - HIDES_STATE),
            or_(cls.handling.is_(None), own_rule),
        )


_READINGS = ", ".join(f"'{one.value}'" for one in Reading)


class AttachmentText(Base):
    """The text in an attachment, for the search. `tries` counts readings and fences off one that was overtaken."""

    attachment_id: Mapped[UUID] = mapped_column(ForeignKey("attachment.id", ondelete="CASCADE"), primary_key=True)
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), index=True)
    state: Mapped[str]
    text: Mapped[str] = mapped_column(default="", deferred=True)
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    lease_until: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(f"state IN ({_READINGS})", name="state"),
        Index("ix_attachment_text_state", "state", "asked_at"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Where its attachment is."""
        return exists().where(bare(Attachment).c.id == cls.attachment_id, as_seen(Attachment, viewer))
