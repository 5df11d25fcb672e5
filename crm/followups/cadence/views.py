"""The page of the cadences: after how many days of silence somebody gets in touch, and where it is time."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for

from crm.activities.writing import KEPT_UNSEEN
from crm.core import access, clock, doors
from crm.core.lists import count_in_words, counted, page_of
from crm.core.routes import requires
from crm.followups.cadence import queries, service
from crm.followups.cadence.forms import CadenceForm, about_in_words
from crm.followups.cadence.listing import LISTING, in_words
from crm.followups.cadence.rules import Scope
from crm.states.queries import register

pages = Blueprint("cadence", __name__)


@pages.route("/cadences", methods=["GET", "POST"])
@requires("followups:read")
def index() -> Any:
    """The cadences of one's party, a form for those who coordinate, and the States that were silent for long."""
    viewer = access.viewer()
    today = clock.today(viewer.time_zone)
    form = CadenceForm()
    form.offer()
    if form.is_submitted():
        viewer.require("followups:take_over")
    sent = doors.submit(form, partial(service.keep, actor=viewer))
    if sent.done:
        closed = form.about.data in {f"{Scope.STATE.value}:{one}" for one in viewer.closed}
        return doors.said(KEPT_UNSEEN if closed else "Saved.", url_for("cadence.index"))
    listed = LISTING.filters(request.args)
    asked = LISTING.question(listed, False)
    usual = queries.usual(viewer.party_id)
    page = render_template(
        "followups/cadence/index.html",
        form=listed,
        page=page_of(asked, cursor=request.args.get("after")),
        counted=count_in_words(counted(asked), LISTING.one, LISTING.many),
        columns=listed.shown_columns(),
        listing=LISTING,
        filtered=listed.narrowed(),
        stands=in_words,
        keep=form,
        cadences=queries.cadences(),
        usual=usual[0].days if usual else 0,
        in_words=about_in_words,
        name=partial(register().name, on=today),
    )
    return page, sent.status


@pages.post("/cadences/<uuid:cadence_id>/end")
@requires("followups:take_over")
def end(cadence_id: UUID) -> Any:
    """No longer."""
    doors.act(service.end, actor=access.viewer(), cadence_id=cadence_id)
    return doors.said("Ended. What it raised stays.", url_for("cadence.index"))
