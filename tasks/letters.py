"""The letters: one job each, and a sweeper for what the queue lost."""

from __future__ import annotations

from uuid import UUID

from celery import Celery
from flask import Flask

from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.jobs import Job
from crm.letters import drafting, service


def register(celery: Celery, app: Flask) -> None:
    """Name the jobs of the letters."""

    @celery.task(name=Job.DRAFT_LETTER.value, shared=False)
    def draft_letter(letter_id: str) -> None:
        """Draft one letter; opens its own units of work, because the layout stands between them."""
        with app.app_context(), looking_as(SYSTEM):
            drafting.draft(UUID(letter_id))

    @celery.task(name=Job.SWEEP_LETTERS.value, shared=False)
    def sweep_letters() -> None:
        """Ask anew for letters that nobody drafts."""
        with app.app_context(), looking_as(SYSTEM), unit_of_work():
            service.sweep_waiting_letters()
