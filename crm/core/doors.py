"""What both doors do with a form and a verb: one unit of work, and an answer that loses nothing typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from flask import Response, flash, jsonify, redirect, request
from werkzeug.exceptions import BadRequest

from crm.core import db, repeats, unfinished
from crm.core.ceiling import AboveCeiling
from crm.core.display import clock_time
from crm.core.errors import RuleViolation, Stale
from crm.core.forms import Form


class ActionForm(Form):
    """A button that changes something: no field but the CSRF token."""


@dataclass(frozen=True)
class Outcome:
    """What became of a page's form: still to be shown (200), done (303) with the verb's `answer`, to be mended
    (422), or stale (409) with the record as others left it (`theirs`).
    """

    status: int = 200
    answer: Any = None
    theirs: Any = None

    @property
    def done(self) -> bool:
        """Whether the verb went through, whatever it answered."""
        return self.status == 303


def submit(form: Form, verb: Callable[..., Any], reread: Callable[[], Any] | None = None) -> Outcome:
    """Run a verb with what a form was sent, inside a unit of work; refusals come to stand beside its fields.

    With `reread`, for a form with a `version`: when somebody else was quicker nothing is saved, the page shows
    `theirs` beside what was typed, and saving again, now that both have been seen, is meant. Without it a stale
    edit is raised on.
    """
    if not form.is_submitted():
        return Outcome()
    try:
        if form.done_once and (earlier := repeats.done_before()):
            return Outcome(303, repeats.again(earlier))
        if unfinished.KEEP in request.form:
            return _kept(form)
        if reread and form.taken():
            form.take(reread())
        if not form.validate():
            return Outcome(422)
        return Outcome(303, _run(form, verb))
    except RuleViolation as violation:
        form.refuse(violation)
        return Outcome(422)
    except Stale:
        if reread is None:
            raise
        theirs = reread()
        form.version.raw_data, form.version.data = None, getattr(theirs, "version", 0)
        form.compare(theirs)
        return Outcome(409, theirs=theirs)


def run(verb: Callable[..., Any], **command: Any) -> Any:
    """Run a verb in a unit of work of its own, once for however often the same request comes; what it saved is no
    draft any more.
    """
    with db.unit_of_work():
        return repeats.once(partial(_saved, verb, **command))


def _run(form: Form, verb: Callable[..., Any]) -> Any:
    if form.done_once:
        return run(verb, **form.command())
    with db.unit_of_work():
        return verb(**form.command())


def _saved(verb: Callable[..., Any], **command: Any) -> Any:
    answer = verb(**command)
    unfinished.saved()
    return answer


def _kept(form: Form) -> Outcome:
    """The button that keeps a draft where no script does: the form goes on as it was typed. Nothing is kept of what
    has come to stand above the ceiling, nor of what it was before.
    """
    if not form.csrf_token.validate(form):
        return Outcome(422)
    try:
        with db.unit_of_work():
            at = unfinished.keep()
    except AboveCeiling:
        with db.unit_of_work():
            unfinished.drop()
        raise
    flash(f"Draft kept at {clock_time(at)}." if at else "This form keeps no drafts.", "success")
    return Outcome()


def submit_json(form_class: type[Form], verb: Callable[..., Any], **options: Any) -> Any:
    """The same for the JSON door: builds the same form, raises RuleViolation with every error."""
    if form_class.done_once and (earlier := repeats.done_before()):
        return repeats.again(earlier)
    return submit_sent(form_class.from_json(document(), **options), verb)


def submit_sent(form: Form, verb: Callable[..., Any]) -> Any:
    """Run a verb with a form that the JSON door built; raises RuleViolation with every error."""
    if form.done_once and (earlier := repeats.done_before()):
        return repeats.again(earlier)
    if not form.validate():
        violation = RuleViolation("", "Some fields need attention.")
        violation.errors = {str(name or ""): [str(one) for one in errors] for name, errors in form.errors.items()}
        raise violation
    return _run(form, verb)


def document() -> Any:
    """The JSON that was sent; raises BadRequest for what is none, or none that anybody would write."""
    try:
        return request.get_json(force=True)
    except RecursionError:
        raise BadRequest("The JSON is nested too deeply.") from None
    except BadRequest:
        raise BadRequest("The body is not JSON. Send one JSON object in UTF-8.") from None


def created(document: Any, place: str) -> tuple[Response, int]:
    """The answer of the JSON door to a record that is new: 201, the record, and where it lies."""
    response = jsonify(document)
    response.headers["Location"] = place
    return response, 201


def act(verb: Callable[..., Any], **command: Any) -> Any:
    """Run a verb for a button press, after the token check."""
    form = ActionForm()
    if not form.validate():
        raise RuleViolation("", "This page was open too long. Please try again.")
    return run(verb, **command)


def said(message: str | dict[str, str], target: str) -> Response:
    """Go to another page of ours and say there what happened: a text, or a text with a link or an undo."""
    flash(message, "success")  # type: ignore[arg-type]
    return redirect(target, 303)  # type: ignore[return-value]


def came_from() -> str:
    """The page of ours on which a button was pressed; nothing when the browser does not say it."""
    given, ours = request.referrer or "", request.host_url
    if request.method == "GET" or not given.startswith(ours):
        return ""
    return local_path("/" + given.removeprefix(ours))


def local_path(target: str) -> str:
    """The target when it is a path of this site, else the start page."""
    if any(ord(char) < 32 for char in target):
        return "/"
    flat = target.replace("\\", "/")
    if not flat.startswith("/") or flat.startswith("//"):
        return "/"
    try:
        parts = urlsplit(flat)
    except ValueError:
        return "/"
    if parts.scheme or parts.netloc or parts.path.startswith("//"):
        return "/"
    return target.rstrip("?")
