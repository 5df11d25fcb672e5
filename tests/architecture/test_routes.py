"""Every route declares its access, and what it declares holds."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

from flask import Flask, jsonify, render_template
from flask.testing import FlaskClient
from werkzeug.routing import Rule, UUIDConverter

import config
from crm.accounts.policy import PERMISSIONS
from crm.audit.subjects import KEY, Subject
from crm.core import access, routes
from crm.core.db import Base
from crm.core.routes import Access
from crm.core.visibility import Handled
from tests.support.calls import named_by, reached
from tests.support.databases import opened

MADE_UP = {"uuid": "00000000-0000-4000-8000-000000000000", "default": "LAO", "path": "x", "int": "1"}


def _addresses(app: Flask) -> list[tuple[str, str, str]]:
    """(endpoint, method, address) of every route, with made-up values in it."""
    found = []
    for rule in app.url_map.iter_rules():
        values = {name: MADE_UP.get(type(rule._converters[name]).__name__.replace("Converter", "").lower().replace(
            "uuid", "uuid").replace("unicode", "default"), "LAO") for name in rule.arguments}  # fmt: skip
        with app.test_request_context():
            address = app.url_for(rule.endpoint, **values)
        found += [(rule.endpoint, method, address) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
    return found


def test_every_route_declares_its_access(app: Flask) -> None:
    undeclared = [rule.endpoint for rule in app.url_map.iter_rules() if routes.access_of(app, rule.endpoint) is None]
    assert not undeclared


def test_every_permission_that_a_route_asks_for_is_given_to_somebody(app: Flask) -> None:
    asked = {declared.permission for one in app.view_functions if (declared := routes.access_of(app, one))} - {None}
    given = set().union(*PERMISSIONS.values())
    assert asked <= given


def test_an_undeclared_route_is_refused(settings: config.Settings) -> None:
    with opened(settings) as app:
        app.add_url_rule("/forgotten", "forgotten", lambda: "open to all")
        app.config["RAISE_ERRORS"] = False
        assert app.test_client().get("/forgotten").status_code == 500


def test_nobody_gets_past_the_door(app: Flask) -> None:
    """Without an account: the sign-in (pages), 401 (JSON, forms); only what is declared public answers."""
    browser = app.test_client()
    for endpoint, method, address in _addresses(app):
        declared = routes.access_of(app, endpoint)
        if declared is None or not declared.signed_in:
            continue
        response = browser.open(address, method=method)
        expected = {303} if method == "GET" and not address.startswith("/api/") else {401}
        assert response.status_code in expected, (method, address, response.status_code)


def test_a_permission_that_is_missing_is_refused(
    app: Flask, signed_in: Callable[[str], FlaskClient], person: Callable[[str], object]
) -> None:
    for who, role in (("observer", "observer"), ("administrator", "administrator")):
        browser = signed_in(who)
        for endpoint, method, address in _addresses(app):
            declared = routes.access_of(app, endpoint)
            if declared and declared.permission and declared.permission not in PERMISSIONS[role]:  # type: ignore[index]
                assert browser.open(address, method=method).status_code == 403, (who, method, address)


def test_every_model_has_a_rule(app: Flask) -> None:
    assert access.tables_without_rule() == []


def _named_records(app: Flask) -> list[tuple[Rule, Subject | None]]:
    """Every route whose address names a record by its key, with what the audit knows of such records."""
    known = app.extensions["audit_arguments"]
    return [
        (rule, known.get(name))
        for rule in app.url_map.iter_rules()
        for name in rule.arguments - {KEY}
        if isinstance(rule._converters[name], UUIDConverter)  # the library tells them under no public name
    ]


def test_the_audit_knows_every_record_that_an_address_names(app: Flask) -> None:
    """Otherwise a refusal would not be noted: tell `SUBJECTS` in crm/subjects.py of the new one."""
    assert not [rule.rule for rule, subject in _named_records(app) if subject is None]


def test_every_route_that_shows_a_handled_record_says_so(app: Flask) -> None:
    """Otherwise its reading would not be noted: declare `opens=` or `exports=` at the route."""
    silent = []
    for rule, subject in _named_records(app):
        declared = routes.access_of(app, rule.endpoint)
        if subject and subject.handled and "GET" in (rule.methods or set()):
            assert declared
            if subject.kind not in (declared.opens, declared.exports):
                silent.append(rule.rule)
    assert not silent


def test_what_a_route_opens_is_named_by_its_address(app: Flask) -> None:
    named = {(rule.endpoint, subject.kind) for rule, subject in _named_records(app) if subject}
    opened = {
        (endpoint, declared.opens)
        for endpoint in app.view_functions
        if (declared := routes.access_of(app, endpoint)) and declared.opens
    }
    assert opened <= named


def test_every_handled_model_is_known_to_the_audit(app: Flask) -> None:
    """A record with an originator that has a page of its own is among `SUBJECTS`; the others have none yet."""
    handled = {one.class_ for one in Base.registry.mappers if issubclass(one.class_, Handled)}
    known = {one.handled for one in app.extensions["audit_subjects"].values()}
    assert {one.__name__ for one in handled - known} <= {"StoredFile", "ObstacleClaim", "StanceClaim"}


def _of_doors(function: FunctionType) -> bool:
    """Whether a function stands in a door (`views`, `api`)."""
    return function.__module__.rsplit(".", 1)[-1] in ("views", "api")


def _reads_or_writes(one: Any) -> bool:
    return one in (render_template, jsonify) if callable(one) else getattr(one, "__name__", "").endswith(".queries")


def _rendering(view: Any) -> set[Any]:
    """The functions of the doors that a view may come to and that read a record or write an answer, not merely an
    address.
    """
    return {one for one in reached(view, _of_doors) if any(map(_reads_or_writes, named_by(one)))}


def test_every_route_that_answers_with_a_record_says_so(app: Flask) -> None:
    """A change that gives the whole record back is a reading, too: declare `opens=` at the route."""
    shows: dict[str, set[Any]] = {}
    changes: list[tuple[str, str, Access]] = []
    for rule, subject in _named_records(app):
        declared = routes.access_of(app, rule.endpoint)
        if not declared or not subject or not subject.handled or declared.exports:
            continue
        if declared.opens and "GET" in (rule.methods or set()):
            shows.setdefault(subject.kind, set()).update(_rendering(app.view_functions[rule.endpoint]))
        changes.append((rule.endpoint, subject.kind, declared))
    answering = [one for one in changes if _rendering(app.view_functions[one[0]]) & shows[one[1]]]
    assert not [endpoint for endpoint, _, declared in answering if not declared.opens]
    loud = {endpoint for endpoint, _, _ in answering}
    assert {"letters_api.retry_letter", "letters_api.stop", "followups_api.done", "attachments.add"} <= loud
