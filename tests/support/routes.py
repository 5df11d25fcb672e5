"""Every address of the application, with made-up values where it names something."""

from __future__ import annotations

from typing import NamedTuple

from flask import Flask

MADE_UP = {"UUIDConverter": "00000000-0000-4000-8000-000000000000", "IntegerConverter": "1"}


class Address(NamedTuple):
    """One route by one method, at an address that fits its rule."""

    endpoint: str
    method: str
    path: str


def addresses(app: Flask) -> list[Address]:
    """Every route of the URL map by every method that it answers."""
    found = []
    for rule in app.url_map.iter_rules():
        values = {name: MADE_UP.get(type(rule._converters[name]).__name__, "LAO") for name in rule.arguments}
        with app.test_request_context():
            path = app.url_for(rule.endpoint, **values)
        found += [Address(rule.endpoint, method, path) for method in sorted(rule.methods or ()) if method != "OPTIONS"]
    return found
