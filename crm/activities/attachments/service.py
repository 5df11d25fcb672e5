"""Keep something with an activity, hand it out, take it away."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from crm.activities.attachments import queries, reading
from crm.activities.models import Activity, Attachment
from crm.activities.queries import get_activity
from crm.audit import subjects
from crm.audit.service import Event, record
from crm.core import ceiling
from crm.core.access import SYSTEM, Handling, Viewer, claim_for_real, looking_as
from crm.core.db import db, locked
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.files import service as files
from crm.files.intake import CheckedFile
from crm.files.models import StoredFile

MOST_WITH_ONE = 20
"""Attachments of one activity."""


def to_add_to(actor: Viewer, activity_id: UUID) -> Activity:
    """The activity to which the actor may add a file.

    Raises NotFound for one that is not for this viewer and NotAllowed for one of another party.
    """
    activity = get_activity(activity_id)
    if not queries.may_change(activity, actor):
        raise NotAllowed("only the party of an activity adds to it and takes away")
    return activity


def add_attachment(
    *,
    actor: Viewer,
    activity_id: UUID,
    file: CheckedFile,
    what: str = "",
    handling: Handling | None = None,
    states: str = "",
) -> Attachment:
    """Keep a file with an activity of the own party; `states`: codes of those that it is about beside the activity's.

    Raises NotFound for an activity that is not for this viewer, NotAllowed for one of another party and
    RuleViolation for one file too many, a handling wider than the activity's, and what may not be kept here.
    """
    activity = _own_activity(actor, activity_id)
    _check_kept_here(activity, handling)
    if handling and handling.rank < Handling(activity.handling).rank:
        raise RuleViolation("handling", "This is wider than the entry itself. Leave it as the entry, or narrow it.")
    if number_with(activity_id) >= MOST_WITH_ONE:
        raise RuleViolation("file", f"An entry holds up to {MOST_WITH_ONE} files. Take one away first.")
    claim_for_real(activity, actor)
    stored = files.keep_sent(
        file,
        originator_id=activity.originator_id,
        field="file",
        sample=activity.sample,
    )
    db.session.flush()
    attachment = Attachment(
        activity_id=activity.id,
        file_id=stored.id,
        what=what,
        handling=handling.value if handling else None,
        states=states,
        added_by=actor.name,
        added_by_id=actor.user_id,
        sample=activity.sample,
    )
    db.session.add(attachment)
    db.session.flush()
    reading.ask(attachment, stored)
    _write_down(Event.ATTACHMENT_ADDED, actor, activity, attachment, stored)
    return attachment


def number_with(activity_id: UUID) -> int:
    """How many files an activity has. Counts as the system: those that whoever looks may not see count, too."""
    with looking_as(SYSTEM):
        wanted = select(func.count()).select_from(Attachment).where(Attachment.activity_id == activity_id)
        return int(db.session.scalar(wanted) or 0)


def _check_kept_here(activity: Activity, handling: Handling | None) -> None:
    """A file is content: none where only a reference is taken, and none above the ceiling."""
    if not queries.takes_files(activity):
        raise RuleViolation("file", "Of this entry only a reference is kept here: it takes no files.")
    ceiling.check(handling or Handling(activity.handling))


def hand_out(attachment_id: UUID) -> StoredFile:
    """The file of an attachment, with its bytes; raises NotFound when absent or not for this viewer."""
    attachment = queries.get_attachment(attachment_id)
    stored = queries.file_of(attachment)
    if not files.is_intact(stored):
        raise RuntimeError(f"the bytes of stored file {stored.id} are not those that were kept")
    return stored


def remove_attachment(*, actor: Viewer, attachment_id: UUID) -> UUID:
    """Take an attachment of the own party away, its bytes too; answers the activity it was kept with.

    What stays is the entry in the audit with the fingerprint of what it was.
    """
    attachment = queries.get_attachment(attachment_id)
    activity = _own_activity(actor, attachment.activity_id)
    claim_for_real(activity, actor)
    stored = queries.file_of(attachment)
    _write_down(Event.ATTACHMENT_REMOVED, actor, activity, attachment, stored)
    db.session.delete(attachment)
    db.session.flush()
    db.session.delete(stored)
    db.session.flush()
    return activity.id


def _own_activity(actor: Viewer, activity_id: UUID) -> Activity:
    to_add_to(actor, activity_id)
    held = locked(Activity, activity_id)
    if held is None:
        raise NotFound("no such activity")
    return held


def _write_down(event: Event, actor: Viewer, activity: Activity, attachment: Attachment, stored: StoredFile) -> None:
    record(
        event,
        actor=actor,
        subject=("activity", activity.id),
        originator_id=activity.originator_id,
        handling=Handling(attachment.handling or activity.handling),
        attachment=str(attachment.id),
        media_type=stored.media_type,
        size=stored.size,
        sha256=stored.sha256,
        state=subjects.states_of(("activity", activity.id), ("attachment", attachment.id)),
    )
