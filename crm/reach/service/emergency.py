"""Emergency access: for a stated reason and a short time, what other parties keep about one State is open.

Nobody is asked first, and nobody is left in the dark: each party whose records are opened is told at once, and
a party that writes about the State while it lasts is told before anything of it is shown (`crm.reach.watch`).
Restricted States stay for those who are named.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from crm.accounts.models import EmergencyAccess, EmergencyNotice
from crm.accounts.service import locked_user
from crm.audit.service import Event, record
from crm.audit.vocabulary import VOCABULARY
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, locked
from crm.core.display import moment
from crm.core.errors import NotFound, RuleViolation
from crm.mail import service as mail
from crm.reach.service import concerned
from crm.states.queries import register

HOURS = (1, 4)
"""How long it may last, at least and at most."""

SUBJECT = "Demarche: records of yours were opened in an emergency"


def begin(*, actor: Viewer, state_iso3: str, reason: str, hours: int = 1) -> EmergencyAccess:
    """Open what other parties keep about a State to the actor, tell those parties, write it down.

    A State that is closed to them stays so, and nobody is told: it looks like one about which nothing is kept.
    Raises NotAllowed without `emergencies:open`, RuleViolation for a State that is unknown, an impossible length,
    and while one with another reason or length lasts for the same State. Asking for the same once more gives back
    the one that lasts.
    """
    actor.require("emergencies:open")
    if actor.user_id is None or actor.party_id is None:
        raise RuleViolation("", "Only somebody with an account can do this.")
    if state_iso3 not in register().states:
        raise RuleViolation("state_iso3", "There is no State with this code.")
    if not HOURS[0] <= hours <= HOURS[1]:
        raise RuleViolation("hours", f"Between {HOURS[0]} and {HOURS[1]} hours.")
    locked_user(actor.user_id)
    if lasting := _lasting(actor, state_iso3):
        return _unless_other(lasting, reason, hours, actor.time_zone)
    now = clock.now()
    access = EmergencyAccess(
        user_id=actor.user_id,
        party_id=actor.party_id,
        state_iso3=state_iso3,
        reason=reason,
        begun_at=now,
        until=now + timedelta(hours=hours),
        sample=actor.sample,
    )
    db.session.add(access)
    db.session.flush()
    told = set() if state_iso3 in actor.closed else _untold(access)
    _tell(actor, access, told)
    _record(Event.EMERGENCY_BEGUN, actor, access, told, until=access.until.isoformat())
    return access


def end(*, actor: Viewer, emergency_id: UUID) -> None:
    """Over before its time; ending twice changes nothing. Raises NotFound for somebody else's."""
    access = locked(EmergencyAccess, emergency_id)
    if access is None or access.user_id != actor.user_id:
        raise NotFound("no such emergency")
    if access.ended_at is None and access.until > clock.now():
        access.ended_at = clock.now()
        _record(Event.EMERGENCY_ENDED, actor, access, _told(access))


def _record(event: Event, actor: Viewer, access: EmergencyAccess, parties: set[UUID], **facts: Any) -> None:
    """An entry for the party of whoever opened it, and one for each of these, which have it in hand from then on.

    How many others were told stands in the former alone.
    """
    counted = "parties" in VOCABULARY[event].facts
    for party in (access.party_id, *sorted(parties)):
        if counted:
            facts["parties"] = len(parties) if party == access.party_id else None
        subject = ("emergency", access.id)
        record(event, actor=actor, subject=subject, originator_id=party, state=access.state_iso3, **facts)


def _lasting(actor: Viewer, state_iso3: str) -> EmergencyAccess | None:
    return db.session.scalar(
        select(EmergencyAccess).where(
            EmergencyAccess.user_id == actor.user_id,
            EmergencyAccess.state_iso3 == state_iso3,
            EmergencyAccess.ended_at.is_(None),
            EmergencyAccess.until > clock.now(),
        )
    )


def _unless_other(lasting: EmergencyAccess, reason: str, hours: int, zone: str) -> EmergencyAccess:
    """The one that lasts, unless something else is asked for than was told to the parties."""
    if (lasting.reason, lasting.until - lasting.begun_at) != (reason, timedelta(hours=hours)):
        until = moment(lasting.until, zone)
        raise RuleViolation(
            "state_iso3",
            f"You have opened this State already, until {until}, and the parties were told why. "
            "To give another reason or another time, end that first.",
        )
    return lasting


def late_parties(actor: Viewer) -> dict[UUID, set[UUID]]:
    """For each emergency that opens a State to the actor: parties that keep records about it and were not told.

    Looks as the system: what other parties keep, and whom they told, the actor does not see.
    """
    wanted = (
        select(EmergencyAccess)
        .where(
            EmergencyAccess.user_id == actor.user_id,
            EmergencyAccess.state_iso3.in_(sorted(actor.opened - actor.closed)),
        )
        .order_by(EmergencyAccess.begun_at)
    )
    with looking_as(SYSTEM):
        newest = {one.state_iso3: one for one in db.session.scalars(wanted)}
    untold = {one.id: _untold(one) for one in newest.values()}
    return {key: parties for key, parties in untold.items() if parties}


def tell_late(*, actor: Viewer) -> None:
    """Tell those whose records came to be open to the actor after an emergency had begun.

    Works as the system, for the same reason.
    """
    for emergency_id in late_parties(actor):
        with looking_as(SYSTEM):
            access = locked(EmergencyAccess, emergency_id)
        if access and (late := _untold(access)):
            _tell(actor, access, late)
            _record(Event.EMERGENCY_TOLD_LATE, actor, access, late)


def _untold(access: EmergencyAccess) -> set[UUID]:
    return concerned.parties(access.state_iso3) - _told(access) - {access.party_id}


def _told(access: EmergencyAccess) -> set[UUID]:
    """Looks as the system: whom else they told, nobody sees."""
    told = select(EmergencyNotice.party_id).where(EmergencyNotice.emergency_id == access.id)
    with looking_as(SYSTEM):
        return set(db.session.scalars(told))


def _tell(actor: Viewer, access: EmergencyAccess, parties: set[UUID]) -> None:
    """A line for each of these parties and a mail to those who answer for it."""
    with looking_as(SYSTEM):
        db.session.add_all([EmergencyNotice(emergency_id=access.id, party_id=one) for one in sorted(parties)])
    text = current_app.jinja_env.get_template("email/emergency.txt")
    href = f"{current_app.extensions['settings'].public_url}/emergencies"
    for one in concerned.people_of(access.state_iso3, parties):
        who, until = f"{actor.name} ({actor.party_name})", moment(access.until, one.time_zone)
        mail.post(
            key=f"emergency:{access.id}:{one.id}",
            to=one.email,
            subject=SUBJECT,
            text=text.render(who=who, until=until, href=href),
            repeats=1,
            sample=one.sample,
        )
