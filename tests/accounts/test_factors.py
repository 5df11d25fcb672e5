"""Second factors: set up, shown, named, removed, reset; who needs one; what asks again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import cast
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

import config
from crm.accounts import service as accounts
from crm.accounts.factors import rules
from crm.accounts.factors.models import AuthenticatorApp, RecoveryCode
from crm.accounts.models import ApiToken, PartyKind, Role, User, UserSession
from crm.accounts.queries import user_by_email
from crm.accounts.viewers import viewer_of
from crm.audit.models import AuditEntry
from crm.core import access
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
from crm.mail.models import OutboxMail
from tests.support.pages import check_page, token_of
from tests.support.people import PASSWORD, Person, browser_of, code_of

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]


def sign_in(browser: FlaskClient, email: str, target: str = "") -> TestResponse:
    token = token_of(check_page(browser.get("/sign-in")))
    given = {"email": email, "password": PASSWORD, "csrf_token": token}
    return browser.post("/sign-in", query_string={"next": target} if target else None, data=given)


def second_step(browser: FlaskClient, code: str, target: str = "/") -> TestResponse:
    address = f"/sign-in/second-step?next={target}"
    return browser.post(address, data={"code": code, "csrf_token": token_of(check_page(browser.get(address)))})


def new_account(email: str, role: Role, *, sample: bool = False) -> str:
    with looking_as(SYSTEM), unit_of_work():
        party = accounts.open_party(name="Norway", kind=PartyKind.GOVERNMENT, state_iso3="NOR")
        accounts.open_account(
            actor=SYSTEM, email=email, name="Somebody New", party=party, roles=[role], password=PASSWORD, sample=sample
        )
    db.session.remove()
    return email


def set_up_app(browser: FlaskClient) -> tuple[str, list[str]]:
    """Set an app up as a person does; its secret, and the recovery codes shown."""
    page = check_page(browser.get("/account/factors/app"))
    secret = page.split('id="app-secret">')[1].split("<")[0]
    setup = re.search(r'name="setup"[^>]*value="([^"]+)"', page)
    assert setup
    data = {"csrf_token": token_of(page), "setup": setup[1], "name": "Work phone", "code": code_of(secret)}
    wrong = f"{(int(data['code']) + 1) % 10**6:06d}"
    assert "does not fit" in check_page(browser.post("/account/factors/app", data={**data, "code": wrong}), 422)
    answer = browser.post("/account/factors/app", data=data)
    shown = "" if answer.status_code == 303 else check_page(answer)
    return secret, re.findall(r'<code class="user-select-all">([^<]+)</code>', shown)


def events() -> list[str]:
    with looking_as(SYSTEM):
        return list(db.session.scalars(select(AuditEntry.event).order_by(AuditEntry.place)))


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.PRESIDENCY_OFFICE, Role.ADMINISTRATOR])
def test_a_role_that_needs_one_is_led_to_it_and_may_do_nothing_else(app: Flask, role: Role) -> None:
    email = new_account("new@example.org", role)
    browser = app.test_client()
    assert sign_in(browser, email, "/states").location == "/states"
    led = browser.get("/states")
    assert (led.status_code, led.location) == (303, "/account/factors?next=/states")
    for address in (
        "/",
        "/account",
        "/administration/accounts",
        "/account/factors/00000000-0000-4000-8000-000000000000/name",
    ):
        assert browser.get(address).status_code == 303, address
    refused = browser.get("/api/v1/account/sessions")
    assert (refused.status_code, refused.get_json()["step"]) == (401, "enrolment")
    page = check_page(browser.get("/account/factors"))
    assert "One more step" in page
    kept = browser.post("/activities/new", data={"csrf_token": token_of(page), "reply": "typed before"})
    assert "typed before" in check_page(kept, 401)
    assert "signed_in" not in events()


def test_whoever_comes_to_let_others_in_is_led_to_it_at_the_next_request(
    app: Flask, person: People, signed_in: Callable[[str], FlaskClient]
) -> None:
    """A party's administrator invites people; what a password alone opened until then opens nothing more."""
    browser, officer = signed_in("officer"), person("officer").viewer
    with looking_as(officer), unit_of_work():
        _, secret = accounts.issue_token(actor=officer, label="program")
    headers = {"Authorization": f"Bearer {secret}"}
    assert app.test_client().get("/api/v1/followups", headers=headers).status_code == 200
    with looking_as(SYSTEM), unit_of_work():
        accounts.give_party_administration(actor=SYSTEM, user_id=cast(UUID, officer.user_id))
    with unit_of_work(), looking_as(SYSTEM):
        for one in db.session.scalars(select(UserSession)):
            one.verified_at = None
    assert browser.get("/administration/accounts").location == "/account/factors?next=/administration/accounts"
    assert app.test_client().get("/api/v1/followups", headers=headers).status_code == 401


def test_whoever_sets_one_up_is_in_under_a_new_key_with_codes_for_a_bad_day(app: Flask) -> None:
    email = new_account("new@example.org", Role.COORDINATOR)
    browser, elsewhere = app.test_client(), app.test_client()
    assert sign_in(elsewhere, email).status_code == 302
    assert sign_in(browser, email).status_code == 302
    with browser.session_transaction() as kept:
        before = kept["key"]
    _, codes = set_up_app(browser)
    assert len(set(codes)) == rules.CODES
    with browser.session_transaction() as kept:
        assert kept["key"] != before
    assert "Work phone" in check_page(browser.get("/account/factors"))
    assert browser.get("/states").status_code == 200
    assert elsewhere.get("/account/factors").location.startswith("/sign-in?")
    assert events().count("signed_in") == 1
    with looking_as(SYSTEM):
        text = str([(one.details, one.subject_id) for one in db.session.scalars(select(AuditEntry))])
        kept_codes = db.session.scalars(select(RecoveryCode.sha256)).all()
        locked = db.session.scalar(select(AuthenticatorApp.secret)) or ""
        mails = db.session.scalars(select(OutboxMail.text)).all()
    assert not any(one in text for one in codes) and len(kept_codes) == rules.CODES
    assert not set(codes) & set(kept_codes) and len(locked) > 60
    assert any("was added" in one for one in mails)


def test_after_the_password_comes_the_code(app: Flask, person: People) -> None:
    email = person("coordinator").email
    db.session.remove()
    browser = app.test_client()
    assert sign_in(browser, email).status_code == 302
    assert browser.get("/states").location == "/sign-in/second-step?next=/states"
    assert browser.get("/account/factors").location == "/sign-in/second-step?next=/account/factors", "no way round it"
    assert browser.get("/api/v1/account/factors/app").get_json()["step"] == "second_factor"
    assert "did not open" in check_page(second_step(browser, "000000"), 422)
    assert "Type the code" in check_page(second_step(browser, ""), 422)
    with browser.session_transaction() as kept:
        before, form_token = kept["key"], kept["csrf_token"]
    passed = second_step(browser, f"{code_of()[:3]} {code_of()[3:]}", "/states")
    assert (passed.status_code, passed.location) == (303, "/states")
    assert browser.get("/states").status_code == 200
    with browser.session_transaction() as kept:
        assert kept["key"] != before and kept["csrf_token"] != form_token
    assert browser.get("/sign-in/second-step").status_code == 303
    assert events()[-1] == "signed_in"


def test_a_recovery_code_opens_once_and_its_owner_is_told(app: Flask) -> None:
    email = new_account("new@example.org", Role.COORDINATOR)
    first = app.test_client()
    sign_in(first, email)
    _, codes = set_up_app(first)
    again = app.test_client()
    sign_in(again, email)
    assert second_step(again, codes[3].upper().replace("-", " ")).status_code == 303
    assert "9 are left" in check_page(again.get("/account/factors"))
    third = app.test_client()
    sign_in(third, email)
    check_page(second_step(third, codes[3]), 422)
    with looking_as(SYSTEM):
        assert any("recovery codes" in one for one in db.session.scalars(select(OutboxMail.text)))
    assert "recovery_code_used" in events()
    fresh = token_of(check_page(again.get("/account/factors")))
    new = check_page(again.post("/account/factors/recovery-codes", data={"csrf_token": fresh}))
    assert codes[0] not in new
    check_page(second_step(third, codes[0]), 422)


def test_a_right_password_waits_a_quarter_of_an_hour(
    app: Flask, person: People, steady_clock: time_machine.Traveller
) -> None:
    email = person("coordinator").email
    db.session.remove()
    browser = app.test_client()
    sign_in(browser, email)
    steady_clock.shift(timedelta(minutes=16))
    assert browser.get("/sign-in/second-step").location.startswith("/sign-in?")


def test_factors_are_named_and_removed_but_the_last_one_stays_where_it_is_needed(
    app: Flask, signed_in: Clients
) -> None:
    browser = signed_in("coordinator")
    (first,) = browser.get("/api/v1/account/factors").get_json()["items"]
    address = f"/account/factors/{first['id']}"
    token = token_of(check_page(browser.get(f"{address}/name")))
    assert browser.post(f"{address}/name", data={"csrf_token": token, "name": "Old phone"}).status_code == 303
    check_page(browser.post(f"{address}/name", data={"csrf_token": token, "name": ""}), 422)
    assert "Old phone" in check_page(browser.get("/account/factors"))
    assert "Add another one" in check_page(browser.post(f"{address}/remove", data={"csrf_token": token}), 422)
    set_up_app(browser)
    other = browser_of(app, "coordinator@example.org")
    assert browser.post(f"{address}/remove", data={"csrf_token": token}).status_code == 303
    assert [one["name"] for one in browser.get("/api/v1/account/factors").get_json()["items"]] == ["Work phone"]
    assert other.get("/states").status_code == 303
    assert browser.post(f"{address}/remove", data={"csrf_token": token}).status_code == 404
    officer = signed_in("officer")
    assert officer.get(f"{address}/name").status_code == 404


def test_where_none_is_needed_the_last_one_may_go(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    assert "No second factor yet" in check_page(browser.get("/account/factors"))
    set_up_app(browser)
    (only,) = browser.get("/api/v1/account/factors").get_json()["items"]
    token = token_of(check_page(browser.get("/account/factors")))
    assert browser.post(f"/account/factors/{only['id']}/remove", data={"csrf_token": token}).status_code == 303
    assert browser.get("/states").status_code == 200
    access.look_as(SYSTEM)
    assert not db.session.scalars(select(User)).one().has_factor
    assert db.session.scalar(select(func.count()).select_from(RecoveryCode)) == 0


def test_the_json_door_does_the_same(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    header = {"X-CSRFToken": token_of(check_page(browser.get("/account")))}

    def post(address: str, **body: str) -> TestResponse:
        return browser.post(f"/api/v1/account/{address}", json=body, headers=header)

    made = browser.get("/api/v1/account/factors/app").get_json()
    assert post("factors/app", name="x", setup=made["setup"], code="12345").status_code == 422
    answer = post("factors/app", name="Phone", setup=made["setup"], code=code_of(made["secret"]))
    assert len(answer.get_json()["recovery_codes"]) == rules.CODES
    again = post("factors/app", name="Phone", setup=made["setup"], code=code_of(made["secret"]))
    assert again.get_json()["errors"] == {"code": ["This app is set up already."]}
    (one,) = answer.get_json()["items"]
    assert made["secret"] not in browser.get("/api/v1/account/factors").text
    assert post(f"factors/{one['id']}/name", name="Mine").get_json()["items"][0]["name"] == "Mine"
    assert "recovery_codes" in post("factors/recovery-codes").get_json()
    assert post(f"factors/{one['id']}/remove").get_json()["items"] == []
    assert browser.get("/api/v1/account/factors/passkey").get_json()["options"]["rp"]["id"] == "localhost"
    assert post("factors/passkey", name="x", ceremony="x", credential="{}").status_code == 422


def test_an_administrator_resets_what_a_colleague_has_lost(app: Flask, signed_in: Clients, person: People) -> None:
    keeper, theirs, coordinator = signed_in("administrator"), signed_in("coordinator"), person("coordinator")
    page = check_page(keeper.get("/administration/accounts"))
    address = f"/administration/accounts/{coordinator.viewer.user_id}/reset-factors"
    assert address in page
    token = token_of(page)
    own = person("administrator").viewer.user_id
    refused = keeper.post(f"/administration/accounts/{own}/reset-factors", data={"csrf_token": token})
    assert refused.status_code == 422
    assert theirs.post(address, data={"csrf_token": token}).status_code == 403
    assert keeper.post(address, data={"csrf_token": token}).status_code == 303
    assert theirs.get("/").status_code == 303
    browser = app.test_client()
    sign_in(browser, coordinator.email)
    assert browser.get("/").location.startswith("/account/factors")
    with looking_as(SYSTEM):
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "factors_reset")).one()
        assert entry.details == {"factors": 1, "sessions_ended": 1}
        mail = db.session.scalars(select(OutboxMail).where(OutboxMail.text.contains("has reset"))).one()
        assert mail.recipient == coordinator.email
    header = {"X-CSRFToken": token}
    again = keeper.post(f"/api/v1/accounts/{coordinator.viewer.user_id}/reset-factors", json={}, headers=header)
    assert again.get_json() == {"removed": 0}


def test_a_reset_ends_tokens_and_feeds_and_says_so(app: Flask, signed_in: Clients, person: People) -> None:
    keeper, theirs, owner = signed_in("administrator"), signed_in("coordinator"), person("coordinator")
    own = {"label": "script", "csrf_token": token_of(check_page(theirs.get("/account")))}
    page = check_page(theirs.post("/account", data=own))
    shown = page.split('id="fresh-token">')[1].split("<")[0]
    bearer = {"Authorization": f"Bearer {shown}"}
    feed = {"label": "Phone", "detail": "neutral", "csrf_token": token_of(page)}
    secret = re.search(r"/calendar/([\w-]{43})", check_page(theirs.post("/calendar", data=feed)))
    assert secret
    outside = app.test_client()
    calendar = f"/calendar/{secret[1]}.ics"
    assert outside.get(calendar).status_code == 200
    assert outside.get("/api/v1/activities", headers=bearer).status_code == 200
    reset = f"/administration/accounts/{owner.viewer.user_id}/reset-factors"
    token = token_of(check_page(keeper.get("/administration/accounts")))
    assert keeper.post(reset, data={"csrf_token": token}).status_code == 303
    assert "their sessions, tokens and calendar feeds have ended" in check_page(keeper.get("/administration/accounts"))
    assert outside.get("/api/v1/activities", headers=bearer).status_code == 401
    assert outside.get(calendar).status_code == 404
    with looking_as(SYSTEM):
        mail = db.session.scalars(select(OutboxMail).where(OutboxMail.text.contains("has reset"))).one()
        assert "sessions, tokens, calendar feeds" in mail.text


def test_the_command_resets_them_too(app: Flask, person: People) -> None:
    email = person("administrator").email
    db.session.remove()
    done = app.test_cli_runner().invoke(args=["accounts", "reset-factors", "--email", email])
    assert done.output.endswith(f"The second factors of {email} are reset.\n")
    user = user_by_email(email)
    assert user is not None and not user.has_factor
    db.session.remove()
    refused = app.test_cli_runner().invoke(args=["accounts", "token", "--email", email, "--label", "x"])
    assert refused.exit_code == 1 and "second factor first" in refused.output


def test_a_token_from_before_the_second_factor_opens_nothing_once_one_is_needed(app: Flask, person: People) -> None:
    officer = person("officer")
    with looking_as(SYSTEM), unit_of_work():
        _, text = accounts.issue_token(actor=officer.viewer, label="script")
    bearer = {"Authorization": f"Bearer {text}"}
    assert app.test_client().get("/api/v1/states", headers=bearer).status_code == 200
    with looking_as(SYSTEM), unit_of_work() as session:
        user = session.get_one(User, officer.viewer.user_id)
        user.roles[0].name, user.has_factor = Role.COORDINATOR.value, True
    db.session.remove()
    assert app.test_client().get("/api/v1/states", headers=bearer).status_code == 401
    with looking_as(SYSTEM), unit_of_work():
        _, text = accounts.issue_token(actor=viewer_of(user_by_email(officer.email)), label="script")
        assert db.session.scalars(select(ApiToken.with_factor).order_by(ApiToken.created_at)).all() == [False, True]
    db.session.remove()
    bearer = {"Authorization": f"Bearer {text}"}
    assert app.test_client().get("/api/v1/states", headers=bearer).status_code == 200


class TestTheSample:
    """A newcomer looks around without a phone at hand."""

    def test_is_exempt_and_says_so(self, app: Flask) -> None:
        email = new_account("coordinator@sample.example", Role.COORDINATOR, sample=True)
        browser = app.test_client()
        assert sign_in(browser, email).status_code == 302
        assert "A sample account is exempt" in check_page(browser.get("/account"))
        assert "A sample account is exempt" in check_page(browser.get("/account/factors"))

    def test_may_have_one_and_then_shows_it(self, app: Flask) -> None:
        email = new_account("coordinator@sample.example", Role.COORDINATOR, sample=True)
        browser = app.test_client()
        sign_in(browser, email)
        set_up_app(browser)
        again = app.test_client()
        sign_in(again, email)
        assert again.get("/").location.startswith("/sign-in/second-step")

    def test_needs_one_where_the_setting_says_so(self, app: Flask) -> None:
        app.extensions["settings"] = replace(app.extensions["settings"], sample_needs_second_factor=True)
        email = new_account("coordinator@sample.example", Role.COORDINATOR, sample=True)
        browser = app.test_client()
        sign_in(browser, email)
        assert browser.get("/").location.startswith("/account/factors")
        given = {"SAMPLE_NEEDS_SECOND_FACTOR": "1", "DEMARCHE_ENV": "testing"}
        assert config.load(given).sample_needs_second_factor


def test_a_session_that_waits_is_not_among_those_signed_in(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    sign_in(app.test_client(), "coordinator@example.org")
    access.look_as(SYSTEM)
    assert db.session.scalar(select(func.count()).select_from(UserSession)) == 2
    assert len(browser.get("/api/v1/account/sessions").get_json()["items"]) == 1


def test_nobody_has_too_many_apps(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    for _ in range(rules.MOST_APPS - 1):
        set_up_app(browser)
    made = browser.get("/api/v1/account/factors/app").get_json()
    header = {"X-CSRFToken": token_of(check_page(browser.get("/account")))}
    body = {"name": "x", "setup": made["setup"], "code": code_of(made["secret"])}
    answer = browser.post("/api/v1/account/factors/app", json=body, headers=header)
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [""])
    assert UUID(browser.get("/api/v1/account/factors").get_json()["items"][0]["id"])
