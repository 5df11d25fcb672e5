"""Open the sample accounts, or take those back into use that had to stay when the sample was removed."""

from __future__ import annotations

from datetime import date

from flask_security import hash_password
from sqlalchemy import select

from crm.accounts import service as accounts
from crm.accounts.models import AccreditationKind, Mission, Role, User
from crm.accounts.queries import user_by_email
from crm.accounts.viewers import viewer_of
from crm.audit.service import Event, record
from crm.core.access import SYSTEM, Viewer
from crm.core.db import db
from crm.core.errors import RuleViolation
from crm.reach.service import missions
from crm.sample.accounts import ACCOUNTS, ACCREDITED_TO, MISSION, NEW_YORK, PASSWORD, Account

SINCE = date(2010, 8, 1)


def open_accounts() -> dict[Role, Viewer]:
    """Every sample account, by role; raises RuleViolation when a real one has the address of one of them."""
    people = {one.role: _open(one) for one in ACCOUNTS}
    _post(people[Role.MISSION_OFFICER])
    return {role: viewer_of(user) for role, user in people.items()}


def _post(officer: User) -> None:
    """The officer to the sample mission, which is opened if need be."""
    known = db.session.scalar(select(Mission).where(Mission.party_id == officer.party_id, Mission.name == MISSION))
    mission = known or missions.open_mission(actor=SYSTEM, name=MISSION, party_id=officer.party_id, sample=True)
    if known is None:
        for state_iso3, kind in ACCREDITED_TO.items():
            missions.accredit(
                actor=SYSTEM,
                mission_id=mission.id,
                state_iso3=state_iso3,
                kind=AccreditationKind(kind),
                from_on=SINCE,
            )
    there = select(Mission.id).where(Mission.party_id == officer.party_id, Mission.name == NEW_YORK)
    if db.session.scalar(there) is None:
        missions.open_mission(actor=SYSTEM, name=NEW_YORK, every_state=True, party_id=officer.party_id, sample=True)
    if officer.mission_id != mission.id:
        missions.post_to(actor=SYSTEM, user_id=officer.id, mission_id=mission.id)


def _open(one: Account) -> User:
    kept = user_by_email(one.email)
    if kept is not None:
        return _take_back(kept, one)
    return accounts.open_account(
        actor=SYSTEM,
        email=one.email,
        name=one.name,
        party=accounts.open_party(name=one.party, kind=one.kind, state_iso3=one.state_iso3, sample=True),
        roles=[one.role],
        password=PASSWORD,
        time_zone=one.time_zone,
        sample=True,
    )


def _take_back(user: User, one: Account) -> User:
    if not user.sample:
        raise RuleViolation("", f"{one.email} is the address of an account that is not sample.")
    user.name, user.time_zone = one.name, one.time_zone
    user.active, user.password = True, hash_password(PASSWORD)
    db.session.flush()
    record(
        Event.ACCOUNT_OPENED,
        actor=SYSTEM,
        subject=("user", user.id),
        originator_id=user.party_id,
        roles=[one.role.value],
        administers_party=False,
    )
    return user
