"""Make and end feeds, and give out what one holds."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update

from crm.accounts.events import KeysEnded
from crm.accounts.models import User
from crm.accounts.service import locked_user
from crm.accounts.viewers import viewer_of
from crm.audit.service import Event, record
from crm.calendar import queries
from crm.calendar.ics import Feed
from crm.calendar.models import CalendarFeed
from crm.calendar.rules import FRESH, MOST_FEEDS, Detail, allowed
from crm.core import clock, keys
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db
from crm.core.errors import NotFound, RuleViolation


def make_feed(
    *, actor: Viewer, label: str, detail: Detail = Detail.NEUTRAL, ceiling: Detail = Detail.FULL
) -> tuple[CalendarFeed, str]:
    """A new feed and its secret, which is shown this once. Raises RuleViolation for one feed too many, or for
    more detail than the installation lets a feed have (`ceiling`).
    """
    actor.require("followups:read")
    if actor.user_id is None:
        raise NotFound("no account")
    if allowed(detail, ceiling) is not detail:
        raise RuleViolation("detail", "Feeds of this installation may not say that much.")
    locked_user(actor.user_id)
    if len(queries.feeds_of(actor)) >= MOST_FEEDS:
        raise RuleViolation("", f"You have {MOST_FEEDS} feeds. End one that you no longer use first.")
    token = keys.draw()
    feed = CalendarFeed(user_id=actor.user_id, label=label, detail=detail.value, sha256=keys.digest(token))
    db.session.add(feed)
    db.session.flush()
    record(Event.CALENDAR_FEED_MADE, actor=actor, subject=("calendar_feed", feed.id), detail=detail.value)
    return feed, token


def end_feed(*, actor: Viewer, feed_id: UUID) -> None:
    """End a feed of one's own at once; ending it twice changes nothing."""
    feed = db.session.scalar(
        select(CalendarFeed).where(CalendarFeed.id == feed_id, CalendarFeed.user_id == actor.user_id)
    )
    if feed is None:
        raise NotFound("no such feed")
    if feed.ended_at is None:
        feed.ended_at = clock.now()
        record(Event.CALENDAR_FEED_ENDED, actor=actor, subject=("calendar_feed", feed.id), feeds=1)


def end_feeds_of(ended_keys: KeysEnded) -> None:
    """No key to an account is good any more: its feeds end for good.

    Works as the system: whoever closes an account does not see its feeds.
    """
    with looking_as(SYSTEM):
        user = db.session.get_one(User, ended_keys.user_id)
        ended = db.session.execute(
            update(CalendarFeed)
            .where(CalendarFeed.user_id == ended_keys.user_id, CalendarFeed.ended_at.is_(None))
            .values(ended_at=clock.now())
            .execution_options(synchronize_session=False)
        ).rowcount  # type: ignore[attr-defined]
    if ended:
        record(
            Event.CALENDAR_FEED_ENDED,
            actor=SYSTEM,
            subject=("user", user.id),
            originator_id=user.party_id,
            feeds=ended,
        )


def fetch(token: str, *, ceiling: Detail) -> Feed:
    """What a calendar program gets for a secret, by the rights that its owner has at this moment.

    Raises NotFound for a secret that is not or no longer good, and for an owner who may not read follow-ups. Looks
    as the system until the owner is known: a calendar program has no account here.
    """
    found = queries.feed_behind(token)
    if found is None:
        raise NotFound("no such feed")
    feed, user = found
    with looking_as(SYSTEM):
        owner = viewer_of(user)
    if owner.user_id is None or not owner.may("followups:read"):
        raise NotFound("no such feed")
    with looking_as(owner):
        today = clock.today(owner.time_zone)
        return Feed(
            id=feed.id,
            detail=allowed(Detail(feed.detail), ceiling),
            due=tuple(queries.due_entries(owner, today)),
            meetings=tuple(queries.meeting_entries(today)) if owner.may("meetings:read") else (),
            planned=tuple(queries.planned_entries(owner, today)) if owner.may("activities:read") else (),
            stamped_at=clock.now(),
            is_first_for_a_while=feed.fetched_at is None or clock.now() - feed.fetched_at >= FRESH,
        )


def note_fetch(feed_id: UUID) -> None:
    """Write down that a feed is used. Works as the system: a calendar program has no account here."""
    with looking_as(SYSTEM):
        db.session.execute(
            update(CalendarFeed)
            .where(CalendarFeed.id == feed_id)
            .values(fetched_at=clock.now())
            .execution_options(synchronize_session=False)
        )
