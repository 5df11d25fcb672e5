"""Every address without a record in it, and what comes out there."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from flask import Flask

from tests.abuse.asking import Door, address
from tests.abuse.world import ELSEWHERE, RESTRICTED, STATE

ASKED_WITH = {
    "met_api.known_people": f"state={STATE}",
    "activities_api.nearby": f"state={STATE}",
    "margins.nearby": f"state={STATE}",
    "margins_api.day": "text=today",
    "briefs.day_book_pdf": f"states={STATE}",
    "briefs_api.day_book": f"states={STATE}",
    "briefs_api.day_book_pdf": f"states={STATE}",
}
"""What is asked of addresses that answer nothing without a question."""

NO_PAGE = {
    "security.verify": "another page asks again who is there",
    "health.ready": "says that there is no broker here",
    "health.figures": "answers whoever brings its token",
}
"""Addresses that answer nobody with a page, and why."""

ANSWERS = {200, 302, 303, 403}
"""How every other address answers somebody with an account: with a page, with another one, or not open to them."""


def lists(app: Flask) -> Iterator[tuple[str, str]]:
    """The address of every GET without a record in it, with its endpoint."""
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and rule.arguments <= {"iso3", "key", "kind"}:
            for state in (STATE, RESTRICTED, ELSEWHERE) if "iso3" in rule.arguments else (STATE,):
                asked = ASKED_WITH.get(rule.endpoint)
                place = address(app, Door(rule), {"iso3": state})
                yield f"{place}?{asked}" if asked else place, rule.endpoint


def words_of(answer: Any) -> bytes:
    """The bytes of an answer, archives opened."""
    content: bytes = answer.get_data()
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return b"".join(name.encode() + archive.read(name) for name in archive.namelist())
    return content
