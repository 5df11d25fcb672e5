"""Pages of the activities: log one, find one, read one."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for

from crm.activities import queries, service, whom
from crm.activities.attachments import queries as attached
from crm.activities.attachments.forms import AttachmentForm
from crm.activities.forms import ActivityForm, PlanForm, ReferenceForm
from crm.activities.listing import LISTING
from crm.activities.models import Activity
from crm.activities.nearby import contacts_with
from crm.activities.particulars import particulars
from crm.activities.rules import (
    LEVEL_LABELS,
    PAPER_LABELS,
    READING_LABELS,
    STATUS_LABELS,
    STEP_LABELS,
    Level,
    Status,
    may_be_reported,
    steps_from,
)
from crm.activities.types import ACTIVITY_TYPES
from crm.activities.writing import KEPT_UNSEEN
from crm.core import access, doors
from crm.core.access import Viewer, handling_in_words
from crm.core.lists import count_in_words, counted, page_of
from crm.core.routes import keeps_draft, requires
from crm.core.visibility import ATTRIBUTION_LABELS
from crm.files.rules import in_words
from crm.positions.rules import OBSTACLES
from crm.reach.doers import doers
from crm.states.queries import register, states_of

pages = Blueprint("activities", __name__)


@pages.get("/activities")
@requires("activities:read")
def index() -> Any:
    """What happened, newest first."""
    form = LISTING.filters(request.args)
    wanted = form.wanted()
    asked = LISTING.question(form, False)
    return render_template(
        "activities/index.html",
        form=form,
        page=page_of(asked, cursor=request.args.get("after")),
        counted=count_in_words(counted(asked), LISTING.one, LISTING.many),
        columns=form.shown_columns(),
        listing=LISTING,
        filtered=any(wanted.values()),
        may_import=access.viewer().may("activities:import"),
        types=ACTIVITY_TYPES,
        status_labels=STATUS_LABELS,
        handling_in_words=handling_in_words,
        name=partial(register().name, on=access.today()),
    )


@pages.route("/activities/new", methods=["GET", "POST"])
@keeps_draft("activity")
@requires("activities:create")
def new() -> Any:
    """Log one approach to one State."""
    viewer = access.viewer()
    form = ActivityForm(**proposed())
    form.offer(states_of(viewer), doers(viewer), queries.recent_states(viewer))
    sent = doors.Outcome() if asks_fields() else doors.submit(form, partial(service.record_activity, actor=viewer))
    if sent.done and goes_unseen(form, viewer):
        return kept_unseen()
    if sent.done:
        activity = sent.answer
        after = " The follow-up will remind its owner." if activity.next_action else ""
        another = {"href": url_for("activities.new", kind=activity.kind), "link_label": "Log another"}
        own_page = url_for("activities.show", activity_id=activity.id)
        return doors.said({"text": f"Saved.{after}", **another}, own_page)
    page = render_template(
        "activities/new.html",
        form=form,
        kind=form.chosen,
        kind_words=words_of_kinds(form),
        advanced=shown_in_full(form),
        out_of_reach=out_of_reach(viewer),
        **near(form.state_iso3.data),
    )
    return page, sent.status


def kept_unseen() -> Any:
    """What was written is not the writer's to read: it has no page to go to."""
    return doors.said(KEPT_UNSEEN, url_for("activities.index"))


def goes_unseen(form: PlanForm, viewer: Viewer) -> bool:
    """Whether what a form tells is about a State that is closed to whoever tells it."""
    return not viewer.closed.isdisjoint({form.state_iso3.data, *(form.further_states.data or ())})


SHOW_FIELDS = "show_fields"
"""The button that asks, where no script runs, for the fields of the kind that is now chosen."""


def asks_fields() -> bool:
    """Whether the form was sent to see its fields, and nothing is to be saved yet."""
    return SHOW_FIELDS in request.form


def words_of_kinds(form: PlanForm) -> dict[str, dict[str, Any]]:
    """By kind: its purpose, and what the labels of the form say then; the form's own labels say it already."""
    reply = form.reply if "reply" in form else None
    form.person_name.label.text = form.chosen.whom_label
    if reply:
        reply.label.text = form.chosen.reply_label
    return {
        key: {
            "purpose": one.purpose,
            "labels": {form.person_name.id: one.whom_label, **({reply.id: one.reply_label} if reply else {})},
        }
        for key, one in ACTIVITY_TYPES.items()
    }


def proposed() -> dict[str, str]:
    """Kind, State and person as a link proposed them; that it is delivered by whoever writes."""
    proposed = {"kind": request.args.get("kind", ""), "state_iso3": request.args.get("state", "").upper()}
    proposed |= whom.proposed(proposed["state_iso3"], request.args.get("person", ""))
    proposed |= {"delivered_by": access.viewer().name, "delivered_by_title": access.viewer().title}
    return {name: value for name, value in proposed.items() if value}


def out_of_reach(viewer: Viewer) -> str:
    """The name of the State that a link proposed, where the viewer cannot write about it."""
    iso3 = proposed().get("state_iso3", "")
    return register().name(iso3, access.today()) if iso3 in register().states and not viewer.works_on(iso3) else ""


FOLDED = (
    "precision", "place", "occasion", "objective", "paper_left", "officer_comment", "handling", "obstacle_subtype",
    "attribution", "marks", "report_ref", "delivered_by", "delivered_by_title",
)  # fmt: skip


def shown_in_full(form: PlanForm) -> bool:
    """Whether something in the folded part of the form needs to be seen."""
    folded = [form[name] for name in FOLDED if name in form]
    writer = access.viewer()
    usual = {"delivered_by": writer.name, "delivered_by_title": writer.title}
    return any(
        field.errors or field.data not in (field.default, usual.get(field.short_name), "", None) for field in folded
    )


@pages.get("/activities/nearby")
@requires("activities:create")
def nearby() -> Any:
    """Who else is in touch with a State, as the part of the form that depends on it."""
    return render_template("activities/_nearby.html", **near(request.args.get("state_iso3", "")))


def near(state_iso3: str | None) -> dict[str, Any]:
    """What a form shows of the chosen State; nothing while none is chosen."""
    known, viewer = register(), access.viewer()
    if not state_iso3 or state_iso3 not in known.states:
        return {"near": None}
    found = contacts_with(state_iso3, viewer, access.today())
    name = known.name_today(state_iso3)
    return {"near": found, "near_iso3": state_iso3, "near_name": name, "types": ACTIVITY_TYPES}


@pages.route("/activities/reference", methods=["GET", "POST"])
@keeps_draft("reference")
@requires("activities:create")
def new_reference() -> Any:
    """Record only that something happened and where its report lies."""
    viewer = access.viewer()
    form = ReferenceForm()
    form.offer(states_of(viewer))
    sent = doors.submit(form, partial(service.record_reference, actor=viewer))
    if sent.done and form.state_iso3.data in viewer.closed:
        return kept_unseen()
    if sent.done:
        return doors.said({"text": "Saved."}, url_for("activities.show", activity_id=sent.answer.id))
    return render_template("activities/reference.html", form=form), sent.status


@pages.get("/activities/<uuid:activity_id>")
@requires("activities:read", opens="activity")
def show(activity_id: UUID) -> Any:
    """One activity."""
    return activity_page(queries.get_activity(activity_id))


def activity_page(activity: Activity, attachment_form: AttachmentForm | None = None) -> str:
    """The page of an activity, with the form for a file where the viewer may add one."""
    viewer = access.viewer()
    form = attachment_form or AttachmentForm(formdata=None)
    form.offer(activity.handling)
    may_change = attached.may_change(activity, viewer)
    return render_template(
        "activities/show.html",
        activity=activity,
        kind=ACTIVITY_TYPES[activity.kind],
        known_people=whom.known_among(activity),
        claims=queries.claims_of(activity.id),
        obstacles=OBSTACLES,
        level_labels={one.value: label for one, label in LEVEL_LABELS.items() if one is not Level.OTHER},
        paper_labels={one.value: label for one, label in PAPER_LABELS.items()},
        handling_in_words=handling_in_words,
        told=particulars(activity, viewer),
        talk_round=queries.round_of(activity),
        status_labels=STATUS_LABELS,
        step_labels=STEP_LABELS,
        may_go_on=queries.may_change(activity, viewer),
        may_be_reported=may_be_reported(Status(activity.status)),
        open_to=steps_from(Status(activity.status), instructed=ACTIVITY_TYPES[activity.kind].instructed),
        attribution_labels=ATTRIBUTION_LABELS,
        name=partial(register().name, on=access.today()),
        attachments=attached.attachments_of(activity.id, viewer),
        attachment_form=form if may_change and (form.errors or attached.takes_files(activity)) else None,
        may_change=may_change,
        size_in_words=in_words,
        reading_labels=READING_LABELS,
    )
