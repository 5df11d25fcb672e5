"""When somebody is reminded of a follow-up, by their own wishes. Pure.

A reminder is for an *occurrence*: a moment that the follow-up brings along by itself (some days before it falls due,
when it does, every so often after). When that is told depends on the reader: at that moment, or in the digest of
the day or of the week. What falls due before the next digest is told at its moment.

What has come once waits as it was wished then: new wishes are for what comes after them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from crm.core import clock
from crm.followups.rules import MORNING, Due, to_utc

MOST_BEFORE = 5
"""How many times somebody may be reminded before the due day."""

FURTHEST_BEFORE, SELDOMEST = 90, 90
"""Days: the earliest reminder before the due day, the longest pause between those after it."""


class Why(StrEnum):
    """What a reminder is about."""

    GIVEN = "given"
    BEFORE = "before"
    DUE = "due"
    AGAIN = "again"
    OVERDUE = "overdue"
    ESCALATED = "escalated"


class Way(StrEnum):
    """How reminders come."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True)
class Wishes:
    """How somebody wants to be reminded. `before`: days before the due day, several; `overdue_every`: days between the
    reminders after it, 0 for none; `escalated_after`: days overdue after which a coordinator hears of what others owe,
    0 for never; `at` and `weekday` (0 is Monday): when the digest comes, in the reader's zone.
    """

    when_given: bool = True
    before: tuple[int, ...] = (3,)
    when_due: bool = True
    overdue_every: int = 7
    escalated_after: int = 7
    way: Way = Way.DAILY
    at: time = time(8)
    weekday: int = 0


@dataclass(frozen=True)
class Planned:
    """What the planner knows of an open follow-up. `since`: what lay before was told or has been overtaken;
    `given_at`: when somebody else gave it to its owner; `again_at`: until then its owner wants to hear nothing.
    """

    due: Due
    since: datetime
    given_at: datetime | None = None
    again_at: datetime | None = None


@dataclass(frozen=True)
class Occurrence:
    """One thing to tell one reader: why, for which moment, and from when on. `alone`: in a mail of its own."""

    why: Why
    moment: datetime
    tell_at: datetime
    alone: bool

    @property
    def written_at(self) -> datetime:
        """From when on it waits to be told, whatever is wished after."""
        return min(self.moment, self.tell_at)


@dataclass(frozen=True)
class Reader:
    """Somebody to be reminded: their wishes and since when these stand, their zone, and whether they owe it or hear of
    it as a coordinator.
    """

    wishes: Wishes
    zone: str
    owes: bool = True
    wished_at: datetime | None = None


def occurrences(planned: Planned, reader: Reader, now: datetime) -> list[Occurrence]:
    """What is to be written for this reader, soonest first: all that has come, and the next that has not.

    Of reminders after the due day only the latest is told, however many were missed.
    """
    found = [_told(planned, reader, why, one) for why, one in _moments(planned, reader, now)]
    found.sort(key=lambda one: (one.written_at, one.moment))
    come = [one for one in found if one.written_at <= now]
    late = [one for one in come if one.why is Why.OVERDUE]
    come = [one for one in come if one.why is not Why.OVERDUE or one is late[-1]]
    return [*come, *[one for one in found if one.written_at > now][:1]]


def _moments(planned: Planned, reader: Reader, now: datetime) -> Iterator[tuple[Why, datetime]]:
    """Why and when, without regard to how it is told; of those after the due day the last that came and the next.

    That something is long overdue goes on, and is no moment that new wishes leave behind.
    """
    due, wishes = planned.due, reader.wishes
    if not reader.owes:
        if wishes.escalated_after:
            yield Why.ESCALATED, _shifted(due, wishes.escalated_after)
        return
    since = reader.wished_at
    yield from ((why, one) for why, one in _owed(planned, wishes, now) if since is None or one >= since)


def _owed(planned: Planned, wishes: Wishes, now: datetime) -> Iterator[tuple[Why, datetime]]:
    due = planned.due
    if wishes.when_given and planned.given_at:
        yield Why.GIVEN, planned.given_at
    if planned.again_at:
        yield Why.AGAIN, planned.again_at
    for days in wishes.before:
        moment = _shifted(due, -days)
        if not _asleep(planned, moment):
            yield Why.BEFORE, moment
    if wishes.when_due and not (planned.again_at and due.moment <= planned.again_at):
        yield Why.DUE, due.moment
    if wishes.overdue_every:
        awake = planned.again_at or planned.since
        passed = (clock.day_of(max(now, awake), due.zone) - due.on).days // wishes.overdue_every
        for count in (passed - 1, passed, passed + 1):
            moment = _shifted(due, count * wishes.overdue_every)
            if count > 0 and not _asleep(planned, moment):
                yield Why.OVERDUE, moment


def _asleep(planned: Planned, moment: datetime) -> bool:
    """Whether a moment lies where its owner wanted to hear nothing; that in which they wake tells that alone."""
    return moment <= planned.again_at if planned.again_at else moment < planned.since


def _shifted(due: Due, days: int) -> datetime:
    return to_utc(due.on + timedelta(days=days), due.at, due.zone)


def _told(planned: Planned, reader: Reader, why: Why, moment: datetime) -> Occurrence:
    wishes = reader.wishes
    has_own_time = why is Why.AGAIN or (why is Why.DUE and planned.due.at != MORNING)
    if wishes.way is Way.AT_ONCE or has_own_time:
        return Occurrence(why, moment, moment, alone=True)
    if why is Why.GIVEN:
        return Occurrence(why, moment, next_digest(reader, moment), alone=False)
    if why is Why.DUE:
        return _ahead(planned, reader, why, moment, digest_before(reader, planned.due.on))
    day = clock.day_of(moment, planned.due.zone)
    told = _digest_on_or_after(reader, day)
    if why is Why.BEFORE and told >= digest_before(reader, planned.due.on):
        last = digest_before(reader, planned.due.on - timedelta(days=1))
        return _ahead(planned, reader, why, moment, min(told, last))
    if why is Why.ESCALATED and reader.wished_at and told < reader.wished_at:
        told = next_digest(reader, reader.wished_at)
    return Occurrence(why, moment, told, alone=False)


def _ahead(planned: Planned, reader: Reader, why: Why, moment: datetime, told: datetime) -> Occurrence:
    """In a digest ahead of its moment; at its moment where that digest had passed before anything was to be told."""
    quiet = max(one for one in (planned.since, planned.again_at, reader.wished_at) if one)
    if told < quiet:
        return Occurrence(why, moment, moment, alone=True)
    return Occurrence(why, moment, told, alone=False)


def digest_before(reader: Reader, day: date) -> datetime:
    """The digest that tells what is due on a day: of that day, or the last weekly one up to it."""
    back = (day.weekday() - reader.wishes.weekday) % 7 if reader.wishes.way is Way.WEEKLY else 0
    return to_utc(day - timedelta(days=back), reader.wishes.at, reader.zone)


def _digest_on_or_after(reader: Reader, day: date) -> datetime:
    ahead = (reader.wishes.weekday - day.weekday()) % 7 if reader.wishes.way is Way.WEEKLY else 0
    return to_utc(day + timedelta(days=ahead), reader.wishes.at, reader.zone)


def next_digest(reader: Reader, moment: datetime) -> datetime:
    """The first digest at or after a moment."""
    day = clock.day_of(moment, reader.zone)
    found = _digest_on_or_after(reader, day)
    return found if found >= moment else _digest_on_or_after(reader, day + timedelta(days=1))
