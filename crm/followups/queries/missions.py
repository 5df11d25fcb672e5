"""What missions owe: who is there to do it, what is the viewer's because it is their mission's, and where nobody is."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import Mission, User
from crm.accounts.viewers import viewer_of
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db
from crm.followups import rules
from crm.followups.models import FollowUp


def owed_by(viewer: Viewer) -> ColumnElement[bool]:
    """`rules.owes` as a condition: what is to be done by somebody, themselves or at their mission."""
    if viewer.user_id is None:
        return false()
    own, mission = FollowUp.owner_id == viewer.user_id, rules.mission_of(viewer)
    return or_(own, FollowUp.owner_mission_id == mission) if mission else own


def people_at(missions: Collection[UUID]) -> dict[UUID, list[Viewer]]:
    """Everybody with an open account who is posted to these missions, by name; nobody is at one that is closed.

    Looks as the system: they may be of another party.
    """
    if not missions:
        return {}
    wanted = (
        select(User)
        .join(Mission, Mission.id == User.mission_id)
        .where(User.active, User.mission_id.in_(missions), Mission.closed_on.is_(None))
        .order_by(User.name, User.id)
        .options(joinedload(User.party), joinedload(User.roles))
    )
    found: dict[UUID, list[Viewer]] = {}
    with looking_as(SYSTEM):
        for user in db.session.execute(wanted).unique().scalars():
            assert user.mission_id
            found.setdefault(user.mission_id, []).append(viewer_of(user))
    return found


def closed_accounts(among: Collection[UUID] | Select[Any]) -> set[UUID]:
    """Which of these accounts are closed, those of people included whom the viewer may not know.

    Looks as the system for them.
    """
    with looking_as(SYSTEM):
        return set(db.session.scalars(select(User.id).where(User.id.in_(among), User.active.is_(False))))


def left_missions(among: Collection[UUID] | Select[Any]) -> set[UUID]:
    """Which of these missions nobody is left at: closed, or without anybody who has an open account. Looks as the
    system, as `closed_accounts` does.
    """
    posted = exists().where(User.mission_id == Mission.id, User.active)
    wanted = select(Mission.id).where(Mission.id.in_(among), or_(Mission.closed_on.is_not(None), ~posted))
    with looking_as(SYSTEM):
        return set(db.session.scalars(wanted))


def nobody_left(rows: Collection[Any]) -> set[UUID]:
    """Of whoever owes these follow-ups, the keys of closed accounts and of missions where nobody is left."""
    people = {row.owner_id for row in rows if row.owner_id}
    missions = {row.owner_mission_id for row in rows if row.owner_mission_id}
    return (closed_accounts(people) if people else set()) | (left_missions(missions) if missions else set())


def left_by_all(*among: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition that nobody is there any more to do it, of those follow-ups for which these hold."""
    people = closed_accounts(select(FollowUp.owner_id).where(FollowUp.owner_id.is_not(None), *among))
    missions = left_missions(select(FollowUp.owner_mission_id).where(FollowUp.owner_mission_id.is_not(None), *among))
    if not people and not missions:
        return false()
    return and_(or_(FollowUp.owner_id.in_(people), FollowUp.owner_mission_id.in_(missions)), *among)
