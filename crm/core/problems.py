"""Errors as people and programs read them: a page, or a problem document (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask, Response, current_app, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from crm.core import db, doors
from crm.core.errors import NotAllowed, NotFound, Refusal, RuleViolation

log = structlog.get_logger()
ERROR_PAGES = {400, 403, 404, 409, 413, 422, 429, 500, 503}
RefusalListener = Callable[[Refusal], None]


def register(app: Flask) -> None:
    """Let an application answer errors so."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _crashed)


def wants_json() -> bool:
    """Whether the request came through the JSON door."""
    return request.path.startswith("/api/")


def problem(status: int, detail: str, errors: dict[str, list[str]] | None = None, **more: str) -> Response:
    """An error in the form of RFC 9457; `more` are further members of it."""
    body: dict[str, Any] = {"type": "about:blank", "status": status, "detail": detail, **more}
    if errors:
        body["errors"] = errors
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def _refused(error: Refusal) -> Any:
    errors = error.errors if isinstance(error, RuleViolation) else None
    if isinstance(error, NotAllowed):
        log.info("not_allowed", reason=str(error), endpoint=request.endpoint)
    if isinstance(error, (NotAllowed, NotFound)):
        _tell(error)
    details = {
        401: "Sign in first.",
        403: "This function is not open to you.",
        404: "There is no such page or record.",
        409: "Somebody else has changed this in the meantime.",
    }
    detail = details.get(error.status, str(error))
    if wants_json():
        return problem(error.status, detail, errors)
    return _error_page(error.status, detail)


def _tell(error: Refusal) -> None:
    """Let whoever listens (the audit) know of a refusal, once nothing of the request is left to be written."""
    listener: RefusalListener | None = current_app.extensions.get("refusal_listener")
    if listener:
        listener(error)


def _http_error(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    if error.code == 404:
        return _refused(NotFound(""))
    if wants_json():
        return problem(error.code, error.description or error.name)
    response = _error_page(error.code, error.description or error.name)
    response.headers.extend({k: v for k, v in error.get_headers() if k not in ("Content-Type", "Content-Length")})
    return response


def _crashed(error: Exception) -> Any:
    """Say nothing of the inside; the log has the place but no values."""
    db.db.session.rollback()
    frames = error.__traceback__
    while frames and frames.tb_next:
        frames = frames.tb_next
    where = f"{frames.tb_frame.f_code.co_filename}:{frames.tb_lineno}" if frames else ""
    log.error("crashed", endpoint=request.endpoint, error=type(error).__name__, where=where)
    if current_app.config["RAISE_ERRORS"]:
        raise error
    detail = "Something went wrong on our side. Look whether your change is there before you send it again."
    return problem(500, detail) if wants_json() else _error_page(500, detail)


def _error_page(status: int, detail: str) -> Response:
    nearest = status if status in ERROR_PAGES else (500 if status >= 500 else 400)
    page = render_template(f"errors/{nearest}.html", status=status, message=detail, back=doors.came_from())
    return Response(page, status)
