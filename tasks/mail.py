"""The outbox, by the clock: drain what is ready, sweep what a lost worker holds."""

from __future__ import annotations

from celery import Celery
from flask import Flask

from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.jobs import Job
from crm.mail import delivery, service


def register(celery: Celery, app: Flask) -> None:
    """Name the jobs of the outbox."""

    @celery.task(shared=False, name=Job.DRAIN_OUTBOX.value)
    def drain_outbox() -> None:
        """Hand over what is ready; opens units of work of its own, with a mail server in between."""
        with app.app_context(), looking_as(SYSTEM):
            delivery.drain()

    @celery.task(shared=False, name=Job.SWEEP_OUTBOX.value)
    def sweep_outbox() -> None:
        """Free what a dead or lost worker holds."""
        with app.app_context(), looking_as(SYSTEM), unit_of_work():
            service.sweep()
