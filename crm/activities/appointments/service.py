"""Invite to an approach that is to come, tell what changes, call it off, and take answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.accounts.viewers import viewer_of
from crm.activities import writing
from crm.activities.appointments import rules, telling
from crm.activities.appointments.models import Appointment, AppointmentGuest
from crm.activities.appointments.rules import Answer
from crm.activities.models import Activity, ActivityState
from crm.activities.rules import AHEAD, Precision, Status
from crm.audit.service import Event
from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, claim_for_real, looking_as
from crm.core.db import db, expect_version, held, locked
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.mail.rules import address
from crm.reach.events import StateRestricted
from crm.reach.queries import restricted_states


def appointment_of(activity_id: UUID) -> Appointment | None:
    """The appointment of an activity, for its own party."""
    wanted = select(Appointment).where(Appointment.activity_id == activity_id)
    return db.session.scalar(wanted.options(joinedload(Appointment.guests)))


def invite(
    *,
    actor: Viewer,
    activity_id: UUID,
    at: time | None,
    minutes: int,
    zone: str,
    place: str = "",
    people: Collection[UUID] = (),
    others: Collection[str] = (),
    version: int | None = None,
) -> Appointment:
    """Say when and where an approach is made, and invite exactly these: `people` with an account, `others` by address.

    Whoever is new gets an invitation, whoever is left out is told that it is off for them, and when time or place
    change all are asked again. Raises NotFound, NotAllowed for another party's, Stale, and RuleViolation naming the
    field: whoever may not see it cannot be invited, and what goes to `others` is no place for addresses.
    """
    activity = _ahead(actor, activity_id)
    found = appointment_of(activity_id)
    expect_version(found or Appointment(version=0), version)
    guests = [*_with_accounts(activity, people), *_by_address(actor, activity, others)]
    if len({one.email for one in guests}) > rules.MOST_GUESTS:
        raise RuleViolation("others", f"Up to {rules.MOST_GUESTS} people can be invited.")
    if others and (problem := rules.place_problem(place)):
        raise RuleViolation("place", problem)
    is_new = found is None
    appointment = found or Appointment(activity_id=activity_id, sample=activity.sample)
    before = None if is_new else (appointment.told, appointment.off)
    appointment.on, appointment.at, appointment.minutes = activity.held_on, at, minutes
    appointment.zone, appointment.place, appointment.off = zone, place, False
    appointment.organizer = actor.name
    claim_for_real(appointment, actor)
    db.session.add(appointment)
    anew = not is_new and before != (appointment.told, False)
    appointment.sequence = appointment.sequence + 1 if anew else appointment.sequence or 0
    _put_guests(actor, appointment, guests, anew=anew)
    _audit(Event.APPOINTMENT_ARRANGED, actor, activity, invited=len(guests))
    return appointment


def call_off(*, actor: Viewer, activity_id: UUID) -> None:
    """Tell all who were invited that it does not take place; a second time changes nothing. Raises as `invite` does."""
    activity = _ahead(actor, activity_id)
    appointment = appointment_of(activity_id)
    if appointment is None:
        raise NotFound("nobody was invited")
    if not appointment.off:
        _call_off(actor, activity, appointment)


def follow(actor: Viewer, activity: Activity) -> None:
    """The activity has changed: on another day all are asked again; cancelled, or no longer on a day, it is off.

    Looks as the system: whoever corrects something for those who are named may not see it any more.
    """
    with looking_as(SYSTEM):
        appointment = appointment_of(activity.id)
        if appointment is None or appointment.off:
            return
        if activity.status == Status.CANCELLED or activity.precision != Precision.DAY:
            _call_off(actor, activity, appointment)
        elif activity.status in AHEAD:
            if {one.state_iso3 for one in activity.states} & restricted_states():
                telling.take_off(appointment, _outside(appointment))
            if activity.held_on != appointment.on:
                appointment.on = activity.held_on
                appointment.sequence += 1
                db.session.flush()
                telling.ask(actor, appointment, _invited(appointment))


def keep_inside(event: StateRestricted) -> None:
    """Whoever has no account is invited no more to what is about a State that is restricted from now on, and is told
    that it is off for them: without the day and the place that it will have.

    Looks as the system: the appointments are those of every party.
    """
    wanted = (
        select(Appointment)
        .join(Activity, Activity.id == Appointment.activity_id)
        .where(Activity.states.any(ActivityState.state_iso3 == event.state_iso3), Appointment.off.is_(False))
        .where(Activity.status.in_([one.value for one in AHEAD]))
        .order_by(Appointment.id)
    )
    with looking_as(SYSTEM):
        for appointment in db.session.scalars(held(wanted, of=Appointment)).all():
            telling.take_off(appointment, _outside(appointment))


def _call_off(actor: Viewer, activity: Activity, appointment: Appointment) -> None:
    appointment.off, appointment.sequence = True, appointment.sequence + 1
    db.session.flush()
    telling.call_off(appointment, _invited(appointment))
    _audit(Event.APPOINTMENT_CALLED_OFF, actor, activity, invited=len(_invited(appointment)))


def _audit(event: Event, actor: Viewer, activity: Activity, **facts: Any) -> None:
    """For its own party alone, as the appointment is, however far the activity travels."""
    writing.audit(event, actor, activity, handling=Handling.ORIGINATOR, **facts)


def _invited(appointment: Appointment) -> list[AppointmentGuest]:
    return [one for one in appointment.guests if not one.left]


def _outside(appointment: Appointment) -> list[AppointmentGuest]:
    return [one for one in _invited(appointment) if one.is_outside]


def _ahead(actor: Viewer, activity_id: UUID) -> Activity:
    """An activity of one's own party that is to come on a day that is known, held."""
    actor.require("activities:create")
    activity = locked(Activity, activity_id)
    if activity is None:
        raise NotFound("no such activity")
    if activity.originator_id != actor.party_id:
        raise NotAllowed("an activity of another party")
    if Status(activity.status) not in AHEAD:
        raise RuleViolation("", "People are invited to what is still to come.")
    if activity.precision != Precision.DAY:
        raise RuleViolation("", "Its day is not known yet. Correct the day first.")
    return activity


def _with_accounts(activity: Activity, keys: Collection[UUID]) -> list[AppointmentGuest]:
    wanted = select(User).where(User.id.in_(keys), User.active)
    with looking_as(SYSTEM):
        found = db.session.scalars(wanted.options(joinedload(User.party), joinedload(User.roles))).unique().all()
    if len(found) != len(set(keys)):
        raise RuleViolation("people", "Choose people from the list.")
    for one in found:
        if not sees(viewer_of(one), activity.id):
            raise RuleViolation("people", f"{one.name} may not see this. Let more people see it, or leave them out.")
    return [AppointmentGuest(user_id=one.id, email=one.email, name=one.name) for one in found]


def sees(viewer: Viewer, activity_id: UUID) -> bool:
    """Whether somebody may see an activity at this moment."""
    with looking_as(viewer):
        wanted = select(Activity.id).where(Activity.id == activity_id)
        return viewer.may("activities:read") and db.session.scalar(wanted) is not None


def is_restricted(activity: Activity, viewer: Viewer) -> bool:
    """Whether somebody sees an activity only because they are named for a restricted State."""
    return bool(viewer.named & {one.state_iso3 for one in activity.states})


def _by_address(actor: Viewer, activity: Activity, texts: Iterable[str]) -> list[AppointmentGuest]:
    found = []
    for text in texts:
        if is_restricted(activity, actor):
            raise RuleViolation("others", "It is about a restricted State: only people with an account are invited.")
        try:
            found.append(AppointmentGuest(email=address(text)))
        except ValueError:
            raise RuleViolation("others", f"“{text}” is not an email address that mail can be sent to.") from None
    return found


def _put_guests(actor: Viewer, appointment: Appointment, wanted: list[AppointmentGuest], *, anew: bool) -> None:
    """Those who are there stay as they answered, unless all are asked anew."""
    there = {one.email.lower(): one for one in appointment.guests}
    named = {one.email.lower(): one for one in reversed(wanted)}
    new = [one for email, one in named.items() if email not in there]
    appointment.guests.extend(new)
    db.session.flush()
    gone = [one for email, one in there.items() if email not in named and not one.left]
    asked = [one for email, one in there.items() if email in named and (anew or one.left)]
    for one in asked:
        one.left, one.user_id = False, named[one.email.lower()].user_id
    telling.take_off(appointment, gone)
    telling.ask(actor, appointment, [*asked, *new])


def take_answer(
    *, party_id: UUID, activity_id: UUID, email: str, answer: Answer, sequence: int, stamped_at: datetime
) -> bool:
    """What somebody invited by this party answered, of whom it is proven that they wrote it; whether it counts.

    An answer to what was arranged before, or one that another has overtaken, does not. Looks as the system: whoever
    answers has no account here.
    """
    with looking_as(SYSTEM):
        wanted = (
            select(AppointmentGuest)
            .join(Appointment, Appointment.id == AppointmentGuest.appointment_id)
            .join(Activity, Activity.id == Appointment.activity_id)
            .where(Activity.id == activity_id, Activity.originator_id == party_id, Appointment.off.is_(False))
            .where(func.lower(AppointmentGuest.email) == email.lower(), AppointmentGuest.left.is_(False))
        )
        guest = db.session.scalar(held(wanted, of=AppointmentGuest))
        if guest is None:
            return False
        present = guest.appointment.sequence
        if not rules.is_newer(stamped_at, guest.answered_at, sequence=sequence, present=present):
            return False
        guest.answer, guest.answered_at, guest.noted_by = answer.value, stamped_at, ""
        activity = db.session.get_one(Activity, activity_id)
        _audit(Event.APPOINTMENT_ANSWERED, SYSTEM, activity, answer=answer.value.lower(), by_hand=False)
        return True


def note_answer(*, actor: Viewer, activity_id: UUID, email: str, answer: str) -> None:
    """Write down what somebody invited answered otherwise than by mail, as of now: a mail that they wrote before does
    not undo it. `NEEDS-ACTION` takes back what was written down. The same a second time changes nothing.

    Raises as `invite` does, and RuleViolation naming the field.
    """
    activity = _ahead(actor, activity_id)
    appointment = appointment_of(activity_id)
    if appointment is None:
        raise NotFound("nobody was invited")
    if appointment.off:
        raise RuleViolation("", "It was called off, so nobody is expected any more.")
    if answer not in list(Answer):
        raise RuleViolation("answer", "Choose one of the answers.")
    guest = next((one for one in _invited(appointment) if one.email.lower() == email.strip().lower()), None)
    if guest is None:
        raise RuleViolation("email", "Nobody is invited under this address.")
    if guest.answer == answer and (guest.noted_by or answer == Answer.NONE):
        return
    guest = db.session.scalars(held(select(AppointmentGuest).where(AppointmentGuest.id == guest.id))).one()
    taken_back = answer == Answer.NONE
    guest.answer, guest.answered_at = answer, None if taken_back else clock.now()
    guest.noted_by = "" if taken_back else actor.name
    db.session.flush()
    _audit(Event.APPOINTMENT_ANSWERED, actor, activity, answer=answer.lower(), by_hand=True)
