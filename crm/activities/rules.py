"""Words, bounds and decisions about activities, on values alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from crm.core.days import Precision as Precision
from crm.people.rules import LEVEL_LABELS as LEVEL_LABELS
from crm.people.rules import Level as Level

EARLIEST = date(2007, 2, 22)
"""When the process that led to the Convention began: no activity is older."""

LINE_LENGTH, MARK_LENGTH, STEP_LENGTH, NOTE_LENGTH = 200, 100, 500, 20_000
"""Characters in a line, in a marking or reference, in what is to be done next, in a text."""

LENGTHS: Mapping[str, int] = {
    **dict.fromkeys(
        ("person_name", "person_title", "delivered_by", "delivered_by_title", "place", "occasion"), LINE_LENGTH
    ),
    **dict.fromkeys(("marks", "report_ref"), MARK_LENGTH),
    "next_action": STEP_LENGTH,
    **dict.fromkeys(("objective", "reply", "officer_comment"), NOTE_LENGTH),
}
"""By what is told of an activity, how long that may be, wherever it is told."""


class Status(StrEnum):
    """How far an activity has come."""

    PLANNED = "planned"
    INSTRUCTED = "instructed"
    DELIVERED = "delivered"
    REPORTED = "reported"
    CLOSED = "closed"
    CANCELLED = "cancelled"


AHEAD = frozenset({Status.PLANNED, Status.INSTRUCTED})
"""What is still to come."""

HAPPENED = frozenset({Status.DELIVERED, Status.REPORTED, Status.CLOSED})
"""What counts as a contact."""

REPORTS = frozenset({Status.REPORTED, Status.CLOSED})
"""What has a report."""

STATUS_LABELS = {
    Status.PLANNED: "Planned",
    Status.INSTRUCTED: "Instructed",
    Status.DELIVERED: "Delivered, report to follow",
    Status.REPORTED: "Reported",
    Status.CLOSED: "Closed",
    Status.CANCELLED: "Cancelled",
}


class Noted(StrEnum):
    """What is noted of an instructed approach between its statuses."""

    ACKNOWLEDGED = "acknowledged"
    APPOINTMENT = "appointment"
    AMENDED = "amended"


STEP_LABELS: dict[str, str] = {
    **{one.value: label for one, label in STATUS_LABELS.items()},
    Noted.ACKNOWLEDGED.value: "Instruction acknowledged",
    Noted.APPOINTMENT.value: "Appointment asked for",
    Noted.AMENDED.value: "Instruction amended",
}
"""How the steps of an activity read, which are its statuses and what was noted between them."""


class Reading(StrEnum):
    """How far the text of a file has been read for the search; `nothing`: there is none in it."""

    WAITING = "waiting"
    READING = "reading"
    READ = "read"
    UNREADABLE = "unreadable"
    NOTHING = "nothing"


READING_LABELS = {
    Reading.WAITING: "Its text is being read",
    Reading.READING: "Its text is being read",
    Reading.UNREADABLE: "Its text could not be read: the search finds it by its name",
}
"""What is said of a file while its text is not found."""

_COURSE: dict[Status, tuple[Status, ...]] = {
    Status.PLANNED: (Status.INSTRUCTED, Status.DELIVERED, Status.CANCELLED),
    Status.INSTRUCTED: (Status.DELIVERED, Status.CANCELLED),
    Status.DELIVERED: (),
    Status.REPORTED: (Status.CLOSED,),
    Status.CLOSED: (Status.REPORTED,),
    Status.CANCELLED: (Status.PLANNED,),
}


def steps_from(status: Status, *, instructed: bool) -> tuple[Status, ...]:
    """Where an activity may go from here by itself, the next first; to be reported it needs its report.

    `instructed`: whether its kind knows an instruction.
    """
    return tuple(one for one in _COURSE[status] if instructed or one is not Status.INSTRUCTED)


def may_be_reported(status: Status) -> bool:
    """Whether its report is still to come."""
    return status in AHEAD or status is Status.DELIVERED


class Paper(StrEnum):
    """What was left behind."""

    NONE = "none"
    NON_PAPER = "non_paper"
    AIDE_MEMOIRE = "aide_memoire"
    NOTE_VERBALE = "note_verbale"
    LETTER = "letter"


PRECISION_LABELS = {
    Precision.DAY: "To the day",
    Precision.MONTH: "Only the month",
    Precision.YEAR: "Only the year",
}


PAPER_LABELS = {
    Paper.NONE: "Nothing",
    Paper.NON_PAPER: "Non-paper",
    Paper.AIDE_MEMOIRE: "Aide-mémoire",
    Paper.NOTE_VERBALE: "Note verbale",
    Paper.LETTER: "Letter",
}
