"""Is it alive, is it ready: for machines as JSON, for administrators as a page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, render_template

from crm.capture import addresses, setting_aside
from crm.core.errors import NotFound
from crm.core.heartbeat import Part, signs
from crm.core.routes import public, requires
from crm.health import metrics, queries
from crm.health.rules import CheckState
from crm.mail.queries import delivery_trouble, tallies

pages = Blueprint("health", __name__)

LABELS = {
    "database": ("Database", "Answers a question", "Nothing works without it."),
    "broker": (
        "Passing on of work",
        "Answers a question",
        "Work waits in the database; nothing is lost.",
    ),
    "worker": ("Work in the background", "Last sign of life", "Reminders and letters wait until it runs again."),
    "beat": ("Clock", "Last sign of life", "Nothing falls due by itself until it runs again."),
    "mail": ("Outgoing mail", "Oldest mail that is due and unsent", "Mail waits and goes out by itself."),
    "receiver": ("Incoming mail", "Last sign of life", "The mail server in front keeps mail until it runs again."),
    "wall": (
        "Protection in the database",
        "Its rules",
        "The software alone decides what each reader sees. See “The second wall” in the operations guide.",
    ),
}


@pages.get("/healthz")
@public
def alive() -> Any:
    """This process answers. Asks nobody else, so a proxy may ask every second."""
    return jsonify({"state": CheckState.OK.value})


@pages.get("/readyz")
@public
def ready() -> Any:
    """Every part with its state and age; 503 as soon as one does not do its work."""
    found = queries.checks()
    good = all(one.good for one in found)
    body = {
        "state": (CheckState.OK if good else CheckState.FAILED).value,
        "checks": {one.name: one.as_json() for one in found},
    }
    return jsonify(body), 200 if good else 503


@pages.get("/metrics")
@public
def figures() -> Any:
    """The figures of the installation for whoever brings the token of the settings; nobody else finds a page here."""
    if not metrics.may_read():
        raise NotFound("no such page")
    return Response(metrics.written(), content_type=metrics.MEDIA_TYPE)


@pages.get("/health")
@requires("health:read")
def page() -> Any:
    """The same for people, with what it means."""
    found = queries.checks()
    answers = found[0].good
    return render_template(
        "health/page.html",
        checks=found,
        walled=any(one.name == "wall" for one in found) or not answers,
        good=all(one.good for one in found),
        labels=LABELS,
        takes_mail=addresses.is_on(),
        unread=setting_aside.unread() if answers else 0,
        aside=setting_aside.aside() if answers else [],
        tallies=tallies() if answers else {},
        trouble=delivery_trouble() if answers else None,
        refused=signs().get(Part.RELAY_REFUSED) if answers else None,
        answered=signs().get(Part.RELAY) if answers else None,
    )
