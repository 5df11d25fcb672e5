"""What goes into every line of the logs: which request or which job it belongs to. Never what anybody wrote.

A request has an id of its own, or the one that a proxy in front gave it; what it asks of the worker carries it along,
so that a line of a job leads back to the request that caused it.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from typing import Any

import structlog
from flask import Response, current_app, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

import config

HEADER = "X-Request-ID"
REQUEST = "request_id"
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,63}")


def set_up(settings: config.Settings) -> None:
    """Write lines of JSON where the settings say so; else lines for people, which is what the library does."""
    if settings.log_format != "json":
        return
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        cache_logger_on_first_use=False,
    )


def begin_request() -> None:
    """Name the present request in every line from here on. Only a proxy that is trusted may have named it."""
    clear_contextvars()
    settings: config.Settings = current_app.extensions["settings"]
    given = request.headers.get(HEADER, "") if settings.trusted_proxies else ""
    g.request_id = given if _WELL_FORMED.fullmatch(given) else secrets.token_hex(16)
    bind_contextvars(request_id=g.request_id)


def answer(response: Response) -> Response:
    """Tell the id to whoever asked, so that they can name it."""
    if name := g.get(REQUEST):
        response.headers[HEADER] = name
    return response


def carried() -> dict[str, str]:
    """What a job is told of the request that wants it."""
    name = get_contextvars().get(REQUEST)
    return {REQUEST: name} if isinstance(name, str) else {}


def begin_job(name: str, key: str, caused_by: object) -> None:
    """Name the present job in every line from here on, and the request that caused it."""
    clear_contextvars()
    bind_contextvars(job=name, job_id=key)
    if isinstance(caused_by, str) and _WELL_FORMED.fullmatch(caused_by):
        bind_contextvars(request_id=caused_by)


def end_job() -> None:
    """The job is over."""
    clear_contextvars()


class JsonLines(logging.Formatter):
    """What libraries say, as the same lines. Of an error the kind alone: its words may be somebody's."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            **get_contextvars(),
            "event": record.getMessage(),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": structlog.processors.TimeStamper(fmt="iso", utc=True)(None, "", {})["timestamp"],
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False)
