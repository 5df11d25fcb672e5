"""Addresses of neighbours in a list keep what the reader chose and obey nobody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.core.by_heart import ByHeart
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


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_known_by_heart_lead_back_as_they_led_on(app: Flask, size: int) -> None:
    known = ByHeart("abcdefg", lambda line: line)

    def pages(cursor: str | None, way: str) -> list[str]:
        found: list[str] = []
        while len(found) <= len(known.lines):
            with app.test_request_context(f"/states?after={cursor}" if cursor else "/states"):
                page = known.page(cursor=cursor, size=size)
            found.append("".join(page.items))
            leads = page.next_url if way == "on" else page.prev_url
            if not leads:
                break
            cursor = leads.partition("after=")[2] or None
        return found

    onward = pages(None, "on")
    last = known.lines[len(onward[0]) * (len(onward) - 1) - 1] if len(onward) > 1 else None
    assert "".join(onward) == known.lines and {len(one) for one in onward[:-1]} <= {size}
    assert pages(last, "back") == onward[::-1]
