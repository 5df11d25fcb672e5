"""The pages: what they show, to whom, with how many questions to the database."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.core.access import Handling
from crm.followups import service
from tests.followups.opening import change, forget_viewer, opened, plan, read
from tests.mail.posting import drain
from tests.mail.relays import Relay
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.statements import recorded

People = Callable[[str], Person]
Browser = Callable[[str], FlaskClient]
Later = Callable[[float], None]
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def with_tokens(app: Flask) -> None:
    """The pages as they are in earnest."""
    app.config["WTF_CSRF_ENABLED"] = True


def test_the_list_is_mine_and_by_urgency(app: Flask, person: People, signed_in: Browser, later: Later) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    opened(officer, what="Long ago", due_on=TODAY)
    later(2 * 86_400)
    for what, days in (("Today", 2), ("Soon", 4), ("Some time", 40)):
        opened(officer, what=f"{what} <b>", due_on=TODAY + timedelta(days=days))
    opened(coordinator, what="Canary of the coordinator")
    page = check_page(signed_in("officer").get("/followups"))
    order = [page.index(words) for words in ("Overdue</th>", "Long ago", "Today</th>", "Soon &lt;b&gt;", "Later</th>")]
    assert order == sorted(order)
    assert "Overdue 2 days" in page
    assert "Due today" in page
    assert "Canary" not in page


def test_everybodys_only_as_far_as_it_is_meant_for_me(app: Flask, person: People, signed_in: Browser) -> None:
    opened(person("presidency").viewer, what="Shared", handling=Handling.STATES)
    opened(person("presidency").viewer, what="Canary", handling=Handling.COORDINATION)
    browser = signed_in("officer")
    assert "You owe nothing" in check_page(browser.get("/followups"))
    page = check_page(browser.get("/followups?owner=all"))
    assert "Shared" in page
    assert "Canary" not in page
    assert "Done: Shared" not in page, "another party's follow-up has no button"


def test_filters_stand_in_the_address(app: Flask, person: People, signed_in: Browser) -> None:
    officer = person("officer").viewer
    opened(officer, what="About Laos", state_iso3="LAO")
    done = opened(officer, what="About Chad", state_iso3="TCD")
    change(officer, service.finish, done)
    browser = signed_in("officer")
    assert "About Chad" not in check_page(browser.get("/followups"))
    assert "About Chad" in check_page(browser.get("/followups?status=done"))
    both = check_page(browser.get("/followups?status=all"))
    assert "About Chad" in both
    assert "About Laos" in both
    assert "No follow-up fits" in check_page(browser.get("/followups?state=JPN"))
    check_page(browser.get("/followups?state=nonsense&status=&owner=everyone"))
    assert browser.get("/followups?after=nonsense").status_code == 404


def test_done_in_one_click_and_back(app: Flask, person: People, signed_in: Browser) -> None:
    followup_id = opened(person("officer").viewer)
    browser = signed_in("officer")
    token = token_of(check_page(browser.get("/followups?state=LAO")))
    address = f"/followups/{followup_id}/done"
    data = {"csrf_token": token, "version": "1", "back": "/followups?state=LAO"}
    assert browser.post(address, data={"version": "1"}).status_code == 422
    done = browser.post(address, data=data)
    assert (done.status_code, done.location) == (303, "/followups?state=LAO")
    page = check_page(browser.get("/followups"))
    assert f'action="/followups/{followup_id}/reopen"' in page
    forget_viewer()
    assert read(followup_id).status == "done"
    browser.post(f"/followups/{followup_id}/reopen", data={"csrf_token": token})
    forget_viewer()
    assert read(followup_id).status == "open"
    assert browser.post(address, data=data).status_code == 409
    elsewhere = browser.post(address, data={**data, "version": "3", "back": "https://evil.example"})
    assert elsewhere.location == "/"


def test_its_own_page(app: Flask, relay: Relay, person: People, signed_in: Browser, later: Later) -> None:
    followup_id = opened(person("officer").viewer, due_on=TODAY, due_time=time(11), what="Ask <i>again</i>")
    browser = signed_in("officer")
    page = check_page(browser.get(f"/followups/{followup_id}"))
    assert "Ask &lt;i&gt;again&lt;/i&gt;" in page
    assert "None yet. You get an email" in page
    relay.rcpt = ["550 5.1.1 <No> mailbox"]
    later(3601)
    forget_viewer()
    plan()
    drain()
    page = check_page(browser.get(f"/followups/{followup_id}"))
    assert "Not sent: refused" in page
    assert "550 5.1.1 &lt;No&gt; mailbox" in page
    assert "You could not be reminded" in check_page(browser.get("/followups"))


def test_its_page_says_until_when_its_owner_sleeps(app: Flask, person: People, signed_in: Browser) -> None:
    officer = person("officer").viewer
    follow_up = opened(officer)
    change(officer, service.remind_later, follow_up, until=TODAY + timedelta(days=7))
    assert "asked to be reminded later: 30 November 2026" in check_page(
        signed_in("officer").get(f"/followups/{follow_up}")
    )


def test_late_mail_is_said_so(app: Flask, relay: Relay, person: People, signed_in: Browser, later: Later) -> None:
    followup_id = opened(person("officer").viewer, due_on=TODAY, due_time=time(11))
    relay.stop()
    later(3601)
    plan()
    drain()
    later(3601 + 300)
    browser = signed_in("officer")
    for address in ("/followups", f"/followups/{followup_id}"):
        page = check_page(browser.get(address))
        assert "Reminders are late" in page
        assert "the mail server does not take it. Nothing is lost" in page


FORMS = {
    "finish": {
        "done_note": "Fine",
        "next_what": "Ask again",
        "next_due_on": "2026-12-01",
        "next_owner_id": "",
    },
    "move": {"due_on": "2026-12-02", "due_time": "14:30", "note": "Elections"},
    "cancel": {"note": "Overtaken"},
}


@pytest.mark.parametrize("verb", FORMS)
def test_a_change_through_its_page(app: Flask, person: People, signed_in: Browser, verb: str) -> None:
    followup_id = opened(person("officer").viewer)
    browser = signed_in("officer")
    page = check_page(browser.get(f"/followups/{followup_id}/{verb}"))
    data = {"csrf_token": token_of(page), "version": "1", **FORMS[verb]}
    answer = browser.post(f"/followups/{followup_id}/{verb}", data=data)
    assert answer.status_code == 303, answer.text
    check_page(browser.get(answer.location))
    page = check_page(browser.get(f"/followups/{followup_id}"))
    for words in [one for key, one in FORMS[verb].items() if key in ("note", "done_note", "next_what")]:
        assert words in page


@pytest.mark.parametrize("verb", FORMS)
def test_a_change_that_somebody_outran_shows_both(app: Flask, person: People, signed_in: Browser, verb: str) -> None:
    officer = person("officer").viewer
    followup_id = opened(officer)
    browser = signed_in("officer")
    address = f"/followups/{followup_id}/{verb}"
    data = {"csrf_token": token_of(check_page(browser.get(address))), "version": "1", **FORMS[verb]}
    change(officer, service.move, followup_id, due_on=TODAY + timedelta(days=9), note="Their elections", version=1)
    page = check_page(browser.post(address, data=data), 409)
    assert "Somebody else changed this follow-up" in page and "Moved by Officer: Their elections" in page
    for typed in [one for key, one in FORMS[verb].items() if key in ("note", "done_note", "next_what")]:
        assert typed in page
    forget_viewer()
    assert read(followup_id).version == 2
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version and browser.post(address, data={**data, "version": version[1]}).status_code == 303


def test_giving_it_to_somebody_else(app: Flask, person: People, signed_in: Browser) -> None:
    coordinator = person("coordinator").viewer
    followup_id = opened(person("officer").viewer)
    browser = signed_in("officer")
    page = check_page(browser.get(f"/followups/{followup_id}/reassign"))
    assert str(coordinator.user_id) in page
    token = token_of(page)
    empty = browser.post(f"/followups/{followup_id}/reassign", data={"csrf_token": token, "owner_id": ""})
    assert "Choose who." in check_page(empty, 422)
    data = {"csrf_token": token, "owner_id": str(coordinator.user_id), "version": "1", "note": ""}
    assert browser.post(f"/followups/{followup_id}/reassign", data=data).status_code == 303
    assert "Officer → Coordinator" in check_page(browser.get(f"/followups/{followup_id}"))


def test_what_was_typed_wrongly_is_shown_again(app: Flask, person: People, signed_in: Browser) -> None:
    followup_id = opened(person("officer").viewer)
    browser = signed_in("officer")
    token = token_of(check_page(browser.get(f"/followups/{followup_id}/move")))
    data = {
        "csrf_token": token,
        "due_on": "2026-11-01",
        "due_time": "25:00",
        "note": "Kept words",
        "version": "1",
    }
    page = check_page(browser.post(f"/followups/{followup_id}/move", data=data), 422)
    assert "Kept words" in page
    assert "Give the time as hours and minutes" in page
    data["due_time"] = "09:00"
    page = check_page(browser.post(f"/followups/{followup_id}/move", data=data), 422)
    assert "This day has passed." in page


def test_opening_one_by_hand(app: Flask, person: People, signed_in: Browser) -> None:
    person("officer")
    browser = signed_in("officer")
    page = check_page(browser.get("/followups/new?state=lao"))
    assert '<option selected value="LAO">' in page
    token = token_of(page)
    assert "Say what is to be done." in check_page(browser.post("/followups/new", data={"csrf_token": token}), 422)
    data = {
        "csrf_token": token, "what": "Call the desk", "state_iso3": "LAO", "due_on": "2026-11-30",
        "due_time": "16:15", "owner_id": "", "handling": "originator",
    }  # fmt: skip
    answer = browser.post("/followups/new", data=data)
    assert answer.status_code == 303, answer.text
    page = check_page(browser.get(answer.location))
    assert "Call the desk" in page
    assert "30 November 2026, 16:15" in page
    assert "My own party alone" in page


def test_denied_and_absent_look_the_same(app: Flask, person: People, signed_in: Browser) -> None:
    followup_id = opened(person("officer").viewer)
    browser = signed_in("other_officer")
    for verb in ("", "/finish", "/move", "/cancel", "/reassign"):
        denied = browser.get(f"/followups/{followup_id}{verb}")
        absent = browser.get(f"/followups/00000000-0000-4000-8000-000000000000{verb}")
        assert denied.status_code == absent.status_code == 404
    reading = signed_in("presidency")
    page = check_page(reading.get(f"/followups/{followup_id}"))
    assert f"/followups/{followup_id}/done" not in page
    assert reading.get(f"/followups/{followup_id}/move").status_code == 403


def test_the_number_of_statements_does_not_grow(app: Flask, person: People, signed_in: Browser) -> None:
    officer = person("officer").viewer
    browser = signed_in("officer")
    check_page(browser.get("/followups"))
    counts: dict[str, list[int]] = {}
    for rows in (1, 30):
        forget_viewer()
        for number in range(rows):
            one = opened(officer, what=f"Step {number}")
        for address in ("/followups?owner=all", f"/followups/{one}"):
            with recorded() as seen:
                check_page(browser.get(address))
            counts.setdefault(address.split("/")[-1][:3], []).append(len(seen))
        change(officer, service.move, one, due_on=TODAY + timedelta(days=9), note="Later")
    assert counts["fol"][0] == counts["fol"][1]
    assert all(number <= 16 for numbers in counts.values() for number in numbers), counts
