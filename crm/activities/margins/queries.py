"""Reading rounds of short talks, and what meetings words may name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from crm.activities.details import OUTCOME
from crm.activities.margins.talks import in_a_sentence
from crm.activities.margins.words import Gathering
from crm.activities.models import Activity, ActivityObstacle, TalkRound
from crm.core.access import Viewer
from crm.core.db import db, held
from crm.core.errors import NotFound
from crm.meetings.models import Meeting
from crm.meetings.queries import days_of
from crm.meetings.rules import MeetingKind
from crm.positions.models import ObstacleClaim
from crm.states.rules import fold

LATEST = 5
ONE_YEAR = timedelta(days=366)


@dataclass(frozen=True)
class Line:
    """One talk of a round, with the obstacles that came up and the words in which its day and whoever does it were
    given.
    """

    activity: Activity
    obstacles: list[str] = field(default_factory=list)
    due_words: str = ""
    version: int = 0
    who_words: str = ""

    @property
    def state_iso3(self) -> str:
        """The State that it was with."""
        return self.activity.states[0].state_iso3

    @property
    def outcome(self) -> str:
        """The code of how it went, "" where that was not said."""
        return str(self.activity.extras.get(OUTCOME.key, ""))

    @property
    def note(self) -> str:
        """What they said, "" where the outcome stands for it."""
        alone = self.outcome and self.activity.reply == in_a_sentence(self.outcome)
        return "" if alone else self.activity.reply


def get_round(round_id: UUID) -> TalkRound:
    """One round; NotFound when absent or not for this viewer."""
    found = db.session.scalar(select(TalkRound).where(TalkRound.id == round_id))
    if found is None:
        raise NotFound("no such round")
    return found


def latest_rounds(viewer: Viewer) -> Sequence[tuple[TalkRound, int]]:
    """The rounds that the viewer wrote down last, each with how many of its talks they see."""
    wanted = select(TalkRound).where(TalkRound.recorded_by_id == viewer.user_id)
    rounds = db.session.scalars(wanted.order_by(TalkRound.recorded_at.desc(), TalkRound.id).limit(LATEST)).all()
    counted = select(Activity.round_id, func.count()).where(Activity.round_id.in_([one.id for one in rounds]))
    counts: dict[UUID, int] = dict(db.session.execute(counted.group_by(Activity.round_id)).all())  # type: ignore[arg-type]
    return [(one, counts.get(one.id, 0)) for one in rounds]


def lines_of(made: TalkRound, *, to_change: bool = False) -> list[Line]:
    """The talks of a round that the viewer sees, in the order in which they were written down.

    `to_change`: nobody else changes them meanwhile.
    """
    wanted = (
        select(Activity)
        .where(Activity.round_id == made.id)
        .options(selectinload(Activity.states), selectinload(Activity.people))
    )
    found = {str(one.id): one for one in db.session.scalars(held(wanted) if to_change else wanted)}
    obstacles = _obstacles([one.id for one in found.values()])
    kept = {row["activity_id"]: row for row in made.rows}
    order = [key for key in kept if key in found] + [key for key in found if key not in kept]
    return [
        Line(
            found[key],
            obstacles[found[key].id],
            kept.get(key, {}).get("due", ""),
            kept.get(key, {}).get("version", 0),
            kept.get(key, {}).get("who", ""),
        )
        for key in order
        if found[key].states
    ]


def _obstacles(keys: Iterable[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    asked = (
        select(ActivityObstacle.activity_id, ObstacleClaim.type)
        .join(ObstacleClaim, ObstacleClaim.id == ActivityObstacle.claim_id)
        .where(ActivityObstacle.activity_id.in_(list(keys)))
        .order_by(ObstacleClaim.type)
    )
    for key, kind in db.session.execute(asked):
        found[key].append(kind)
    return found


def gatherings() -> list[Gathering]:
    """Every meeting on record, the earliest first, with everything that people call it."""
    rows = db.session.scalars(select(Meeting).order_by(Meeting.from_on, Meeting.key))
    return [
        Gathering(
            days=days_of(one),
            names=frozenset(fold(name) for name in (one.key, one.name_en, one.name_fr, _ordinal(one)) if name),
            review=one.kind == MeetingKind.REVIEW_CONFERENCE.value,
        )
        for one in rows
    ]


def meetings_lately(today: date) -> Sequence[Meeting]:
    """The meetings at which somebody may have spoken lately, the latest first: of the last two years."""
    lately = Meeting.from_on.between(today - 2 * ONE_YEAR, today)
    return db.session.scalars(select(Meeting).where(lately).order_by(Meeting.from_on.desc(), Meeting.key)).all()


def _ordinal(one: Meeting) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(one.number % 10 if one.number // 10 != 1 else 0, "th")
    short = "RC" if one.kind == MeetingKind.REVIEW_CONFERENCE.value else "MSP"
    return f"{one.number}{ending} {short}"
