"""The brief of a State: what stands on it, how far it travels, and that it is one sheet."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select

from crm.activities.course.service import plan_activity
from crm.activities.rules import Paper
from crm.audit.models import AuditEntry
from crm.briefs.gathering import brief_of
from crm.briefs.pdf import render_pdf
from crm.briefs.rules import OTHER_SCRIPT, printable, shortened, what_remains
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.visibility import Attribution
from crm.followups.service import open_follow_up
from crm.people.rules import Gender, OfficeKind
from crm.people.service import record_holder
from crm.positions.rules import OBSTACLES, Basis, ObstacleType
from crm.states.queries import register
from tests.support.pages import check_page
from tests.support.people import Person
from tests.support.records import logged
from tests.support.statements import recorded

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
TODAY = date(2026, 11, 23)
OPENLY = {"handling": Handling.STATES, "attribution": Attribution.FULL}


def briefed(viewer: Viewer, iso3: str = "BTN") -> dict[str, Any]:
    with looking_as(viewer):
        db.session.rollback()
        return brief_of(iso3, viewer, TODAY).as_json()


def part(brief: dict[str, Any], key: str) -> list[str]:
    found: dict[str, Any] = next((one for one in brief["sections"] if one["key"] == key), {"lines": []})
    return [" | ".join(text for text in (line["text"], line["note"]) if text) for line in found["lines"]]


def owed(actor: Viewer, what: str, in_days: int = 20, **more: Any) -> None:
    given = {"state_iso3": "BTN", "due_on": TODAY + timedelta(days=in_days), "handling": Handling.STATES, **more}
    with looking_as(actor), unit_of_work():
        open_follow_up(actor=actor, what=what, **given)


def test_everything_that_is_known_stands_on_it(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    logged(
        officer, "BTN", person_name="Karma Wangdi", person_title="Director", reply="Cabinet meets in May.",
        paper_left=Paper.AIDE_MEMOIRE, obstacle="human_resources", obstacle_subtype="ratification",
        obstacle_basis=Basis.STATED, **OPENLY,
    )  # fmt: skip
    logged(
        officer, "BTN", held_on=date(2026, 9, 1), obstacle="human_resources", obstacle_subtype="ratification",
        obstacle_basis=Basis.INFERRED, **OPENLY,
    )  # fmt: skip
    owed(officer, "Send the model law")
    owed(officer, "Tell us the day in parliament", promised=True)
    found = briefed(officer)
    assert (found["status"], found["on"]) == ("Non-signatory", "2026-11-23")
    assert "Ask to accede" in found["remains"]
    assert part(found, "contacts")[0].startswith("1 November 2026 · ")
    assert "Karma Wangdi (Director). Cabinet meets in May. Left: aide-mémoire" in part(found, "contacts")[0]
    assert part(found, "promises") == [
        "We owe: Send the model law | 13 December 2026, in 20 days, Officer",
        "They promised: Tell us the day in parliament | 13 December 2026, in 20 days, Officer",
    ]
    assert len(part(found, "obstacles")) == 1
    assert "Stated 1 November 2026 (" in part(found, "obstacles")[0]
    assert "Inferred 1 September 2026 (" in part(found, "obstacles")[0]
    kit = "Expert mission (2011 deck); Ratification kit; Model law; Template of the report"
    assert part(found, "approach") == [f"{kit} | Because they stated: lack of human resources"]
    again = " / ".join(part(found, "not_again"))
    for words in ("They said: Lack of human resources", "Promised for 13 December 2026", "aide-mémoire"):
        assert words in again
    assert "Maldives (2019)" in part(found, "neighbours")[0]
    assert any(line.startswith("Karma Wangdi | Director, met") for line in part(found, "people"))


def test_a_level_that_nobody_said_is_not_said_on_it(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    logged(officer, "BTN", person_name="Tashi Norbu")
    found = str(briefed(officer))
    assert "Tashi Norbu. " in found and "Tashi Norbu', 'note': 'met " in found and "Other'" not in found


def test_who_holds_an_office_stands_on_it_with_the_day_of_the_last_look(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    with looking_as(coordinator), unit_of_work():
        record_holder(
            actor=coordinator, state_iso3="BTN", kind=OfficeKind.FOREIGN_MINISTER, name="Dechen Example",
            gender=Gender.FEMALE, from_on=date(2024, 1, 28), source="Gazette",
        )  # fmt: skip
    assert part(briefed(coordinator), "people") == [
        "Dechen Example | Minister for Foreign Affairs, since 2024, verified today"
    ] or part(briefed(coordinator), "people") == [
        "Dechen Example | Minister for Foreign Affairs, since 2024, never verified"
    ]


@pytest.mark.parametrize(
    ("handlings", "expected"),
    [
        ([], Handling.PUBLIC),
        ([Handling.PUBLIC], Handling.PUBLIC),
        ([Handling.STATES, Handling.PUBLIC], Handling.STATES),
        ([Handling.STATES, Handling.ORIGINATOR, Handling.COMMUNITY], Handling.ORIGINATOR),
    ],
)
def test_it_travels_no_further_than_its_narrowest_source(
    app: Flask, person: People, handlings: list[Handling], expected: Handling
) -> None:
    officer = person("officer").viewer
    for one in handlings:
        logged(officer, "BTN", handling=one)
    assert briefed(officer)["handling"] == expected.value


def test_a_follow_up_an_obstacle_and_a_hidden_state_count_as_sources(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    logged(officer, "BTN", handling=Handling.COMMUNITY)
    assert briefed(officer)["handling"] == "community"
    owed(officer, "Send the text", handling=Handling.COORDINATION)
    assert briefed(officer)["handling"] == "coordination"
    logged(officer, "BTN", handling=Handling.COMMUNITY, attribution=Attribution.REGION_ONLY)
    assert briefed(officer)["handling"] == "originator"


def test_national_marks_and_unnamed_people_are_said_on_it(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    logged(officer, "BTN", marks="RESTRICTED JAPAN", attribution=Attribution.STATE_NOT_PERSON)
    found = briefed(officer)
    assert found["marks"] == ["RESTRICTED JAPAN"]
    assert found["names_people"] is True


def test_each_reader_has_what_they_may_see(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    logged(officer, "BTN", person_name="Secret Source", reply="Between us.", handling=Handling.ORIGINATOR)
    logged(officer, "BTN", person_name="Tandin Unnamed", reply="For all.", handling=Handling.STATES)
    owed(officer, "Ours alone", handling=Handling.ORIGINATOR)
    theirs = str(briefed(other))
    assert "For all." in theirs
    for hidden in ("Secret Source", "Between us", "Tandin Unnamed", "Ours alone"):
        assert hidden in str(briefed(officer))
        assert hidden not in theirs
    observer = briefed(person("observer").viewer)
    assert part(observer, "contacts") == part(observer, "promises") == []
    assert "For all." not in str(observer)
    administrator = briefed(person("administrator").viewer)
    assert administrator["handling"] == "public"


def test_nothing_is_urged_on_a_state_party_and_nobody_is_asked_to_sign(app: Flask) -> None:
    known = register()

    def remains(iso3: str, on: date = TODAY) -> str:
        standing = known.standing(iso3, on)
        assert standing
        return what_remains(standing, known.treaty)

    assert remains("LAO") == "Party: nothing to be asked for joining."
    assert remains("LTU").startswith("Withdrawn: legal review")
    assert "Article 16" in remains("AGO")
    assert "never ask to sign" in remains("BTN")
    assert "Ask to sign" in remains("BTN", date(2009, 1, 1))
    assert "Congratulate" in remains("VUT", date(2025, 12, 1))


def test_a_state_party_has_no_suggested_approach(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    logged(officer, "LAO", obstacle="security", obstacle_basis=Basis.STATED)
    assert part(briefed(officer, "LAO"), "approach") == []


def _fullest(viewer: Viewer, other: Viewer) -> None:
    """Every part of the brief with as many entries as it takes, every text as long as its field lets it be."""
    long = "A sentence of considerable diplomatic length, with every reservation that was made. "
    for place, kind in enumerate(ObstacleType):
        subtypes = list(OBSTACLES[kind].subtypes)
        for basis in Basis:
            logged(
                viewer, "PRK", held_on=date(2026, 10, place + 1), person_name=f"{'N' * 40} {'M' * 60}",
                person_title=("Director-General for " * 9)[:190], reply=(long * 60)[:4_900], obstacle=kind.value,
                obstacle_subtype=subtypes[0], obstacle_basis=basis, paper_left=Paper.AIDE_MEMOIRE,
                marks=("SECRET " * 30)[:90], **OPENLY,
            )  # fmt: skip
    for place in range(4):
        for promised in (True, False):
            owed(viewer, (long * 8)[:495], place + 1, promised=promised, state_iso3="PRK")
    with looking_as(other), unit_of_work():
        for place in range(9):
            plan_activity(
                actor=other, kind="joint_demarche", state_iso3="PRK", held_on=date(2026, 12, place + 1), **OPENLY
            )


def test_the_fullest_state_fits_one_sheet(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    _fullest(officer, person("other_officer").viewer)
    with looking_as(officer):
        db.session.rollback()
        brief = brief_of("PRK", officer, TODAY)
        pages = PdfReader(io.BytesIO(render_pdf(brief))).pages
    assert all(one.lines for one in brief.sections if one.key != "letters")
    assert len(pages) == 1
    if keep := os.environ.get("KEEP_SHEET"):
        Path(keep).write_bytes(render_pdf(brief))
    width, height = (round(float(one) / 72 * 25.4) for one in pages[0].mediabox[2:])
    assert (width, height) == (210, 297)
    text = " ".join(pages[0].extract_text().split())
    for heading in ("LAST CONTACTS", "OPEN PROMISES", "WHO IS WHO", "DO NOT ASK AGAIN", "NEIGHBOURS THAT JOINED"):
        assert heading in text
    assert "May travel as far as: All States that take part" in text
    assert "more on the page of the State" in text


def test_what_the_typeface_does_not_have_is_said_instead_of_drawn_as_boxes(app: Flask, person: People) -> None:
    assert printable("They said 你好 世界 and left") == f"They said {OTHER_SCRIPT} and left"
    assert printable("Ελληνικά, Русский, Việt Nam, Côte d’Ivoire — “ok”…") == (
        "Ελληνικά, Русский, Việt Nam, Côte d’Ivoire — “ok”…"
    )
    assert shortened("one two three", 9) == "one two…"
    officer = person("officer").viewer
    logged(officer, "BTN", person_name="ສົມໄຊ", reply="#set page() *bold* $x$ \\ 你好", **OPENLY)
    with looking_as(officer):
        db.session.rollback()
        text = PdfReader(io.BytesIO(render_pdf(brief_of("BTN", officer, TODAY)))).pages[0].extract_text()
    assert "#set page() *bold* $x$ \\" in " ".join(text.split())


def test_page_sheet_and_json_say_the_same_and_the_sheet_is_written_down(
    app: Flask, person: People, signed_in: Clients
) -> None:
    officer = person("officer").viewer
    logged(officer, "BTN", reply="Cabinet meets in May.", **OPENLY)
    browser = signed_in("officer")
    page = check_page(browser.get("/states/BTN/brief"))
    body = browser.get("/api/v1/states/BTN/brief").get_json()
    assert body == briefed(officer)
    answer = browser.get("/states/BTN/brief.pdf")
    assert answer.mimetype == "application/pdf"
    assert 'filename="brief-btn-2026-11-23.pdf"' in answer.headers["Content-Disposition"]
    sheet = " ".join(PdfReader(io.BytesIO(answer.data)).pages[0].extract_text().split())
    for words in ("Cabinet meets in May.", "Ask to accede", "All States that take part"):
        assert words in page
        assert words in sheet
        assert words in str(body)
    with looking_as(SYSTEM):
        db.session.rollback()
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "brief_exported")).one()
    assert (entry.subject_kind, entry.details["state"], entry.details["format"]) == ("state_brief", "BTN", "pdf")
    assert browser.get("/api/v1/states/BTN/brief.pdf").data[:5] == b"%PDF-"
    assert browser.get("/states/XYZ/brief").status_code == 404
    assert browser.get("/states/XYZ/brief.pdf").status_code == 404


def test_the_book_of_a_day_keeps_its_order(app: Flask, person: People, signed_in: Clients) -> None:
    person("officer")
    browser = signed_in("officer")
    page = check_page(browser.get("/briefs?states=Tonga,+Swaziland,+BTN"))
    assert page.index("Tonga</a>") < page.index("Eswatini</a>") < page.index("Bhutan</a>")
    assert "3 sheets as PDF" in page
    book = PdfReader(io.BytesIO(browser.get("/briefs.pdf?states=TON,SWZ,BTN").data)).pages
    assert len(book) == 3
    for sheet, name in zip(book, ("Tonga", "Eswatini", "Bhutan"), strict=True):
        assert sheet.extract_text().strip().startswith(name)
    items = browser.get("/api/v1/briefs?states=TON,SWZ").get_json()["items"]
    assert [one["iso3"] for one in items] == ["TON", "SWZ"]
    assert "No State is called “Narnia”" in check_page(browser.get("/briefs?states=Narnia"), 422)
    assert browser.get("/api/v1/briefs?states=").status_code == 422
    many = ",".join(list(register().states)[:21])
    assert browser.get(f"/api/v1/briefs.pdf?states={many}").status_code == 422


@pytest.mark.parametrize("number", [1, 12])
def test_as_many_statements_however_much_there_is(app: Flask, person: People, number: int) -> None:
    officer = person("officer").viewer
    for place in range(number):
        logged(officer, "BTN", held_on=date(2026, 10, place + 1), obstacle="security", **OPENLY)
    briefed(officer)
    with recorded() as seen:
        briefed(officer)
    assert len([one for one in seen if one.asks]) <= 12
