"""Files: their text is read for the search, and a sweeper finds what the queue lost."""

from __future__ import annotations

from uuid import UUID

from celery import Celery
from flask import Flask

from crm.activities.attachments import reading
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.jobs import Job


def register(celery: Celery, app: Flask) -> None:
    """Name the jobs of the files."""

    @celery.task(name=Job.READ_ATTACHMENT.value, shared=False)
    def read_attachment(attachment_id: str) -> None:
        """Read the text of one file; opens its own units of work, because the reading stands between them."""
        with app.app_context():
            reading.read(UUID(attachment_id))

    @celery.task(name=Job.SWEEP_ATTACHMENTS.value, shared=False)
    def sweep_attachments() -> None:
        """Ask anew for files whose text nobody reads."""
        with app.app_context(), looking_as(SYSTEM), unit_of_work():
            reading.sweep()
