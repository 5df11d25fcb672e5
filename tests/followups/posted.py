"""People at missions, and what missions owe, for tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.models import AccreditationKind, User
from crm.accounts.viewers import viewer_of
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.followups import queries
from crm.followups.models import Reminder
from crm.reach.service import missions
from tests.support.pages import token_of
from tests.support.people import Person

People = Callable[[str], Person]
Browser = Callable[[str], FlaskClient]
Later = Callable[[float], None]
TODAY = date(2026, 11, 23)
HOUR = 3600


def mission_of(viewer: Viewer) -> UUID:
    assert viewer.mission_id
    return viewer.mission_id


def fresh(viewer: Viewer) -> Viewer:
    """The same person as they are now."""
    with looking_as(SYSTEM):
        db.session.rollback()
        return viewer_of(db.session.get_one(User, viewer.user_id))


def other_mission(viewer: Viewer, name: str = "Embassy in Vientiane", *states: str) -> UUID:
    """Another mission of the same party, accredited to these States."""
    with looking_as(SYSTEM), unit_of_work():
        made = missions.open_mission(actor=SYSTEM, name=name, party_id=viewer.party_id).id
        for iso3 in states:
            missions.accredit(
                actor=SYSTEM, mission_id=made, state_iso3=iso3, kind=AccreditationKind.RESIDENT,
                from_on=TODAY - timedelta(days=400),
            )  # fmt: skip
        return made


def post_to(viewer: Viewer, mission_id: UUID | None) -> Viewer:
    assert viewer.user_id
    with looking_as(SYSTEM), unit_of_work():
        if mission_id:
            missions.post_to(actor=SYSTEM, user_id=viewer.user_id, mission_id=mission_id)
        else:
            missions.leave(actor=SYSTEM, user_id=viewer.user_id, mission_id=mission_of(viewer))
    return fresh(viewer)


def mine(viewer: Viewer) -> list[UUID]:
    with looking_as(viewer):
        return [one.id for one in queries.page_of_follow_ups(viewer=viewer).items]


def send(browser: FlaskClient, address: str, body: dict[str, Any]) -> Any:
    """A change through the JSON door, with the token that a page would send."""
    headers = {"X-CSRFToken": token_of(browser.get("/account").text)}
    return browser.post(f"/api/v1/{address}", json=body, headers=headers)


def reminded(followup_id: UUID) -> set[str]:
    with looking_as(SYSTEM):
        db.session.rollback()
        told = select(User.name).join(Reminder, Reminder.recipient_id == User.id)
        return set(db.session.scalars(told.where(Reminder.followup_id == followup_id)))
