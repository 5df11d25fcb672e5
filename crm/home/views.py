"""The first page."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, render_template

from crm.activities.types import ACTIVITY_TYPES
from crm.capture.queries import number_waiting
from crm.core import access, clock
from crm.core.routes import signed_in
from crm.followups.cadence.queries import soon_over
from crm.followups.plans.queries import waiting_for
from crm.followups.queries import no_longer_mine
from crm.followups.waiting.queries import oldest
from crm.home import queries
from crm.instructions.queries import instructed_to, not_reminded
from crm.instructions.rules import LATE_LABELS, STANDING_LABELS
from crm.mail.queries import delivery_trouble
from crm.sharing.queries import asked_by_us, to_answer
from crm.states.queries import register

pages = Blueprint("home", __name__)


@pages.get("/")
@signed_in
def today() -> Any:
    """Today: what I owe, what runs, what is new, and where the Convention stands."""
    viewer = access.viewer()
    day = clock.today(viewer.time_zone)
    known = register()
    return render_template(
        "home/today.html",
        queue=queries.my_queue(viewer, day) if viewer.may("followups:read") else None,
        no_longer_mine=no_longer_mine(viewer) if viewer.may("followups:read") else 0,
        silences=soon_over(viewer, day, 5),
        unanswered=oldest(viewer, day, 5) if viewer.may("followups:read") else [],
        plans_waiting=waiting_for(viewer),
        to_answer=to_answer(viewer),
        asked_by_us=asked_by_us(viewer),
        instructed=instructed_to(viewer, day),
        not_reminded=not_reminded(viewer),
        standing_labels=STANDING_LABELS,
        late_labels=LATE_LABELS,
        waiting=number_waiting(viewer),
        campaigns=queries.running_campaigns() if viewer.may("letters:read") else [],
        latest=queries.latest_activities(viewer, day),
        counts=known.counts(day),
        types=ACTIVITY_TYPES,
        name=partial(known.name, on=day),
        day=day,
        trouble=delivery_trouble() if viewer.may("followups:read") or viewer.may("outbox:read") else None,
    )
