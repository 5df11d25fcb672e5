"""What stands in an account is changed: one's own name and zone, and what a colleague is called and does here."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from crm.accounts import changing, service
from crm.accounts.models import Role, User, UserSession
from crm.accounts.viewers import viewer_of
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, NotFound, RuleViolation, Stale
from crm.followups import service as followups
from crm.mail.models import OutboxMail
from crm.reach.service import restricted
from tests.architecture.imports import ROOT, source_files, text_of
from tests.reach.test_terms import entries
from tests.support.pages import carried, check_page, token_of
from tests.support.people import Person

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]
LIST = "/administration/accounts"


def known(user_id: UUID | None) -> User:
    with looking_as(SYSTEM):
        db.session.rollback()
        return db.session.get_one(User, user_id)


def roles(user_id: UUID | None) -> list[str]:
    with looking_as(SYSTEM):
        return [one.value for one in changing.roles_of(known(user_id))]


def colleague(of: Viewer, *held: Role, email: str = "colleague@example.org", sample: bool = False) -> UUID:
    """Somebody else of a party, with these roles."""
    with looking_as(SYSTEM), unit_of_work() as session:
        party = known(of.user_id).party
        return service.open_account(
            actor=SYSTEM, email=email, name="Colleague", party=session.merge(party), roles=list(held),
            password="a password for tests alone", sample=sample,
        ).id  # fmt: skip


def keeping(who: Viewer) -> Viewer:
    """The same, who administers their party from now on."""
    with looking_as(SYSTEM), unit_of_work():
        service.give_party_administration(actor=SYSTEM, user_id=who.user_id)
    return anew(who)


def anew(who: Viewer) -> Viewer:
    with looking_as(SYSTEM):
        return viewer_of(known(who.user_id))


def change(actor: Viewer, user_id: UUID | None, wanted: Collection[str], **more: Any) -> None:
    given = {"name": "Colleague", "title": "", **more}
    with looking_as(actor), unit_of_work():
        changing.change_account(actor=actor, user_id=user_id or UUID(int=0), roles=wanted, **given)


def test_ones_own_name_and_zone_are_changed_and_a_follow_up_keeps_its_own(
    app: Flask, person: People, signed_in: Clients
) -> None:
    officer = person("officer").viewer
    with looking_as(officer), unit_of_work():
        followup = followups.open_follow_up(actor=officer, state_iso3="LAO", what="Ask again", due_on=clock.today())
        kept = (followup.id, followup.zone, followup.due_at)
    browser = signed_in("officer")
    page = check_page(browser.get("/account/profile"))
    sent = {
        "name": "Aiko Sato",
        "title": "Second Secretary",
        "time_zone": "Asia/Vientiane",
        "csrf_token": token_of(page),
    }
    assert browser.post("/account/profile", data=sent).status_code == 303
    assert "Aiko Sato" in check_page(browser.get("/account"))
    now = anew(officer)
    assert (now.name, now.title, now.time_zone) == ("Aiko Sato", "Second Secretary", "Asia/Vientiane")
    with looking_as(SYSTEM):
        after = db.session.get_one(type(followup), kept[0])
        assert (after.id, after.zone, after.due_at) == kept
    [(facts, values)] = entries("account_changed")
    assert facts["changed"] == ["name", "title", "time_zone"] and values is not None
    assert values["name"] == ["Officer", "Aiko Sato"] and values["time_zone"] == ["UTC", "Asia/Vientiane"]


@pytest.mark.parametrize("wrong", [{"name": " "}, {"time_zone": "Mars/Olympus"}, {"roles": ["coordinator"]}])
def test_nothing_else_of_ones_own_is_changed(
    app: Flask, person: People, signed_in: Clients, wrong: dict[str, Any]
) -> None:
    officer = person("officer").viewer
    browser = signed_in("officer")
    header = {"X-CSRFToken": token_of(browser.get("/account/profile").text)}
    assert browser.put("/api/v1/account", json=wrong, headers=header).status_code == 422
    assert anew(officer) == officer


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("demarche", "come from this software"),
        ("Demarche security: sign in again at https://evil.example/x", "come from this software"),
        ("Aiko www.evil.example", "without an address"),
        ("Aiko\nSato", "on one line"),
    ],
)
def test_no_name_speaks_for_the_software_or_leads_away(
    app: Flask, person: People, signed_in: Clients, name: str, told: str
) -> None:
    """Mails of the house carry it: by no door, of oneself, a colleague or a guest."""
    officer, browser = person("officer").viewer, signed_in("administrator")
    header = {"X-CSRFToken": token_of(browser.get("/account/profile").text)}
    account = {"name": name, "title": "", "roles": ["mission_officer"]}
    guest = {**account, "email": "guest@example.net", "party_id": str(officer.party_id)}
    doors: list[tuple[str, str, str, dict[str, Any]]] = [
        ("/account/profile", "PUT", "/api/v1/account", {"name": name, "title": "", "time_zone": "UTC"}),
        (f"{LIST}/{officer.user_id}", "PUT", f"/api/v1/accounts/{officer.user_id}", account),
        (f"{LIST}/invite", "POST", "/api/v1/invitations", guest),
    ]
    for page, method, address, given in doors:
        answer = browser.open(address, method=method, json=given, headers=header)
        assert answer.status_code == 422, address
        assert told in answer.get_json()["errors"]["name"][0]
        shown = check_page(browser.post(page, data={**given, "csrf_token": header["X-CSRFToken"]}), 422)
        assert told in shown[shown.index('id="name-error"') :][:400]
    assert anew(officer).name == "Officer" and "guest@example.net" not in browser.get(LIST).text


def test_a_colleague_gets_another_role_and_needs_a_second_factor_at_the_next_click(
    app: Flask, person: People, signed_in: Clients
) -> None:
    officer = person("officer").viewer
    person("administrator")
    theirs, mine = signed_in("officer"), signed_in("administrator")
    with looking_as(SYSTEM), unit_of_work() as session:
        session.execute(update(UserSession).where(UserSession.user_id == officer.user_id).values(verified_at=None))
    assert theirs.get("/").status_code == 200
    assert "Change" in check_page(mine.get(LIST))
    address = f"{LIST}/{officer.user_id}"
    page = check_page(mine.get(address))
    sent = {"name": officer.name, "title": "", "roles": ["coordinator"], "csrf_token": token_of(page)}
    sent["version"] = carried(page)["version"]
    assert mine.post(address, data=sent).status_code == 303
    assert roles(officer.user_id) == ["coordinator"]
    led = theirs.get("/")
    assert led.status_code == 303 and "/account/factors" in led.headers["Location"]
    [(facts, values)] = entries("account_changed")
    assert facts["changed"] == ["roles"] and values == {"roles": [["mission_officer"], ["coordinator"]]}
    assert "Mission officer" in check_page(mine.get("/administration/audit"))


def test_what_was_taken_is_not_given_back_unseen(app: Flask, person: People) -> None:
    administrator, officer = person("administrator").viewer, person("officer").viewer
    read = changing.Standing.of(known(officer.user_id)).version
    change(administrator, officer.user_id, ["coordinator"], version=read)
    with pytest.raises(Stale):
        change(administrator, officer.user_id, ["mission_officer"], version=read)
    assert roles(officer.user_id) == ["coordinator"]


def test_two_windows_on_ones_own_profile_lose_nothing(app: Flask, person: People, signed_in: Clients) -> None:
    officer, browser, address = person("officer").viewer, signed_in("officer"), "/account/profile"
    early, mine = carried(check_page(browser.get(address))), {"name": "Officer", "time_zone": "UTC"}
    with looking_as(officer), unit_of_work():
        changing.change_own(actor=officer, name="Officer", title="Counsellor", time_zone="Asia/Vientiane")
    stale = check_page(browser.post(address, data={**mine, **early, "title": "Attaché"}), 409)
    for words in ("When you opened it", "Counsellor", "Attaché", "Asia/Vientiane"):
        assert words in stale
    assert anew(officer).title == "Counsellor"
    now = {**mine, **carried(stale), "title": "Attaché", "take-title": "mine", "take-time_zone": "theirs"}
    assert browser.post(address, data=now).status_code == 303
    assert (anew(officer).title, anew(officer).time_zone) == ("Attaché", "Asia/Vientiane")


def test_two_windows_on_an_account_lose_nothing(app: Flask, person: People, signed_in: Clients) -> None:
    officer, administrator = person("officer").viewer, person("administrator").viewer
    browser, address = signed_in("administrator"), f"{LIST}/{officer.user_id}"
    early = carried(check_page(browser.get(address)))
    change(administrator, officer.user_id, ["coordinator"], title="Counsellor")
    mine = {"name": "Officer", "title": "Attaché", "roles": ["mission_officer"]}
    stale = check_page(browser.post(address, data={**mine, **early}), 409)
    for words in ("Counsellor", "Attaché", "Coordinator", "Mission officer"):
        assert words in stale
    chosen = {**mine, **carried(stale), "take-title": "mine", "take-roles": "theirs", "take-name": "theirs"}
    assert browser.post(address, data=chosen).status_code == 303
    assert roles(officer.user_id) == ["coordinator"]
    assert (known(officer.user_id).name, known(officer.user_id).title) == ("Colleague", "Attaché")


def test_what_two_windows_both_wrote_is_no_choice(app: Flask, person: People, signed_in: Clients) -> None:
    officer, browser, address = person("officer").viewer, signed_in("officer"), "/account/profile"
    early = carried(check_page(browser.get(address)))
    with looking_as(officer), unit_of_work():
        changing.change_own(actor=officer, name="Officer", title="Counsellor", time_zone="UTC")
    same = {**early, "name": "Officer", "title": "Counsellor", "time_zone": "UTC"}
    assert "There is nothing to choose" in check_page(browser.post(address, data=same), 409)


def test_a_program_that_read_another_version_is_told(app: Flask, person: People, signed_in: Clients) -> None:
    officer = person("officer").viewer
    browser = signed_in("administrator")
    header = {"X-CSRFToken": token_of(browser.get("/account/profile").text)}
    for address, old in (
        ("/api/v1/account", browser.get("/api/v1/account").get_json()),
        (f"/api/v1/accounts/{officer.user_id}", _listed(browser, officer)),
    ):
        newer = browser.put(address, json={"title": "Counsellor", "version": old["version"]}, headers=header)
        assert newer.status_code == 200 and newer.get_json()["version"] != old["version"]
        late = browser.put(address, json={"title": "Attaché", "version": old["version"]}, headers=header)
        assert late.status_code == 409
        whatever = browser.put(address, json={"title": "Attaché"}, headers=header)
        assert whatever.status_code == 200 and whatever.get_json()["title"] == "Attaché"


def _listed(browser: FlaskClient, who: Viewer) -> dict[str, Any]:
    items = browser.get("/api/v1/accounts").get_json()["items"]
    return next(dict(one) for one in items if one["id"] == str(who.user_id))


@pytest.mark.parametrize("wanted", ["coordinator", "administrator", "secretariat", "observer"])
def test_who_keeps_one_party_gives_no_role_that_is_not_theirs_to_give(app: Flask, person: People, wanted: str) -> None:
    keeper = keeping(person("officer").viewer)
    other = colleague(keeper, Role.MISSION_OFFICER)
    with pytest.raises(RuleViolation, match="cannot be given"):
        change(keeper, other, ["mission_officer", wanted])
    assert roles(other) == ["mission_officer"]


def test_an_office_that_the_party_has_is_handed_on(app: Flask, person: People) -> None:
    keeper = keeping(person("coordinator").viewer)
    other = colleague(keeper, Role.MISSION_OFFICER)
    change(keeper, other, ["coordinator"])
    assert roles(other) == ["coordinator"]


def test_nobody_gives_themselves_a_role(app: Flask, person: People) -> None:
    keeper = keeping(person("officer").viewer)
    colleague(keeper, Role.COORDINATOR)
    with pytest.raises(RuleViolation, match="yourself"):
        change(keeper, keeper.user_id, ["mission_officer", "coordinator"])
    assert roles(keeper.user_id) == ["mission_officer"]


def test_another_partys_account_is_not_there(app: Flask, person: People) -> None:
    keeper, stranger = keeping(person("officer").viewer), person("other_officer").viewer
    with pytest.raises(NotFound):
        change(keeper, stranger.user_id, ["mission_officer"], name="Renamed")
    with pytest.raises(NotAllowed):
        change(person("coordinator").viewer, person("coordinator").viewer.user_id, ["coordinator"], name="Renamed")
    administrator = colleague(keeper, Role.MISSION_OFFICER, Role.ADMINISTRATOR)
    with pytest.raises(RuleViolation, match="administrators alone"):
        change(keeper, administrator, ["mission_officer"])
    assert known(stranger.user_id).name == stranger.name and len(roles(administrator)) == 2


def test_the_last_administrator_stays_one(app: Flask, person: People) -> None:
    """The sample's, whose password everybody can read, does not count as one who is left."""
    administrator = person("administrator").viewer
    colleague(administrator, Role.ADMINISTRATOR, email="sample@example.org", sample=True)
    with looking_as(SYSTEM), unit_of_work():
        service.give_party_administration(actor=SYSTEM, user_id=administrator.user_id)
    with pytest.raises(RuleViolation, match="last administrator"):
        change(administrator, administrator.user_id, [])
    colleague(administrator, Role.ADMINISTRATOR)
    change(administrator, administrator.user_id, [])
    assert roles(administrator.user_id) == []


def test_an_account_has_a_role_and_a_sample_one_keeps_its_own(app: Flask, person: People) -> None:
    administrator, officer = person("administrator").viewer, person("officer").viewer
    with pytest.raises(RuleViolation, match="at least one role"):
        change(administrator, officer.user_id, [])
    sample = colleague(officer, Role.MISSION_OFFICER, sample=True)
    with pytest.raises(RuleViolation, match="sample"):
        change(administrator, sample, ["coordinator"])


def test_administrators_are_told_when_nobody_keeps_a_restricted_state_any_more(app: Flask, person: People) -> None:
    administrator, coordinator = person("administrator").viewer, person("coordinator").viewer
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="LAO")
    change(administrator, coordinator.user_id, ["mission_officer"])
    with looking_as(SYSTEM):
        told = db.session.scalars(select(OutboxMail.recipient).where(OutboxMail.text.contains("last one to keep")))
        assert list(told) == [administrator.email]
    with pytest.raises(NotAllowed):
        restricted.check_named(actor=anew(coordinator), state_iso3="LAO")


def test_who_holds_a_role_is_asked_in_one_place() -> None:
    asking = [
        one for one in source_files("crm") if re.search(r"UserRole\.(name|user_id)\s*(==|!=|\.in_)", text_of(one))
    ]
    assert {str(one.relative_to(ROOT)) for one in asking} <= {"crm/accounts/holders.py", "crm/accounts/invitations.py"}
