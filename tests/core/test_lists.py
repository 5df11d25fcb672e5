"""Addresses of neighbours in a list keep what the reader chose and obey nobody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.core.lists import same_page


def test_a_part_of_the_query_is_changed_and_the_rest_kept(app: Flask) -> None:
    with app.test_request_context("/activities?kind=demarche&after=x&q=a+b&q=c"):
        assert same_page(after="y") == "/activities?kind=demarche&q=a+b&q=c&after=y"
        assert same_page(after=None) == "/activities?kind=demarche&q=a+b&q=c"
    with app.test_request_context("/activities"):
        assert same_page(after=None) == "/activities"


@pytest.mark.parametrize("query", ["endpoint=x", "_external=1&_scheme=javascript", "values=1", "self=1", "_anchor=a"])
@pytest.mark.parametrize("page", ["/activities", "/followups", "/letters", "/people", "/meetings"])
def test_names_in_the_query_are_only_names(
    app: Flask, signed_in: Callable[[str], FlaskClient], page: str, query: str
) -> None:
    """Some pages put unknown names aside by leading to the address without them."""
    answer = signed_in("coordinator").get(f"{page}?{query}", follow_redirects=True)
    assert answer.status_code == 200
    assert answer.request.path == page
    assert "javascript:" not in answer.get_data(as_text=True)
