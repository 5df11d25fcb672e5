"""From follow-ups to reminders and digests, by the clock."""

from __future__ import annotations

from collections.abc import Callable

from celery import Celery
from flask import Flask

from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.jobs import Job
from crm.followups.reminding import planning


def register(celery: Celery, app: Flask) -> None:
    """Name the job of the planner."""

    @celery.task(shared=False, name=Job.PLAN_REMINDERS.value)
    def plan_due() -> None:
        """Write the reminders of which the time has come, then the digests that wait for them."""
        for step in (planning.plan_due, planning.gather):
            _until_little_is_left(app, step)


def _until_little_is_left(app: Flask, step: Callable[[], int]) -> None:
    """Batch by batch, each batch a unit of work of its own."""
    done = planning.BATCH
    while done == planning.BATCH:
        with app.app_context(), looking_as(SYSTEM), unit_of_work():
            done = step()
