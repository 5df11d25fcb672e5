"""From what a mail says to what an entry might say: States by all their names, the kind, the day, whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from crm.accounts.models import Party, User
from crm.activities.types import ACTIVITY_TYPES
from crm.capture.rules.invitations import Invitation, Person, day_of
from crm.capture.rules.message import Mail
from crm.capture.rules.proposing import Proposal, kind_named, state_of_address, states_named
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.core.text import fold
from crm.people.models import Office, OfficeHolder
from crm.states.queries import register
from crm.states.register import StateFacts

SHORTEST = 4
"""Letters of a name that is looked for in a text, codes left aside."""


def proposal(mail: Mail, invitation: Invitation | None, party_id: UUID) -> Proposal:
    """What an entry made of this mail might say. Looks as the system: a job has nobody who looks."""
    with looking_as(SYSTEM):
        party = db.session.get_one(Party, party_id)
        own = set(db.session.scalars(select(User.email).where(User.party_id == party_id)))
    others = [one for one in _people(mail, invitation) if one.address not in own]
    texts = [mail.subject, *([invitation.title, invitation.place] if invitation else []), mail.text]
    states = _states(texts, others, party.state_iso3)
    return Proposal(
        states=states,
        kind=kind_named(texts[:2], {key: one.label for key, one in ACTIVITY_TYPES.items()}),
        held_on=day_of(invitation.begins) if invitation else None,
        written_at=None if invitation else (mail.forwarded and mail.forwarded.sent_at) or mail.sent_at,
        person_name=next((one.name or one.address for one in others), ""),
        place=invitation.place if invitation else "",
        occasion=(invitation.title if invitation else "")[:200],
    )


def _people(mail: Mail, invitation: Invitation | None) -> list[Person]:
    """Who is named in a mail: whoever invites, whoever is invited, whoever wrote what was forwarded."""
    found = [*([invitation.organizer] if invitation and invitation.organizer else [])]
    found += invitation.people if invitation else ()
    if mail.forwarded:
        found.append(Person(mail.forwarded.name, mail.forwarded.address.lower()))
    found.append(Person(mail.sender_name, mail.sender.lower()))
    return found


def _states(texts: Iterable[str], people: Iterable[Person], own: str | None) -> tuple[str, ...]:
    known = register().states
    endings = {one.iso2: iso3 for iso3, one in known.items()}
    named = states_named(texts, _names(known.values()))
    by_address = (state_of_address(one.address, endings) for one in people)
    return tuple(dict.fromkeys(iso3 for iso3 in (*named, *by_address) if iso3 and iso3 != own))


def _names(states: Collection[StateFacts]) -> dict[str, str]:
    """Every name of every State, past and present, in all our languages, as texts are compared; two States of one
    name have none.
    """
    found: dict[str, str] = {}
    for one in states:
        codes = {fold(code) for code in (one.iso3, one.iso2, one.iso_numeric)}
        for name in one.known_as - codes:
            if len(name) >= SHORTEST:
                found[name] = "" if found.get(name, one.iso3) != one.iso3 else one.iso3
    return found


def holders_named(names: Collection[str], today: date) -> dict[str, tuple[str, str]]:
    """By name, in small letters: the State and the kind of office that people of these names hold today."""
    wanted = {one.lower() for one in names if one}
    if not wanted:
        return {}
    rows = db.session.execute(
        select(OfficeHolder.name, Office.state_iso3, Office.kind)
        .join(Office, Office.id == OfficeHolder.office_id)
        .where(func.lower(OfficeHolder.name).in_(wanted), OfficeHolder.from_on <= today)
        .where(OfficeHolder.until_on.is_(None) | (OfficeHolder.until_on > today))
    )
    return {name.lower(): (iso3, kind) for name, iso3, kind in rows}
