"""What a person does with a mail: make an entry of it, keep it with one, throw it away, take it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from crm.activities.attachments.service import MOST_WITH_ONE, add_attachment, number_with, to_add_to
from crm.activities.course.service import plan_activity
from crm.activities.models import Activity
from crm.activities.service import record_activity
from crm.audit.service import Event, record
from crm.capture import queries
from crm.capture.forms import is_long
from crm.capture.models import WaitingFile, WaitingMail
from crm.capture.rules.course import Phase
from crm.core import clock
from crm.core.access import Viewer, claim_for_real, looking_as, writing_about
from crm.core.db import db, locked
from crm.core.errors import NotFound, RuleViolation
from crm.files.intake import CheckedFile, check
from crm.files.rules import Kind

GONE_ON = "Somebody has gone on with this mail already."
CAME_ALONG = "Came by mail"


def make_entry(*, actor: Viewer, waiting_id: UUID, **told: Any) -> Activity:
    """Record what happened, told as a `Report` says, and keep the files of the mail with it.

    Raises as `record_activity` does, NotFound for a mail that is not for this viewer, RuleViolation for one with
    which somebody has gone on.
    """
    mail = _waiting(actor, waiting_id)
    activity = record_activity(actor=actor, **told)
    _goes_along(actor, mail, activity, _states_of(told), *_whole_text(mail))
    return activity


def make_plan(*, actor: Viewer, waiting_id: UUID, **told: Any) -> Activity:
    """Write down what is to come, in the same way."""
    mail = _waiting(actor, waiting_id)
    activity = plan_activity(actor=actor, **told)
    _goes_along(actor, mail, activity, _states_of(told), *_whole_text(mail))
    return activity


def add_to_entry(*, actor: Viewer, waiting_id: UUID, activity_id: UUID) -> Activity:
    """Keep the text of a mail, as a file, and its files with an entry that is there.

    Raises NotFound and NotAllowed as adding a file does, RuleViolation for a mail with which somebody has gone on, and
    for an entry that has no room for all of it.
    """
    mail = _waiting(actor, waiting_id)
    activity = to_add_to(actor, activity_id)
    there, more = number_with(activity_id), len(queries.files_of(mail.id)) + 1
    if there + more > MOST_WITH_ONE:
        raise RuleViolation(
            "activity_id",
            f"An entry holds up to {MOST_WITH_ONE} files. This one has {there}, and with this mail come {more}. Choose "
            "another one, or make an entry of the mail.",
        )
    _goes_along(actor, mail, activity, [one.state_iso3 for one in activity.states], _as_file(mail))
    return activity


def _as_file(mail: WaitingMail) -> CheckedFile:
    day = (mail.sent_at or mail.received_at).date().isoformat()
    return check(queries.as_text(mail).encode(), f"mail of {day}.txt", only=(Kind.TEXT,))


def _whole_text(mail: WaitingMail) -> list[CheckedFile]:
    """The text as a file, where an entry has no field that takes the whole of it."""
    return [_as_file(mail)] if is_long(mail) else []


def throw_away(*, actor: Viewer, waiting_id: UUID) -> WaitingMail:
    """Put a mail away; for some days it can be taken back."""
    mail = _held(actor, waiting_id)
    if mail.phase == Phase.LOGGED:
        raise RuleViolation("", GONE_ON)
    if mail.phase == Phase.WAITING:
        _end(actor, mail, Phase.THROWN)
        _write_down(Event.WAITING_MAIL_THROWN, actor, mail)
    return mail


def take_back(*, actor: Viewer, waiting_id: UUID) -> WaitingMail:
    """Let a mail wait again that was thrown away."""
    mail = _held(actor, waiting_id)
    if mail.phase == Phase.LOGGED:
        raise RuleViolation("", GONE_ON)
    if mail.phase == Phase.THROWN:
        mail.phase, mail.ended_at, mail.ended_by = Phase.WAITING.value, None, ""
        db.session.flush()
        _write_down(Event.WAITING_MAIL_TAKEN_BACK, actor, mail)
    return mail


def _states_of(told: dict[str, Any]) -> list[str]:
    return [told["state_iso3"], *told.get("further_states", ())]


def _held(actor: Viewer, waiting_id: UUID) -> WaitingMail:
    actor.require("activities:create")
    with looking_as(actor):
        mail = locked(WaitingMail, waiting_id)
    if mail is None:
        raise NotFound("no such mail")
    claim_for_real(mail, actor)
    return mail


def _waiting(actor: Viewer, waiting_id: UUID) -> WaitingMail:
    mail = _held(actor, waiting_id)
    if mail.phase != Phase.WAITING:
        raise RuleViolation("", GONE_ON)
    return mail


def _goes_along(
    actor: Viewer, mail: WaitingMail, activity: Activity, states: Sequence[str], *more: CheckedFile
) -> None:
    """Keep the files with the entry, and of the mail nothing but that it came and what became of it.

    From then on it is about the States that the entry is about as well: what is left of its head still tells of its
    own. So do its text and its files, which are closed with these wherever the entry is seen.
    """
    with writing_about(next((iso3 for iso3 in states if iso3 in actor.closed), states[0]), actor):
        files = [*more, *queries.checked_files(mail.id)]
        for one in files:
            add_attachment(actor=actor, activity_id=activity.id, file=one, what=CAME_ALONG, states=mail.states)
        db.session.execute(
            delete(WaitingFile).where(WaitingFile.mail_id == mail.id).execution_options(synchronize_session=False)
        )
        mail.states, mail.activity_id = " ".join(sorted({*mail.states.split(), *states})), activity.id
        mail.text, mail.invitation, mail.proposed, mail.left_out = "", {}, {}, []
        _end(actor, mail, Phase.LOGGED)
        _write_down(Event.WAITING_MAIL_LOGGED, actor, mail, files=len(files))


def _end(actor: Viewer, mail: WaitingMail, phase: Phase) -> None:
    mail.phase, mail.ended_at, mail.ended_by = phase.value, clock.now(), actor.name
    db.session.flush()


def _write_down(event: Event, actor: Viewer, mail: WaitingMail, **more: Any) -> None:
    record(
        event,
        actor=actor,
        subject=("waiting_mail", mail.id),
        originator_id=mail.originator_id,
        state=mail.states or None,
        **more,
    )
