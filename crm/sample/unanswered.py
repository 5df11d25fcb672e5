"""What waits for an answer in the sample: one of each age, and one that was answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crm.accounts.models import Role
from crm.activities.course import service as course
from crm.activities.rules import Status
from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.followups.waiting import service
from crm.followups.waiting.rules import Came

LETTER = "Co-signed letter on the way to the next Meeting of States Parties"
SENT: tuple[tuple[str, str, int, dict[str, Any]], ...] = (
    ("cosigned_letter", "FSM", 9, {"occasion": LETTER}),
    ("cosigned_letter", "SLB", 47, {"occasion": LETTER}),
    ("questionnaire", "THA", 62, {"occasion": "Questionnaire on obstacles", "details": {"contact": "sent"}}),
    ("cosigned_letter", "ARE", 190, {"occasion": LETTER}),
    ("demarche", "SGP", 38, {"details": {"aim": "information_seeking"}}),
    ("cosigned_letter", "JAM", 95, {"occasion": LETTER}),
)
"""What went out: kind, State, so many days ago, and what is told of it."""

RECEIVED, ANSWERED = "SLB", "JAM"
"""Whose receipt was acknowledged ten days later, and who answered after fifty days."""


def send(people: dict[Role, Viewer]) -> None:
    """Write them down as delivered, with what came back. Looks as the system, as all that fills the sample."""
    coordinator, today = people[Role.COORDINATOR], clock.today()
    with looking_as(SYSTEM):
        for kind, iso3, days, told in SENT:
            sent = course.plan_activity(
                actor=coordinator,
                kind=kind,
                state_iso3=iso3,
                held_on=today - timedelta(days=days),
                handling=Handling.STATES,
                sample=True,
                **told,
            )
            course.take_step(actor=coordinator, activity_id=sent.id, status=Status.DELIVERED)
            if iso3 == RECEIVED:
                _note(coordinator, sent.id, days - 10, Came.RECEIPT, "Acknowledged by note verbale")
            if iso3 == ANSWERED:
                _note(coordinator, sent.id, days - 50, Came.ANSWER, "By letter; the bill waits behind others")


def _note(actor: Viewer, activity_id: Any, days: int, came: Came, note: str) -> None:
    on = clock.today() - timedelta(days=days)
    service.take(actor=actor, activity_id=activity_id, on=on, came=came, note=note)
