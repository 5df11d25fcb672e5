"""Recording and correcting meetings, presidencies and coordinators, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.core import access
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, RuleViolation, Stale
from crm.meetings import queries, service
from crm.meetings.models import Coordinator, Meeting, Presidency
from crm.meetings.rules import Confidence, Gender, MeetingKind, OtherDays, Person, Precision
from crm.meetings.service import coordinators
from tests.support.people import Person as Somebody
from tests.support.racing import at_once, slowly
from tests.support.statements import recorded

People = Callable[[str], Somebody]
TODAY = date(2026, 11, 23)
SAM = Person("Sam Example", title_en="Minister", title_fr="Ministre", gender=Gender.MALE)
KIM = Person("Kim Example", title_en="Ambassador", title_fr="Ambassadrice", gender=Gender.FEMALE)


@pytest.fixture
def do(person: People) -> Callable[..., Any]:
    """Run a verb as the coordinator, in a unit of work of its own."""

    def run(verb: Callable[..., Any], **given: Any) -> Any:
        actor = person("coordinator").viewer
        with unit_of_work():
            return verb(actor=actor, **given)

    return run


def _next_meeting(do: Callable[..., Any], **given: Any) -> Meeting:
    wanted = {"from_on": date(2027, 9, 6), "until_on": date(2027, 9, 10), **given}
    found: Meeting = do(service.record_meeting, kind=MeetingKind.MEETING_OF_STATES_PARTIES, number=14, **wanted)
    return found


def test_recording_the_next_meeting_and_its_presidency_lets_letters_be_signed(do: Callable[..., Any]) -> None:
    meeting = _next_meeting(do, precision=Precision.MONTH, country_iso3="LBN")
    assert (meeting.key, meeting.name_en, meeting.from_on, meeting.until_on) == (
        "14MSP", "Fourteenth Meeting of States Parties", date(2027, 9, 1), date(2027, 9, 30),
    )  # fmt: skip
    do(service.record_presidency, meeting="14MSP", state_iso3="LBN", person=SAM)
    do(
        service.record_coordinator, state_iso3="JPN", capacity_en="Friend of the President",
        capacity_fr="Ami du Président", person=KIM, from_on=date(2026, 9, 19),
    )  # fmt: skip
    found = queries.signatories_on(TODAY)
    assert found.presidency
    assert found.coordinator
    assert found.meeting
    assert found.next_meeting
    assert (found.presidency.state_iso3, found.presidency.person) == ("LBN", "Sam Example")
    assert found.presidency_capacity == "president_designate"
    assert found.presidency.since == date(2026, 9, 19)
    assert found.meeting.key == found.next_meeting.key == "14MSP"
    assert found.coordinator.capacity_titles == {"en": "Friend of the President", "fr": "Ami du Président"}
    assert found.coordinator.titles["fr"] == "Ambassadrice"
    assert found.warnings == ()
    events = db.session.scalars(select(AuditEntry.event).where(AuditEntry.actor_id.is_not(None)))
    assert sorted(events) == ["coordinator_recorded", "meeting_recorded", "presidency_recorded"]


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2027, 8, 6), None),
        (date(2027, 8, 7), "handover"),
        (date(2027, 9, 5), "handover"),
        (date(2027, 9, 6), "handover"),
        (date(2027, 9, 10), "handover"),
    ],
)
def test_a_handover_within_thirty_days_is_warned_of(do: Callable[..., Any], day: date, code: str | None) -> None:
    _next_meeting(do)
    do(service.record_presidency, meeting="14MSP", state_iso3="LBN", person=SAM)
    codes = [str(one.code) for one in queries.signatories_on(day).warnings]
    assert ("handover" in codes) == (code is not None)


def test_vague_days_and_a_missing_person_are_warned_of(do: Callable[..., Any]) -> None:
    _next_meeting(do, precision=Precision.MONTH)
    do(service.record_presidency, meeting="14MSP", state_iso3="LBN", person=Person())
    codes = [str(one.code) for one in queries.signatories_on(date(2027, 8, 15)).warnings]
    assert codes[:2] == ["no_person", "days_vague"]
    assert "days_vague" not in [str(one.code) for one in queries.signatories_on(TODAY).warnings]


def test_a_coordinator_hands_over_on_the_day_and_is_warned_of_before(do: Callable[..., Any]) -> None:
    given = {"capacity_en": "Friend of the President"}
    do(service.record_coordinator, state_iso3="JPN", person=KIM, from_on=date(2010, 8, 1), **given)
    do(service.record_coordinator, state_iso3="NOR", person=SAM, from_on=date(2026, 12, 1), **given)
    states = [
        queries.signatories_on(day).coordinator.state_iso3 for day in (TODAY, date(2026, 11, 30), date(2026, 12, 1))
    ]
    assert states == ["JPN", "JPN", "NOR"]
    assert "coordinator_ends" in [str(one.code) for one in queries.signatories_on(TODAY).warnings]
    with pytest.raises(RuleViolation) as refused:
        do(service.record_coordinator, state_iso3="LBN", person=SAM, from_on=date(2009, 1, 1), **given)
    assert list(refused.value.errors) == ["until_on"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"until_on": date(2027, 9, 1)}, "until_on"),
        ({"until_on": date(2029, 9, 1)}, "until_on"),
        ({"from_on": date(1999, 9, 6), "until_on": date(1999, 9, 7)}, "from_on"),
        ({"from_on": date(2025, 9, 19), "until_on": date(2025, 9, 20)}, "from_on"),
        ({"country_iso3": "XXX"}, "country_iso3"),
    ],
)
def test_a_meeting_that_cannot_be_is_refused(do: Callable[..., Any], given: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        _next_meeting(do, **given)
    assert list(refused.value.errors) == [field]


def test_numbers_are_not_taken_twice_and_long_ones_need_a_name(do: Callable[..., Any]) -> None:
    _next_meeting(do)
    with pytest.raises(RuleViolation) as refused:
        _next_meeting(do)
    assert list(refused.value.errors) == ["number"]
    with pytest.raises(RuleViolation) as refused:
        do(
            service.record_meeting, kind=MeetingKind.MEETING_OF_STATES_PARTIES, number=34,
            from_on=date(2030, 9, 1), until_on=date(2030, 9, 2),
        )  # fmt: skip
    assert list(refused.value.errors) == ["name_en"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"meeting": "99MSP"}, "meeting"),
        ({"state_iso3": "XXX"}, "state_iso3"),
        ({"person": Person(title_en="Minister")}, "person_name"),
        ({"days": OtherDays(president_from=TODAY, president_until=TODAY)}, "president_until"),
        ({"meeting": "13MSP"}, "meeting"),
        ({"meeting": "2MSP", "days": OtherDays(took_over_on=date(2011, 6, 13))}, "took_over_on"),
    ],
)
def test_a_presidency_that_cannot_be_is_refused(do: Callable[..., Any], given: dict[str, Any], field: str) -> None:
    _next_meeting(do)
    with pytest.raises(RuleViolation) as refused:
        do(service.record_presidency, **{"meeting": "14MSP", "state_iso3": "LBN", "person": SAM, **given})
    assert list(refused.value.errors) == [field]


def test_correcting_a_reference_row_makes_it_the_users_own(do: Callable[..., Any]) -> None:
    kept = queries.signatories_on(date(2026, 9, 1)).presidency
    assert kept is not None
    given = {"state_iso3": "LAO", "person": SAM, "days": OtherDays(president_until=date(2026, 9, 19))}
    done = do(service.correct_presidency, presidency_id=kept.id, version=kept.version, **given)
    assert done.confidence == Confidence.RECORDED
    assert queries.signatories_on(date(2026, 9, 1)).presidency.person == "Sam Example"
    with pytest.raises(Stale):
        do(service.correct_presidency, presidency_id=kept.id, version=kept.version, **given)


def test_a_coordinator_is_corrected_and_stale_changes_are_refused(do: Callable[..., Any]) -> None:
    given = {"capacity_en": "Friend of the President", "from_on": date(2020, 1, 1)}
    kept = do(service.record_coordinator, state_iso3="JPN", person=KIM, **given)
    key, version = kept.id, kept.version
    do(
        service.correct_coordinator,
        coordinator_id=key,
        version=version,
        state_iso3="NOR",
        person=SAM,
        **given,
    )
    with pytest.raises(Stale):
        do(
            service.correct_coordinator,
            coordinator_id=key,
            version=version,
            state_iso3="LBN",
            person=SAM,
            **given,
        )
    assert queries.signatories_on(TODAY).coordinator.state_iso3 == "NOR"


def test_invented_persons_stand_in_where_no_real_one_is_known_until_a_user_writes(do: Callable[..., Any]) -> None:
    """Of the 2MSP the State is known from the start and its minister from 13 June 2011; of the 1MSP a person."""
    for meeting, state_iso3 in (("1MSP", "LAO"), ("2MSP", "LBN")):
        do(service.record_presidency, meeting=meeting, state_iso3=state_iso3, person=SAM, sample=True)
    gap, real = date(2011, 6, 12), {date(2010, 10, 1): "Thongloun Sisoulith", date(2011, 6, 13): "Adnan Mansour"}
    for day, name in real.items():
        found = queries.signatories_on(day).presidency
        assert found is not None
        assert (found.person, found.sample) == (name, False)
    found = queries.signatories_on(gap).presidency
    assert found is not None
    assert (found.person, found.sample, found.until) == ("Sam Example", True, date(2011, 6, 13))
    unnamed = db.session.scalars(
        select(Presidency).join(Meeting).where(Meeting.key == "2MSP", Presidency.person_name.is_(None))
    ).one()
    do(
        service.correct_presidency, presidency_id=unnamed.id, version=unnamed.version, state_iso3="LBN", person=KIM,
    )  # fmt: skip
    found = queries.signatories_on(gap).presidency
    assert found is not None
    assert (found.person, found.sample) == ("Kim Example", False)


def test_a_real_coordinator_stands_beside_an_invented_one_and_goes_first(do: Callable[..., Any]) -> None:
    given = {"capacity_en": "Friend of the President", "from_on": date(2020, 1, 1)}
    do(service.record_coordinator, state_iso3="JPN", person=KIM, sample=True, **given)
    do(service.record_coordinator, state_iso3="NOR", person=SAM, **given)
    assert queries.signatories_on(TODAY).coordinator.state_iso3 == "NOR"
    assert all(one.until_on is None for one in db.session.scalars(select(Coordinator)))


def test_who_may(app: Flask, person: People) -> None:
    for who in ("officer", "observer", "administrator"):
        actor = person(who).viewer
        with pytest.raises(NotAllowed), unit_of_work():
            service.record_coordinator(actor=actor, state_iso3="JPN", capacity_en="Friend", person=KIM, from_on=TODAY)
    assert db.session.scalars(select(Coordinator)).all() == []


def test_any_number_of_days_costs_three_statements(app: Flask) -> None:
    access.look_as(access.SYSTEM)
    with recorded() as seen:
        found = queries.calendar()
        for year in range(2010, 2027):
            found.signatories_on(date(year, 6, 1))
    assert len([one for one in seen if one.asks]) == 3


def test_two_who_record_at_the_same_moment_take_turns(
    app: Flask, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = person("coordinator").viewer
    monkeypatch.setattr(coordinators, "_terms", slowly(coordinators._terms))

    def record(state_iso3: str) -> None:
        with unit_of_work():
            service.record_coordinator(
                actor=actor,
                state_iso3=state_iso3,
                capacity_en="Friend of the President",
                person=KIM,
                from_on=TODAY,
            )

    outcomes = at_once(app, [lambda: record("JPN"), lambda: record("NOR")])
    assert sorted(type(one).__name__ for one in outcomes) == ["NoneType", "RuleViolation"]
    assert len(db.session.scalars(select(Coordinator)).all()) == 1
