"""What the mails about an appointment say, written when they go out: to whoever may still see it, as little as the
installation allows. Looks as the system, and for what is shown as whoever is invited.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit
from uuid import UUID

from flask import current_app
from sqlalchemy import case, literal, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import Party, User
from crm.accounts.viewers import viewer_of
from crm.activities.appointments import rules
from crm.activities.appointments.ics import Letter, as_ics
from crm.activities.appointments.models import Appointment, AppointmentGuest
from crm.activities.appointments.rules import Detail, Method, Told
from crm.activities.appointments.service import is_restricted, sees
from crm.activities.appointments.telling import PURPOSE as PURPOSE
from crm.activities.models import Activity, ActivityState
from crm.activities.queries import party_told, person_is_told
from crm.activities.types import ACTIVITY_TYPES
from crm.audit.service import is_sensitive
from crm.core.access import Handling, Viewer, looking_as
from crm.core.db import db
from crm.core.display import day
from crm.mail.message import Written
from crm.mail.service import envelope_sender
from crm.reach.queries import restricted_states
from crm.states.queries import register

OVERTAKEN = "What it says has changed; another mail took its place."
NOT_SEEN = "Whoever is invited may not see this any more."
KEPT_INSIDE = "It is about a restricted State; only people with an account are invited."
NOTHING_TOLD = "They were told nothing of it, so nothing is called off for them."


def objection(mail_id: UUID) -> str | None:
    """Why a mail must not go out any more, or None. Asked at the claim."""
    guest = _guest(mail_id)
    if guest is None:
        return OVERTAKEN
    if guest.method == Method.CANCEL:
        return None if guest.said else NOTHING_TOLD
    reader, key = _reader(guest), guest.appointment.activity_id
    if reader is None:
        return KEPT_INSIDE if _is_about_restricted(key) else None
    return None if sees(reader, key) else NOT_SEEN


def written(mail_id: UUID) -> Written:
    """The mail as it goes out; `objection` had none. Part of the unit of work that claims it: what it says of the time
    is kept as what this person knows.
    """
    guest = _guest(mail_id)
    if guest is None:
        raise RuntimeError("nobody is invited by this mail")
    return _off(guest) if guest.method == Method.CANCEL else _request(guest)


def _off(guest: AppointmentGuest) -> Written:
    """That it is off, in what whoever is told knows already: their rights may have gone, and time, place and who sees
    to it may have changed since.
    """
    if guest.said is None:
        raise RuntimeError("nothing is called off for whoever was told nothing")
    return _mail(_letter(guest, Method.CANCEL, guest.said), "Called off")


def _request(guest: AppointmentGuest) -> Written:
    appointment, reader = guest.appointment, _reader(guest)
    url = f"{current_app.extensions['settings'].public_url}/activities/{appointment.activity_id}" if reader else ""
    letter = _letter(guest, Method.REQUEST, appointment.told)
    letter = replace(letter, title=_title(appointment, reader), organizer=_organizer(appointment, reader), url=url)
    guest.hears(appointment.told)
    return _mail(letter, "Changed" if appointment.sequence else "Invitation")


def _letter(guest: AppointmentGuest, method: Method, told: Told) -> Letter:
    host = urlsplit(current_app.extensions["settings"].public_url).hostname or "demarche"
    return Letter(
        method=method,
        uid=rules.uid(guest.appointment.activity_id, host),
        sequence=guest.sequence,
        stamped_at=guest.told_at,
        title=rules.NEUTRAL,
        told=told,
        organizer="",
        organizer_address=envelope_sender(),
        guest=guest.name,
        guest_address=guest.email,
    )


def _mail(letter: Letter, said: str) -> Written:
    told = letter.told
    when = day(told.on) + (f", {told.at:%H:%M} ({told.zone})" if told.at else "")
    text = current_app.jinja_env.get_template("email/appointment.txt").render(
        said=said, organizer=letter.organizer, title=letter.title, when=when, place=told.place, href=letter.url
    )
    return Written(f"{said}: {letter.title}, {when}", text, calendar=as_ics(letter), method=letter.method.value)


def _guest(mail_id: UUID) -> AppointmentGuest | None:
    wanted = select(AppointmentGuest).where(AppointmentGuest.mail_id == mail_id)
    return db.session.scalar(wanted.options(joinedload(AppointmentGuest.appointment)))


def _reader(guest: AppointmentGuest) -> Viewer | None:
    """Whoever is invited, nobody once the account is closed; None for an address alone."""
    if guest.user_id is None:
        return None
    wanted = select(User).where(User.id == guest.user_id).options(joinedload(User.party), joinedload(User.roles))
    return viewer_of(db.session.execute(wanted).unique().scalar_one())


def _is_about_restricted(activity_id: UUID) -> bool:
    about = select(ActivityState.state_iso3).where(ActivityState.activity_id == activity_id)
    return bool(set(db.session.scalars(about)) & restricted_states())


def _organizer(appointment: Appointment, reader: Viewer | None) -> str:
    """Who invites, as far as the activity lets this reader know where it comes from; its party where that alone is
    told. Whoever is invited by an address is told so on purpose: the form says it.
    """
    if reader is None:
        return appointment.organizer
    who = case((person_is_told(reader), literal(appointment.organizer)), else_=party_told(reader))
    wanted = select(who).select_from(Activity).join(Party, Party.id == Activity.originator_id)
    return db.session.scalar(wanted.where(Activity.id == appointment.activity_id)) or ""


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
            kept=is_restricted(activity, reader)
            or is_sensitive(reader, activity.originator_id, Handling(activity.handling)),
            has_account=True,
        )
