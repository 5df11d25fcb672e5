"""What a line of a spreadsheet says of days and of what only some kinds ask, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from crm.activities.models import Activity
from crm.core import access
from crm.core.db import db
from crm.core.errors import RuleViolation
from crm.imports import queries
from crm.imports.judging import by_column
from crm.imports.models import SpreadsheetImport
from crm.imports.queries import ShownLine
from tests.imports.sending import send, table, take
from tests.support.people import Person

Looked = Callable[..., ShownLine]


@pytest.fixture
def first_line(app: Flask, person: Callable[[str], Person]) -> Looked:
    """The first line of a table, as its sender looks at it."""

    def shown(line: str, **choices: Any) -> ShownLine:
        officer = person("officer").viewer
        made: SpreadsheetImport = send(officer, table(line, **choices))
        found: ShownLine = queries.page_of_lines(made, access.viewer(), "", None).items[0]
        return found

    return shown


def _day(day: str) -> str:
    return f"Bhutan,{day},visit,Karma Example,They will look into it.,,,,"


def _due(due: str) -> str:
    return f"Bhutan,2026-03-12,visit,Karma Example,They will look into it.,Send the kit,{due},,"


def test_a_month_as_programs_write_it_is_shown_with_its_other_meaning(first_line: Looked) -> None:
    line = first_line(_day("Mar-26"))
    assert line.fate == "ready" and "March 2026" in line.understood
    (note,) = line.notes
    assert note.startswith("“Mar-26” is read as March 2026, as spreadsheet programs write it. If 26 March is meant")


@pytest.mark.parametrize(("day", "why"), [("Mar-27", "This day has not come yet"), ("Mar-05", "This day is before")])
def test_a_month_that_cannot_be_is_refused_with_its_other_meaning(first_line: Looked, day: str, why: str) -> None:
    ((column, text),) = first_line(_day(day)).problems
    assert column == "B: Date" and text.startswith(why) and f"“{day}” is read as March 20{day[-2:]}" in text


def test_what_lacks_the_year_is_asked_with_both_meanings(first_line: Looked) -> None:
    ((column, text),) = first_line(_day("March 26")).problems
    assert column == "B: Date" and "may be 26 March of a year that is not said, or March 2026" in text


@pytest.mark.parametrize("words", ["in 3 weeks", "next Monday", "mon"])
def test_what_counts_from_another_day_is_refused_and_says_why(first_line: Looked, words: str) -> None:
    for line, column in ((_day(words), "B: Date"), (_due(words), "G: By when")):
        ((where, text),) = first_line(line).problems
        assert where == column
        assert text.startswith(f"“{words}” is reckoned from another day, and nothing here says from which. Write it as")


def test_what_is_due_in_a_month_is_due_at_its_end(first_line: Looked) -> None:
    line = first_line(_due("March 2027"))
    assert "Follow-up by 31 March 2027" in line.understood
    assert line.notes == ("By when “March 2027”: the day is the end of March 2027, 31 March 2027.",)


HEADINGS = "State,Date,Kind,Whom,Reply,Attendance,Peer"


@pytest.mark.parametrize("number", ["-3", "\u22123", "about 20", "2.5", "100001"])
def test_a_number_that_is_none_is_refused_beside_its_column(first_line: Looked, number: str) -> None:
    line = f"Bhutan,2026-03-12,regional workshop,,They took the kit home.,{number},"
    ((column, text),) = first_line(line, headings=HEADINGS).problems
    assert (
        column == "F: Attendance"
        and text == f"“{number}” is no answer to this. Write a whole number from 0 to 100,000."
    )


def test_a_table_tells_what_only_some_kinds_ask(app: Flask, person: Callable[[str], Person]) -> None:
    lines = (
        "Bhutan,2026-03-12,regional workshop,,They took the kit home.,24,",
        "Bhutan,2026-03-13,peer exchange,Karma Example,They asked about costs.,,Lao PDR",
    )
    take(person("officer").viewer, table(*lines, headings=HEADINGS))
    found = db.session.scalars(select(Activity).order_by(Activity.held_on)).all()
    assert [one.extras for one in found] == [{"participants": 24}, {"peer": "Lao PDR"}]
    assert found[0].held_on == date(2026, 3, 12)


GOOD = {
    "State": "Bhutan", "Date": "2026-03-12", "Kind": "visit", "Whom": "Karma Example", "Reply": "They will look.",
}  # fmt: skip
WRONG: list[tuple[str, dict[str, str]]] = [
    ("State", {"State": "Nowhere"}), ("State", {"State": ""}), ("State", {"State": "Bhutan / Lao PDR"}),
    ("Date", {"Date": ""}), ("Date", {"Date": "soon"}), ("Date", {"Date": "2030-01-01"}),
    ("Date", {"Date": "1999-01-01"}), ("Date", {"Date": "31/02/2026"}), ("Kind", {"Kind": "lunch"}),
    ("Kind", {"Kind": ""}), ("Whom", {"Whom": ""}), ("Whom", {"Whom": "x" * 201}), ("Reply", {"Reply": ""}),
    ("Level", {"Level": "baker"}), ("Obstacle", {"Obstacle": "weather"}), ("Handling", {"Handling": "friends"}),
    ("What was left", {"What was left": "flowers"}), ("By when", {"Next action": "Call"}),
    ("By when", {"Next action": "Call", "By when": "2026-01-01"}),
    ("By when", {"Next action": "Call", "By when": "2076-01-01"}),
    ("Together with", {"Kind": "joint démarche", "Together with": ""}), ("Together with", {"Together with": "Peru"}),
]  # fmt: skip


@pytest.mark.parametrize(("heading", "change"), WRONG)
def test_every_reason_is_a_sentence_beside_its_column(first_line: Looked, heading: str, change: dict[str, str]) -> None:
    columns = list(dict.fromkeys([*GOOD, *(name for _, one in WRONG for name in one)]))
    told = {**GOOD, **change}
    line = first_line(",".join(told.get(name, "") for name in columns), headings=",".join(columns))
    ((column, text),) = line.problems
    assert line.fate == "problem" and column.partition(": ")[2] == heading
    assert text[0].isupper() or text[0] == "“"
    assert text[-1] in ".?"


def test_what_the_verb_refuses_stands_beside_the_column_that_says_it() -> None:
    refused = RuleViolation.of({"state_iso3": "Not yours.", "peer": "Who?", "next_action_owner_id": "Nobody."})
    assert by_column(refused) == [("state", "Not yours."), ("peer", "Who?"), ("", "Nobody.")]


def test_a_kind_that_must_be_told_more_says_so_beside_that_column(first_line: Looked) -> None:
    line = "Bhutan,2026-03-13,peer exchange,Karma Example,They asked about costs.,,"
    assert first_line(line, headings=HEADINGS).problems == (("G: Peer", "Say which State told of it."),)
