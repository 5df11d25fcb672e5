"""Whoever does what comes next, named in the words of a grid or a spreadsheet: a colleague, or a mission."""

from __future__ import annotations

import html
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.core import access
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.followups.models import FollowUp
from crm.imports import queries
from tests.activities.test_margins import made, post, press_undo
from tests.followups.opening import colleague_of
from tests.imports.sending import send, table, take
from tests.support.pages import check_page
from tests.support.people import Person

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
ROW = {"state": "Laos", "outcome": "open", "next_action": "Call", "next_action_due": "in 3 weeks"}
HEADINGS = "State,Date,Kind,Whom,Reply,Next action,By when,Who does it"


def _owed() -> FollowUp:
    with looking_as(SYSTEM):
        db.session.rollback()
        return db.session.scalars(select(FollowUp)).one()


@pytest.mark.parametrize("words", ["Permanent mission of Embassy of Japan", "permanent mission"])
def test_a_row_of_the_grid_charges_a_mission(app: Flask, person: People, signed_in: Clients, words: str) -> None:
    officer, browser = person("officer").viewer, signed_in("officer")
    where = made(post(browser, [{**ROW, "next_action_who": words}]))
    owed = _owed()
    assert (owed.owner_id, owed.owner_mission_id) == (None, officer.mission_id)
    page = check_page(browser.get(press_undo(browser, where).headers["Location"]))
    assert f'value="{words}"' in page


def test_a_row_charges_a_colleague_and_says_what_is_wrong(app: Flask, person: People, signed_in: Clients) -> None:
    colleague, browser = colleague_of(person("officer").viewer, "Yuki Abe"), signed_in("officer")
    for wrong, told in (
        ({"next_action_who": "Ottawa"}, "is called “Ottawa”"),
        ({"next_action_who": "Yuki", "next_action": "", "next_action_due": ""}, "Say what they are to do."),
    ):
        refused = post(browser, [{**ROW, **wrong}])
        assert refused.status_code == 422 and told in html.unescape(refused.text)
    made(post(browser, [{**ROW, "next_action_who": "abe"}]))
    assert _owed().owner_id == colleague.user_id


@pytest.mark.parametrize("who", ["Permanent mission of Embassy of Japan", "Yuki Abe", ""])
def test_a_column_of_a_spreadsheet_charges_them(app: Flask, person: People, who: str) -> None:
    officer = person("officer").viewer
    colleague = colleague_of(officer, "Yuki Abe")
    line = f"Laos,2026-03-12,visit,Karma Example,They will look.,Send the kit,2027-03-12,{who}"
    take(officer, table(line, headings=HEADINGS))
    owed = _owed()
    wanted = {"Yuki Abe": colleague.user_id, "": officer.user_id}.get(who, officer.mission_id)
    assert owed.charged_id == wanted


def test_a_name_that_is_nobodys_is_put_right(app: Flask, person: People) -> None:
    line = "Laos,2026-03-12,visit,Karma Example,They will look.,Send the kit,2027-03-12,Ottawa"
    made = send(person("officer").viewer, table(line, headings=HEADINGS))
    (shown,) = queries.page_of_lines(made, access.viewer(), "", None).items
    assert shown.fate == "problem"
    ((column, said),) = shown.problems
    assert column == "H: Who does it" and "is called “Ottawa”" in said
