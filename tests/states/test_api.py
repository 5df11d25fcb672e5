"""The JSON door: the same questions and the same verbs as the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from crm.audit.models import AuditEntry
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
from crm.states.models import ActImport, ActImportChange, TreatyAct
from tests.states.test_pages import press, upload
from tests.support.wall import as_owner

Clients = Callable[[str], FlaskClient]
ROWS = "iso3,act,deposited_on\nBTN,accession,2026-10-05\nVUT,accession,2025-09-06\n"


pytestmark = pytest.mark.usefixtures("on_the_day")


def post(browser: FlaskClient, path: str, body: Any = None) -> Any:
    token = browser.get("/states/import").get_data(as_text=True)
    header = {"X-CSRFToken": token.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]}
    return browser.post(f"/api/v1{path}", json=body, headers=header)


def test_the_day_of_the_2011_deck(signed_in: Clients) -> None:
    body = signed_in("officer").get("/api/v1/states?as_of=2011-06-01&region_scheme=seed_region").get_json()
    items = body.pop("items")
    assert body == {
        "as_of": "2011-06-01",
        "basis": "deposit",
        "region_scheme": "seed_region",
        "state_party": 57,
        "signatory": 51,
        "non_signatory": 87,
        "withdrawn": 0,
        "total": 195,
        "regions": {
            "Asia": 18,
            "Pacific": 9,
            "Middle East": 15,
            "Central and South America": 15,
            "Africa": 9,
            "Former Soviet Union": 12,
            "Europe and North America": 9,
        },
    }
    assert len(items) == 195


def test_filters_are_those_of_the_page(signed_in: Clients) -> None:
    body = signed_in("officer").get("/api/v1/states?status=signatory&region=Middle+East").get_json()
    assert [one["iso3"] for one in body["items"]] == []
    body = signed_in("officer").get("/api/v1/states?q=turquie").get_json()
    assert [(one["iso3"], one["name"]) for one in body["items"]] == [("TUR", "Türkiye")]


def test_one_state_with_both_dates(signed_in: Clients) -> None:
    body = signed_in("officer").get("/api/v1/states/vut?as_of=2025-10-01").get_json()
    assert body["status"] == "state_party"
    assert body["status_in_force"] == "non_signatory"
    assert (body["deposited_on"], body["in_force_on"]) == ("2025-09-05", "2026-03-01")
    assert (body["article7_due_on"], body["awaiting_entry"]) == ("2026-08-28", True)
    assert body["coordinates"]["source"].startswith("GeoNames")
    assert [one["kind"] for one in body["acts"]] == ["accession"]


def test_a_state_that_did_not_exist_yet(signed_in: Clients) -> None:
    body = signed_in("officer").get("/api/v1/states/SSD?as_of=2011-06-01").get_json()
    assert (body["in_universe"], body["status"], body["counted_since"]) == (False, None, "2011-07-14")
    assert body["acts"] == []


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/states?as_of=soon", "as_of"),
        ("/states?as_of=2027-01-01", "as_of"),
        ("/states?status=friendly", "status"),
        ("/states?region=Atlantis", "region"),
        ("/states?region_scheme=continents", "region_scheme"),
        ("/states/LAO?as_of=2026-11-24", "as_of"),
        ("/states?on=2011-06-01", "on"),
        ("/states/LAO?on=2011-06-01", "on"),
    ],
)
def test_questions_that_are_refused(signed_in: Clients, path: str, field: str) -> None:
    answer = signed_in("officer").get(f"/api/v1{path}")
    assert answer.status_code == 422
    assert field in answer.get_json()["errors"]


def test_unknown_states_are_not_found(signed_in: Clients) -> None:
    assert signed_in("officer").get("/api/v1/states/XXX").status_code == 404


def test_import_commit_undo(signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    answer = post(browser, "/treaty-acts/imports", {"csv": ROWS, "source_name": "UN, 5 October 2026"})
    made = answer.get_json()
    assert answer.status_code == 201
    assert made["counts"] == {"added": 1, "changed": 1, "removed": 0, "unchanged": 0, "missing": 221}
    assert (made["phase"], made["problems"]) == ("preview", [])
    assert [one["change"] for one in made["changes"]] == ["added", "changed"]
    assert [one["caution"] for one in made["changes"]] == [None, None]
    where = f"/treaty-acts/imports/{made['id']}"
    assert answer.headers["Location"] == f"/api/v1{where}"
    assert browser.get("/api/v1/states/BTN").get_json()["status"] == "non_signatory"
    assert post(browser, f"{where}/commit").get_json()["phase"] == "committed"
    assert browser.get("/api/v1/states/BTN").get_json()["status"] == "state_party"
    assert post(browser, f"{where}/commit").status_code == 422
    assert post(browser, f"{where}/undo").get_json()["phase"] == "undone"
    assert browser.get("/api/v1/states/BTN").get_json()["status"] == "non_signatory"
    assert browser.get(f"/api/v1{where}").get_json()["undone_by"] == "Coordinator"


def test_an_act_that_moves_far_is_asked_about(signed_in: Clients) -> None:
    body = {"csv": "iso3,act,deposited_on\nFRA,ratification,2026-11-01\n", "source_name": "UN"}
    (change,) = post(signed_in("coordinator"), "/treaty-acts/imports", body).get_json()["changes"]
    assert change["caution"] == "This moves an act on file by 17 years. Is it the same act?"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"source_name": "UN"}, "csv"),
        ({"csv": ROWS}, "source_name"),
        ({"csv": ROWS, "source_name": "UN", "complete": "yes"}, "complete"),
        ({"csv": ["a"], "source_name": "UN"}, "csv"),
        ({"csv": ROWS, "source_name": "UN", "phase": "committed"}, "phase"),
        ({"csv": "colour\nred\n", "source_name": "UN"}, "csv"),
        ({"csv": ROWS, "source_name": "a\u0000b"}, "source_name"),
    ],
)
def test_bodies_that_are_refused(signed_in: Clients, body: dict[str, Any], field: str) -> None:
    answer = post(signed_in("coordinator"), "/treaty-acts/imports", body)
    assert answer.status_code == 422
    assert field in answer.get_json()["errors"]
    assert db.session.scalars(select(ActImport)).all() == []


def test_who_may_not_import(signed_in: Clients) -> None:
    browser = signed_in("officer")
    nobody = "/api/v1/treaty-acts/imports/00000000-0000-4000-8000-000000000000"
    assert browser.get(nobody).status_code == 403
    assert browser.post("/api/v1/treaty-acts/imports", json={}).status_code == 403


def _left_behind() -> list[Any]:
    """All that an import leaves in the database, without keys and moments."""
    db.session.rollback()
    found: list[Any] = []
    with looking_as(SYSTEM):
        for model, names in (
            (
                ActImport,
                ("source_name", "sha256", "layout", "complete", "phase", "added", "changed", "committed_by"),
            ),
            (ActImportChange, ("position", "kind", "state_iso3", "line")),
            (
                TreatyAct,
                ("state_iso3", "kind", "deposited_on", "effective_on", "note", "confidence", "source"),
            ),
            (AuditEntry, ("event", "subject_kind", "actor_name", "handling")),
        ):
            for one in db.session.scalars(select(model)):
                found.append((model.__name__, *[getattr(one, name) for name in names]))
    return sorted(found, key=repr)


def _forget_imports() -> None:
    with looking_as(SYSTEM), unit_of_work():
        for model in (ActImportChange, ActImport):
            db.session.execute(delete(model))
    with as_owner() as connection:
        connection.execute(delete(AuditEntry.__table__).where(AuditEntry.subject_kind == "act_import"))


def test_both_doors_leave_the_same_behind(signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    path = upload(browser, ROWS.encode()).headers["Location"]
    press(browser, path, "commit")
    by_page = _left_behind()
    press(browser, path, "undo")
    _forget_imports()
    body = {"csv": ROWS, "source_name": "UN, 5 October 2026"}
    made = post(browser, "/treaty-acts/imports", body).get_json()
    post(browser, f"/treaty-acts/imports/{made['id']}/commit")
    assert _left_behind() == by_page
