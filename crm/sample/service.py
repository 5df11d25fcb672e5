"""Put the sample campaign in: accounts, office-holders, who signs, the outreach of 2010 and 2011, letters to come."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from uuid import uuid4

from flask import current_app
from sqlalchemy import select

from crm.accounts.models import Role
from crm.activities.margins.service import record_round
from crm.activities.margins.talks import Talk
from crm.activities.models import ActivityState
from crm.activities.service import record_activity
from crm.audit.service import Event, record
from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db
from crm.core.errors import RuleViolation
from crm.core.listing import listing_of
from crm.drafts import service as drafts
from crm.drafts.rules import Kind
from crm.followups.plans.forms import READY, READY_DESCRIPTION, READY_NAME
from crm.followups.plans.service import keep as keep_plan
from crm.followups.service import open_follow_up
from crm.imports import service as imports
from crm.imports.storing import SentSheet
from crm.lists.service import save_view
from crm.meetings.models import Coordinator, Meeting, Presidency
from crm.people.models import Office, OfficeHolder
from crm.people.rules import Gender, OfficeKind
from crm.sample.entries import (
    ASKED_OF_MISSION,
    OUTREACH,
    PRESENT,
    PROMISED,
    ROUND,
    ROUND_HELD,
    SPREADSHEET,
    TALKS,
    Entry,
)
from crm.sample.instructing import instruct
from crm.sample.met import meet
from crm.sample.opening import open_accounts
from crm.sample.queries import present
from crm.sample.unanswered import send
from crm.sample.waiting import put_mails
from crm.states.queries import register

IN_OFFICE_SINCE = date(2008, 12, 3)
COORDINATOR_SINCE = date(2010, 8, 1)
NEXT_MEETING = "14MSP"
PRESIDING = {"1MSP": "LAO", "2MSP": "LBN", NEXT_MEETING: "LBN"}
"""Which State presides over the two meetings of the presentation, and over the coming one in the sample."""

SOURCE = "Invented for the sample campaign"


STALLED = (
    "Signed and gone no further",
    "For a signatory whose ratification stands still: learn where it lies, send what helps, then ask the capital.",
    (
        {"what": "Ask where the ratification lies", "after": 0, "unit": "days", "who": "mission"},
        {"what": "Send the model law and the ratification kit", "after": 1, "unit": "weeks", "who": "runner"},
        {
            "what": "Offer a visit to the capital",
            "kind": "capital_visit",
            "after": 2,
            "unit": "months",
            "who": "runner",
        },
    ),
)
"""A plan: its name, what it is for, its steps."""

VIEWS = (
    ("activities", "Visits to capitals", "kind=capital_visit"),
    ("activities", "Who may see what was reported", "status=reported&columns=state&columns=what&columns=handling"),
    ("followups", "What everybody owes, latest first", "owner=all&sort=-due"),
)
"""Saved views: the list, the name, what stands in the address."""


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
    meet(people[Role.COORDINATOR])
    for entry in (*OUTREACH, *PRESENT):
        _record(entry, people)
    _send_a_spreadsheet(people[Role.COORDINATOR])
    _save_views(people[Role.COORDINATOR])
    _note_a_promise(people[Role.COORDINATOR])
    _keep_a_plan(people[Role.COORDINATOR])
    _charge_the_mission(people)
    for role in (Role.MISSION_OFFICER, Role.COORDINATOR):
        _begin_a_plan(people[role])
    _record_round(people[Role.COORDINATOR])
    instruct(people)
    send(people)
    put_mails(people[Role.MISSION_OFFICER])
    record(Event.SAMPLE_LOADED, actor=SYSTEM, subject=("sample", treaty))
    return True


def _keep_a_plan(coordinator: Viewer) -> None:
    """The plan that is offered to whoever has none, and one for who signed and goes no further."""
    for name, description, steps in ((READY_NAME, READY_DESCRIPTION, READY), STALLED):
        whole = [{"kind": "", "level": "", **one} for one in steps]
        keep_plan(actor=coordinator, name=name, description=description, steps=whole)


def _note_a_promise(coordinator: Viewer) -> None:
    """What a State promised at a talk."""
    iso3, what, in_days = PROMISED
    with looking_as(SYSTEM):
        talk = db.session.scalars(
            select(ActivityState.activity_id).where(ActivityState.state_iso3 == iso3).order_by(ActivityState.held_on)
        ).first()
        assert talk
        due_on = clock.today() + timedelta(days=in_days)
        open_follow_up(
            actor=coordinator,
            what=what,
            state_iso3=iso3,
            due_on=due_on,
            activity_id=talk,
            promised=True,
            handling=Handling.STATES,
            sample=True,
        )


def _charge_the_mission(people: dict[Role, Viewer]) -> None:
    """What the coordinator asks of the mission as it stands, whoever is there."""
    iso3, what, in_days = ASKED_OF_MISSION
    with looking_as(SYSTEM):
        open_follow_up(
            actor=people[Role.COORDINATOR],
            what=what,
            state_iso3=iso3,
            due_on=clock.today() + timedelta(days=in_days),
            owner_id=people[Role.MISSION_OFFICER].mission_id,
            sample=True,
        )


def _save_views(coordinator: Viewer) -> None:
    """Lists as the coordinator of the sample wants to see them again, shared with their party."""
    for key, name, query in VIEWS:
        with looking_as(SYSTEM):
            save_view(
                actor=coordinator, listing=listing_of(key), name=name, query=query, shared=True, sample=True
            )  # fmt: skip


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


def _send_a_spreadsheet(actor: Viewer) -> None:
    """What was kept in a spreadsheet before, looked through and not taken over yet: some lines are to be put right."""
    table = "\n".join((SPREADSHEET[0], *SPREADSHEET[1:], "")).encode()
    with looking_as(SYSTEM):
        made = imports.send(actor=actor, file=SentSheet("Contacts of 2010.csv", "csv", BytesIO(table)))
        imports.choose_columns(
            actor=actor,
            import_id=made.id,
            columns=made.head["guessed"],
            handling=Handling.STATES,
            kind="margin_meeting",
        )


def _begin_a_plan(actor: Viewer) -> None:
    """A plan that was begun and waits among the drafts of its writer."""
    with looking_as(SYSTEM):
        drafts.keep(
            actor=actor,
            draft_id=uuid4(),
            kind=Kind.PLAN,
            typed={
                "kind": ["capital_visit"],
                "state_iso3": ["BTN"],
                "held_on": [(clock.today() + timedelta(days=21)).isoformat()],
                "objective": ["Ask which of the three ministries is still to answer, and offer the model law"],
            },
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
            person_name=entry.person_name,
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


def _record_round(actor: Viewer) -> None:
    """Three short talks in the margins of a meeting, under one header."""
    today = clock.today()
    talks = [
        Talk(
            row=row,
            state_iso3=iso3,
            whom=f"Sample interlocutor (invented), {office}" if office else "",
            outcome=outcome,
            obstacle=obstacle.value if obstacle else "",
            note=note,
            next_action=next_action,
            next_action_due=today + timedelta(days=in_days) if next_action else None,
        )
        for row, (iso3, office, outcome, obstacle, note, next_action, in_days) in enumerate(TALKS)
    ]
    with looking_as(SYSTEM):
        record_round(
            actor=actor,
            occasion=ROUND,
            held_on=today + timedelta(days=ROUND_HELD),
            place="New York",
            talks=talks,
            sample=True,
        )
