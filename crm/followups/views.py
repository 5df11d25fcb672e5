"""Pages of the follow-ups: what I owe, one of them, and every change that can be made to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.activities.types import ACTIVITY_TYPES
from crm.activities.writing import KEPT_UNSEEN
from crm.core import access, clock, doors
from crm.core.access import handling_in_words
from crm.core.errors import NotAllowed
from crm.core.forms import Form
from crm.core.lists import count_in_words, counted, page_of
from crm.core.routes import keeps_draft, requires
from crm.followups import days_off, queries, rules, service
from crm.followups.forms import (
    CHANGE_LABELS,
    STATUS_LABELS,
    CancelForm,
    DayOffForm,
    FinishForm,
    FollowUpForm,
    LaterForm,
    MoveForm,
    ReassignForm,
    propose_move,
)
from crm.followups.listing import LISTING
from crm.followups.models import FollowUp
from crm.followups.waiting.reminding import proposal
from crm.followups.working_days import move_to_working_day
from crm.mail.queries import delivery_trouble
from crm.reach.doers import doers
from crm.states.queries import register, states_of

pages = Blueprint("followups", __name__)


@pages.app_template_global("follow_ups_of")
def follow_ups_of(activity_id: UUID) -> list[tuple[UUID, str]]:
    """Key and state in words of what came out of an activity, for its own page."""
    found = queries.follow_ups_of(activity_id)
    return [(key, STATUS_LABELS[status]) for key, status in found]


@pages.get("/followups")
@requires("followups:read")
def index() -> Any:
    """Mine by default, most urgent first."""
    viewer, known = access.viewer(), register()
    today = clock.today(viewer.time_zone)
    form = LISTING.filters(request.args)
    wanted = form.wanted()
    asked = LISTING.question(form, False)
    page = page_of(asked, cursor=request.args.get("after"))
    return render_template(
        "followups/index.html",
        form=form,
        page=page,
        counted=count_in_words(counted(asked), LISTING.one, LISTING.many),
        columns=form.shown_columns(),
        listing=LISTING,
        groups=_groups(page.items, today),
        wanted=wanted,
        filtered=bool(wanted["state_iso3"]) or wanted["status"] != rules.Status.OPEN or not wanted["mine"],
        not_reminded=queries.not_reminded(viewer),
        left_alone=queries.left_alone(viewer),
        unseen=queries.unseen_by_owner(viewer),
        no_longer_mine=queries.no_longer_mine(viewer),
        trouble=delivery_trouble(),
        status_labels=STATUS_LABELS,
        here=doors.local_path(request.full_path),
        name=partial(known.name, on=today),
    )


def _groups(lines: Any, today: Any) -> list[tuple[rules.Urgency | None, list[queries.FollowUpLine]]]:
    """The lines of a page by urgency, in the order they come; closed ones have none."""
    groups: list[tuple[rules.Urgency | None, list[queries.FollowUpLine]]] = []
    for line in lines:
        urgency = rules.urgency(line.due_on, today) if line.status is rules.Status.OPEN else None
        if not groups or groups[-1][0] is not urgency:
            groups.append((urgency, []))
        groups[-1][1].append(line)
    return groups


@pages.route("/followups/new", methods=["GET", "POST"])
@keeps_draft("follow_up")
@requires("followups:write")
def new() -> Any:
    """Charge myself or a colleague with an action."""
    viewer = access.viewer()
    form = FollowUpForm(state_iso3=request.args.get("state", "").upper() or None)
    form.offer(states_of(viewer), doers(viewer))
    if not form.is_submitted() and not form.begun and (remind := request.args.get("remind", type=UUID)):
        for name, value in proposal(remind, access.today()).items():
            form.accept(name, value)
    sent = doors.submit(form, partial(service.open_follow_up, actor=viewer))
    if sent.done and form.state_iso3.data in viewer.closed:
        return doors.said(KEPT_UNSEEN, url_for("followups.index"))
    if sent.done:
        return doors.said("Saved. Its owner is reminded when it falls due.", _own_page(sent.answer.id))
    off = days_off.thought_of(form.state_iso3.data or "", form.due_on.data, form.owner_id.data or "", viewer)
    return render_template("followups/new.html", form=form, off=off), sent.status


@pages.get("/followups/day-off")
@requires("followups:write")
def day_off() -> Any:
    """Whether a day that is being typed is one on which nobody is there, as the part of the form that says so."""
    given = DayOffForm(request.args, meta={"csrf": False})
    return render_template("followups/_day_off.html", off=days_off.thought_of(**given.asked(), viewer=access.viewer()))


@pages.app_template_global("day_off_of")
def day_off_of(line: queries.FollowUpLine) -> days_off.DayOff | None:
    """Why nobody is there on the day of an open follow-up in a list, if that is still to come."""
    ahead = line.status is rules.Status.OPEN and line.due_on >= access.today()
    return days_off.about(line) if ahead else None


def _own_page(followup_id: UUID) -> str:
    return url_for("followups.show", followup_id=followup_id)


@pages.get("/followups/<uuid:followup_id>")
@requires("followups:read", opens="follow_up")
def show(followup_id: UUID) -> Any:
    """One follow-up: what, who, when; whom it reminded and what became of it."""
    viewer = access.viewer()
    follow_up = queries.get_follow_up(followup_id)
    around = queries.surroundings(follow_up, viewer)
    return render_template(
        "followups/show.html",
        follow_up=follow_up,
        around=around,
        may_change=rules.may_change(
            viewer,
            follow_up.originator_id,
            follow_up.owner_id,
            follow_up.owner_mission_id,
            owner_closed=around.owner_closed,
        ),
        mine=rules.owes(viewer, follow_up.owner_id, follow_up.owner_mission_id),
        types=ACTIVITY_TYPES,
        change_labels=CHANGE_LABELS,
        handling_in_words=handling_in_words,
        off=days_off.about(follow_up),
        trouble=delivery_trouble(),
        now=clock.now(),
        name=partial(register().name, on=clock.today(viewer.time_zone)),
    )


@pages.post("/followups/<uuid:followup_id>/done")
@requires("followups:write")
def done(followup_id: UUID) -> Any:
    """Done in one click; the message offers the way back."""
    version = request.form.get("version", type=int)
    doors.act(service.finish, actor=access.viewer(), followup_id=followup_id, version=version)
    undo = url_for("followups.reopen", followup_id=followup_id)
    flash({"text": "Done.", "undo_href": undo}, "success")  # type: ignore[arg-type]
    return redirect(doors.local_path(request.form.get("back") or _own_page(followup_id)), 303)


@pages.post("/followups/<uuid:followup_id>/reopen")
@requires("followups:write")
def reopen(followup_id: UUID) -> Any:
    """To be done after all."""
    doors.act(service.reopen, actor=access.viewer(), followup_id=followup_id)
    return doors.said("Open again.", _own_page(followup_id))


@pages.route("/followups/<uuid:followup_id>/finish", methods=["GET", "POST"])
@keeps_draft("finish")
@requires("followups:write", opens="follow_up")
def finish(followup_id: UUID) -> Any:
    """Done, with a note and the next step."""
    follow_up = _to_change(followup_id)
    form = FinishForm(version=follow_up.version)
    form.offer(doers(access.viewer(), follow_up.state_iso3))
    return _change(follow_up, form, service.finish, "finish", "Done.")


@pages.route("/followups/<uuid:followup_id>/move", methods=["GET", "POST"])
@keeps_draft("move")
@requires("followups:write", opens="follow_up")
def move(followup_id: UUID) -> Any:
    """Another due day."""
    follow_up = _to_change(followup_id)
    form = MoveForm(version=follow_up.version)
    if not form.is_submitted() and not form.begun:
        propose_move(form, follow_up.due_on, follow_up.due_at_local, clock.today(follow_up.zone))
    return _change(follow_up, form, service.move, "move", "Moved.", off=days_off.about(follow_up))


@pages.post("/followups/<uuid:followup_id>/working-day")
@requires("followups:write", opens="follow_up")
def to_working_day(followup_id: UUID) -> Any:
    """From a day off to the next working day, in one click."""
    version = request.form.get("version", type=int)
    doors.act(move_to_working_day, actor=access.viewer(), followup_id=followup_id, version=version)
    return doors.said("Moved to the next working day.", _own_page(followup_id))


@pages.route("/followups/<uuid:followup_id>/later", methods=["GET", "POST"])
@requires("followups:write", opens="follow_up")
def later(followup_id: UUID) -> Any:
    """Be reminded later; the due day stays."""
    follow_up = _to_change(followup_id)
    if not rules.owes(access.viewer(), follow_up.owner_id, follow_up.owner_mission_id):
        raise NotAllowed("somebody else is reminded of it")
    form = LaterForm(version=follow_up.version)
    choices = rules.later_choices(clock.today(follow_up.zone))
    return _change(follow_up, form, service.remind_later, "later", "You are reminded again then.", later=choices)


@pages.route("/followups/<uuid:followup_id>/cancel", methods=["GET", "POST"])
@keeps_draft("cancel")
@requires("followups:write", opens="follow_up")
def cancel(followup_id: UUID) -> Any:
    """No longer to be done."""
    follow_up = _to_change(followup_id)
    return _change(follow_up, CancelForm(version=follow_up.version), service.cancel, "cancel", "Cancelled.")


@pages.route("/followups/<uuid:followup_id>/reassign", methods=["GET", "POST"])
@keeps_draft("reassign")
@requires("followups:write", opens="follow_up")
def reassign(followup_id: UUID) -> Any:
    """Somebody else does it."""
    follow_up = _to_change(followup_id)
    form = ReassignForm(version=follow_up.version)
    others = doers(access.viewer(), follow_up.state_iso3)
    form.offer([one for one in others if one[0] != str(follow_up.charged_id)])
    return _change(follow_up, form, service.reassign, "reassign", "Handed over.")


def _to_change(followup_id: UUID) -> FollowUp:
    """The follow-up, for a page that changes it; raises NotFound, NotAllowed."""
    follow_up = queries.get_follow_up(followup_id)
    if not queries.may_change(access.viewer(), follow_up):
        raise NotAllowed("a follow-up of another party")
    return follow_up


def _change(
    follow_up: FollowUp, form: Form, verb: Callable[..., Any], template: str, message: str, **facts: Any
) -> Any:
    """A page with one form that changes a follow-up, and what it answers when the form is sent; `facts`: what else that
    page shows.
    """
    followup_id = follow_up.id
    sent = doors.submit(
        form,
        partial(verb, actor=access.viewer(), followup_id=followup_id),
        partial(queries.get_follow_up, followup_id),
    )
    if sent.done and isinstance(sent.answer, FollowUp):
        return doors.said(f"{message} The next step is open.", _own_page(sent.answer.id))
    if sent.done:
        return doors.said(message, _own_page(followup_id))
    around = queries.surroundings(sent.theirs, access.viewer()) if sent.theirs else None
    page = render_template(
        f"followups/{template}.html",
        form=form,
        follow_up=follow_up,
        theirs=sent.theirs,
        owner=around.owner if around else "",
        last_change=around.changes[0] if around else None,
        status_labels=STATUS_LABELS,
        change_labels=CHANGE_LABELS,
        name=partial(register().name, on=access.today()),
        **facts,
    )
    return page, sent.status
