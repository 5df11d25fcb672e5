"""From instructions whose day has come to reminders, by the clock."""

from __future__ import annotations

from celery import Celery
from flask import Flask

from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.jobs import Job
from crm.instructions import notices


def register(celery: Celery, app: Flask) -> None:
    """Name the job of the planner."""

    @celery.task(shared=False, name=Job.PLAN_INSTRUCTIONS.value)
    def plan_due() -> None:
        """Write the reminders that are due, batch by batch, each batch a unit of work of its own."""
        planned = notices.BATCH
        while planned == notices.BATCH:
            with app.app_context(), looking_as(SYSTEM), unit_of_work():
                planned = notices.plan_due()
