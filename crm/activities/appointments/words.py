"""What the mails about an appointment say, written when they go out: to whoever may still see it, as little as the
installation allows. Looks as the system, and for what is shown as whoever is invited.
"""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.accounts.viewers import viewer_of
from crm.activities.appointments import rules
from crm.activities.appointments.ics import Letter, as_ics
from crm.activities.appointments.models import Appointment, AppointmentGuest
from crm.activities.appointments.rules import Detail, Method
from crm.activities.appointments.service import PURPOSE as PURPOSE
from crm.activities.appointments.service import is_restricted, sees
from crm.activities.models import Activity
from crm.activities.types import ACTIVITY_TYPES
from crm.core.access import Handling, Viewer, looking_as
from crm.core.db import db
from crm.core.display import day
from crm.mail.message import Written
from crm.mail.service import envelope_sender
from crm.states.queries import register

OVERTAKEN = "What it says has changed; another mail took its place."
NOT_SEEN = "Whoever is invited may not see this any more."


def objection(mail_id: UUID) -> str | None:
    """Why a mail must not go out any more, or None. Asked at the claim."""
    guest = _guest(mail_id)
    if guest is None:
        return OVERTAKEN
    if guest.method == Method.CANCEL:
        return None
    reader = _reader(guest)
    if reader is not None and not sees(reader, guest.appointment.activity_id):
        return NOT_SEEN
    return None


def written(mail_id: UUID) -> Written:
    """The mail as it goes out; `objection` had none."""
    guest = _guest(mail_id)
    if guest is None:
        raise RuntimeError("nobody is invited by this mail")
    appointment, reader = guest.appointment, _reader(guest)
    method, told = Method(guest.method), appointment.told
    title = _title(appointment, reader) if method is Method.REQUEST else rules.NEUTRAL
    settings = current_app.extensions["settings"]
    url = f"{settings.public_url}/activities/{appointment.activity_id}" if reader else ""
    letter = Letter(
        method=method,
        uid=rules.uid(appointment.activity_id, urlsplit(settings.public_url).hostname or "demarche"),
        sequence=appointment.sequence,
        stamped_at=guest.told_at,
        title=title,
        told=told,
        organizer=appointment.organizer,
        organizer_address=envelope_sender(),
        guest=guest.name,
        guest_address=guest.email,
        url=url if method is Method.REQUEST else "",
    )
    when = day(told.on) + (f", {told.at:%H:%M} ({told.zone})" if told.at else "")
    said = "Called off" if method is Method.CANCEL else "Changed" if appointment.sequence else "Invitation"
    text = current_app.jinja_env.get_template("email/appointment.txt").render(
        called_off=method is Method.CANCEL,
        changed=bool(appointment.sequence),
        organizer=appointment.organizer,
        title=title,
        when=when,
        place=told.place,
        href=letter.url,
    )
    return Written(f"{said}: {title}, {when}", text, calendar=as_ics(letter), method=method.value)


def _guest(mail_id: UUID) -> AppointmentGuest | None:
    wanted = select(AppointmentGuest).where(AppointmentGuest.mail_id == mail_id)
    return db.session.scalar(wanted.options(joinedload(AppointmentGuest.appointment)))


def _reader(guest: AppointmentGuest) -> Viewer | None:
    """Whoever is invited, nobody once the account is closed; None for an address alone."""
    if guest.user_id is None:
        return None
    wanted = select(User).where(User.id == guest.user_id).options(joinedload(User.party), joinedload(User.roles))
    return viewer_of(db.session.execute(wanted).unique().scalar_one())


def _title(appointment: Appointment, reader: Viewer | None) -> str:
    """What it is called for this reader, by what they see of it."""
    if reader is None:
        return rules.NEUTRAL
    with looking_as(reader):
        activity = db.session.get_one(Activity, appointment.activity_id, populate_existing=True)
        names = sorted(register().name(one.state_iso3, appointment.on) for one in activity.states)
        detail = Detail(current_app.extensions["settings"].reminder_detail)
        return rules.title(
            detail,
            Handling(activity.handling),
            ACTIVITY_TYPES[activity.kind].label,
            ", ".join(names),
            restricted=is_restricted(activity, reader),
            has_account=True,
        )
