"""The JSON door to one's own drafts; the script of the forms keeps them through it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify
from flask_wtf.csrf import generate_csrf

from crm.core import access, doors
from crm.core.ceiling import AboveCeiling
from crm.core.display import clock_time
from crm.core.doors import ActionForm
from crm.core.errors import NotAllowed
from crm.core.routes import signed_in
from crm.drafts import left, queries, rules, service, ways
from crm.drafts.forms import DraftForm
from crm.drafts.models import Draft
from crm.drafts.queries import Line

api = Blueprint("drafts_api", __name__, url_prefix="/api/v1")


def _record(line: Line) -> dict[str, Any]:
    return {
        "id": str(line.id),
        "kind": line.kind.value,
        "record_id": str(line.record_id) if line.record_id else None,
        "states": list(line.states),
        "words": line.words,
        "kept_at": line.kept_at.isoformat(),
        "thrown": line.thrown,
        "record_gone": line.left,
        "page": ways.address_of(line.id, line.kind, line.record_id),
    }


@api.get("/drafts")
@signed_in
def index() -> Any:
    """My drafts, the latest first; those thrown away within a day come last."""
    return jsonify({"items": [_record(one) for one in queries.drafts_of(access.viewer())]})


@api.get("/drafts/<uuid:draft_id>")
@signed_in
def show(draft_id: UUID) -> Any:
    """One draft, with everything that was typed."""
    draft = queries.get_draft(access.viewer(), draft_id)
    return jsonify({**_record(queries.line_of(draft)), "revision": draft.revision, "typed": rules.read(draft.typed)})


@api.put("/drafts/<uuid:draft_id>")
@signed_in
def keep(draft_id: UUID) -> Any:
    """Keep what stands in a form, under a key that the caller draws. `elsewhere` says that another window had kept
    something since `revision`: that stays, and this is a draft of its own under the `id` of the answer. Of what has
    come to stand above the ceiling nothing is kept, nor of what it was before.
    """

    def verb(**command: Any) -> Draft:
        if not ways.may_write(command["kind"]):
            raise NotAllowed("a form that is not open to you")
        return service.keep(actor=access.viewer(), draft_id=draft_id, **command)

    form = DraftForm.from_json(doors.document())
    try:
        kept = doors.submit_sent(form, verb)
    except AboveCeiling:
        doors.run(service.drop, actor=access.viewer(), draft_id=draft_id, seen=form.seen())
        raise
    return jsonify(
        {"id": str(kept.id), "revision": kept.revision, "kept_at": kept.kept_at.isoformat(),
         "shown_at": clock_time(kept.kept_at), "elsewhere": kept.id != draft_id}
    )  # fmt: skip


@api.post("/drafts/<uuid:draft_id>/throw-away")
@signed_in
def throw_away(draft_id: UUID) -> Any:
    """Put one away; for a day it can be taken back."""
    verb = doors.submit_json(ActionForm, lambda: service.throw_away(actor=access.viewer(), draft_id=draft_id))
    return jsonify(_record(queries.line_of(verb)))


@api.post("/drafts/<uuid:draft_id>/new-entry")
@signed_in
def make_new(draft_id: UUID) -> Any:
    """Let one whose record is gone be a draft of a new entry."""
    new = doors.submit_json(ActionForm, lambda: left.make_new(actor=access.viewer(), draft_id=draft_id))
    return jsonify(_record(queries.line_of(new)))


@api.post("/drafts/<uuid:draft_id>/take-back")
@signed_in
def take_back(draft_id: UUID) -> Any:
    """Have one back."""
    back = doors.submit_json(ActionForm, lambda: service.take_back(actor=access.viewer(), draft_id=draft_id))
    return jsonify(_record(queries.line_of(back)))


@api.get("/account/form-token")
@signed_in
def form_token() -> Any:
    """The token that forms of this session carry, and whose it is: for a page that was open while it was renewed."""
    return jsonify({"csrf_token": generate_csrf(), "user_id": str(access.viewer().user_id)})
