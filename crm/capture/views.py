"""Pages of the waiting room: what waits, one mail, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for

from crm.activities.forms import ActivityForm, PlanForm
from crm.activities.queries import recent_states
from crm.activities.views import asks_fields, goes_unseen, kept_unseen, near, shown_in_full, words_of_kinds
from crm.capture import addresses, guessing, queries, service
from crm.capture.forms import KeepWithForm, day_on, is_long, proposed_for
from crm.capture.models import WaitingMail
from crm.capture.rules.course import Phase
from crm.capture.rules.invitations import day_of, moment_of
from crm.core import access, doors, unfinished
from crm.core.routes import keeps_draft, requires
from crm.files.download import sent
from crm.files.rules import in_words
from crm.files.rules.kinds import LABELS
from crm.people.forms import KIND_LABELS
from crm.people.rules import OfficeKind
from crm.reach.doers import doers
from crm.states.queries import register, states_of

pages = Blueprint("capture", __name__)

PERMISSION = "activities:create"


@pages.get("/waiting-room")
@requires(PERMISSION)
def index() -> Any:
    """What waits for somebody of the viewer's party, newest first, and the address to which mail is forwarded."""
    viewer = access.viewer()
    return render_template(
        "capture/index.html",
        page=queries.waiting_mails(request.args.get("after")),
        ended=queries.ended_mails(),
        address=addresses.address_of(viewer),
        is_on=addresses.is_on(),
        days=addresses.settings().waiting_days,
        until=_until,
        name=partial(register().name, on=access.today()),
    )


def _until(received_at: Any) -> Any:
    """Until when a mail waits."""
    return received_at + timedelta(days=addresses.settings().waiting_days)


@pages.post("/waiting-room/address")
@requires(PERMISSION)
def new_address() -> Any:
    """Make the address of the party, or another in its place."""
    doors.act(addresses.make, actor=access.viewer())
    return doors.said("The new address stands here. The one before takes mail of your own people alone.", _room())


@pages.get("/waiting-room/<uuid:waiting_id>")
@requires(PERMISSION)
def show(waiting_id: UUID) -> Any:
    """One mail: what it says, what came with it, what it may become."""
    return _page(queries.get_waiting(waiting_id))


def _page(mail: WaitingMail, form: KeepWithForm | None = None) -> str:
    viewer = access.viewer()
    form = form or KeepWithForm(formdata=None)
    entries = queries.entries_to_add_to(viewer, mail) if mail.phase == Phase.WAITING else []
    form.offer(entries)
    return render_template("capture/show.html", form=form, entries=entries, until=_until, **_told(mail))


def _told(mail: WaitingMail) -> dict[str, Any]:
    """What both pages about a mail show of it."""
    said, today = mail.invitation or {}, access.today()
    people = [*([said["organizer"]] if said.get("organizer") else []), *said.get("people", [])]
    held = guessing.holders_named([one["name"] for one in people], today)
    name = partial(register().name, on=today)
    offices = {key: f"{KIND_LABELS[OfficeKind(kind)]} of {name(iso3)}" for key, (iso3, kind) in held.items()}
    return {
        "mail": mail,
        "files": queries.files_of(mail.id),
        "people": list({(one["name"], one["address"]): one for one in people}.values()),
        "offices": offices,
        "begins": moment_of(said.get("begins", "")) or day_of(said.get("begins", "")),
        "ends": moment_of(said.get("ends", "")) or day_of(said.get("ends", "")),
        "is_to_come": bool(said) and (day_on(said, access.viewer().time_zone) or today) > today,
        "is_long": is_long(mail),
        "file_kinds": LABELS,
        "size_in_words": in_words,
        "name": name,
    }


@pages.route("/waiting-room/<uuid:waiting_id>/entry", methods=["GET", "POST"])
@keeps_draft("waiting_entry")
@requires(PERMISSION)
def entry(waiting_id: UUID) -> Any:
    """Make an entry of a mail."""
    return _made_of(waiting_id, ActivityForm, service.make_entry, "Saved. The mail has left the waiting room.")


@pages.route("/waiting-room/<uuid:waiting_id>/plan", methods=["GET", "POST"])
@keeps_draft("waiting_plan")
@requires(PERMISSION)
def plan(waiting_id: UUID) -> Any:
    """Make a plan of an invitation."""
    return _made_of(waiting_id, PlanForm, service.make_plan, "Planned. The mail has left the waiting room.")


def _made_of(waiting_id: UUID, kind: type[PlanForm], verb: Callable[..., Any], saved: str) -> Any:
    """The form of every entry, filled in from a mail that stands beside it."""
    viewer, mail = access.viewer(), queries.get_waiting(waiting_id)
    if mail.phase != Phase.WAITING and request.method == "GET" and not unfinished.shown():
        return redirect(url_for("capture.show", waiting_id=waiting_id), 303)
    proposed = proposed_for(kind, mail, viewer, access.today())
    form = kind(**proposed)
    form.handling.default = proposed.get("handling", form.handling.default)
    form.offer(states_of(viewer), doers(viewer), recent_states(viewer))
    outcome = doors.Outcome()
    if not asks_fields():
        outcome = doors.submit(form, partial(verb, actor=viewer, waiting_id=waiting_id))
    if outcome.done and goes_unseen(form, viewer):
        return kept_unseen()
    if outcome.done:
        return doors.said({"text": saved}, url_for("activities.show", activity_id=outcome.answer.id))
    page = render_template(
        "capture/entry.html",
        form=form,
        reports=kind is ActivityForm,
        kind=form.chosen,
        kind_words=words_of_kinds(form),
        advanced=shown_in_full(form),
        out_of_reach="",
        **_told(mail),
        **near(form.state_iso3.data),
    )
    return page, outcome.status


@pages.post("/waiting-room/<uuid:waiting_id>/keep-with")
@requires(PERMISSION)
def keep_with(waiting_id: UUID) -> Any:
    """Keep a mail with an entry that is there."""
    viewer, mail, form = access.viewer(), queries.get_waiting(waiting_id), KeepWithForm()
    form.offer(queries.entries_to_add_to(viewer, mail))
    outcome = doors.submit(form, partial(service.add_to_entry, actor=viewer, waiting_id=waiting_id))
    if outcome.done:
        there = url_for("activities.show", activity_id=outcome.answer.id) + "#files"
        return doors.said("The mail and its files are kept with this entry.", there)
    return _page(queries.get_waiting(waiting_id), form), outcome.status


@pages.post("/waiting-room/<uuid:waiting_id>/throw-away")
@requires(PERMISSION)
def throw_away(waiting_id: UUID) -> Any:
    """Throw a mail away; it can be taken back."""
    doors.act(service.throw_away, actor=access.viewer(), waiting_id=waiting_id)
    way_back = url_for("capture.take_back", waiting_id=waiting_id)
    return doors.said({"text": "Thrown away.", "undo_href": way_back, "undo_label": "Take back"}, _room())


@pages.post("/waiting-room/<uuid:waiting_id>/take-back")
@requires(PERMISSION)
def take_back(waiting_id: UUID) -> Any:
    """Let a mail wait again."""
    doors.act(service.take_back, actor=access.viewer(), waiting_id=waiting_id)
    return doors.said("It waits again.", url_for("capture.show", waiting_id=waiting_id))


@pages.get("/waiting-room/files/<uuid:part_id>")
@requires(PERMISSION, exports="waiting_file")
def download(part_id: UUID) -> Response:
    """A file of a mail, as a download."""
    return handed_out(part_id)


def handed_out(part_id: UUID) -> Response:
    """The bytes of a file."""
    found = queries.get_file(part_id)
    return sent(found.content, name=found.name, media_type=found.media_type)


def _room() -> str:
    return url_for("capture.index")
