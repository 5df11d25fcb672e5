"""Every route declares its access, and what it declares holds."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from crm.accounts.policy import PERMISSIONS
from crm.core import access, web

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
    undeclared = [rule.endpoint for rule in app.url_map.iter_rules() if web.access_of(app, rule.endpoint) is None]
    assert not undeclared


def test_every_permission_that_a_route_asks_for_is_given_to_somebody(app: Flask) -> None:
    asked = {declared.permission for one in app.view_functions if (declared := web.access_of(app, one))} - {None}
    given = set().union(*PERMISSIONS.values())
    assert asked <= given


def test_an_undeclared_route_is_refused(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "open to all")
    app.config["RAISE_ERRORS"] = False
    assert app.test_client().get("/forgotten").status_code == 500


def test_nobody_gets_past_the_door(app: Flask) -> None:
    """Without an account: the sign-in (pages), 401 (JSON, forms); only what is declared public answers."""
    browser = app.test_client()
    for endpoint, method, address in _addresses(app):
        declared = web.access_of(app, endpoint)
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
            declared = web.access_of(app, endpoint)
            if declared and declared.permission and declared.permission not in PERMISSIONS[role]:  # type: ignore[index]
                assert browser.open(address, method=method).status_code == 403, (who, method, address)


def test_every_model_has_a_rule(app: Flask) -> None:
    assert access.tables_without_rule() == []
