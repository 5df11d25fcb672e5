"""States that owe an answer, by region and by age, over what all other parties share: neutral figures."""

from __future__ import annotations

from collections import Counter
from datetime import date

from sqlalchemy import func, select

from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db
from crm.core.suppression import Table, suppressed
from crm.followups.waiting.queries import limits, shared_by_others
from crm.followups.waiting.rules import Age, Waits, age_of, days_waited
from crm.reach.queries import restricted_states
from crm.states.queries import register


def by_region(viewer: Viewer, today: date) -> Table:
    """Regions × ages in numbers of States, each by what waits longest of it.

    What parties keep to themselves, what does not tell its State and restricted States stay out, and so does what the
    asker's own party keeps; figures over fewer than three States are suppressed, see `crm.core.suppression`. Raises
    NotAllowed without `aggregates:read`. Counts as the system: figures go over what the asker may not read.
    """
    viewer.require("aggregates:read")
    known, most = register(), limits()
    with looking_as(SYSTEM):
        one = shared_by_others(viewer, sorted(restricted_states())).subquery().c
        asked = select(one.state_iso3, one.waits, func.min(one.since)).group_by(one.state_iso3, one.waits)
        rows = db.session.execute(asked).all()
    ages = list(Age)
    oldest: dict[str, int] = {}
    for iso3, waits, since in rows:
        age = ages.index(age_of(days_waited(since, today), most[Waits(waits)]))
        oldest[iso3] = max(age, oldest.get(iso3, age))
    counts = Counter((known.state(iso3).region, ages[age].value) for iso3, age in oldest.items())
    regions = sorted({one.region for one in known.states.values()})
    return suppressed(counts, regions, [age.value for age in ages])
