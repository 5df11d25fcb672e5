"""Reading the audit: what the viewer may see of it, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.audit.vocabulary import Event
from crm.core.access import Viewer
from crm.core.lists import PAGE_SIZE, Page, moment_key, paginate, uuid_key


@dataclass(frozen=True)
class AuditLine:
    """One line of the audit."""

    id: UUID
    at: datetime
    event: Event
    actor: str
    subject_kind: str
    subject_id: str
    facts: dict[str, Any]
    place: int | None


def page_of_entries(
    *,
    viewer: Viewer,
    who: str = "",
    event: Event | None = None,
    since: date | None = None,
    until: date | None = None,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page:
    """A page of entries in one statement. Days are meant where the viewer is."""
    wanted = select(AuditEntry)
    if who:
        wanted = wanted.where(AuditEntry.actor_name.icontains(who, autoescape=True))
    if event:
        wanted = wanted.where(AuditEntry.event == event.value)
    if since:
        wanted = wanted.where(AuditEntry.at >= _midnight(since, viewer.time_zone))
    if until:
        wanted = wanted.where(AuditEntry.at < _midnight(until + timedelta(days=1), viewer.time_zone))
    keys = (
        moment_key(AuditEntry.at, lambda row: row.AuditEntry.at),
        uuid_key(AuditEntry.id, lambda row: row.AuditEntry.id),
    )
    page = paginate(wanted, keys, cursor=cursor, size=size)
    page.items = [_line(row.AuditEntry) for row in page.items]
    return page


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)


def _line(entry: AuditEntry) -> AuditLine:
    return AuditLine(
        id=entry.id,
        at=entry.at,
        event=Event(entry.event),
        actor=entry.actor_name,
        subject_kind=entry.subject_kind,
        subject_id=entry.subject_id,
        facts=entry.details,
        place=entry.place,
    )
