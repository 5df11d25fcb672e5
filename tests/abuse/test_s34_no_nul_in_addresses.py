"""S34: whatever stands behind the question mark of an address, no page breaks on a sign that no database keeps."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.core.routes import access_of

Clients = Callable[[str], FlaskClient]
NAMES = (
    "q", "list", "query", "after", "state", "state_iso3", "kind", "person", "show", "meeting", "draft", "before",
    "text", "id", "other", "post",
)  # fmt: skip
"""Arguments that go into a question to the database, an address or a header."""


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_no_page_breaks_on_a_sign_that_is_not_kept(app: Flask, signed_in: Clients) -> None:
    app.config["RAISE_ERRORS"] = app.config["PROPAGATE_EXCEPTIONS"] = False
    browser = signed_in("coordinator")
    rules = [
        one.rule
        for one in app.url_map.iter_rules()
        if "GET" in (one.methods or ()) and not one.arguments and (found := access_of(app, one.endpoint))
        and found.permission and "export" not in one.rule
    ]  # fmt: skip
    assert len(rules) > 40
    odd = "a%00%0d%0ab"
    broken = [
        f"{rule}?{name}" for rule in rules for name in NAMES if browser.get(f"{rule}?{name}={odd}").status_code >= 500
    ]
    assert broken == []
