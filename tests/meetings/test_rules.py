"""Who signs on which day, worked out from days alone."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.meetings.names import key_of, usual_names
from crm.meetings.rules import (
    Capacity,
    MeetingDays,
    MeetingKind,
    OtherDays,
    Precision,
    Service,
    Term,
    is_near,
    last_day,
    next_meeting,
    overlapping,
    president_on,
    services,
    signing_on,
    terms_meet,
    window,
)

FIRST = MeetingDays(UUID(int=1), "1MSP", date(2010, 11, 9), date(2010, 11, 12))
SECOND = MeetingDays(UUID(int=2), "2MSP", date(2011, 9, 13), date(2011, 9, 16))
THIRD = MeetingDays(UUID(int=3), "3MSP", date(2012, 9, 11), date(2012, 9, 14))
LAO, LEBANON, NORWAY = (Term(uuid4(), one.id) for one in (FIRST, SECOND, THIRD))
NAMES = {LAO.id: "LAO", LEBANON.id: "LBN", NORWAY.id: "NOR"}


def _found() -> list[Service]:
    return services([THIRD, FIRST, SECOND], [LEBANON, NORWAY, LAO])


@pytest.mark.parametrize(
    ("day", "who", "capacity", "president"),
    [
        (date(2010, 8, 1), "LAO", "president_designate", None),
        (date(2010, 10, 1), "LAO", "president_designate", None),
        (date(2010, 11, 8), "LAO", "president_designate", None),
        (date(2010, 11, 9), "LAO", "president", "LAO"),
        (date(2010, 11, 12), "LAO", "president", "LAO"),
        (date(2010, 11, 13), "LBN", "president_designate", "LAO"),
        (date(2011, 6, 1), "LBN", "president_designate", "LAO"),
        (date(2011, 9, 12), "LBN", "president_designate", "LAO"),
        (date(2011, 9, 13), "LBN", "president", "LBN"),
        (date(2011, 9, 16), "LBN", "president", "LBN"),
        (date(2011, 9, 17), "NOR", "president_designate", "LBN"),
        (date(2012, 9, 14), "NOR", "president", "NOR"),
        (date(2012, 9, 15), None, None, "NOR"),
        (date(2030, 1, 1), None, None, "NOR"),
    ],
)
def test_hands_over_on_exactly_these_days(
    day: date, who: str | None, capacity: str | None, president: str | None
) -> None:
    signing, presiding = signing_on(_found(), day), president_on(_found(), day)
    assert (NAMES[signing.term.id] if signing else None) == who
    assert (signing.capacity_on(day) if signing else None) == capacity
    assert (NAMES[presiding.term.id] if presiding else None) == president


def test_who_will_sign_can_be_asked_until_the_fifth_year_after_the_last_meeting_or_today() -> None:
    assert last_day([THIRD, FIRST], date(2010, 1, 1)) == date(2017, 12, 31)
    assert last_day([THIRD, FIRST], date(2026, 11, 23)) == date(2031, 12, 31)
    assert last_day([], date(2026, 11, 23)) == date(2031, 12, 31)


def test_a_presidency_begins_on_the_day_after_the_meeting_before() -> None:
    spans = [(NAMES[one.term.id], one.designate_from, one.president_from, one.until) for one in _found()]
    assert spans == [
        ("LAO", None, date(2010, 11, 9), date(2011, 9, 13)),
        ("LBN", date(2010, 11, 13), date(2011, 9, 13), date(2012, 9, 11)),
        ("NOR", date(2011, 9, 17), date(2012, 9, 11), None),
    ]


def test_recorded_days_go_before_the_rule() -> None:
    early = Term(uuid4(), SECOND.id, OtherDays(president_from=date(2010, 11, 13), president_until=date(2011, 9, 17)))
    found = services([FIRST, SECOND], [LAO, early])
    assert signing_on(found, date(2011, 6, 1)).capacity_on(date(2011, 6, 1)) is Capacity.PRESIDENT
    assert president_on(found, date(2011, 9, 17)) is None
    late = Term(uuid4(), SECOND.id, OtherDays(designate_from=date(2011, 2, 1)))
    found = services([FIRST, SECOND], [LAO, late])
    assert signing_on(found, date(2011, 1, 31)) is None
    assert signing_on(found, date(2011, 2, 1)).term is late


def test_a_person_who_took_over_signs_from_that_day() -> None:
    after = Term(uuid4(), SECOND.id, OtherDays(took_over_on=date(2011, 6, 13)))
    found = services([FIRST, SECOND, THIRD], [after, LEBANON, NORWAY])
    assert signing_on(found, date(2011, 6, 12)).term is LEBANON
    assert signing_on(found, date(2011, 6, 13)).term is after
    assert signing_on(found, date(2011, 9, 14)).capacity_on(date(2011, 9, 14)) is Capacity.PRESIDENT
    assert president_on(found, date(2012, 9, 10)).term is after


def test_while_only_the_month_is_known_nobody_is_called_president_too_early() -> None:
    vague = MeetingDays(UUID(int=4), "4MSP", date(2013, 9, 1), date(2013, 9, 30), Precision.MONTH)
    zambia = Term(uuid4(), vague.id)
    found = services([THIRD, vague], [NORWAY, zambia])
    for day in (date(2013, 8, 31), date(2013, 9, 10), date(2013, 9, 30)):
        assert signing_on(found, day).capacity_on(day) is Capacity.PRESIDENT_DESIGNATE
        assert president_on(found, day).term is NORWAY
    assert signing_on(found, date(2013, 10, 1)) is None
    assert president_on(found, date(2013, 10, 1)).term is zambia


@given(st.integers(0, 1200))
def test_one_presidency_signs_every_day_between_the_first_word_and_the_last_meeting(days: int) -> None:
    day = date(2010, 1, 1) + timedelta(days=days)
    serving = [one for one in _found() if one.capacity_on(day) and day <= one.meeting.until_on]
    signing = signing_on(_found(), day)
    assert (signing is not None) == (day <= THIRD.until_on)
    assert signing is None or signing.meeting.until_on == min(one.meeting.until_on for one in serving)
    assert sum(one.capacity_on(day) is Capacity.PRESIDENT for one in _found()) == (day >= FIRST.from_on)


@pytest.mark.parametrize(
    ("day", "key"),
    [
        (date(2011, 9, 12), "2MSP"),
        (date(2011, 9, 13), "3MSP"),
        (date(2012, 9, 10), "3MSP"),
        (date(2012, 9, 11), None),
    ],
)
def test_a_letter_invites_to_the_first_meeting_that_has_not_opened(day: date, key: str | None) -> None:
    found = next_meeting([SECOND, THIRD, FIRST], day)
    assert (found.key if found else None) == key


def test_days_of_two_meetings_do_not_cross_unless_vague() -> None:
    wanted = MeetingDays(uuid4(), "X", date(2011, 9, 16), date(2011, 9, 18))
    assert overlapping(wanted, [FIRST, SECOND]) is SECOND
    assert overlapping(SECOND, [FIRST, SECOND]) is None
    vague = MeetingDays(uuid4(), "X", date(2011, 9, 1), date(2011, 9, 30), Precision.MONTH)
    assert overlapping(vague, [SECOND]) is None
    assert overlapping(wanted, [vague]) is None


@pytest.mark.parametrize(
    ("precision", "expected"),
    [
        (Precision.DAY, (date(2027, 2, 3), date(2027, 2, 5))),
        (Precision.MONTH, (date(2027, 2, 1), date(2027, 2, 28))),
        (Precision.YEAR, (date(2027, 1, 1), date(2027, 12, 31))),
    ],
)
def test_vague_days_stand_for_whole_months_and_years(precision: Precision, expected: tuple[date, date]) -> None:
    assert window(date(2027, 2, 3), date(2027, 2, 5), precision) == expected


@pytest.mark.parametrize(("ahead", "near"), [(-1, False), (0, False), (1, True), (30, True), (31, False)])
def test_a_handover_is_near_for_thirty_days(ahead: int, near: bool) -> None:
    assert is_near(date(2011, 8, 1), date(2011, 8, 1) + timedelta(days=ahead)) is near


def test_coordinators_follow_each_other_on_the_day() -> None:
    day, later = date(2011, 1, 1), date(2012, 1, 1)
    assert not terms_meet(day, later, later, None)
    assert not terms_meet(later, None, day, later)
    assert terms_meet(day, None, later, None)
    assert terms_meet(day, later, date(2011, 12, 31), later)


@pytest.mark.parametrize(
    ("days", "wrong"),
    [
        (OtherDays(), None),
        (OtherDays(designate_from=date(2011, 1, 2), president_from=date(2011, 1, 1)), "president_from"),
        (OtherDays(president_from=date(2011, 1, 1), president_until=date(2011, 1, 1)), "president_until"),
        (OtherDays(designate_from=date(2011, 1, 2), president_until=date(2011, 1, 1)), "president_until"),
        (OtherDays(took_over_on=date(2011, 1, 2), president_until=date(2011, 1, 1)), "president_until"),
        (OtherDays(designate_from=date(2011, 1, 1), president_from=date(2011, 1, 2)), None),
    ],
)
def test_recorded_days_stand_in_order(days: OtherDays, wrong: str | None) -> None:
    assert days.out_of_order() == wrong


def test_names_are_those_of_the_documents() -> None:
    assert key_of(MeetingKind.MEETING_OF_STATES_PARTIES, 14) == "14MSP"
    assert key_of(MeetingKind.REVIEW_CONFERENCE, 3) == "3RC"
    assert usual_names(MeetingKind.REVIEW_CONFERENCE, 1) == (
        "First Review Conference",
        "Première Conférence d’examen",
    )
    assert usual_names(MeetingKind.MEETING_OF_STATES_PARTIES, 14) == (
        "Fourteenth Meeting of States Parties",
        "Quatorzième Assemblée des États parties",
    )
    assert usual_names(MeetingKind.MEETING_OF_STATES_PARTIES, 21) is None
