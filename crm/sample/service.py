"""Put the sample campaign in: accounts, office-holders, who signs, the outreach of 2010 and 2011, letters to come."""

from __future__ import annotations

from datetime import date, timedelta

from flask import current_app
from sqlalchemy import select

from crm.accounts.models import Role
from crm.activities.service import record_activity
from crm.audit.service import Event, record
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db
from crm.core.errors import RuleViolation
from crm.meetings.models import Coordinator, Meeting, Presidency
from crm.people.models import Office, OfficeHolder
from crm.people.rules import Gender, OfficeKind
from crm.sample.entries import OUTREACH, PRESENT, Entry
from crm.sample.opening import open_accounts
from crm.sample.queries import present
from crm.states.queries import register

IN_OFFICE_SINCE = date(2008, 12, 3)
COORDINATOR_SINCE = date(2010, 8, 1)
NEXT_MEETING = "14MSP"
PRESIDING = {"1MSP": "LAO", "2MSP": "LBN", NEXT_MEETING: "LBN"}
"""Which State presides over the two meetings of the presentation, and over the coming one in the sample."""

SOURCE = "Invented for the sample campaign"


def load(treaty: str) -> bool:
    """Put the sample in, as part of the present unit of work; False when it is in already.

    Raises RuleViolation in production: everybody knows the password of its accounts.
    """
    if current_app.extensions["settings"].environment == "production":
        raise RuleViolation("", "The sample accounts have a password that everybody knows: not in production.")
    if present():
        return False
    people = open_accounts()
    known = register(treaty)
    for place, (iso3, name) in enumerate(known.options(clock.today())):
        _hold_office(iso3, name, Gender.FEMALE if place % 2 else Gender.MALE)
    _name_who_signs()
    for entry in (*OUTREACH, *PRESENT):
        _record(entry, people)
    record(Event.SAMPLE_LOADED, actor=SYSTEM, subject=("sample", treaty))
    return True


def _hold_office(iso3: str, name: str, gender: Gender) -> None:
    """An invented foreign minister, so that a letter can be addressed; an office somebody recorded is left alone."""
    wanted = select(Office.id).where(Office.state_iso3 == iso3, Office.kind == OfficeKind.FOREIGN_MINISTER.value)
    if db.session.scalar(wanted):
        return
    office = Office(state_iso3=iso3, kind=OfficeKind.FOREIGN_MINISTER.value, sample=True)
    db.session.add(office)
    db.session.flush()
    db.session.add(
        OfficeHolder(
            office_id=office.id,
            name=f"Sample Minister ({name})",
            gender=gender.value,
            from_on=IN_OFFICE_SINCE,
            # Not today: somebody real who looks today must find something to confirm, and so make it theirs.
            verified_on=clock.today() - timedelta(days=2),
            source=SOURCE,
            sample=True,
        )
    )


def _name_who_signs() -> None:
    """A coordinator, and somebody for each presidency that no source gives a person for.

    Who will preside over the meeting after the Third Review Conference was not public when these data were
    gathered; the sample lets Lebanon do so, so that a letter of today has its second signatory.
    """
    db.session.add(
        Coordinator(
            state_iso3="JPN",
            capacity_en="Friend of the President on Universalization",
            capacity_fr="Ami du Président pour l’universalisation",
            person_name="Sample Ambassador (Japan)",
            title_en="Ambassador",
            title_fr="Ambassadrice",
            gender=Gender.FEMALE.value,
            from_on=COORDINATOR_SINCE,
            source=SOURCE,
            sample=True,
        )
    )
    _expect_next_meeting()
    for key, state_iso3 in PRESIDING.items():
        _fill_gaps(db.session.scalars(select(Meeting).where(Meeting.key == key)).one(), state_iso3)


def _expect_next_meeting() -> None:
    if db.session.scalar(select(Meeting.id).where(Meeting.key == NEXT_MEETING)):
        return
    today = clock.today()
    db.session.add(
        Meeting(
            key=NEXT_MEETING,
            number=14,
            kind="meeting_of_states_parties",
            name_en="Fourteenth Meeting of States Parties",
            name_fr="Quatorzième Assemblée des États parties",
            from_on=date(today.year + 1, 9, 1),
            until_on=date(today.year + 1, 9, 30),
            precision="month",
            source=SOURCE,
            note="Days and place are not known yet.",
            sample=True,
        )
    )
    db.session.flush()


def _fill_gaps(meeting: Meeting, state_iso3: str) -> None:
    """An invented person for the days of a presidency on which nobody is recorded; who is recorded stays."""
    known = select(Presidency).where(Presidency.meeting_id == meeting.id, Presidency.sample.is_(False))
    recorded = db.session.scalars(known).all()
    gaps = [one.took_over_on for one in recorded if not one.person_name] if recorded else [None]
    for took_over_on in gaps:
        db.session.add(
            Presidency(
                meeting_id=meeting.id,
                state_iso3=state_iso3,
                person_name=f"Sample Minister ({register().name(state_iso3, meeting.from_on)})",
                title_en="Minister for Foreign Affairs",
                title_fr="Ministre des Affaires étrangères",
                gender=Gender.MALE.value,
                took_over_on=took_over_on,
                source=SOURCE,
                sample=True,
            )
        )


def _record(entry: Entry, people: dict[Role, Viewer]) -> None:
    today = clock.today()
    held_on = entry.held_on if isinstance(entry.held_on, date) else today + timedelta(days=entry.held_on)
    officer, coordinator = people[Role.MISSION_OFFICER], people[Role.COORDINATOR]
    with looking_as(SYSTEM):
        record_activity(
            actor=officer if officer.works_on(entry.state_iso3) else coordinator,
            kind=entry.kind,
            state_iso3=entry.state_iso3,
            held_on=held_on,
            person_name="Sample interlocutor (invented)",
            person_title=entry.person_title,
            reply=entry.reply,
            obstacle=entry.obstacle.value if entry.obstacle else "",
            obstacle_subtype=entry.subtype,
            obstacle_basis=entry.basis,
            occasion=entry.occasion,
            place=entry.place,
            next_action=entry.next_action,
            next_action_due=today + timedelta(days=entry.in_days) if entry.next_action else None,
            next_action_owner_id=str(coordinator.user_id) if entry.for_coordinator else "",
            handling=entry.handling,
            sample=True,
        )
