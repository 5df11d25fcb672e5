"""Instructing missions: each cell is an activity of its own, proposed by accreditation, kept by the usual rules."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.models import User
from crm.accounts.viewers import viewer_of
from crm.activities.models import Activity, ActivityStep
from crm.activities.writing import KEPT_UNSEEN
from crm.core import access, clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, RuleViolation
from crm.followups.models import FollowUp
from crm.instructions import queries, service
from crm.instructions.models import Instruction, InstructionTask
from crm.instructions.proposing import Cell, offers, states_meant
from crm.reach.service import restricted
from tests.files import samples
from tests.instructions.world import (
    EMAILS,
    OBJECTIVE,
    activity,
    does,
    follow_up,
    house,
    instruction,
    mails,
    sent,
    task,
    told,
)
from tests.support.pages import check_page, token_of
from tests.support.people import Person, browser_of
from tests.support.statements import recorded

People = Callable[[str], Person]


def _form(home: Any, **changes: Any) -> dict[str, Any]:
    today = clock.today()
    return {
        "name": "Before the cabinet decides", "aim": "action", "objective": OBJECTIVE,
        "arguments-0-argument": "Clearance funds", "arguments-0-objection": "Not producers",
        "arguments-0-answer": "Transit counts", "talking_points": "Thank them.", "paper": "non_paper",
        "deliver_by": (today + timedelta(days=10)).isoformat(), "report_by": (today + timedelta(days=14)).isoformat(),
        "handling": "coordination", **changes,
    }  # fmt: skip


def _browser(app: Flask, who: str) -> FlaskClient:
    db.session.remove()
    return browser_of(app, EMAILS[who])


def test_the_resident_mission_is_proposed_before_the_one_from_elsewhere(app: Flask) -> None:
    home = house()
    with looking_as(home.coordinator):
        found = {one.state_iso3: one for one in offers(home.coordinator, ["IND", "LAO", "MNG"], clock.today())}
    assert found["IND"].proposed == str(home.missions["delhi"])
    assert found["LAO"].proposed == str(home.missions["bangkok"])
    assert found["MNG"].proposed == str(home.missions["new_york"]), "whoever meets every State comes last"
    assert [label for _key, label in found["IND"].missions] == [
        "Mission in Delhi (resident)", "Mission in New_York (meets every State)",
    ]  # fmt: skip


def test_states_are_meant_by_status_region_and_name(app: Flask) -> None:
    today = clock.today()
    signatories = states_meant(["signatory"], "", (), today)
    assert signatories and "IND" not in signatories
    pacific = states_meant(["non_signatory"], "Pacific", ["IND"], today)
    assert "IND" in pacific and "TON" in pacific and "MNG" not in pacific
    assert set(states_meant([], "Pacific", (), today)) > set(pacific) - {"IND"}


def test_each_cell_is_an_instructed_activity_with_a_follow_up(app: Flask) -> None:
    home = house()
    sent(home)
    with looking_as(SYSTEM):
        made = db.session.scalars(select(Activity)).all()
        steps = db.session.scalars(select(ActivityStep.status)).all()
    assert {(one.kind, one.status, one.handling) for one in made} == {("demarche", "instructed", "coordination")}
    assert set(steps) == {"instructed"} and len(made) == 3
    assert {one.originator_id for one in made} == {home.coordinator.party_id}
    assert activity("BTN").extras == {"aim": "action"}
    assert follow_up("BTN").owner_id == home.people["delhi"].user_id
    assert follow_up("BTN").due_on == clock.today() + timedelta(days=10)
    assert follow_up("LAO").owner_id == home.people["bangkok"].user_id


def test_the_page_proposes_and_sends(app: Flask) -> None:
    home = house()
    browser = _browser(app, "coordinator")
    page = check_page(browser.get("/instructions/new"))
    assert "Send the instruction" not in page
    asked = {**_form(home), "states": "Bhutan, lao, Kenya", "propose": "1", "csrf_token": token_of(page)}
    page = check_page(browser.post("/instructions/new", data=asked))
    assert "Mission in Delhi (from its seat elsewhere)" in page and "Clearance funds" in page
    access.look_as(SYSTEM)
    assert not db.session.scalars(select(Instruction)).all(), "a proposal sends nothing"
    cells = {
        "cells-0-state_iso3": "BTN", "cells-0-mission_id": str(home.missions["delhi"]),
        "cells-1-state_iso3": "KEN", "cells-1-mission_id": "",
        "cells-2-state_iso3": "LAO", "cells-2-mission_id": str(home.missions["new_york"]),
    }  # fmt: skip
    material = {"file": (io.BytesIO(samples.pdf()), "non-paper.pdf"), "what": "To be left"}
    answer = browser.post("/instructions/new", data={**_form(home), **cells, **material, "csrf_token": token_of(page)})
    assert answer.status_code == 303, answer.get_data(as_text=True)[:4000]
    shown = check_page(browser.get(answer.headers["Location"]))
    assert "To be left" in shown and "Bhutan" in shown and "Kenya" not in shown
    assert "Nobody is posted there" in shown, "in New York nobody is"
    access.look_as(SYSTEM)
    assert follow_up("LAO").owner_id == home.coordinator.user_id, "whoever instructs is reminded in their place"


def test_both_doors_leave_the_same_behind(app: Flask) -> None:
    home = house()
    browser = _browser(app, "coordinator")
    token = token_of(browser.get("/instructions/new").get_data(as_text=True))
    body = {key: value for key, value in told(deliver_by=None, report_by=None).items() if value is not None} | {
        "deliver_by": (clock.today() + timedelta(days=10)).isoformat(),
        "report_by": (clock.today() + timedelta(days=14)).isoformat(),
        "handling": "coordination",
        "cells": [{"state_iso3": "BTN", "mission_id": str(home.missions["delhi"])}],
    }
    found = browser.get("/api/v1/instructions/proposal?states=Bhutan").get_json()
    assert found["items"][0]["mission_id"] == str(home.missions["delhi"])
    answer = browser.post("/api/v1/instructions", json=body, headers={"X-CSRFToken": token})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    made = answer.get_json()
    assert made["tasks"][0]["standing"] == "sent" and made["counts"]["undelivered"] == 1
    assert made["arguments"] == told()["arguments"]
    wrong = browser.post("/api/v1/instructions", json={**body, "cells": []}, headers={"X-CSRFToken": token})
    assert wrong.status_code == 422 and "cells" in wrong.get_json()["errors"]
    bad = {**body, "cells": [{"state_iso3": "BTN", "mission_id": str(home.missions["bangkok"])}]}
    wrong = browser.post("/api/v1/instructions", json=bad, headers={"X-CSRFToken": token})
    assert wrong.status_code == 422 and "cells-0-mission_id" in wrong.get_json()["errors"]
    listed = browser.get("/api/v1/instructions").get_json()["items"]
    assert [one["counts"]["total"] for one in listed] == [1]


@pytest.mark.parametrize(
    ("changes", "cells", "field"),
    [
        ({"deliver_by": -1}, None, "deliver_by"),
        ({"report_by": 5}, None, "report_by"),
        ({}, {"MNG": "delhi"}, "cells"),
        ({}, {"THA": "delhi"}, "cells"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    app: Flask, changes: dict[str, int], cells: dict[str, str] | None, field: str
) -> None:
    home = house()
    days = {name: clock.today() + timedelta(days=number) for name, number in changes.items()}
    with pytest.raises(RuleViolation) as refused:
        sent(home, cells, **days)
    assert field in refused.value.errors
    access.look_as(SYSTEM)
    assert not db.session.scalars(select(Instruction)).all() and not mails()


def test_only_whoever_may_instruct_does_and_only_missions_of_their_own(app: Flask, person: People) -> None:
    home, other = house(), person("coordinator").viewer
    given: dict[str, Any] = {"handling": Handling.COORDINATION, **told()}
    cells = [Cell(home.missions["delhi"], "BTN")]
    officer = home.people["delhi"]
    with looking_as(officer), unit_of_work(), pytest.raises(NotAllowed):
        service.send_instruction(actor=officer, cells=cells, **given)
    with looking_as(other), unit_of_work(), pytest.raises(RuleViolation, match="mission of your own"):
        service.send_instruction(actor=other, cells=cells, **given)


def test_what_is_for_one_party_is_absent_for_every_other(app: Flask, person: People) -> None:
    home = house()
    key = sent(home, handling=Handling.STATES)
    part = task("BTN").id
    for who in ("coordinator", "presidency", "officer", "observer", "secretariat"):
        browser = browser_of(app, person(who).email)
        for place in (f"/instructions/{key}", f"/instructions/tasks/{part}", f"/instructions/{key}/table.csv"):
            assert browser.get(place).status_code in (403, 404), (who, place)
        listed = browser.get("/instructions")
        assert listed.status_code == 403 or "Before the cabinet" not in listed.get_data(as_text=True)


def test_a_mission_sees_its_own_states_and_no_other(app: Flask) -> None:
    home = house()
    key = sent(home)
    page = check_page(_browser(app, "bangkok").get(f"/instructions/{key}"))
    assert "Lao" in page and "Bhutan" not in page and "India" not in page
    only_bhutan = sent(home, {"BTN": "delhi"}, name="Thimphu alone")
    assert _browser(app, "bangkok").get(f"/instructions/{only_bhutan}").status_code == 404
    assert "Thimphu alone" not in _browser(app, "bangkok").get("/instructions").get_data(as_text=True)


def test_a_restricted_state_is_instructed_and_kept_for_those_who_are_named(app: Flask) -> None:
    home = house()
    delhi = home.people["second"]
    with looking_as(SYSTEM), unit_of_work():
        restricted.restrict(actor=SYSTEM, state_iso3="BTN")
        restricted.name_reader(actor=SYSTEM, state_iso3="BTN", user_id=delhi.user_id)
    closed = home.coordinator.__class__(**{**vars(home.coordinator), "closed": frozenset({"BTN"})})
    key = sent(type(home)({**home.people, "coordinator": closed}, home.missions))
    assert follow_up("BTN").owner_id == delhi.user_id, "whoever is named is charged"
    page = check_page(_browser(app, "coordinator").get(f"/instructions/{key}"))
    assert "Bhutan" not in page and "India" in page
    assert "Bhutan" not in _browser(app, "delhi").get(f"/instructions/{key}").get_data(as_text=True)
    assert "Bhutan" in check_page(_browser(app, "second").get(f"/instructions/{key}"))
    wanted = {
        "handling": "coordination", "cells": [{"state_iso3": "BTN", "mission_id": str(home.missions["delhi"])}],
        **told(name="Another"), "deliver_by": "2026-12-20", "report_by": "2026-12-20",
    }  # fmt: skip
    browser = _browser(app, "coordinator")
    token = token_of(browser.get("/account").get_data(as_text=True))
    made = browser.post("/api/v1/instructions", json=wanted, headers={"X-CSRFToken": token})
    assert made.status_code == 201 and made.get_json() == {"kept": KEPT_UNSEEN}
    assert len(_readable(home.coordinator)) == 1 and len(_readable(home.people["second"])) == 2


def _readable(someone: Viewer) -> set[UUID]:
    """The instructions that this person reads now."""
    with looking_as(SYSTEM):
        db.session.rollback()
        now = viewer_of(db.session.get_one(User, someone.user_id))
    with looking_as(now):
        return set(db.session.scalars(select(Instruction.id)))


def test_whoever_sent_it_reads_it_no_longer_once_its_only_state_is_closed_to_them(app: Flask) -> None:
    home = house()
    key = sent(home, {"BTN": "delhi"})
    browser = _browser(app, "coordinator")
    assert OBJECTIVE in html.unescape(check_page(browser.get(f"/instructions/{key}")))
    with looking_as(SYSTEM), unit_of_work():
        restricted.restrict(actor=SYSTEM, state_iso3="BTN")
        restricted.name_reader(actor=SYSTEM, state_iso3="BTN", user_id=home.people["second"].user_id)
    for address in (f"/instructions/{key}", f"/api/v1/instructions/{key}"):
        assert browser.get(address).status_code == 404
    assert "Before the cabinet decides" not in browser.get("/search?q=cabinet").get_data(as_text=True)
    assert OBJECTIVE in html.unescape(check_page(_browser(app, "second").get(f"/instructions/{key}")))


WHY = "An allowance for the secretary"


def _read_by(browser: FlaskClient, key: UUID, met: UUID) -> dict[str, list[str]]:
    """Which words of an instruction stand on pages and in answers, by address."""
    assert browser.get(f"/instructions/{key}").status_code == 404
    found = {}
    for address in (
        f"/activities/{met}", f"/api/v1/activities/{met}", "/states/BTN", "/activities",
        "/followups?owner=all", "/followups?owner=all&status=cancelled", "/search?q=cabinet", "/states/BTN/brief",
        "/administration/audit", "/api/v1/activities", "/api/v1/followups",
    ):  # fmt: skip
        answer = browser.get(address)
        text = html.unescape(answer.get_data(as_text=True))
        found[address] = [one for one in (OBJECTIVE, "Vienna 114", "Before the cabinet", WHY) if one in text]
    return {address: words for address, words in found.items() if words}


def test_what_it_says_is_read_by_no_other_party(app: Flask, signed_in: Callable[[str], FlaskClient]) -> None:
    """They learn that somebody goes there and when, and not what for, before and after it is amended or withdrawn."""
    home = house()
    key, other = sent(home), signed_in("presidency")
    with looking_as(SYSTEM):
        met = activity("BTN").id
    assert other.get(f"/activities/{met}").status_code == 200
    assert _read_by(other, key, met) == {}
    does(
        home.coordinator, service.amend_instruction, instruction_id=key, why=WHY, **told(objective=f"{OBJECTIVE} {WHY}")
    )
    assert _read_by(other, key, met) == {}
    does(home.coordinator, service.withdraw_instruction, instruction_id=key, why=WHY)
    assert _read_by(other, key, met) == {}


def test_the_list_and_the_table_cost_the_same_however_long(app: Flask) -> None:
    home = house()
    counts = []
    for cells in (
        {"BTN": "delhi"},
        {"BTN": "delhi", "IND": "delhi", "NPL": "delhi", "LAO": "bangkok", "THA": "bangkok"},
    ):
        key = sent(home, cells)
        browser = _browser(app, "coordinator")
        browser.get(f"/instructions/{key}")
        with recorded() as seen:
            check_page(browser.get(f"/instructions/{key}"))
        table = len(seen)
        with recorded() as seen:
            check_page(browser.get("/instructions"))
        counts.append((table, len(seen)))
        access.look_as(SYSTEM)
    assert counts[0] == counts[1], counts


def test_counts_are_those_of_what_is_seen(app: Flask) -> None:
    home = house()
    key = sent(home)
    with looking_as(home.people["bangkok"]):
        lines = queries.tasks_of(key, clock.today())
    assert queries.counts_of(lines).total == 1
    with looking_as(SYSTEM):
        db.session.rollback()
        assert len(db.session.scalars(select(InstructionTask)).all()) == 3
        assert len(db.session.scalars(select(FollowUp)).all()) == 3
    assert instruction().version == 1


def test_the_list_is_asked_for_a_state(app: Flask) -> None:
    """By what its reader reads of the tasks: what another mission is asked for finds nothing for it."""
    home = house()
    sent(home, {"BTN": "delhi", "LAO": "bangkok"}, name="To both")
    sent(home, {"LAO": "bangkok"}, name="To one")
    for who, iso3, names in (
        ("coordinator", "LAO", {"To both", "To one"}),
        ("coordinator", "BTN", {"To both"}),
        ("coordinator", "NPL", set()),
        ("delhi", "BTN", {"To both"}),
        ("delhi", "LAO", set()),
    ):
        browser = _browser(app, who)
        assert {one["name"] for one in browser.get(f"/api/v1/instructions?state={iso3}").json["items"]} == names
        page = check_page(browser.get(f"/instructions?state={iso3}"))
        assert set(re.findall(r"data-open[^>]*>([^<]+)<", page)) == names, (who, iso3)
        access.look_as(SYSTEM)
