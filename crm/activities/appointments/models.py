"""At what time an approach is made, and who is invited to it."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, UniqueConstraint, exists, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.activities.appointments.rules import Answer, Method, Told
from crm.activities.models import Activity
from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import EMPTY, Base, Identified
from crm.core.visibility import as_seen, bare

_ANSWERS = ", ".join(f"'{one.value}'" for one in Answer)
_METHODS = ", ".join(f"'{one.value}'" for one in Method)


def _of_its_party(activity_id: object, viewer: Viewer) -> ColumnElement[bool]:
    """For the party whose activity it is, as far as its people see that one: others are told by their invitation."""
    if viewer.is_system:
        return true()
    if viewer.party_id is None:
        return false()
    whole = bare(Activity)
    return exists().where(
        whole.c.id == activity_id, whole.c.originator_id == viewer.party_id, as_seen(Activity, viewer)
    )


class Appointment(Identified, Base):
    """When and where an approach that is to come is made, as those who are invited were told last. `at` is None for the
    whole day. `sequence` counts what they were told anew (RFC 5546); `off`: it does not take place.
    """

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), unique=True)
    on: Mapped[date]
    at: Mapped[time | None]
    minutes: Mapped[int]
    zone: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    organizer: Mapped[str]
    sequence: Mapped[int] = mapped_column(default=0)
    off: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    sample: Mapped[bool] = mapped_column(default=False)

    guests: Mapped[list[AppointmentGuest]] = relationship(
        cascade="all, delete-orphan", back_populates="appointment", order_by="AppointmentGuest.name"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def told(self) -> Told:
        """As the rules read it."""
        return Told(self.on, self.at, self.minutes, self.zone, self.place)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return _of_its_party(cls.activity_id, viewer)


class AppointmentGuest(Identified, Base):
    """Somebody invited: with an account, or by an address alone. `mail_id` is what they are to be told last, `method`,
    `sequence` and `told_at` how and when; `left`: they are not invited any more. What begins with `said` is the time
    that went out to them last: it is all that they are told when it is off. `noted_by`: who wrote their answer down, ""
    where it came by mail.
    """

    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id", ondelete="CASCADE"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    email: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default=Answer.NONE.value)
    answered_at: Mapped[datetime | None]
    noted_by: Mapped[str] = mapped_column(default="", server_default=EMPTY)
    mail_id: Mapped[UUID | None] = mapped_column(ForeignKey("outbox_mail.id", ondelete="SET NULL"), index=True)
    method: Mapped[str] = mapped_column(default=Method.REQUEST.value)
    told_at: Mapped[datetime] = mapped_column(default=clock.now)
    left: Mapped[bool] = mapped_column(default=False)
    sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    said_on: Mapped[date | None]
    said_at: Mapped[time | None]
    said_minutes: Mapped[int | None]
    said_zone: Mapped[str | None]

    appointment: Mapped[Appointment] = relationship(back_populates="guests")

    __table_args__ = (
        UniqueConstraint("appointment_id", "email"),
        CheckConstraint(f"answer IN ({_ANSWERS})", name="answer"),
        CheckConstraint(f"method IN ({_METHODS})", name="method"),
    )

    @property
    def is_outside(self) -> bool:
        """Invited by an address alone."""
        return self.user_id is None

    @property
    def said(self) -> Told | None:
        """The time that went out to them last, without the place; None as long as nothing did."""
        if self.said_on is None:
            return None
        return Told(self.said_on, self.said_at, self.said_minutes or 0, self.said_zone or "UTC", "")

    def hears(self, told: Told) -> None:
        """This time goes out to them now."""
        self.said_on, self.said_at, self.said_minutes, self.said_zone = told.on, told.at, told.minutes, told.zone

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        if viewer.is_system:
            return true()
        whole = bare(Appointment)
        return exists().where(whole.c.id == cls.appointment_id, _of_its_party(whole.c.activity_id, viewer))
