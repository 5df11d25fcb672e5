"""Claims about what keeps a State from joining."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base, Identified
from crm.core.visibility import Handled


class ObstacleClaim(Handled, Identified, Base):
    """Somebody said, or an officer concluded, on a day, that this stands in the way of a State.

    `other` says what it is where the type is another one.
    """

    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"))
    type: Mapped[str]
    subtype: Mapped[str] = mapped_column(default="")
    other: Mapped[str] = mapped_column(default="")
    basis: Mapped[str]
    claimed_on: Mapped[date]
    originator_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), index=True)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index("ix_obstacle_claim_state", "state_iso3", "claimed_on"),)
