"""The digest, the buttons of a reminder and the wishes of its reader, on both databases and both doors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask

from crm.accounts.models import Role, UserRole
from crm.core.access import Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.followups import service
from crm.followups.reminding import wishes as verbs
from crm.followups.reminding.rules import Way
from tests.followups.buttons import buttons_of, plain, reminded
from tests.followups.opening import (
    as_system,
    change,
    colleague_of,
    due_in_an_hour,
    forget_viewer,
    mails_of,
    opened,
    plan,
    read,
)
from tests.mail.posting import drain
from tests.mail.relays import Relay
from tests.support.databases import settings_for
from tests.support.pages import token_of
from tests.support.people import Person

People = Callable[[str], Person]
Later = Callable[[float], None]
Browser = Callable[[str], Any]

TODAY = date(2026, 11, 23)
DAY = 86_400.0
USUAL: dict[str, Any] = {
    "when_given": True, "before": (3,), "when_due": True, "overdue_every": 7, "escalated_after": 7, "way": Way.DAILY,
    "at": time(8), "weekday": 0,
}  # fmt: skip


def wish(person: Person, **changes: Any) -> None:
    """Wishes said by that person, committed."""
    with looking_as(person.viewer), unit_of_work():
        verbs.wish(actor=person.viewer, **{**USUAL, **changes})


def say(app: Flask, settings: Any, relay: Relay, detail: str) -> None:
    """How much mails say of a follow-up from now on."""
    app.extensions["settings"] = settings_for(
        settings.database_url, settings.var_dir, smtp_url=relay.url, reminder_detail=detail
    )


def test_one_digest_in_the_morning_tells_all_that_is_due(
    app: Flask, relay: Relay, person: People, later: Later, settings: Any
) -> None:
    officer = person("officer").viewer
    say(app, settings, relay, "full")
    for number in range(3):
        opened(officer, what=f"Step {number}", due_on=TODAY + timedelta(days=1))
    opened(officer, what="Much later", due_on=TODAY + timedelta(days=20))
    plan()
    assert drain() == {}
    later(DAY)
    plan()
    assert drain() == {"sent": 1}
    (taken,) = relay.taken
    assert taken.message["Subject"] == "Demarche: 3 follow-ups: 3 due today"
    text = plain(taken)
    assert [f"Step {number}" in text for number in range(3)] == [True] * 3
    assert "Much later" not in text
    assert text.count("Lao") == 3
    plan()
    assert drain() == {}


def test_a_neutral_digest_says_how_many_and_nothing_else(
    app: Flask, relay: Relay, person: People, later: Later
) -> None:
    for number in range(2):
        opened(person("officer").viewer, what=f"Canary {number}", due_on=TODAY + timedelta(days=1))
    later(DAY)
    plan()
    drain()
    (taken,) = relay.taken
    whole = plain(taken) + str(taken.message.get_body(("html",)).get_content())
    assert "2 follow-ups: 2 due today" in whole
    assert "Canary" not in whole
    assert "Lao" not in whole
    assert whole.count("/followups/") == 0


def test_a_mail_may_say_what_without_the_state(
    app: Flask, relay: Relay, person: People, later: Later, settings: Any
) -> None:
    say(app, settings, relay, "no_state")
    due_in_an_hour(person("officer").viewer, what="Send the model law")
    later(3601)
    plan()
    drain()
    text = plain(relay.taken[0])
    assert "Send the model law" in text
    assert "Lao" not in text


def test_what_a_party_keeps_to_itself_stays_neutral_in_any_mail(
    app: Flask, relay: Relay, person: People, later: Later, settings: Any
) -> None:
    say(app, settings, relay, "full")
    due_in_an_hour(person("officer").viewer, what="Canary", handling=Handling.ORIGINATOR)
    later(3601)
    plan()
    drain()
    text = plain(relay.taken[0])
    assert "Canary" not in text
    assert "Lao" not in text


def test_what_was_done_before_the_digest_went_out_is_not_in_it(
    app: Flask, relay: Relay, person: People, later: Later, settings: Any
) -> None:
    officer = person("officer").viewer
    say(app, settings, relay, "full")
    first, _second = (opened(officer, what=f"Step {number}", due_on=TODAY + timedelta(days=1)) for number in range(2))
    later(DAY)
    plan()
    change(officer, service.finish, first)
    drain()
    (taken,) = relay.taken
    assert taken.message["Subject"] == "Demarche: a follow-up is due (24 November 2026)"
    assert "Step 0" not in plain(taken)


def test_a_digest_of_which_nothing_is_left_is_not_sent(app: Flask, relay: Relay, person: People, later: Later) -> None:
    officer = person("officer").viewer
    ids = [opened(officer, due_on=TODAY + timedelta(days=1)) for _ in range(2)]
    later(DAY)
    plan()
    for one in ids:
        change(officer, service.finish, one)
    assert drain() == {}
    assert {mail.state for one in ids for mail in mails_of(one)} == {"withdrawn"}


def test_wishes_are_kept_by_the_next_reminder(app: Flask, relay: Relay, person: People, later: Later) -> None:
    officer = person("officer")
    opened(officer.viewer, due_on=TODAY + timedelta(days=3))
    wish(officer, way=Way.AT_ONCE, before=(2, 1))
    subjects = []
    for days in range(5):
        later(days * DAY)
        plan()
        drain()
        subjects.append(len(relay.taken))
    assert subjects == [0, 1, 2, 3, 3]


def test_who_is_given_something_by_another_hears_of_it(app: Flask, relay: Relay, person: People, later: Later) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    opened(officer, owner_id=coordinator.user_id, due_on=TODAY + timedelta(days=30))
    later(DAY)
    plan()
    drain()
    (taken,) = relay.taken
    assert taken.recipients == ["coordinator@example.org"]
    assert taken.message["Subject"] == "Demarche: a follow-up was given to you (23 December 2026)"


def test_a_coordinator_hears_of_what_is_long_overdue_and_of_nothing_closed_to_them(
    app: Flask, relay: Relay, person: People, later: Later
) -> None:
    """Those of another party hear nothing, even of what they might open."""
    officer, _elsewhere = person("officer"), person("coordinator")
    near = colleague_of(officer.viewer, "Near Coordinator")
    as_system(lambda: db.session.add(UserRole(user_id=near.user_id, name=Role.COORDINATOR.value)))
    wish(officer, when_due=False, before=(), overdue_every=0)
    shared = opened(officer.viewer, due_on=TODAY)
    kept = opened(officer.viewer, due_on=TODAY, handling=Handling.ORIGINATOR)
    for days in range(10):
        later(days * DAY)
        plan()
        drain()
    assert [one.recipients for one in relay.taken] == [["near@example.org"]]
    assert len(mails_of(shared)) == len(mails_of(kept)) == 1


def test_words_of_another_party_kept_to_few_are_in_no_mail_and_behind_no_button(
    app: Flask, relay: Relay, person: People, later: Later, settings: Any
) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator")
    say(app, settings, relay, "full")
    wish(coordinator, way=Way.AT_ONCE)
    for handling in (Handling.COORDINATION, Handling.STATES):
        opened(officer, what=f"Canary {handling.value}", owner_id=coordinator.viewer.user_id, due_on=TODAY,
               due_time=time(11), handling=handling)  # fmt: skip
    later(3601)
    plan()
    drain()
    told = "".join(plain(one) for one in relay.taken)
    assert "Canary states" in told and "Canary coordination" not in told
    forget_viewer()
    behind = "".join(
        app.test_client().get(place).get_data(as_text=True)
        for place in {one for taken in relay.taken for one in buttons_of(taken).values()}
    )
    assert "Canary states" in behind and "Canary coordination" not in behind


def test_the_button_done_asks_once_and_does_it_without_signing_in(
    app: Flask, relay: Relay, person: People, later: Later
) -> None:
    followup_id, links = reminded(relay, person, later)
    browser = app.test_client()
    page = browser.get(links["Done"])
    assert page.status_code == 200
    assert "Canary" not in page.text
    assert read(followup_id).status == "open"
    assert browser.post(links["Done"], data={"csrf_token": token_of(page.text)}).status_code == 303
    assert read(followup_id).status == "done"
    assert "It is done." in browser.get(links["Done"]).text


def test_the_button_later_lets_them_sleep(app: Flask, relay: Relay, person: People, later: Later) -> None:
    followup_id, links = reminded(relay, person, later)
    browser = app.test_client()
    token = token_of(browser.get(links["Later"]).text)
    assert browser.post(links["Later"], data={"csrf_token": token, "until": "2026-11-23"}).status_code == 422
    assert browser.post(links["Later"], data={"csrf_token": token, "until": "2026-11-25"}).status_code == 303
    assert read(followup_id).due_on == TODAY
    later(DAY)
    plan()
    assert drain() == {}
    later(2 * DAY + 3601)
    plan()
    assert drain() == {"sent": 1}
    assert relay.taken[-1].message["Subject"] == "Demarche: you asked to be reminded (23 November 2026)"


def test_wishes_by_both_doors(app: Flask, person: People, signed_in: Browser) -> None:
    browser = signed_in("officer")
    page = browser.get("/account/reminders").text
    assert 'value="3"' in page
    typed = {
        "csrf_token": token_of(page), "when_given": "y", "before": "14, 2", "overdue_every": "0",
        "escalated_after": "7", "way": "weekly", "at": "07:15", "weekday": "4",
    }  # fmt: skip
    assert browser.post("/account/reminders", data=typed).status_code == 303
    said = browser.get("/api/v1/reminder-wishes").get_json()
    assert (said["before"], said["when_due"], said["way"], said["at"], said["weekday"]) == (
        ["14", "2"], False, "weekly", "07:15", "4",
    )  # fmt: skip
    headers = {"X-CSRFToken": token_of(page)}
    answer = browser.post("/api/v1/reminder-wishes", json={**said, "before": ["5"], "way": "at_once"}, headers=headers)
    assert answer.status_code == 200
    assert answer.get_json()["before"] == ["5"]
    stale = browser.post("/api/v1/reminder-wishes", json=said, headers=headers)
    assert stale.status_code == 409


@pytest.mark.parametrize(
    ("field", "typed"),
    [("before", "0"), ("before", "1,2,3,4,5,6"), ("before", "soon"), ("before", "9" * 400), ("at", ""), ("at", "25:00"),
     ("overdue_every", "-1"), ("overdue_every", "91"), ("weekday", "7"), ("way", "never")],
)  # fmt: skip
def test_wishes_that_make_no_sense_are_refused_beside_their_field(
    app: Flask, person: People, signed_in: Browser, field: str, typed: str
) -> None:
    browser = signed_in("officer")
    token = token_of(browser.get("/account/reminders").text)
    good = {
        "csrf_token": token,
        "before": "3",
        "overdue_every": "7",
        "escalated_after": "7",
        "way": "daily",
        "at": "08:00",
        "weekday": "0",
    }
    answer = browser.post("/account/reminders", data={**good, field: typed})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
