"""Pages of short talks: the grid, a round that was written down, and the way back."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for

from crm.activities.details import OUTCOME
from crm.activities.margins import queries, service, undo
from crm.activities.margins.forms import MORE, MarginsForm
from crm.activities.margins.talks import UNDO_WITHIN
from crm.activities.nearby import others_near
from crm.activities.types import ACTIVITY_TYPES
from crm.activities.writing import KEPT_UNSEEN
from crm.core import access, doors
from crm.core.access import HANDLING_LABELS
from crm.core.errors import RuleViolation
from crm.core.routes import keeps_draft, requires
from crm.positions.rules import OBSTACLES
from crm.reach.doers import PEOPLE, Doer, doers
from crm.states.queries import register

pages = Blueprint("margins", __name__)

MORE_ROWS = "more_rows"
"""The button that asks, where no script runs, for empty rows; nothing is to be saved yet."""

SHARED = ("occasion", "held_on", "place", "delegation", "handling", "attribution", "marks")


@pages.route("/activities/margins", methods=["GET", "POST"])
@keeps_draft(undo.DRAFT)
@requires("activities:create")
def index() -> Any:
    """Write down the talks of a meeting, each in a row."""
    viewer, form = access.viewer(), MarginsForm()
    form.read(register(), viewer, queries.gatherings())
    if MORE_ROWS in request.form:
        form.add_rows(MORE)
        return _grid(form)
    sent = doors.submit(form, partial(service.record_round, actor=viewer))
    if sent.done:
        unseen = sum(talk.state_iso3 in viewer.closed for talk in form.command()["talks"])
        return doors.said(_saved(len(form.command()["talks"]), unseen), _page_of(sent.answer.id))
    return _grid(form), sent.status


def _called(doer: Doer) -> str:
    """What somebody who may be charged is called in a row."""
    return doer[1].rpartition(" (")[0] if doer[2] == PEOPLE else doer[1]


def _saved(talks: int, unseen: int) -> str:
    count = "One talk is" if talks == 1 else f"{talks} talks are"
    return f"{count} saved." + (f" Of {unseen}: {KEPT_UNSEEN.removeprefix('Saved. ')}" if unseen else "")


def _grid(form: MarginsForm) -> str:
    known = register()
    meant = {row.meant[0] for row in form.talk_forms() if len(row.meant) == 1}
    return render_template(
        "activities/margins/grid.html",
        form=form,
        near=others_near(meant, access.viewer(), access.today()),
        types=ACTIVITY_TYPES,
        name=known.name_today,
        doers=[_called(one) for one in doers(access.viewer())],
        meetings=[(one.key, one.name_en) for one in queries.meetings_lately(access.today())],
        rounds=queries.latest_rounds(access.viewer()),
        folded=any(form[name].errors or form[name].data not in (form[name].default, "") for name in SHARED[4:]),
        who_by_row=any(row.next_action_who.data or row.next_action_who.errors for row in form.talk_forms()),
        by_row=any(row.handling.data or row.handling.errors for row in form.talk_forms()),
    )


@pages.get("/activities/margins/nearby")
@requires("activities:create")
def nearby() -> Any:
    """Who else is in touch with a State, as the line that stands under it in its row."""
    state = register().state(request.args.get("state", "").upper())
    found = others_near([state.iso3], access.viewer(), access.today())
    return render_template("activities/margins/_near.html", others=found[state.iso3], types=ACTIVITY_TYPES)


@pages.get("/activities/margins/<uuid:round_id>")
@requires("activities:read", opens="talk_round")
def show(round_id: UUID) -> Any:
    """A round with its talks."""
    return _round(round_id)


def _round(round_id: UUID, refused: str = "") -> str:
    viewer, made = access.viewer(), queries.get_round(round_id)
    lines = queries.lines_of(made)
    objection = undo.objection(made, lines, viewer) if viewer.may("activities:create") else undo.NOT_YOURS
    return render_template(
        "activities/margins/round.html",
        made=made,
        lines=lines,
        refused=refused,
        objection=objection,
        undo_until=made.recorded_at + UNDO_WITHIN,
        mine=made.recorded_by_id == viewer.user_id,
        outcomes=OUTCOME.choices,
        obstacles=OBSTACLES,
        handling_labels=HANDLING_LABELS,
        name=register().name_today,
    )


@pages.post("/activities/margins/<uuid:round_id>/undo")
@requires("activities:create", opens="talk_round")
def take_back(round_id: UUID) -> Any:
    """Undo a round: it is a draft again, as it was typed, and stands in the grid."""
    try:
        draft = doors.act(undo.undo_round, actor=access.viewer(), round_id=round_id)
    except RuleViolation as refused:
        return _round(round_id, str(refused)), refused.status
    said = "Undone: the talks are taken back. They stand below as they were typed, as a draft until you save them."
    return doors.said(said, url_for("margins.index", draft=draft))


def _page_of(round_id: UUID) -> str:
    return url_for("margins.show", round_id=round_id)
