"""What people and parties have beside their records, for the matrix of who may reach what: accounts, keys, queues.

Of each kind there is one for every name that stands for it in an address.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts import invitations, resets
from crm.accounts.factors import vault
from crm.accounts.factors.models import AuthenticatorApp
from crm.accounts.models import (
    Accreditation,
    AccreditationKind,
    ApiToken,
    EmergencyAccess,
    Invitation,
    Mission,
    RestrictedState,
    RestrictedStateReader,
    Role,
    User,
    UserRole,
    UserSession,
)
from crm.calendar.models import CalendarFeed
from crm.capture.models import WaitingFile, WaitingMail
from crm.core import access, clock, keys, links
from crm.core.access import Viewer
from crm.core.db import unit_of_work
from crm.drafts.models import Draft
from crm.followups.cadence.models import Cadence
from crm.followups.cadence.rules import Scope
from crm.followups.plans.models import Plan, PlanRun, PlanStart, PlanStep
from crm.followups.reminding import buttons
from crm.imports.models import SpreadsheetImport
from crm.imports.reading import How
from crm.imports.rules.course import Phase
from crm.lists.bulk.models import BulkChange
from crm.lists.models import SavedView
from crm.mail import caught
from crm.mail.models import OutboxMail
from crm.mail.rules import MailState
from crm.meetings.models import Coordinator, Meeting, Presidency
from crm.meetings.rules import MeetingKind
from crm.people.models import Office, OfficeHolder
from crm.people.rules import OfficeKind
from crm.pins.models import TimelinePin
from crm.states.models import ActImport, State
from tests.abuse.world import CANARY, RESTRICTED, STATE

MINISTER = OfficeKind.FOREIGN_MINISTER.value

ONES_OWN = {
    "token_id",
    "session_id",
    "factor_id",
    "feed_id",
    "emergency_id",
    "view_id",
    "pin_id",
    "change_id",
    "draft_id",
    "spreadsheet_id",
    "name",
}
"""Names of what is for one person alone; `name` is that of a caught mail."""

PARTYS_OWN = {"waiting_id", "part_id", "cadence_id", "plan_id", "run_id", "start_id"}
"""What is there for everybody of a party to whom the function is open, and for nobody else."""

KEPT = {"user_id", "invitation_id"}
"""Names of what is for those who keep the accounts of its party."""

QUEUES = {"mail_id", "import_id"}
"""Names of what belongs to the installation: for all who may use the function, and nobody else."""

PUBLISHED = {"mission_id": Mission, "accreditation_id": Accreditation}
"""Names of what everybody with an account reads and only its own party (or the operator) changes."""

PUBLIC_FACTS = {
    "iso3": State, "kind": Office, "holder_id": OfficeHolder, "coordinator_id": Coordinator,
    "presidency_id": Presidency, "key": Meeting,
}  # fmt: skip
"""Names of what everybody may know: nothing of it is hidden, but who may not change it is told 403 before anything
is looked up. What may be changed is tried in tests/people and tests/meetings.
"""

SECRETS = {
    "invitation_link": "test_links.py",
    "password_link": "test_links.py",
    "token": "test_calendar_feeds.py",
    "done_button": "test_reminder_buttons.py",
    "later_button": "test_reminder_buttons.py",
}
"""Names of secrets that are the right to what they open, each with the file here that tries to come by it. Those that
open nothing any more are looked for by everybody in the matrix too.
"""

NOWHERE = {"iso3": "XYZ", "kind": "no_office", "key": "NoMeeting"}
"""Words for public facts that there are not."""

NAMES = ONES_OWN | PARTYS_OWN | KEPT | QUEUES | set(PUBLISHED) | set(PUBLIC_FACTS) | set(SECRETS)

PLANTED = {
    name: f"{CANARY} {name.removesuffix('_id')}"
    for name in ("token_id", "factor_id", "feed_id", "view_id", "draft_id", "spreadsheet_id")
}
"""What stands in what people wrote beside their records, a word of its own for each kind."""

Keys = dict[str, UUID | str]

_numbers = count(1)
_PLENTY = timedelta(hours=2)


def belongings(owner: Viewer, *, over: bool = False) -> Keys:
    """One of each, of this person or their party; `over`: ended, revoked, closed, withdrawn, undone."""
    number, ended = next(_numbers), clock.now() if over else None
    with access.looking_as(access.SYSTEM), unit_of_work() as session:
        found = _keys_of(session, owner, number, ended)
        found |= _of_the_party(session, owner, number, ended)
        found |= _queued(session, number, ended)
        found |= _known_to_all(session, number)
        session.flush()
        found |= _secrets(session, found, ended)
    return found


def _keys_of(session: Session, owner: Viewer, number: int, ended: datetime | None) -> Keys:
    """What opens the account of one person, and the emergency they declared."""
    whose = {"user_id": owner.user_id}
    made: dict[str, Any] = {
        "token_id": ApiToken(label=PLANTED["token_id"], sha256=keys.digest(keys.draw()), revoked_at=ended, **whose),
        "session_id": UserSession(
            key_sha256=keys.digest(keys.draw()), ended_at=ended, verified_at=clock.now(), **whose
        ),
        "factor_id": AuthenticatorApp(
            name=PLANTED["factor_id"], secret=vault.lock("JBSWY3DPEHPK3PXP"), last_step=0, **whose
        ),
        "feed_id": CalendarFeed(label=PLANTED["feed_id"], sha256=keys.digest(keys.draw()), ended_at=ended, **whose),
        "emergency_id": EmergencyAccess(
            party_id=owner.party_id,
            state_iso3="CAN",
            reason="x",
            until=clock.now() + _PLENTY,
            ended_at=ended,
            **whose,
        ),
        "spreadsheet_id": _spreadsheet(owner, number, over=ended is not None),
    }
    typed = json.dumps({"reply": [PLANTED["draft_id"]]})
    made["draft_id"] = Draft(kind="activity", typed=typed, ended="thrown" if ended else None, ended_at=ended, **whose)
    named = f"{PLANTED['view_id']} {number}"
    made["view_id"] = SavedView(list_key="states", name=named, query="status=party", **whose)
    made["pin_id"] = TimelinePin(
        party_id=owner.party_id, keeper_id=owner.user_id, state_iso3=STATE, record=f"activity:{uuid4()}",
        pinned_at=ended or clock.now(), **whose,
    )  # fmt: skip
    made["waiting_id"] = WaitingMail(
        originator_id=owner.party_id, mark=str(number), size=1, subject=f"{CANARY} {number}", text=CANARY,
        phase="thrown" if ended else "waiting", ended_at=ended,
    )  # fmt: skip
    made["cadence_id"] = Cadence(
        party_id=owner.party_id, scope=Scope.REGION.value, subject=str(number), days=90, since=date(2026, 1, 1)
    )
    made["change_id"] = BulkChange(list_key="activities", verb="close", undone_at=ended, **whose)
    found = _added(session, made)
    part = WaitingFile(
        mail_id=found["waiting_id"], place=0, name=f"{CANARY}.txt", media_type="text/plain", size=1, sha256="0" * 64,
        content=b"x",
    )  # fmt: skip
    return {**found, **_added(session, {"part_id": part}), **_planned(session, owner, ended)}


def _planned(session: Session, owner: Viewer, ended: datetime | None) -> Keys:
    """A plan with one step, its beginning, and the State in which it runs."""
    whose, day = {"party_id": owner.party_id, "sample": False}, date(2026, 1, 1)
    kept = _added(session, {"plan_id": Plan(name=CANARY, ended_at=ended, **whose)})
    session.add(PlanStep(what=CANARY, plan_version=1, number=1, after=1, unit="weeks", who="runner", **kept))
    begun = _added(session, {"start_id": PlanStart(user_id=owner.user_id, undone_at=ended, **kept, **whose)})
    run = PlanRun(
        plan_version=1, state_iso3=STATE, runner_id=owner.user_id, began_on=day, due_on=day,
        status="ended" if ended else "paused", ended_on=ended and ended.date(), **kept, **begun, **whose,
    )  # fmt: skip
    return {**kept, **begun, **_added(session, {"run_id": run})}


def _spreadsheet(owner: Viewer, number: int, *, over: bool) -> SpreadsheetImport:
    """A spreadsheet that was sent (or whose records were taken back), with the canary in its name."""
    head: dict[str, Any] = {
        "how": How("csv", "utf-8-sig", ",").as_json(), "sheets": [], "heading_line": 1, "headings": ["State", "Date"],
        "samples": [["Bhutan"], ["2026-03-12"]], "guessed": {"state": 0, "held_on": 1},
        "days": [{"doubtful": "", "order": "", "telling": ""}] * 2,
    }  # fmt: skip
    named = PLANTED["spreadsheet_id"]
    return SpreadsheetImport(
        originator_id=owner.party_id, brought_by_id=owner.user_id, name=f"{named} {number}.csv", kind="csv", size=1,
        sha256="0" * 64, head=head, phase=(Phase.UNDONE if over else Phase.COLUMNS).value,
    )  # fmt: skip


def _of_the_party(session: Session, owner: Viewer, number: int, ended: datetime | None) -> Keys:
    """A colleague at a mission, and an invitation."""
    mission = Mission(party_id=owner.party_id, name=f"Embassy {number}", closed_on=ended and ended.date())
    mission.accreditations = [
        Accreditation(
            state_iso3=STATE, kind=AccreditationKind.RESIDENT.value, from_on=date(2020, 1, 1),
            until_on=ended and ended.date(),
        )
    ]  # fmt: skip
    session.add(mission)
    session.flush()
    colleague = User(
        email=f"colleague-{number}@example.org", name=f"Colleague {number}", active=ended is None,
        party_id=owner.party_id, mission_id=mission.id, roles=[UserRole(name=Role.MISSION_OFFICER.value)],
    )  # fmt: skip
    invitation = Invitation(
        email=f"guest-{number}@example.org", name="Guest", party_id=owner.party_id, roles=[Role.MISSION_OFFICER.value],
        invited_by_name="Somebody", sent_at=clock.now() - _PLENTY, expires_at=clock.now() + _PLENTY, withdrawn_at=ended,
    )  # fmt: skip
    made = _added(session, {"mission_id": mission, "user_id": colleague, "invitation_id": invitation})
    return {**made, "accreditation_id": mission.accreditations[0].id}


def restrict(*users: UUID | str | None) -> None:
    """Restrict the State, if it is not, and name these people for it."""
    with access.looking_as(access.SYSTEM), unit_of_work() as session:
        if session.get(RestrictedState, RESTRICTED) is None:
            session.add(RestrictedState(state_iso3=RESTRICTED))
            session.flush()
        session.add_all(RestrictedStateReader(state_iso3=RESTRICTED, user_id=one) for one in users)


def _queued(session: Session, number: int, ended: datetime | None) -> Keys:
    """A mail that failed (or went out) and a list of acts that was looked at (or undone)."""
    mail = OutboxMail(
        key=f"x:{number}", recipient="x@example.org", subject="x", text="x", message_id=f"<x{number}@example.org>",
        due_at=clock.now(), state=(MailState.SENT if ended else MailState.FAILED).value, sent_at=ended,
    )  # fmt: skip
    listed = ActImport(
        treaty="ccm", source_name="x.csv", sha256="0" * 64, layout="acts", base_token=uuid4(), previewed_by="x",
        phase="undone" if ended else "preview", undone_at=ended,
    )  # fmt: skip
    return _added(session, {"mail_id": mail, "import_id": listed})


def _known_to_all(session: Session, number: int) -> Keys:
    day = date(2020, 1, 1)
    meeting = Meeting(
        key=f"{number}X", number=number, kind=MeetingKind.MEETING_OF_STATES_PARTIES.value, name_en="x",
        from_on=day, until_on=day,
    )  # fmt: skip
    held = session.scalar(select(Office).where(Office.state_iso3 == STATE, Office.kind == MINISTER))
    office = held or Office(state_iso3=STATE, kind=MINISTER)
    session.add_all([meeting, office])
    session.flush()
    made = {
        "holder_id": OfficeHolder(office_id=office.id, name="x", from_on=day),
        "coordinator_id": Coordinator(state_iso3=STATE, capacity_en="x", from_on=day),
        "presidency_id": Presidency(meeting_id=meeting.id, state_iso3=STATE),
    }
    return {**_added(session, made), "key": meeting.key, "iso3": STATE, "kind": MINISTER}


def _secrets(session: Session, found: Keys, ended: datetime | None) -> Keys:
    """The links that were sent for some of it, and the address of the feed."""
    purposes = {
        "invitation_link": (invitations.PURPOSE, found["invitation_id"]),
        "password_link": (resets.PURPOSE, found["user_id"]),
    }
    made: Keys = {}
    for name, (purpose, subject_id) in purposes.items():
        link, made[name] = links.make(purpose=purpose, subject_id=UUID(str(subject_id)), lasts=_PLENTY)
        link.revoked_at = ended
    for purpose in buttons.PURPOSES:
        made[f"{purpose}_button"] = buttons.address(purpose, uuid4(), 0).rpartition("/")[2]
    made["token"] = keys.draw()
    session.get_one(CalendarFeed, found["feed_id"]).sha256 = keys.digest(str(made["token"]))
    return made


def _added(session: Session, made: dict[str, Any]) -> Keys:
    """The keys of rows that are new, by the name that stands for each."""
    session.add_all(made.values())
    session.flush()
    return {name: one.id for name, one in made.items()}


def caught_mail(folder: Path, recipient: str) -> str:
    """The name of a mail to somebody that the mail catcher kept."""
    return caught.keep(folder, recipient, f"To: {recipient}\nSubject: x\n\nx\n".encode()).name


def absent(folder: Path, recipient: str) -> Keys:
    """A name of every kind that stands for nothing."""
    gone = folder / caught_mail(folder, recipient)
    gone.unlink()
    found: Keys = {name: uuid4() for name in NAMES}
    return {**found, **{name: keys.draw() for name in SECRETS}, "name": gone.name, **NOWHERE}
