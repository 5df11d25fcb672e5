"""What of a table is not read is told beside the file, at both doors, whoever reads it: nothing stays behind unsaid."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from crm.core import access
from crm.core.db import db
from crm.imports import looking
from crm.imports.models import SpreadsheetImport
from crm.imports.rules.columns import letter
from crm.imports.rules.unread import Unread
from tests.imports.sending import HEADINGS, send, work
from tests.imports.workbooks import cell, workbook
from tests.support.pages import check_page
from tests.support.people import Person, browser_of

People = Callable[[str], Person]
LINE = ["Bhutan", "2026-03-12", "visit", "Karma Example", "Supports the aims."]


def _row(number: int, *cells: str, at: int = 0) -> str:
    return f'<row r="{number}">{"".join(cell(f"{letter(at + n)}{number}", one) for n, one in enumerate(cells))}</row>'


HEAD = _row(1, *HEADINGS.split(","))
FAR = workbook(HEAD + _row(2, *LINE) + _row(3, "Left unread", " ", at=240))
MIXED = workbook(HEAD + _row(4, *LINE) + _row(3, *LINE) + _row(2, *LINE) + _row(2, " ") + _row(5, *LINE[:4], "Again."))
WIDE = f"{HEADINGS}{',' * 230}Far\nBhutan,2026-03-12,visit,K,Yes{',' * 300}\n".encode()


@pytest.mark.parametrize("later", [False, True], ids=["at once", "by a worker"])
@pytest.mark.parametrize(
    ("content", "name", "unread", "words"),
    [
        (FAR, "list.xlsx", Unread(columns=241), "This table has 241 columns, of which the first 200 were read."),
        (MIXED, "list.xlsx", Unread(rows=2), "2 rows of this sheet stand out of order in the file"),
        (WIDE, "list.csv", Unread(columns=239), "This table has 239 columns, of which the first 200 were read."),
        (workbook(HEAD + _row(2, *LINE)), "list.xlsx", Unread(), ""),
    ],
    ids=["columns", "rows", "text", "nothing"],
)
def test_what_stays_behind_is_told_beside_the_file(
    app: Flask,
    person: People,
    monkeypatch: pytest.MonkeyPatch,
    later: bool,
    content: bytes,
    name: str,
    unread: Unread,
    words: str,
) -> None:
    officer = person("officer")
    if later:
        monkeypatch.setattr(looking, "IN_A_REQUEST", 0)
    made = send(officer.viewer, content, name)
    key = made.id
    if later:
        assert made.phase == "reading"
        work(officer.viewer, made)
    access.look_as(officer.viewer)
    db.session.rollback()
    assert db.session.get_one(SpreadsheetImport, key).phase == "preview"
    db.session.remove()
    browser = browser_of(app, officer.email)
    page = check_page(browser.get(f"/imports/{key}"))
    assert words in page and ("not read" in page or "were read" in page) is bool(words)
    told = browser.get(f"/api/v1/imports/{key}").get_json()["reading"]["unread"]
    assert told == unread.as_json()


def test_one_row_is_one() -> None:
    [told] = Unread(rows=1).in_words(200)
    assert told.startswith("One row of this sheet stands out of order in the file, and was not read.")
    assert Unread().in_words(200) == []
