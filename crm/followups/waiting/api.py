"""The JSON door to what waits for an answer: the same filters, the same forms, the same verbs."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request

from crm.activities import queries as activities
from crm.core import access, doors
from crm.core.doors import ActionForm
from crm.core.lists import page_of
from crm.core.routes import requires
from crm.core.suppression import TOTAL
from crm.followups.waiting import queries, service
from crm.followups.waiting.figures import by_region
from crm.followups.waiting.forms import AnswerForm, UnexpectedForm
from crm.followups.waiting.lines import WaitingLine
from crm.followups.waiting.listing import LISTING

api = Blueprint("waiting_api", __name__, url_prefix="/api/v1")


def _line(line: WaitingLine) -> dict[str, Any]:
    ended = line.ended
    return {
        "record": "follow_up" if line.is_promise else "activity",
        "record_id": str(line.record_id),
        "waits": line.waits.value,
        "what": line.what,
        "state_iso3": line.state_iso3,
        "since": line.since.isoformat(),
        "precision": line.precision,
        "days": line.days,
        "age": line.age.value if line.age else None,
        "received_on": _day(line.received_on),
        "party": line.party,
        "handling": line.handling,
        "sample": line.sample,
        "ended": {
            "how": ended.how.value,
            "on": _day(ended.on),
            "by": ended.by,
            "note": ended.note,
            "answer_id": str(ended.answer_id) if ended.answer_id else None,
        }
        if ended
        else None,
    }


def _day(one: Any) -> str | None:
    return one.isoformat() if one else None


@api.get("/waiting")
@requires("followups:read")
def index() -> Any:
    """A page of what waits for an answer, the oldest first; `after` is the cursor given before."""
    form = LISTING.read(request.args)
    page = page_of(LISTING.question(form, False), cursor=request.args.get("after"))
    return jsonify({"items": [_line(one) for one in page.items], "next": page.next_cursor})


@api.get("/waiting/figures")
@requires("aggregates:read")
def figures() -> Any:
    """Regions × ages in numbers of States over all other parties; null where a figure is suppressed, "" for totals."""
    found = by_region(access.viewer(), access.today())
    return jsonify({row or TOTAL: {column: found[row, column] for column in found.columns} for row in found.rows})


def _answer(activity_id: UUID) -> Any:
    """What is noted of the answer to an entry."""
    activity = activities.get_activity(activity_id)
    noted = queries.noted_of(activity_id)
    return jsonify(
        {
            "activity_id": str(activity_id),
            "awaited": service.awaits(activity),
            "stands": noted.stands if noted else "by_record",
            "received_on": _day(noted.received_on) if noted else None,
            "ended_on": _day(noted.ended_on) if noted else None,
            "answer_id": str(noted.answer_id) if noted and noted.answer_id else None,
            "note": noted.note if noted else "",
        }
    )


@api.get("/activities/<uuid:activity_id>/answer")
@requires("activities:create", opens="activity")
def show(activity_id: UUID) -> Any:
    """Whether an answer to an entry of one's own party is awaited, and what is noted of it."""
    activities.own_activity(activity_id)
    return _answer(activity_id)


@api.post("/activities/<uuid:activity_id>/answer")
@requires("activities:create", opens="activity")
def answer(activity_id: UUID) -> Any:
    """Note what came back to an entry."""
    activity = activities.own_activity(activity_id)
    doors.submit_json(
        AnswerForm,
        partial(service.take, actor=access.viewer(), activity_id=activity_id),
        prepare=lambda form: form.offer(service.told_in(activity)),
    )
    return _answer(activity_id)


@api.post("/activities/<uuid:activity_id>/answer/unexpected")
@requires("activities:create", opens="activity")
def unexpected(activity_id: UUID) -> Any:
    """No answer is expected any more, and why."""
    activities.own_activity(activity_id)
    doors.submit_json(UnexpectedForm, partial(service.expect_none, actor=access.viewer(), activity_id=activity_id))
    return _answer(activity_id)


@api.post("/activities/<uuid:activity_id>/answer/awaited")
@requires("activities:create", opens="activity")
def awaited(activity_id: UUID) -> Any:
    """Their answer is awaited, or awaited after all."""
    activities.own_activity(activity_id)
    doors.submit_json(ActionForm, partial(service.await_answer, actor=access.viewer(), activity_id=activity_id))
    return _answer(activity_id)
