"""Who presides and who coordinates on a day, and what to warn of. Pure.

A presidency serves as President Designate from the day after the preceding meeting closed until its own
meeting opens, and as President from that day until the next meeting opens. Whoever wrote down other days
(`designate_from`, `president_from`, `president_until`) is believed. Days on which a meeting sits belong to
that meeting's presidency, its last day included.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from crm.core.days import Precision as Precision
from crm.core.gender import Gender as Gender

HANDOVER_DAYS = 30
"""A change of signatory within so many days is worth a warning."""

EARLIEST = date(2008, 1, 1)
LONGEST_DAYS = 400
YEARS_AHEAD = 5
"""So long after the last meeting on record somebody may still ask who will sign."""

NOBODY = UUID(int=0)
"""Stands for a meeting that is not on record yet."""


class MeetingKind(StrEnum):
    """The two kinds of formal meeting (articles 11 and 12 of the Convention)."""

    MEETING_OF_STATES_PARTIES = "meeting_of_states_parties"
    REVIEW_CONFERENCE = "review_conference"


class Capacity(StrEnum):
    """In which capacity a presidency acts on a day."""

    PRESIDENT_DESIGNATE = "president_designate"
    PRESIDENT = "president"


class Confidence(StrEnum):
    """Where a row comes from: read in a source, known without one, or recorded here by a user."""

    FOUND = "found"
    MEMORY = "memory"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs, as written down; an empty name means that only the State is known."""

    name: str = ""
    honorific: str = ""
    title_en: str = ""
    title_fr: str = ""
    gender: Gender = Gender.UNKNOWN


@dataclass(frozen=True, slots=True)
class OtherDays:
    """Days of a presidency that differ from the rule; `took_over_on` for whoever followed somebody in it."""

    took_over_on: date | None = None
    designate_from: date | None = None
    president_from: date | None = None
    president_until: date | None = None

    def out_of_order(self) -> str | None:
        """The name of the first day that does not come after the one before it."""
        names = ("designate_from", "president_from", "president_until")
        known = [(name, day) for name in names if (day := getattr(self, name))]
        for (_, earlier), (name, later) in pairwise(known):
            if later <= earlier:
                return name
        if self.took_over_on and self.president_until and self.president_until <= self.took_over_on:
            return "president_until"
        return None


@dataclass(frozen=True, slots=True)
class MeetingDays:
    """When a meeting sits. With a coarser precision the days are the first and last that are possible."""

    id: UUID
    key: str
    from_on: date
    until_on: date
    precision: Precision = Precision.DAY

    @property
    def opens_on(self) -> date:
        """The day its President is surely President: the first, or for vague days the one after the last."""
        return self.from_on if self.precision is Precision.DAY else self.until_on + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Term:
    """One person's part in a presidency."""

    id: UUID
    meeting_id: UUID
    days: OtherDays = OtherDays()


@dataclass(frozen=True, slots=True)
class Service:
    """The days worked out for one term: [designate_from, president_from) and [president_from, until).

    `designate_from` None means that there is no earlier bound, `until` None that no end is known.
    """

    term: Term
    meeting: MeetingDays
    designate_from: date | None
    president_from: date
    until: date | None

    def capacity_on(self, day: date) -> Capacity | None:
        """In which capacity the term serves on a day; None when it does not."""
        started = self.designate_from is None or self.designate_from <= day
        if not started or (self.until is not None and day >= self.until):
            return None
        return Capacity.PRESIDENT if day >= self.president_from else Capacity.PRESIDENT_DESIGNATE


def in_order(meetings: Iterable[MeetingDays]) -> list[MeetingDays]:
    """Meetings as they follow each other."""
    return sorted(meetings, key=lambda one: (one.from_on, one.until_on, one.key))


def services(meetings: Iterable[MeetingDays], terms: Iterable[Term]) -> list[Service]:
    """The days of every term, in the order of the meetings and of those who took over."""
    ordered = in_order(meetings)
    by_meeting: dict[UUID, list[Term]] = {}
    for term in terms:
        by_meeting.setdefault(term.meeting_id, []).append(term)
    found = []
    for place, meeting in enumerate(ordered):
        before = ordered[place - 1] if place else None
        after = ordered[place + 1] if place + 1 < len(ordered) else None
        own = sorted(by_meeting.get(meeting.id, []), key=lambda one: one.days.took_over_on or date.min)
        for number, term in enumerate(own):
            successor = own[number + 1].days.took_over_on if number + 1 < len(own) else None
            found.append(_service(term, meeting, before, after, successor))
    return found


def _service(
    term: Term,
    meeting: MeetingDays,
    before: MeetingDays | None,
    after: MeetingDays | None,
    successor_from: date | None,
) -> Service:
    start = term.days.took_over_on or term.days.designate_from
    if start is None and before is not None:
        start = before.until_on + timedelta(days=1)
    ends = [one for one in (term.days.president_until, successor_from) if one is not None]
    if term.days.president_until is None and after is not None:
        ends.append(after.opens_on)
    return Service(
        term=term,
        meeting=meeting,
        designate_from=start,
        president_from=term.days.president_from or meeting.opens_on,
        until=min(ends, default=None),
    )


def signing_on(found: Sequence[Service], day: date) -> Service | None:
    """Whose presidency signs on a day: of the first meeting that has not closed yet.

    Between two meetings that is the President Designate, while a meeting sits its President. Nobody else
    steps in: when that presidency is not recorded there is none.
    """
    serving = [one for one in found if one.capacity_on(day) and day <= one.meeting.until_on]
    return min(serving, key=lambda one: (one.meeting.from_on, one.meeting.key), default=None)


def president_on(found: Sequence[Service], day: date) -> Service | None:
    """Who is President on a day: of the meeting that opened last."""
    serving = [one for one in found if one.capacity_on(day) is Capacity.PRESIDENT]
    return max(serving, key=lambda one: (one.meeting.from_on, one.meeting.key), default=None)


def next_meeting(meetings: Iterable[MeetingDays], day: date) -> MeetingDays | None:
    """The first meeting that has not opened on a day, to which a letter of that day may invite."""
    ahead = [one for one in in_order(meetings) if day < one.opens_on]
    return ahead[0] if ahead else None


def last_day(meetings: Iterable[MeetingDays], today: date) -> date:
    """The last day for which it can be asked who signs: the end of the fifth year after the last meeting."""
    latest = max((one.until_on for one in meetings), default=today)
    return date(max(latest, today).year + YEARS_AHEAD, 12, 31)


def window(from_on: date, until_on: date, precision: Precision) -> tuple[date, date]:
    """The first and the last possible day: as given, or the whole of the months or years they lie in."""
    return precision.first_day(from_on), precision.last_day(until_on)


def overlapping(meeting: MeetingDays, others: Iterable[MeetingDays]) -> MeetingDays | None:
    """A meeting whose days are known and meet those of this one."""
    if meeting.precision is not Precision.DAY:
        return None
    for other in in_order(others):
        exact = other.id != meeting.id and other.precision is Precision.DAY
        if exact and other.from_on <= meeting.until_on and meeting.from_on <= other.until_on:
            return other
    return None


def covers(from_on: date, until_on: date | None, day: date) -> bool:
    """Whether a coordinator's term, up to and not including its last date, covers a day."""
    return from_on <= day and (until_on is None or day < until_on)


def terms_meet(from_on: date, until_on: date | None, other_from: date, other_until: date | None) -> bool:
    """Whether two coordinators' terms share a day."""
    return (until_on is None or other_from < until_on) and (other_until is None or from_on < other_until)


def is_near(day: date, change: date | None) -> bool:
    """Whether a change is still ahead of `day` and near enough to warn of."""
    return change is not None and 0 < (change - day).days <= HANDOVER_DAYS
