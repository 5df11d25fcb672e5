"""Claims about what keeps a State from joining."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, exists
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import EMPTY, Base, Identified
from crm.core.visibility import Derived, activity_concerns, unhidden_above


class ObstacleClaim(Derived, Identified, Base):
    """Somebody said, or an officer concluded, on a day, that this stands in the way of a State.

    `other` says what it is where the type is another one.
    """

    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"))
    type: Mapped[str]
    subtype: Mapped[str] = mapped_column(default="")
    other: Mapped[str] = mapped_column(default="", server_default=EMPTY)
    basis: Mapped[str]
    claimed_on: Mapped[date]
    originator_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), index=True)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index("ix_obstacle_claim_state", "state_iso3", "claimed_on"),)

    @classmethod
    def came_out_of(cls, codes: Collection[str]) -> ColumnElement[bool]:
        link = unhidden_above("activity_obstacle", "activity_id", "claim_id")
        return exists().where(link.c.claim_id == cls.id, activity_concerns(link.c.activity_id, codes))
