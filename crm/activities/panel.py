"""Last contact, who else is near and whom to call, for the page of a State."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import select

from crm.activities.models import Activity, ActivityPerson, ActivityState
from crm.activities.nearby import Contact, contacts_with
from crm.activities.rules import HAPPENED
from crm.activities.types import ACTIVITY_TYPES
from crm.core import access
from crm.core.access import Viewer
from crm.core.days import ago
from crm.core.db import db
from crm.core.display import day
from crm.people.queries import Holder, holder_on
from crm.people.rules import OfficeKind, level_in_words
from crm.states.panels import Glance, Panel, PanelRow

SILENT_DAYS = 365
"""After so many days without a contact a State is one where nothing happens."""


def contact(state_iso3: str, viewer: Viewer) -> Iterator[Panel | Glance]:
    """The newest contact of any party, what others did lately or plan, and whom to call, as far as visible."""
    if not viewer.may("activities:read"):
        return
    today = access.today()
    found = contacts_with(state_iso3, viewer, today)
    every = url_for("activities.index", state=state_iso3)
    yield _last(found.last, today, every)
    if found.others:
        rows = tuple(_row("Planned" if one.ahead else "Lately", one) for one in found.nearest)
        rows += (PanelRow("Also", found.further, every),) if found.further else ()
        yield Panel("Others are in touch", rows, href=every, link_label="All activities", guard=True)
    yield whom_to_call(state_iso3, viewer, today)


def _last(last: Contact | None, today: date, every: str) -> Glance:
    if last is None:
        return Glance("Last contact", "None", "None that you may see", tone="warn", place=10)
    silent = last.days_off(today) > SILENT_DAYS
    age = ago(last.held_on, today, last.precision)
    return Glance(
        "Last contact",
        age[:1].upper() + age[1:],
        _in_words(last),
        url_for("activities.show", activity_id=last.id),
        tone="warn" if silent else "",
        place=10,
    )


def _in_words(one: Contact) -> str:
    whose = f", {one.who}" if one.who and not one.mine else ""
    return f"{day(one.held_on, one.precision)}: {ACTIVITY_TYPES[one.kind].label.lower()}{whose}"


def _row(label: str, one: Contact) -> PanelRow:
    return PanelRow(label, _in_words(one), url_for("activities.show", activity_id=one.id))


def last_met(state_iso3: str) -> Any:
    """Who of a State was met last and may be named to the viewer: name, title, level, day, activity; None if nobody."""
    wanted: Any = select(
        ActivityPerson.name, ActivityPerson.title, ActivityPerson.level, ActivityPerson.level_other,
        Activity.held_on, Activity.precision, Activity.id,
    )  # fmt: skip
    wanted = (
        wanted.select_from(ActivityState)
        .join(Activity, Activity.id == ActivityState.activity_id)
        .join(ActivityPerson, ActivityPerson.activity_id == Activity.id)
        .where(ActivityState.state_iso3 == state_iso3, Activity.status.in_(sorted(HAPPENED)))
        .order_by(ActivityState.held_on.desc(), ActivityState.activity_id, ActivityPerson.name)
    )
    return db.session.execute(wanted.limit(1)).first()


def whom_to_call(state_iso3: str, viewer: Viewer, today: date) -> Glance:
    """The person met last, else the Foreign Minister in office."""
    met = last_met(state_iso3)
    if met is not None:
        title = met.title or met.level_other or level_in_words(met.level)
        page = url_for("activities.show", activity_id=met.id)
        met_when = f"{title}, met" if title else "Met"
        note = f"{met_when} {ago(met.held_on, today, met.precision)}"
        return Glance("Whom to call", met.name, note, page, place=30)
    holder = holder_on(state_iso3, OfficeKind.FOREIGN_MINISTER, today) if viewer.may("people:read") else None
    page = url_for("people.office", iso3=state_iso3, kind=OfficeKind.FOREIGN_MINISTER.value)
    if holder is None:
        return Glance("Whom to call", "Not known", "Nobody met yet, no Foreign Minister recorded", page, "warn", 30)
    return Glance("Whom to call", holder.name, f"{holder.titles['en']}, {verified(holder, today)}", page, place=30)


def verified(holder: Holder, today: date) -> str:
    """When somebody last looked whether a person is still in office, in words."""
    return f"verified {ago(holder.verified_on, today)}" if holder.verified_on else "never verified"
