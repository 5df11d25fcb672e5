"""What was refused: counted at once, entered into the audit within a minute.

A record that is not for the viewer and one that does not exist take the same steps here and in the database, so
neither the answer nor its duration tells them apart. The entry itself, with the head of the chain, is written by
a job.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog
from flask import Flask, Response, g, has_request_context, request
from sqlalchemy import delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from crm.audit import subjects
from crm.audit.models import AuditRefusal
from crm.audit.service import Event, record
from crm.audit.subjects import Standing
from crm.audit.words import NOT_OPEN, NOT_OURS, NOT_VISIBLE
from crm.core import access, clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, held, unit_of_work
from crm.core.errors import NotAllowed, NotOurs, Refusal

log = structlog.get_logger()
ABSENT = "absent"
"""Reason of a count that never becomes an entry: there is no such record."""

_REMEMBERED = "records_refused"
SPAN = timedelta(hours=1)
LIMIT = 500


def register(app: Flask) -> None:
    """Hang the listener onto an application."""
    app.extensions["refusal_listener"] = note

    @app.after_request
    def count(response: Response) -> Response:
        _count_remembered(g.pop(_REMEMBERED, []))
        return response


@dataclass(frozen=True)
class _Refused:
    """What somebody was refused, and whose it is."""

    reason: str
    subject_kind: str
    subject_id: str
    originator_id: UUID | None
    handling: Handling


def note(error: Refusal) -> None:
    """Count a refusal, in a transaction of its own after that of the request was undone.

    Only what a person with an account asked for is counted. A database that cannot take it is in the log; the
    answer stays the same. Counts as the system: the counts are for the software alone.
    """
    viewer = access.viewer()
    if viewer.user_id is None or request.url_rule is None:
        return
    try:
        db.session.rollback()
        refused = _what(error, viewer)
        if refused:
            with looking_as(SYSTEM), unit_of_work():
                _count(viewer, f"{request.method} {request.url_rule.rule}", refused)
    except SQLAlchemyError as problem:
        db.session.rollback()
        log.error("refusal_not_noted", endpoint=request.endpoint, error=type(problem).__name__)


def remember(error: Refusal, subject_kind: str, key: UUID) -> None:
    """Have one record of several that was refused counted once the request has been answered, as if it had been asked
    for by itself.
    """
    if has_request_context():
        g.setdefault(_REMEMBERED, []).append((error, subject_kind, key))


def _count_remembered(refusals: Sequence[tuple[Refusal, str, UUID]]) -> None:
    """As `note` does, the same steps for each of them, in one transaction."""
    viewer = access.viewer()
    if not refusals or viewer.user_id is None or request.url_rule is None:
        return
    try:
        db.session.rollback()
        asked_for = f"{request.method} {request.url_rule.rule}"
        with looking_as(SYSTEM), unit_of_work():
            for refused in _of_several(refusals, viewer):
                _count(viewer, asked_for, refused)
    except SQLAlchemyError as problem:
        db.session.rollback()
        log.error("refusal_not_noted", endpoint=request.endpoint, error=type(problem).__name__)


def _of_several(refusals: Sequence[tuple[Refusal, str, UUID]], viewer: Viewer) -> list[_Refused]:
    standing: dict[tuple[str, UUID], Standing] = {}
    for kind in sorted({kind for _, kind, _ in refusals}):
        subject = subjects.by_kind(kind)
        assert subject
        found = subjects.standings(subject, [key for _, one, key in refusals if one == kind], viewer)
        standing.update({(kind, key): one for key, one in found.items()})
    told = [_of_record(error, kind, key, standing.get((kind, key)), viewer) for error, kind, key in refusals]
    return [one for one in told if one]


def _what(error: Refusal, viewer: Viewer) -> _Refused | None:
    """None for a page that is not there: no record was asked for, or one that the viewer may see."""
    if isinstance(error, NotAllowed):
        return _of_function(error, viewer)
    named = subjects.named_by(request.view_args)
    if named is None:
        return None
    subject, key = named
    return _of_record(error, subject.kind, key, subjects.standing(subject, key, viewer), viewer)


def _of_function(error: NotAllowed, viewer: Viewer) -> _Refused:
    reason = NOT_OURS if isinstance(error, NotOurs) else NOT_OPEN
    return _Refused(reason, "function", "", viewer.party_id, Handling.ORIGINATOR)


def _of_record(error: Refusal, kind: str, key: UUID, found: Standing | None, viewer: Viewer) -> _Refused | None:
    if isinstance(error, NotAllowed):
        return _of_function(error, viewer)
    if found is None:
        return _Refused(ABSENT, kind, "", None, Handling.ORIGINATOR)
    if found.visible:
        return None
    return _Refused(NOT_VISIBLE, kind, str(key), found.originator_id, found.handling or Handling.ORIGINATOR)


def _count(viewer: Viewer, asked_for: str, refused: _Refused) -> None:
    """One statement, whether it is the first try of this hour or the thousandth."""
    now = clock.now()
    insert = (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert(AuditRefusal)
    first = insert.values(
        id=uuid4(),
        actor_id=viewer.user_id,
        actor_name=viewer.name,
        actor_party_id=viewer.party_id,
        asked_for=asked_for,
        reason=refused.reason,
        hour=now.replace(minute=0, second=0, microsecond=0),
        subject_kind=refused.subject_kind,
        subject_id=refused.subject_id,
        originator_id=refused.originator_id,
        handling=refused.handling.value,
        first_at=now,
        tries=1,
        told=0,
    )
    db.session.execute(
        first.on_conflict_do_update(
            index_elements=["actor_id", "asked_for", "reason", "subject_id", "hour"],
            set_={"tries": AuditRefusal.tries + 1},
        )
    )


def enter(limit: int = LIMIT) -> int:
    """Enter into the audit what was refused; returns how many entries that made. Part of a unit of work.

    The first try of an hour is told at once, the further ones together when the hour is over; then the count is put
    away. Works as the system: the counts are for the software alone.
    """
    now = clock.now()
    over = now - SPAN
    with looking_as(SYSTEM):
        db.session.execute(delete(AuditRefusal).where(AuditRefusal.reason == ABSENT, AuditRefusal.hour <= over))
        wanted = select(AuditRefusal).where(AuditRefusal.reason != ABSENT)
        due = wanted.where(or_(AuditRefusal.told == 0, AuditRefusal.hour <= over)).order_by(AuditRefusal.first_at)
        rows = db.session.scalars(held(due.limit(limit), skip_locked=True)).all()
        told = sum(_tell(one, over) for one in rows)
        db.session.flush()
    return told


def _tell(counted: AuditRefusal, over: datetime) -> bool:
    """Enter what is new of one count; whether anything was."""
    new = counted.tries - counted.told
    if new:
        record(
            Event.DENIED,
            actor=Viewer(user_id=counted.actor_id, name=counted.actor_name, party_id=counted.actor_party_id),
            subject=(counted.subject_kind, counted.subject_id),
            originator_id=counted.originator_id,
            handling=Handling(counted.handling),
            asked_for=counted.asked_for,
            reason=counted.reason,
            tries=new,
        )
        counted.told = counted.tries
    if counted.hour <= over:
        db.session.delete(counted)
    return bool(new)
