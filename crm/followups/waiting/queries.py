"""What waits for an answer, or waited, as a list: entries that ask a State for one and what States promised."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import ColumnElement, and_, case, func, literal, not_, or_, select, union_all

from crm.activities.models import Activity, ActivityState
from crm.activities.rules import REPORTS, Status
from crm.activities.types import ACTIVITY_TYPES
from crm.core.access import Handling, Viewer
from crm.core.db import db
from crm.core.lists import Question, date_key, uuid_key
from crm.core.visibility import HIDES_STATE, activity_concerns, one_of
from crm.followups.models import FollowUp
from crm.followups.rules import Status as Done
from crm.followups.waiting.lines import read_lines
from crm.followups.waiting.models import AwaitedAnswer
from crm.followups.waiting.rules import Age, Limits, Stands, Waits, since_within

WAITING, OVER = "waiting", "over"


def limits() -> Mapping[Waits, Limits]:
    """After how many days each kind of waiting has become how old, as the installation has it."""
    settings = current_app.extensions["settings"]
    return {one: getattr(settings, f"answer_{one.value}_days") for one in Waits}


def waiting_asked(
    *,
    viewer: Viewer,
    today: date,
    which: str = WAITING,
    state_iso3: str = "",
    states: Collection[str] | None = None,
    waits: Waits | None = None,
    ages: Collection[Age] = (),
    ours: bool | None = None,
    newest_first: bool = False,
) -> Question:
    """What the list asks, what waited longest first unless told otherwise. `which`: what waits, what is over, or "" for
    both; `ages` of what waits; `ours`: what one's own party keeps, or what others do.
    """
    one: Any = _both(viewer, which).c
    wanted: Any = select(*one)
    if state_iso3:
        wanted = wanted.where(one.state_iso3 == state_iso3)
    if states is not None:
        wanted = wanted.where(one.state_iso3.in_(sorted(states)))
    if waits:
        wanted = wanted.where(one.waits == waits.value)
    if ages:
        wanted = wanted.where(one.over == 0, or_(*(_is_so_old(one, age, today) for age in ages)))
    if ours is not None:
        mine = one.originator_id == viewer.party_id
        wanted = wanted.where(mine if ours else one.originator_id.is_distinct_from(viewer.party_id))
    keys = (
        date_key(one.since, lambda row: row.since, descending=newest_first),
        uuid_key(one.id, lambda row: row.id, descending=newest_first),
    )
    lines = partial(read_lines, viewer=viewer, today=today, limits=limits())
    return Question(wanted, keys, lines, whose=one.originator_id)


def _is_so_old(row: Any, age: Age, today: date) -> ColumnElement[bool]:
    found = []
    for waits, most in limits().items():
        after, until = since_within(age, most, today)
        bounds = [row.since > after] if after else []
        bounds += [row.since <= until] if until else []
        found.append(and_(row.waits == waits.value, *bounds))
    return or_(*found)


def _both(viewer: Viewer, which: str) -> Any:
    """All that waits or is over, in one table; each of its parts is asked through the rules of its models."""
    parts: list[Any] = []
    if viewer.may("activities:read") or viewer.is_system:
        parts += _entries_waiting() if which != OVER else ()
        parts += _entries_over() if which != WAITING else ()
    return union_all(*parts, _promises(which)).subquery("waits")


def _entries(over: int) -> Any:
    """Entries, a row for each State, with what is noted of the answer: `noted` is joined by whoever asks."""
    kinds = [(Activity.kind == key, literal(one.asks.wait)) for key, one in ACTIVITY_TYPES.items() if one.asks]
    columns: Any = (
        ActivityState.id.label("id"),
        Activity.id.label("record_id"),
        case(*kinds, else_=literal(Waits.OTHER.value)).label("waits"),
        ActivityState.state_iso3.label("state_iso3"),
        func.coalesce(AwaitedAnswer.received_on, ActivityState.held_on).label("since"),
        literal(over).label("over"),
        Activity.originator_id.label("originator_id"),
    )
    return select(*columns).select_from(ActivityState).join(Activity, Activity.id == ActivityState.activity_id)


def _asks() -> ColumnElement[bool]:
    """Whether an entry asks for an answer, by its kind and what it says."""
    found = []
    for key, one in ACTIVITY_TYPES.items():
        if one.asks:
            answer = [Activity.extras[one.asks.detail].as_string().in_(sorted(one.asks.answers))]
            found.append(and_(Activity.kind == key, *(answer if one.asks.detail else [])))
    return or_(*found)


_NOTED = AwaitedAnswer.activity_id == Activity.id


def _by_record(over: int) -> Any:
    """Of which nobody said anything else than the entry does."""
    nothing_else = or_(AwaitedAnswer.stands.is_(None), one_of(AwaitedAnswer.stands, [Stands.BY_RECORD]))
    return _entries(over).outerjoin(AwaitedAnswer, _NOTED).where(nothing_else, _asks())


def _entries_waiting() -> tuple[Any, Any]:
    """What is out and brought nothing back yet, and what somebody says to be awaited."""
    said = _entries(0).join(AwaitedAnswer, _NOTED).where(one_of(AwaitedAnswer.stands, [Stands.AWAITED]))
    return _by_record(0).where(Activity.status == Status.DELIVERED.value), said


def _entries_over() -> tuple[Any, Any]:
    """What has its reply in itself, and what somebody says to be over."""
    ends = [Stands.ANSWERED, Stands.UNEXPECTED]
    said = _entries(1).join(AwaitedAnswer, _NOTED).where(one_of(AwaitedAnswer.stands, ends))
    return _by_record(1).where(one_of(Activity.status, REPORTS), Activity.reply != ""), said


def _promises(which: str) -> Any:
    """What States promised, from the day for which they did."""
    is_open = FollowUp.status == Done.OPEN.value
    columns: Any = (
        FollowUp.id.label("id"),
        FollowUp.id.label("record_id"),
        literal(Waits.PROMISE.value).label("waits"),
        FollowUp.state_iso3.label("state_iso3"),
        FollowUp.due_on.label("since"),
        case((is_open, 0), else_=1).label("over"),
        FollowUp.originator_id.label("originator_id"),
    )
    wanted = select(*columns).where(FollowUp.promised)
    if which:
        wanted = wanted.where(is_open if which == WAITING else ~is_open)
    return wanted


def shared_by_others(asker: Viewer, restricted: Collection[str]) -> Any:
    """What waits of all parties but the asker's, as far as they share it and tell of which State it is: for figures
    alone, which count as the system.
    """

    def shared(record: Any) -> tuple[ColumnElement[bool], ...]:
        others = record.originator_id.is_distinct_from(asker.party_id)
        return record.handling != Handling.ORIGINATOR.value, others

    about_none = not_(activity_concerns(Activity.id, restricted)), not_(one_of(Activity.attribution, HIDES_STATE))
    entries = [one.where(*shared(Activity), *about_none) for one in _entries_waiting()]
    apart = FollowUp.state_iso3.not_in(restricted), not_(FollowUp.came_out_of(restricted))
    return union_all(*entries, _promises(WAITING).where(*shared(FollowUp), *apart))


def oldest(viewer: Viewer, today: date, most: int) -> list[Any]:
    """What of one's own party is getting old or silent, the oldest first."""
    asked = waiting_asked(viewer=viewer, today=today, ages=(Age.OLD, Age.SILENT), ours=True)
    return asked.lines(db.session.execute(asked.ordered().limit(most)).all())


def waiting_of(state_iso3: str, viewer: Viewer, today: date) -> list[tuple[Waits, date]]:
    """What waits for an answer of one State: what it is and since when, the oldest first. One statement."""
    asked = waiting_asked(viewer=viewer, today=today, state_iso3=state_iso3).statement
    rows = db.session.execute(asked.order_by("since").limit(100))
    return [(Waits(row.waits), row.since) for row in rows]


def noted_of(activity_id: UUID) -> AwaitedAnswer | None:
    """What is noted of the answer to an entry, as far as the viewer may see it."""
    return db.session.scalar(select(AwaitedAnswer).where(AwaitedAnswer.activity_id == activity_id))
