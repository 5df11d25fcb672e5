"""Who signs on a day, and the meetings with those who preside over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import func, select

from crm.core.days import in_words
from crm.core.db import db
from crm.core.errors import NotFound
from crm.meetings import rules
from crm.meetings.models import Coordinator, Meeting, Presidency
from crm.meetings.rules import Capacity, Confidence, Gender, MeetingDays, MeetingKind, Precision, Service


class CautionCode(StrEnum):
    """What a reader should know before letting two governments sign."""

    NO_PRESIDENCY = "no_presidency"
    NO_COORDINATOR = "no_coordinator"
    NO_PERSON = "no_person"
    HANDOVER = "handover"
    COORDINATOR_ENDS = "coordinator_ends"
    DAYS_VAGUE = "days_vague"
    NO_NEXT_MEETING = "no_next_meeting"


@dataclass(frozen=True, slots=True)
class Caution:
    """A stable code, a sentence, and the day it is about where there is one."""

    code: CautionCode
    sentence: str
    on: date | None = None

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, slots=True)
class Signatory:
    """One of the two that sign. `person` is "" when only the State is known; `until` None when no end is.

    `titles` are the person's own titles by language, `capacity_titles` what the capacity is called (empty
    for a presidency: letters have those words themselves).
    """

    id: UUID
    state_iso3: str
    person: str
    honorific: str
    titles: Mapping[str, str]
    gender: Gender
    since: date | None
    until: date | None
    sample: bool
    version: int
    capacity_titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Signatories:
    """Who signs on a day. `meeting` is the one presided over, `president` whoever is President that day."""

    on: date
    presidency: Signatory | None
    presidency_capacity: Capacity | None
    meeting: Meeting | None
    coordinator: Signatory | None
    next_meeting: Meeting | None
    president: Signatory | None
    president_meeting: Meeting | None
    warnings: tuple[Caution, ...] = ()


@dataclass(frozen=True)
class Calendar:
    """Every meeting and presidency, read once, so that any number of days can be answered from it."""

    meetings: Mapping[UUID, Meeting]
    presidencies: Mapping[UUID, Presidency]
    coordinators: Sequence[Coordinator]
    days: Sequence[MeetingDays]
    services: Sequence[Service]

    def signatories_on(self, day: date) -> Signatories:
        """Who signs on a day."""
        signing, president = rules.signing_on(self.services, day), rules.president_on(self.services, day)
        coordinator = next((one for one in self.coordinators if rules.covers(one.from_on, one.until_on, day)), None)
        ahead = rules.next_meeting(self.days, day)
        return Signatories(
            on=day,
            presidency=self._presidency(signing),
            presidency_capacity=signing.capacity_on(day) if signing else None,
            meeting=self.meetings[signing.meeting.id] if signing else None,
            coordinator=_coordinator(coordinator) if coordinator else None,
            next_meeting=self.meetings[ahead.id] if ahead else None,
            president=self._presidency(president),
            president_meeting=self.meetings[president.meeting.id] if president else None,
            warnings=tuple(self._warnings(day, signing, coordinator, ahead)),
        )

    def last_day(self, today: date) -> date:
        """The last day for which it can be asked who signs."""
        return rules.last_day(self.days, today)

    def meeting(self, key: str) -> Meeting:
        """A meeting by its key, upper and lower case alike; raises NotFound."""
        for one in self.meetings.values():
            if one.key == key.upper():
                return one
        raise NotFound("no such meeting")

    def presidencies_of(self, meeting_id: UUID) -> list[tuple[Presidency, Service]]:
        """Who presides over a meeting, one after the other, each with the days worked out."""
        return [(self.presidencies[one.term.id], one) for one in self.services if one.meeting.id == meeting_id]

    def neighbour(self, meeting_id: UUID, step: int) -> Meeting | None:
        """The meeting before (-1) or after (1)."""
        order = [one.id for one in rules.in_order(self.days)]
        place = order.index(meeting_id) + step
        return self.meetings[order[place]] if 0 <= place < len(order) else None

    def _presidency(self, service: Service | None) -> Signatory | None:
        if service is None:
            return None
        return _presidency(self.presidencies[service.term.id], service)

    def _warnings(
        self, day: date, signing: Service | None, coordinator: Coordinator | None, ahead: MeetingDays | None
    ) -> list[Caution]:
        found = []
        if signing is None:
            found.append(Caution(CautionCode.NO_PRESIDENCY, "Nobody is recorded as presiding on this day."))
        else:
            if not self.presidencies[signing.term.id].person_name:
                found.append(Caution(CautionCode.NO_PERSON, "Who presides is recorded as a State, without a person."))
            found += _handover(day, signing)
        if coordinator is None:
            found.append(Caution(CautionCode.NO_COORDINATOR, "No coordinator is recorded for this day."))
        elif coordinator.until_on and rules.is_near(day, coordinator.until_on):
            sentence = f"The coordinator's term ends on {in_words(coordinator.until_on)}."
            found.append(Caution(CautionCode.COORDINATOR_ENDS, sentence, coordinator.until_on))
        if ahead is None:
            found.append(Caution(CautionCode.NO_NEXT_MEETING, "No later meeting is recorded."))
        return found


def _handover(day: date, signing: Service) -> list[Caution]:
    """The presidency passes on soon, or its capacity changes soon, or its meeting's days are vague."""
    meeting, vague = signing.meeting, signing.meeting.precision is not Precision.DAY
    if vague:
        if day < meeting.from_on and not rules.is_near(day, meeting.from_on):
            return []
        sentence = f"The exact days of the {meeting.key} are not recorded, nor when its President takes over."
        return [Caution(CautionCode.DAYS_VAGUE, sentence, meeting.from_on)]
    if day < signing.president_from:
        change, after = signing.president_from, "the President Designate is President"
    else:
        change, after = (
            meeting.until_on + timedelta(days=1),
            f"the {meeting.key} is over and the next presidency signs",
        )
    if not rules.is_near(day, change):
        return []
    return [Caution(CautionCode.HANDOVER, f"From {in_words(change)} {after}.", change)]


def _by_language(english: str, french: str) -> Mapping[str, str]:
    return MappingProxyType({"en": english, "fr": french})


def _presidency(row: Presidency, service: Service) -> Signatory:
    return Signatory(
        id=row.id,
        state_iso3=row.state_iso3,
        person=row.person_name or "",
        honorific=row.honorific,
        titles=_by_language(row.title_en, row.title_fr),
        gender=Gender(row.gender),
        since=service.designate_from,
        until=service.until,
        sample=row.sample,
        version=row.version,
    )


def _coordinator(row: Coordinator) -> Signatory:
    return Signatory(
        id=row.id,
        state_iso3=row.state_iso3,
        person=row.person_name or "",
        honorific=row.honorific,
        titles=_by_language(row.title_en, row.title_fr),
        gender=Gender(row.gender),
        since=row.from_on,
        until=row.until_on,
        sample=row.sample,
        version=row.version,
        capacity_titles=_by_language(row.capacity_en, row.capacity_fr),
    )


def days_of(meeting: Meeting) -> MeetingDays:
    """When a meeting sits, as the value that the rules read."""
    return MeetingDays(meeting.id, meeting.key, meeting.from_on, meeting.until_on, Precision(meeting.precision))


def _term(row: Presidency) -> rules.Term:
    days = rules.OtherDays(row.took_over_on, row.designate_from, row.president_from, row.president_until)
    return rules.Term(row.id, row.meeting_id, days)


def calendar() -> Calendar:
    """Read all meetings, presidencies and coordinators: three statements, whatever is asked of it later."""
    meetings = db.session.scalars(select(Meeting).order_by(Meeting.from_on, Meeting.key)).all()
    presidencies = db.session.scalars(select(Presidency).order_by(Presidency.id)).all()
    coordinators = db.session.scalars(select(Coordinator).order_by(Coordinator.from_on.desc(), Coordinator.id)).all()
    days = [days_of(one) for one in meetings]
    serving = _without_stand_ins(presidencies)
    return Calendar(
        meetings={one.id: one for one in meetings},
        presidencies={one.id: one for one in presidencies},
        coordinators=sorted(coordinators, key=lambda one: one.sample),
        days=days,
        services=rules.services(days, [_term(one) for one in serving]),
    )


def _without_stand_ins(presidencies: Sequence[Presidency]) -> list[Presidency]:
    """The presidencies that count, meeting by meeting.

    An invented person of sample data stands in for a State that the reference data have without a person, or
    where nobody is recorded, but for nobody real. What a user recorded takes the place of every stand-in.
    """
    by_meeting: dict[UUID, list[Presidency]] = {}
    for one in presidencies:
        by_meeting.setdefault(one.meeting_id, []).append(one)
    found = []
    for rows in by_meeting.values():
        real, invented = [one for one in rows if not one.sample], [one for one in rows if one.sample]
        if any(one.confidence == Confidence.RECORDED for one in real):
            invented = []
        named = {one.took_over_on for one in real if one.person_name}
        filled = {one.took_over_on for one in invented} - named
        found += [one for one in real if one.took_over_on not in filled]
        found += [one for one in invented if one.took_over_on in filled]
    return found


def signatories_on(day: date) -> Signatories:
    """Who signs on a day: presidency with capacity and meeting, coordinator, next meeting, warnings."""
    return calendar().signatories_on(day)


def meeting_by_key(key: str) -> Meeting:
    """A meeting by its key ("2MSP"), upper and lower case alike; raises NotFound."""
    found = db.session.scalar(select(Meeting).where(Meeting.key == key.upper()))
    if found is None:
        raise NotFound("no such meeting")
    return found


def get_presidency(presidency_id: UUID) -> Presidency:
    """One presidency; raises NotFound."""
    found = db.session.get(Presidency, presidency_id)
    if found is None:
        raise NotFound("no such presidency")
    return found


def get_coordinator(coordinator_id: UUID) -> Coordinator:
    """One coordinator's term; raises NotFound."""
    found = db.session.get(Coordinator, coordinator_id)
    if found is None:
        raise NotFound("no such coordinator")
    return found


def meeting_options() -> list[tuple[str, str]]:
    """Key and name of every meeting, latest first, for a choice."""
    rows = db.session.execute(select(Meeting.key, Meeting.name_en).order_by(Meeting.from_on.desc(), Meeting.key))
    return [(key, f"{key}, {name}") for key, name in rows]


def next_number() -> int:
    """The number that the next Meeting of States Parties will bear."""
    wanted = select(func.max(Meeting.number)).where(Meeting.kind == MeetingKind.MEETING_OF_STATES_PARTIES.value)
    return (db.session.scalar(wanted) or 0) + 1
