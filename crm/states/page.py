"""What the page of one State holds, for its two doors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask import request, url_for

from crm.core.access import Viewer
from crm.core.errors import NotFound
from crm.states import milestones, timeline
from crm.states.along import TimelineFilter
from crm.states.register import Register
from crm.states.rules import DayRefused, parse_day
from crm.states.timeline import Entry, Timeline, Wanted


@dataclass(frozen=True)
class Line:
    """The timeline of a State as it was asked for; what is pinned stands over it while nothing narrows it."""

    form: TimelineFilter
    wanted: Wanted
    page: Timeline
    pinned: list[Entry]


def line_of(register: Register, iso3: str, viewer: Viewer, today: date, *, strict: bool = False) -> Line:
    """What the address asks for; `strict` (the JSON door) refuses what cannot be read instead of leaving it out.

    Raises NotFound for what is no day to go on from.
    """
    form = TimelineFilter(request.args, meta={"csrf": False})
    form.offer(viewer)
    form.speaks_in_codes = strict
    before = _older_than()
    wanted = form.strict(before=before) if strict else form.wanted(before=before)
    pinned = [] if wanted.narrowed or before else timeline.pinned(iso3, viewer)
    found = timeline.fitting(milestones.entries(register, iso3, today), wanted)
    found += timeline.contributed(iso3, viewer, wanted)
    return Line(form, wanted, timeline.arrange(_marked(found, pinned), before=before), pinned)


def link_to(iso3: str, entry: Entry) -> str:
    """The address of one entry, which stays good: a page of the past begins with its day, however much comes later."""
    ahead = entry.tone != "past" or entry.pin
    before = None if ahead else (entry.date + timedelta(days=1)).isoformat()
    return url_for("states.show", iso3=iso3, before=before, _anchor=entry.anchor)


def _marked(found: list[Entry], pinned: list[Entry]) -> list[Entry]:
    """Without what is pinned: it stands on the page once."""
    above = {one.anchor for one in pinned}
    return [one for one in found if one.anchor not in above]


def _older_than() -> date | None:
    """Where the page of the timeline begins; raises NotFound for what is no day."""
    given = request.args.get("before", "")
    try:
        return parse_day(given) if given else None
    except DayRefused:
        raise NotFound("no such page of the timeline") from None
