"""Old and new: in words for those who may see the record, names of fields alone for others, erasable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from crm.audit import chain, queries
from crm.audit.columns import COLUMNS
from crm.audit.listing import LISTING
from crm.audit.models import AuditContent
from crm.audit.queries import Wanted
from crm.audit.service import Event, erase_values, record
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed
from crm.followups import service as followups
from crm.followups.models import FollowUp
from crm.lists.files.file import file_of
from tests.audit.entries import entries_of, values_of
from tests.audit.test_what_is_closed import DOORS, colleague
from tests.followups.opening import change, opened
from tests.reach.test_restricted import restrict
from tests.support.pages import check_page
from tests.support.people import Person, browser_of
from tests.support.wall import as_owner

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
MOVED_TO = date(2026, 12, 24)


@pytest.fixture
def moved(app: Flask, person: People) -> str:
    """A follow-up of Norway that the coordinator may read, and that was moved."""
    viewer = person("other_officer").viewer
    key = opened(viewer, due_on=date(2026, 12, 1))
    change(viewer, followups.move, key, due_on=MOVED_TO, note="Canary reason")
    db.session.remove()
    return str(key)


def narrow(key: str) -> None:
    """The originator keeps the record to itself from now on."""
    with looking_as(SYSTEM), unit_of_work():
        db.session.get_one(FollowUp, UUID(key)).handling = "originator"
    db.session.remove()


def moves(browser: FlaskClient) -> list[dict[str, Any]]:
    items = browser.get("/api/v1/audit?event=followup_moved").get_json()["items"]
    return list(items)


def test_from_which_value_to_which_in_words(moved: str, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    (item,) = moves(browser)
    (field,) = item["changes"]
    assert field["field"] == "due_at" and field["shown"]
    assert (field["before"][:10], field["after"][:10]) == ("2026-12-01", "2026-12-24")
    assert item["subject"] == {
        "kind": "follow_up",
        "id": moved,
        "name": None,
        "open": True,
        "href": f"/followups/{moved}",
    }
    page = check_page(browser.get("/administration/audit?event=followup_moved"))
    assert "1 December 2026" in page and "<strong>24 December 2026" in page and "followup_moved</" not in page
    assert "Canary reason" not in page


def test_without_rights_to_the_record_only_the_fields_are_told(moved: str, signed_in: Clients) -> None:
    narrow(moved)
    browser = signed_in("coordinator")
    (item,) = moves(browser)
    assert item["changes"] == [{"field": "due_at", "shown": False, "before": None, "after": None}]
    assert item["subject"] == {"kind": "follow_up", "id": None, "name": None, "open": False, "href": None}
    page = check_page(browser.get("/administration/audit?event=followup_moved"))
    assert "a record that is not open to you" in page
    assert "1 December" not in page and "24 December" not in page and moved not in page


def moved_by(owner: Viewer) -> UUID:
    """A follow-up of somebody about Laos, moved; all of it is for coordinators."""
    key = opened(owner, due_on=date(2026, 12, 1))
    change(owner, followups.move, key, due_on=MOVED_TO, note="")
    db.session.remove()
    return key


def tells(text: str) -> bool:
    """Whether the day to which it was moved stands there."""
    return "24 December" in text or MOVED_TO.isoformat() in text


@pytest.mark.parametrize("whose", ["other_officer", "coordinator"])
def test_s07_of_a_restricted_state_no_door_gives_the_values(app: Flask, person: People, whose: str) -> None:
    """Their handling alone would let them be read, of one's own party's record too."""
    reader, key = person("coordinator"), moved_by(person(whose).viewer)
    browser = browser_of(app, reader.email)
    assert all(tells(browser.get(door).get_data(as_text=True)) for door in DOORS)
    restrict(colleague(reader.viewer), "LAO")
    db.session.remove()
    told = {door: browser.get(door).get_data(as_text=True) for door in DOORS}
    assert not [door for door, text in told.items() if tells(text) or str(key) in text]
    assert moves(browser) == []


@pytest.mark.parametrize("whose", ["other_officer", "coordinator"])
def test_s07_of_a_state_that_is_not_theirs_nobody_reads_the_values(app: Flask, person: People, whose: str) -> None:
    reader, key = person("coordinator").viewer, moved_by(person(whose).viewer)
    for states, shown in ((None, True), ({"LAO"}, True), ({"FJI"}, False)):
        bound = replace(reader, states=frozenset(states) if states else None)
        with app.test_request_context(), looking_as(bound):
            found = queries.page_of_entries(viewer=bound, wanted=Wanted(event=Event.FOLLOWUP_MOVED)).items
            assert [[one.shown for one in line.changes] for line in found] == [[shown]], states
        columns = ",".join(one.key for one in COLUMNS)
        with app.test_request_context(f"/administration/audit.csv?columns={columns}"), looking_as(bound):
            text = file_of(LISTING, "csv", request.args).get_data(as_text=True)
            assert (tells(text), str(key) in text) == (shown, shown), states


def test_values_are_not_in_the_entry_itself(moved: str) -> None:
    (entry,) = entries_of(Event.FOLLOWUP_MOVED)
    assert entry.details == {"state": "LAO", "changed": ["due_at"]}
    assert values_of(entry) and entry.content_commitment


def test_names_of_colleagues_are_for_their_own_party(app: Flask, person: People, signed_in: Clients) -> None:
    owner, other = person("other_officer").viewer, person("coordinator").viewer
    key = opened(other, due_on=date(2026, 12, 1), handling=Handling.COORDINATION)
    with unit_of_work():
        record(
            Event.FOLLOWUP_REASSIGNED, actor=other, subject=("follow_up", key), handling=Handling.COORDINATION,
            changes={"owner": (other.name, owner.name)}, values_for=Handling.ORIGINATOR,
        )  # fmt: skip
    db.session.remove()
    query = "/api/v1/audit?event=followup_reassigned"
    (item,) = signed_in("coordinator").get(query).get_json()["items"]
    assert item["changes"][0]["after"] == owner.name
    (item,) = signed_in("presidency").get(query).get_json()["items"]
    assert item["subject"]["open"] and item["changes"][0] == {
        "field": "owner", "shown": False, "before": None, "after": None,
    }  # fmt: skip


def test_the_chain_holds_after_values_were_erased(moved: str, app: Flask, signed_in: Clients) -> None:
    runner = app.test_cli_runner()
    done = runner.invoke(args=["audit", "erase", "follow_up", moved, "--reference", "case 7", "--yes"])
    assert done.exit_code == 0 and "1 entries" in done.output
    again = runner.invoke(args=["audit", "erase", "follow_up", moved, "--reference", "case 7", "--yes"])
    assert again.exit_code == 1
    (entry,) = entries_of(Event.FOLLOWUP_MOVED)
    with looking_as(SYSTEM):
        kept = db.session.get_one(AuditContent, entry.id)
        assert (kept.values, kept.salt) == (None, "")
    found = chain.verify()
    assert (found.fault, found.erased) == (None, 1)
    assert entries_of(Event.VALUES_ERASED)[0].details == {"state": "LAO", "entries": 1, "reference": "case 7"}
    page = check_page(signed_in("coordinator").get("/administration/audit?event=followup_moved"))
    assert "The values were erased." in page and "24 December" not in page


def test_only_the_operator_erases(moved: str, person: People) -> None:
    keeper = person("administrator").viewer
    with pytest.raises(NotAllowed), unit_of_work():
        erase_values(actor=keeper, subject=("follow_up", moved), reference="x")


def raw(statement: Any) -> None:
    with as_owner() as connection:
        connection.execute(statement)
    db.session.remove()


def test_s20_other_values_show(moved: str) -> None:
    (entry,) = entries_of(Event.FOLLOWUP_MOVED)
    raw(update(AuditContent.__table__).values(values={"due_at": ["2026-12-01", "2026-12-02"]}))
    assert f"Entry {entry.place} " in (chain.verify().fault or "") and "other values" in (chain.verify().fault or "")


def test_s20_wider_values_show(moved: str) -> None:
    raw(update(AuditContent.__table__).values(handling="public"))
    assert "other values" in (chain.verify().fault or "")


@pytest.mark.parametrize("how", ["row", "values"])
def test_s20_values_that_nobody_erased_on_record_show(moved: str, how: str) -> None:
    (entry,) = entries_of(Event.FOLLOWUP_MOVED)
    table = AuditContent.__table__
    raw(delete(table) if how == "row" else update(table).values(values=None, salt=""))  # type: ignore[arg-type]
    assert (
        chain.verify().fault == f"The values of entry {entry.place} are gone, and nobody is on record for erasing them."
    )


def test_an_entry_that_carries_no_changes_takes_none(app: Flask) -> None:
    with pytest.raises(ValueError, match="no changes"), unit_of_work():
        record(Event.SIGNED_OUT, actor=SYSTEM, subject=("user", "1"), changes={"a": (1, 2)})
