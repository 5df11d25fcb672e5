"""The page of one's own feeds, and the feeds themselves."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, Response, current_app, render_template, url_for

import config
from crm.accounts.here import with_this_key
from crm.calendar import queries, service
from crm.calendar.forms import DETAIL_LABELS, FeedForm
from crm.calendar.ics import as_ics
from crm.calendar.rules import MOST_FEEDS, Detail
from crm.core import access, doors
from crm.core.db import unit_of_work
from crm.core.routes import fresh, public, requires

pages = Blueprint("calendar", __name__)


def _settings() -> config.Settings:
    found: config.Settings = current_app.extensions["settings"]
    return found


def ceiling() -> Detail:
    """The most that a feed of this installation says."""
    return Detail(_settings().calendar_detail)


def address_of(token: str) -> str:
    """The whole address that a calendar program is given, on the name that readers type."""
    return f"{_settings().public_url}{url_for('calendar.feed', token=token)}"


@pages.route("/calendar", methods=["GET", "POST"])
@fresh
@requires("followups:read")
def index() -> Any:
    """My feeds: make one, see when each was fetched, end one."""
    viewer, form, made = access.viewer(), FeedForm(), None
    form.offer(ceiling())
    sent = doors.submit(form, partial(with_this_key, service.make_feed, actor=viewer, ceiling=ceiling()))
    if sent.done:
        _, token = sent.answer
        made, form = address_of(token), FeedForm(formdata=None)
        form.offer(ceiling())
    feeds = queries.feeds_of(viewer)
    page = render_template(
        "calendar/index.html",
        form=form,
        feeds=feeds,
        fresh=made,
        full=len(feeds) >= MOST_FEEDS,
        most=MOST_FEEDS,
        detail_labels=DETAIL_LABELS,
        says={one.id: min(Detail(one.detail), ceiling(), key=lambda detail: detail.rank).value for one in feeds},
    )
    return page, 422 if form.errors or form.form_errors else 200


@pages.post("/calendar/<uuid:feed_id>/end")
@requires("followups:read")
def end(feed_id: UUID) -> Any:
    """End one of my feeds."""
    doors.act(service.end_feed, actor=access.viewer(), feed_id=feed_id)
    return doors.said("The feed has ended: its address opens nothing any more.", url_for("calendar.index"))


@pages.get("/calendar/<string:token>.ics")
@public
def feed(token: str) -> Response:
    """What a calendar program fetches. The secret in the address is the whole key, so nobody signs in here.

    No mark of the content (ETag) is sent: whoever is not to have a feed learns nothing from it.
    """
    found = service.fetch(token, ceiling=ceiling())
    if found.is_first_for_a_while:
        with unit_of_work():
            service.note_fetch(found.id)
    public_url = _settings().public_url
    body = as_ics(
        found,
        address_of=lambda key: f"{public_url}{url_for('followups.show', followup_id=key)}",
        planned_at=lambda key: f"{public_url}{url_for('activities.show', activity_id=key)}",
        host=urlsplit(public_url).hostname or "demarche",
    )
    response = Response(body, mimetype="text/calendar")
    response.headers["Content-Disposition"] = 'inline; filename="demarche.ics"'
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
