"""What makes a worker of an application: its jobs, its clock, its settings.

A module of jobs has one function `register(celery, app)`; the body of a job is a unit of work around one
service call, with ids as its only arguments.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from billiard import pool as children
from celery import Celery
from celery.signals import worker_process_init
from flask import Flask
from kombu.entity import Exchange, Queue

from crm.core.db import db
from crm.core.jobs import Job
from tasks import audit, capture, files, imports, instructions, letters, mail, nightly, reminders, traces

MODULES = (audit, capture, files, imports, instructions, letters, mail, nightly, reminders)

EVERY: dict[Job, timedelta] = {
    Job.PLAN_REMINDERS: timedelta(seconds=30),
    Job.BREAK_SILENCE: timedelta(hours=1),
    Job.ADVANCE_PLANS: timedelta(minutes=5),
    Job.PLAN_INSTRUCTIONS: timedelta(seconds=60),
    Job.DRAIN_OUTBOX: timedelta(seconds=30),
    Job.SWEEP_OUTBOX: timedelta(seconds=30),
    Job.PULSE: timedelta(seconds=15),
    Job.SWEEP_LETTERS: timedelta(seconds=60),
    Job.SWEEP_ATTACHMENTS: timedelta(seconds=60),
    Job.SWEEP_SPREADSHEETS: timedelta(seconds=60),
    Job.SWEEP_MAIL: timedelta(seconds=60),
    Job.TIDY: timedelta(hours=6),
    Job.SEND_AUDIT_MARK: timedelta(hours=1),
    Job.TELL_OF_STUCK_MAIL: timedelta(minutes=5),
    Job.ENTER_REFUSALS: timedelta(seconds=60),
}
"""What beat says, and how often. Each is harmless when said twice."""

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a beat of a new installation last spoke."""

PROMPT = "prompt"
"""The queue of what beat says: the worker takes from it in turn with the other, so that a campaign of a
thousand letters delays no reminder."""


LAST_WORD = 2.0
"""Seconds that a child told to end waits for its parent to hear its last result. The library's 30 would
outlast the patience of whoever stops us; a result not heard only means that the job is done once more."""


def equip(app: Flask) -> Celery:
    """Teach the application's Celery its jobs and the settings that only workers and beat need; once is enough."""
    celery: Celery = app.extensions["celery"]
    if EVERY.keys() <= celery.tasks.keys():
        return celery
    celery.conf.update(_settings(app))
    for module in MODULES:
        module.register(celery, app)
    _connect(app)
    traces.set_up(celery, app)
    children.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = round(
        LAST_WORD / children.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_INTERVAL
    )
    return celery


def _settings(app: Flask) -> dict[str, Any]:
    return {
        # Both queues are read by every worker; nothing has to be named on the command line.
        # Each has an exchange of its own: on a shared one every message would stand in both.
        "task_queues": [Queue(name, Exchange(name), routing_key=name) for name in ("default", PROMPT)],
        "beat_schedule": {job.value: _entry(job, pause) for job, pause in EVERY.items()},
        # Beat's own note of when it last spoke belongs to the installation, not to the current folder.
        "beat_schedule_filename": str(app.extensions["settings"].var_dir / "beat-schedule"),
        # Losing sight of the broker must not kill a child that is speaking to a mail server.
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        # A child is renewed now and then: laying out letters leaves memory behind.
        "worker_max_tasks_per_child": 500,
        # Nobody watches the event stream; status is read from the database.
        "worker_send_task_events": False,
        # A broker that comes back, however late, finds the worker still trying.
        "broker_connection_max_retries": None,
    }


def _entry(job: Job, pause: timedelta) -> dict[str, Any]:
    """A word of beat is void when the next one is due: an hour without a worker leaves no heap of them.

    A beat that never spoke before says everything at once, as one does that was away: nobody waits for the
    first sign of life, and what fell due before the first start goes out.
    """
    return {
        "task": job.value,
        "schedule": pause,
        "last_run_at": NEVER,
        "options": {"queue": PROMPT, "expires": pause.total_seconds()},
    }


class _PlacesOnly(logging.Filter):
    """Of a job that failed the log has the kind of error and the place, never the words that were in it."""

    def filter(self, entry: logging.LogRecord) -> bool:
        if entry.exc_info and entry.exc_info[0]:
            kind, _, frames = entry.exc_info
            while frames and frames.tb_next:
                frames = frames.tb_next
            where = f"{frames.tb_frame.f_code.co_filename}:{frames.tb_lineno}" if frames else ""
            known = entry.args if isinstance(entry.args, dict) else {}
            name = known.get("name", "a job")
            entry.msg, entry.args = "%s failed: %s at %s", (name, kind.__name__, where)
            entry.exc_info, entry.exc_text = None, None
        return True


def _connect(app: Flask) -> None:
    logging.getLogger("celery.app.trace").addFilter(_PlacesOnly())

    @worker_process_init.connect(weak=False)
    def fresh_connections(**_: Any) -> None:
        """A connection opened before the fork must not be spoken to by two processes."""
        with app.app_context():
            db.engine.dispose(close=False)
