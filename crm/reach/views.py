"""Pages: missions with their accreditations, restricted States, emergency access."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for

from crm.core import access, clock, doors
from crm.core.routes import fresh, keeps_draft, requires
from crm.reach import queries
from crm.reach.forms import (
    AccreditationForm,
    CorrectionForm,
    EmergencyForm,
    MissionForm,
    PostingForm,
    ReaderForm,
    RestrictForm,
)
from crm.reach.service import emergency
from crm.reach.service import missions as service
from crm.reach.service import restricted as restrictions
from crm.states.queries import register

pages = Blueprint("reach", __name__)


@pages.app_template_global("open_emergency")
def open_emergency(iso3: str) -> queries.EmergencyLine | None:
    """The emergency by which the viewer reads about a State at this moment, for the page of that State."""
    viewer = access.viewer()
    if iso3 not in viewer.opened:
        return None
    return next((one for one in queries.emergencies(viewer) if one.mine and one.lasts and one.state_iso3 == iso3), None)


def _name() -> Any:
    return partial(register().name, on=access.today())


def _states() -> list[tuple[str, str]]:
    return register().options(access.today())


@pages.route("/missions", methods=["GET", "POST"])
@fresh
@requires("missions:read")
def missions() -> Any:
    """Every mission, and a form for a new one for those who keep them."""
    viewer = access.viewer()
    form = MissionForm()
    form.offer(queries.parties(viewer))
    if form.is_submitted():
        viewer.require("missions:write")
    sent = doors.submit(form, partial(service.open_mission, actor=viewer))
    if sent.done:
        return doors.said("Opened. Say now to which States it is accredited.", _mission_page(sent.answer.id))
    lines = queries.missions(viewer)
    page = render_template("reach/missions.html", form=form, missions=lines, name=_name())
    return page, sent.status


def _mission_page(mission_id: UUID) -> str:
    return url_for("reach.mission", mission_id=mission_id)


@pages.route("/missions/<uuid:mission_id>", methods=["GET", "POST"])
@fresh
@requires("missions:read")
def mission(mission_id: UUID) -> Any:
    """One mission: its States, and who is posted there."""
    viewer = access.viewer()
    if request.method == "POST":
        queries.mission_to_change(viewer, mission_id)
    form = AccreditationForm()
    form.offer(_states())
    sent = doors.submit(form, partial(service.accredit, actor=viewer, mission_id=mission_id))
    if sent.done:
        return doors.said("Accredited.", _mission_page(mission_id))
    return _shown(mission_id, form, PostingForm(formdata=None)), sent.status


def _shown(mission_id: UUID, form: AccreditationForm, posting: PostingForm) -> str:
    """The page of a mission with its two forms."""
    viewer, found = access.viewer(), queries.get_mission(mission_id)
    there, elsewhere = queries.people_of(viewer, found)
    posting.offer(elsewhere)
    return render_template(
        "reach/mission.html",
        mission=found,
        terms=sorted(found.accreditations, key=lambda term: (_name()(term.state_iso3), term.from_on)),
        form=form,
        posting=posting,
        there=there,
        elsewhere=elsewhere,
        may_change=queries.may_change(viewer, found),
        in_force=partial(queries.in_force, found, on=clock.today()),
        today=clock.today(),
        name=_name(),
    )


def _term(mission_id: UUID, accreditation_id: UUID) -> dict[str, Any]:
    """A mission that the viewer may change and one of its accreditations, for a page about the latter."""
    found = queries.mission_to_change(access.viewer(), mission_id)
    term = queries.get_accreditation(found, accreditation_id)
    today = clock.today()
    return {
        "mission": found,
        "term": term,
        "name": _name(),
        "begun": term.from_on < today,
        "holds": queries.in_force(found, term, today) and not found.every_state,
    }


@pages.route("/missions/<uuid:mission_id>/accreditations/<uuid:accreditation_id>", methods=["GET", "POST"])
@fresh
@requires("missions:write")
def correct_accreditation(mission_id: UUID, accreditation_id: UUID) -> Any:
    """Set right the kind and the term of an accreditation."""
    shown = _term(mission_id, accreditation_id)
    form = CorrectionForm(obj=shown["term"])
    verb = partial(
        service.correct_accreditation,
        actor=access.viewer(),
        mission_id=mission_id,
        accreditation_id=accreditation_id,
    )
    sent = doors.submit(form, verb, lambda: _term(mission_id, accreditation_id)["term"])
    if sent.done:
        return doors.said("Corrected.", _mission_page(mission_id))
    page = render_template("reach/correct_accreditation.html", form=form, theirs=sent.theirs, **shown)
    return page, sent.status


@pages.route("/missions/<uuid:mission_id>/accreditations/<uuid:accreditation_id>/end", methods=["GET", "POST"])
@requires("missions:write")
def end_accreditation(mission_id: UUID, accreditation_id: UUID) -> Any:
    """Over from today on, or taken back before it began: asked first, then done."""
    if request.method == "GET":
        shown = _term(mission_id, accreditation_id)
        there, _ = queries.people_of(access.viewer(), shown["mission"])
        return render_template("reach/end_accreditation.html", there=there, **shown)
    doors.act(
        service.end_accreditation, actor=access.viewer(), mission_id=mission_id, accreditation_id=accreditation_id
    )
    return doors.said("Ended.", _mission_page(mission_id))


@pages.post("/missions/<uuid:mission_id>/people")
@fresh
@requires("missions:write")
def post_to(mission_id: UUID) -> Any:
    """Post somebody there."""
    viewer = access.viewer()
    form = PostingForm()
    form.offer(queries.people_of(viewer, queries.mission_to_change(viewer, mission_id))[1])
    sent = doors.submit(form, partial(service.post_to, actor=viewer, mission_id=mission_id))
    if sent.done:
        return doors.said("Posted.", _mission_page(mission_id))
    other = AccreditationForm(formdata=None)
    other.offer(_states())
    return _shown(mission_id, other, form), sent.status


@pages.post("/missions/<uuid:mission_id>/people/<uuid:user_id>/leave")
@requires("missions:write")
def leave(mission_id: UUID, user_id: UUID) -> Any:
    """Somebody is posted there no more."""
    doors.act(service.leave, actor=access.viewer(), user_id=user_id, mission_id=mission_id)
    return doors.said("No longer posted there.", _mission_page(mission_id))


@pages.route("/missions/<uuid:mission_id>/close", methods=["GET", "POST"])
@requires("missions:write")
def close(mission_id: UUID) -> Any:
    """The mission is no more: asked first, then done."""
    if request.method == "GET":
        found = queries.mission_to_change(access.viewer(), mission_id)
        there, _ = queries.people_of(access.viewer(), found)
        return render_template("reach/close.html", mission=found, there=there)
    doors.act(service.close_mission, actor=access.viewer(), mission_id=mission_id)
    return doors.said("Closed.", url_for("reach.missions"))


@pages.route("/restricted", methods=["GET", "POST"])
@fresh
@requires("own:read")
def restricted() -> Any:
    """The restricted States and who is named for each; for those who do not keep them, the ones of their own."""
    viewer = access.viewer()
    if request.method == "POST":
        viewer.require("restricted:write")
    form = RestrictForm()
    form.offer(_states())
    sent = doors.submit(form, partial(restrictions.restrict, actor=viewer))
    if sent.done:
        return doors.said("Restricted. Name those who may go on reading.", url_for("reach.restricted"))
    return _restricted(form), sent.status


def _restricted(form: RestrictForm, naming: ReaderForm | None = None, iso3: str = "") -> str:
    """The page of the restricted States; `naming` is what somebody was sent for the State `iso3`."""
    return render_template(
        "reach/restricted.html",
        form=form,
        naming=naming,
        named_for=iso3,
        people=queries.everybody(),
        found=queries.restrictions(access.viewer()),
        name=_name(),
    )


@pages.post("/restricted/<iso3>/release")
@fresh
@requires("restricted:write")
def release(iso3: str) -> Any:
    """Lift a restriction."""
    doors.act(restrictions.release, actor=access.viewer(), state_iso3=iso3.upper())
    return doors.said("Lifted.", url_for("reach.restricted"))


@pages.post("/restricted/<iso3>/people")
@fresh
@requires("restricted:write")
def name_reader(iso3: str) -> Any:
    """Name somebody for a restricted State."""
    restrictions.check_named(actor=access.viewer(), state_iso3=iso3.upper())
    form = ReaderForm()
    form.offer(queries.everybody())
    sent = doors.submit(form, partial(restrictions.name_reader, actor=access.viewer(), state_iso3=iso3.upper()))
    if sent.done:
        return doors.said("Named.", url_for("reach.restricted"))
    other = RestrictForm(formdata=None)
    other.offer(_states())
    return _restricted(other, form, iso3.upper()), sent.status


@pages.post("/restricted/<iso3>/people/<uuid:user_id>/strike")
@requires("restricted:write")
def strike_reader(iso3: str, user_id: UUID) -> Any:
    """Somebody is named no more."""
    doors.act(restrictions.strike_reader, actor=access.viewer(), state_iso3=iso3.upper(), user_id=user_id)
    return doors.said("No longer named.", url_for("reach.restricted"))


@pages.route("/emergencies", methods=["GET", "POST"])
@keeps_draft("emergency")
@fresh
@requires("own:read")
def emergencies() -> Any:
    """What was opened in an emergency, and the form that opens, for those who may."""
    viewer = access.viewer()
    form = EmergencyForm()
    form.offer(_states())
    if form.is_submitted():
        viewer.require("emergencies:open")
    sent = doors.submit(form, partial(emergency.begin, actor=viewer))
    if sent.done:
        there = url_for("states.show", iso3=sent.answer.state_iso3)
        return doors.said("Opened, and the parties concerned are told.", there)
    page = render_template("reach/emergencies.html", form=form, found=queries.emergencies(viewer), name=_name())
    return page, sent.status


@pages.post("/emergencies/<uuid:emergency_id>/end")
@requires("own:read")
def end_emergency(emergency_id: UUID) -> Any:
    """Over before its time."""
    doors.act(emergency.end, actor=access.viewer(), emergency_id=emergency_id)
    return doors.said("Ended.", url_for("reach.emergencies"))
