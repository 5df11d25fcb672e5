"""What follow-ups add to a State's timeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from crm.core.access import looking_as
from crm.core.db import db
from crm.followups import service
from crm.followups.listing import COLUMNS
from crm.followups.queries import follow_up_lines
from crm.followups.timeline import entries
from crm.states import timeline
from crm.states.timeline import Wanted
from tests.followups.opening import change, opened
from tests.support.people import Person
from tests.support.statements import recorded

People = Callable[[str], Person]
TODAY = date(2026, 11, 23)


def _seen(app: Flask, person: Person, before: date | None = None, state: str = "LAO") -> list[tuple[str, str, date]]:
    db.session.remove()
    with app.test_request_context(), looking_as(person.viewer):
        return [(one.tone, one.title, one.date) for one in entries(state, person.viewer, Wanted(before=before))]


def test_open_ones_ahead_and_done_ones_behind(app: Flask, person: People, later: Callable[[float], None]) -> None:
    officer = person("officer")
    opened(officer.viewer, what="Was due", due_on=TODAY)
    done = opened(officer.viewer, what="Was done", due_on=TODAY)
    later(86_400)
    opened(officer.viewer, what="Comes", due_on=TODAY + timedelta(days=9))
    change(officer.viewer, service.finish, done, done_note="Fine")
    gone = opened(officer.viewer, what="Cancelled", due_on=TODAY + timedelta(days=9))
    change(officer.viewer, service.cancel, gone)
    opened(officer.viewer, what="Elsewhere", state_iso3="TCD", due_on=TODAY + timedelta(days=9))
    assert _seen(app, officer) == [
        ("overdue", "Follow-up: Was due", TODAY),
        ("upcoming", "Follow-up: Comes", TODAY + timedelta(days=9)),
        ("past", "Done: Was done", TODAY + timedelta(days=1)),
    ]
    assert _seen(app, officer, before=TODAY + timedelta(days=2)) == [
        ("past", "Done: Was done", TODAY + timedelta(days=1))
    ]
    assert _seen(app, officer, before=TODAY + timedelta(days=1)) == []


def test_only_what_the_reader_may_see(app: Flask, person: People) -> None:
    opened(person("officer").viewer)
    assert len(_seen(app, person("presidency"))) == 1
    for who in ("other_officer", "observer", "administrator"):
        assert _seen(app, person(who)) == []


def test_two_statements_whatever_the_number(app: Flask, person: People) -> None:
    officer = person("officer")
    for number in range(20):
        opened(officer.viewer, what=f"Step {number}")
    with recorded() as seen:
        assert len(_seen(app, officer)) == 20
    assert len([one for one in seen if one.asks]) == 2


def test_what_has_passed_does_not_hide_what_comes(
    app: Flask, person: People, later: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "MOST_AHEAD", 2)
    officer = person("officer")
    for number in range(4):
        opened(officer.viewer, what=f"Late {number}", due_on=TODAY + timedelta(days=number))
    later(5 * 86_400)
    for number in range(4):
        opened(officer.viewer, what=f"Comes {number}", due_on=TODAY + timedelta(days=10 + number))
    found = [title.removeprefix("Follow-up: ") for _tone, title, _date in _seen(app, officer)]
    assert found == ["Late 1", "Late 2", "Late 3", "Comes 0", "Comes 1", "Comes 2"], "one more of each is told"


def test_done_days_are_those_of_whoever_reads(
    app: Flask, person: People, steady_clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = person("officer")
    done = [opened(officer.viewer, what=f"Step {number}", due_on=TODAY + timedelta(days=9)) for number in range(2)]
    for key, at in zip(done, ("2026-11-24T10:30+00:00", "2026-11-24T11:30+00:00"), strict=True):
        steady_clock.move_to(datetime.fromisoformat(at), tick=False)
        change(officer.viewer, service.finish, key)
    for zone, days in (("Pacific/Auckland", [25, 24]), ("America/New_York", [24, 24])):
        reader = replace(officer, viewer=replace(officer.viewer, time_zone=zone))
        assert [one.day for _tone, _title, one in _seen(app, reader)] == days, zone
        for day, number in ((24, days.count(24)), (25, days.count(25))):
            on = date(2026, 11, day)
            with app.test_request_context(), looking_as(reader.viewer):
                assert len(entries("LAO", reader.viewer, Wanted(since=on, until=on))) == number, (zone, day)
        with app.test_request_context(), looking_as(reader.viewer):
            lines = {line.what: line for line in follow_up_lines(done, reader.viewer)}
            closed = next(one for one in COLUMNS if one.key == "closed")
            assert [closed.value(lines[f"Step {number}"]).day for number in (1, 0)] == days
