"""Of which States somebody reads records: missions and their accreditations, restricted States, emergencies."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    and_,
    exists,
    false,
    or_,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import Base, Identified
from crm.core.versions import of_values
from crm.core.visibility import about, bare


class AccreditationKind(StrEnum):
    """Whether a mission has its seat in the State or is accredited to it from elsewhere."""

    RESIDENT = "resident"
    CONCURRENT = "concurrent"


class Mission(Identified, Base):
    """A post of a party abroad. `every_state`: a permanent mission to an organisation, which meets them all."""

    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    name: Mapped[str]
    every_state: Mapped[bool] = mapped_column(default=False)
    closed_on: Mapped[date | None]
    sample: Mapped[bool] = mapped_column(default=False)

    accreditations: Mapped[list[Accreditation]] = relationship(
        cascade="all, delete-orphan", order_by="Accreditation.from_on"
    )

    __table_args__ = (UniqueConstraint("party_id", "name"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Everybody with an account: to which State a mission is accredited is published in its diplomatic list."""
        return true() if viewer.user_id else false()


class Accreditation(Identified, Base):
    """One mission to one State, from a day up to, and not including, another."""

    mission_id: Mapped[UUID] = mapped_column(ForeignKey("mission.id", ondelete="CASCADE"))
    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"), index=True)
    kind: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date | None]

    __table_args__ = (
        UniqueConstraint("mission_id", "state_iso3", "from_on"),
        CheckConstraint("until_on IS NULL OR until_on > from_on", name="term_runs_forward"),
    )

    @property
    def version(self) -> int:
        """Another one as soon as what can be corrected is."""
        return of_values(self.kind, self.from_on, self.until_on)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """As its mission."""
        return true() if viewer.user_id else false()


class RestrictedState(Base):
    """A sensitive State: its records are for named people and stay out of batches and exports."""

    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"), primary_key=True)
    since: Mapped[datetime] = mapped_column(default=clock.now)
    by: Mapped[str] = mapped_column(default="")

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Those who keep the list, and those who are named for the State."""
        if viewer.may("restricted:write"):
            return true()
        return cls.state_iso3.in_(sorted(viewer.named)) if viewer.named else false()


class RestrictedStateReader(Identified, Base):
    """Somebody who is named for a restricted State."""

    state_iso3: Mapped[str] = mapped_column(ForeignKey("restricted_state.state_iso3", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)

    __table_args__ = (UniqueConstraint("state_iso3", "user_id"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Those who keep the list, and each person their own line."""
        if viewer.may("restricted:write"):
            return true()
        return cls.user_id == viewer.user_id if viewer.user_id else false()


class EmergencyAccess(Identified, Base):
    """Somebody reads what other parties keep about a State, for a stated reason and a short time."""

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"))
    reason: Mapped[str]
    begun_at: Mapped[datetime] = mapped_column(default=clock.now)
    until: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index("ix_emergency_access_begun", "begun_at", "id"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Whoever used it; of a party whose records it opened, those who read of its State.

        The reason may say what is known of the State: once that is restricted it is for those who are named.
        """
        if viewer.user_id is None:
            return false()
        told = bare(EmergencyNotice)
        ours = exists().where(told.c.emergency_id == cls.id, told.c.party_id == viewer.party_id)
        return or_(cls.user_id == viewer.user_id, and_(ours, about(viewer, cls.state_iso3.in_)))


class EmergencyNotice(Identified, Base):
    """A party that was told that an emergency opened records of its own."""

    emergency_id: Mapped[UUID] = mapped_column(ForeignKey("emergency_access.id", ondelete="CASCADE"))
    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"))

    __table_args__ = (UniqueConstraint("emergency_id", "party_id"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The party it was written to."""
        return cls.party_id == viewer.party_id if viewer.party_id else false()
