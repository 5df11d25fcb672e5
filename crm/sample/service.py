"""Put the sample campaign in: accounts, office-holders, who signs, the outreach of 2010 and 2011, letters to come."""

from __future__ import annotations

from datetime import date, timedelta

from flask import current_app
from sqlalchemy import select

from crm.accounts import service as accounts
from crm.accounts.models import Role, User
from crm.accounts.policy import viewer_of
from crm.activities.service import record_activity
from crm.audit.service import Event, record
from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db
from crm.core.errors import RuleViolation
from crm.meetings.models import Coordinator, Meeting, Presidency
from crm.people.models import Office, OfficeHolder
from crm.people.rules import Gender, OfficeKind
from crm.sample.accounts import ACCOUNTS, PASSWORD
from crm.sample.entries import OUTREACH, PRESENT, Entry
from crm.states.queries import register

IN_OFFICE_SINCE = date(2008, 12, 3)
COORDINATOR_SINCE = date(2010, 8, 1)
NEXT_MEETING = "14MSP"
SOURCE = "Invented for the sample campaign"


def present() -> bool:
    """Whether the sample campaign is in: its coordinator can sign in."""
    wanted = select(User.id).where(User.sample, User.active, User.email == ACCOUNTS[1].email)
    return db.session.scalar(wanted) is not None


def load(treaty: str) -> bool:
    """Put the sample in, as part of the present unit of work; False when it is in already.

    Raises RuleViolation in production: everybody knows the password of its accounts.
    """
    if current_app.extensions["settings"].environment == "production":
        raise RuleViolation("", "The sample accounts have a password that everybody knows: not in production.")
    if present():
        return False
    people = _open_accounts()
    known = register(treaty)
    for place, (iso3, name) in enumerate(known.options(clock.today())):
        _hold_office(iso3, name, Gender.FEMALE if place % 2 else Gender.MALE)
    _name_who_signs()
    for entry in (*OUTREACH, *PRESENT):
        _record(entry, people)
    record(Event.SAMPLE_LOADED, actor=SYSTEM, subject=("sample", treaty))
    return True


def _open_accounts() -> dict[Role, Viewer]:
    people = {}
    for one in ACCOUNTS:
        party = accounts.open_party(name=one.party, kind=one.kind, state_iso3=one.state_iso3, sample=True)
        user = accounts.open_account(
            actor=SYSTEM,
            email=one.email,
            name=one.name,
            party=party,
            roles=[one.role],
            password=PASSWORD,
            time_zone=one.time_zone,
            sample=True,
        )
        people[one.role] = viewer_of(user)
    return people


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
            verified_on=clock.today(),
            source=SOURCE,
            sample=True,
        )
    )


def _name_who_signs() -> None:
    """Invented persons for the coordinator, for the two presidencies of the presentation, and for today.

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
    today = clock.today()
    coming = db.session.scalar(select(Meeting).where(Meeting.key == NEXT_MEETING))
    if coming is None:
        coming = Meeting(
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
        db.session.add(coming)
        db.session.flush()
    for key, state in (("1MSP", "LAO"), ("2MSP", "LBN"), (NEXT_MEETING, "LBN")):
        _preside(key, state)


def _preside(key: str, state_iso3: str) -> None:
    meeting = db.session.scalars(select(Meeting).where(Meeting.key == key)).one()
    name = {"LAO": "Lao PDR", "LBN": "Lebanon"}[state_iso3]
    db.session.add(
        Presidency(
            meeting_id=meeting.id,
            state_iso3=state_iso3,
            person_name=f"Sample Minister ({name})",
            title_en="Minister for Foreign Affairs",
            title_fr="Ministre des Affaires étrangères",
            gender=Gender.MALE.value,
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
            actor=officer if entry.kind == "capital_visit" or entry.next_action else coordinator,
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
            handling=Handling.STATES,
            sample=True,
        )
