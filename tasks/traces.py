"""What the log says of each job: its name, its id, and the request that caused it."""

from __future__ import annotations

import logging
import time
from typing import Any

from celery import Celery, Task
from celery.signals import after_setup_logger, after_setup_task_logger, task_postrun, task_prerun
from flask import Flask

import config
from crm.core import logs
from crm.health import metrics

_BEGAN = "began"
_counting: dict[int, Flask] = {}
"""Whose jobs are counted, by their Celery."""


@task_prerun.connect
def _begin(task_id: str = "", task: Task | None = None, **_: Any) -> None:
    if task is not None:
        task.request.update({_BEGAN: time.monotonic()})
        logs.begin_job(str(task.name), task_id, task.request.get(logs.REQUEST))


@task_postrun.connect
def _end(task: Task | None = None, state: str | None = None, **_: Any) -> None:
    if task is not None and (app := _counting.get(id(task.app))) and (began := task.request.get(_BEGAN)):
        metrics.count_job(app, str(task.name), str(state or "unknown").lower(), time.monotonic() - began)
    logs.end_job()


def _as_lines(logger: logging.Logger, **_: Any) -> None:
    for handler in logger.handlers:
        handler.setFormatter(logs.JsonLines())


def set_up(celery: Celery, app: Flask) -> None:
    """Count the jobs of an application, and let its worker write what the library says in the form of the settings."""
    settings: config.Settings = app.extensions["settings"]
    _counting[id(celery)] = app
    if settings.log_format == "json":
        after_setup_logger.connect(_as_lines)
        after_setup_task_logger.connect(_as_lines)
