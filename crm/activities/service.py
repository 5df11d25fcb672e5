"""Record what happened."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from crm.activities import writing
from crm.activities.models import Activity
from crm.activities.report import Occasion, Report
from crm.activities.rules import Status
from crm.core.access import Handling, Viewer


def record_activity(*, actor: Viewer, sample: bool = False, round_id: UUID | None = None, **told: Any) -> Activity:
    """Write down an approach as reported, told as a `Report` says, as one of a round where there is one.

    Announces ActivityRecorded.

    Raises NotAllowed without `activities:create`, RuleViolation naming the field that is wrong.
    """
    report = Report(**told)
    with writing.about(report, actor):
        activity = writing.begin(actor, report, Status.REPORTED, sample=sample, round_id=round_id)
        writing.follow(actor, activity, report)
    return activity


def record_reference(
    *,
    actor: Viewer,
    kind: str,
    state_iso3: str,
    held_on: date,
    report_ref: str,
    marks: str = "",
    handling: Handling = Handling.ORIGINATOR,
    sample: bool = False,
) -> Activity:
    """Write down that something happened and where its report lies, and nothing of what was said.

    For what may not be kept here: above the ceiling of the installation, or because its party wants it so.
    Raises as `record_activity` does.
    """
    told = Occasion(
        kind=kind, state_iso3=state_iso3, held_on=held_on, report_ref=report_ref, marks=marks, handling=handling
    )
    with writing.about(told, actor):
        activity = writing.begin(actor, told, Status.REPORTED, sample=sample, content=False)
        writing.announce(actor, activity)
    return activity
