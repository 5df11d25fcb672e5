"""Pages about meetings, presidencies and the coordinator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for

from crm.core import access, clock, doors
from crm.core.errors import RuleViolation
from crm.core.forms import Form
from crm.core.routes import requires
from crm.meetings import queries, service
from crm.meetings.forms import (
    GENDER_LABELS,
    KIND_LABELS,
    AsOfForm,
    CorrectCoordinatorForm,
    CorrectMeetingForm,
    CorrectPresidencyForm,
    RecordCoordinatorForm,
    RecordMeetingForm,
    RecordPresidencyForm,
)
from crm.states.asked import without_other_words
from crm.states.queries import register

pages = Blueprint("meetings", __name__)

CAPACITY_EN = "Friend of the President on Universalization"
CAPACITY_FR = "Ami du Président pour l’universalisation"


def _today() -> date:
    return clock.today(access.viewer().time_zone)


@pages.get("/meetings")
@requires("meetings:read")
def index() -> Any:
    """Who signs on a day, and every meeting; today, with the reason, for a day that cannot be shown."""
    cleaned = without_other_words(AsOfForm.field_names())
    if cleaned:
        return redirect(cleaned, 303)
    form, found, today = AsOfForm(request.args, meta={"csrf": False}), queries.calendar(), _today()
    on = today
    try:
        on = form.day(today=today, first=register().treaty.opened_on, last=found.last_day(today))
    except RuleViolation as refused:
        form.refuse(refused)
    page = render_template(
        "meetings/index.html",
        form=form,
        on=on,
        is_today=on == today and not form.as_of.errors,
        calendar=found,
        signing=found.signatories_on(on),
        kind_labels=KIND_LABELS,
        state=lambda iso3: register().name(iso3, on),
        may_write=access.viewer().may("meetings:write"),
    )
    return page, 422 if form.as_of.errors else 200


@pages.get("/meetings/<key>")
@requires("meetings:read")
def show(key: str) -> Any:
    """One meeting with those who preside over it."""
    found = queries.calendar()
    meeting = found.meeting(key)
    return render_template(
        "meetings/show.html",
        meeting=meeting,
        kind_label=KIND_LABELS[meeting.kind],  # type: ignore[index]
        presidencies=found.presidencies_of(meeting.id),
        before=found.neighbour(meeting.id, -1),
        after=found.neighbour(meeting.id, 1),
        gender_labels=GENDER_LABELS,
        today=_today(),
        state=lambda iso3: register().name(iso3, meeting.from_on),
        may_write=access.viewer().may("meetings:write"),
    )


@pages.route("/meetings/new", methods=["GET", "POST"])
@requires("meetings:write")
def new_meeting() -> Any:
    """Record a meeting."""
    form = RecordMeetingForm(number=queries.next_number()) if request.method == "GET" else RecordMeetingForm()
    form.offer(register().options(_today()))
    return _ask(
        form,
        service.record_meeting,
        title="Record a meeting",
        lead="As soon as number and year are known. Days and place can follow.",
        template="meetings/meeting_form.html",
        after=lambda done: (f"The {done.key} is recorded.", url_for("meetings.show", key=done.key)),
        back=url_for("meetings.index"),
    )


@pages.route("/meetings/<key>/edit", methods=["GET", "POST"])
@requires("meetings:write")
def edit_meeting(key: str) -> Any:
    """Correct a meeting."""
    meeting = queries.meeting_by_key(key)
    meeting_id, key = meeting.id, meeting.key
    form = _filled(CorrectMeetingForm, meeting)
    form.offer(register().options(_today()))
    return _ask(
        form,
        partial(service.correct_meeting, meeting_id=meeting_id),
        title=f"Correct the {key}",
        lead=meeting.name_en,
        template="meetings/meeting_form.html",
        after=lambda done: (f"The {done.key} is corrected.", url_for("meetings.show", key=done.key)),
        back=url_for("meetings.show", key=key),
        reread=lambda: queries.meeting_by_key(key),
    )


@pages.route("/meetings/presidencies/new", methods=["GET", "POST"])
@requires("meetings:write")
def new_presidency() -> Any:
    """Record which State presides over a meeting, and through whom."""
    wanted = request.args.get("meeting", "")
    form = RecordPresidencyForm(meeting=wanted) if request.method == "GET" else RecordPresidencyForm()
    form.offer_all(register().options(_today()), queries.meeting_options())
    return _ask(
        form,
        service.record_presidency,
        title="Record a presidency",
        lead="The State that presides over a meeting, and the person who signs for it.",
        template="meetings/presidency_form.html",
        after=lambda done: (
            "The presidency is recorded.",
            url_for("meetings.show", key=_key(done.meeting_id)),
        ),
        back=url_for("meetings.show", key=wanted) if wanted else url_for("meetings.index"),
    )


def _key(meeting_id: UUID) -> str:
    return queries.calendar().meetings[meeting_id].key


@pages.route("/meetings/presidencies/<uuid:presidency_id>/edit", methods=["GET", "POST"])
@requires("meetings:write")
def edit_presidency(presidency_id: UUID) -> Any:
    """Correct a presidency."""
    presidency = queries.get_presidency(presidency_id)
    key = _key(presidency.meeting_id)
    form = _filled(CorrectPresidencyForm, presidency)
    form.offer(register().options(_today()))
    return _ask(
        form,
        partial(service.correct_presidency, presidency_id=presidency_id),
        title=f"Correct the presidency of the {key}",
        lead="Letters that were issued keep what they said.",
        template="meetings/presidency_form.html",
        after=lambda _done: ("The presidency is corrected.", url_for("meetings.show", key=key)),
        back=url_for("meetings.show", key=key),
        reread=lambda: queries.get_presidency(presidency_id),
    )


@pages.route("/meetings/coordinators/new", methods=["GET", "POST"])
@requires("meetings:write")
def new_coordinator() -> Any:
    """Record who coordinates."""
    usual = {"capacity_en": CAPACITY_EN, "capacity_fr": CAPACITY_FR}
    form = RecordCoordinatorForm(**usual) if request.method == "GET" else RecordCoordinatorForm()
    form.offer(register().options(_today()))
    return _ask(
        form,
        service.record_coordinator,
        title="Record a coordinator",
        lead="The State that coordinates universalization, and the person who signs for it.",
        template="meetings/coordinator_form.html",
        after=lambda _done: ("The coordinator is recorded.", url_for("meetings.index")),
        back=url_for("meetings.index"),
    )


@pages.route("/meetings/coordinators/<uuid:coordinator_id>/edit", methods=["GET", "POST"])
@requires("meetings:write")
def edit_coordinator(coordinator_id: UUID) -> Any:
    """Correct a coordinator's term."""
    form = _filled(CorrectCoordinatorForm, queries.get_coordinator(coordinator_id))
    form.offer(register().options(_today()))
    return _ask(
        form,
        partial(service.correct_coordinator, coordinator_id=coordinator_id),
        title="Correct the coordinator",
        lead="Letters that were issued keep what they said.",
        template="meetings/coordinator_form.html",
        after=lambda _done: ("The coordinator is corrected.", url_for("meetings.index")),
        back=url_for("meetings.index"),
        reread=lambda: queries.get_coordinator(coordinator_id),
    )


def _filled(form_class: type[Form], record: Any) -> Any:
    """The form with the record in it, or with what was sent."""
    if request.method != "GET":
        return form_class()
    return form_class(**{name: getattr(record, name) for name in form_class.field_names()})


def _ask(
    form: Any,
    verb: Callable[..., Any],
    *,
    title: str,
    lead: str,
    template: str,
    after: Callable[[Any], tuple[str, str]],
    back: str,
    reread: Callable[[], Any] | None = None,
) -> Any:
    """Show a form, or run its verb and go on. A change made meanwhile is shown beside what was typed."""
    sent = doors.submit(form, partial(verb, actor=access.viewer()), reread)
    if sent.done:
        return doors.said(*after(sent.answer))
    page = render_template(
        template,
        form=form,
        title=title,
        lead=lead,
        back=back,
        theirs=sent.theirs,
        gender_labels=GENDER_LABELS,
        state=register().name_today,
    )
    return page, sent.status
