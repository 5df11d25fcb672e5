"""Pure decisions about instructions: where a task stands, whether it is late, when whom a reminder reaches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from crm.activities.rules import AHEAD, HAPPENED, REPORTS, Status


class Standing(StrEnum):
    """How far a task has come."""

    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    APPOINTMENT = "appointment"
    DELIVERED = "delivered"
    REPORTED = "reported"
    CANCELLED = "cancelled"


STANDING_LABELS = {
    Standing.SENT: "Not acknowledged yet",
    Standing.ACKNOWLEDGED: "Acknowledged",
    Standing.APPOINTMENT: "Appointment asked for",
    Standing.DELIVERED: "Delivered",
    Standing.REPORTED: "Reported",
    Standing.CANCELLED: "Cancelled",
}


class Late(StrEnum):
    """What is late about a task."""

    DELIVERY = "delivery"
    REPORT = "report"


LATE_LABELS = {Late.DELIVERY: "Delivery late", Late.REPORT: "Report late"}


class Told(StrEnum):
    """What a mail about an instruction tells."""

    SENT = "sent"
    AMENDED = "amended"
    WITHDRAWN = "withdrawn"
    SOON = "soon"
    LATE = "late"
    REPORT_LATE = "report_late"
    NUDGE = "nudge"
    LATE_FOR_SENDER = "late_for_sender"


SUBJECTS = {
    Told.SENT: "an instruction for your mission",
    Told.AMENDED: "an instruction for your mission was amended",
    Told.WITHDRAWN: "an instruction for your mission was withdrawn",
    Told.SOON: "an instruction is to be carried out soon",
    Told.LATE: "an instruction should have been carried out",
    Told.REPORT_LATE: "a report on an instruction is missing",
    Told.NUDGE: "your mission is asked about an instruction",
    Told.LATE_FOR_SENDER: "an instruction of yours is late",
}
"""What stands in the subject of such a mail, and as its first sentence: nothing of what is instructed."""


@dataclass(frozen=True)
class Dates:
    """By when to deliver and to report, and so many days before and after that missions are reminded."""

    deliver_by: date
    report_by: date
    before: int
    after: int

    def reminders(self) -> tuple[tuple[date, Told], ...]:
        """The days on which missions are reminded, and of what."""
        return (
            (self.deliver_by - timedelta(days=self.before), Told.SOON),
            (self.deliver_by + timedelta(days=self.after), Told.LATE),
            (self.report_by + timedelta(days=self.after), Told.REPORT_LATE),
        )

    def next_after(self, day: date) -> date | None:
        """The first of these days after that one."""
        return min((on for on, _told in self.reminders() if on > day), default=None)

    def due_on(self, day: date) -> Told | None:
        """What missions are to be reminded of when this day has come: the latest of what has fallen due."""
        return next((told for on, told in sorted(self.reminders(), reverse=True) if on <= day), None)


EARLIEST_MORNING = timedelta(hours=-5)
"""Before a day begins in UTC it is nine in the morning somewhere: then its reminders are planned."""


def planning_moment(day: date | None) -> datetime | None:
    """When the reminders of a day are planned; each goes out at nine in the morning of whoever it is for."""
    return datetime.combine(day, time(), UTC) + EARLIEST_MORNING if day else None


def day_of_planning(now: datetime) -> date:
    """The latest day whose reminders are to be planned by now."""
    return (now - EARLIEST_MORNING).date()


def standing(status: Status, *, acknowledged: bool, asked: bool) -> Standing:
    """Where a task stands; an amendment that is not acknowledged sends it back, unless it is delivered."""
    if status is Status.CANCELLED:
        return Standing.CANCELLED
    if status in REPORTS:
        return Standing.REPORTED
    if status in HAPPENED:
        return Standing.DELIVERED
    if not acknowledged:
        return Standing.SENT
    return Standing.APPOINTMENT if asked else Standing.ACKNOWLEDGED


def late(status: Status, deliver_by: date, report_by: date, today: date) -> Late | None:
    """What is late today, if anything is."""
    if status in AHEAD:
        return Late.DELIVERY if deliver_by < today else None
    return Late.REPORT if status is Status.DELIVERED and report_by < today else None


def still_asked(status: Status, told: Told) -> bool:
    """Whether a mission is still to be told this of a task."""
    if told is Told.WITHDRAWN:
        return True
    if told is Told.REPORT_LATE:
        return status is Status.DELIVERED or status in AHEAD
    if told in (Told.NUDGE, Told.LATE_FOR_SENDER):
        return status in AHEAD or status is Status.DELIVERED
    return status in AHEAD


class View(StrEnum):
    """What the table of an instruction shows."""

    ALL = ""
    UNDELIVERED = "undelivered"
    LATE = "late"
    NEW = "unacknowledged"
    UNREPORTED = "unreported"
    REPORTED = "reported"


VIEW_LABELS = {
    View.ALL: "All",
    View.UNDELIVERED: "Not delivered",
    View.LATE: "Late",
    View.NEW: "Not acknowledged",
    View.UNREPORTED: "Report to follow",
    View.REPORTED: "Reported",
}


def shown_in(view: View, where: Standing, what_is_late: Late | None) -> bool:
    """Whether a task that stands there is shown in a view."""
    undelivered = where in (Standing.SENT, Standing.ACKNOWLEDGED, Standing.APPOINTMENT)
    return {
        View.ALL: True,
        View.UNDELIVERED: undelivered,
        View.LATE: what_is_late is not None,
        View.NEW: where is Standing.SENT,
        View.UNREPORTED: where is Standing.DELIVERED,
        View.REPORTED: where is Standing.REPORTED,
    }[view]


@dataclass(frozen=True)
class Accredited:
    """A mission that reaches a State: `rank` 0 for a resident one, 1 for a concurrent one, 2 for one that meets all."""

    mission_id: str
    name: str
    rank: int

    @property
    def label(self) -> str:
        """Its name, and how it reaches the State."""
        return f"{self.name} ({('resident', 'from its seat elsewhere', 'meets every State')[self.rank]})"


def in_order(found: Iterable[Accredited]) -> list[Accredited]:
    """Those that reach a State, the nearest first."""
    return sorted(found, key=lambda one: (one.rank, one.name))


def days_problem(deliver_by: date, report_by: date, today: date) -> tuple[str, str] | None:
    """The field and the sentence, where the two deadlines cannot be meant."""
    if deliver_by < today:
        return "deliver_by", "This day has passed. Choose today or a later day."
    if report_by < deliver_by:
        return "report_by", "The report cannot be due before the delivery."
    return None
