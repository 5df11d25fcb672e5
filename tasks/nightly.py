"""Work that nobody asks for: signs of life, what is over put away, the mark of the day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from celery import Celery, Task
from celery.signals import before_task_publish
from flask import Flask

from crm.accounts import mail_alerts, resets, sessions, witness
from crm.capture import setting_aside
from crm.core import clock, links, repeats
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.heartbeat import Part, beat
from crm.core.jobs import Job
from crm.drafts import service as drafts

SENT_AT = "sent_at"
"""The header in which beat says when it sent the pulse."""


@before_task_publish.connect(sender=Job.PULSE.value)
def stamp(headers: dict[str, Any], **_: Any) -> None:
    """Beat writes down when it sent the pulse; when it is run says nothing about beat."""
    headers[SENT_AT] = clock.now().isoformat()


def register(celery: Celery, app: Flask) -> None:
    """Name the jobs of the clock."""

    @celery.task(shared=False, name=Job.PULSE.value, bind=True)
    def pulse(self: Task) -> None:
        """A worker is alive when it runs this, beat was alive when it sent this."""
        sent_at = self.request.get(SENT_AT)
        with app.app_context(), looking_as(SYSTEM), unit_of_work():
            beat(Part.WORKER)
            if sent_at:
                beat(Part.BEAT, at=datetime.fromisoformat(sent_at))

    @celery.task(shared=False, name=Job.TIDY.value)
    def tidy() -> None:
        """Old sessions, links, failures to sign in, keys of requests, waiting mails and drafts are forgotten."""
        with app.app_context(), looking_as(SYSTEM), unit_of_work():
            sessions.tidy()
            resets.tidy()
            links.tidy()
            repeats.tidy()
            setting_aside.tidy(app.extensions["settings"].waiting_days)
            drafts.tidy(app.extensions["settings"].draft_days)

    @celery.task(shared=False, name=Job.TELL_OF_STUCK_MAIL.value)
    def tell_of_stuck_mail() -> None:
        """Administrators hear of mails that did not go out, once a day however often this is said."""
        with app.app_context(), looking_as(SYSTEM), unit_of_work():
            mail_alerts.tell()

    @celery.task(shared=False, name=Job.SEND_AUDIT_MARK.value)
    def send_audit_mark() -> None:
        """Both offices get the day's mark of the audit, once a day however often this is said."""
        with app.app_context(), looking_as(SYSTEM), unit_of_work():
            witness.send_mark()
