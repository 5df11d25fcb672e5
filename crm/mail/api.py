"""The JSON door to the outbox: states, times and answers, never what is written in a mail."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request

from crm.core import access, doors
from crm.core.doors import ActionForm
from crm.core.errors import NotFound
from crm.core.lists import page_of
from crm.core.routes import requires
from crm.mail import deciding, pausing, queries
from crm.mail.forms import PauseForm
from crm.mail.listing import LISTING
from crm.mail.queries import Delivery

api = Blueprint("mail_api", __name__, url_prefix="/api/v1")


def _item(one: Delivery) -> dict[str, Any]:
    return {
        "id": str(one.mail_id),
        "to": one.recipient,
        "state": one.state.value,
        "due_at": one.due_at.isoformat(),
        "not_before": one.not_before.isoformat() if one.not_before else None,
        "sent_at": one.sent_at.isoformat() if one.sent_at else None,
        "attempts": one.attempts,
        "second_copy": one.second_copy,
        "needs_person": one.needs_person,
        "answer": one.answer,
    }


def _standing() -> dict[str, Any]:
    """How many are not through, by state, and whether mail is paused."""
    paused = pausing.current()
    return {
        "counts": {state.value: number for state, number in queries.tallies().items()},
        "paused": {
            "reason": paused.reason,
            "since": paused.since.isoformat(),
            "by": paused.by,
            "restored": paused.restored,
        }
        if paused
        else None,
    }


@api.get("/outbox")
@requires("outbox:read")
def index() -> Any:
    """A page of the outbox, latest due first; `after` is the cursor that the page before gave."""
    page = page_of(LISTING.question(LISTING.read(request.args), False), cursor=request.args.get("after"))
    return jsonify({"items": [_item(one) for one in page.items], "next": page.next_cursor, **_standing()})


@api.get("/outbox/<uuid:mail_id>")
@requires("outbox:read")
def show(mail_id: UUID) -> Any:
    """One mail with every attempt at it."""
    mail = queries.deliveries([mail_id]).get(mail_id)
    if mail is None:
        raise NotFound("no such mail")
    attempts = [
        {
            "number": one.number,
            "started_at": one.started_at.isoformat(),
            "ended_at": one.ended_at.isoformat() if one.ended_at else None,
            "outcome": one.outcome.value if one.outcome else None,
            "answer": one.answer,
            "second_copy": one.second_copy,
        }
        for one in queries.tries(mail_id)
    ]
    return jsonify({**_item(mail), "tries": attempts})


@api.post("/outbox/<uuid:mail_id>/retry")
@requires("outbox:retry")
def retry(mail_id: UUID) -> Any:
    """Let one mail go out again."""
    doors.submit_json(ActionForm, partial(deciding.retry, actor=access.viewer(), mail_id=mail_id))
    return show(mail_id)


@api.post("/outbox/<uuid:mail_id>/give-up")
@requires("outbox:retry")
def give_up(mail_id: UUID) -> Any:
    """Let one mail rest."""
    doors.submit_json(ActionForm, partial(deciding.give_up, actor=access.viewer(), mail_id=mail_id))
    return show(mail_id)


@api.post("/outbox/give-up-unknown")
@requires("outbox:retry")
def give_up_unknown() -> Any:
    """Let all mails of unknown outcome rest."""
    number = doors.submit_json(ActionForm, partial(deciding.give_up_unknown, actor=access.viewer()))
    return jsonify({"laid_aside": number, **_standing()})


@api.post("/outbox/pause")
@requires("outbox:pause")
def pause() -> Any:
    """Begin no mail any more."""
    doors.submit_json(PauseForm, partial(pausing.pause, actor=access.viewer()))
    return jsonify(_standing())


@api.post("/outbox/resume")
@requires("outbox:pause")
def resume() -> Any:
    """Let mail go on."""
    doors.submit_json(ActionForm, partial(pausing.resume, actor=access.viewer()))
    return jsonify(_standing())
