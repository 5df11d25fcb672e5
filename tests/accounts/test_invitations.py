"""Inviting people, and their coming in, through both doors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts import invitations, service
from crm.accounts.models import Invitation, Party, PartyKind, Role, User
from crm.accounts.queries import user_by_email
from crm.audit.models import AuditEntry
from crm.core import access
from crm.core.access import SYSTEM
from crm.core.db import db, unit_of_work
from crm.mail import service as outbox
from crm.mail.models import OutboxMail
from crm.mail.rules import Answer, MailState, Outcome
from tests.followups.opening import colleague_of
from tests.support.links import link_in, mails_to
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.racing import at_once, slowly

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
LIST = "/administration/accounts"
GOOD = "correct lantern violin marmalade"
GUEST = "guest@example.net"


@pytest.fixture
def keeper(app: Flask, person: People, signed_in: Clients) -> FlaskClient:
    """The browser of the officer, who administers the party of the embassy."""
    user_id = person("officer").viewer.user_id
    with access.looking_as(SYSTEM), unit_of_work():
        service.give_party_administration(actor=SYSTEM, user_id=user_id)
    return signed_in("officer")


def invited(browser: FlaskClient, **more: Any) -> int:
    token = token_of(check_page(browser.get(f"{LIST}/invite")))
    given = {"csrf_token": token, "email": GUEST, "name": "Guest Person", "roles": ["mission_officer"], **more}
    return browser.post(f"{LIST}/invite", data=given).status_code


def accept(app: Flask, link: str, **more: str) -> tuple[FlaskClient, Any]:
    guest = app.test_client()
    token = token_of(check_page(guest.get(link)))
    given = {"csrf_token": token, "password": GOOD, "time_zone": "Asia/Tokyo", **more}
    return guest, guest.post(link, data=given)


def party_of(name: str) -> str:
    with access.looking_as(SYSTEM):
        return str(db.session.scalars(select(Party.id).where(Party.name == name)).one())


def test_a_guest_is_invited_and_comes_in(app: Flask, keeper: FlaskClient) -> None:
    assert invited(keeper) == 303
    page = check_page(keeper.get(LIST))
    assert "An invitation to guest@example.net is on its way." in page
    assert "Guest Person" in page and "Waiting for the mail server" in page
    [mail] = mails_to(GUEST)
    assert mail.subject == "Demarche: an invitation" and "Mission officer" in mail.text
    link = link_in(mail)
    _, wrong = accept(app, link, password="passwordpassword")
    assert "easy to guess" in check_page(wrong, 422)
    guest, answer = accept(app, link)
    assert (answer.status_code, answer.location) == (303, "/")
    account = check_page(guest.get("/account"))
    assert "Guest Person" in account and "Embassy of Japan" in account and "Asia/Tokyo" in account
    assert guest.get("/activities/new").status_code == 200
    page = check_page(keeper.get(LIST))
    assert "Guest Person" in page and "Nobody is invited" in page
    db.session.rollback()
    with access.looking_as(SYSTEM):
        events = list(db.session.scalars(select(AuditEntry.event).order_by(AuditEntry.place)))
    wanted = {"invitation_sent", "invitation_accepted", "account_opened", "signed_in"}
    assert wanted <= set(events)


def test_the_same_through_the_json_door(app: Flask, keeper: FlaskClient) -> None:
    header = {"X-CSRFToken": token_of(check_page(keeper.get("/account")))}
    sent = {"email": GUEST, "name": "Guest Person", "roles": ["mission_officer"]}
    made = keeper.post("/api/v1/invitations", json=sent, headers=header)
    assert made.status_code == 201 and made.get_json()["party"] == "Embassy of Japan"
    [one] = keeper.get("/api/v1/invitations").get_json()["items"]
    assert (one["email"], one["stands"], one["mail"]) == (GUEST, True, "waiting")
    where = f"/api/v1/invitations/{one['id']}"
    assert keeper.post(f"{where}/resend", json={}, headers=header).status_code == 422
    assert keeper.post(f"{where}/withdraw", json={}, headers=header).get_json()["items"] == []
    assert keeper.post(f"{where}/withdraw", json={}, headers=header).status_code == 404
    assert app.test_client().get(link_in(mails_to(GUEST)[0])).status_code == 404


def test_of_two_invitations_at_the_same_moment_one_stands(
    app: Flask, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    party_id = person("officer").viewer.party_id
    monkeypatch.setattr(invitations, "_replace", slowly(invitations._replace))

    def invite() -> None:
        with unit_of_work():
            given = {"email": GUEST, "name": "Guest Person", "roles": ["mission_officer"]}
            invitations.invite(actor=SYSTEM, party_id=party_id, **given)

    assert at_once(app, [invite, invite]) == [None, None]
    db.session.rollback()
    with access.looking_as(SYSTEM):
        assert sorted(one.withdrawn_at is None for one in db.session.scalars(select(Invitation))) == [False, True]


def test_a_second_invitation_replaces_the_first(app: Flask, keeper: FlaskClient) -> None:
    invited(keeper)
    first = link_in(mails_to(GUEST)[0])
    invited(keeper, name="Better Spelled")
    db.session.rollback()
    with access.looking_as(SYSTEM):
        made = db.session.scalars(select(Invitation).order_by(Invitation.sent_at))
        states = [one.withdrawn_at is None for one in made]
    assert states == [False, True]
    assert app.test_client().get(first).status_code == 404
    assert "Better Spelled" in check_page(app.test_client().get(link_in(mails_to(GUEST)[0])))


def test_an_address_is_not_flooded(
    app: Flask, keeper: FlaskClient, signed_in: Clients, steady_clock: time_machine.Traveller
) -> None:
    """However often what was sent is withdrawn or replaced; another party learns nothing from it."""
    assert [invited(keeper) for _ in range(3)] == [303] * 3
    given = {"email": GUEST.upper(), "name": "Guest Person", "roles": ["mission_officer"]}
    header = {"X-CSRFToken": token_of(check_page(keeper.get(f"{LIST}/invite")))}
    refused = keeper.post("/api/v1/invitations", json=given, headers=header)
    assert refused.status_code == 422 and "within the hour" in refused.get_json()["errors"]["email"][0]
    assert invited(keeper) == 422 and len(mails_to(GUEST)) == 3
    assert invited(keeper, email="other@example.net") == 303
    assert invited(signed_in("administrator"), party_id=party_of("Operator"), roles=["administrator"]) == 303
    steady_clock.shift(timedelta(minutes=61))
    assert invited(signed_in("officer")) == 303


def test_sent_again_with_a_new_link(
    app: Flask, keeper: FlaskClient, signed_in: Clients, steady_clock: time_machine.Traveller
) -> None:
    invited(keeper)
    first = link_in(mails_to(GUEST)[0])
    token = token_of(check_page(keeper.get(LIST)))
    with access.looking_as(SYSTEM):
        key = db.session.scalar(select(Invitation.id))
    again = f"/administration/invitations/{key}/resend"
    assert keeper.post(again, data={"csrf_token": token}).status_code == 422
    steady_clock.shift(timedelta(minutes=6))
    assert keeper.post(again, data={"csrf_token": token}).status_code == 401
    keeper = signed_in("administrator")
    token = token_of(check_page(keeper.get(LIST)))
    assert keeper.post(again, data={"csrf_token": token}).status_code == 303
    newest, before = mails_to(GUEST)
    assert app.test_client().get(first).status_code == 404
    assert app.test_client().get(link_in(newest)).status_code == 200
    access.look_as(SYSTEM)
    assert invitations.objection(before.id) and not invitations.objection(newest.id)


def _deliver(mail_id: Any, answer: Answer) -> OutboxMail:
    access.look_as(SYSTEM)
    with unit_of_work():
        outbox.claim_batch("a worker")
    with unit_of_work():
        outgoing = outbox.begin(mail_id, "a worker")
    if outgoing:
        with unit_of_work():
            outbox.settle(mail_id, outgoing.attempt, answer)
    return db.session.get_one(OutboxMail, mail_id, populate_existing=True)


@pytest.mark.parametrize(
    ("answer", "state", "shown"),
    [
        (Answer(Outcome.SENT, "250 taken"), MailState.SENT, "250 taken"),
        (Answer(Outcome.PERMANENT, "550 no such mailbox"), MailState.FAILED, "550 no such mailbox"),
    ],
)
def test_what_became_of_the_mail_is_shown_and_its_link_forgotten(
    keeper: FlaskClient, answer: Answer, state: MailState, shown: str
) -> None:
    invited(keeper)
    mail = _deliver(mails_to(GUEST)[0].id, answer)
    assert (mail.state, mail.text) == (state.value, "")
    assert f"The mail server: {shown}" in check_page(keeper.get(LIST))


def test_a_withdrawn_invitation_is_not_sent(keeper: FlaskClient) -> None:
    invited(keeper)
    with access.looking_as(SYSTEM):
        key = db.session.scalar(select(Invitation.id))
    token = token_of(check_page(keeper.get(LIST)))
    assert keeper.post(f"/administration/invitations/{key}/withdraw", data={"csrf_token": token}).status_code == 303
    mail = _deliver(mails_to(GUEST)[0].id, Answer(Outcome.SENT, "250"))
    assert (mail.state, mail.attempts, mail.text) == (MailState.WITHDRAWN.value, 0, "")


def test_a_forgotten_mail_is_not_sent_again(keeper: FlaskClient, signed_in: Clients) -> None:
    invited(keeper)
    mail_id = mails_to(GUEST)[0].id
    _deliver(mail_id, Answer(Outcome.PERMANENT, "550"))
    administrator = signed_in("administrator")
    token = token_of(check_page(administrator.get("/administration/outbox")))
    refused = administrator.post(f"/administration/outbox/{mail_id}/retry", data={"csrf_token": token})
    assert "a link that is forgotten" in check_page(refused, 422)


def test_after_seven_days_it_is_over(
    app: Flask, keeper: FlaskClient, signed_in: Clients, steady_clock: time_machine.Traveller
) -> None:
    invited(keeper)
    link = link_in(mails_to(GUEST)[0])
    steady_clock.shift(timedelta(days=6, hours=23))
    assert app.test_client().get(link).status_code == 200
    steady_clock.shift(timedelta(hours=2))
    assert app.test_client().get(link).status_code == 404
    assert "Opens nothing any more" in check_page(signed_in("officer").get(LIST))


@pytest.mark.parametrize("ending", ["closed", "party administration taken"])
def test_it_stands_as_long_as_its_sender_may_send_it(
    app: Flask, person: People, keeper: FlaskClient, ending: str
) -> None:
    invited(keeper)
    link = link_in(mails_to(GUEST)[0])
    assert app.test_client().get(link).status_code == 200
    verb = service.close_account if ending == "closed" else service.take_party_administration
    with access.looking_as(SYSTEM), unit_of_work():
        verb(actor=SYSTEM, user_id=person("officer").viewer.user_id)
    assert app.test_client().get(link).status_code == 404


def test_an_administrator_invites_into_any_party(app: Flask, person: People, signed_in: Clients) -> None:
    person("observer")
    browser = signed_in("administrator")
    page = check_page(browser.get("/administration/parties/new"))
    given = {"csrf_token": token_of(page), "name": "Ministry of Laos", "kind": "government", "state_iso3": ""}
    assert "Choose the State" in check_page(browser.post("/administration/parties/new", data=given), 422)
    assert browser.post("/administration/parties/new", data={**given, "state_iso3": "LAO"}).status_code == 303
    again = {**given, "name": " ministry of  LAOS", "kind": "secretariat"}
    page = check_page(browser.post("/administration/parties/new", data=again), 422)
    assert "There is a party called “Ministry of Laos” already." in page
    ministry, coalition = party_of("Ministry of Laos"), party_of("Cluster Munition Coalition")
    assert invited(browser, party_id=coalition, roles=["coordinator"]) == 422
    assert invited(browser, party_id=ministry, roles=[]) == 422
    assert invited(browser, party_id=ministry, roles=["presidency_office"], administers_party="y") == 303
    guest, _ = accept(app, link_in(mails_to(GUEST)[0]))
    first = guest.get("/account")
    assert first.status_code == 303 and first.headers["Location"].startswith("/account/factors")
    db.session.rollback()
    with access.looking_as(SYSTEM):
        account = db.session.scalars(select(User).where(User.email == GUEST)).one()
        assert account.administers_party and [one.name for one in account.roles] == ["presidency_office"]


def test_everything_that_is_wrong_is_told_at_once(app: Flask, person: People, signed_in: Clients) -> None:
    """Also what only the verb knows, while a field is still empty."""
    person("observer")
    browser = signed_in("administrator")
    empty = check_page(browser.get(f"{LIST}/invite"))
    token = token_of(empty)
    assert "novalidate" in empty, "else the browser stops at the address and says nothing of the rest"
    typed: dict[str, Any] = {
        "email": "officer at example", "name": "", "roles": ["coordinator"],
        "party_id": party_of("Cluster Munition Coalition"),
    }  # fmt: skip
    expected = {"name": "Give the name.", "email": "@-sign", "roles": "cannot be given the role Coordinator"}
    page = check_page(browser.post(f"{LIST}/invite", data={"csrf_token": token, **typed}), 422)
    for field, words in expected.items():
        assert words in page[page.index(f'id="{field}-error"') :][:500], field
    door = browser.post("/api/v1/invitations", json=typed, headers={"X-CSRFToken": token}).json["errors"]
    assert set(door) == set(expected) and all(words in door[field][0] for field, words in expected.items())
    known = {**typed, "email": person("observer").email, "party_id": "nobody", "roles": []}
    errors = browser.post("/api/v1/invitations", json=known, headers={"X-CSRFToken": token}).json["errors"]
    assert set(errors) == {"name", "email", "roles", "party_id"}
    assert mails_to(known["email"]) == []


def test_parties_through_the_json_door(signed_in: Clients) -> None:
    browser = signed_in("administrator")
    header = {"X-CSRFToken": token_of(check_page(browser.get("/account")))}
    made = browser.post("/api/v1/parties", json={"name": "ICRC", "kind": "observer"}, headers=header)
    assert made.status_code == 201
    assert "ICRC" in [one["name"] for one in browser.get("/api/v1/parties").get_json()["items"]]


def test_offices_are_handed_on_and_not_taken(app: Flask, keeper: FlaskClient) -> None:
    page = check_page(keeper.get(f"{LIST}/invite"))
    assert "Mission officer" in page and "Coordinator" not in page and "Administrator" not in page
    with access.looking_as(SYSTEM), unit_of_work():
        party = db.session.scalars(select(Party).where(Party.name == "Embassy of Japan")).one()
        service.open_account(
            actor=SYSTEM, email="chief@example.org", name="Chief", party=party, roles=[Role.COORDINATOR], password=GOOD
        )
    assert "Coordinator" in check_page(keeper.get(f"{LIST}/invite"))
    assert invited(keeper, roles=["coordinator"]) == 303


def test_the_last_administrator_stays(app: Flask, person: People, signed_in: Clients) -> None:
    last = person("administrator").viewer
    refused = app.test_cli_runner().invoke(args=["accounts", "close", "--email", last.email])
    assert (refused.exit_code, "last administrator" in refused.output) == (1, True)
    with access.looking_as(SYSTEM), unit_of_work():
        party = service.open_party(name="Operator", kind=PartyKind.OPERATOR)
        service.open_account(
            actor=SYSTEM, email="b@example.org", name="B", party=party, roles=[Role.ADMINISTRATOR], password=GOOD
        )
    assert app.test_cli_runner().invoke(args=["accounts", "close", "--email", last.email]).exit_code == 0
    access.look_as(SYSTEM)
    user = user_by_email(last.email)
    assert user is not None and not user.active
    assert db.session.scalar(select(User.active).where(User.email == "b@example.org"))


@pytest.mark.parametrize("door", ["page", "command"])
def test_what_the_operator_closed_stays_closed_until_the_operator_opens_it(
    app: Flask, keeper: FlaskClient, person: People, door: str
) -> None:
    colleague = colleague_of(person("officer").viewer, "Closed Colleague")
    operator = person("administrator").viewer if door == "page" else SYSTEM
    with access.looking_as(operator), unit_of_work():
        service.close_account(actor=operator, user_id=colleague.user_id)
    page = check_page(keeper.get(LIST))
    assert "Closed by the operator" in page and "Only the operator opens it again." in page
    assert f"/administration/accounts/{colleague.user_id}/reopen" not in page
    refused = keeper.post(f"{LIST}/{colleague.user_id}/reopen", data={"csrf_token": token_of(page)})
    assert "only the operator opens it again" in check_page(refused, 422)
    header = {"X-CSRFToken": token_of(page)}
    assert keeper.post(f"/api/v1/accounts/{colleague.user_id}/reopen", json={}, headers=header).status_code == 422
    listed = {one["id"]: one for one in keeper.get("/api/v1/accounts").json["items"]}[str(colleague.user_id)]
    assert (listed["active"], listed["closed_by_operator"]) == (False, True)
    with access.looking_as(operator), unit_of_work():
        service.reopen_account(actor=operator, user_id=colleague.user_id)
    for verb in ("close", "reopen"):
        assert keeper.post(f"{LIST}/{colleague.user_id}/{verb}", data={"csrf_token": token_of(page)}).status_code == 303


def test_an_account_that_its_party_closed_is_held_closed_by_the_operator(
    app: Flask, keeper: FlaskClient, person: People
) -> None:
    colleague = colleague_of(person("officer").viewer, "Closed Colleague")
    token = token_of(check_page(keeper.get(LIST)))
    for status in (303, 422):
        assert keeper.post(f"{LIST}/{colleague.user_id}/close", data={"csrf_token": token}).status_code == 303
        if status == 422:
            with access.looking_as(SYSTEM), unit_of_work():
                service.close_account(actor=SYSTEM, user_id=colleague.user_id)
        answer = keeper.post(f"{LIST}/{colleague.user_id}/reopen", data={"csrf_token": token})
        assert answer.status_code == status


def test_party_administration_is_given_and_taken(app: Flask, person: People, signed_in: Clients) -> None:
    officer = person("officer").viewer
    browser = signed_in("administrator")
    token = token_of(check_page(browser.get(LIST)))
    where = f"{LIST}/{officer.user_id}/party-administration"
    colleague = signed_in("officer")
    assert colleague.get(LIST).status_code == 403
    assert browser.post(f"{where}/give", data={"csrf_token": token}).status_code == 303
    assert 'href="/administration/accounts"' in check_page(colleague.get("/account"))
    assert "End party administration" in check_page(browser.get(LIST))
    answer = browser.post(
        f"/api/v1/accounts/{officer.user_id}/party-administration/take", json={}, headers={"X-CSRFToken": token}
    )
    assert not any(one["administers_party"] for one in answer.get_json()["items"])
    assert colleague.get(LIST).status_code == 403


@pytest.mark.parametrize("sample", [True, False])
def test_the_mail_goes_with_the_sample_as_its_invitation_does(app: Flask, keeper: FlaskClient, sample: bool) -> None:
    with access.looking_as(SYSTEM), unit_of_work():
        for party in db.session.scalars(select(Party)):
            party.sample = sample
    assert invited(keeper) == 303
    with access.looking_as(SYSTEM):
        assert db.session.scalars(select(Invitation.sample)).all() == [sample]
        assert db.session.scalars(select(OutboxMail.sample).where(OutboxMail.recipient == GUEST)).all() == [sample]


@pytest.mark.parametrize(
    ("address", "way_on"), [("/invitation/x", "/sign-in"), ("/new-password/x", "/forgotten-password")]
)
def test_a_link_that_opens_nothing_says_what_to_do(app: Flask, address: str, way_on: str) -> None:
    page = check_page(app.test_client().get(address), 404)
    assert "This link opens nothing any more" in page and f'href="{way_on}"' in page
