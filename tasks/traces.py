"""What the log says of each job: its name, its id, and the request that caused it."""

from __future__ import annotations

import logging
from typing import Any

from celery import Task
from celery.signals import after_setup_logger, after_setup_task_logger, task_postrun, task_prerun

import config
from crm.core import logs


@task_prerun.connect
def _begin(task_id: str = "", task: Task | None = None, **_: Any) -> None:
    if task is not None:
        logs.begin_job(str(task.name), task_id, task.request.get(logs.REQUEST))


@task_postrun.connect
def _end(**_: Any) -> None:
    logs.end_job()


def _as_lines(logger: logging.Logger, **_: Any) -> None:
    for handler in logger.handlers:
        handler.setFormatter(logs.JsonLines())


def set_up(settings: config.Settings) -> None:
    """Let the worker write what the library says in the form of the settings, too."""
    if settings.log_format == "json":
        after_setup_logger.connect(_as_lines)
        after_setup_task_logger.connect(_as_lines)
