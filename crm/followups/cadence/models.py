"""The cadences of each party, and which task was raised for which silence."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, UniqueConstraint, and_, false, or_, true
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import Base, Identified
from crm.followups.cadence.rules import Rhythm, Scope
from crm.followups.models import FollowUpPart

_SCOPES = ", ".join(f"'{one.value}'" for one in Scope)


class Cadence(Identified, Base):
    """After so many days of silence somebody of the party gets in touch. `subject` and `since` as in `rules.Rhythm`;
    `state_iso3` repeats the subject where it is a State.
    """

    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id", ondelete="CASCADE"))
    scope: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")
    state_iso3: Mapped[str | None] = mapped_column(ForeignKey("state.iso3"))
    days: Mapped[int]
    since: Mapped[date]
    keeper_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    kept_by: Mapped[str] = mapped_column(default="")
    set_at: Mapped[datetime] = mapped_column(default=clock.now)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        UniqueConstraint("party_id", "scope", "subject"),
        CheckConstraint(f"scope IN ({_SCOPES})", name="scope"),
    )

    @property
    def rhythm(self) -> Rhythm:
        """As the rules read it."""
        return Rhythm(Scope(self.scope), self.subject, self.days, self.since, self.keeper_id)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Those of one's own party, but none about a restricted State that is closed to the viewer."""
        if viewer.is_system:
            return true()
        if viewer.user_id is None or viewer.party_id is None:
            return false()
        open_one = or_(cls.state_iso3.is_(None), cls.state_iso3.not_in(sorted(viewer.closed)))
        return and_(cls.party_id == viewer.party_id, open_one)


class SilenceTask(FollowUpPart, Identified, Base):
    """The task that was raised for one silence of one State, for one party: the constraint says once, whoever asks.

    `counted_from`: the day from which the silence counted, see `rules.counts_from`.
    """

    followup_id: Mapped[UUID] = mapped_column(ForeignKey("follow_up.id", ondelete="CASCADE"), index=True)
    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id", ondelete="CASCADE"))
    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"))
    counted_from: Mapped[date]
    raised_on: Mapped[date]

    __table_args__ = (UniqueConstraint("party_id", "state_iso3", "counted_from"),)
