"""The imports: one job that goes on with one, and a sweeper for what the queue lost."""

from __future__ import annotations

from uuid import UUID

from celery import Celery
from flask import Flask

from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.jobs import Job
from crm.imports import service, working


def register(celery: Celery, app: Flask) -> None:
    """Name the jobs of the imports."""

    @celery.task(name=Job.WORK_ON_SPREADSHEET.value, shared=False)
    def work_on_spreadsheet(import_id: str) -> None:
        """Read, take over or take back some more lines; opens units of work of its own, one for each batch."""
        with app.app_context(), looking_as(SYSTEM):
            working.work(UUID(import_id))

    @celery.task(name=Job.SWEEP_SPREADSHEETS.value, shared=False)
    def sweep_spreadsheets() -> None:
        """Ask anew for imports that nobody works on, and forget those that are old."""
        with app.app_context(), looking_as(SYSTEM), unit_of_work():
            service.sweep()
            service.tidy()
