"""The JSON door to sharing: the same forms, the same verbs."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request

from crm.core import access, doors
from crm.core.db import unit_of_work
from crm.core.routes import fresh, requires
from crm.sharing import queries, service
from crm.sharing.forms import AnswerForm, AskForm, HandlingForm
from crm.sharing.kinds import kind_of
from crm.sharing.queries import Request

api = Blueprint("sharing_api", __name__, url_prefix="/api/v1")


def _request(one: Request) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "kind": one.kind,
        "record_id": str(one.subject_id),
        "record": one.title,
        "wanted": one.wanted,
        "reason": one.reason,
        "asked_at": one.asked_at.isoformat(),
        "asked_by": one.asked_by,
        "asking_party": one.asking_party,
        "originator": one.originator or None,
        "granted": one.granted,
        "answer": one.answer,
        "answered_at": one.answered_at.isoformat() if one.answered_at else None,
        "withdrawn_at": one.withdrawn_at.isoformat() if one.withdrawn_at else None,
    }


@api.get("/sharing/requests")
@requires("own:read")
def index() -> Any:
    """A page of requests from and to one's own party, what waits first; `after` is the cursor that the page before
    gave.
    """
    page = queries.page_of_requests(access.viewer(), request.args.get("after"))
    return jsonify({"items": [_request(one) for one in page.items], "next": page.next_cursor})


@api.post("/sharing/<record_kind>/<uuid:record_id>/handling")
@fresh
@requires("own:read")
def change(record_kind: str, record_id: UUID) -> Any:
    """Change who may see a record of one's own party and what they learn of its source, which stays as it is where
    that is left out.
    """
    found, known = service.find(record_kind, record_id), kind_of(record_kind)
    doors.submit_json(
        HandlingForm,
        partial(service.change, actor=access.viewer(), kind=record_kind, record_id=record_id),
        prepare=lambda form: form.offer(found, known),
        attribution=known.attribution(found),
        seen=known.standing(found),
    )
    found = service.find(record_kind, record_id)
    return jsonify({"handling": found.handling, "attribution": known.attribution(found) or None})


@api.post("/sharing/<record_kind>/<uuid:record_id>/requests")
@requires("own:read")
def ask(record_kind: str, record_id: UUID) -> Any:
    """Ask the originator of a record to let it travel further."""
    wider = queries.wider_than(service.find(record_kind, record_id).handling)
    asked = doors.submit_json(
        AskForm,
        partial(service.ask_wider, actor=access.viewer(), kind=record_kind, record_id=record_id),
        prepare=lambda form: form.offer(wider),
    )
    return jsonify({"id": str(asked.id)}), 201


@api.post("/sharing/requests/<uuid:request_id>/answer")
@fresh
@requires("own:read")
def answer(request_id: UUID) -> Any:
    """Answer a request of another party, once."""
    about = queries.to_be_answered(access.viewer(), request_id)
    asked = doors.submit_json(
        AnswerForm,
        partial(service.answer, actor=access.viewer(), request_id=request_id),
        seen=kind_of(about.kind).standing(service.find(about.kind, about.subject_id)),
    )
    return jsonify({"id": str(asked.id), "granted": asked.granted})


@api.delete("/sharing/requests/<uuid:request_id>")
@requires("own:read")
def withdraw(request_id: UUID) -> Any:
    """Take back what one has asked for, as long as nobody has answered it."""
    with unit_of_work():
        service.withdraw(actor=access.viewer(), request_id=request_id)
    return "", 204
