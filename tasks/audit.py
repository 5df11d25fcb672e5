"""The audit, by the clock: what was refused becomes entries."""

from __future__ import annotations

from celery import Celery
from flask import Flask

from crm.audit import denials
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.jobs import Job


def register(celery: Celery, app: Flask) -> None:
    """Name the job of the audit."""

    @celery.task(shared=False, name=Job.ENTER_REFUSALS.value)
    def enter_refusals() -> None:
        """Enter what was refused since the last time."""
        with app.app_context(), looking_as(SYSTEM), unit_of_work():
            denials.enter()
