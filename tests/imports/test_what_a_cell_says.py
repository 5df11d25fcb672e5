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
    refused = RuleViolation.of({"state_iso3": "Not yours.", "peer": "Who?", "attribution": "Nobody."})
    assert by_column(refused) == [("state", "Not yours."), ("peer", "Who?"), ("", "Nobody.")]


def test_a_kind_that_must_be_told_more_says_so_beside_that_column(first_line: Looked) -> None:
    line = "Bhutan,2026-03-13,peer exchange,Karma Example,They asked about costs.,,"
    assert first_line(line, headings=HEADINGS).problems == (("G: Peer", "Say which State told of it."),)


def test_a_day_without_what_is_to_be_done_is_followed_up_and_said(first_line: Looked) -> None:
    line = first_line("Bhutan,2026-03-12,visit,Karma Example,They will look into it.,,2027-04-12,,")
    assert line.fate == "ready" and "Follow-up by 12 April 2027" in line.understood
    assert line.notes == ("It says by when and not what is to be done: the follow-up is called “Follow up”.",)


def test_such_a_day_that_has_passed_is_kept_and_not_opened(first_line: Looked) -> None:
    line = first_line("Bhutan,2026-03-12,visit,Karma Example,They will look into it.,,2026-04-12,,")
    assert line.fate == "ready" and not any("Follow-up" in one for one in line.understood) and len(line.notes) == 2


@pytest.mark.parametrize("aside", ["Total of all visits to the capital this year", "Note: to be looked at again"])
def test_a_line_that_begins_like_a_total_or_a_note_is_not_put_under_the_state_above(
    app: Flask, person: Callable[[str], Person], aside: str
) -> None:
    columns = {"person_name": 0, "state": 1, "held_on": 2, "kind": 3, "reply": 4}
    headings = "Whom,State,Date,Kind,Reply"
    lines = ("Karma,Bhutan,2026-03-12,visit,Yes.", f"{aside},,,visit,24", "Other,,,visit,No.")
    made = send(person("officer").viewer, table(*lines, headings=headings), columns=columns, carry_down=True)
    found = queries.page_of_lines(made, access.viewer(), "", None).items
    assert [one.fate for one in found] == ["ready", "problem", "ready"]
    assert found[1].problems[0][1].startswith("This line names no State of its own and begins like a total or a note.")


@pytest.mark.parametrize("sign", ["-", "–", '""""', "〃", "ditto", "Idem", "id."])
def test_a_sign_that_says_as_above_is_the_state_above_where_that_was_agreed(
    app: Flask, person: Callable[[str], Person], sign: str
) -> None:
    lines = ("Bhutan,2026-03-12,visit,Karma,One,,,,", f"{sign},{sign},visit,Karma,Two,,,,")
    for agreed, fate in ((True, "ready"), (False, "problem")):
        made = send(person("officer").viewer, table(*lines), carry_down=agreed)
        second = queries.page_of_lines(made, access.viewer(), "", None).items[1]
        assert second.fate == fate and ("Bhutan" in second.understood) is agreed
    assert [text for _column, text in second.problems] == ["The State is missing.", "The date is missing."]


@pytest.mark.parametrize("sign", ["?", "A", "N/A", "🤷"])
def test_what_names_no_state_is_refused_without_a_guess(first_line: Looked, sign: str) -> None:
    ((column, text),) = first_line(f"{sign},2026-03-12,visit,Karma Example,Yes.,,,,").problems
    assert column == "A: State" and text == f"No State is called “{sign}”."


@pytest.mark.parametrize("reply", ["", "-", "*", "n/a", "N.A.", "?"])
def test_a_sign_is_no_reply(app: Flask, person: Callable[[str], Person], reply: str) -> None:
    lines = table(f"Bhutan,2026-03-12,visit,Karma Example,{reply},,,,")
    made = send(person("officer").viewer, lines)
    (asked,) = queries.page_of_lines(made, access.viewer(), "", None).items
    assert list(asked.problems) == [("E: Reply", "Write what they replied.")]
    take(person("officer").viewer, lines, with_gaps=True)
    assert db.session.scalars(select(Activity.reply)).all() == ["The spreadsheet does not say."]
