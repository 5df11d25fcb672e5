"""Who changes a record that somebody else changed meanwhile is told: every form that does so knows what was read."""

from __future__ import annotations

import inspect
import re

from flask import Flask

from tests.architecture.imports import ROOT, text_of
from tests.support.forms import every_form, forms_taken_by

KNOWS_WHAT_WAS_READ = {"version", "versions", "seen", "revision"}

ADDS = "adds something, and takes nothing away that stood there"
ONCE = "is done once, and refused where it is done already"
UNSAVED = "reads one's own spreadsheet otherwise; nothing of it is a record yet"
WITHOUT = {
    "accounts.invitation": ONCE,
    "accounts.new_password": "the link in the mail is good once",
    "capture.entry": ONCE,
    "capture.plan": ONCE,
    "factors.rename": "one word about a thing of one's own: whoever types it means it",
    "imports.columns": UNSAVED,
    "instruction_tasks.delivered": ONCE,
    "instructions.withdraw": ONCE,
    "met.fill_post": ADDS,
    "met.leave_post": ONCE,
    "met.merge": "keeps both, and can be undone for a month",
    "met.stance": ADDS,
    "people.office": ADDS,
    "plans.start": ADDS,
    "reach.mission": ADDS,
    "waiting.answer": ONCE,
    "waiting.unexpected": ONCE,
}
"""Routes that change something under the address of a record without that, and why nothing is lost there."""


def test_every_form_that_changes_a_record_knows_what_was_read(app: Flask) -> None:
    without = set()
    for rule in app.url_map.iter_rules():
        methods = rule.methods or set()
        shows_and_changes = {"GET", "POST"} <= methods and (rule.arguments or "/account/profile" in rule.rule)
        forms = forms_taken_by(app.view_functions[rule.endpoint])
        known = any(one.field_names() & KNOWS_WHAT_WAS_READ for one in forms)
        if forms and not known and (shows_and_changes or "PUT" in methods):
            without.add(rule.endpoint)
    assert without == set(WITHOUT), "give the form a version (crm/core/versions.py), or say here what makes it needless"


def test_a_form_that_opens_with_a_record_has_its_version() -> None:
    opened = [one for one in every_form() if one.edits_record]
    assert opened and not [one.__name__ for one in opened if "version" not in one.field_names()]


def test_whoever_has_a_version_to_send_sends_it(app: Flask) -> None:
    """A page whose form is shown without it would take whatever stands there by now for what was read."""
    pages = {path: text_of(path) for path in (ROOT / "templates").rglob("*.html")}
    shown = {path for path, text in pages.items() if re.search(r"\{\{ form\.version", text)}
    for path, text in pages.items():
        if re.search(r"(same_as|differences|theirs_first)\w*\(", text) and "<form" in text and "macro" not in text:
            assert path in shown, path
    assert len(shown) > 10


def test_the_reasons_are_those_of_routes_that_there_are(app: Flask) -> None:
    for endpoint in WITHOUT:
        assert inspect.unwrap(app.view_functions[endpoint])
