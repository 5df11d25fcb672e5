"""What a person should see first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import exists, select

from crm.activities.queries import ActivityLine, page_of_activities
from crm.audit import reading
from crm.core.access import Viewer
from crm.core.db import db
from crm.followups.models import FollowUp
from crm.followups.queries import owed_by
from crm.letters.models import Letter, LetterCampaign
from crm.letters.progress import UNDER_WAY


@dataclass(frozen=True)
class Queue:
    """My open follow-ups by urgency, and whether more stand behind them."""

    overdue: list[Any]
    due_today: list[Any]
    this_week: list[Any]
    more: bool


def my_queue(viewer: Viewer, today: date, limit: int = 30) -> Queue:
    """Open follow-ups of mine that are overdue, due today or due within seven days, most urgent first."""
    rows = db.session.execute(
        select(
            FollowUp.id,
            FollowUp.what,
            FollowUp.state_iso3,
            FollowUp.due_on,
            FollowUp.sample,
            FollowUp.originator_id,
            FollowUp.handling,
        )
        .where(owed_by(viewer), FollowUp.status == "open")
        .where(FollowUp.due_on <= today + timedelta(days=7))
        .order_by(FollowUp.due_on, FollowUp.id)
        .limit(limit + 1)
    ).all()
    shown = rows[:limit]
    reading.tells("follow_up", shown)
    return Queue(
        overdue=[row for row in shown if row.due_on < today],
        due_today=[row for row in shown if row.due_on == today],
        this_week=[row for row in shown if row.due_on > today],
        more=len(rows) > limit,
    )


def latest_activities(viewer: Viewer, today: date, count: int = 5) -> list[ActivityLine]:
    """The newest activities that the viewer may see, without what is still to come."""
    if not viewer.may("activities:read"):
        return []
    return list(page_of_activities(size=count, until=today).items)


def running_campaigns(limit: int = 3) -> list[Any]:
    """The newest campaigns with letters still to be drafted."""
    under_way = exists().where(
        Letter.campaign_id == LetterCampaign.id, Letter.state.in_([one.value for one in UNDER_WAY])
    )
    return list(
        db.session.execute(
            select(LetterCampaign.id, LetterCampaign.name)
            .where(under_way)
            .order_by(LetterCampaign.planned_at.desc())
            .limit(limit)
        )
    )
