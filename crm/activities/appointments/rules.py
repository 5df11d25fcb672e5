"""Words, bounds and decisions about appointments, on values alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from crm.core.access import Handling
from crm.core.text import holds_address

MOST_GUESTS = 30
PLACE_LENGTH = 200
SHORTEST, LONGEST = 5, 24 * 60
"""Minutes."""

NEUTRAL = "Appointment"


class Method(StrEnum):
    """What a mail asks of a calendar."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


class Answer(StrEnum):
    """What somebody invited answered, in the words of RFC 5545."""

    NONE = "NEEDS-ACTION"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    TENTATIVE = "TENTATIVE"


ANSWER_LABELS = {
    Answer.NONE.value: "No answer yet",
    Answer.ACCEPTED.value: "Comes",
    Answer.DECLINED.value: "Does not come",
    Answer.TENTATIVE.value: "Perhaps",
}


class Detail(StrEnum):
    """What a mail says of an appointment, from least to most: the setting REMINDER_DETAIL, as for reminders."""

    NEUTRAL = "neutral"
    NO_STATE = "no_state"
    FULL = "full"


@dataclass(frozen=True)
class Told:
    """When and where, as those invited read it. Without `at` it lasts the whole day."""

    on: date
    at: time | None
    minutes: int
    zone: str
    place: str

    @property
    def begins(self) -> datetime | None:
        """The moment at which it begins. Of a time that the clocks show twice the first is meant; one that they leave
        out comes as long after the change as it lies after its beginning (RFC 5545, section 3.3.5).
        """
        return datetime.combine(self.on, self.at, ZoneInfo(self.zone)).astimezone(ZoneInfo("UTC")) if self.at else None

    @property
    def ends(self) -> datetime | None:
        """The moment at which it ends."""
        return self.begins + timedelta(minutes=self.minutes) if self.begins else None


def title(detail: Detail, handling: Handling, kind: str, states: str, *, kept: bool, has_account: bool) -> str:
    """What the invitation of one person is called. Whoever has no account reads no more than that there is something;
    and what is kept to one party goes into no mail, nor what is `kept` otherwise: about a restricted State, or read by
    them only where it is written down.
    """
    if not has_account or kept or handling is Handling.ORIGINATOR or detail is Detail.NEUTRAL:
        return NEUTRAL
    return f"{kind} ({states})" if detail is Detail.FULL and states else kind


def place_problem(place: str) -> str | None:
    """Why a place will not do in a mail to people without an account, or None: it goes under our name to whatever
    address, and a reader would follow what looks like one in it.
    """
    if holds_address(place):
        return "Whoever has no account reads this in a mail of ours: give a place without an internet address."
    return None


def uid(activity_id: UUID, host: str) -> str:
    """The name of an appointment in every calendar; the same as in a feed."""
    return f"{activity_id}@{host}"


def is_newer(stamped_at: datetime, answered_at: datetime | None, *, sequence: int, present: int) -> bool:
    """Whether an answer counts: it is to what is arranged now, and not one that another has overtaken."""
    return sequence == present and (answered_at is None or stamped_at > answered_at)
