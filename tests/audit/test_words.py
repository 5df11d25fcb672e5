"""The page of the audit says everything in words: no fact is read in a code."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.accounts.models import AccreditationKind, PartyKind
from crm.activities.course.service import plan_activity
from crm.activities.types import ACTIVITY_TYPES
from crm.audit import subjects, words
from crm.audit.vocabulary import VOCABULARY, Event
from crm.core.access import Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.core.routes import access_of
from crm.people.rules import OfficeKind
from tests.support.pages import check_page
from tests.support.people import Person

CODES = {
    "activity": list(ACTIVITY_TYPES),
    "answer": list(ACTIVITY_TYPES),
    "appointment": list(ACTIVITY_TYPES),
    "comment": list(ACTIVITY_TYPES),
    "round": list(ACTIVITY_TYPES),
    "holder": [one.value for one in OfficeKind],
    "office": [one.value for one in OfficeKind],
    "party": [one.value for one in PartyKind],
    "factor": ["app", "passkey"],
    "mission": [one.value for one in AccreditationKind],
}
"""What kinds there are of the thing that an event is named after."""

OF_A_KIND = sorted(event for event, entry in VOCABULARY.items() if "kind" in entry.facts)


@pytest.mark.parametrize("event", OF_A_KIND)
def test_a_kind_is_never_read_as_its_code(app: Flask, event: Event) -> None:
    for code in CODES[event.value.partition("_")[0]]:
        assert words.value_of(event, "kind", code) != code, code


def test_what_is_planned_reads_in_words(
    app: Flask, person: Callable[[str], Person], signed_in: Callable[[str], FlaskClient]
) -> None:
    coordinator = person("coordinator").viewer
    with looking_as(coordinator), unit_of_work():
        plan_activity(
            actor=coordinator, kind="capital_visit", state_iso3="LAO", held_on=date(2026, 12, 20),
            handling=Handling.COORDINATION,
        )  # fmt: skip
    db.session.remove()
    shown = check_page(signed_in("coordinator").get("/administration/audit?event=activity_planned"))
    assert "capital_visit" not in shown and ACTIVITY_TYPES["capital_visit"].label in shown


def test_every_event_stands_in_a_group_and_every_group_holds_some() -> None:
    assert {words.group_of(one) for one in Event} == set(words.GROUPS.values())
    assert {one.value.partition("_")[0] for one in Event} == set(words.GROUPS)


def test_what_was_asked_for_reads_like_an_address(app: Flask) -> None:
    def read(asked_for: str) -> str:
        return words.value_of(Event.DENIED, "asked_for", asked_for)

    assert read("GET /instructions/<uuid:instruction_id>") == "/instructions/…"
    assert read("POST /api/v1/accounts/<uuid:user_id>/close") == "/api/v1/accounts/…/close, to change something"


def test_everything_that_may_be_taken_out_has_a_name(app: Flask) -> None:
    taken = {one.exports for endpoint in app.view_functions if (one := access_of(app, endpoint)) and one.exports}
    assert {"audit", "activities", "letter"} <= taken
    assert not {kind for kind in taken if not subjects.by_kind(kind) and kind not in words.TABLES}
    assert not {kind for kind in words.TABLES if kind not in taken}


@pytest.mark.parametrize(
    ("address", "event", "name"),
    [
        ("/administration/audit.csv", Event.LIST_EXPORTED, "the audit"),
        ("/states/import/current.csv", Event.RECORD_EXPORTED, "the acts on file"),
        ("/activities/export.csv", Event.LIST_EXPORTED, "activities"),
    ],
)
def test_what_was_taken_out_and_its_fingerprint_stand_on_the_page(
    app: Flask, signed_in: Callable[[str], FlaskClient], address: str, event: Event, name: str
) -> None:
    browser = signed_in("coordinator")
    taken = browser.get(address)
    assert taken.status_code == 200
    page = check_page(browser.get(f"/administration/audit?event={event}"))
    assert f'<span class="muted">{name}</span>' in page
    assert f'<span class="muted">SHA-256</span> {hashlib.sha256(taken.data).hexdigest()}' in page
