"""Ten spreadsheets as people keep them: what is understood of each, and what is said of the rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from flask import Flask
from sqlalchemy import select

from crm.activities.models import Activity
from crm.core import access
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import RuleViolation
from crm.core.written.days import Order
from crm.followups.models import FollowUp
from crm.imports import queries, reading, service, working
from crm.imports.models import SpreadsheetImport, SpreadsheetRow
from crm.imports.reading import How
from crm.imports.rules.course import Phase
from crm.imports.storing import SentSheet
from tests.support.people import Person

People = Callable[[str], Person]
FILES = Path(__file__).parent / "files"


@pytest.fixture
def send(app: Flask, person: People) -> Callable[..., SpreadsheetImport]:
    """Send one of the files as the officer, and let the columns be as they were guessed."""
    actor = person("officer").viewer

    def sent(name: str, **choices: Any) -> SpreadsheetImport:
        access.look_as(actor)
        path = FILES / name
        with path.open("rb") as source, unit_of_work():
            made = service.send(actor=actor, file=SentSheet(name, path.suffix[1:], source))
        with unit_of_work():
            columns = {**made.head["guessed"], **choices.pop("columns", {})}
            return service.choose_columns(actor=actor, import_id=made.id, columns=columns, **choices)

    return sent


def lines(made: SpreadsheetImport) -> dict[int, tuple[str, str]]:
    """By line, what becomes of it and what is wrong with it."""
    rows = db.session.scalars(select(SpreadsheetRow).where(SpreadsheetRow.import_id == made.id))
    return {one.line: (one.fate, " ".join(text for _, text in one.problems)) for one in rows}


def taken(made: SpreadsheetImport) -> list[Activity]:
    """Take over what is ready; the records, in the order of the days."""
    with unit_of_work():
        service.begin(actor=access.viewer(), import_id=made.id)
    me = access.viewer()
    with looking_as(SYSTEM):
        working.work(made.id)
    access.look_as(me)
    return list(db.session.scalars(select(Activity).order_by(Activity.held_on, Activity.reply)))


def said(made: SpreadsheetImport, activity: Activity) -> tuple[Any, ...]:
    return sorted(one.state_iso3 for one in activity.states)[0], activity.held_on, activity.precision, activity.kind


def test_semicolons_french_words_and_the_letters_of_windows(send: Callable[..., SpreadsheetImport]) -> None:
    made = send("01_semicolons_french_cp1252.csv")
    assert made.head["how"]["encoding"] == "cp1252" and made.head["how"]["delimiter"] == ";"
    assert lines(made)[10] == ("left_out", "A line of totals.")
    found = [said(made, one) for one in taken(made)]
    assert found == [
        ("SWZ", date(2026, 2, 1), "month", "cosigned_letter"),
        ("CPV", date(2026, 2, 3), "day", "bilateral_talks"),
        ("CIV", date(2026, 3, 12), "day", "capital_visit"),
        ("CIV", date(2026, 4, 1), "day", "demarche"),
        ("MMR", date(2026, 5, 5), "day", "capital_visit"),
    ]
    first = db.session.scalars(select(Activity).where(Activity.held_on == date(2026, 3, 12))).one()
    assert first.reply == "Favorable à l’adhésion, « bientôt »."
    assert first.handling == "originator"


def test_spanish_in_sixteen_bits_with_tabs(send: Callable[..., SpreadsheetImport]) -> None:
    made = send("02_spanish_utf16_tabs.csv")
    assert made.head["how"]["encoding"] == "utf-16"
    assert {fate for fate, _ in lines(made).values()} == {"ready"}, lines(made)
    assert [said(made, one)[0] for one in taken(made)] == ["PER", "SWZ", "DOM"]
    assert "Dos líneas:\nla segunda." in {one.reply for one in db.session.scalars(select(Activity))}
    follow_up = db.session.scalars(select(FollowUp)).one()
    assert (follow_up.what, follow_up.due_on) == ("Enviar el modelo de ley", date(2027, 1, 15))


def test_a_day_with_two_meanings_is_asked_about(send: Callable[..., SpreadsheetImport]) -> None:
    with pytest.raises(RuleViolation) as refused:
        send("03_ambiguous_dates.csv")
    assert refused.value.errors["order"] == ["“3/4/2026” has two meanings. Say how days are written in this file."]
    made = send("03_ambiguous_dates.csv", order=Order.DAY_FIRST)
    column = made.head["days"][made.head["guessed"]["held_on"]]
    assert column["order"] == "day_first" and column["telling"] == "25/3/2026"
    assert [said(made, one)[1] for one in taken(made)] == [
        date(2026, 3, 25), date(2026, 4, 3), date(2026, 6, 5), date(2026, 7, 7),
    ]  # fmt: skip


def test_the_other_answer_is_believed_as_well(send: Callable[..., SpreadsheetImport]) -> None:
    made = send("03_ambiguous_dates.csv", order=Order.MONTH_FIRST)
    assert lines(made)[4][0] == "problem" and "no such day as “25/3/2026”" in lines(made)[4][1]
    assert [said(made, one)[1] for one in taken(made)] == [date(2026, 3, 4), date(2026, 5, 6), date(2026, 7, 7)]


def test_quoted_lines_footnotes_former_names_and_notes(send: Callable[..., SpreadsheetImport]) -> None:
    made = send("04_quoted_lines_and_notes.csv")
    found = lines(made)
    assert [fate for _, (fate, _) in sorted(found.items())] == [
        "ready", "ready", "ready", "left_out", "ready", "left_out", "left_out",
    ], found  # fmt: skip
    assert [said(made, one) for one in taken(made)] == [
        ("CPV", date(2026, 1, 1), "year", "margin_meeting"),
        ("MMR", date(2026, 3, 1), "month", "briefing"),
        ("LAO", date(2026, 3, 12), "day", "capital_visit"),
        ("CIV", date(2026, 3, 13), "day", "demarche"),
    ]
    lao = db.session.scalars(select(Activity).where(Activity.held_on == date(2026, 3, 12))).one()
    assert lao.reply == 'First line,\nsecond "quoted" line.' and lao.people[0].name == "Ms, Example"


@pytest.mark.parametrize(
    ("name", "encoding", "word"),
    [("05_cyrillic_cp1251.csv", "cp1251", "Приняли"), ("06_arabic_cp1256.csv", "cp1256", "سوف")],
)
def test_other_scripts(send: Callable[..., SpreadsheetImport], name: str, encoding: str, word: str) -> None:
    made = send(name)
    assert made.head["how"]["encoding"] == encoding
    assert {fate for fate, _ in lines(made).values()} == {"ready"}, lines(made)
    assert word in " ".join(one.reply for one in taken(made))


def test_pictures_invisible_characters_and_what_nobody_knows(send: Callable[..., SpreadsheetImport]) -> None:
    made = send("07_emoji_and_invisible.csv")
    found = lines(made)
    assert [found[line][0] for line in range(2, 8)] == ["ready", "ready", *["problem"] * 4], found
    assert found[4][1].startswith("No State is called “Nowhere Land”.")
    assert "There is no such day as “31/02/2026”" in found[5][1]
    assert found[6][1].startswith("“Tea party” is not known here.")
    assert found[7][1] == "Say whom."
    tonga, tuvalu = taken(made)
    assert tonga.people[0].name == "Sione Example" and tonga.reply == "👍 very positive ✔"
    assert tuvalu.marks == "RESTRICTED"


def test_what_stands_there_twice_comes_once(send: Callable[..., SpreadsheetImport]) -> None:
    made = send("08_duplicates_and_blank_lines.csv")
    found = [one for _, one in sorted(lines(made).items())]
    assert found == [
        ("ready", ""), ("duplicate", "An earlier line of this file says the same."), ("ready", ""),
        ("left_out", "A line of totals."), ("left_out", "A line of totals."),
    ]  # fmt: skip
    assert len(taken(made)) == 2
    again = send("08_duplicates_and_blank_lines.csv")
    assert (again.ready, again.duplicates) == (0, 3)
    assert "The same State, kind, day, person and reply are on record already." in {
        text for _, text in lines(again).values()
    }


def test_merged_headings_and_the_sheet_that_has_them(send: Callable[..., SpreadsheetImport]) -> None:
    made = send("09_merged_headers_and_sheets.xlsx")
    assert made.head["how"]["sheet"] == "Contacts 2026" and made.head["heading_line"] == 4
    assert made.head["headings"][:4] == ["Country", "Date of contact", "Interlocutor Name", "Interlocutor Title"]
    found = lines(made)
    assert (
        found[5][0] == "ready"
        and found[6][0] == "ready"
        and found[7][1] == "The State is missing."
        and found[8][0] == "left_out"
    )
    made = send("09_merged_headers_and_sheets.xlsx", carry_down=True)
    assert lines(made)[7][0] == "ready"
    assert [said(made, one)[:2] for one in taken(made)] == [("SWZ", date(2026, 3, day)) for day in (12, 13, 14)]


def test_formulas_serial_days_and_a_follow_up_that_is_past(send: Callable[..., SpreadsheetImport]) -> None:
    made = send("10_formulas_and_serials.xlsx")
    found = lines(made)
    assert found[2][0] == "ready" and found[3][0] == "ready", found
    assert "Give the day by which" in found[4][1] and "“Zorglub” is not known" in found[4][1]
    assert found[5][1].startswith("The date is missing.")
    page = queries.page_of_lines(made, access.viewer(), "ready", None)
    assert "has passed" in page.items[1].notes[0]
    mongolia, palau = taken(made)
    assert mongolia.reply == "Wishes to join." and mongolia.held_on == date(2026, 3, 12)
    assert palau.comment and "Ask again (by 1 April 2026)" in palau.comment.text
    assert [one.what for one in db.session.scalars(select(FollowUp))] == ["Send the kit"]
    assert made.phase == Phase.DONE


@pytest.mark.parametrize(
    ("shown", "read"),
    [
        ("mmm-yy", "2026-03"), ("mmmm yyyy", "2026-03"), ("[$-40C]mmmm\\ yyyy;@", "2026-03"), ("yyyy", "2026"),
        ('"day of" mmm yyyy', "2026-03"), ("dd/mm/yyyy", "2026-03-01"), ("d-mmm", "2026-03-01"),
        ("yyyy-mm-dd hh:mm", "2026-03-01"),
    ],
)  # fmt: skip
def test_a_day_that_is_shown_without_its_day_is_a_month_or_a_year(tmp_path: Path, shown: str, read: str) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("A")
        sheet.write_datetime(0, 0, datetime(2026, 3, 1), book.add_format({"num_format": shown}))  # noqa: DTZ001
        sheet.write_datetime(0, 1, datetime(2026, 3, 1), book.add_format({"num_format": 17}))  # noqa: DTZ001
        sheet.write_datetime(0, 2, datetime(2026, 3, 1), book.add_format({"num_format": 14}))  # noqa: DTZ001
    assert list(reading.lines(path, How("xlsx", sheet="A"))) == [(1, [read, "2026-03", "2026-03-01"])]
