"""Due days on which nobody is there: said, moved in one click, and moved by themselves for whoever wishes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.models import User
from crm.accounts.viewers import viewer_of
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, RuleViolation
from crm.followups import days_off, service
from crm.followups.models import FollowUpChange
from crm.followups.reminding import wishes
from crm.followups.reminding.rules import Way
from crm.followups.working_days import move_to_working_day
from tests.followups.opening import change, colleague_of, opened, read
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.statements import recorded

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]

NATIONAL_DAY, DAY_AFTER = date(2026, 12, 2), date(2026, 12, 3)


def works_in(viewer: Viewer, zone: str) -> Viewer:
    with looking_as(SYSTEM), unit_of_work() as session:
        user = session.get_one(User, viewer.user_id)
        user.time_zone = zone
        session.flush()
        return viewer_of(user)


def wishing(viewer: Viewer) -> None:
    given = {"when_given": True, "before": (3,), "when_due": True, "overdue_every": 7, "escalated_after": 7}
    with looking_as(viewer), unit_of_work():
        usual = wishes.wishes_of(viewer)
        wishes.wish(actor=viewer, way=Way.DAILY, at=usual.at, weekday=0, to_working_days=True, **given)


def notes(followup_id: UUID) -> list[tuple[str, str]]:
    with looking_as(SYSTEM):
        wanted = select(FollowUpChange.kind, FollowUpChange.note).where(FollowUpChange.followup_id == followup_id)
        return [(kind, note) for kind, note in db.session.execute(wanted.order_by(FollowUpChange.at))]


def test_why_nobody_is_there_is_said(app: Flask, person: People) -> None:
    officer = works_in(person("officer").viewer, "Asia/Amman")
    off = days_off.about(read(opened(officer, due_on=NATIONAL_DAY)))
    assert off and off.because == "Wednesday: Lao National Day in Lao People's Democratic Republic"
    assert off.instead == DAY_AFTER
    friday = days_off.about(read(opened(officer, due_on=date(2026, 11, 27))))
    assert friday and friday.because == "Friday: weekend in Jordan"
    assert friday.instead == date(2026, 11, 30)  # the Sunday on which Jordan works is one on which Laos does not
    assert days_off.about(read(opened(officer, due_on=date(2026, 11, 26)))) is None


def test_one_click_moves_it_and_says_why(app: Flask, person: People, signed_in: Clients) -> None:
    officer, browser = person("officer").viewer, signed_in("officer")
    key = opened(officer, due_on=NATIONAL_DAY)
    page = check_page(browser.get(f"/followups/{key}"))
    assert "Lao National Day" in page and "3 December 2026" in page
    assert "Lao National Day" in check_page(browser.get(f"/followups/{key}/move"))
    assert browser.post(f"/followups/{key}/working-day", data={"csrf_token": token_of(page)}).status_code == 303
    page = check_page(browser.get(f"/followups/{key}"))
    assert read(key).due_on == DAY_AFTER and "Because of Wednesday: Lao National Day" in page
    header = {"X-CSRFToken": token_of(page)}
    again = browser.post(f"/api/v1/followups/{key}/working-day", json={}, headers=header)
    assert again.status_code == 422 and read(key).due_on == DAY_AFTER
    other = opened(officer, due_on=NATIONAL_DAY)
    moved = browser.post(f"/api/v1/followups/{other}/working-day", json={}, headers=header)
    assert moved.json["due_on"] == "2026-12-03"


def test_who_may_not_change_it_moves_nothing(app: Flask, person: People) -> None:
    key = opened(person("officer").viewer, due_on=NATIONAL_DAY, handling=Handling.STATES)
    with pytest.raises(NotAllowed):
        change(person("other_officer").viewer, move_to_working_day, key)
    done = opened(person("officer").viewer, due_on=NATIONAL_DAY)
    change(person("officer").viewer, service.finish, done)
    with pytest.raises(RuleViolation):
        change(person("officer").viewer, move_to_working_day, done)


def test_it_moves_by_itself_for_whoever_wishes_it(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    colleague = colleague_of(officer, "Near Colleague")
    wishing(colleague)
    mine, theirs = (
        opened(officer, due_on=NATIONAL_DAY),
        opened(officer, due_on=NATIONAL_DAY, owner_id=colleague.user_id),
    )
    assert read(mine).due_on == NATIONAL_DAY and notes(mine) == []
    assert read(theirs).due_on == DAY_AFTER
    ((kind, note),) = notes(theirs)
    assert kind == "moved" and note.startswith("Moved by itself, because of Wednesday: Lao National Day")
    change(officer, service.reassign, mine, owner_id=colleague.user_id)
    assert read(mine).due_on == DAY_AFTER
    change(colleague, service.move, mine, due_on=date(2026, 12, 6), note="They open on Sunday for us.")
    assert read(mine).due_on == date(2026, 12, 6)


def test_it_is_said_in_the_list_and_while_a_new_one_is_written(app: Flask, person: People, signed_in: Clients) -> None:
    officer, browser = works_in(person("officer").viewer, "Asia/Amman"), signed_in("officer")
    opened(officer, due_on=NATIONAL_DAY)
    said = "Wednesday: Lao National Day in Lao People&#39;s Democratic Republic"
    assert check_page(browser.get("/followups")).count(said) == 1
    part = browser.get("/followups/day-off?state_iso3=LAO&due_on=2026-12-02").get_data(as_text=True)
    assert said in part and "The next day on which all work is 3 December 2026." in part
    assert "Wednesday" not in browser.get("/followups/day-off?state_iso3=LAO&due_on=2026-12-03").get_data(as_text=True)
    day = "state_iso3=LAO&due_on=2026-12-02"
    for wrong in ("", "?state_iso3=XXX&due_on=2026-12-02", "?state_iso3=LAO&due_on=9999-12-31", f"?{day}&owner_id=x"):
        assert 'id="day-off"' in browser.get(f"/followups/day-off{wrong}").get_data(as_text=True)
    friday = browser.get("/api/v1/followups/day-off?state_iso3=LAO&due_on=2026-11-27").json["day_off"]
    assert friday["reasons"] == ["Friday: weekend in Jordan"]
    page = check_page(browser.get("/followups/new?state=LAO"))
    given = {"csrf_token": token_of(page), "state_iso3": "LAO", "due_on": NATIONAL_DAY.isoformat(), "what": ""}
    assert said in check_page(browser.post("/followups/new", data=given), 422), (
        "without a script after the first answer"
    )


def test_the_list_asks_nothing_more_for_it(app: Flask, person: People, signed_in: Clients) -> None:
    officer, browser = person("officer").viewer, signed_in("officer")
    asked = []
    for number in (1, 5):
        for _ in range(number):
            opened(officer, due_on=NATIONAL_DAY)
        browser.get("/followups")
        with recorded() as statements:
            page = check_page(browser.get("/followups"))
        asked.append(len(statements))
        assert "Lao National Day" in page
    assert asked[0] == asked[1]
