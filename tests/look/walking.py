"""A walk through the house by its links alone, as people go."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect

LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"#]*)')
EACH = 5
"""So many records of a kind are looked at: what can be done differs from one to the next."""


def walk(app: Flask, browser: FlaskClient) -> dict[str, str]:
    """The first address of every page that links lead to from Today, by its endpoint; files are not followed."""
    urls, looked_at, found = app.url_map.bind("localhost"), Counter[str](), dict[str, str]()
    waiting, met = ["/"], {"/"}
    while waiting:
        address = waiting.pop(0)
        endpoint = _endpoint(urls, address)
        if endpoint is None or endpoint == "static" or looked_at[endpoint] == EACH:
            continue
        looked_at[endpoint] += 1
        answer = browser.get(address)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        found.setdefault(endpoint, address)
        links = [unescape(one) for one in LINK.findall(answer.get_data(as_text=True))]
        waiting += [one for one in dict.fromkeys(links) if one not in met]
        met.update(links)
    return found


def _endpoint(urls: MapAdapter, address: str) -> str | None:
    try:
        endpoint, _values = urls.match(address.partition("?")[0], method="GET")
    except (HTTPException, RequestRedirect):
        return None
    return str(endpoint)
