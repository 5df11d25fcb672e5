"""The JSON door to one's own feeds: the same form, the same verbs."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify

from crm.accounts.here import with_this_key
from crm.calendar import queries, service
from crm.calendar.forms import FeedForm
from crm.calendar.models import CalendarFeed
from crm.calendar.views import address_of, ceiling
from crm.core import access, doors
from crm.core.doors import ActionForm
from crm.core.routes import fresh, requires

api = Blueprint("calendar_api", __name__, url_prefix="/api/v1")


def _record(feed: CalendarFeed) -> dict[str, Any]:
    return {
        "id": str(feed.id),
        "label": feed.label,
        "detail": feed.detail,
        "made_at": feed.made_at.isoformat(),
        "fetched_at": feed.fetched_at.isoformat() if feed.fetched_at else None,
    }


@api.get("/calendar-feeds")
@requires("followups:read")
def index() -> Any:
    """My feeds, without their addresses: those were shown when they were made."""
    return jsonify({"items": [_record(one) for one in queries.feeds_of(access.viewer())]})


@api.post("/calendar-feeds")
@fresh
@requires("followups:read")
def make() -> Any:
    """A new feed; 201 with its `address`, which is not shown again."""
    feed, token = doors.submit_json(
        FeedForm,
        partial(with_this_key, service.make_feed, actor=access.viewer(), ceiling=ceiling()),
        prepare=lambda form: form.offer(ceiling()),
    )
    return jsonify({**_record(feed), "address": address_of(token)}), 201


@api.post("/calendar-feeds/<uuid:feed_id>/end")
@requires("followups:read")
def end(feed_id: UUID) -> Any:
    """End one of my feeds; those that are left."""
    doors.submit_json(ActionForm, partial(service.end_feed, actor=access.viewer(), feed_id=feed_id))
    return index()
