"""The pages of an import and their twins: each step, what is said beside a field, the files that come back."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select

from crm.activities.models import Activity, ActivityPerson, ActivityState
from crm.audit.models import AuditEntry
from crm.core import access
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_is_open, unit_of_work
from crm.core.errors import RuleViolation
from crm.followups.models import FollowUp
from crm.imports import looking, reading, service, working
from crm.imports.bounds import WHILE_SOMEBODY_WAITS
from crm.imports.columns import TARGETS
from crm.imports.models import HeadingMemory, SpreadsheetImport, SpreadsheetPart, SpreadsheetRow
from crm.imports.rules.course import GONE_ON
from tests.imports.sending import many, send, table
from tests.imports.workbooks import cell, workbook
from tests.support.doors import differences, rows
from tests.support.pages import check_page, token_of
from tests.support.people import Person, browser_of

People = Callable[[str], Person]
LINES = (
    "Bhutan,2026-03-12,visit,Karma Example,Supports the aims.,Send the kit,2027-01-15,staff,",
    'Nowhere,2026-03-13,letter,=1+1,"@SUM(A1)",,,,',
)


class Hand:
    """Somebody who presses the buttons of both doors."""

    def __init__(self, app: Flask, email: str) -> None:
        self.app, self.email = app, email
        self.browser: FlaskClient = browser_of(app, email)
        self.token = token_of(self.browser.get("/account").get_data(as_text=True))

    def upload(self, content: bytes, name: str = "list.csv") -> Any:
        sent = {"csrf_token": self.token, "file": (io.BytesIO(content), name)}
        return self.browser.post("/imports", data=sent, content_type="multipart/form-data")

    def post(self, address: str, **fields: str) -> Any:
        return self.browser.post(address, data={"csrf_token": self.token, **fields})

    def ask(self, method: str, address: str, **body: Any) -> Any:
        return self.browser.open(
            f"/api/v1{address}", method=method, headers={"X-CSRFToken": self.token}, **(body or {"json": {}})
        )

    def work(self, key: str) -> None:
        from uuid import UUID

        with looking_as(SYSTEM):
            working.work(UUID(key))
        db.session.remove()


@pytest.fixture
def hand(app: Flask, person: People) -> Hand:
    """The officer's."""
    email = person("officer").email
    db.session.remove()
    return Hand(app, email)


def _columns(page: str) -> dict[str, str]:
    """What is proposed for each field of the columns."""
    found = {}
    for name, body in re.findall(r'<select[^>]*name="([a-z_]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', body)
        found[name] = chosen[1] if chosen else ""
    return found


def test_the_pages_lead_from_the_file_to_the_records_and_back(hand: Hand) -> None:
    assert "Nothing has been imported yet" in check_page(hand.browser.get("/imports"))
    place = hand.upload(table(*LINES)).headers["Location"]
    page = check_page(hand.browser.get(place))
    assert "Which column says what?" in page
    proposed = _columns(page)
    assert proposed["column_state"] == "A" and proposed["column_handling"] == "I"
    assert proposed["handling"] == "originator"
    assert hand.post(f"{place}/columns", **proposed).status_code == 303
    page = check_page(hand.browser.get(place))
    assert "Take over 1 line" in page and "No State is called “Nowhere”." in page
    ready = hand.browser.get(f"{place}?show=ready").get_data(as_text=True)
    assert "Bhutan · 12 March 2026 · Mission visit in the capital · Follow-up by 15 January 2027" in ready
    assert hand.post(f"{place}/begin").status_code == 303
    page = hand.browser.get(place).get_data(as_text=True)
    assert "You can close this page: the work goes on." in page and f'data-poll="{place}/progress"' in page
    hand.work(place.rpartition("/")[2])
    assert "data-reload" in hand.browser.get(f"{place}/progress").get_data(as_text=True)
    page = check_page(hand.browser.get(place))
    assert "Undo the import" in page and 'href="/activities/' in page
    assert hand.post(f"{place}/undo").status_code == 303
    page = hand.browser.get(place).get_data(as_text=True)
    assert "Undone" in page and "Undo the import" not in page
    with looking_as(SYSTEM):
        assert db.session.scalar(select(func.count()).select_from(Activity)) == 0


def test_what_is_missing_is_said_beside_its_field(hand: Hand) -> None:
    nothing = hand.post("/imports")
    assert nothing.status_code == 422 and "Choose a file." in nothing.get_data(as_text=True)
    place = hand.upload(table(*LINES)).headers["Location"]
    proposed = {**_columns(hand.browser.get(place).get_data(as_text=True)), "column_held_on": "", "column_reply": "A"}
    text = check_page(hand.post(f"{place}/columns", **proposed), 422)
    assert "Say which column holds this: date." in text and "This column is taken for “State” already." in text
    answer = hand.ask("POST", f"{place}/columns", json={"column_state": "A", "column_reply": "A", "order": "x"})
    assert answer.status_code == 422
    answer = hand.ask("POST", f"{place}/columns", json={"column_state": "A", "column_reply": "A"})
    assert set(answer.json["errors"]) == {"column_held_on", "column_reply"}
    assert hand.ask("POST", f"{place}/columns", json={"column_state": "ZZ"}).json["errors"]["column_state"]


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "x.csv", "The file is empty."),
        (b"%PDF-1.7 x", "x.csv", "The file is a PDF."),
        (b"\xd0\xcf\x11\xe0 x", "x.xls", "workbook of the old format"),
        (b"PK\x03\x04 x", "x.xlsx", "no Excel workbook"),
        (b"MZ\x90\x00\x03", "x.csv", "The file is a program."),
        (b"State;Date\nPeru;2026-03-12\n", "x.xlsx", "is no Excel workbook but a text"),
        (b"<html><table><tr><td>State</td></tr></table>", "X.XLSX", "is no Excel workbook but a text"),
        (b"a\x00b,c\nd,e,f,g,h,i,j,k", "x.csv", "neither an Excel workbook nor a text"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_at_both_doors(hand: Hand, content: bytes, name: str, words: str) -> None:
    page = hand.upload(content, name)
    assert page.status_code == 422 and words in page.get_data(as_text=True)
    answer = hand.ask("POST", f"/imports?name={name}", data=content, content_type="application/octet-stream")
    assert answer.status_code == 422 and words in " ".join(answer.json["errors"]["file"])


def test_a_file_may_be_larger_than_other_requests_and_no_larger_than_the_setting(app: Flask, hand: Hand) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 50_000
    assert hand.upload(many(2_000)).status_code == 303
    from dataclasses import replace

    app.extensions["settings"] = replace(app.extensions["settings"], import_most_bytes=60_000)
    assert "larger than" in hand.upload(many(2_000)).get_data(as_text=True)


def test_another_sheet_another_encoding_and_another_line(hand: Hand) -> None:
    place = hand.upload("Pays;Date;Réponse\nPérou;2026-03-12;Été\nPays;Date;Reply\n".encode("cp1252")).headers[
        "Location"
    ]
    assert hand.post(f"{place}/reading", encoding="cp1251", heading_line="1").status_code == 303
    assert hand.ask("GET", place).json["headings"][2]["heading"] == "Rйponse", hand.ask("GET", place).json
    assert hand.post(f"{place}/reading", encoding="utf-8-sig", heading_line="1").status_code == 422
    assert hand.post(f"{place}/reading", encoding="cp1251", heading_line="3").status_code == 303
    assert hand.ask("GET", place).json["reading"]["heading_line"] == 3
    answer = hand.ask("POST", f"{place}/reading", json={"encoding": "cp1252", "sheet": ""})
    assert answer.json["headings"][2]["heading"] == "Réponse"
    assert hand.post(f"{place}/reading", encoding="cp1252", heading_line="99").status_code == 422


def test_what_could_not_be_taken_over_comes_back_harmless_and_can_be_sent_again(hand: Hand) -> None:
    place = hand.upload(table(*LINES)).headers["Location"]
    hand.post(f"{place}/columns", **_columns(hand.browser.get(place).get_data(as_text=True)))
    answer = hand.browser.get(f"{place}/problems.csv")
    text = answer.get_data().decode("utf-8-sig")
    heading, line = csv.reader(io.StringIO(text))
    assert heading[0] == "State" and heading[-1] == "problem"
    assert line[3] == "'=1+1" and line[4] == "'@SUM(A1)" and line[-1] == "State: No State is called “Nowhere”."
    book = openpyxl.load_workbook(io.BytesIO(hand.browser.get(f"{place}/problems.xlsx").get_data()))
    assert [one.data_type for one in book.active[2] if one.value] == ["s"] * 6
    assert book.active["D2"].value == "=1+1"
    again = hand.upload(text.replace("Nowhere", "Peru").encode(), "again.csv").headers["Location"]
    page = hand.browser.get(again).get_data(as_text=True)
    hand.post(f"{again}/columns", **_columns(page))
    assert hand.ask("GET", again).json["ready"] == 1
    lines = hand.ask("GET", f"{again}/lines").json["items"]
    assert {"column": "Whom", "text": "=1+1"} in lines[0]["cells"]
    assert hand.browser.get(f"{place}/problems.exe").status_code == 404
    with looking_as(SYSTEM):
        exported = select(func.count()).select_from(AuditEntry).where(AuditEntry.event == "record_exported")
        assert db.session.scalar(exported) == 2


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_table_to_begin_with_is_understood_whole(hand: Hand, ending: str) -> None:
    content = hand.browser.get(f"/imports/template.{ending}").get_data()
    place = hand.upload(content, f"table.{ending}").headers["Location"]
    proposed = _columns(hand.browser.get(place).get_data(as_text=True))
    assert all(proposed[f"column_{one.key}"] for one in TARGETS)
    hand.post(f"{place}/columns", **proposed)
    made = hand.ask("GET", place).json
    assert (made["ready"], made["problems"]) == (1, 0), hand.ask("GET", f"{place}/lines").json["items"][0]["problems"]


def test_a_spreadsheet_can_be_thrown_away_at_both_doors(hand: Hand) -> None:
    place = hand.upload(table(*LINES)).headers["Location"]
    assert hand.post(f"{place}/discard").status_code == 303
    assert hand.browser.get(place).status_code == 404
    place = hand.upload(table(*LINES)).headers["Location"]
    assert hand.ask("DELETE", place).status_code == 204
    with looking_as(SYSTEM):
        for model in (SpreadsheetImport, SpreadsheetRow, SpreadsheetPart):
            assert db.session.scalar(select(func.count()).select_from(model)) == 0


def test_both_doors_leave_the_same_rows(hand: Hand) -> None:
    kept = (
        SpreadsheetImport, SpreadsheetRow, SpreadsheetPart, HeadingMemory, Activity, ActivityState, ActivityPerson,
        FollowUp, AuditEntry,
    )  # fmt: skip
    known = rows(kept)
    place = hand.upload(table(*LINES), "list.csv").headers["Location"]
    hand.post(f"{place}/columns", **_columns(hand.browser.get(place).get_data(as_text=True)))
    hand.post(f"{place}/begin")
    hand.post(f"{place}/stop")
    hand.post(f"{place}/resume")
    hand.work(place.rpartition("/")[2])
    taken = rows(kept)
    hand.post(f"{place}/undo")
    left = differences(known, rows(kept), {}, taken)
    with looking_as(SYSTEM), unit_of_work() as session:
        session.execute(delete(HeadingMemory))
    known = rows(kept)
    made = hand.ask("POST", "/imports?name=list.csv", data=table(*LINES), content_type="application/octet-stream").json
    key = made["id"]
    assert hand.ask("POST", f"/imports/{key}/columns", json=made["columns"]).json["phase"] == "preview"
    for verb in ("begin", "stop", "resume"):
        assert hand.ask("POST", f"/imports/{key}/{verb}").status_code == 200
    hand.work(key)
    assert hand.ask("GET", f"/imports/{key}").json["taken"] == 1
    taken = rows(kept)
    assert hand.ask("POST", f"/imports/{key}/undo").json["phase"] == "undone"
    assert differences(known, rows(kept), {}, taken) == left
    assert len(left) >= 20


def test_lists_ask_the_database_the_same_number_of_questions(app: Flask, hand: Hand, person: People) -> None:
    from tests.support.statements import recorded

    actor, counts = person("officer").viewer, []
    for number in (2, 30):
        made = send(actor, many(number).replace(b"Reply", f"Reply {number}".encode()))
        key = made.id
        db.session.remove()
        hand.browser.get(f"/imports/{key}")
        with recorded() as seen:
            assert hand.browser.get(f"/imports/{key}").status_code == 200
            assert hand.browser.get("/imports").status_code == 200
        counts.append(len([one for one in seen if one.asks]))
    access.look_as(access.SYSTEM)
    assert counts[0] == counts[1]


def test_the_way_there_stands_on_the_page_of_the_activities(hand: Hand, app: Flask, person: People) -> None:
    assert 'href="/imports"' in hand.browser.get("/activities").get_data(as_text=True)
    observer = person("observer").email
    db.session.remove()
    assert 'href="/imports"' not in browser_of(app, observer).get("/activities").get_data(as_text=True)


def test_while_a_spreadsheet_is_looked_at_nobody_waits_for_it(
    app: Flask, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read before anything is held, by either door."""
    hand, whole, seen = Hand(app, person("officer").email), reading.look, list[bool]()

    def look(*given: Any, **named: Any) -> Any:
        seen.append(unit_is_open())
        return whole(*given, **named)

    monkeypatch.setattr(reading, "look", look)
    assert hand.upload(table(*LINES)).status_code == 303
    fields = {"file": (io.BytesIO(table(*LINES)), "list.csv")}
    answer = hand.browser.post("/api/v1/imports", data=fields, headers={"X-CSRFToken": hand.token})
    assert answer.status_code == 201, answer.json
    assert seen == [False, False]
    assert hand.upload(b"PK\x03\x04 no workbook", "list.xlsx").status_code == 422 and seen[2:] == [False]


def test_while_a_spreadsheet_is_looked_at_again_nobody_waits_for_it(
    app: Flask, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another sheet is read as the first one was: no unit of work is open, by either door."""
    hand, whole, seen = Hand(app, person("officer").email), reading.first_lines, list[bool]()
    sheets = {name: [["State", "Date", "Reply"], ["Peru", "2026-03-12", name]] for name in ("One", "Two")}
    book, content = openpyxl.Workbook(), io.BytesIO()
    for name, rows_of_it in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows_of_it:
            sheet.append(row)
    del book["Sheet"]
    book.save(content)
    place = hand.upload(content.getvalue(), "list.xlsx").headers["Location"]

    def first_lines(*given: Any) -> Any:
        seen.append(unit_is_open())
        return whole(*given)

    monkeypatch.setattr(reading, "first_lines", first_lines)
    assert hand.post(f"{place}/reading", sheet="Two", heading_line="1").status_code == 303
    assert hand.ask("GET", place).json["headings"][2]["samples"] == ["Two"]
    assert hand.ask("POST", f"{place}/reading", json={"sheet": "One"}).json["headings"][2]["samples"] == ["One"]
    assert seen == [False, False]
    assert hand.post(f"{place}/reading", sheet="Two", heading_line="7").status_code == 303  # of the other sheet
    wrong = hand.ask("POST", f"{place}/reading", json={"sheet": "Two", "heading_line": 7})
    assert wrong.status_code == 422 and list(wrong.json["errors"]) == ["heading_line"]


def test_while_the_first_lines_are_read_nobody_waits_for_them(
    app: Flask, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand, whole, seen = Hand(app, person("officer").email), reading.lines_below, list[bool]()
    place = hand.upload(table(*LINES)).headers["Location"]

    def lines_below(*given: Any) -> Any:
        seen.append(unit_is_open())
        return whole(*given)

    monkeypatch.setattr(reading, "lines_below", lines_below)
    assert hand.post(f"{place}/columns", **_columns(hand.browser.get(place).text)).status_code == 303
    columns = hand.ask("GET", place).json["columns"]
    assert hand.ask("POST", f"{place}/columns", json=columns).status_code == 200
    assert seen == [False, False]


def test_lines_that_were_read_in_another_way_meanwhile_are_not_kept(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    made = send(officer, table(*LINES))
    first = looking.beginning(made)
    with unit_of_work():
        anew = looking.anew(made, heading_line=2)
        service.read_again(actor=officer, import_id=made.id, anew=anew)
    with pytest.raises(RuleViolation, match="gone on meanwhile"), unit_of_work():
        service.choose_columns(actor=officer, import_id=made.id, columns={"state": 0, "held_on": 1}, first=first)


def test_what_is_taken_over_is_not_read_in_another_way(hand: Hand) -> None:
    """Its bytes are gone by then; that it has gone on is what is said."""
    book, content = openpyxl.Workbook(), io.BytesIO()
    for row in (["State", "Date", "Kind", "Whom", "Reply"], ["Peru", "2026-03-12", "visit", "Karma", "Yes"]):
        book["Sheet"].append(row)
    book.save(content)
    place = hand.upload(content.getvalue(), "list.xlsx").headers["Location"]
    hand.ask("POST", f"{place}/columns", json=hand.ask("GET", place).json["columns"])
    assert hand.ask("POST", f"{place}/begin", json={}).status_code == 200
    hand.work(place.rpartition("/")[2])
    assert hand.ask("GET", place).json["phase"] == "done"
    answer = hand.ask("POST", f"{place}/reading", json={"sheet": "Sheet"})
    assert answer.status_code == 422 and answer.json["errors"] == {"": [GONE_ON]}


def test_a_row_that_no_program_has_is_said_to_be_wrong(app: Flask, person: People) -> None:
    hand = Hand(app, person("officer").email)
    rows = "".join(f'<row r="{at}">{cell(f"A{at}", "Bhutan")}</row>' for at in (1, 2, 2_000_000_000))
    answer = hand.upload(workbook(rows), "list.xlsx")
    assert answer.status_code == 422 and "no program has so many" in answer.get_data(as_text=True)


def test_what_is_beyond_the_first_lines_is_left_to_a_worker_and_nothing_is_lost(app: Flask, person: People) -> None:
    hand = Hand(app, person("officer").email)
    blank = "\n" * (WHILE_SOMEBODY_WAITS // 60)
    made = send(person("officer").viewer, table(LINES[0]) + blank.encode() + table(LINES[1], headings="")[1:])
    assert made.phase == "reading" and made.lines == 1
    key = made.id
    hand.work(str(key))
    db.session.rollback()
    access.look_as(person("officer").viewer)
    made = db.session.get_one(SpreadsheetImport, key)
    assert made.phase == "preview" and made.lines == 2


def test_a_file_to_be_put_right_goes_out_piece_by_piece_and_is_named_as_it_was(
    hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.core.taken.CHUNK", 64)
    place = hand.upload(table(*LINES), "Démarches 2026.csv").headers["Location"]
    hand.post(f"{place}/columns", **_columns(hand.browser.get(place).text))
    for ending in ("csv", "xlsx"):
        answer = hand.browser.get(f"{place}/problems.{ending}")
        pieces = list(answer.iter_encoded())
        content = b"".join(pieces)
        assert len(pieces) > 2 and answer.headers["Content-Length"] == str(len(content))
        assert "filename*=UTF-8''D%C3%A9marches%202026%20to%20put%20right" in answer.headers["Content-Disposition"]
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")
        with looking_as(SYSTEM):
            told = db.session.scalars(select(AuditEntry.details).order_by(AuditEntry.place.desc()).limit(1)).one()
        assert told["sha256"] == hashlib.sha256(content).hexdigest()
        db.session.remove()
