"""Every page that people come to is found by links."""

from __future__ import annotations

import pytest
from flask import Flask

from crm.core.db import db
from tests.look.walking import walk
from tests.support.people import browser_of

pytestmark = [pytest.mark.sample, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

PEOPLE = ("officer@sample.example", "coordinator@sample.example", "administrator@sample.example")

OTHERWISE = {
    "accounts.invitation": "by a link in a mail",
    "accounts.new_password": "by a link in a mail",
    "security.login": "signed out",
    "security.verify": "signed out",
    "factors.second_step": "signed out",
    "factors.confirm": "in place of what is delicate",
    "factors.rename": "once there is a passkey",
    "letters.campaign": "once there is a campaign",
    "letters.targets": "once there is a campaign",
    "letters.show": "once there is a letter",
    "letters.progress": "while letters are made",
    "imports.progress": "while a file is read",
    "states.show_import": "once acts were imported",
    "sharing.answer": "once somebody asked",
    "sharing.ask": "from who may see a record, which leads other parties on",
    "bulk.show": "once many were changed",
    "mail.caught_mail": "once something was mailed",
    "activities.nearby": "a part of a form",
    "margins.nearby": "a part of a form",
    "palette.part": "a part of every page",
    **dict.fromkeys(("health.alive", "health.ready", "calendar.feed"), "for programs"),
}
"""Pages that no link leads to in the sample, and how people come there."""

FILES = (
    "static", "download", "document", "archive", "export", "_csv", "_xlsx", "acts_csv", "pdf", "audit.table",
    "instructions.table", "imports.template", "imports.problems",
)  # fmt: skip


def _pages(app: Flask) -> set[str]:
    """The endpoints of pages; what many rows go to is asked with their keys, and comes as the page of its list."""
    rules = [one for one in app.url_map.iter_rules() if "GET" in (one.methods or ())]
    pages = {one.endpoint for one in rules if not one.rule.startswith("/api/")}
    return {one for one in pages if not one.endswith(FILES) and not one.startswith("bulk.")} | {"bulk.show"}


def _walked(app: Flask) -> dict[str, dict[str, str]]:
    """Who comes to which pages, each with those that nobody before came to."""
    db.session.remove()
    met: set[str] = set()
    found = {}
    for email in PEOPLE:
        new = {name: at for name, at in walk(app, browser_of(app, email)).items() if name not in met}
        met |= set(new)
        found[email] = new
    return found


def test_links_lead_to_every_page(app: Flask) -> None:
    reached = set().union(*_walked(app).values())
    assert _pages(app) - reached == set(OTHERWISE)
