"""What follow-ups add to a State's timeline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from flask import Flask

from crm.core.access import looking_as
from crm.core.db import db
from crm.followups import service
from crm.followups.timeline import entries
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
