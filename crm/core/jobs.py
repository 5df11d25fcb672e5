"""Job names, and sending them by name after the commit. The row is the truth, the queue is a hint."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import structlog
from celery import Celery
from flask import current_app

from crm.core import logs

log = structlog.get_logger()


class Job(StrEnum):
    """Every job a worker knows; `tasks/` registers exactly these names."""

    DRAIN_OUTBOX = "mail.drain_outbox"
    SWEEP_OUTBOX = "mail.sweep_outbox"
    PLAN_REMINDERS = "reminders.plan_due"
    BREAK_SILENCE = "silence.raise"
    ADVANCE_PLANS = "plans.advance"
    PLAN_INSTRUCTIONS = "instructions.plan_due"
    DRAFT_LETTER = "letters.draft"
    SWEEP_LETTERS = "letters.sweep"
    READ_ATTACHMENT = "files.read"
    SWEEP_ATTACHMENTS = "files.sweep"
    WORK_ON_SPREADSHEET = "imports.work"
    SWEEP_SPREADSHEETS = "imports.sweep"
    READ_MAIL = "capture.read"
    SWEEP_MAIL = "capture.sweep"
    PULSE = "nightly.pulse"
    TIDY = "nightly.tidy"
    SEND_AUDIT_MARK = "nightly.audit_mark"
    TELL_OF_STUCK_MAIL = "nightly.stuck_mail"
    ENTER_REFUSALS = "audit.enter_refusals"


class Wanted(NamedTuple):
    """A job to send: its name and the ids it is about."""

    job: Job
    ids: tuple[str, ...]


_collecting: ContextVar[list[Wanted] | None] = ContextVar("jobs", default=None)


def enqueue(job: Job, *ids: UUID | str) -> None:
    """Ask for a job once the present unit of work has committed; only ids travel, never content."""
    wanted = _collecting.get()
    if wanted is None:
        raise RuntimeError("jobs are enqueued inside a unit of work")
    entry = Wanted(job, tuple(str(one) for one in ids))
    if entry not in wanted[-50:]:
        wanted.append(entry)


@contextmanager
def collected() -> Iterator[list[Wanted]]:
    """Collect the jobs asked for inside; the unit of work owns the list, so a rollback forgets it."""
    wanted: list[Wanted] = []
    token = _collecting.set(wanted)
    try:
        yield wanted
    finally:
        _collecting.reset(token)


PATIENCE = 1.0
"""Seconds that somebody waits for a broker that does not answer; then the sweepers do without it."""

REST = 15.0
"""Seconds in which a broker that did not answer is not asked again by this process."""

_ASLEEP = "broker_asleep_until"


def dispatch(wanted: list[Wanted]) -> None:
    """Send the jobs. A silent broker is logged and never fails the request: the sweepers find the rows."""
    if not wanted:
        return
    if time.monotonic() < current_app.extensions.get(_ASLEEP, 0.0):
        log.warning("jobs_not_sent", count=len(wanted), first=wanted[0].job.value, error="resting")
        return
    celery: Celery = current_app.extensions["celery"]
    hurried = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
    try:
        with celery.connection_for_write(transport_options=hurried) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=PATIENCE)
            producer = celery.amqp.Producer(connection)
            for entry in wanted:
                celery.send_task(
                    entry.job.value, args=entry.ids, headers=logs.carried(), producer=producer, retry=False
                )
    except Exception as error:
        current_app.extensions[_ASLEEP] = time.monotonic() + REST
        log.warning("jobs_not_sent", count=len(wanted), first=wanted[0].job.value, error=type(error).__name__)


def make_celery(redis_url: str) -> Celery:
    """The Celery application, the same for those who send and those who work.

    Late acknowledgement and a visibility time above every time limit: a killed worker's job returns
    once, not twice. Results are not kept: status is read from the database.
    """
    celery = Celery("demarche", broker=redis_url, set_as_current=False)
    celery.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_default_queue="default",
        task_soft_time_limit=600,
        task_time_limit=900,
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "visibility_timeout": 1800,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 2,
            "socket_timeout": 30,
        },
        timezone="UTC",
    )
    return celery
