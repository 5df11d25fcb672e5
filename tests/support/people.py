"""Parties and people for tests, and clients that are signed in as them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.accounts import service, sessions
from crm.accounts.factors import vault
from crm.accounts.factors.models import AuthenticatorApp
from crm.accounts.factors.rules import step_of
from crm.accounts.models import Party, PartyKind, Role, User
from crm.accounts.queries import owes_factor, user_by_email
from crm.accounts.sessions import Proof
from crm.accounts.signin import KEY
from crm.accounts.viewers import viewer_of
from crm.core import access, clock
from crm.core.access import Viewer
from crm.core.db import db, unit_of_work
from crm.reach.service import missions

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""What the authenticator apps of people in tests know; `code_of` shows its codes."""

PASSWORD = "a password for tests alone"


@dataclass(frozen=True)
class Person:
    """Somebody with an account."""

    email: str
    viewer: Viewer


PEOPLE = {
    "officer": ("Embassy of Japan", PartyKind.GOVERNMENT, "JPN", Role.MISSION_OFFICER),
    "other_officer": ("Embassy of Norway", PartyKind.GOVERNMENT, "NOR", Role.MISSION_OFFICER),
    "coordinator": ("Japan", PartyKind.GOVERNMENT, "JPN", Role.COORDINATOR),
    "presidency": ("Lebanon", PartyKind.GOVERNMENT, "LBN", Role.PRESIDENCY_OFFICE),
    "secretariat": ("Implementation Support Unit", PartyKind.SECRETARIAT, None, Role.SECRETARIAT),
    "observer": ("Cluster Munition Coalition", PartyKind.OBSERVER, None, Role.OBSERVER),
    "administrator": ("Operator", PartyKind.OPERATOR, None, Role.ADMINISTRATOR),
}


def mission_to_all(party: Party) -> UUID:
    """A permanent mission of a party, which meets every State."""
    return missions.open_mission(
        actor=access.SYSTEM, name=f"Permanent mission of {party.name}", every_state=True, party_id=party.id
    ).id


def enrol(user: User) -> None:
    """Give an account an authenticator app, as if its owner had set it up long ago; part of a unit of work."""
    app = AuthenticatorApp(user_id=user.id, name="Phone", secret=vault.lock(SECRET), last_step=0)
    db.session.add(app)
    user.has_factor = True
    db.session.flush()


def code_of(secret: str = SECRET, steps: int = 0) -> str:
    """The code that an app shows now, or so many steps of thirty seconds later."""
    return pyotp.TOTP(secret).generate_otp(step_of(clock.now()) + steps)


@pytest.fixture
def person(app: Flask) -> Callable[[str], Person]:
    """Open (once) the account of somebody of PEOPLE."""
    known: dict[str, Person] = {}

    def get(who: str) -> Person:
        if who not in known:
            party, kind, state, role = PEOPLE[who]
            with access.looking_as(access.SYSTEM), unit_of_work():
                home = service.open_party(name=party, kind=kind, state_iso3=state)
                user: User = service.open_account(
                    actor=access.SYSTEM,
                    email=f"{who.replace('_', '-')}@example.org",
                    name=who.replace("_", " ").title(),
                    party=home,
                    roles=[role],
                    password=PASSWORD,
                    mission_id=mission_to_all(home) if role is Role.MISSION_OFFICER else None,
                )
                if owes_factor(user):
                    enrol(user)
                made = Person(user.email, viewer_of(user))
            known[who] = made
        return known[who]

    return get


def browser_of(app: Flask, email: str) -> FlaskClient:
    """A client in whose browser the owner of this account is signed in, just now and with all they have to show,
    without the cost of a password.
    """
    with app.app_context(), access.looking_as(access.SYSTEM), unit_of_work():
        user = user_by_email(email)
        assert user is not None, email
        if owes_factor(user) and not user.has_factor:
            enrol(user)
        proof = Proof(clock.now(), clock.now())
        key = sessions.begin(user_id=user.id, device="A test", network="127.0.0.0/24", proof=proof)
        mark = user.fs_uniquifier
    browser = app.test_client()
    with browser.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"], kept[KEY] = mark, True, key
    return browser


@pytest.fixture
def signed_in(app: Flask, person: Callable[[str], Person]) -> Callable[[str], FlaskClient]:
    """A client in whose browser somebody of PEOPLE is signed in."""

    def client(who: str) -> FlaskClient:
        email = person(who).email
        db.session.remove()
        browser = browser_of(app, email)
        access.look_as(access.SYSTEM)
        return browser

    return client
