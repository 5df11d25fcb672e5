"""Mail stands still while somebody says so, and what they then decide about it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts import mail_alerts
from crm.audit.models import AuditContent, AuditEntry
from crm.core import clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, RuleViolation
from crm.health import queries as health
from crm.mail import deciding, pausing, service
from crm.mail.rules import Answer, Outcome
from tests.mail.posting import drain, post, row
from tests.mail.relays import Relay
from tests.support.pages import check_page, token_of
from tests.support.people import Person

Browser = Callable[[str], FlaskClient]
WHY = "The relay moves to another host."


def _paused() -> None:
    with looking_as(SYSTEM), unit_of_work():
        pausing.pause(actor=SYSTEM, reason=WHY)


def _resumed() -> None:
    with looking_as(SYSTEM), unit_of_work():
        pausing.resume(actor=SYSTEM)


def test_while_mail_is_paused_nothing_goes_out_and_then_everything(app: Flask, relay: Relay) -> None:
    first = post("first")
    _paused()
    second = post("second")
    assert drain() == {}
    assert relay.taken == []
    assert (row(first).state, row(second).state) == ("waiting", "waiting")
    _resumed()
    assert drain() == {"sent": 2}


def test_what_was_claimed_before_the_pause_is_not_begun(app: Flask, relay: Relay) -> None:
    mail_id = post()
    with looking_as(SYSTEM), unit_of_work():
        assert service.claim_batch("somebody") == [mail_id]
    _paused()
    with looking_as(SYSTEM), unit_of_work():
        assert service.begin(mail_id, "somebody") is None
    assert row(mail_id).attempts == 0


def test_a_pause_is_made_once_and_ended_once(app: Flask) -> None:
    _paused()
    with pytest.raises(RuleViolation):
        _paused()
    _resumed()
    with pytest.raises(RuleViolation):
        _resumed()


def test_pausing_is_for_administrators(app: Flask, person: Callable[[str], Person]) -> None:
    for who in ("officer", "coordinator", "presidency", "secretariat", "observer"):
        viewer = person(who).viewer
        with unit_of_work(), pytest.raises(NotAllowed):
            pausing.pause(actor=viewer, reason=WHY)


def test_every_page_of_an_administrator_says_it_and_no_other(app: Flask, signed_in: Browser) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    browser = signed_in("administrator")
    token = token_of(check_page(browser.get("/administration/outbox")))
    assert browser.post("/administration/outbox/pause", data={"csrf_token": token, "reason": ""}).status_code == 422
    sent = {"csrf_token": token, "reason": WHY}
    assert browser.post("/administration/outbox/pause", data=sent).status_code == 303
    for place in ("/administration/outbox", "/health", "/account"):
        page = check_page(browser.get(place))
        assert "Mail is paused." in page and WHY in page and "Administrator" in page
    assert "Mail is paused" not in check_page(signed_in("officer").get("/account"))
    with looking_as(SYSTEM):
        (noted,) = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "mail_paused")).all()
        values = db.session.scalars(select(AuditContent.values).where(AuditContent.entry_id == noted.id)).one()
    assert values == {"reason": ["", WHY]} and WHY not in str(noted.details)
    assert browser.post("/administration/outbox/resume", data={"csrf_token": token}).status_code == 303
    assert "Mail is paused" not in check_page(browser.get("/account"))


def test_the_json_door_pauses_decides_and_resumes(app: Flask, relay: Relay, signed_in: Browser) -> None:
    relay.rcpt = ["550 no", "550 no"]
    ids = [post(f"mail:{number}", subject="Canary", text="Canary", html="Canary") for number in range(2)]
    drain()
    app.config["WTF_CSRF_ENABLED"] = True
    browser = signed_in("administrator")
    headers = {"X-CSRFToken": token_of(check_page(browser.get("/administration/outbox")))}
    told = browser.post("/api/v1/outbox/pause", json={"reason": WHY}, headers=headers).get_json()
    assert told["paused"]["reason"] == WHY and told["paused"]["restored"] is False
    assert browser.post("/api/v1/outbox/pause", json={"reason": WHY}, headers=headers).status_code == 422
    listed = browser.get("/api/v1/outbox?state=person")
    assert {one["id"] for one in listed.get_json()["items"]} == {str(one) for one in ids}
    assert listed.get_json()["counts"]["failed"] == 2
    one = browser.get(f"/api/v1/outbox/{ids[0]}")
    assert [(each["number"], each["outcome"], each["answer"]) for each in one.get_json()["tries"]] == [
        (1, "permanent", "550 no")
    ]
    assert "Canary" not in listed.text + one.text
    again = browser.post(f"/api/v1/outbox/{ids[0]}/retry", json={}, headers=headers)
    assert again.get_json()["state"] == "waiting"
    rest = browser.post(f"/api/v1/outbox/{ids[1]}/give-up", json={}, headers=headers)
    assert (rest.get_json()["state"], rest.get_json()["needs_person"]) == ("withdrawn", False)
    assert drain() == {}
    assert browser.post("/api/v1/outbox/resume", json={}, headers=headers).get_json()["paused"] is None
    assert drain() == {"sent": 1}
    for who in ("officer", "coordinator"):
        assert signed_in(who).get("/api/v1/outbox").status_code == 403


def test_the_page_of_one_mail_shows_every_attempt_and_no_content(
    app: Flask, relay: Relay, signed_in: Browser, later: Callable[[float], None]
) -> None:
    relay.rcpt = ["451 4.7.1 greylisted"]
    mail_id = post(subject="Canary subject", text="Canary text", html="<p>Canary html</p>")
    drain()
    later(60)
    drain()
    page = check_page(signed_in("administrator").get(f"/administration/outbox/{mail_id}"))
    assert "451 4.7.1 greylisted" in page and "2. Taken" in page
    assert "Canary" not in page
    unknown = "/administration/outbox/00000000-0000-4000-8000-000000000000"
    assert signed_in("administrator").get(unknown).status_code == 404


def test_what_is_unknown_is_laid_aside_in_one_go(app: Flask, relay: Relay, signed_in: Browser) -> None:
    ids = [post(f"mail:{number}", repeats=0) for number in range(3)]
    with looking_as(SYSTEM), unit_of_work():
        for mail_id in service.claim_batch("somebody"):
            service.begin(mail_id, "somebody")
            service.settle(mail_id, 1, Answer(Outcome.UNKNOWN, "No answer.", True))
    app.config["WTF_CSRF_ENABLED"] = True
    browser = signed_in("administrator")
    page = check_page(browser.get("/administration/outbox"))
    assert "Send none of them again" in page
    done = browser.post("/administration/outbox/give-up-unknown", data={"csrf_token": token_of(page)})
    assert done.status_code == 303
    assert [row(one).state for one in ids] == ["withdrawn"] * 3
    assert drain() == {}


def test_what_may_have_gone_out_since_a_backup_waits_for_somebody(
    app: Flask, relay: Relay, later: Callable[[float], None]
) -> None:
    now = clock.now()
    due = post("due")
    secret = post("secret", forgets=True)
    with looking_as(SYSTEM), unit_of_work():
        future = service.post(key="later", to="o@example.org", subject="x", text="x", not_before=now.replace(hour=23))
        assert deciding.doubt(now, clock.now()) == 2
    later(120)
    assert drain() == {}
    assert row(due).state == row(secret).state == "ambiguous"
    assert "backup" in row(due).last_answer and row(secret).text == ""
    assert row(future).state == "waiting"
    later(24 * 3600)
    assert drain() == {"sent": 1}
    with looking_as(SYSTEM), unit_of_work():
        deciding.retry(actor=SYSTEM, mail_id=due)
    assert drain() == {"sent": 1}


def test_administrators_are_told_once_a_day_of_what_did_not_go_out(
    app: Flask, relay: Relay, person: Callable[[str], Person], later: Callable[[float], None]
) -> None:
    person("administrator")
    person("officer")
    relay.rcpt = ["550 no", "550 no such administrator"]

    def told() -> int:
        with looking_as(SYSTEM), unit_of_work():
            return mail_alerts.tell()

    assert told() == 0
    post(subject="Canary", text="Canary", html="Canary")
    drain()
    assert told() == 1 and told() == 1
    later(10 * 3600)
    assert drain() == {"permanent": 1}, "one alert, which did not go out itself"
    later(25 * 3600)
    assert told() == 0, "what is older was told, and an alert is no reason for another"
    post("two", to="owner@example.org")
    relay.rcpt = ["550 no"]
    drain()
    told()
    assert drain() == {"sent": 1}
    alert = relay.taken[-1].message
    assert alert["To"] == "administrator@example.org" and "Canary" not in alert.as_string()
    assert "state=3Dperson" in alert.as_string() or "state=person" in alert.as_string()


def test_health_says_that_it_is_meant(app: Flask, later: Callable[[float], None]) -> None:
    post()
    _paused()
    later(600)
    with looking_as(SYSTEM):
        (mail,) = (one for one in health.checks() if one.name == "mail")
    assert mail.good and mail.state.value == "paused"


def test_the_operator_pauses_and_resumes_by_command(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["mail", "pause", "--reason", WHY]).exit_code == 0
    assert WHY in runner.invoke(args=["mail", "status"]).output
    assert runner.invoke(args=["mail", "pause", "--reason", WHY]).exit_code == 1
    assert runner.invoke(args=["mail", "resume"]).exit_code == 0
    assert runner.invoke(args=["mail", "resume"]).exit_code == 1
