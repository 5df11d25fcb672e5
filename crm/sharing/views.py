"""Pages of sharing: who may see one record, and the requests that pass between parties."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for

from crm.core import access, doors
from crm.core.access import handling_in_words
from crm.core.errors import NotAllowed
from crm.core.routes import fresh, keeps_draft, requires
from crm.core.visibility import ATTRIBUTION_LABELS
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
    page = queries.page_of_requests(access.viewer(), request.args.get("after"))
    waiting = [one for one in page.items if one.mine and one.open and one.waits]
    others = [one for one in page.items if one not in waiting]
    return render_template("sharing/index.html", waiting=waiting, others=others, page=page)


@pages.route("/sharing/<record_kind>/<uuid:record_id>", methods=["GET", "POST"])
@fresh
@requires("own:read")
def record(record_kind: str, record_id: UUID) -> Any:
    """Who may see one record, for its own party to change; others go on to the form that asks for more."""
    viewer, found = access.viewer(), service.find(record_kind, record_id)
    if found.originator_id != viewer.party_id:
        if request.method == "POST":
            raise NotAllowed("a record of another party")
        return redirect(url_for("sharing.ask", record_kind=record_kind, record_id=record_id), 303)
    known = kind_of(record_kind)
    form = HandlingForm(**HandlingForm.begins_with(found, known))
    form.offer(found, known)
    verb = partial(service.change, actor=viewer, kind=record_kind, record_id=record_id)
    sent = doors.submit(form, verb)
    if sent.done:
        return doors.said("Changed.", known.page(record_id))
    form.seen.data = known.standing(service.find(record_kind, record_id))
    return _page(record_kind, record_id, form), sent.status


@pages.route("/sharing/<record_kind>/<uuid:record_id>/requests", methods=["GET", "POST"])
@keeps_draft("request")
@requires("own:read")
def ask(record_kind: str, record_id: UUID) -> Any:
    """Ask the originator of a record to let it travel further."""
    found = service.find(record_kind, record_id)
    if request.method == "GET" and found.originator_id == access.viewer().party_id:
        return redirect(url_for("sharing.record", record_kind=record_kind, record_id=record_id), 303)
    form = AskForm()
    form.offer(queries.wider_than(found.handling))
    verb = partial(service.ask_wider, actor=access.viewer(), kind=record_kind, record_id=record_id)
    sent = doors.submit(form, verb)
    if sent.done:
        words = "Asked, and its party is told by email. The answer will stand here and under Sharing."
        return doors.said(words, kind_of(record_kind).page(record_id))
    return _page(record_kind, record_id, form), sent.status


def _page(record_kind: str, record_id: UUID, form: HandlingForm | AskForm) -> str:
    viewer, known, found = access.viewer(), kind_of(record_kind), service.find(record_kind, record_id)
    own = isinstance(form, HandlingForm)
    asked = queries.requests(viewer, kind=record_kind, record_id=record_id)
    return render_template(
        "sharing/record.html",
        form=form,
        own=own,
        title=known.title(found),
        own_page=known.page(record_id),
        handling=handling_in_words(found.handling, own=own),
        attribution=ATTRIBUTION_LABELS.get(known.attribution(found), "") if own else "",
        beside=known.beside,
        asked=asked,
        waiting=not own and not form.is_submitted() and any(one.waits and not one.mine for one in asked),
        send_to=url_for("sharing.record" if own else "sharing.ask", record_kind=record_kind, record_id=record_id),
    )


@pages.route("/sharing/requests/<uuid:request_id>", methods=["GET", "POST"])
@keeps_draft("answer")
@fresh
@requires("own:read")
def answer(request_id: UUID) -> Any:
    """Answer one request of another party."""
    viewer = access.viewer()
    asked = queries.to_be_answered(viewer, request_id)
    found, known = service.find(asked.kind, asked.subject_id), kind_of(asked.kind)
    form = AnswerForm(seen=known.standing(found))
    sent = doors.submit(form, partial(service.answer, actor=viewer, request_id=request_id))
    if sent.done:
        return doors.said("Answered.", url_for("sharing.index"))
    found = service.find(asked.kind, asked.subject_id)
    if form.is_submitted():
        form.seen.data = known.standing(found)
    reaches, told = handling_in_words(found.handling, own=True), ATTRIBUTION_LABELS.get(known.attribution(found), "")
    return render_template(
        "sharing/answer.html", form=form, asked=asked, reaches=reaches, attribution=told
    ), sent.status


@pages.post("/sharing/requests/<uuid:request_id>/withdraw")
@requires("own:read")
def withdraw(request_id: UUID) -> Any:
    """Take back what one has asked for."""
    doors.act(service.withdraw, actor=access.viewer(), request_id=request_id)
    return doors.said("Withdrawn. Your party may ask anew.", url_for("sharing.index"))
