"""The text of what is kept with an activity, read by the worker so that the search finds it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select

from crm.activities.models import Attachment, AttachmentText
from crm.activities.rules import Reading
from crm.core import clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, held, locked, unit_of_work
from crm.core.jobs import Job, enqueue
from crm.files import service as files
from crm.files.models import StoredFile
from crm.files.reading import has_text, text_in

LEASE = timedelta(minutes=5)
OVERDUE = timedelta(minutes=1)
MOST_TRIES = 3
SWEEP_LIMIT = 200


def ask(attachment: Attachment, stored: StoredFile) -> None:
    """Have the text of a file read, if it has any; part of the unit of work that keeps it."""
    state = Reading.WAITING if has_text(stored.media_type) else Reading.NOTHING
    db.session.add(AttachmentText(attachment_id=attachment.id, activity_id=attachment.activity_id, state=state.value))
    if state is Reading.WAITING:
        enqueue(Job.READ_ATTACHMENT, attachment.id)


def read(attachment_id: UUID) -> None:
    """Read the text of one file, in units of work of its own: the reading stands between them. Twice is harmless.

    Looks as the system: whoever may see the text, the rule of its record decides.
    """
    with looking_as(SYSTEM):
        with unit_of_work():
            row = locked(AttachmentText, attachment_id)
            if row is None or row.state != Reading.WAITING:
                return
            row.state, row.tries, row.lease_until = Reading.READING.value, row.tries + 1, clock.now() + LEASE
            attempt = row.tries
            attachment = db.session.get_one(Attachment, attachment_id)
            stored = files.behind([attachment.file_id])[attachment.file_id]
            content, media_type = stored.content, stored.media_type
        text = text_in(content, media_type)
        with unit_of_work():
            row = locked(AttachmentText, attachment_id)
            if row is None or (row.state, row.tries) != (Reading.READING, attempt):
                return
            row.state = (Reading.UNREADABLE if text is None else Reading.READ if text else Reading.NOTHING).value
            row.text, row.lease_until = text or "", None


def sweep() -> int:
    """Ask anew for files that the queue lost or a dead worker holds, and set aside what was tried too often; how many
    that were.
    """
    now = clock.now()
    lost = and_(AttachmentText.state == Reading.WAITING.value, AttachmentText.asked_at <= now - OVERDUE)
    dropped = and_(AttachmentText.state == Reading.READING.value, AttachmentText.lease_until < now)
    wanted = select(AttachmentText).where(or_(lost, dropped)).order_by(AttachmentText.asked_at).limit(SWEEP_LIMIT)
    rows = db.session.scalars(held(wanted, skip_locked=True)).all()
    for row in rows:
        row.lease_until, row.asked_at = None, now
        if row.tries >= MOST_TRIES:
            row.state = Reading.UNREADABLE.value
        else:
            row.state = Reading.WAITING.value
            enqueue(Job.READ_ATTACHMENT, row.attachment_id)
    db.session.flush()
    return len(rows)
