"""People met: who sees whom, what stays as it was on the day, posts and assessments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from flask import Flask

from crm.accounts.models import AccreditationKind, Mission
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, RuleViolation, Stale
from crm.core.visibility import Attribution
from crm.people.met import posting, queries, service
from crm.people.met.models import Interlocutor, Post, PostTerm, StanceClaim
from crm.people.met.rules import Stance
from crm.people.rules import Level, holder_among
from crm.reach.service import missions, restricted
from crm.sharing import service as sharing
from tests.support.met import filled, known, merged, of, person_of, sees, stated
from tests.support.people import Person
from tests.support.records import anew, logged
from tests.support.statements import recorded

People = Callable[[str], Person]


def test_a_person_is_seen_as_far_as_their_handling_lets_them(app: Flask, person: People) -> None:
    keeper = person("coordinator").viewer
    for handling, others in (
        (Handling.ORIGINATOR, set()),
        (Handling.COORDINATION, {"presidency"}),
        (Handling.STATES, {"presidency", "other_officer"}),
        (Handling.COMMUNITY, {"presidency", "other_officer", "observer"}),
    ):
        key = known(keeper, f"Somebody {handling.value}", handling=handling, somebody_else=True)
        for who in ("presidency", "other_officer", "observer"):
            assert sees(person(who).viewer, Interlocutor, key) == (who in others), (handling, who)
        assert sees(keeper, Interlocutor, key)


def test_people_of_a_restricted_state_are_for_those_who_are_named(app: Flask, person: People) -> None:
    keeper, other = person("coordinator").viewer, person("presidency").viewer
    key = known(keeper, handling=Handling.PUBLIC)
    post = filled(keeper, key).post_id
    claim = stated(keeper, key, Stance.FRIEND, handling=Handling.PUBLIC)
    assert sees(other, Interlocutor, key) and sees(other, StanceClaim, claim) and sees(other, Post, post)
    with looking_as(keeper), unit_of_work():
        restricted.restrict(actor=keeper, state_iso3="LAO")
    for model, row in ((Interlocutor, key), (Post, post), (StanceClaim, claim)):
        assert not sees(anew(other), model, row) and sees(anew(keeper), model, row)


def test_who_writes_about_a_closed_state_does_not_read_it(app: Flask, person: People) -> None:
    keeper, other = person("coordinator").viewer, person("presidency").viewer
    with looking_as(keeper), unit_of_work():
        restricted.restrict(actor=keeper, state_iso3="LAO")
    writer = anew(other)
    key = known(writer, handling=Handling.STATES)
    assert not sees(writer, Interlocutor, key) and sees(anew(keeper), Interlocutor, key)


def test_only_states_of_the_mission_are_written_about(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    with looking_as(SYSTEM), unit_of_work() as session:
        mission = session.get_one(Mission, officer.mission_id)
        mission.every_state = False
        missions.accredit(
            actor=SYSTEM, mission_id=mission.id, state_iso3="BTN", kind=AccreditationKind.RESIDENT,
            from_on=date(2020, 1, 1),
        )  # fmt: skip
    with pytest.raises(RuleViolation) as refused:
        known(anew(officer))
    assert "state_iso3" in refused.value.errors
    known(anew(officer), state="BTN")


def test_a_record_keeps_name_and_title_as_they_were_on_the_day(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    key = known(officer)
    talk = logged(
        officer, person_name="Karma Dorji", person_title="Deputy Director", person_ministry="Ministry of Defence",
        person_level=Level.DESK, person_id=str(key),
    )  # fmt: skip
    with looking_as(officer), unit_of_work():
        service.correct_person(actor=officer, person_id=key, version=1, name="Karma Wangmo", title="Minister")
    met = person_of(talk)
    assert (met.name, met.title, met.ministry, met.level) == (
        "Karma Dorji", "Deputy Director", "Ministry of Defence", "desk",
    )  # fmt: skip
    assert met.interlocutor_id == key
    assert [one.activity_id for one in of(officer, key).meetings] == [talk]


def test_a_name_that_is_known_is_linked_without_being_chosen(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    key = known(officer, "José Núñez")
    assert person_of(logged(officer, person_name="Jose Nunez")).interlocutor_id == key
    assert person_of(logged(officer, "BTN", person_name="Jose Nunez")).interlocutor_id is None
    known(officer, "JOSE NUNEZ", somebody_else=True)
    assert person_of(logged(officer, person_name="Jose Nunez")).interlocutor_id is None


def test_another_name_typed_over_a_choice_is_somebody_else(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    key = known(officer)
    assert person_of(logged(officer, person_name="Pema Lhamo", person_id=str(key))).interlocutor_id is None


def test_somebody_chosen_must_be_known_of_the_state(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    hidden = known(other, handling=Handling.ORIGINATOR)
    for key in (str(hidden), str(uuid4()), "nonsense", str(known(officer, "A Bhutanese", "BTN"))):
        with pytest.raises(RuleViolation) as refused:
            logged(officer, person_name="Karma Dorji", person_id=key)
        assert "person_name" in refused.value.errors


def test_nobody_is_found_by_writing_about_a_state_that_is_closed(app: Flask, person: People) -> None:
    """What they write is kept by the software, which knows people whom they may not see."""
    keeper, officer = person("coordinator").viewer, person("officer").viewer
    hidden = known(keeper, "Karma Dorji", handling=Handling.ORIGINATOR)
    with looking_as(keeper), unit_of_work():
        restricted.restrict(actor=keeper, state_iso3="LAO")
    officer, said = anew(officer), set()
    assert "LAO" in officer.closed
    for key in (hidden, uuid4()):
        with pytest.raises(RuleViolation) as refused:
            logged(officer, person_name="Karma Dorji", person_id=str(key))
        said.add(str(refused.value.errors))
    assert len(said) == 1 and "not among those known" in said.pop()
    assert person_of(logged(officer, person_name="Karma Dorji")).interlocutor_id is None


@pytest.mark.parametrize("attribution", list(Attribution))
def test_who_is_kept_from_a_record_is_told_no_further_than_its_source(
    app: Flask, person: People, attribution: Attribution
) -> None:
    """What others may not learn of a source must not be learnt from the list of people."""
    officer, other = person("officer").viewer, person("other_officer").viewer
    talk = logged(officer, keep_person=True, handling=Handling.STATES, attribution=attribution)
    key = person_of(talk).interlocutor_id
    assert key and sees(officer, Interlocutor, key)
    assert sees(other, Interlocutor, key) == (attribution is Attribution.FULL)
    with looking_as(other):
        db.session.rollback()
        names = [one.name for one in queries.people_of_state("LAO", 50)]
        assert bool(names) == (attribution is Attribution.FULL)


def test_who_was_kept_narrows_with_the_record_and_widens_no_further(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    talk = logged(officer, keep_person=True, handling=Handling.STATES, attribution=Attribution.FULL)
    key = person_of(talk).interlocutor_id
    assert key
    claim = stated(officer, key, Stance.TARGET, handling=Handling.STATES, source=str(talk))
    assert sees(other, Interlocutor, key) and sees(other, StanceClaim, claim)
    with looking_as(officer), unit_of_work():
        sharing.change_handling(actor=officer, kind="activity", record_id=talk, handling=Handling.COORDINATION)
    assert not sees(other, Interlocutor, key) and not sees(other, StanceClaim, claim)
    with looking_as(officer):
        version = queries.get_person(key).version
    with pytest.raises(RuleViolation) as refused, looking_as(officer), unit_of_work():
        service.correct_person(
            actor=officer, person_id=key, version=version, name="Karma Example", handling=Handling.STATES
        )
    assert "handling" in refused.value.errors


def test_other_parties_do_not_learn_whom_a_hidden_record_was_with(app: Flask, person: People) -> None:
    """A person may be known to all while a talk with them is not told: it stands in no list of theirs."""
    officer, other = person("officer").viewer, person("other_officer").viewer
    key = known(officer, handling=Handling.STATES)
    logged(officer, person_name="Karma Dorji", handling=Handling.STATES, attribution=Attribution.STATE_NOT_PERSON)
    assert of(officer, key).meetings and not of(other, key).meetings
    with looking_as(other):
        db.session.rollback()
        assert queries.person_lines([key])[0].last_met is None
    with looking_as(officer):
        db.session.rollback()
        assert queries.person_lines([key])[0].last_met == date(2026, 11, 1)


def test_what_is_thought_is_never_overwritten_and_stays_with_its_party(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    key = known(officer, handling=Handling.STATES)
    stated(officer, key, Stance.BLOCKER, date(2025, 5, 1), why="Spoke against it.")
    stated(officer, key, Stance.FRIEND, date(2026, 5, 1))
    stated(other, key, Stance.TARGET, date(2026, 6, 1), handling=Handling.STATES)
    mine, theirs = of(officer, key), of(other, key)
    assert [one.stance for one in mine.stances] == [Stance.TARGET, Stance.FRIEND, Stance.BLOCKER]
    assert mine.stance and mine.stance.stance is Stance.FRIEND, "one's own party's assessment goes first"
    assert [one.stance for one in theirs.stances] == [Stance.TARGET]
    with pytest.raises(RuleViolation):
        stated(officer, key, Stance.FRIEND, date(2030, 1, 1))


def test_an_assessment_travels_no_further_than_the_person(app: Flask, person: People) -> None:
    officer, presidency = person("officer").viewer, person("presidency").viewer
    key = known(officer, handling=Handling.COORDINATION)
    claim = stated(officer, key, Stance.FRIEND, handling=Handling.PUBLIC)
    assert sees(presidency, StanceClaim, claim) and not sees(person("observer").viewer, StanceClaim, claim)
    with looking_as(officer), unit_of_work():
        service.correct_person(
            actor=officer, person_id=key, version=1, name="Karma Dorji", handling=Handling.ORIGINATOR
        )
    assert not sees(presidency, StanceClaim, claim)


def test_a_post_has_holders_over_time_and_is_vacant_between(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    first, second, third = (known(officer, name) for name in ("Karma Dorji", "Pema Lhamo", "Tashi Norbu"))
    term = filled(officer, first)
    filled(officer, third, from_on=date(2025, 1, 1), acting=True)
    filled(officer, second, " director,  TREATIES ", from_on=date(2026, 1, 1))
    post_id = term.post_id
    with looking_as(officer):
        db.session.rollback()
        terms = queries.terms_in([post_id])
    assert [(one.name, one.until_on, one.acting) for one in terms] == [
        ("Pema Lhamo", None, False),
        ("Tashi Norbu", None, True),
        ("Karma Dorji", date(2026, 1, 1), False),
    ]
    with looking_as(officer), unit_of_work():
        posting.leave_post(actor=officer, post_id=post_id, term=str(terms[0].id), until_on=date(2026, 6, 1))
        posting.leave_post(actor=officer, post_id=post_id, term=str(terms[1].id), until_on=date(2026, 6, 1))
    with looking_as(officer):
        db.session.rollback()
        assert holder_among(queries.terms_in([post_id]), date(2026, 11, 1)) is None
    with pytest.raises(RuleViolation), looking_as(officer), unit_of_work():
        posting.leave_post(actor=officer, post_id=post_id, term=str(terms[0].id), until_on=date(2026, 7, 1))


def test_two_hold_no_post_at_once(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    filled(officer, known(officer), until_on=date(2026, 1, 1))
    with pytest.raises(RuleViolation) as refused:
        filled(officer, known(officer, "Pema Lhamo"), from_on=date(2025, 1, 1))
    assert "from_on" in refused.value.errors


def test_a_post_is_seen_with_those_in_it_who_are_seen(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    open_one = known(officer, handling=Handling.STATES)
    term = filled(officer, open_one)
    closed = filled(officer, known(officer, "Pema Lhamo", handling=Handling.ORIGINATOR), from_on=date(2025, 1, 1))
    assert closed.post_id == term.post_id
    assert sees(other, Post, term.post_id) and sees(other, PostTerm, term.id) and not sees(other, PostTerm, closed.id)


def test_a_like_name_is_asked_about(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    known(officer)
    with pytest.raises(RuleViolation) as refused:
        known(officer, "Dorjee, Karma")
    assert "name" in refused.value.errors
    known(officer, "Dorjee, Karma", somebody_else=True)


def test_only_its_party_changes_a_record(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    key = known(officer, handling=Handling.STATES)
    with pytest.raises(NotAllowed), looking_as(other), unit_of_work():
        service.correct_person(actor=other, person_id=key, version=1, name="X")
    with pytest.raises(NotAllowed):
        filled(other, key)
    with pytest.raises(NotAllowed):
        known(person("observer").viewer)
    with pytest.raises(Stale), looking_as(officer), unit_of_work():
        service.correct_person(actor=officer, person_id=key, version=7, name="X")


def test_the_list_finds_by_name_state_and_post_in_a_constant_number_of_statements(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    first = known(officer, "José Núñez")
    filled(officer, first, "Director, Treaties")
    for number in range(12):
        known(officer, f"Somebody Else {number}", "BTN", title="Desk", somebody_else=True)
    merged(officer, first, known(officer, "Pepe Nuñez", somebody_else=True))

    def found(**asked: str) -> list[str]:
        with looking_as(officer):
            db.session.rollback()
            question = queries.people_asked(**asked)
            return [one.name for one in question.lines(db.session.execute(question.ordered()).all())]

    assert found(name="nunez jose") == found(name="pepe") == found(post="treaties") == ["José Núñez"]
    assert found(state_iso3="LAO") == ["José Núñez"] and len(found()) == 13
    with recorded() as few:
        found(state_iso3="LAO")
    with recorded() as many:
        found()
    assert len(many) == len(few)
