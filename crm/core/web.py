"""The web edge: what is asked of every request before its route runs.

What a route demands it declares by `routes`; what goes with every answer stands in `headers`, how errors read
in `problems`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import IO, Any
from urllib.parse import urlsplit

import flask
from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask_wtf.csrf import validate_csrf
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.sansio.utils import host_is_trusted
from wtforms import ValidationError

import config
from crm.core import access, db, doors, handed_back, headers, logs, places, problems, steps
from crm.core.errors import NotFound, NotOurs
from crm.core.problems import problem, wants_json
from crm.core.routes import Access, access_of
from crm.core.steps import Due

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
FORM_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data"}
BESIDE_THE_FILE = 64 * 1024
MOST_DRAINED = 64 * 1024 * 1024
ViewerLoader = Callable[[], access.Viewer]


class Request(flask.Request):
    """A request that can let go of files of which only a part has come: nobody else knows of them then."""

    # The library offers this name for overriding and no public one; a stream knows its request nowhere else.
    def _get_file_stream(self, *given: Any, **named: Any) -> IO[bytes]:
        stream = super()._get_file_stream(*given, **named)
        self.__dict__.setdefault("_begun", []).append(stream)
        return stream

    def drop_half_read(self) -> None:
        """Close what was begun, and with it what of it went to the disk."""
        for stream in self.__dict__.pop("_begun", ()):
            stream.close()


def register(app: Flask, load_viewer: ViewerLoader, known: list[places.Place]) -> None:
    """Hang the edge onto an application; `known` are the places of its navigation.

    Who comes is looked up as the system: until that is known nobody looks.
    """
    app.extensions["places"] = known
    app.request_class = Request

    @app.before_request
    def guard() -> Any:
        logs.begin_request()
        g.csp_nonce = secrets.token_urlsafe(16)
        if not _asked_for_here():
            return Response("This site is not known under that name.\n", 400, mimetype="text/plain")
        access.look_as(access.ANONYMOUS)
        _refuse_unreadable()
        _read_to_the_end()
        # A unit of work alone takes the lock for writing: who is there and what they sent is looked at without it.
        db.expect_writes(False)
        with access.looking_as(access.SYSTEM):
            someone = load_viewer()
        access.look_as(someone)
        _refuse_cross_site()
        return _check_access(app, someone)

    app.after_request(headers.add)
    app.after_request(logs.answer)
    problems.register(app)
    app.jinja_env.globals.update(
        asset_url=headers.asset_url,
        csp_nonce=lambda: g.get("csp_nonce", ""),
        navigation=places.navigation,
        echo=handed_back.ECHO,
        action_field=handed_back.ACTION,
    )


def _asked_for_here() -> bool:
    """Whether the request names this site by one of its own names: whoever names another means a link to be
    built from it. Asked before anything else, so that no page and no cache ever sees the name.
    """
    known: config.Settings = current_app.extensions["settings"]
    return host_is_trusted(request.environ.get("HTTP_HOST", "").lower(), known.hosts)


def _refuse_unreadable() -> None:
    """No address of ours holds a control character, and PostgreSQL keeps no NUL."""
    if any(ord(char) < 32 for char in request.path):
        raise NotFound("no such address")


def _read_to_the_end() -> None:
    """Take in what is sent before the database is asked anything: a slow sender must not hold its locks."""
    if request.method in SAFE_METHODS:
        return
    try:
        if request.mimetype in FORM_TYPES:
            _let_large_files_pass()
            request.form  # noqa: B018 - reading it is the point
        else:
            request.get_data(cache=True)
    except RequestEntityTooLarge:
        _drain()
        raise
    finally:
        # The library puts the files there once the form has come whole; asking for them would read on.
        if isinstance(request, Request) and "files" not in request.__dict__:
            request.drop_half_read()


def _let_large_files_pass() -> None:
    """A form with a large file goes to the disk as it comes; whatever is held in memory keeps its bound."""
    declared = access_of(current_app, request.endpoint) if request.endpoint else None
    if declared and declared.large and request.mimetype == "multipart/form-data":
        request.max_content_length = current_app.extensions["settings"].import_most_bytes + BESIDE_THE_FILE


def _drain() -> None:
    """Take in (and forget) the rest of what is too large, within reason: who is cut off never reads why."""
    source, left = request.environ["wsgi.input"], MOST_DRAINED
    while left > 0 and (chunk := source.read(min(left, 1 << 16))):
        left -= len(chunk)


def _refuse_cross_site() -> None:
    """A second wall beside the CSRF token: browsers say where a request comes from. Another host of the same domain is
    another site, and a browser that does not compare the two says at least from where.
    """
    if request.method in SAFE_METHODS:
        return
    compared = request.headers.get("Sec-Fetch-Site")
    ours = compared in ("same-origin", "none") if compared else _comes_from_here(request.headers.get("Origin"))
    if not ours:
        raise NotOurs("a change asked for by another site")


def _comes_from_here(origin: str | None) -> bool:
    """Whether an origin may be ours; pages whose address is a key tell none, and programs neither."""
    if origin in (None, "null"):
        return True
    known: config.Settings = current_app.extensions["settings"]
    try:
        return host_is_trusted(urlsplit(origin).netloc.lower(), known.hosts)
    except ValueError:
        return False


def _check_access(app: Flask, someone: access.Viewer) -> Any:
    if request.endpoint is None:
        return None
    declared = access_of(app, request.endpoint)
    if declared is None:
        raise RuntimeError(f"{request.endpoint} declares no access")
    _check_shape(declared)
    if declared.signed_in and someone.user_id is None:
        due = steps.standing().due
        if due is None or due is not declared.while_due:
            return _ask_to_sign_in(due)
    if declared.permission:
        someone.require(declared.permission)
    if wants_json() and request.method not in SAFE_METHODS and not request.headers.get("Authorization"):
        _check_csrf(request.headers.get("X-CSRFToken"))
    if declared.fresh and request.method not in SAFE_METHODS and not steps.standing().fresh:
        return _ask_again()
    return None


def _check_shape(declared: Access) -> None:
    if declared.form_only and request.mimetype not in FORM_TYPES and request.content_length:
        raise UnsupportedMediaType("This address reads the form of its page and nothing else.")
    if declared.token and request.method not in SAFE_METHODS:
        _check_csrf(request.form.get("csrf_token"))


def _check_csrf(token: str | None) -> None:
    try:
        validate_csrf(token)
    except ValidationError as error:
        raise NotOurs(f"token: {error}") from None


def _ask_to_sign_in(due: Due | None) -> Any:
    """Reading goes to the sign-in, or to its step that is due, and back; what was typed into a form is handed
    back, not lost.
    """
    if wants_json():
        return problem(401, steps.WORDS[due], step=due.value if due else "sign_in")
    page = steps.PAGES[due]
    if request.method in SAFE_METHODS:
        return redirect(url_for(page, next=doors.local_path(request.full_path)), 303)
    typed = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    kept = [] if any("password" in name for name, _ in typed) else typed
    action = doors.local_path(request.full_path)
    return Response(handed_back.page(kept, action, due=due, way=url_for(page)), 401)


def _ask_again() -> Any:
    """The form's own token first: else another site could have its change confirmed by whoever is asked here."""
    if wants_json():
        return problem(401, steps.SHOW_AGAIN, step="confirm")
    _check_csrf(request.form.get("csrf_token"))
    return steps.ask_again()
