"""Reading what is kept with an activity. What the viewer may not see is not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from crm.accounts.models import Party, User
from crm.activities.models import Activity, Attachment, AttachmentText
from crm.activities.rules import Reading
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.ceiling import ceiling
from crm.core.db import db
from crm.core.errors import NotFound
from crm.files import service as files
from crm.files.models import StoredFile
from crm.files.rules.kinds import LABELS


@dataclass(frozen=True)
class AttachmentLine:
    """One attachment in the list; `added_by` is the party where the viewer may not know the person."""

    id: UUID
    activity_id: UUID
    name: str
    what: str
    kind: str
    media_type: str
    size: int
    sha256: str
    handling: str | None
    added_at: datetime
    added_by: str
    sample: bool
    reading: str


def attachments_of(activity_id: UUID, viewer: Viewer) -> list[AttachmentLine]:
    """What is kept with an activity, oldest first; nothing when the activity is absent or not for this viewer."""
    found = db.session.scalars(
        select(Attachment).where(Attachment.activity_id == activity_id).order_by(Attachment.added_at, Attachment.id)
    ).all()
    return _lines(found, viewer)


def get_attachment(attachment_id: UUID) -> Attachment:
    """One attachment; NotFound when absent or not for this viewer."""
    found = db.session.scalar(select(Attachment).where(Attachment.id == attachment_id))
    if found is None:
        raise NotFound("no such attachment")
    return found


def line_of(attachment: Attachment, viewer: Viewer) -> AttachmentLine:
    """One attachment as the list shows it."""
    return _lines([attachment], viewer)[0]


def file_of(attachment: Attachment) -> StoredFile:
    """The file of an attachment that the viewer has been found to see, with its bytes."""
    return files.behind([attachment.file_id])[attachment.file_id]


def may_change(activity: Activity, viewer: Viewer) -> bool:
    """Whether somebody who sees an activity may add to it and take away: its own party does."""
    return viewer.may("activities:create") and viewer.party_id == activity.originator_id


def takes_files(activity: Activity) -> bool:
    """Whether more than a reference of an activity is and may be kept here."""
    return not activity.is_reference and ceiling().takes_marks(activity.marks)


def _lines(found: Sequence[Attachment], viewer: Viewer) -> list[AttachmentLine]:
    if not found:
        return []
    with looking_as(SYSTEM):
        rows = db.session.scalars(select(StoredFile).where(StoredFile.id.in_([one.file_id for one in found])))
        kept = {one.id: one for one in rows}
        party_id, party = db.session.execute(
            select(Party.id, Party.name)
            .join(Activity, Activity.originator_id == Party.id)
            .where(Activity.id == found[0].activity_id)
        ).one()
    people = {one.added_by_id for one in found if one.added_by_id}
    known = set(db.session.scalars(select(User.id).where(User.id.in_(people)))) if people else set()
    own = viewer.is_system or viewer.party_id == party_id
    states = select(AttachmentText.attachment_id, AttachmentText.state)
    ours = states.where(AttachmentText.attachment_id.in_([one.id for one in found]))
    read: dict[UUID, str] = {row.attachment_id: row.state for row in db.session.execute(ours)}
    return [
        AttachmentLine(
            id=one.id,
            activity_id=one.activity_id,
            name=kept[one.file_id].name,
            what=one.what,
            kind=LABELS[kept[one.file_id].media_type],
            media_type=kept[one.file_id].media_type,
            size=kept[one.file_id].size,
            sha256=kept[one.file_id].sha256,
            handling=one.handling,
            added_at=one.added_at,
            added_by=one.added_by if own or one.added_by_id in known else party,
            sample=one.sample,
            reading=read.get(one.id, Reading.NOTHING.value),
        )
        for one in found
    ]
