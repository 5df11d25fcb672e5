"""The JSON door: the same forms and verbs as the pages, row for row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.followups.models import FollowUpChange
from tests.followups.opening import forget_viewer, opened, plan, read
from tests.mail.posting import drain
from tests.mail.relays import Relay
from tests.support.pages import check_page, token_of
from tests.support.people import Person

People = Callable[[str], Person]
Browser = Callable[[str], FlaskClient]
TODAY = date(2026, 11, 23)

NEW = {"what": "Call the desk", "state_iso3": "LAO", "due_on": "2026-11-30", "due_time": "16:15"}


def _send(browser: FlaskClient, address: str, body: Any = None) -> Any:
    """A change through the JSON door, with the token that a page would send."""
    headers = {"X-CSRFToken": token_of(browser.get("/account").text)}
    return browser.post(f"/api/v1/followups{address}", json={} if body is None else body, headers=headers)


def test_open_read_and_list(app: Flask, person: People, signed_in: Browser) -> None:
    officer = person("officer").viewer
    browser = signed_in("officer")
    made = _send(browser, "", NEW)
    assert made.status_code == 201, made.text
    body = made.get_json()
    assert made.headers["Location"] == f"/api/v1/followups/{body['id']}"
    assert body | NEW == body
    assert body["due_at"] == "2026-11-30T16:15:00+00:00"
    assert (body["status"], body["owner_id"], body["version"]) == ("open", str(officer.user_id), 1)
    assert browser.get(made.headers["Location"]).get_json() == body
    listed = browser.get("/api/v1/followups").get_json()
    assert [one["id"] for one in listed["items"]] == [body["id"]]
    assert listed["next"] is None
    assert browser.get("/api/v1/followups?status=done").get_json()["items"] == []


def test_pages_of_a_long_list(app: Flask, person: People, signed_in: Browser) -> None:
    officer = person("officer").viewer
    for number in range(53):
        opened(officer, what=f"Step {number}")
    browser = signed_in("officer")
    first = browser.get("/api/v1/followups").get_json()
    second = browser.get(f"/api/v1/followups?after={first['next']}").get_json()
    ids = [one["id"] for one in first["items"] + second["items"]]
    assert (len(first["items"]), len(ids), len(set(ids))) == (50, 53, 53)
    assert second["next"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "what"),
        ({**NEW, "due_on": "soon"}, "due_on"),
        ({**NEW, "due_on": "2026-11-01"}, "due_on"),
        ({**NEW, "due_time": "25:00"}, "due_time"),
        ({**NEW, "state_iso3": "XXX"}, "state_iso3"),
        ({**NEW, "what": 7}, "what"),
        ({**NEW, "what": "a\u202eb"}, "what"),
        ({**NEW, "handling": "everybody"}, "handling"),
        ({**NEW, "originator_id": "x"}, "originator_id"),
        ({**NEW, "status": "done"}, "status"),
        ({**NEW, "sample": True}, "sample"),
        ({**NEW, "owner_id": "nobody"}, "owner_id"),
        ([], ""),
    ],
)
def test_what_cannot_be_read_is_refused(app: Flask, person: People, signed_in: Browser, body: Any, field: str) -> None:
    person("officer")
    answer = _send(signed_in("officer"), "", body)
    assert answer.status_code == 422, answer.text
    assert field in answer.get_json()["errors"]


def test_every_verb(app: Flask, person: People, signed_in: Browser) -> None:
    coordinator = person("coordinator").viewer
    followup_id = opened(person("officer").viewer)
    browser = signed_in("officer")
    moved = _send(browser, f"/{followup_id}/move", {"due_on": "2026-12-02", "note": "Elections", "version": 1})
    assert moved.get_json()["due_at"] == "2026-12-02T09:00:00+00:00"
    given = _send(browser, f"/{followup_id}/reassign", {"owner_id": str(coordinator.user_id), "version": 2})
    assert given.get_json()["owner"] == "Coordinator"
    step = {"done_note": "Fine", "next_what": "Ask again", "next_due_on": "2026-12-24", "version": 3}
    done = _send(browser, f"/{followup_id}/done", step).get_json()
    assert (done["status"], done["done_note"]) == ("done", "Fine")
    next_step = browser.get(f"/api/v1/followups/{done['next_step_id']}").get_json()
    assert (next_step["what"], next_step["owner"]) == ("Ask again", "Coordinator")
    assert _send(browser, f"/{followup_id}/reopen").get_json()["status"] == "open"
    cancelled = _send(browser, f"/{followup_id}/cancel", {"note": "Overtaken"}).get_json()
    assert cancelled["status"] == "cancelled"
    kinds = [one["kind"] for one in cancelled["changes"]]
    assert sorted(kinds) == sorted(["moved", "reassigned", "done", "reopened", "cancelled"])


def test_refusals(app: Flask, person: People, signed_in: Browser) -> None:
    followup_id = opened(person("officer").viewer)
    browser = signed_in("officer")
    _send(browser, f"/{followup_id}/move", {"due_on": "2026-12-02", "note": "Elections"})
    assert _send(browser, f"/{followup_id}/done", {"version": 1}).status_code == 409
    assert _send(browser, f"/{followup_id}/move", {"due_on": "2026-12-02", "note": "Same"}).status_code == 422
    assert _send(browser, f"/{followup_id}/done", {"next_what": "Half"}).get_json()["errors"].keys() == {"next_due_on"}
    hidden, absent = signed_in("other_officer"), "00000000-0000-4000-8000-000000000000"
    for verb in ("done", "move", "cancel", "reopen", "reassign"):
        denied = _send(hidden, f"/{followup_id}/{verb}")
        missing = _send(hidden, f"/{absent}/{verb}")
        assert denied.status_code == missing.status_code == 404
        assert denied.data == missing.data
        assert _send(signed_in("observer"), f"/{followup_id}/{verb}").status_code == 403
    assert hidden.get(f"/api/v1/followups/{followup_id}").data == hidden.get(f"/api/v1/followups/{absent}").data
    reader = signed_in("presidency")
    assert reader.get(f"/api/v1/followups/{followup_id}").status_code == 200
    assert _send(reader, f"/{followup_id}/done").status_code == 403


def test_it_tells_when_it_reminded_and_what_the_mail_server_said(
    app: Flask, relay: Relay, person: People, signed_in: Browser, later: Callable[[float], None]
) -> None:
    followup_id = opened(person("officer").viewer, due_on=TODAY, due_time=time(11))
    later(3601)
    plan()
    drain()
    (one,) = signed_in("officer").get(f"/api/v1/followups/{followup_id}").get_json()["reminders"]
    assert (one["due_at"], one["whom"], one["state"]) == ("2026-11-23T11:00:00+00:00", "Officer", "sent")
    assert (one["attempts"], one["second_copy"], one["answer"]) == (1, False, "250 2.0.0 Kept")
    assert one["sent_at"] >= one["due_at"]


def _traces(followup_id: UUID) -> list[Any]:
    """What a command left behind, without what must differ (ids, moments)."""
    forget_viewer()
    with looking_as(SYSTEM):
        row = read(followup_id)
        names = (
            "what",
            "state_iso3",
            "due_at",
            "status",
            "done_note",
            "owner_id",
            "handling",
            "version",
            "zone",
        )
        changes = db.session.scalars(select(FollowUpChange).where(FollowUpChange.followup_id == followup_id)).all()
        noted = db.session.scalars(select(AuditEntry).where(AuditEntry.subject_id == str(followup_id))).all()
        return [
            [getattr(row, name) for name in names],
            sorted((one.kind, one.by, one.note, one.before, one.after) for one in changes),
            sorted((one.event, one.handling, str(one.details)) for one in noted),
        ]


@pytest.mark.parametrize(
    ("page_verb", "json_verb", "body"),
    [
        ("finish", "done", {"done_note": "Fine"}),
        ("move", "move", {"due_on": "2026-12-02", "due_time": "14:30", "note": "Elections"}),
        ("cancel", "cancel", {"note": "Overtaken"}),
    ],
)
def test_both_doors_leave_the_same_behind(
    app: Flask, person: People, signed_in: Browser, page_verb: str, json_verb: str, body: dict[str, str]
) -> None:
    officer = person("officer").viewer
    by_page, by_json = opened(officer), opened(officer)
    browser = signed_in("officer")
    token = token_of(check_page(browser.get(f"/followups/{by_page}/{page_verb}")))
    assert browser.post(f"/followups/{by_page}/{page_verb}", data={**body, "csrf_token": token}).status_code == 303
    assert _send(browser, f"/{by_json}/{json_verb}", body).status_code == 200
    assert _traces(by_page) == _traces(by_json)


def test_both_doors_open_the_same(app: Flask, person: People, signed_in: Browser) -> None:
    person("officer")
    browser = signed_in("officer")
    by_json = UUID(_send(browser, "", NEW).get_json()["id"])
    token = token_of(check_page(browser.get("/followups/new")))
    answer = browser.post(
        "/followups/new", data={**NEW, "csrf_token": token, "owner_id": "", "handling": "coordination"}
    )
    assert answer.status_code == 303
    assert _traces(UUID(answer.location.rpartition("/")[2])) == _traces(by_json)
