"""What is promised on both sides, and what comes next, for the page of a State."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import func, select

from crm.accounts.models import Mission, User
from crm.activities.models import Activity
from crm.audit import reading
from crm.core import access
from crm.core.access import Viewer
from crm.core.days import until
from crm.core.db import db
from crm.followups.models import FollowUp
from crm.followups.rules import Status, is_late
from crm.states.panels import Glance, Panel, PanelRow

SHOWN, READ = 5, 100


@dataclass(frozen=True)
class Promise:
    """Something open about a State: ours to do, or `promised` by the State. `owner` is "" where they are not named.

    `marks`: those of the activity that it came out of, as far as the viewer may see it.
    """

    id: UUID
    what: str
    promised: bool
    due_on: date
    owner: str
    late: bool
    handling: str
    originator_id: UUID
    marks: str


def promises(state_iso3: str, today: date, most: int = SHOWN) -> list[Promise]:
    """What is open on both sides as far as the viewer may see it, ours first, the most urgent of each first."""
    found = _open(state_iso3, today)
    shown = [one for side in (False, True) for one in [each for each in found if each.promised is side][:most]]
    reading.tells("follow_up", shown)
    return shown


def _open(state_iso3: str, today: date) -> list[Promise]:
    wanted: Any = select(
        FollowUp.id, FollowUp.what, FollowUp.promised, FollowUp.due_on, FollowUp.handling, FollowUp.originator_id,
        func.coalesce(Mission.name, User.name).label("owner"), Activity.marks,
    )  # fmt: skip
    wanted = (
        wanted.outerjoin(User, User.id == FollowUp.owner_id)
        .outerjoin(Mission, Mission.id == FollowUp.owner_mission_id)
        .outerjoin(Activity, Activity.id == FollowUp.activity_id)
        .where(FollowUp.state_iso3 == state_iso3, FollowUp.status == Status.OPEN.value)
        .order_by(FollowUp.due_on, FollowUp.id)
        .limit(READ)
    )
    return [
        Promise(
            row.id, row.what, row.promised, row.due_on, row.owner or "",
            is_late(row.due_on, today, promised=row.promised), row.handling, row.originator_id, row.marks or "",
        )
        for row in db.session.execute(wanted)
    ]  # fmt: skip


def next_and_promised(state_iso3: str, viewer: Viewer) -> Iterator[Panel | Glance]:
    """The next action at a glance, and all that is open on both sides."""
    if not viewer.may("followups:read"):
        return
    today = access.today()
    found = promises(state_iso3, today)
    ours = [one for one in found if not one.promised]
    if ours:
        first = ours[0]
        note = f"{first.what}{f', {first.owner}' if first.owner else ''}"
        when = until(first.due_on, today)
        tone = "bad" if first.late else "warn" if first.due_on == today else ""
        yield Glance("Next action", when[:1].upper() + when[1:], note, _page(first), tone, place=20)
    else:
        page = url_for("followups.new", state=state_iso3) if viewer.may("followups:write") else None
        yield Glance("Next action", "None", "Nothing is planned that you may see", page, place=20)
    if found:
        rows = tuple(_row(one, today) for one in found)
        every = url_for("followups.index", state=state_iso3, owner="all")
        yield Panel("Open promises", rows, href=every, link_label="All follow-ups", place=15)


def _row(one: Promise, today: date) -> PanelRow:
    side = "They promised" if one.promised else "We owe"
    return PanelRow(f"{side}, {until(one.due_on, today)}", one.what, _page(one), one.late)


def _page(one: Promise) -> str:
    return url_for("followups.show", followup_id=one.id)
