"""Incoming mail: read one by one, and a sweeper finds what the queue lost."""

from __future__ import annotations

from uuid import UUID

from celery import Celery
from flask import Flask

from crm.capture import reading, setting_aside
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.jobs import Job


def register(celery: Celery, app: Flask) -> None:
    """Name the jobs of incoming mail."""

    @celery.task(name=Job.READ_MAIL.value, shared=False)
    def read_mail(mail_id: str) -> None:
        """Read one mail; opens its own units of work, because the reading stands between them."""
        with app.app_context():
            reading.read(UUID(mail_id))

    @celery.task(name=Job.SWEEP_MAIL.value, shared=False)
    def sweep_mail() -> None:
        """Ask anew for mails that nobody reads."""
        with app.app_context(), looking_as(SYSTEM), unit_of_work():
            setting_aside.sweep()
