"""Who is named for a restricted State names others; nobody else does, and somebody is always left or told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts import service as accounts
from crm.accounts.models import Party, PartyKind, RestrictedState, Role, User
from crm.accounts.models import RestrictedStateReader as Named
from crm.accounts.viewers import viewer_of
from crm.audit.models import AuditEntry
from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, RuleViolation
from crm.mail.models import OutboxMail
from crm.reach.service import restricted
from tests.reach.test_restricted import restrict
from tests.support.pages import check_page, token_of
from tests.support.people import PASSWORD, Person, browser_of, enrol
from tests.support.racing import between
from tests.support.records import anew, logged

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]


@pytest.fixture
def other(app: Flask) -> Viewer:
    """A coordinator of another party."""
    with looking_as(SYSTEM), unit_of_work():
        party = accounts.open_party(name="Ireland", kind=PartyKind.GOVERNMENT, state_iso3="IRL")
        user: User = accounts.open_account(
            actor=SYSTEM, email="ireland@example.org", name="Other", party=party, roles=[Role.COORDINATOR],
            password=PASSWORD,
        )  # fmt: skip
        enrol(user)
        return viewer_of(user)


def name(actor: Viewer, somebody: Viewer) -> None:
    with looking_as(actor), unit_of_work():
        restricted.name_reader(actor=actor, state_iso3="LAO", user_id=somebody.user_id or UUID(int=0))


def strike(actor: Viewer, somebody: Viewer) -> None:
    with looking_as(actor), unit_of_work():
        restricted.strike_reader(actor=actor, state_iso3="LAO", user_id=somebody.user_id or UUID(int=0))


def shut(somebody: Viewer) -> None:
    with looking_as(SYSTEM), unit_of_work():
        accounts.close_account(actor=SYSTEM, user_id=somebody.user_id or UUID(int=0))


def mails(words: str) -> list[str]:
    """The addresses to which mails with these words go."""
    with looking_as(SYSTEM):
        db.session.rollback()
        found = db.session.scalars(select(OutboxMail)).all()
        assert not [one for one in found if "LAO" in one.key + one.text or "Lao" in one.text], "a mail names no State"
        return sorted(one.recipient for one in found if words in one.text)


def lines(somebody: Viewer) -> tuple[int, int]:
    """How many restricted States, and how many people named for one, somebody reads of."""
    with looking_as(anew(somebody)):
        db.session.rollback()
        states, readers = (db.session.scalars(select(one.state_iso3)).all() for one in (RestrictedState, Named))
        return len(states), len(readers)


def test_that_a_state_is_restricted_is_for_those_who_keep_the_list_and_those_named(
    app: Flask, person: People, other: Viewer
) -> None:
    """Of the people named each reads of themselves alone."""
    coordinator, officer = restrict(person("coordinator").viewer, "LAO"), person("officer").viewer
    restrict(coordinator, "BTN")
    name(coordinator, officer)
    assert lines(coordinator) == lines(other) == (2, 3)
    assert lines(officer) == (1, 1)
    assert [lines(person(who).viewer) for who in ("other_officer", "presidency", "observer")] == [(0, 0)] * 3


def test_whoever_is_not_named_changes_nothing(app: Flask, person: People, other: Viewer) -> None:
    coordinator = restrict(person("coordinator").viewer, "LAO")
    browser = browser_of(app, other.email)
    page = check_page(browser.get("/restricted"))
    assert "Coordinator (Japan)" in page and "Whoever is named for it names others" in page
    assert "/restricted/LAO/" not in page
    token = token_of(page)
    form, send = {"data": {"csrf_token": token, "user_id": str(other.user_id)}}, {"headers": {"X-CSRFToken": token}}
    them = f"people/{coordinator.user_id}"
    answers = (
        browser.post("/restricted/LAO/people", **form),
        browser.post("/restricted/LAO/release", **form),
        browser.post(f"/restricted/LAO/{them}/strike", **form),
        browser.post("/api/v1/restricted/LAO/people", json={"nonsense": 1}, **send),
        browser.delete("/api/v1/restricted/LAO", **send),
        browser.delete(f"/api/v1/restricted/LAO/{them}", **send),
    )
    assert [one.status_code for one in answers] == [403] * 6
    again = browser.post("/restricted", data={"csrf_token": token, "state_iso3": "LAO"})
    assert "restricted already" in check_page(again, 422)
    assert "LAO" in anew(other).closed and "LAO" in anew(coordinator).named


def test_those_named_are_told_who_joins_them_and_that_it_is_lifted(app: Flask, person: People, other: Viewer) -> None:
    coordinator = restrict(person("coordinator").viewer, "LAO")
    officer = person("officer").viewer
    assert mails("restricted State") == []
    name(coordinator, other)
    assert mails("has named somebody") == [other.email]
    name(coordinator, other)
    assert mails("has named somebody") == [other.email], "twice changes nothing"
    name(anew(other), officer)
    assert mails("Other (Ireland) has named somebody") == sorted([coordinator.email, officer.email])
    with looking_as(coordinator), unit_of_work():
        restricted.release(actor=coordinator, state_iso3="LAO")
    assert mails("Coordinator (Japan) has lifted") == sorted([other.email, officer.email])


def test_doing_and_undoing_sends_each_mail_once_a_day(app: Flask, person: People, other: Viewer) -> None:
    coordinator, officer = person("coordinator").viewer, person("officer").viewer
    keeper = person("presidency").viewer
    logged(keeper, handling=Handling.STATES)
    for _ in range(4):
        restrict(coordinator, "LAO")
        for _ in range(2):
            name(coordinator, other)
            strike(coordinator, other)
        name(coordinator, officer)
        with looking_as(coordinator), unit_of_work():
            restricted.release(actor=coordinator, state_iso3="LAO")
    assert mails("has restricted a State") == [keeper.email]
    assert mails("has lifted the restriction of a State about which") == [keeper.email]
    assert mails("has named somebody") == sorted([other.email, officer.email])
    assert mails("for which you were named") == [officer.email]
    restrict(coordinator, "BTN")
    with time_machine.travel(clock.now() + timedelta(days=1)):
        restrict(coordinator, "LAO")
    assert mails("has restricted a State") == [keeper.email] * 2, "another day"


def test_the_audit_tells_those_named_of_whatever_party(app: Flask, person: People, other: Viewer) -> None:
    coordinator = restrict(person("coordinator").viewer, "LAO")
    wanted = select(AuditEntry.event).where(AuditEntry.subject_kind == "restricted_state").order_by(AuditEntry.at)
    with looking_as(anew(other)):
        assert db.session.scalars(wanted).all() == []
    name(coordinator, other)
    with looking_as(anew(other)):
        assert db.session.scalars(wanted).all() == ["state_restricted", "reader_named", "reader_named"]


def test_a_closed_account_is_nobody_who_is_left(app: Flask, person: People, other: Viewer) -> None:
    coordinator = restrict(person("coordinator").viewer, "LAO")
    name(coordinator, other)
    shut(other)
    with pytest.raises(RuleViolation, match="last person"):
        strike(coordinator, coordinator)
    strike(coordinator, other)


def test_an_officer_alone_could_name_nobody(app: Flask, person: People, other: Viewer) -> None:
    coordinator, officer = restrict(person("coordinator").viewer, "LAO"), person("officer").viewer
    name(coordinator, officer)
    with pytest.raises(RuleViolation, match="last person"):
        strike(coordinator, coordinator)
    name(coordinator, other)
    strike(coordinator, coordinator)
    with pytest.raises(NotAllowed):
        strike(anew(coordinator), officer)


def test_administrators_are_told_when_nobody_is_left(app: Flask, person: People, other: Viewer) -> None:
    coordinator = restrict(person("coordinator").viewer, "LAO")
    name(coordinator, other)
    administrator = person("administrator").email
    shut(other)
    assert mails("last one to keep") == []
    shut(coordinator)
    assert mails("last one to keep") == [administrator]


def test_one_keeper_is_struck_while_the_account_of_the_other_is_closed(
    app: Flask, person: People, other: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither waits for the other in turn, whichever account comes first."""
    coordinator = restrict(person("coordinator").viewer, "LAO")
    name(coordinator, other)
    low, high = sorted((anew(coordinator), anew(other)), key=lambda one: one.user_id or UUID(int=0))
    closed, struck = between(app, monkeypatch, accounts, "locked_user", lambda: shut(high), lambda: strike(low, low))
    assert closed is None and isinstance(struck, RuleViolation) and "last person" in str(struck)


def test_the_last_resort_is_for_a_state_that_nobody_keeps(app: Flask, person: People, other: Viewer) -> None:
    coordinator = restrict(person("coordinator").viewer, "LAO")
    officer = person("officer").email

    def run(*words: str) -> str:
        db.session.remove()
        return app.test_cli_runner().invoke(args=["restricted", *words]).output

    wanted = ("name", "--state", "lao", "--email", other.email)
    assert "Ask them to name others" in run(*wanted)
    shut(coordinator)
    assert "account closed" in run("list")
    assert "no open account of a coordinator" in run("name", "--state", "LAO", "--email", officer)
    assert "BTN is not restricted" in run("name", "--state", "BTN", "--email", other.email)
    assert f"{other.email} is named." in run(*wanted)
    assert "LAO" in anew(other).named and mails("Whoever runs the machine has named") == [other.email]


def test_who_names_nobody_is_told_beside_the_field(app: Flask, person: People, signed_in: Clients) -> None:
    for iso3 in ("LAO", "BTN"):
        restrict(person("coordinator").viewer, iso3)
    browser = signed_in("coordinator")
    token = token_of(check_page(browser.get("/restricted")))
    page = check_page(browser.post("/restricted/lao/people", data={"csrf_token": token, "user_id": ""}), 422)
    assert "Choose somebody." in page and 'id="reader-LAO-error"' in page and 'id="reader-BTN-error"' not in page


def test_each_party_that_keeps_records_is_told_and_no_other(app: Flask, person: People, other: Viewer) -> None:
    """Through those who coordinate it: an officer who wrote about one State alone would know which one it is."""
    officer, coordinator = person("other_officer").viewer, person("coordinator").viewer
    logged(officer, "LAO", handling=Handling.ORIGINATOR)
    logged(other, "LAO", handling=Handling.STATES)
    logged(person("presidency").viewer, "CAN", handling=Handling.STATES)
    restrict(coordinator, "LAO")
    assert mails("has restricted a State about which your party keeps records") == [other.email]
    with looking_as(anew(coordinator)), unit_of_work():
        restricted.release(actor=anew(coordinator), state_iso3="LAO")
    assert mails("has lifted the restriction of a State about which your party keeps") == [other.email]
    assert mails("Lao") == mails("LAO") == mails("Karma") == []


def test_a_colleague_of_whoever_restricts_is_told_and_who_is_named_is_told_of_that(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    with looking_as(SYSTEM), unit_of_work() as session:
        accounts.open_account(
            actor=SYSTEM, email="near@example.org", name="Near", password=PASSWORD, roles=[Role.COORDINATOR],
            party=session.get_one(Party, coordinator.party_id),
        )  # fmt: skip
    with looking_as(SYSTEM):
        colleague = viewer_of(db.session.scalars(select(User).where(User.email == "near@example.org")).one())
    logged(colleague, "LAO", handling=Handling.ORIGINATOR)
    restrict(coordinator, "LAO")
    assert mails("has restricted a State") == [colleague.email]
    name(anew(coordinator), colleague)
    with looking_as(anew(coordinator)), unit_of_work():
        restricted.release(actor=anew(coordinator), state_iso3="LAO")
    assert mails("has lifted the restriction of a State for which you were named") == [colleague.email]
    assert mails("has lifted the restriction of a State about which your party keeps") == []


def test_restricting_asks_again_who_is_there(
    app: Flask, signed_in: Clients, steady_clock: time_machine.Traveller
) -> None:
    browser = signed_in("coordinator")
    typed = {"csrf_token": token_of(check_page(browser.get("/restricted"))), "state_iso3": "LAO"}
    steady_clock.shift(timedelta(minutes=6))
    asked = check_page(browser.post("/restricted", data=typed), 401)
    assert 'name="state_iso3" value="LAO"' in asked
    answer = browser.post(
        "/api/v1/restricted", json={"state_iso3": "LAO"}, headers={"X-CSRFToken": typed["csrf_token"]}
    )
    assert (answer.status_code, answer.json["step"]) == (401, "confirm")
    with looking_as(SYSTEM):
        assert not db.session.scalar(select(RestrictedState.state_iso3))


def test_whoever_is_named_finds_out_which_state_it_is(app: Flask, person: People, signed_in: Clients) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    key = logged(officer, "LAO", handling=Handling.STATES)
    logged(officer, "CAN", handling=Handling.STATES)
    restrict(coordinator, "LAO")
    restrict(coordinator, "CAN")
    browser = signed_in("officer")
    assert "You are named for no restricted State" in check_page(browser.get("/restricted"))
    name(anew(coordinator), officer)
    page = check_page(browser.get("/restricted"))
    assert "Lao" in page and "Canada" not in page and officer.name in page and coordinator.name + " (" not in page
    assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    items = browser.get("/api/v1/restricted").json["items"]
    assert [(one["state_iso3"], len(one["readers"])) for one in items] == [("LAO", 1)]
    for address in ("/states/LAO", f"/activities/{key}"):
        assert "Restricted to named people" in check_page(browser.get(address)), address
    assert "Restricted to named people" not in check_page(browser.get("/states/CAN"))
    assert "Restricted" in check_page(browser.get("/activities")).partition("<tbody")[2]
    token = token_of(check_page(browser.get("/account")))
    assert browser.post("/restricted", data={"csrf_token": token, "state_iso3": "BTN"}).status_code == 403
    sent = {"json": {"state_iso3": "BTN"}, "headers": {"X-CSRFToken": token}}
    assert browser.post("/api/v1/restricted", **sent).status_code == 403


def test_the_page_says_the_same_to_whoever_is_not_named_whether_or_not_a_state_is_restricted(
    app: Flask, person: People, signed_in: Clients
) -> None:
    browser = signed_in("presidency")
    before = [browser.get("/api/v1/restricted").json, browser.get("/restricted").status_code]
    restrict(person("coordinator").viewer, "LAO")
    assert [browser.get("/api/v1/restricted").json, browser.get("/restricted").status_code] == before
    for address in ("/restricted", "/states/LAO"):
        page = check_page(browser.get(address))
        assert "Restricted to named people" not in page and "Restricted by" not in page
