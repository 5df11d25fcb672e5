"""Mails about an appointment: each takes the place of the one before it, and is written when it goes out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta

from flask import current_app

from crm.activities.appointments.models import Appointment, AppointmentGuest
from crm.activities.appointments.rules import Answer, Method
from crm.core import clock
from crm.core.access import SYSTEM, Viewer
from crm.core.db import db
from crm.core.errors import RuleViolation
from crm.mail import queries as outbox
from crm.mail import service as mail
from crm.mail.rules import TO_GUESTS

PURPOSE = "appointment"
COPIES = 1
"""How many further copies an unknown outcome may cause: calendars take the same invitation twice without a trace."""

SUBJECT = "Demarche: an appointment"
A_DAY = timedelta(days=1)


def ask(actor: Viewer, appointment: Appointment, guests: Collection[AppointmentGuest]) -> None:
    """An invitation to each of these, as it stands when it goes out.

    Raises RuleViolation where this person would send more of them to people without an account than a day has room for:
    they carry what somebody typed, under our name, to whatever address.
    """
    outside = sum(one.is_outside for one in guests)
    most = current_app.extensions["settings"].invitations_a_day
    if outside and outside + outbox.posted_since(clock.now() - A_DAY, PURPOSE, _begins(actor)) > most:
        raise RuleViolation("", f"Up to {most} mails a day go to people without an account. Go on tomorrow.")
    for one in guests:
        _post(appointment, one, Method.REQUEST, _begins(actor))


def take_off(appointment: Appointment, guests: Iterable[AppointmentGuest]) -> None:
    """These are not invited any more, and are told so alone."""
    for one in guests:
        one.left = True
        _post(appointment, one, Method.CANCEL)


def call_off(appointment: Appointment, guests: Iterable[AppointmentGuest]) -> None:
    """These are told that it does not take place."""
    for one in guests:
        _post(appointment, one, Method.CANCEL)


def _begins(actor: Viewer) -> str:
    """How the key of a mail begins that this person sends to somebody without an account."""
    return f"{TO_GUESTS}{actor.user_id or SYSTEM.name}:"


def _post(appointment: Appointment, guest: AppointmentGuest, method: Method, begins: str = TO_GUESTS) -> None:
    guest.method, guest.told_at, guest.sequence = method.value, clock.now(), appointment.sequence
    guest.answer, guest.answered_at, guest.noted_by = Answer.NONE.value, None, ""
    start = begins if guest.is_outside else f"{PURPOSE}:"
    guest.mail_id = mail.post(
        key=f"{start}{guest.id}:{appointment.sequence}:{method}:{guest.told_at.isoformat()}",
        to=guest.email,
        subject=SUBJECT,
        text="",
        purpose=PURPOSE,
        repeats=COPIES,
        sample=appointment.sample,
    )
    db.session.flush()
