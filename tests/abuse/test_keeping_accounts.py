"""S1, S10, S25: who keeps the accounts of one party reaches for more; who has none asks which addresses have."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts import service
from crm.accounts.models import Invitation, Party, Role, User
from crm.accounts.queries import user_by_email
from crm.core import access
from crm.core.access import SYSTEM
from crm.core.db import db, unit_of_work
from tests.support.links import mails_to
from tests.support.pages import check_page, token_of
from tests.support.people import Person

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
LIST = "/administration/accounts"
GUEST = "guest@example.net"


@pytest.fixture
def keeper(app: Flask, person: People, signed_in: Clients) -> FlaskClient:
    """The browser of the officer, who administers the party of the embassy."""
    for who in ("other_officer", "administrator", "observer"):
        person(who)
    user_id = person("officer").viewer.user_id
    with access.looking_as(SYSTEM), unit_of_work():
        service.give_party_administration(actor=SYSTEM, user_id=user_id)
    return signed_in("officer")


def _ids() -> dict[str, str]:
    db.session.rollback()
    with access.looking_as(SYSTEM):
        return {name: str(key) for name, key in db.session.execute(select(Party.name, Party.id))}


def _stored() -> list[Invitation]:
    db.session.rollback()
    access.look_as(SYSTEM)
    return list(db.session.scalars(select(Invitation)))


def test_s01_accounts_and_invitations_of_another_party_are_not_there(
    app: Flask, person: People, keeper: FlaskClient, signed_in: Clients
) -> None:
    page = check_page(keeper.get(LIST))
    assert "officer@example.org" in page
    for other in ("other-officer@example.org", "administrator@example.org", "Norway", "Cluster Munition Coalition"):
        assert other not in page
    token = token_of(page)
    administrator = signed_in("administrator")
    theirs = token_of(check_page(administrator.get(f"{LIST}/invite")))
    given = {"csrf_token": theirs, "email": GUEST, "name": "Guest", "roles": ["observer"]}
    party = _ids()["Cluster Munition Coalition"]
    assert administrator.post(f"{LIST}/invite", data={**given, "party_id": party}).status_code == 303
    assert GUEST not in keeper.get(LIST).text
    assert keeper.get("/api/v1/invitations").get_json()["items"] == []
    assert [one["name"] for one in keeper.get("/api/v1/parties").get_json()["items"]] == ["Embassy of Japan"]
    [invitation] = _stored()
    stranger = person("other_officer").viewer.user_id
    absent = "00000000-0000-4000-8000-000000000000"
    app.config["RAISE_ERRORS"] = False
    for there, nowhere in (
        (f"{LIST}/{stranger}/close", f"{LIST}/{absent}/close"),
        (f"{LIST}/{stranger}/reopen", f"{LIST}/{absent}/reopen"),
        (f"/administration/invitations/{invitation.id}/resend", f"/administration/invitations/{absent}/resend"),
        (f"/administration/invitations/{invitation.id}/withdraw", f"/administration/invitations/{absent}/withdraw"),
    ):
        for prefix in ("", "/api/v1"):
            hidden, missing = (_pressed(keeper, one, prefix, token) for one in (there, nowhere))
            assert hidden == missing and hidden[0] == 404, there
    assert [one.withdrawn_at for one in _stored()] == [None]
    found = user_by_email("other-officer@example.org")
    assert found is not None and found.active


def _pressed(browser: FlaskClient, address: str, prefix: str, token: str) -> tuple[int, str]:
    if prefix:
        path = prefix + address.removeprefix("/administration")
        answer = browser.post(path, json={}, headers={"X-CSRFToken": token})
    else:
        answer = browser.post(address, data={"csrf_token": token})
    nonce = answer.headers["Content-Security-Policy"].split("'nonce-")[1].split("'")[0]
    return answer.status_code, answer.get_data(as_text=True).replace(nonce, "").replace(token, "")


def test_s01_an_account_of_another_party_is_neither_shown_nor_changed(
    app: Flask, person: People, keeper: FlaskClient
) -> None:
    """Nor do the answers to a form that is wrong tell that it is there."""
    stranger, token = person("other_officer").viewer, token_of(check_page(keeper.get(LIST)))
    app.config["RAISE_ERRORS"] = False
    header = {"X-CSRFToken": token}
    for key in (stranger.user_id, "00000000-0000-4000-8000-000000000000"):
        shown = keeper.get(f"{LIST}/{key}")
        assert shown.status_code == 404 and stranger.name not in shown.text
        for given in ({"name": "Other", "roles": ["mission_officer"]}, {"name": "", "roles": ["root"]}):
            assert keeper.post(f"{LIST}/{key}", data={"csrf_token": token, **given}).status_code == 404
            assert keeper.put(f"/api/v1/accounts/{key}", json=given, headers=header).status_code == 404
        assert keeper.get(f"/api/v1/accounts/{key}").status_code in (404, 405)
    found = user_by_email("other-officer@example.org")
    assert found is not None and found.name == stranger.name


EXTRAS = {
    "party_id": "Operator",
    "party": "Operator",
    "administers_party": True,
    "sample": True,
    "active": True,
    "password": "correct lantern violin marmalade",
    "invited_by_id": "x",
    "accepted_at": "2026-01-01",
    "mail_id": "x",
}


@pytest.mark.parametrize("name", EXTRAS)
def test_s10_nothing_more_can_be_given_along(keeper: FlaskClient, name: str) -> None:
    token = token_of(check_page(keeper.get(f"{LIST}/invite")))
    value = _ids()["Operator"] if name.startswith("party") else EXTRAS[name]
    sent = {"email": GUEST, "name": "Guest", "roles": ["mission_officer"], name: value}
    refused = keeper.post("/api/v1/invitations", json=sent, headers={"X-CSRFToken": token})
    assert refused.status_code == 422 and name in refused.get_json()["errors"]
    assert _stored() == []
    assert keeper.post(f"{LIST}/invite", data={**sent, name: str(value), "csrf_token": token}).status_code == 303
    [made] = _stored()
    assert str(made.party_id) == _ids()["Embassy of Japan"]
    assert (made.administers_party, made.sample, made.accepted_at) == (False, False, None)
    assert made.invited_by_name == "Officer"


@pytest.mark.parametrize("role", [one.value for one in Role if one is not Role.MISSION_OFFICER] + ["root", ""])
def test_s10_no_role_is_given_that_is_not_the_partys_own(keeper: FlaskClient, role: str) -> None:
    token = token_of(check_page(keeper.get(f"{LIST}/invite")))
    sent = {"email": GUEST, "name": "Guest", "roles": ["mission_officer", role]}
    refused = keeper.post("/api/v1/invitations", json=sent, headers={"X-CSRFToken": token})
    assert refused.status_code == 422
    assert keeper.post(f"{LIST}/invite", data={**sent, "csrf_token": token}).status_code == 422
    assert _stored() == []


def test_s10_who_keeps_one_party_makes_no_keeper_and_no_party(person: People, keeper: FlaskClient) -> None:
    token = token_of(check_page(keeper.get(LIST)))
    me = person("officer").viewer.user_id
    for address in (
        f"{LIST}/{me}/party-administration/give",
        f"{LIST}/{me}/party-administration/take",
        "/administration/parties/new",
    ):
        assert keeper.post(address, data={"csrf_token": token}).status_code == 403, address
    for address in (f"/api/v1/accounts/{me}/party-administration/give", "/api/v1/parties"):
        assert keeper.post(address, json={}, headers={"X-CSRFToken": token}).status_code == 403, address
    for address in ("/administration/outbox", "/administration/audit", "/health"):
        assert keeper.get(address).status_code in (403, 404), address


def test_s10_an_administrator_of_the_same_house_is_not_closed_by_it(app: Flask, keeper: FlaskClient) -> None:
    with access.looking_as(SYSTEM), unit_of_work():
        party = db.session.scalars(select(Party).where(Party.name == "Embassy of Japan")).one()
        chief = service.open_account(
            actor=SYSTEM,
            email="chief@example.org",
            name="Chief",
            party=party,
            roles=[Role.ADMINISTRATOR],
            password="correct lantern violin marmalade",
        ).id
    token = token_of(check_page(keeper.get(LIST)))
    refused = keeper.post(f"{LIST}/{chief}/close", data={"csrf_token": token})
    assert "closed and opened by administrators alone" in check_page(refused, 422)
    db.session.rollback()
    access.look_as(SYSTEM)
    assert db.session.get_one(User, chief).active


def test_s09_who_only_keeps_accounts_sees_no_content(app: Flask, person: People, signed_in: Clients) -> None:
    user_id = person("officer").viewer.user_id
    with access.looking_as(SYSTEM), unit_of_work():
        user = db.session.get_one(User, user_id)
        user.administers_party, user.roles = True, []
    browser = signed_in("officer")
    assert browser.get(LIST).status_code == 200
    for address in ("/activities", "/followups", "/letters", "/people", "/api/v1/activities"):
        assert browser.get(address).status_code == 403, address


def _invite(browser: FlaskClient, email: str) -> Any:
    token = token_of(check_page(browser.get(f"{LIST}/invite")))
    data = {"csrf_token": token, "email": email, "name": "Guest", "roles": ["mission_officer"]}
    return browser.post(f"{LIST}/invite", data=data)


def test_s25_an_invitation_does_not_say_who_has_an_account(keeper: FlaskClient) -> None:
    answers: dict[str, tuple[Any, ...]] = {}
    for email in ("other-officer@example.org", GUEST):
        answer = _invite(keeper, email)
        page = check_page(keeper.get(LIST))
        with_name = [line for line in page.splitlines() if email in line or "Guest" in line]
        answers[email] = (answer.status_code, answer.location, [one.replace(email, "") for one in with_name][:3])
        shown = keeper.get("/api/v1/invitations").get_json()["items"][0]
        answers[email] = (*answers[email], shown["stands"], shown["mail"], shown["answer"])
    first, second = answers.values()
    assert first == second
    [known] = mails_to("other-officer@example.org")
    assert "/invitation/" not in known.text and "You have an account" in known.text
    assert known.subject == mails_to(GUEST)[0].subject
    assert "already" in check_page(_invite(keeper, "OFFICER@example.org"), 422), "their own party they know"


def test_s25_a_forgotten_password_does_not_say_who_has_an_account(app: Flask, person: People) -> None:
    person("officer")
    db.session.remove()
    answers, counts = [], []
    for email in ("officer@example.org", "nobody@example.org", "not an address", "nobody\u00e9@example.org"):
        browser = app.test_client()
        token = token_of(check_page(browser.get("/forgotten-password")))
        answer = browser.post("/forgotten-password", data={"csrf_token": token, "email": email})
        page = check_page(browser.get("/sign-in"))
        answers.append((answer.status_code, answer.location, "If there is an account with this address" in page))
        counts.append(len(page))
    assert set(answers) == {(303, "/sign-in", True)}
    assert statistics.pstdev(counts) < 60, "but for tokens the pages are the same"
    assert len(mails_to("officer@example.org")) == 1 and mails_to("nobody@example.org") == []
