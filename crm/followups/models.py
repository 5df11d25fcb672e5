"""What is to be done by whom until when, whom it reminded, and what became of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, UniqueConstraint, exists, false
from sqlalchemy.orm import Mapped, mapped_column, validates

from crm.core import clock
from crm.core.access import Handling, Viewer
from crm.core.db import Base, Identified
from crm.core.visibility import Derived, activity_concerns, as_seen, bare, narrowest
from crm.followups.reminding.rules import Why
from crm.followups.rules import MORNING, Change, Due, Status

_STATUSES = ", ".join(f"'{one.value}'" for one in Status)
_WHYS = ", ".join(f"'{one.value}'" for one in Why)
_CHANGES = ", ".join(f"'{one.value}'" for one in Change)


class FollowUp(Derived, Identified, Base):
    """One action that a person owes, or a mission, and then everybody of it who may see it. `due_at` is the moment of
    `due_on` at `due_at_local` in `zone`.

    `remind_at` is when the planner has to look at it next, else empty: the planner reads this one index. What lay
    before `planned_since` is not told any more; `given_at` is when somebody else charged its owner with it, `again_at`
    until when its owner wants to hear nothing of it. `promised`: the State promised it, and the owner sees to it that
    it comes; else it is ours to do. `version` counts changes made by people; planning a reminder is none.
    `narrowed_from`: how far it was to travel before a verb made it narrower by itself, None where its handling is the
    one that was chosen.
    """

    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"))
    activity_id: Mapped[UUID | None] = mapped_column(ForeignKey("activity.id", ondelete="SET NULL"), index=True)
    previous_id: Mapped[UUID | None] = mapped_column(ForeignKey("follow_up.id", ondelete="SET NULL"), index=True)
    what: Mapped[str]
    promised: Mapped[bool] = mapped_column(default=False, server_default=false())
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    owner_mission_id: Mapped[UUID | None] = mapped_column(ForeignKey("mission.id"))
    due_on: Mapped[date]
    due_at_local: Mapped[time] = mapped_column(default=MORNING)
    zone: Mapped[str]
    due_at: Mapped[datetime]
    remind_at: Mapped[datetime | None] = mapped_column(index=True)
    remind_problem: Mapped[str] = mapped_column(default="")
    planned_since: Mapped[datetime] = mapped_column(default=clock.now)
    given_at: Mapped[datetime | None]
    again_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(default=Status.OPEN.value)
    done_at: Mapped[datetime | None]
    done_note: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[datetime] = mapped_column(default=clock.now)
    opened_by: Mapped[str] = mapped_column(default="")
    originator_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), index=True)
    narrowed_from: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        CheckConstraint(f"status IN ({_STATUSES})", name="status"),
        CheckConstraint("(owner_id IS NULL) <> (owner_mission_id IS NULL)", name="one_owner"),
        Index("ix_follow_up_owner", "owner_id", "status", "due_on", "id"),
        Index("ix_follow_up_owner_mission", "owner_mission_id", "status", "due_on", "id"),
        Index("ix_follow_up_status", "status", "due_on", "id"),
        Index("ix_follow_up_state", "state_iso3", "status", "due_on", "id"),
        Index("ix_follow_up_promised", "promised", "status", "due_on", "id"),
        Index("ix_follow_up_done", "state_iso3", "status", "done_at", "id"),
    )

    @validates("handling")
    def _is_chosen(self, _name: str, handling: str) -> str:
        self.narrowed_from = None
        return handling

    @property
    def chosen(self) -> Handling:
        """How far it was to travel when somebody last chose so."""
        return Handling(self.narrowed_from or self.handling)

    def narrow(self, limit: Handling) -> None:
        """Let it travel no further than this, which nobody chose for it."""
        chosen, narrow = self.chosen, narrowest([Handling(self.handling), limit])
        self.handling = narrow.value
        self.narrowed_from = None if narrow is chosen else chosen.value

    @property
    def charged_id(self) -> UUID | None:
        """The key of whoever owes it, a person or a mission."""
        return self.owner_id or self.owner_mission_id

    @property
    def due(self) -> Due:
        """The due moment as people say it."""
        return Due(self.due_on, self.due_at_local, self.zone)

    @classmethod
    def came_out_of(cls, codes: Collection[str]) -> ColumnElement[bool]:
        return activity_concerns(cls.activity_id, codes)


class FollowUpPart:
    """Mixin: a part is visible exactly when its follow-up is."""

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        whole = bare(FollowUp)
        return exists().where(whole.c.id == cls.followup_id, as_seen(FollowUp, viewer))  # type: ignore[attr-defined]


class Reminder(FollowUpPart, Identified, Base):
    """One person reminded of one occurrence, once: the constraint says so, whoever plans it.

    `due_at` is the due moment for which it was planned: once that has moved, it is not sent any more. It goes out at
    `tell_at`, in a mail of its own or, while `mail_id` is empty, in the next digest; `tries` counts those that failed.
    """

    followup_id: Mapped[UUID] = mapped_column(ForeignKey("follow_up.id", ondelete="CASCADE"))
    why: Mapped[str] = mapped_column(default=Why.DUE.value)
    occurrence: Mapped[datetime]
    due_at: Mapped[datetime]
    recipient_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    mail_id: Mapped[UUID | None] = mapped_column(ForeignKey("outbox_mail.id"), index=True)
    tell_at: Mapped[datetime]
    planned_at: Mapped[datetime] = mapped_column(default=clock.now)
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        UniqueConstraint("followup_id", "why", "occurrence", "recipient_id"),
        CheckConstraint(f"why IN ({_WHYS})", name="why"),
        Index("ix_reminder_recipient", "recipient_id", "mail_id", "tell_at"),
    )


class FollowUpChange(FollowUpPart, Identified, Base):
    """One change after the opening, for the people who read the follow-up: who, when, what and why."""

    followup_id: Mapped[UUID] = mapped_column(ForeignKey("follow_up.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    kind: Mapped[str]
    by: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    before: Mapped[str] = mapped_column(default="")
    after: Mapped[str] = mapped_column(default="")
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (CheckConstraint(f"kind IN ({_CHANGES})", name="kind"),)
