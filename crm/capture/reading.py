"""Read what was kept: the worker takes a mail apart, looks at its files, and answers its sender if they are known."""

from __future__ import annotations

import hashlib
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import delete

from crm.accounts.models import User
from crm.audit.service import Event, note_unseen, record
from crm.capture import addresses, answers, guessing, understanding
from crm.capture.models import CaptureAddress, WaitingFile, WaitingMail
from crm.capture.rules.course import LEASE, MOST_TRIES, Phase
from crm.capture.senders import as_viewer, known_sender
from crm.capture.understanding import Content
from crm.core import clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, locked, unit_of_work
from crm.files.intake import CheckedFile
from crm.mail import service as outbox

log = structlog.get_logger()

SUBJECT = "Demarche: your mail is in the waiting room"
DIED = "Whoever read it died of it several times."


def read(mail_id: UUID) -> None:
    """Read one mail, in units of work of its own: the reading stands between them. Twice is harmless.

    Of what cannot be read its people see the head, and the bytes stay to be read again; only where that fails too it
    is set aside, this one alone. Looks as the system: a job has nobody who looks.
    """
    with looking_as(SYSTEM):
        with unit_of_work():
            row = locked(WaitingMail, mail_id)
            if row is None or row.phase != Phase.RECEIVED or row.raw is None:
                return
            row.tries, row.lease_until = row.tries + 1, clock.now() + LEASE
            attempt, raw = row.tries, row.raw
        try:
            content, problem = _understood(raw, attempt), ""
        except Exception as error:
            log.warning("mail_set_aside", mail=str(mail_id), error=type(error).__name__)
            content, problem = None, f"Reading it failed ({type(error).__name__})."
        with unit_of_work():
            row = locked(WaitingMail, mail_id)
            if row is None or (row.phase, row.tries) != (Phase.RECEIVED, attempt):
                return
            if content is None:
                row.phase, row.problem, row.lease_until = Phase.ASIDE.value, problem, None
            else:
                _put(row, content)


def _understood(raw: bytes, attempt: int) -> Content:
    if attempt < MOST_TRIES:
        return understanding.understood(raw)
    return understanding.of_its_head(raw, DIED)


def _put(row: WaitingMail, content: Content) -> None:
    """What was understood becomes what people see; the bytes as they came are forgotten once all of them was read."""
    mail, raw = content.mail, row.raw or b""
    sender = known_sender(mail, row.originator_id)
    if sender is None and not _still_taken(row):
        db.session.delete(row)
        return
    proposed = guessing.proposal(mail, content.invitation, row.originator_id)
    row.sender, row.sender_name = mail.sender.lower(), mail.sender_name
    row.proven, row.brought_by_id = sender is not None, sender.id if sender else None
    row.automatic = mail.automatic or row.bounce
    row.sent_at, row.subject, row.text = mail.sent_at, mail.subject, mail.text
    if content.invitation and not row.text:
        row.text = content.invitation.note
    row.states, row.proposed = " ".join(proposed.states), proposed.as_json()
    row.invitation = content.invitation.as_json() if content.invitation else {}
    row.left_out = [list(one) for one in mail.left_out]
    row.phase, row.problem, row.lease_until = Phase.WAITING.value, content.problem, None
    row.raw = raw if content.problem else None
    _forget_files(row)
    keep_files(row, content.files)
    db.session.flush()
    record(
        Event.WAITING_MAIL_KEPT,
        actor=SYSTEM,
        subject=("waiting_mail", row.id),
        originator_id=row.originator_id,
        state=row.states or None,
        proven=row.proven,
        files=len(content.files),
    )
    answers.take(content, row.originator_id)
    note_unseen(actor=as_viewer(sender, row.originator_id), states=proposed.states)
    if sender and not row.automatic:
        _answer(row, sender, content, raw)


def _forget_files(row: WaitingMail) -> None:
    """Those that were found when it was read before."""
    of_it = delete(WaitingFile).where(WaitingFile.mail_id == row.id)
    db.session.execute(of_it.execution_options(synchronize_session=False))


def keep_files(row: WaitingMail, files: list[CheckedFile]) -> None:
    """Files beside their mail, until they go with an entry."""
    for place, one in enumerate(files):
        db.session.add(
            WaitingFile(
                mail_id=row.id,
                place=place,
                name=one.name,
                media_type=one.media_type,
                size=len(one.content),
                sha256=hashlib.sha256(one.content).hexdigest(),
                content=one.content,
            )
        )


def _still_taken(row: WaitingMail) -> bool:
    """Whether strangers may still write to this address: once another took its place, its own people alone may."""
    address = db.session.get(CaptureAddress, row.address_id) if row.address_id else None
    return address is not None and address.ended_at is None


def _answer(row: WaitingMail, sender: User, content: Content, raw: bytes) -> None:
    """Tell somebody who is known that it is kept, and nothing of what is in it: once a day for the same words, for
    whoever has a mail of theirs can send it again under another name.
    """
    said = hashlib.sha256(raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2]).hexdigest()
    text = current_app.jinja_env.get_template("email/in_waiting_room.txt").render(
        text_read=content.text_read,
        files=len(content.files),
        invitation=content.invitation is not None,
        left_out=len(content.mail.left_out),
        days=addresses.settings().waiting_days,
        href=f"{addresses.settings().public_url}/waiting-room",
    )
    outbox.post(
        key=f"in_waiting_room:{sender.id}:{clock.today():%Y-%m-%d}:{said}",
        to=sender.email,
        subject=SUBJECT,
        text=text,
        sample=row.sample,
    )
