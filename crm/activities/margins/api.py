"""The JSON door to short talks: the same grid, the same verbs, and what the grid asks while somebody types."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request, url_for

from crm.activities.margins import queries, service, undo
from crm.activities.margins.forms import MarginsForm, as_written
from crm.activities.margins.queries import Line
from crm.activities.margins.words import read_due
from crm.activities.models import TalkRound
from crm.core import access, doors, unfinished
from crm.core.access import Viewer
from crm.core.errors import NotFound, RuleViolation
from crm.core.routes import requires
from crm.core.written.answers import NotADay
from crm.states.queries import register

api = Blueprint("margins_api", __name__, url_prefix="/api/v1")


@api.get("/activities/margins")
@requires("activities:create")
def index() -> Any:
    """The rounds that the viewer wrote down last."""
    return jsonify(
        {"items": [{**_header(one), "talks": count} for one, count in queries.latest_rounds(access.viewer())]}
    )


@api.post("/activities/margins")
@requires("activities:create")
def create() -> Any:
    """Record a round with all its talks or nothing; 201 with the round, 422 with every error by row and field."""
    viewer = access.viewer()
    made = doors.submit_json(MarginsForm, partial(_key_of, viewer), prepare=_offer)
    return doors.created(_whole(made), url_for("margins_api.show", round_id=made))


def _key_of(viewer: Viewer, **command: Any) -> UUID:
    return service.record_round(actor=viewer, **command).id


def _offer(form: MarginsForm) -> None:
    form.read(register(), access.viewer(), queries.gatherings())


@api.get("/activities/margins/<uuid:round_id>")
@requires("activities:read", opens="talk_round")
def show(round_id: UUID) -> Any:
    """A round with those of its talks that are for the viewer."""
    return jsonify(_whole(round_id))


@api.post("/activities/margins/<uuid:round_id>/undo")
@requires("activities:create", opens="talk_round")
def take_back(round_id: UUID) -> Any:
    """Undo a round; answers with what was written, ready to be sent again, which is a draft as well. The body is an
    empty object.
    """
    verb = partial(undo.undo_round, actor=access.viewer(), round_id=round_id)
    draft = unfinished.found(undo.DRAFT, doors.submit_json(doors.ActionForm, verb))
    if draft is None:
        raise NotFound("it is no draft any more")
    return jsonify(as_written(draft.typed))


@api.get("/activities/margins/day")
@requires("activities:create")
def day() -> Any:
    """The day that the words in `text` say, as the grid reads them; 422 where they are not understood."""
    try:
        found = read_due(request.args.get("text", ""), access.today(), queries.gatherings())
    except NotADay as wrong:
        raise RuleViolation("text", str(wrong)) from None
    return jsonify({"day": found.day.isoformat(), "in_words": found.in_full, "why": found.why or None})


@api.get("/activities/margins/states")
@requires("activities:create")
def states() -> Any:
    """The States about which the viewer writes, each with everything that it is found by; `others`: what all others
    are called, so that none of these names is taken for the beginning of another.
    """
    viewer, known = access.viewer(), register()
    items = [
        {"iso3": iso3, "name": name, "found_by": sorted(known.states[iso3].search_texts)}
        for iso3, name in known.options(access.today())
        if viewer.works_on(iso3)
    ]
    others = {text for iso3, one in known.states.items() if not viewer.works_on(iso3) for text in one.known_as}
    return jsonify({"items": items, "others": sorted(filter(known.called, others))})


def _header(made: TalkRound) -> dict[str, Any]:
    return {
        "id": str(made.id),
        "occasion": made.occasion,
        "held_on": made.held_on.isoformat(),
        "place": made.place,
        "delegation": made.delegation,
        "recorded_at": made.recorded_at.isoformat(),
        "sample": made.sample,
    }


def _whole(round_id: UUID) -> dict[str, Any]:
    made = queries.get_round(round_id)
    lines = queries.lines_of(made)
    problem = undo.objection(made, lines, access.viewer())
    return {**_header(made), "talks": [_talk(one) for one in lines], "may_be_undone": not problem}


def _talk(line: Line) -> dict[str, Any]:
    told = line.activity
    return {
        "activity_id": str(told.id),
        "state": line.state_iso3,
        "people": [{"name": one.name, "title": one.title} for one in told.people],
        "outcome": line.outcome or None,
        "obstacles": line.obstacles,
        "reply": told.reply,
        "next_action": told.next_action,
        "next_action_due": told.next_action_due.isoformat() if told.next_action_due else None,
        "handling": told.handling,
    }
