"""Pages of the activities: log one, find one, read one."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for

from crm.accounts.queries import colleagues
from crm.activities import queries, service
from crm.activities.attachments import queries as attached
from crm.activities.attachments.forms import AttachmentForm
from crm.activities.filters import ActivityFilter
from crm.activities.forms import ActivityForm, ReferenceForm
from crm.activities.models import Activity
from crm.activities.rules import LEVEL_LABELS, PAPER_LABELS, Level
from crm.activities.types import ACTIVITY_TYPES
from crm.core import access, doors
from crm.core.access import HANDLING_LABELS, Viewer
from crm.core.routes import requires
from crm.core.visibility import ATTRIBUTION_LABELS
from crm.files.rules import in_words
from crm.positions.rules import OBSTACLES
from crm.states.queries import register, states_of

pages = Blueprint("activities", __name__)


@pages.get("/activities")
@requires("activities:read")
def index() -> Any:
    """What happened, newest first."""
    known = register()
    form = ActivityFilter(request.args, meta={"csrf": False})
    form.offer(known.options(access.today()))
    wanted = form.wanted()
    page = queries.page_of_activities(**wanted, cursor=request.args.get("after"))
    return render_template(
        "activities/index.html",
        form=form,
        page=page,
        filtered=any(wanted.values()),
        types=ACTIVITY_TYPES,
        name=partial(known.name, on=access.today()),
    )


@pages.route("/activities/new", methods=["GET", "POST"])
@requires("activities:create")
def new() -> Any:
    """Log one approach to one State."""
    viewer = access.viewer()
    form = ActivityForm(**_proposed())
    form.offer(states_of(viewer), colleagues(viewer), queries.recent_states(viewer))
    kind = ACTIVITY_TYPES.get(form.kind.data) or ACTIVITY_TYPES["capital_visit"]
    form.person_name.label.text, form.reply.label.text = kind.whom_label, kind.reply_label
    sent = doors.submit(form, partial(service.record_activity, actor=viewer))
    if sent.done and form.state_iso3.data in viewer.closed:
        return _kept_unseen()
    if sent.done:
        activity = sent.answer
        after = " The follow-up will remind its owner." if activity.next_action else ""
        another = {"href": url_for("activities.new", kind=activity.kind), "link_label": "Log another"}
        own_page = url_for("activities.show", activity_id=activity.id)
        return doors.said({"text": f"Saved.{after}", **another}, own_page)
    page = render_template(
        "activities/new.html",
        form=form,
        kind=kind,
        kind_words=_kind_words(form),
        advanced=_advanced(form),
        out_of_reach=_out_of_reach(viewer),
    )
    return page, sent.status


def _kept_unseen() -> Any:
    """What was written is not the writer's to read: it has no page to go to."""
    return doors.said(service.KEPT_UNSEEN, url_for("activities.index"))


def _kind_words(form: ActivityForm) -> dict[str, dict[str, Any]]:
    """By kind: its purpose, and what the labels of the form say then."""
    return {
        key: {
            "purpose": one.purpose,
            "labels": {form.person_name.id: one.whom_label, form.reply.id: one.reply_label},
        }
        for key, one in ACTIVITY_TYPES.items()
    }


def _proposed() -> dict[str, str]:
    """Kind and State as a link proposed them."""
    proposed = {"kind": request.args.get("kind", ""), "state_iso3": request.args.get("state", "").upper()}
    return {name: value for name, value in proposed.items() if value}


def _out_of_reach(viewer: Viewer) -> str:
    """The name of the State that a link proposed, where the viewer cannot write about it."""
    iso3 = _proposed().get("state_iso3", "")
    return register().name(iso3, access.today()) if iso3 in register().states and not viewer.works_on(iso3) else ""


def _advanced(form: ActivityForm) -> bool:
    """Whether something in the folded part of the form needs to be seen."""
    folded = (
        "place", "occasion", "paper_left", "officer_comment", "handling", "obstacle_subtype", "attribution", "marks",
        "report_ref",
    )  # fmt: skip
    return any(form[name].errors or form[name].data not in (form[name].default, "", None) for name in folded)


@pages.route("/activities/reference", methods=["GET", "POST"])
@requires("activities:create")
def new_reference() -> Any:
    """Record only that something happened and where its report lies."""
    viewer = access.viewer()
    form = ReferenceForm()
    form.offer(states_of(viewer))
    sent = doors.submit(form, partial(service.record_reference, actor=viewer))
    if sent.done and form.state_iso3.data in viewer.closed:
        return _kept_unseen()
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
        claims=queries.claims_of(activity.id),
        obstacles=OBSTACLES,
        level_labels={one.value: label for one, label in LEVEL_LABELS.items() if one is not Level.OTHER},
        paper_labels={one.value: label for one, label in PAPER_LABELS.items()},
        handling_labels=HANDLING_LABELS,
        told=queries.particulars(activity, viewer),
        attribution_labels=ATTRIBUTION_LABELS,
        name=partial(register().name, on=access.today()),
        attachments=attached.attachments_of(activity.id, viewer),
        attachment_form=form if may_change and (form.errors or attached.takes_files(activity)) else None,
        may_change=may_change,
        size_in_words=in_words,
    )
