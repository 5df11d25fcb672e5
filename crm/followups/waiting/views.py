"""Pages of what waits for an answer: the list, that an answer came, that none is expected any more."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.activities import queries as activities
from crm.activities.types import ACTIVITY_TYPES
from crm.core import access, doors
from crm.core.lists import count_in_words, counted, page_of
from crm.core.routes import requires
from crm.followups.waiting import queries, service
from crm.followups.waiting.figures import by_region
from crm.followups.waiting.forms import AnswerForm, UnexpectedForm
from crm.followups.waiting.listing import LISTING
from crm.followups.waiting.rules import AGE_LABELS, END_LABELS, WAITS_LABELS, in_words
from crm.states.columns import REGION_NAMES
from crm.states.queries import register

pages = Blueprint("waiting", __name__)


@pages.get("/waiting")
@requires("followups:read")
def index() -> Any:
    """What waits for an answer, the oldest first."""
    viewer, today = access.viewer(), access.today()
    form = LISTING.filters(request.args)
    asked = LISTING.question(form, False)
    return render_template(
        "followups/waiting/index.html",
        form=form,
        page=page_of(asked, cursor=request.args.get("after")),
        counted=count_in_words(counted(asked), LISTING.one, LISTING.many),
        columns=form.shown_columns(),
        listing=LISTING,
        filtered=form.narrowed(),
        figures=by_region(viewer, today) if viewer.may("aggregates:read") else None,
        regions=REGION_NAMES,
        limits=[(WAITS_LABELS[waits], most) for waits, most in queries.limits().items()],
        name=partial(register().name, on=today),
    )


@pages.route("/activities/<uuid:activity_id>/answer", methods=["GET", "POST"])
@requires("activities:create", opens="activity")
def answer(activity_id: UUID) -> Any:
    """Note what came back to an entry."""
    viewer, activity = access.viewer(), activities.own_activity(activity_id)
    form = AnswerForm()
    form.offer(service.told_in(activity))
    if not form.is_submitted():
        form.accept("on", access.today())
    sent = doors.submit(form, partial(service.take, actor=viewer, activity_id=activity_id))
    if sent.done:
        return _said("Noted.", activity_id)
    return _page("answer", activity, form), sent.status


@pages.route("/activities/<uuid:activity_id>/answer/unexpected", methods=["GET", "POST"])
@requires("activities:create", opens="activity")
def unexpected(activity_id: UUID) -> Any:
    """No answer is expected any more, and why."""
    activity, form = activities.own_activity(activity_id), UnexpectedForm()
    sent = doors.submit(form, partial(service.expect_none, actor=access.viewer(), activity_id=activity_id))
    if sent.done:
        return _said("No answer is expected any more.", activity_id)
    return _page("unexpected", activity, form), sent.status


@pages.post("/activities/<uuid:activity_id>/answer/awaited")
@requires("activities:create", opens="activity")
def awaited(activity_id: UUID) -> Any:
    """Their answer is awaited, or awaited after all."""
    doors.act(service.await_answer, actor=access.viewer(), activity_id=activity_id)
    return doors.said("Their answer is awaited.", _page_of(activity_id))


def _said(message: str, activity_id: UUID) -> Any:
    """With the way back."""
    undo = url_for("waiting.awaited", activity_id=activity_id)
    flash({"text": message, "undo_href": undo}, "success")  # type: ignore[arg-type]
    return redirect(_page_of(activity_id), 303)


def _page_of(activity_id: UUID) -> str:
    return url_for("activities.show", activity_id=activity_id)


def _page(template: str, activity: Any, form: Any) -> str:
    return render_template(
        f"followups/waiting/{template}.html",
        form=form,
        activity=activity,
        kind=ACTIVITY_TYPES[activity.kind],
        name=partial(register().name, on=access.today()),
    )


@pages.app_context_processor
def _words() -> dict[str, Any]:
    """What pages of other rooms show of it."""
    return {
        "answer_to": queries.noted_of,
        "awaits_answer": service.awaits,
        "waiting_words": {"age": AGE_LABELS, "end": END_LABELS, "waits": WAITS_LABELS, "days": in_words},
    }
