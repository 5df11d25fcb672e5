"""No door changes anything for a browser that does not show the token of our own pages.

Every route is tried on records that exist and that this viewer may change. The control at the end tries the
buttons among them, which need no field, with the token: they do write.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import exists, select

from crm.accounts import invitations, resets, sessions
from crm.accounts import service as accounts
from crm.accounts.factors.models import AuthenticatorApp
from crm.accounts.models import AccreditationKind, Role, User, UserSession
from crm.accounts.policy import PERMISSIONS
from crm.accounts.queries import user_by_email
from crm.accounts.viewers import viewer_of
from crm.activities.attachments import service as attachments
from crm.activities.models import Activity, TalkRound
from crm.calendar import service as calendar
from crm.capture.models import WaitingFile, WaitingMail
from crm.core import access, clock, routes
from crm.core.access import Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.drafts import service as drafts
from crm.drafts.rules import Kind
from crm.files.intake import check
from crm.followups.cadence import service as cadences
from crm.followups.cadence.rules import Scope
from crm.followups.models import FollowUp, Reminder
from crm.followups.plans import service as plans
from crm.followups.plans.models import PlanRun
from crm.followups.reminding import buttons
from crm.instructions.models import InstructionMaterial, InstructionTask
from crm.letters import service as letters
from crm.letters.models import Letter
from crm.letters.progress import LanguageChoice
from crm.lists.bulk.models import BulkChange
from crm.lists.models import SavedView
from crm.mail import service as mail
from crm.mail.models import OutboxMail
from crm.mail.rules import MailState
from crm.meetings.models import Coordinator, Presidency
from crm.people.met import merging
from crm.people.met.models import Interlocutor, Post
from crm.people.models import OfficeHolder
from crm.pins import service as pins
from crm.reach.service import emergency, missions, restricted
from crm.reach.service.restricted import KEEPERS_SUBJECT
from crm.sample import service as samples
from crm.sharing import service as sharing
from crm.sharing.notices import ASKED
from crm.states import service as states
from crm.states.rules import Status
from tests.imports.sending import many, send
from tests.support.links import link_in, mails_to
from tests.support.pages import token_of
from tests.support.people import browser_of, enrol
from tests.support.statements import recorded

COORDINATOR = "coordinator@sample.example"
ADMINISTRATOR = "administrator@sample.example"
PRESIDENCY = "presidency@sample.example"
OBSERVER = "observer@sample.example"
DEPOSIT = b"iso3,act,deposited_on\nBTN,accession,2026-10-05\n"
BUTTONS = (
    "followups.done",
    "followups.reopen",
    "reminding.done",
    "people.verify_holder",
    "met.undo_merge",
    "letters.stop",
    "imports.begin",
    "imports_api.stop",
    "states.commit",
    "followups_api.cancel",
    "letters_api.resume",
    "accounts.end_session",
    "accounts.revoke_token",
    "accounts.close",
    "factors.reset",
    "factors.renew_codes",
    "factors_api.remove",
    "accounts_api.reopen",
    "reach.end_accreditation",
    "reach.close",
    "reach.release",
    "reach_api.end_emergency",
    "accounts.give_party_administration",
    "accounts_api.inviting.withdraw",
    "mail.retry",
    "attachments.remove",
    "margins.take_back",
    "instruction_tasks.acknowledge",
    "instruction_tasks_api.nudge",
    "instructions.remove_material",
    "calendar.end",
    "cadence.end",
    "plans.retire",
    "plans_api.pause",
    "plans.undo",
    "drafts.throw_away",
    "capture.throw_away",
    "sample.remove",
)


@pytest.fixture
def real(app: Flask) -> dict[str, Any]:
    """What stands for each name in an address."""
    with unit_of_work():
        samples.load("ccm")
    actor = viewer_of(user_by_email(COORDINATOR))
    with unit_of_work():
        campaign = letters.plan_campaign(
            actor=actor,
            name="Before Beirut",
            letter_date=date(2011, 6, 1),
            statuses=[Status.SIGNATORY],
            languages=LanguageChoice.ENGLISH,
        )
        imported = states.preview_import(
            actor=actor, csv=DEPOSIT, source_name="5 October", complete=False, today=clock.today()
        )
        holder = db.session.scalars(select(OfficeHolder).where(OfficeHolder.until_on.is_(None))).first()
        assert holder is not None
        holder.verified_on, holder_id = date(2026, 1, 1), holder.id
        token, _ = accounts.issue_token(actor=actor, label="script")
        enrol(db.session.get_one(User, actor.user_id))
        enrol(db.session.get_one(User, user_by_email(OBSERVER).id))
        sessions.begin(user_id=actor.user_id, device="A phone", network="192.0.2.0/24")
        resets.ask(email=COORDINATOR, network="192.0.2.0/24")
        invitation_id = invitations.invite(
            actor=viewer_of(user_by_email(ADMINISTRATOR)),
            email="guest@example.net",
            name="Guest",
            roles=["mission_officer"],
            party_id=actor.party_id,
        ).id
        mail_id = mail.post(key="refused", to="somebody@example.org", subject="x", text="x")
        db.session.get_one(OutboxMail, mail_id).state = MailState.FAILED.value
        merged_id = _merged(actor)
        reach = _reach(actor)
        cadence_id = cadences.keep(actor=actor, scope=Scope.STATE, subject="LAO", days=90)
        feed, _ = calendar.make_feed(actor=actor, label="Telephone")
        draft_id = _draft(actor)
        changed = BulkChange(user_id=actor.user_id, list_key="activities", verb="close")
        db.session.add(changed)
        db.session.flush()
        change_id = changed.id
    sent = send(actor, many(1))
    access.look_as(access.SYSTEM)
    with looking_as(actor), unit_of_work():
        visited = db.session.scalars(select(Activity).where(Activity.originator_id == actor.party_id)).first()
        assert visited is not None
        kept = attachments.add_attachment(
            actor=actor, activity_id=visited.id, file=check(b"What was left\n", "note.txt")
        )
    wanted = select(InstructionTask).where(InstructionTask.state_iso3 == "BTN")
    tasks = db.session.scalars(wanted).all()
    talks = exists().where(Activity.id == FollowUp.activity_id, Activity.round_id.is_not(None))
    owned = select(FollowUp.id).where(FollowUp.owner_id == actor.user_id, FollowUp.status == "open", ~talks)
    return {
        "followup_id": db.session.scalars(owned.order_by(FollowUp.id)).first(),
        "holder_id": holder_id,
        "person_id": merged_id,
        "post_id": db.session.scalars(select(Post.id)).first(),
        "coordinator_id": db.session.scalars(select(Coordinator.id)).first(),
        "presidency_id": db.session.scalars(select(Presidency.id)).first(),
        "letter_id": db.session.scalars(select(Letter.id).where(Letter.campaign_id == campaign.id)).first(),
        "campaign_id": campaign.id,
        "import_id": imported.id,
        "spreadsheet_id": sent.id,
        "ending": "csv",
        "key": "2MSP",
        "iso3": "LAO",
        "kind": "foreign_minister",
        "token_id": token.id,
        "factor_id": db.session.scalars(
            select(AuthenticatorApp.id).where(AuthenticatorApp.user_id == actor.user_id)
        ).one(),
        "session_id": db.session.scalars(select(UserSession.id).where(UserSession.user_id == actor.user_id)).first(),
        "user_id": db.session.scalar(select(User.id).where(User.email == OBSERVER)),
        "mail_id": mail_id,
        "invitation_id": invitation_id,
        "invitation_link": _secret_sent_to("guest@example.net"),
        "password_link": _secret_sent_to(COORDINATOR),
        **_buttons(actor),
        **reach,
        "activity_id": visited.id,
        "instruction_id": tasks[0].instruction_id,
        "task_id": tasks[0].id,
        "material_id": db.session.scalars(select(InstructionMaterial.id)).one(),
        "round_id": db.session.scalars(select(TalkRound.id)).one(),
        "attachment_id": kept.id,
        "cadence_id": cadence_id,
        **_plan(actor),
        "feed_id": feed.id,
        "draft_id": draft_id,
        **_waiting(actor),
        "view_id": db.session.scalars(select(SavedView.id).where(SavedView.user_id == actor.user_id)).first(),
        "change_id": change_id,
        "pin_id": pins.pin(
            actor=actor, state_iso3=visited.states[0].state_iso3, kind="activity", record_id=visited.id
        ).id,
    }


def _plan(actor: Viewer) -> dict[str, Any]:
    """A plan that runs in a State, and its beginning there."""
    with looking_as(actor), unit_of_work():
        step = {"what": "Call", "kind": "", "level": "", "after": 1, "unit": "weeks", "who": "runner"}
        plan_id = plans.keep(actor=actor, name="Calls", steps=[step]).id
        start_id = plans.start(actor=actor, plan_id=plan_id, states=["KHM"]).id
    return {
        "plan_id": plan_id,
        "start_id": start_id,
        "run_id": db.session.scalars(select(PlanRun.id).where(PlanRun.plan_id == plan_id)).one(),
    }


def _merged(actor: Viewer) -> UUID:
    """Somebody of the sample who was merged into another."""
    people = db.session.scalars(select(Interlocutor).where(Interlocutor.state_iso3 == "BTN")).all()
    kept, gone = people[:2]
    return merging.merge(actor=actor, person_id=kept.id, other_id=gone.id).gone_id


def _waiting(actor: Viewer) -> dict[str, UUID]:
    """A mail in the waiting room of the actor's party, and a file of one."""
    mine = WaitingMail.originator_id == actor.party_id
    part = select(WaitingFile.id).join(WaitingMail, WaitingMail.id == WaitingFile.mail_id).where(mine)
    return {
        "waiting_id": db.session.scalars(select(WaitingMail.id).where(mine)).all()[0],
        "part_id": db.session.scalars(part).one(),
    }


def _draft(actor: Viewer) -> UUID:
    """A draft of the actor's own."""
    kept = drafts.keep(actor=actor, draft_id=uuid4(), kind=Kind.ACTIVITY, typed={"reply": ["Half a sentence"]})
    return kept.id


def _reach(actor: Viewer) -> dict[str, Any]:
    """A mission, a restricted State, an emergency and a request of another party."""
    mission = missions.open_mission(actor=actor, name="Embassy in Ottawa")
    term = missions.accredit(
        actor=actor, mission_id=mission.id, state_iso3="CAN", kind=AccreditationKind.RESIDENT, from_on=date(2011, 1, 1)
    )
    restricted.restrict(actor=actor, state_iso3="LAO")
    opened = emergency.begin(actor=actor, state_iso3="BTN", reason="Nobody answers, and the vote is today.")
    own = db.session.scalars(
        select(Activity).where(Activity.originator_id == actor.party_id, Activity.handling == "states")
    ).first()
    assert own is not None
    asked = sharing.ask_wider(
        actor=viewer_of(user_by_email(PRESIDENCY)),
        kind="activity",
        record_id=own.id,
        wanted=Handling.COMMUNITY,
        reason="For the report.",
    )
    return {
        "mission_id": mission.id,
        "accreditation_id": term.id,
        "emergency_id": opened.id,
        "request_id": asked.id,
        "record_kind": "activity",
        "record_id": own.id,
    }


def _buttons(actor: Viewer) -> dict[str, str]:
    """The buttons of a reminder that was sent to somebody."""
    owned = select(FollowUp).where(FollowUp.owner_id == actor.user_id, FollowUp.status == "open")
    with unit_of_work() as session:
        talks = exists().where(Activity.id == FollowUp.activity_id, Activity.round_id.is_not(None))
        _, row, *_ = session.scalars(owned.where(~talks).order_by(FollowUp.id))
        reminder = Reminder(
            followup_id=row.id,
            occurrence=clock.now(),
            due_at=row.due_at,
            tell_at=clock.now(),
            recipient_id=row.owner_id,
        )
        session.add(reminder)
        session.flush()
        return {f"{one}_button": buttons.address(one, reminder.id, 0).rpartition("/")[2] for one in buttons.PURPOSES}


def _secret_sent_to(address: str) -> str:
    """The secret of the link in the newest mail to an address that is no note about records."""
    newest = next(one for one in mails_to(address) if one.subject not in (ASKED, KEEPERS_SUBJECT))
    return link_in(newest).rpartition("/")[2]


@pytest.fixture
def browsers(app: Flask, real: dict[str, Any]) -> dict[str, FlaskClient]:
    """The sample coordinator's and administrator's; between them they may use every door."""
    db.session.remove()
    made = {email: browser_of(app, email) for email in (COORDINATOR, ADMINISTRATOR)}
    access.look_as(access.SYSTEM)
    return made


def _right_one(app: Flask, browsers: dict[str, FlaskClient], endpoint: str) -> FlaskClient:
    """A browser of somebody who may use the door."""
    declared = routes.access_of(app, endpoint)
    needed = declared.permission if declared else None
    suited = COORDINATOR if not needed or needed in PERMISSIONS[Role.COORDINATOR] else ADMINISTRATOR
    assert not needed or needed in PERMISSIONS[Role.COORDINATOR] | PERMISSIONS[Role.ADMINISTRATOR], endpoint
    return browsers[suited]


def _doors(app: Flask, real: dict[str, Any]) -> dict[tuple[str, str], str]:
    """(endpoint, method) → address of every route that may change something."""
    found = {}
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.endpoint.startswith("security."):
                continue
            values = {name: real[name] for name in rule.arguments if name in real}
            for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
                found[rule.endpoint, method] = app.url_for(rule.endpoint, **values)
    return found


def test_nothing_is_written_without_the_token(
    app: Flask, real: dict[str, Any], browsers: dict[str, FlaskClient]
) -> None:
    for (endpoint, method), address in _doors(app, real).items():
        browser = _right_one(app, browsers, endpoint)
        with recorded() as seen:
            browser.open(address, method=method, json={} if address.startswith("/api/") else None)
        writes = [one.sql for one in seen if one.changes and "INTO audit_refusal" not in one.sql]
        assert not writes, (endpoint, method, address, writes)


def test_the_same_buttons_write_with_it(app: Flask, real: dict[str, Any], browsers: dict[str, FlaskClient]) -> None:
    doors = _doors(app, real)
    for endpoint in BUTTONS:
        browser = _right_one(app, browsers, endpoint)
        token = token_of(browser.get("/account").get_data(as_text=True))
        method = "POST" if (endpoint, "POST") in doors else "DELETE"
        address = doors[endpoint, method]
        with recorded() as seen:
            if address.startswith("/api/"):
                browser.open(address, method=method, json={}, headers={"X-CSRFToken": token})
            else:
                browser.post(address, data={"csrf_token": token})
        assert any(one.changes for one in seen), (endpoint, address)
