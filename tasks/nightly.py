"""Work that nobody asks for: signs of life."""

from __future__ import annotations

from datetime import datetime

from celery import Celery, Task
from flask import Flask

from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.heartbeat import Part, beat
from crm.core.jobs import Job

SENT_AT = "sent_at"
"""The header in which beat says when it sent the pulse."""


def register(celery: Celery, app: Flask) -> None:
    """Name the job of the pulse."""

    @celery.task(name=Job.PULSE.value, bind=True)
    def pulse(self: Task) -> None:
        """A worker is alive when it runs this, beat was alive when it sent this."""
        sent_at = self.request.get(SENT_AT)
        with app.app_context(), looking_as(SYSTEM), unit_of_work():
            beat(Part.WORKER)
            if sent_at:
                beat(Part.BEAT, at=datetime.fromisoformat(sent_at))
