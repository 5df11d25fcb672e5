"""What is pinned on the timeline of a State, and for whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, and_, exists, false, or_, true
from sqlalchemy.orm import Mapped, mapped_column

from crm.activities.models import ActivityState
from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import Base, Identified
from crm.core.visibility import as_seen, bare
from crm.followups.models import FollowUp
from crm.letters.models import Letter


class TimelinePin(Identified, Base):
    """One record on top of the timeline of a State, for whoever pinned it or for their whole party.

    It goes with its record. `keeper_id` is the person or the party for whom it stands there, `record` the kind of the
    record and its key in one word: each keeper pins a record once.
    """

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    party_id: Mapped[UUID | None] = mapped_column(ForeignKey("party.id", ondelete="CASCADE"))
    for_party: Mapped[bool] = mapped_column(default=False)
    keeper_id: Mapped[UUID]
    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"))
    record: Mapped[str]
    activity_id: Mapped[UUID | None] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), index=True)
    follow_up_id: Mapped[UUID | None] = mapped_column(ForeignKey("follow_up.id", ondelete="CASCADE"), index=True)
    letter_id: Mapped[UUID | None] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"), index=True)
    pinned_at: Mapped[datetime] = mapped_column(default=clock.now)
    pinned_by: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        UniqueConstraint("keeper_id", "state_iso3", "record"),
        Index("ix_timeline_pin_user", "user_id", "state_iso3"),
        Index("ix_timeline_pin_party", "party_id", "state_iso3"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own, and those of one's party, as long as the viewer finds the record on the timeline of the State: it
        would else tell what became of a record that is no longer for them.
        """
        if viewer.is_system:
            return true()
        if viewer.user_id is None:
            return false()
        keeper = or_(
            and_(cls.for_party.is_(False), cls.user_id == viewer.user_id),
            and_(cls.for_party.is_(True), cls.party_id == viewer.party_id) if viewer.party_id else false(),
        )
        return and_(
            keeper,
            _stands(viewer, cls, ActivityState, ActivityState.activity_id, cls.activity_id),
            _stands(viewer, cls, FollowUp, FollowUp.id, cls.follow_up_id),
            _stands(viewer, cls, Letter, Letter.id, cls.letter_id),
        )


def _stands(viewer: Viewer, pin: type[TimelinePin], model: Any, named: Any, key: Any) -> ColumnElement[bool]:
    """Whether the record with this key, if there is one, is on the timeline where it is pinned."""
    row = bare(model).c
    found = exists().where(row[named.key] == key, row.state_iso3 == pin.state_iso3, as_seen(model, viewer))
    return or_(key.is_(None), found)
