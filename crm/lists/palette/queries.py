"""Where a few letters may lead: pages, States, what can be done with them, recent records, saved views."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import url_for
from sqlalchemy import select

from crm.activities.listing import LISTING as ACTIVITIES
from crm.activities.models import Activity
from crm.core.access import Viewer
from crm.core.db import db
from crm.core.listing import listing_of
from crm.core.places import navigation
from crm.followups.listing import LISTING as FOLLOW_UPS
from crm.followups.models import FollowUp
from crm.followups.queries import owed_by
from crm.followups.rules import Status
from crm.lists.queries import views
from crm.states.queries import register
from crm.states.rules import fold

MOST = 12
_DOING = {"log", "plan", "new", "an", "activity", "follow-up", "followup", "with", "about"}
"""Words of the actions, which name no State."""
RECENT = 30
"""How many of one's latest records are looked through."""


@dataclass(frozen=True)
class Candidate:
    """Somewhere to go: what it is called, what kind of thing it is, its address and its icon."""

    label: str
    what: str
    href: str
    icon: str


def candidates(viewer: Viewer, text: str) -> list[Candidate]:
    """What fits the words, the nearest first; without words one's latest records and the pages."""
    words = fold(text).split()
    found: list[Candidate] = []
    if words:
        found += _states(viewer, text)
    else:
        found += _recent(viewer)[:6]
    found += [one for one in _pages() if _fits(one, words)]
    if words:
        found += [one for one in (*_views(viewer), *_recent(viewer)) if _fits(one, words)]
    return found[:MOST]


def _fits(one: Candidate, words: Iterable[str]) -> bool:
    label = fold(f"{one.label} {one.what}")
    return all(word in label for word in words)


def _pages() -> Iterator[Candidate]:
    for place in navigation():
        yield Candidate(place.label, "Page", place.href, place.icon)
    yield Candidate("Your account", "Page", url_for("accounts.account"), "user-circle")


def _states(viewer: Viewer, text: str) -> Iterator[Candidate]:
    """The States that fit, with what can be done with the first; that alone where the words say what is to be done."""
    if not viewer.may("states:read"):
        return
    known, words = register(), fold(text).split()
    doing = [one for one in words if one in _DOING]
    names = " ".join(one for one in words if one not in _DOING)
    for place, iso3 in enumerate(known.search(names)[:5] if names else ()):
        name = known.name_today(iso3)
        if not doing:
            yield Candidate(name, "State", url_for("states.show", iso3=iso3), "world")
        if viewer.works_on(iso3) and (doing or place == 0):
            yield from (one for one in _actions(viewer, iso3, name) if _fits(one, doing))


def _actions(viewer: Viewer, iso3: str, name: str) -> Iterator[Candidate]:
    if viewer.may("activities:create"):
        log, plan = url_for("activities.new", state=iso3), url_for("course.plan", state=iso3)
        yield Candidate(f"Log an activity with {name}", "Action", log, "plus")
        yield Candidate(f"Plan an activity with {name}", "Action", plan, "calendar-plus")
    if viewer.may("followups:write"):
        yield Candidate(
            f"New follow-up about {name}", "Action", url_for("followups.new", state=iso3), "clipboard-check"
        )


def _views(viewer: Viewer) -> Iterator[Candidate]:
    for one in views(viewer):
        listing = listing_of(one.list_key)
        if viewer.may(listing.permission):
            yield Candidate(one.name, f"View of {listing.label}", listing.address(one.query), "table")


def _recent(viewer: Viewer) -> list[Candidate]:
    """What the viewer wrote last, and what they owe."""
    found: list[Candidate] = []
    if viewer.may("activities:read"):
        wrote = select(Activity.id).where(Activity.recorded_by_id == viewer.user_id)
        keys = db.session.scalars(wrote.order_by(Activity.recorded_at.desc(), Activity.id).limit(RECENT)).all()
        for line in ACTIVITIES.lines_of(keys):
            href = url_for("activities.show", activity_id=line.id)
            found.append(Candidate(ACTIVITIES.title(line), "Activity", href, "messages"))
    if viewer.may("followups:read"):
        owes = select(FollowUp.id).where(owed_by(viewer), FollowUp.status == Status.OPEN.value)
        keys = db.session.scalars(owes.order_by(FollowUp.due_on, FollowUp.id).limit(RECENT)).all()
        for owed in FOLLOW_UPS.lines_of(keys):
            href = url_for("followups.show", followup_id=owed.id)
            found.append(Candidate(FOLLOW_UPS.title(owed), "Follow-up", href, "clipboard-check"))
    return found
