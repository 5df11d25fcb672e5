"""Whatever is written into a form at some length is kept as a draft, and each such form opens with its draft."""

from __future__ import annotations

import inspect
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from wtforms import Field, TextAreaField
from wtforms.validators import Length
from wtforms.widgets import HiddenInput

from crm.capture.models import WaitingMail
from crm.capture.rules.course import Phase
from crm.core import access, routes
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.core.forms import Form, RowsField
from crm.drafts.models import ABOUT, Draft
from crm.drafts.rules import Kind
from crm.sharing import service as sharing
from tests.followups.opening import opened
from tests.support.calls import named_by, reached
from tests.support.met import known
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.records import logged

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]

A_LINE = 500
"""So many characters still stand in a field of one line: a source, an address, how somebody is reached."""

KEEP_NONE = {
    "bulk.followups_done": "the rows are a choice of the moment, which no address names",
    "bulk.followups_move": "as above",
    "bulk.followups_reassign": "as above",
    "bulk.followups_cancel": "as above",
    "bulk.activities_close": "as above",
    "bulk.activities_cancel": "as above",
}
"""Forms for a text that keep no draft, and why."""


def _forms_of(view: Any) -> set[type[Form]]:
    """The forms that a view names, itself or through functions of its room."""
    room = inspect.unwrap(view).__module__.split(".")[:2]
    functions = reached(view, lambda one: one.__module__.split(".")[:2] == room)
    named = [one for function in functions for one in named_by(function)]
    return {one for one in named if isinstance(one, type) and issubclass(one, Form)}


def _is_for_a_text(field: Field) -> bool:
    if isinstance(field, RowsField):
        return any(_is_for_a_text(one) for one in field.row(formdata=None))
    if isinstance(field.widget, HiddenInput):
        return False
    longest = [one.max for one in field.validators if isinstance(one, Length)]
    return isinstance(field, TextAreaField) or (field.type == "StringField" and any(one > A_LINE for one in longest))


def _of_pages(app: Flask) -> Iterator[tuple[str, bool]]:
    """Every page with a form for a text, and whether it keeps drafts."""
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    for endpoint in sorted(posts):
        declared = routes.access_of(app, endpoint)
        if endpoint.partition(".")[0].endswith("api") or declared is None or not declared.signed_in:
            continue
        forms = _forms_of(app.view_functions[endpoint])
        if any(_is_for_a_text(field) for one in forms for field in one(formdata=None, meta={"csrf": False})):
            yield endpoint, bool(declared.draft)


def test_every_form_for_a_text_keeps_drafts(app: Flask, person: People) -> None:
    with app.test_request_context(), looking_as(person("officer").viewer):
        found = dict(_of_pages(app))
    assert len(found) > 20
    assert {endpoint for endpoint, keeps in found.items() if not keeps} == set(KEEP_NONE)


def _mail(person: Person) -> uuid.UUID:
    """A mail that waits for this person."""
    with looking_as(SYSTEM), unit_of_work() as session:
        who = person.viewer
        mail = WaitingMail(
            originator_id=who.party_id,
            mark="m",
            size=1,
            phase=Phase.WAITING.value,
            brought_by_id=who.user_id,
            subject="Bhutan",
        )
        session.add(mail)
    return mail.id


def _asked(officer: Person, coordinator: Person) -> uuid.UUID:
    about = logged(officer.viewer, handling=Handling.COORDINATION)
    who = coordinator.viewer
    with looking_as(who), unit_of_work():
        given = {"kind": "activity", "record_id": about, "wanted": Handling.STATES, "reason": "For the report."}
        return sharing.ask_wider(actor=who, **given).id


FORMS: dict[Kind, tuple[str, Callable[[People], Any]]] = {
    Kind.WAITING_ENTRY: ("reply", lambda person: _mail(person("officer"))),
    Kind.WAITING_PLAN: ("objective", lambda person: _mail(person("officer"))),
    Kind.FINISH: ("done_note", lambda person: opened(person("officer").viewer)),
    Kind.MOVE: ("note", lambda person: opened(person("officer").viewer)),
    Kind.CANCEL: ("note", lambda person: opened(person("officer").viewer)),
    Kind.REASSIGN: ("note", lambda person: opened(person("officer").viewer)),
    Kind.PERSON: ("note", lambda person: None),
    Kind.PERSON_CORRECTION: ("note", lambda person: known(person("officer").viewer)),
    Kind.STANCE: ("why", lambda person: known(person("officer").viewer)),
    Kind.REQUEST: ("reason", lambda person: logged(person("presidency").viewer, handling=Handling.STATES)),
    Kind.ANSWER: ("answer", lambda person: _asked(person("officer"), person("coordinator"))),
}


@pytest.mark.parametrize("kind", FORMS)
def test_a_form_opens_with_what_was_typed_into_it(app: Flask, signed_in: Clients, person: People, kind: Kind) -> None:
    field, make = FORMS[kind]
    record = make(person)
    db.session.remove()
    access.look_as(SYSTEM)
    browser = signed_in("officer")
    token = token_of(browser.get("/account").get_data(as_text=True))
    typed = json.dumps({field: ["Half a sentence"], "due_on": ["soon"]})
    document = {"kind": kind.value, "record_id": str(record) if record else None, "typed": typed}
    kept = browser.put(f"/api/v1/drafts/{uuid.uuid4()}", json=document, headers={"X-CSRFToken": token})
    assert kept.status_code == 200, kept.text
    (line,) = browser.get("/api/v1/drafts").json["items"]
    page = check_page(browser.get(line["page"]))
    assert "Half a sentence" in page and "This is your draft, kept" in page and "data-keep-draft" in page
    assert line["page"].partition("?")[0] in check_page(browser.get("/drafts"))
    page = check_page(browser.get(f"{line['page'].partition('?')[0]}?afresh=1"))
    assert "Half a sentence" not in page


def test_words_about_a_mail_that_was_taken_by_a_colleague_can_still_be_read(
    app: Flask, signed_in: Clients, person: People
) -> None:
    mail = _mail(person("officer"))
    browser = signed_in("officer")
    assert browser.get(f"/waiting-room/{mail}/entry").status_code == 200
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(WaitingMail, mail).phase = Phase.THROWN.value
        session.add(
            Draft(user_id=person("officer").viewer.user_id, kind="waiting_entry", record_id=mail,
                  typed='{"reply": ["Half a sentence"]}')
        )  # fmt: skip
    assert "Half a sentence" in check_page(browser.get(f"/waiting-room/{mail}/entry"))
    assert browser.get(f"/waiting-room/{mail}/entry?afresh=1").status_code == 303


def test_every_record_that_a_form_is_about_hides_its_draft(app: Flask) -> None:
    assert all(hasattr(model, "visible_to") for of in ABOUT.values() for model in of)
