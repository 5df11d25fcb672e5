"""The JSON door to the follow-ups: the same forms, the same verbs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request, url_for

from crm.activities.writing import KEPT_UNSEEN
from crm.core import access, doors
from crm.core.access import Viewer
from crm.core.doors import ActionForm
from crm.core.forms import Form
from crm.core.routes import requires
from crm.followups import days_off, queries, service
from crm.followups.forms import (
    CancelForm,
    DayOffForm,
    FinishForm,
    FollowUpForm,
    LaterForm,
    MoveForm,
    ReassignForm,
    ReopenForm,
)
from crm.followups.listing import FollowUpFilter, filters
from crm.followups.models import FollowUp
from crm.followups.working_days import move_to_working_day
from crm.reach.doers import doers
from crm.states.queries import states_of

api = Blueprint("followups_api", __name__, url_prefix="/api/v1")


def _moments(due_at: Any, due_on: Any, at: Any, zone: str) -> dict[str, str]:
    return {
        "due_on": due_on.isoformat(),
        "due_time": f"{at:%H:%M}",
        "zone": zone,
        "due_at": due_at.isoformat(),
    }


def _key(key: UUID | None) -> str | None:
    return str(key) if key else None


def _line(line: queries.FollowUpLine) -> dict[str, Any]:
    """One line of the list as JSON."""
    return {
        "id": str(line.id),
        "what": line.what,
        "promised": line.promised,
        "state_iso3": line.state_iso3,
        "status": line.status.value,
        "owner_id": _key(line.known_owner_id),
        "owner_mission_id": _key(line.owner_mission_id),
        "owner": line.owner,
        "owner_closed": line.owner_closed,
        "out_of_sight": line.out_of_sight,
        "handling": line.handling,
        "version": line.version,
        "sample": line.sample,
        **_moments(line.due_at, line.due_on, line.due_at_local, line.zone),
    }


def _whole(followup_id: UUID) -> dict[str, Any]:
    """A follow-up with its reminders and changes as JSON."""
    found = queries.get_follow_up(followup_id)
    around = queries.surroundings(found, access.viewer())
    return {
        "id": str(found.id),
        "what": found.what,
        "promised": found.promised,
        "state_iso3": found.state_iso3,
        "status": found.status,
        "owner_id": _key(around.known_owner_id),
        "owner_mission_id": _key(found.owner_mission_id),
        "owner": around.owner,
        "owner_closed": around.owner_closed,
        "out_of_sight": around.out_of_sight,
        "opened_by": around.opened_by,
        "remind_problem": found.remind_problem,
        "again_at": found.again_at.isoformat() if found.again_at else None,
        "handling": found.handling,
        "version": found.version,
        "sample": found.sample,
        "activity_id": str(around.source.id) if around.source else None,
        "done_at": found.done_at.isoformat() if found.done_at else None,
        "done_note": found.done_note,
        "next_step_id": str(around.next_step.id) if around.next_step else None,
        "day_off": _off(days_off.about(found)),
        **_moments(found.due_at, found.due_on, found.due_at_local, found.zone),
        "reminders": [_reminded(one) for one in around.reminders],
        "changes": [
            {"kind": one.kind, "at": one.at.isoformat(), "by": one.by, "note": one.note,
             "before": one.before, "after": one.after}
            for one in around.changes
        ],
    }  # fmt: skip


def _off(off: days_off.DayOff | None) -> dict[str, Any] | None:
    if off is None:
        return None
    return {"reasons": off.reasons, "doubts": off.doubts, "instead": off.instead.isoformat() if off.instead else None}


def _reminded(one: queries.Reminded) -> dict[str, Any]:
    mail = one.delivery
    return {
        "why": one.why,
        "due_at": one.due_at.isoformat(),
        "occurrence": one.occurrence.isoformat(),
        "tell_at": one.tell_at.isoformat(),
        "whom": one.name,
        "state": mail.state.value if mail else None,
        "sent_at": mail.sent_at.isoformat() if mail and mail.sent_at else None,
        "attempts": mail.attempts if mail else 0,
        "second_copy": mail.second_copy if mail else False,
        "answer": mail.answer if mail else "",
    }


@api.get("/followups")
@requires("followups:read")
def index() -> Any:
    """A page of follow-ups, mine and open unless asked otherwise; `after` is the cursor given before."""
    form: FollowUpFilter = filters(request.args)
    form.check()
    page = queries.page_of_follow_ups(viewer=access.viewer(), **form.wanted(), cursor=request.args.get("after"))
    return jsonify({"items": [_line(one) for one in page.items], "next": page.next_cursor})


@api.get("/followups/day-off")
@requires("followups:write")
def day_off() -> Any:
    """Whether a day is one on which nobody is there: in the State, or where whoever is to do it works."""
    given = DayOffForm(request.args, meta={"csrf": False})
    return jsonify({"day_off": _off(days_off.thought_of(**given.asked(), viewer=access.viewer()))})


@api.post("/followups")
@requires("followups:write")
def create() -> Any:
    """Open a follow-up; 201 with the whole record, 422 with every error."""
    viewer = access.viewer()
    states, owners = states_of(viewer), doers(viewer)
    opened = doors.submit_json(
        FollowUpForm, partial(_key_of_new, viewer), prepare=lambda form: form.offer(states, owners)
    )
    return _created(opened) if opened else (jsonify({"kept": KEPT_UNSEEN}), 201)


def _key_of_new(viewer: Viewer, **command: Any) -> UUID | None:
    """The key of a new follow-up, unless its State is closed to whoever wrote it: then nothing of it is read."""
    made = service.open_follow_up(actor=viewer, **command)
    return None if command["state_iso3"] in viewer.closed else made.id


def _created(followup_id: UUID) -> Any:
    return doors.created(_whole(followup_id), url_for("followups_api.show", followup_id=followup_id))


@api.get("/followups/<uuid:followup_id>")
@requires("followups:read", opens="follow_up")
def show(followup_id: UUID) -> Any:
    """One follow-up, whole."""
    return jsonify(_whole(followup_id))


def _verb(followup_id: UUID, form: type[Form], verb: Callable[..., Any], **options: Any) -> Response:
    """Run a verb on one follow-up and answer with what it is then; a next step it opened stands beside it."""
    queries.get_follow_up(followup_id)
    opened = doors.submit_json(form, partial(verb, actor=access.viewer(), followup_id=followup_id), **options)
    body = _whole(followup_id)
    if isinstance(opened, FollowUp):
        body["next_step_id"] = str(opened.id)
    return jsonify(body)


@api.post("/followups/<uuid:followup_id>/done")
@requires("followups:write", opens="follow_up")
def done(followup_id: UUID) -> Any:
    """Done, with a note and a next step if there is one."""
    owners = doers(access.viewer())
    return _verb(followup_id, FinishForm, service.finish, prepare=lambda form: form.offer(owners))


@api.post("/followups/<uuid:followup_id>/move")
@requires("followups:write", opens="follow_up")
def move(followup_id: UUID) -> Any:
    """Another due day, with the reason."""
    return _verb(followup_id, MoveForm, service.move)


@api.post("/followups/<uuid:followup_id>/working-day")
@requires("followups:write", opens="follow_up")
def to_working_day(followup_id: UUID) -> Any:
    """From a day off, where its owner works or in the State, to the next working day."""
    return _verb(followup_id, ActionForm, move_to_working_day)


@api.post("/followups/<uuid:followup_id>/later")
@requires("followups:write", opens="follow_up")
def later(followup_id: UUID) -> Any:
    """Be reminded later; the due day stays."""
    return _verb(followup_id, LaterForm, service.remind_later)


@api.post("/followups/<uuid:followup_id>/cancel")
@requires("followups:write", opens="follow_up")
def cancel(followup_id: UUID) -> Any:
    """No longer to be done."""
    return _verb(followup_id, CancelForm, service.cancel)


@api.post("/followups/<uuid:followup_id>/reopen")
@requires("followups:write", opens="follow_up")
def reopen(followup_id: UUID) -> Any:
    """To be done after all."""
    return _verb(followup_id, ReopenForm, service.reopen)


@api.post("/followups/<uuid:followup_id>/reassign")
@requires("followups:write", opens="follow_up")
def reassign(followup_id: UUID) -> Any:
    """Somebody else does it."""
    owners = doers(access.viewer())
    return _verb(followup_id, ReassignForm, service.reassign, prepare=lambda form: form.offer(owners))
