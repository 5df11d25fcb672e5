"""Accounts: page and JSON door do the same, each about a colleague of its own, and leave the same rows.

A password is changed on its page alone (docs/api.md), a token revoked there too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete

from crm.accounts import sessions
from crm.accounts.factors.models import AuthenticatorApp, RecoveryCode
from crm.accounts.models import Invitation, Party, User, UserRole, UserSession
from crm.audit.models import AuditEntry
from crm.calendar.models import CalendarFeed
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import unit_of_work
from crm.core.links import HeldLink
from crm.mail.models import OutboxMail
from tests.abuse.belongings import belongings
from tests.support.doors import differences, put, rows
from tests.support.pages import token_of
from tests.support.people import Person, enrol

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]
Step = tuple[str, str, dict[str, Any]]

KEPT = (
    User, UserRole, UserSession, Party, Invitation, HeldLink, AuthenticatorApp, RecoveryCode, CalendarFeed,
    OutboxMail, AuditEntry,
)  # fmt: skip

ACCOUNT, API = "/administration/accounts", "/api/v1/accounts"
GUEST = {"email": "guest-DOOR@example.net", "name": "Guest", "title": "Attaché", "roles": ["coordinator"],
         "party_id": "PARTY"}  # fmt: skip


def _pressed(name: str, key: str = "USER", page: str = ACCOUNT, api: str = API) -> Step:
    """A button of both doors."""
    return f"{page}/{key}/{name}", f"{api}/{key}/{name}", {}


def _invitation(name: str) -> Step:
    return _pressed(name, "INVITATION", "/administration/invitations", "/api/v1/invitations")


def _own(kind: str, key: str, name: str) -> Step:
    return _pressed(name, key, f"/account/{kind}", f"/api/v1/account/{kind}")


COMMANDS: dict[str, list[Step]] = {
    "close": [_pressed("close")],
    "reopen": [_pressed("close"), _pressed("reopen")],
    "party administration": [_pressed("party-administration/give"), _pressed("party-administration/take")],
    "another name and role": [
        (f"{ACCOUNT}/USER", f"PUT {API}/USER", {"name": "Renamed", "title": "Envoy", "roles": ["mission_officer"]}),
    ],
    "what others read of oneself": [
        ("/account/profile", "PUT /api/v1/account", {"name": "Own DOOR", "title": "Envoy", "time_zone": "Asia/Tokyo"}),
        ("/account/profile", "PUT /api/v1/account", {"name": "Administrator", "title": "", "time_zone": "UTC"}),
    ],
    "reset of factors": [_pressed("reset-factors")],
    "invite": [(f"{ACCOUNT}/invite", "/api/v1/invitations", GUEST)],
    "send again": [_invitation("resend")],
    "withdraw": [_invitation("withdraw")],
    "a party": [
        ("/administration/parties/new", "/api/v1/parties", {"name": "Office DOOR", "kind": "secretariat"}),
    ],
    "end of a session": [_own("sessions", "SESSION", "end")],
    "end of every other session": [("/account/sessions/end-others", "/api/v1/account/sessions/end-others", {})],
    "name of a factor": [("/account/factors/FACTOR/name", "/api/v1/account/factors/FACTOR/name", {"name": "Desk"})],
    "removal of a factor": [_own("factors", "FACTOR", "remove")],
    "recovery codes": [("/account/factors/recovery-codes", "/api/v1/account/factors/recovery-codes", {})],
    "end of a feed": [("/calendar/FEED/end", "/api/v1/calendar-feeds/FEED/end", {})],
}  # fmt: skip

COORDINATORS = {"end of a feed"}
"""What an administrator has none of."""


def _names(actor: Viewer, party: Viewer, door: str) -> dict[str, str]:
    """What the addresses of one door name: the actor's own, somebody of a party, who is invited to it."""
    own, theirs = belongings(actor), belongings(party)
    with looking_as(SYSTEM), unit_of_work() as session:
        user, invited = session.get_one(User, theirs["user_id"]), session.get_one(Invitation, theirs["invitation_id"])
        user.name, user.email = "Colleague", f"colleague-{door}@example.net"
        invited.email = f"invited-{door}@example.net"
        enrol(user)
    return {
        "USER": str(theirs["user_id"]), "INVITATION": str(theirs["invitation_id"]), "SESSION": str(own["session_id"]),
        "FACTOR": str(own["factor_id"]), "FEED": str(own["feed_id"]), "PARTY": str(party.party_id), "DOOR": door,
        "MISSION": str(theirs["mission_id"]),
    }  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_both_doors_leave_the_same_rows(app: Flask, person: People, signed_in: Clients, command: str) -> None:
    who = "coordinator" if command in COORDINATORS else "administrator"
    actor, party = person(who).viewer, person("coordinator").viewer
    left = []
    for door in ("page", "json"):
        with looking_as(SYSTEM), unit_of_work() as session:
            sessions.end_all(user_id=actor.user_id)
            session.execute(delete(RecoveryCode))
        browser = signed_in(who)
        keys = _names(actor, party, f"door-{door}")
        token = token_of(browser.get("/account").get_data(as_text=True))
        known = rows(KEPT)
        for page, api, given in COMMANDS[command]:
            words = {name: put(value, keys) for name, value in given.items()}
            if door == "page":
                answer = browser.post(put(page, keys), data={**words, "csrf_token": token})
            else:
                method, _, address = put(api, keys).rpartition(" ")
                header = {"X-CSRFToken": token}
                answer = browser.open(address, method=method or "POST", json=words, headers=header)
            assert answer.status_code in (200, 201, 303), (page, door, answer.status_code)
        left.append(differences(known, rows(KEPT), keys))
    assert left[0] and left[0] == left[1]
