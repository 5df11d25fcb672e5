"""Whoever asked for wider handling may take it back while nobody has answered; and what was asked is read page by
page.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts import service as accounts
from crm.accounts.models import Party, Role
from crm.accounts.viewers import viewer_of
from crm.audit.models import AuditEntry
from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.core.lists import PAGE_SIZE
from crm.sharing import queries
from crm.sharing import service as sharing
from crm.sharing.models import HandlingRequest
from tests.sharing.test_handling import answer, ask
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.records import logged
from tests.support.statements import recorded

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]


def withdraw(actor: Viewer, request_id: UUID) -> None:
    """Take it back, committed."""
    with looking_as(actor), unit_of_work():
        sharing.withdraw(actor=actor, request_id=request_id)


def states(viewer: Viewer) -> list[tuple[bool, bool]]:
    """Of each request that somebody sees, whether it waits and whether they may take it back."""
    with current_app.test_request_context(), looking_as(viewer):
        db.session.rollback()
        return [(one.waits, one.takes_back) for one in queries.page_of_requests(viewer).items]


def test_what_is_taken_back_waits_for_nobody(app: Flask, person: People, signed_in: Clients) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    key = logged(officer, handling=Handling.COORDINATION)
    asked = ask(coordinator, key, Handling.STATES)
    assert states(coordinator) == [(True, True)] and states(officer) == [(True, False)]
    mine, theirs = signed_in("coordinator"), signed_in("officer")
    page = check_page(mine.get("/sharing"))
    assert f"/sharing/requests/{asked}/withdraw" in page
    assert f"/sharing/requests/{asked}/withdraw" in check_page(mine.get(f"/activities/{key}"))
    assert f"/sharing/requests/{asked}/withdraw" not in check_page(theirs.get("/sharing"))
    sent = mine.post(f"/sharing/requests/{asked}/withdraw", data={"csrf_token": token_of(page)})
    assert sent.status_code == 303
    for browser in (mine, theirs):
        shown = check_page(browser.get("/sharing")).partition("<main")[2]
        assert "Withdrawn" in shown and "Waiting for an answer" not in shown
        assert "Your party has asked" not in check_page(browser.get("/"))
        assert "For your party to answer" not in check_page(browser.get("/"))
    assert "There is nothing to answer any more" in check_page(theirs.get(f"/sharing/requests/{asked}"))
    with pytest.raises(RuleViolation, match="has withdrawn"):
        answer(officer, asked, True)
    withdraw(coordinator, asked)
    with looking_as(SYSTEM):
        entries = db.session.scalars(select(AuditEntry.event).where(AuditEntry.event.contains("wider")))
        assert sorted(entries) == ["wider_handling_asked", "wider_handling_withdrawn"]
    ask(coordinator, key, Handling.COMMUNITY)


def test_nobody_else_takes_it_back(app: Flask, person: People) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    asked = ask(coordinator, logged(officer, handling=Handling.COORDINATION), Handling.STATES)
    for other in (officer, person("presidency").viewer, person("other_officer").viewer):
        with pytest.raises(NotFound):
            withdraw(other, asked)
    near = _second_coordinator(coordinator)
    with pytest.raises(NotAllowed):
        withdraw(near, asked)
    assert states(near) == [(True, False)]
    with looking_as(SYSTEM), unit_of_work():
        accounts.close_account(actor=SYSTEM, user_id=coordinator.user_id or UUID(int=0))
    assert states(near) == [(True, True)]
    withdraw(near, asked)
    assert states(officer) == [(False, False)]


def _second_coordinator(of: Viewer) -> Viewer:
    with looking_as(SYSTEM), unit_of_work() as session:
        return viewer_of(
            accounts.open_account(
                actor=SYSTEM, email="near@example.org", name="Near", party=session.get_one(Party, of.party_id),
                roles=[Role.COORDINATOR], password=None,
            )
        )  # fmt: skip


def test_what_is_answered_is_not_taken_back(app: Flask, person: People) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    asked = ask(coordinator, logged(officer, handling=Handling.COORDINATION), Handling.STATES)
    answer(officer, asked, False)
    with pytest.raises(RuleViolation, match="answered already"):
        withdraw(coordinator, asked)
    assert states(coordinator) == [(False, False)]


def test_however_many_were_asked_each_stands_on_a_page(app: Flask, person: People, signed_in: Clients) -> None:
    """What waits comes first, however old it is."""
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    key = logged(officer, handling=Handling.COORDINATION)
    first, most = ask(coordinator, key, Handling.STATES), 2 * PAGE_SIZE + 5
    with looking_as(SYSTEM), unit_of_work() as session:
        one = session.get_one(HandlingRequest, first)
        session.add_all(
            HandlingRequest(
                subject_kind=one.subject_kind, subject_id=key, originator_id=one.originator_id, wanted=one.wanted,
                reason=f"Reason {number}", asked_by="Coordinator", asked_by_id=one.asked_by_id, granted=False,
                asking_party_id=one.asking_party_id, asked_at=clock.now() + timedelta(seconds=number),
            )
            for number in range(most)
        )  # fmt: skip
    browser = signed_in("officer")
    page = check_page(browser.get("/sharing"))
    assert "For you to answer" in page and 'rel="next"' in page and f"Reason {most - 1}<" in page
    read: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        got = browser.get("/api/v1/sharing/requests", query_string={"after": cursor} if cursor else {}).get_json()
        read += [item["reason"] for item in got["items"]]
        cursor = got["next"]
    assert read == ["For the report.", *(f"Reason {number}" for number in reversed(range(most)))]
    assert browser.get("/sharing?after=nonsense").status_code == 404


@pytest.mark.parametrize("page", ["/sharing", "/"])
def test_a_page_of_requests_costs_as_many_statements_however_many_there_are(
    app: Flask, person: People, signed_in: Clients, page: str
) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    numbers = []
    for more in (1, 6):
        for _ in range(more):
            ask(coordinator, logged(officer, handling=Handling.COORDINATION), Handling.STATES)
        for who in ("coordinator", "officer"):
            signed_in(who).get(page)
            with recorded() as seen:
                check_page(signed_in(who).get(page))
            numbers.append(len(seen))
    assert numbers[:2] == numbers[2:]
