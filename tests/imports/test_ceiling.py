"""Of a spreadsheet that holds what may not be kept in this installation nothing is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from crm.core.access import Handling
from crm.core.db import db
from crm.imports import looking
from crm.imports.models import SpreadsheetPart, SpreadsheetRow
from tests.imports.sending import seen, send, table, work
from tests.support.people import Person

HEADINGS = "State,Date,Kind,Whom,Reply,Handling,National marking"
FINE = "Bhutan,2026-03-12,visit,Karma Example,Canary of all,states,"


@pytest.mark.parametrize("read_at_once", [500, 1])
@pytest.mark.parametrize(
    "line",
    [
        "Bhutan,2026-03-13,visit,Karma Example,Canary,states,secret",
        "Bhutan,2026-03-13,visit,Karma Example,Canary,originator,",
        "Nowhere,2026-03-13,visit,Karma Example,Canary,,SECRET",
    ],
)
def test_a_line_above_the_ceiling_takes_the_file_along(
    app: Flask, person: Callable[[str], Person], monkeypatch: pytest.MonkeyPatch, line: str, read_at_once: int
) -> None:
    low = replace(app.extensions["settings"], handling_ceiling="states", reference_only_marks=frozenset({"SECRET"}))
    monkeypatch.setitem(app.extensions, "settings", low)
    monkeypatch.setattr(looking, "IN_A_REQUEST", read_at_once)
    actor = person("officer").viewer
    made = send(actor, table(FINE, line, headings=HEADINGS), handling=Handling.STATES)
    work(actor, made)
    db.session.refresh(made)
    assert made.phase == "refused" and made.lines == 0
    assert made.problem.startswith("Line 3: What ") and "Nothing of the file was kept" in made.problem
    assert seen([SpreadsheetRow, SpreadsheetPart]) == {"SpreadsheetRow": 0, "SpreadsheetPart": 0}
    assert "Canary" not in str(made.head)
