"""The web edge: access before every route, headers after it, errors as page or problem document."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import flask
import structlog
from flask import Flask, Response, current_app, g, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import validate_csrf
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.sansio.utils import host_is_trusted
from wtforms import ValidationError

import config
from crm.core import access, db, doors, steps
from crm.core.errors import NotAllowed, NotFound, NotOurs, Refusal, RuleViolation

log = structlog.get_logger()
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
FORM_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data"}
MOST_DRAINED = 64 * 1024 * 1024
ERROR_PAGES = {400, 403, 404, 409, 413, 422, 429, 500, 503}
ViewerLoader = Callable[[], access.Viewer]
RefusalListener = Callable[[Refusal], None]
_third_party: dict[str, access.Access] = {}


class Request(flask.Request):
    """A request that can let go of files of which only a part has come: nobody else knows of them then."""

    def _get_file_stream(self, *given: Any, **named: Any) -> IO[bytes]:
        stream = super()._get_file_stream(*given, **named)
        self.__dict__.setdefault("_begun", []).append(stream)
        return stream

    def drop_half_read(self) -> None:
        """Close what was begun, and with it what of it went to the disk."""
        for stream in self.__dict__.pop("_begun", ()):
            stream.close()


@dataclass(frozen=True)
class Place:
    """One entry of the navigation. `group`: main (the first four also stand at the foot of a phone) or aside.
    `short` is the label where there is little room.
    """

    label: str
    endpoint: str
    icon: str
    group: str = "main"
    permission: str | None = None
    short: str = ""
    href: str = ""
    current: bool = False


def declare_third_party(endpoint: str, *, signed_in: bool, form_only: bool = False, token: bool = False) -> None:
    """Access of a route that a library brings along."""
    _third_party[endpoint] = access.Access(signed_in=signed_in, form_only=form_only, token=token)


def access_of(app: Flask, endpoint: str) -> access.Access | None:
    """What a route declared, or None when it declared nothing."""
    view = app.view_functions.get(endpoint)
    found = getattr(view, "access", None) or _third_party.get(endpoint)
    return found if isinstance(found, access.Access) else None


def wants_json() -> bool:
    """Whether the request came through the JSON door."""
    return request.path.startswith("/api/")


def register(app: Flask, load_viewer: ViewerLoader, places: list[Place]) -> None:
    """Hang the edge onto an application."""
    app.extensions["places"] = places
    app.request_class = Request

    @app.before_request
    def guard() -> Any:
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

    app.after_request(_headers)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _crashed)
    app.jinja_env.globals.update(
        asset_url=asset_url,
        csp_nonce=lambda: g.get("csp_nonce", ""),
        navigation=navigation,
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
            request.form  # noqa: B018 - reading it is the point
        else:
            request.get_data(cache=True)
    except RequestEntityTooLarge:
        _drain()
        raise
    finally:
        if isinstance(request, Request) and "files" not in request.__dict__:
            request.drop_half_read()


def _drain() -> None:
    """Take in (and forget) the rest of what is too large, within reason: who is cut off never reads why."""
    source, left = request.environ["wsgi.input"], MOST_DRAINED
    while left > 0 and (chunk := source.read(min(left, 1 << 16))):
        left -= len(chunk)


def _refuse_cross_site() -> None:
    """A second wall beside the CSRF token: browsers say where a request comes from."""
    if request.method not in SAFE_METHODS and request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise NotOurs("a change asked for by another site")


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


def _check_shape(declared: access.Access) -> None:
    if declared.form_only and request.mimetype not in FORM_TYPES and request.content_length:
        raise UnsupportedMediaType("This address reads the form of its page and nothing else.")
    if declared.token and request.method not in SAFE_METHODS:
        _check_csrf(request.form.get("csrf_token"))


def _check_csrf(token: str | None) -> None:
    try:
        validate_csrf(token)
    except ValidationError as error:
        raise NotOurs(f"token: {error}") from None


def _ask_to_sign_in(due: access.Due | None) -> Any:
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
    shown = render_template("errors/signed_out.html", typed=kept, action=request.path, due=due, way=url_for(page))
    return Response(shown, 401)


def _ask_again() -> Any:
    """The form's own token first: else another site could have its change confirmed by whoever is asked here."""
    if wants_json():
        return problem(401, steps.SHOW_AGAIN, step="confirm")
    _check_csrf(request.form.get("csrf_token"))
    return steps.ask_again()


def navigation() -> list[Place]:
    """The places this viewer may go to, the present one marked."""
    someone = access.viewer()
    places: list[Place] = current_app.extensions["places"]
    return [
        Place(**{**vars(place), "href": url_for(place.endpoint), "current": _stands_here(place)})
        for place in places
        if place.endpoint in current_app.view_functions and (not place.permission or someone.may(place.permission))
    ]


def _stands_here(place: Place) -> bool:
    """Whether the present page is that place, or a page below it that has no place of its own."""
    here = request.endpoint or ""
    if here == place.endpoint:
        return True
    listed = {one.endpoint for one in current_app.extensions["places"]}
    return place.group == "main" and here not in listed and here.split(".")[0] == place.endpoint.split(".")[0]


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "missing"


def asset_url(name: str) -> str:
    """Versioned address of a file under static/, so that browsers may keep it for a year."""
    known: dict[str, str] = current_app.extensions.setdefault("asset_urls", {})
    if name not in known:
        version = _fingerprint(Path(current_app.static_folder or "") / name)
        known[name] = url_for("static", filename=name, v=version)
    return known[name]


def _is_held_link() -> bool:
    """Whether the address of this request is itself a key."""
    declared = access_of(current_app, request.endpoint) if request.endpoint else None
    return declared is not None and declared.link


def _headers(response: Response) -> Response:
    nonce = g.get("csp_nonce", "")
    # A file that is handed out brings a stricter policy of its own.
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'",
    )
    response.headers["Referrer-Policy"] = "no-referrer" if _is_held_link() else "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint == "static":
        versioned = "v" in request.args
        if close := getattr(response.response, "close", None):
            response.call_on_close(close)  # compressing takes the content out and leaves the file open
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if versioned else "no-cache"
    else:
        response.headers["Cache-Control"] = "no-store"
    return response


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
    return Response(render_template(f"errors/{nearest}.html", status=status, message=detail), status)
