"""Plans of a party with their steps, where each State stands in one, and which replies were heard of there."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, UniqueConstraint, and_, exists, false, true
from sqlalchemy.orm import Mapped, mapped_column

from crm.activities.models import Activity
from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import Base, Identified
from crm.core.visibility import about, as_seen, bare
from crm.followups.plans.rules import Stands, Unit, Who, Why

_UNITS = ", ".join(f"'{one.value}'" for one in Unit)
_DOERS = ", ".join(f"'{one.value}'" for one in Who)
_STANDS = ", ".join(f"'{one.value}'" for one in Stands)


def _ours(party: Any, viewer: Viewer) -> ColumnElement[bool]:
    """What is for one's own party."""
    if viewer.is_system:
        return true()
    if viewer.user_id is None or viewer.party_id is None:
        return false()
    own: ColumnElement[bool] = party == viewer.party_id
    return own


class Plan(Identified, Base):
    """An ordered set of steps that a party keeps for its own. `version` counts how often its words or steps changed:
    each has steps of its own, and a State keeps those that it began with. `ended_at`: since when it begins nowhere.
    """

    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    kept_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    kept_by: Mapped[str] = mapped_column(default="")
    kept_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]
    sample: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Those of one's own party."""
        return _ours(cls.party_id, viewer)


class PlanStep(Identified, Base):
    """One step of one version of a plan: what is to be done so long after the step before was, and by whom.

    `kind`: the kind of activity by which it is done, "" for any; `level`: of whom to speak to, "" for any.
    """

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    plan_version: Mapped[int]
    number: Mapped[int]
    what: Mapped[str]
    kind: Mapped[str] = mapped_column(default="")
    level: Mapped[str] = mapped_column(default="")
    after: Mapped[int]
    unit: Mapped[str]
    who: Mapped[str]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)

    __table_args__ = (
        UniqueConstraint("plan_id", "plan_version", "number"),
        CheckConstraint(f"unit IN ({_UNITS})", name="unit"),
        CheckConstraint(f"who IN ({_DOERS})", name="who"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """With the plan."""
        whole = bare(Plan)
        return exists().where(whole.c.id == cls.plan_id, as_seen(Plan, viewer))


class PlanStart(Identified, Base):
    """States with which somebody began at once, so that they can take the lot back."""

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), index=True)
    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    undone_at: Mapped[datetime | None]
    sample: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Those of one's own party."""
        return _ours(cls.party_id, viewer)


class PlanRun(Identified, Base):
    """One State in one plan. `step`: the number of the step at which it stands, due on `due_on`; while it is held,
    `days_left` of that delay are left. `runner_id`: who runs it, as whom replies are asked for. `why` is a word of
    `rules.Why`; that a reply stopped it is for those alone who may read the reply, and looks to others like a pause.
    `asked_id`: the follow-up of the coordinator who is asked to decide.
    """

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    plan_version: Mapped[int]
    start_id: Mapped[UUID | None] = mapped_column(ForeignKey("plan_start.id", ondelete="SET NULL"), index=True)
    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id", ondelete="CASCADE"), index=True)
    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"))
    runner_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    run_by: Mapped[str] = mapped_column(default="")
    began_on: Mapped[date]
    status: Mapped[str] = mapped_column(default=Stands.RUNNING.value)
    why: Mapped[str] = mapped_column(default=Why.NONE.value)
    step: Mapped[int] = mapped_column(default=1)
    due_on: Mapped[date]
    days_left: Mapped[int | None]
    held_on: Mapped[date | None]
    asked_id: Mapped[UUID | None] = mapped_column(ForeignKey("follow_up.id", ondelete="SET NULL"), index=True)
    ended_on: Mapped[date | None] = mapped_column()
    version: Mapped[int] = mapped_column(default=1)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        CheckConstraint(f"status IN ({_STANDS})", name="status"),
        Index("ix_plan_run_plan", "plan_id", "state_iso3"),
        Index("ix_plan_run_state", "state_iso3", "status"),
        Index(
            "uq_plan_run_once", "plan_id", "state_iso3", unique=True,
            sqlite_where=ended_on.is_(None), postgresql_where=ended_on.is_(None),
        ),
    )  # fmt: skip

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Of one's own party, about States that one works on, none of them closed."""
        return and_(_ours(cls.party_id, viewer), about(viewer, cls.state_iso3.in_))


class PlanRunStep(Identified, Base):
    """A step that began in a State, with its follow-up: once, whoever begins it. `activity_id`: by what it was done."""

    run_id: Mapped[UUID] = mapped_column(ForeignKey("plan_run.id", ondelete="CASCADE"))
    number: Mapped[int]
    followup_id: Mapped[UUID | None] = mapped_column(ForeignKey("follow_up.id", ondelete="SET NULL"), unique=True)
    activity_id: Mapped[UUID | None] = mapped_column(ForeignKey("activity.id", ondelete="SET NULL"), index=True)
    done_on: Mapped[date | None]

    __table_args__ = (UniqueConstraint("run_id", "number"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """With its State in the plan."""
        return exists().where(bare(PlanRun).c.id == cls.run_id, as_seen(PlanRun, viewer))


class PlanReply(Identified, Base):
    """A reply of which a plan has heard in a State, once. `stopped`: it made the plan stop there; what was known when
    it began, or had come by the time it went on, did not.
    """

    run_id: Mapped[UUID] = mapped_column(ForeignKey("plan_run.id", ondelete="CASCADE"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), index=True)
    heard_at: Mapped[datetime] = mapped_column(default=clock.now)
    stopped: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (UniqueConstraint("run_id", "activity_id"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Where both the State in the plan and the reply are in sight."""
        run, reply = bare(PlanRun), bare(Activity)
        return and_(
            exists().where(run.c.id == cls.run_id, as_seen(PlanRun, viewer)),
            exists().where(reply.c.id == cls.activity_id, as_seen(Activity, viewer)),
        )
