"""Lists taken along: just what is shown, never a formula, and written down."""

from __future__ import annotations

import csv
import io
import tracemalloc
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities.listing import LISTING as ACTIVITIES
from crm.audit.models import AuditEntry
from crm.core import access
from crm.core.access import Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.core.sheets import write_csv
from crm.core.workbooks import CUT_OFF, Sheet, write_xlsx
from crm.reach.service import restricted
from tests.followups.opening import opened
from tests.support.activities import many_activities
from tests.support.met import known
from tests.support.people import Person
from tests.support.records import logged

People = Callable[[str], Person]
SignedIn = Callable[[str], FlaskClient]
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FORMULA = '=HYPERLINK("http://example.org";"click")'


def rows_of_csv(body: bytes) -> list[list[str]]:
    """The rows of a CSV file."""
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


def rows_of_xlsx(body: bytes) -> list[list[str]]:
    """The rows of the sheet of a workbook; a formula fails."""
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        assert book.testzip() is None
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert not list(sheet.iter(f"{SHEET}f"))
    return [["".join(cell.itertext()) for cell in row.iter(f"{SHEET}c")] for row in sheet.iter(f"{SHEET}row")]


READERS: dict[str, Callable[[bytes], list[list[str]]]] = {"csv": rows_of_csv, "xlsx": rows_of_xlsx}


@pytest.mark.parametrize("suffix", READERS)
@pytest.mark.parametrize("door", ["", "/api/v1"])
def test_a_file_holds_what_is_shown_and_all_of_it(
    person: People, signed_in: SignedIn, suffix: str, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.core.lists.BATCH", 25)
    many_activities(130)
    logged(person("coordinator").viewer, "BTN", held_on=date(2026, 11, 2))
    browser = signed_in("coordinator")
    answer = browser.get(f"{door}/activities/export.{suffix}?sort=date&columns=date,state,what,handling")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="activities-2026-11-23.{suffix}"'
    rows = READERS[suffix](answer.data)
    assert rows[0] == ["Date", "State", "What", "Who may see it"]
    assert len(rows) == 132
    assert [one[0] for one in rows[1:]] == sorted(one[0] for one in rows[1:])
    only = READERS[suffix](browser.get(f"{door}/activities/export.{suffix}?state=BTN&until=2026-11-30").data)
    assert len(only) < 10 and {one[1] for one in only[1:]} == {"Bhutan"}


@pytest.mark.parametrize("suffix", READERS)
def test_no_cell_is_a_formula(person: People, signed_in: SignedIn, suffix: str) -> None:
    logged(person("coordinator").viewer, reply=FORMULA, person_name="+4112345")
    rows = READERS[suffix](signed_in("coordinator").get(f"/activities/export.{suffix}").data)
    mark = "'" if suffix == "csv" else ""
    assert mark + FORMULA in rows[1]
    assert f"{mark}+4112345" in rows[1]


def test_a_file_holds_whole_replies(person: People, signed_in: SignedIn) -> None:
    reply = "They would join. " * 60 + "End."
    logged(person("coordinator").viewer, reply=reply)
    assert reply in rows_of_csv(signed_in("coordinator").get("/activities/export.csv").data)[1]


@pytest.mark.parametrize("suffix", READERS)
def test_a_file_holds_nothing_that_its_reader_may_not_see(person: People, signed_in: SignedIn, suffix: str) -> None:
    viewer = person("coordinator").viewer
    logged(viewer, reply="For us alone", handling=Handling.ORIGINATOR)
    logged(viewer, reply="For everybody", handling=Handling.COMMUNITY)
    rows = READERS[suffix](signed_in("observer").get(f"/activities/export.{suffix}").data)
    assert len(rows) == 2 and any("For everybody" in cell for cell in rows[1])


def test_taking_out_is_written_down_with_the_digest_of_the_bytes(person: People, signed_in: SignedIn) -> None:
    import hashlib

    logged(person("coordinator").viewer)
    for suffix in READERS:
        body = signed_in("coordinator").get(f"/activities/export.{suffix}").data
        with looking_as(access.SYSTEM):
            db.session.rollback()
            wanted = select(AuditEntry).where(AuditEntry.event == "list_exported").order_by(AuditEntry.place.desc())
            entry = db.session.scalars(wanted).first()
            assert entry and entry.subject_kind == "activities"
            assert entry.details["format"] == suffix
            assert entry.details["sha256"] == hashlib.sha256(body).hexdigest()


def test_a_filter_that_cannot_be_read_is_said(signed_in: SignedIn) -> None:
    assert signed_in("coordinator").get("/activities/export.csv?columns=password").status_code == 422
    assert signed_in("coordinator").get("/activities/export.csv?since=yesterday").status_code == 422


def test_follow_ups_are_taken_along(person: People, signed_in: SignedIn) -> None:
    opened(person("officer").viewer, what="-2+3")
    rows = rows_of_csv(signed_in("officer").get("/followups/export.csv").data)
    assert rows == [["What", "State", "Due", "Who does it"], ["'-2+3", "Lao People's Democratic Republic", "2026-11-24",
                                                              "Officer"]]  # fmt: skip
    assert len(rows_of_xlsx(signed_in("other_officer").get("/followups/export.xlsx").data)) == 1


def _endless(number: int) -> Iterator[list[Any]]:
    for one in range(number):
        yield [date(2026, 1, 1), f"Row {one}", "A reply of some length. " * 10]


@pytest.mark.parametrize("write", [write_csv, lambda target, *rest: write_xlsx(target, Sheet("List", *rest))])
def test_memory_does_not_grow_with_the_file(write: Callable[..., None], tmp_path: Any) -> None:
    peaks = []
    for number in (1_000, 20_000):
        with (tmp_path / "file").open("w+b") as target:
            tracemalloc.start()
            write(target, ["Day", "What", "Reply"], _endless(number))
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5 + 100_000


def test_a_sheet_that_is_full_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.core.workbooks.MOST_ROWS", 4)
    target = io.BytesIO()
    write_xlsx(target, Sheet("A [list]: of/all", ["What"], ([f"Row {one}"] for one in range(9))))
    assert rows_of_xlsx(target.getvalue()) == [["What"], ["Row 0"], ["Row 1"], [CUT_OFF]]


def test_what_xml_cannot_hold_is_left_out() -> None:
    target = io.BytesIO()
    write_xlsx(target, Sheet("List", ['<What> & "why"'], [["a\x00b\x0b\ud800<c>", None], [3, date(2026, 11, 23)]]))
    assert rows_of_xlsx(target.getvalue()) == [['<What> & "why"'], ["ab<c>"], ["3", "46349"]]


def taken_out() -> list[AuditEntry]:
    """The entries about lists that were taken along."""
    with looking_as(access.SYSTEM):
        db.session.rollback()
        wanted = select(AuditEntry).where(AuditEntry.event == "list_exported").order_by(AuditEntry.place)
        return list(db.session.scalars(wanted))


def test_every_party_whose_records_were_taken_reads_that_they_were(person: People, signed_in: SignedIn) -> None:
    coordinator, other = person("coordinator").viewer, person("other_officer").viewer
    logged(coordinator, reply="Canary of ours")
    for _ in range(2):
        logged(other, reply="Canary of theirs", handling=Handling.COORDINATION)
    logged(other, reply="Not asked for", handling=Handling.COORDINATION)
    logged(person("officer").viewer, "BTN", handling=Handling.COORDINATION)
    assert signed_in("coordinator").get("/activities/export.csv?state=LAO&q=canary").status_code == 200
    told = {one.originator_id: one for one in taken_out()}
    assert {party: one.details["rows"] for party, one in told.items()} == {
        coordinator.party_id: 3, other.party_id: 2
    }  # fmt: skip
    for entry in told.values():
        assert (entry.actor_name, entry.handling, entry.details["state"]) == ("Coordinator", "originator", "LAO")
        assert entry.details["format"] == "csv" and len(entry.details["sha256"]) == 64
        assert "State: Lao" in entry.details["filters"] and "canary" not in entry.details["filters"]


@pytest.mark.parametrize("suffix", READERS)
def test_what_was_not_given_out_is_not_written_down_as_taken(
    person: People, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    """Neither where the file of a list ends, nor where a sheet does; a file that ends by itself is told whole."""
    for _ in range(3):
        logged(person("coordinator").viewer)
    for most, sheet, given in ((3, 9, 3), (2, 9, 2), (None, 4, 2 if suffix == "xlsx" else 3)):
        monkeypatch.setitem(ACTIVITIES.__dict__, "most", most)
        monkeypatch.setattr("crm.core.workbooks.MOST_ROWS", sheet)
        rows = READERS[suffix](signed_in("coordinator").get(f"/activities/export.{suffix}").data)[1:]
        assert len([one for one in rows if not one[0].startswith("Cut off")]) == given
        assert taken_out()[-1].details["rows"] == given


LISTS = ("/activities/export.csv", "/followups/export.csv?owner=all", "/people/met/export.csv")


@pytest.mark.parametrize("address", LISTS)
def test_a_restricted_state_stands_in_no_file_whoever_asks(person: People, signed_in: SignedIn, address: str) -> None:
    coordinator = person("coordinator").viewer
    for state in ("LAO", "BTN"):
        logged(coordinator, state, reply=f"Canary {state}", person_name=f"Canary {state}", person_title="Canary")
        opened(coordinator, what=f"Canary {state}", state_iso3=state)
        known(coordinator, f"Canary {state}", state)
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="LAO")
    db.session.remove()
    browser = signed_in("coordinator")
    assert "Canary LAO" in browser.get(address.replace("/export.csv", "")).text, "they are named and read it"
    body = browser.get(address).text
    assert "Canary BTN" in body and "Canary LAO" not in body and "Lao" not in body
