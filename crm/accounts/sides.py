"""Whose a record is, as somebody asks for it: what I wrote, what a mission of ours wrote, what a party keeps."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select

from crm.accounts.models import Mission, Party, User
from crm.core.access import Viewer
from crm.core.db import db

ME, MISSION, PARTY = "me", "mission", "party"


def sides(viewer: Viewer) -> list[tuple[str, str]]:
    """Oneself, the open missions of one's own party, every party: one statement."""
    if not viewer.user_id:
        return []
    ours = and_(Mission.party_id == Party.id, Party.id == viewer.party_id, Mission.closed_on.is_(None))
    both: Any = select(Party.id, Party.name, Mission.id.label("mission_id"), Mission.name.label("mission"))
    rows = db.session.execute(both.outerjoin(Mission, ours).order_by(Party.name, Mission.name)).all()
    parties = {row.id: row.name for row in rows}
    return [
        (ME, "Me"),
        *((f"{MISSION}-{row.mission_id}", row.mission) for row in rows if row.mission_id),
        *((f"{PARTY}-{key}", name) for key, name in parties.items()),
    ]


def of_side(
    side: str, viewer: Viewer, *, writer: Any, originator: Any, told: Any, mission: Any = None
) -> ColumnElement[bool]:
    """Whether a record is of a side: `writer` and `originator` are its columns, `told` whether whose it is is told.
    `mission`: the column of a mission whose it may be in place of a writer; then it is that of everybody there.
    """
    kind, _, key = side.partition("-")
    if kind == ME and not key:
        if not viewer.user_id:
            return false()
        ours = viewer.mission_id if mission is not None and viewer.mission_name else None
        return or_(writer == viewer.user_id, mission == ours) if ours else writer == viewer.user_id
    try:
        known = UUID(key)
    except ValueError:
        return false()
    if kind == PARTY:
        return and_(originator == known, told)
    if kind == MISSION and viewer.party_id:
        staff = select(User.id).where(User.mission_id == known, User.party_id == viewer.party_id)
        wrote = writer.in_(staff) if mission is None else or_(writer.in_(staff), mission == known)
        return and_(originator == viewer.party_id, wrote)
    return false()
