"""A follow-up whose owner left: it says so, nobody is written to, and somebody can take it on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.accounts.models import Role
from crm.accounts.policy import PERMISSIONS
from crm.core.access import Handling, Viewer, looking_as
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.followups import queries, service
from crm.followups.rules import may_change
from tests.followups.opening import (
    change,
    close_account,
    colleague_of,
    forget_viewer,
    mails_of,
    opened,
    plan,
    read,
)
from tests.mail.posting import drain
from tests.mail.relays import Relay
from tests.support.pages import check_page, token_of
from tests.support.people import Person

People = Callable[[str], Person]
Browser = Callable[[str], FlaskClient]
Later = Callable[[float], None]
TODAY = date(2026, 11, 23)
TOMORROW = TODAY + timedelta(days=1)
NOBODY = "Nobody was reminded: the account of the owner is closed."


def _left(person: People, **given: Any) -> UUID:
    """A follow-up of the mission officer, whose account is closed since."""
    officer = person("officer").viewer
    close_account(officer, closed=False)
    followup_id = opened(officer, **given)
    close_account(officer)
    return followup_id


@pytest.mark.parametrize(
    ("role", "own", "closed", "allowed"),
    [
        (Role.COORDINATOR, "", False, False),
        (Role.COORDINATOR, "", True, True),
        (Role.COORDINATOR, "party", False, True),
        (Role.COORDINATOR, "owner", False, True),
        (Role.PRESIDENCY_OFFICE, "", True, False),
        (Role.SECRETARIAT, "", True, False),
        (Role.MISSION_OFFICER, "", True, False),
        (Role.MISSION_OFFICER, "party", True, True),
        (Role.OBSERVER, "party", True, False),
        (Role.ADMINISTRATOR, "", True, False),
    ],
)
def test_the_rule(role: Role, own: str, closed: bool, allowed: bool) -> None:
    viewer = Viewer(user_id=uuid4(), party_id=uuid4(), permissions=PERMISSIONS[role])
    originator = viewer.party_id if own == "party" else uuid4()
    owner = viewer.user_id if own == "owner" else uuid4()
    assert may_change(viewer, originator, owner, owner_closed=closed) is allowed


def test_a_coordinator_may_act_only_once_the_account_is_closed(app: Flask, person: People) -> None:
    coordinator, presidency = person("coordinator").viewer, person("presidency").viewer
    officer = person("officer").viewer
    followup_id = opened(officer)
    with pytest.raises(NotAllowed):
        change(coordinator, service.move, followup_id, due_on=TOMORROW, note="Away", due_time=time(15))
    close_account(officer)
    change(coordinator, service.move, followup_id, due_on=TOMORROW, note="Away", due_time=time(15))
    change(coordinator, service.reassign, followup_id, owner_id=coordinator.user_id)
    change(coordinator, service.finish, followup_id)
    assert (read(followup_id).status, read(followup_id).owner_id) == ("done", coordinator.user_id)
    other = _left(person)
    for verb, given in ((service.finish, {}), (service.reassign, {"owner_id": presidency.user_id})):
        with pytest.raises(NotAllowed):
            change(presidency, verb, other, **given)
    change(coordinator, service.finish, other, done_note="They wrote.")
    assert read(other).done_note == "They wrote."


def test_what_a_coordinator_does_not_see_stays_closed_to_them(app: Flask, person: People) -> None:
    followup_id = _left(person, handling=Handling.ORIGINATOR)
    with pytest.raises(NotFound):
        change(person("coordinator").viewer, service.finish, followup_id)
    coordinator = person("coordinator").viewer
    with looking_as(coordinator):
        assert queries.left_alone(coordinator) == []


def test_the_next_step_falls_to_whoever_did_it(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    followup_id = _left(person)
    step = change(coordinator, service.finish, followup_id, next_what="Thank them", next_due_on=TOMORROW)
    assert read(step.id).owner_id == coordinator.user_id
    with pytest.raises(RuleViolation) as refused:
        change(
            coordinator, service.finish, _left(person), next_what="Thank them", next_due_on=TOMORROW,
            next_owner_id=person("officer").viewer.user_id,
        )  # fmt: skip
    assert list(refused.value.errors) == ["next_owner_id"]


def test_nobody_is_written_to_and_it_says_why(
    app: Flask, relay: Relay, person: People, signed_in: Browser, later: Later
) -> None:
    followup_id = _left(person, due_on=TODAY, due_time=time(11))
    later(3601)
    assert plan() == 1
    assert drain() == {}
    assert relay.taken == []
    assert mails_of(followup_id) == []
    follow_up = read(followup_id)
    assert (follow_up.remind_at, follow_up.remind_problem) == (None, NOBODY)
    browser = signed_in("coordinator")
    assert NOBODY in check_page(browser.get(f"/followups/{followup_id}"))
    forget_viewer()
    change(person("coordinator").viewer, service.reassign, followup_id, owner_id=person("coordinator").viewer.user_id)
    assert read(followup_id).remind_problem == ""
    assert plan() == 1
    assert drain() == {"sent": 1}
    assert [one.recipients for one in relay.taken] == [["coordinator@example.org"]]


def test_its_page_says_so_and_offers_to_take_it(app: Flask, person: People, signed_in: Browser) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    followup_id = opened(person("officer").viewer)
    coordinator = person("coordinator").viewer
    browser = signed_in("coordinator")
    page = check_page(browser.get(f"/followups/{followup_id}"))
    assert "gets an email, when and how they wish it" in page
    assert "Take it" not in page
    assert browser.get(f"/followups/{followup_id}/reassign").status_code == 403
    close_account(person("officer").viewer)
    page = check_page(browser.get(f"/followups/{followup_id}"))
    assert "Nobody is reminded of this" in page
    assert "gets an email" not in page
    assert "Embassy of Japan (account closed)" in page
    for verb in ("finish", "move", "reassign", "cancel"):
        check_page(browser.get(f"/followups/{followup_id}/{verb}"))
    data = {"csrf_token": token_of(page), "owner_id": str(coordinator.user_id), "version": "1"}
    assert browser.post(f"/followups/{followup_id}/reassign", data=data).status_code == 303
    page = check_page(browser.get(f"/followups/{followup_id}"))
    assert "Coordinator (you)" in page
    assert "Nobody is reminded" not in page
    assert "Take it" not in page


def test_a_reader_is_told_and_offered_nothing(app: Flask, person: People, signed_in: Browser) -> None:
    followup_id = _left(person)
    browser = signed_in("presidency")
    page = check_page(browser.get(f"/followups/{followup_id}"))
    assert "Nobody is reminded of this" in page
    assert "Take it" not in page
    assert browser.get(f"/followups/{followup_id}/reassign").status_code == 403
    assert "Nobody is reminded of these" not in check_page(browser.get("/followups"))
    assert "Account closed: nobody is reminded" in check_page(browser.get("/followups?owner=all"))


def test_lists_say_so_until_it_is_closed(app: Flask, person: People, signed_in: Browser) -> None:
    followup_id = _left(person, what="Send the kit")
    opened(person("coordinator").viewer, what="Call them")
    browser = signed_in("coordinator")
    page = check_page(browser.get("/followups"))
    alert = page[page.index("Nobody is reminded of these") :]
    assert "Send the kit" in alert[: alert.index("Call them")]
    page = check_page(browser.get("/followups?owner=all"))
    assert page.count("Account closed: nobody is reminded") == 1
    assert "Done: Send the kit" in page
    forget_viewer()
    change(person("coordinator").viewer, service.finish, followup_id)
    assert "Nobody is reminded of these" not in check_page(browser.get("/followups"))
    assert "Account closed" not in check_page(browser.get("/followups?owner=all&status=done"))


def test_colleagues_are_told_of_their_own_party_alone(app: Flask, person: People, signed_in: Browser) -> None:
    """The mission that opened it sees it left alone; another one that may read it is not asked to act."""
    officer = person("officer").viewer
    colleague = colleague_of(officer, "Kim Example")
    followup_id = _left(person, handling=Handling.STATES)
    other = person("other_officer").viewer
    for viewer, expected in ((colleague, [followup_id]), (other, [])):
        with looking_as(viewer):
            assert [one.id for one in queries.left_alone(viewer)] == expected
            (line,) = queries.page_of_follow_ups(viewer=viewer, mine=False).items
            assert line.owner_closed
            assert line.changeable_by(viewer) is bool(expected)


def test_the_json_door(app: Flask, person: People, signed_in: Browser) -> None:
    coordinator = person("coordinator").viewer
    followup_id = opened(person("officer").viewer)
    browser = signed_in("coordinator")
    address = f"/api/v1/followups/{followup_id}"
    headers = {"X-CSRFToken": token_of(browser.get("/account").text)}
    take = {"owner_id": str(coordinator.user_id), "version": 1}
    assert browser.get(address).get_json()["owner_closed"] is False
    assert browser.post(f"{address}/reassign", json=take, headers=headers).status_code == 403
    close_account(person("officer").viewer)
    assert browser.get(address).get_json()["owner_closed"] is True
    (line,) = browser.get("/api/v1/followups?owner=all").get_json()["items"]
    assert line["owner_closed"] is True
    moved = {"due_on": "2026-12-02", "note": "Elections", "version": 1}
    reading = signed_in("presidency")
    token = {"X-CSRFToken": token_of(reading.get("/account").text)}
    assert reading.post(f"{address}/move", json=moved, headers=token).status_code == 403
    assert browser.post(f"{address}/move", json=moved, headers=headers).status_code == 200
    taken = browser.post(f"{address}/reassign", json={**take, "version": 2}, headers=headers).get_json()
    assert (taken["owner"], taken["owner_closed"]) == ("Coordinator", False)
    assert browser.post(f"{address}/done", json={}, headers=headers).get_json()["status"] == "done"
