"""From follow-ups to reminders and digests, by the clock."""

from __future__ import annotations

from collections.abc import Callable

from celery import Celery
from flask import Flask

from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.jobs import Job
from crm.followups.cadence import raising
from crm.followups.plans import advancing
from crm.followups.reminding import planning


def register(celery: Celery, app: Flask) -> None:
    """Name the jobs of the planner."""

    @celery.task(shared=False, name=Job.PLAN_REMINDERS.value)
    def plan_due() -> None:
        """Write the reminders of which the time has come, then the digests that wait for them."""
        for step in (planning.plan_due, planning.gather):
            _until_little_is_left(app, step)

    @celery.task(shared=False, name=Job.BREAK_SILENCE.value)
    def break_silence() -> None:
        """Raise what silence raises, party by party, each in a unit of work of its own."""
        with app.app_context(), looking_as(SYSTEM):
            parties = raising.parties()
        for party_id in parties:
            with app.app_context(), looking_as(SYSTEM), unit_of_work():
                raising.raise_for(party_id)

    @celery.task(shared=False, name=Job.ADVANCE_PLANS.value)
    def advance_plans() -> None:
        """Let plans go on, batch by batch, each batch a unit of work of its own."""
        after, begun = None, True
        while after is not None or begun:
            with app.app_context(), looking_as(SYSTEM), unit_of_work():
                after, begun = advancing.advance(after), False


def _until_little_is_left(app: Flask, step: Callable[[], int]) -> None:
    """Batch by batch, each batch a unit of work of its own."""
    done = planning.BATCH
    while done == planning.BATCH:
        with app.app_context(), looking_as(SYSTEM), unit_of_work():
            done = step()
