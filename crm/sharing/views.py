"""Pages of sharing: who may see one record, and the requests that pass between parties."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, url_for

from crm.core import access, doors
from crm.core.access import HANDLING_LABELS
from crm.core.routes import fresh, requires
from crm.sharing import queries, service
from crm.sharing.forms import AnswerForm, AskForm, HandlingForm
from crm.sharing.kinds import kind_of
from crm.sharing.queries import Request

pages = Blueprint("sharing", __name__)


@pages.app_template_global("sharing_requests")
def sharing_requests(kind: str, record_id: UUID) -> list[Request]:
    """What was asked about a record, for its own page."""
    return queries.requests(access.viewer(), kind=kind, record_id=record_id)


@pages.get("/sharing")
@requires("own:read")
def index() -> Any:
    """What other parties ask of us, and what we asked of them."""
    found = queries.requests(access.viewer())
    waiting = [one for one in found if one.mine and one.open and one.granted is None]
    return render_template("sharing/index.html", waiting=waiting, others=[one for one in found if one not in waiting])


@pages.route("/sharing/<record_kind>/<uuid:record_id>", methods=["GET", "POST"])
@fresh
@requires("own:read")
def record(record_kind: str, record_id: UUID) -> Any:
    """Who may see one record: changed by its own party, asked for by others."""
    viewer, known = access.viewer(), kind_of(record_kind)
    found = service.find(record_kind, record_id)
    own = found.originator_id == viewer.party_id
    own_page = known.page(record_id)
    form = HandlingForm(handling=found.handling) if own else AskForm()
    if isinstance(form, AskForm):
        form.offer(queries.wider_than(found.handling))
    else:
        form.offer(found.handling, known.is_reference(found))
    verb: Any = service.change_handling if own else service.ask_wider
    sent = doors.submit(form, partial(verb, actor=viewer, kind=record_kind, record_id=record_id))
    if sent.done:
        return doors.said("Changed." if own else "Asked. The answer will stand here and under Sharing.", own_page)
    page = render_template(
        "sharing/record.html",
        form=form,
        own=own,
        title=known.title(found),
        own_page=own_page,
        handling=HANDLING_LABELS[found.handling],
        asked=queries.requests(viewer, kind=record_kind, record_id=record_id),
        here=url_for("sharing.record", record_kind=record_kind, record_id=record_id),
    )
    return page, sent.status


@pages.route("/sharing/requests/<uuid:request_id>", methods=["GET", "POST"])
@fresh
@requires("own:read")
def answer(request_id: UUID) -> Any:
    """Answer one request of another party."""
    viewer = access.viewer()
    asked = queries.to_be_answered(viewer, request_id)
    form = AnswerForm()
    sent = doors.submit(form, partial(service.answer, actor=viewer, request_id=request_id))
    if sent.done:
        return doors.said("Answered.", url_for("sharing.index"))
    return render_template("sharing/answer.html", form=form, asked=asked), sent.status
