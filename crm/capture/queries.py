"""Reading the waiting room. What the viewer may not see is not there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload, undefer

from crm.activities.models import Activity
from crm.activities.types import ACTIVITY_TYPES
from crm.capture.models import WaitingFile, WaitingMail
from crm.capture.rules.course import Phase
from crm.core.access import Viewer
from crm.core.db import db
from crm.core.display import day
from crm.core.errors import NotFound
from crm.core.lists import Page, moment_key, paginate, uuid_key
from crm.files.intake import CheckedFile
from crm.files.rules import Kind
from crm.states.queries import register

ENDED_SHOWN = 20
ENTRIES_OFFERED = 60


def waiting_mails(cursor: str | None) -> Page:
    """Mails that wait, newest first, as rows without their text."""
    files = select(func.count()).select_from(WaitingFile).where(WaitingFile.mail_id == WaitingMail.id)
    wanted: Any = select(*_COLUMNS, files.scalar_subquery().label("files"))
    keys = [
        moment_key(WaitingMail.received_at, lambda row: row.received_at),
        uuid_key(WaitingMail.id, lambda row: row.id),
    ]
    return paginate(wanted.where(WaitingMail.phase == Phase.WAITING.value), keys, cursor=cursor)


_COLUMNS = (
    WaitingMail.id,
    WaitingMail.received_at,
    WaitingMail.sent_at,
    WaitingMail.sender,
    WaitingMail.sender_name,
    WaitingMail.proven,
    WaitingMail.automatic,
    WaitingMail.subject,
    WaitingMail.states,
    WaitingMail.invitation,
    WaitingMail.sample,
)


def ended_mails() -> Sequence[Any]:
    """Mails with which somebody has gone on or that were thrown away, the latest first."""
    columns = (*_COLUMNS, WaitingMail.phase, WaitingMail.ended_at, WaitingMail.ended_by, WaitingMail.activity_id)
    wanted: Any = select(*columns).where(WaitingMail.phase.in_([Phase.LOGGED.value, Phase.THROWN.value]))
    return db.session.execute(wanted.order_by(WaitingMail.ended_at.desc(), WaitingMail.id).limit(ENDED_SHOWN)).all()


def number_waiting(viewer: Viewer) -> int:
    """How many mails wait for somebody of the viewer's party, as far as the viewer sees them."""
    if not viewer.may("activities:create"):
        return 0
    wanted = select(func.count()).select_from(WaitingMail).where(WaitingMail.phase == Phase.WAITING.value)
    return int(db.session.scalar(wanted) or 0)


def get_waiting(waiting_id: UUID) -> WaitingMail:
    """One mail; NotFound when absent or not for this viewer."""
    found = db.session.scalar(select(WaitingMail).where(WaitingMail.id == waiting_id))
    if found is None:
        raise NotFound("no such mail")
    return found


def files_of(waiting_id: UUID) -> Sequence[WaitingFile]:
    """The files of a mail, without their bytes."""
    wanted = select(WaitingFile).where(WaitingFile.mail_id == waiting_id).order_by(WaitingFile.place)
    return db.session.scalars(wanted).all()


def get_file(part_id: UUID) -> WaitingFile:
    """One file with its bytes; NotFound when absent or not for this viewer."""
    found = db.session.scalar(
        select(WaitingFile).where(WaitingFile.id == part_id).options(undefer(WaitingFile.content))
    )
    if found is None:
        raise NotFound("no such file")
    return found


def checked_files(waiting_id: UUID) -> list[CheckedFile]:
    """The files of a mail as they were found fit to be kept."""
    wanted = select(WaitingFile).where(WaitingFile.mail_id == waiting_id).order_by(WaitingFile.place)
    kinds = {one.media_type: one for one in Kind}
    rows = db.session.scalars(wanted.options(undefer(WaitingFile.content)))
    return [CheckedFile(one.name, kinds[one.media_type], one.content) for one in rows]


def as_text(mail: WaitingMail) -> str:
    """A mail as a text to be kept: its head, and what it says."""
    written = (mail.sent_at or mail.received_at).strftime("%Y-%m-%d %H:%M UTC")
    who = f"{mail.sender_name} <{mail.sender}>".strip() if mail.sender else "not said"
    proven = "" if mail.proven else " (not proven)"
    return f"From: {who}{proven}\nDate: {written}\nSubject: {mail.subject}\n\n{mail.text}\n"


def entries_to_add_to(viewer: Viewer, mail: WaitingMail) -> list[tuple[str, str]]:
    """Entries of the viewer's own party, as choices: those about the States of the mail first, the newest first."""
    wanted = (
        select(Activity)
        .where(Activity.originator_id == viewer.party_id)
        .order_by(Activity.recorded_at.desc(), Activity.id)
        .options(selectinload(Activity.states))
        .limit(ENTRIES_OFFERED)
    )
    rows = [one for one in db.session.scalars(wanted) if one.states and not one.is_reference]
    named = set(mail.states.split())
    rows.sort(key=lambda one: named.isdisjoint(part.state_iso3 for part in one.states))
    return [(str(one.id), _title(one)) for one in rows]


def _title(one: Activity) -> str:
    states = ", ".join(sorted(register().name_today(part.state_iso3) for part in one.states))
    return f"{states}: {ACTIVITY_TYPES[one.kind].label.lower()}, {day(one.held_on, one.precision)}"
