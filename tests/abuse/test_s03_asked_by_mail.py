"""S3: whether a State is restricted is not asked by mail in silence."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.models import User
from crm.capture import receiving
from crm.core import access
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.mail.models import OutboxMail
from crm.reach.service import restricted
from tests.capture.conftest import settings
from tests.capture.sending import address_for, kept, read_all, written
from tests.support.people import Person, browser_of

__all__ = ["settings"]

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]
TOLD = "/api/v1/audit?event=written_unseen"


def _bring(to: Viewer, sender: str, *states: str) -> list[str]:
    """A mail for each of these names of States; what the mail server hears."""
    there, heard = address_for(to), []
    for one in states:
        mail = written(sender, f"They talk about {one}.\n", Subject=f"Note on {one}", Message_ID=f"<{one}@example.org>")
        with looking_as(SYSTEM), unit_of_work():
            heard += receiving.keep([there], mail.as_bytes())
    read_all()
    access.look_as(SYSTEM)
    return [one.value for one in heard]


def _restrict(by: Viewer, *states: str) -> None:
    with looking_as(by), unit_of_work():
        for one in states:
            restricted.restrict(actor=by, state_iso3=one)


@pytest.mark.parametrize("who", ["presidency", "other_officer"])
def test_who_asks_by_mail_leaves_a_word_that_those_who_are_named_read(
    app: Flask, person: People, signed_in: Clients, who: str
) -> None:
    """And hears the same as of any other State."""
    asking = person(who)
    _restrict(person("coordinator").viewer, "LAO")
    heard = _bring(asking.viewer, asking.email, "Bhutan", "Lao PDR")
    assert len(set(heard)) == 1 and len(kept()) == 2
    with looking_as(SYSTEM):
        receipts = db.session.scalars(select(OutboxMail).where(OutboxMail.recipient == asking.email)).all()
        assert len({(one.subject, one.text) for one in receipts}) == 1 and len(receipts) == 2
    db.session.rollback()
    theirs = signed_in(who)
    page = theirs.get("/waiting-room").text
    assert "Note on Bhutan" in page and "Note on Lao PDR" not in page
    found = signed_in("coordinator").get(TOLD).get_json()["items"]
    assert [(one["actor"], one["facts"]) for one in found] == [(asking.viewer.name, {"state": "LAO"})]
    told = theirs.get(TOLD)
    assert told.status_code == 403 or told.get_json()["items"] == []


def test_one_mail_about_many_states_tells_of_each_that_is_restricted(person: People, signed_in: Clients) -> None:
    asking = person("presidency")
    _restrict(person("coordinator").viewer, "LAO", "PER")
    _bring(asking.viewer, asking.email, "Bhutan, Lao PDR, Peru and Tonga")
    found = signed_in("coordinator").get(TOLD).get_json()["items"]
    assert sorted(one["facts"]["state"] for one in found) == ["LAO", "PER"]


def test_a_mail_of_nobody_who_is_known_tells_whose_address_it_came_to(person: People, signed_in: Clients) -> None:
    """Whoever asks may send from an address of which nobody here knows that it is theirs."""
    asked = person("presidency").viewer
    _restrict(person("coordinator").viewer, "LAO")
    _bring(asked, "stranger@evil.example", "Bhutan", "Lao PDR")
    found = signed_in("coordinator").get(TOLD).get_json()["items"]
    [word] = [(one["actor"], one["facts"]) for one in found]
    assert word == ("Mail of somebody unknown to Lebanon", {"state": "LAO"})
    assert signed_in("presidency").get(TOLD).get_json()["items"] == []


def test_who_is_named_asks_nothing_and_a_colleague_who_is_not_leaves_the_word(
    app: Flask, person: People, signed_in: Clients
) -> None:
    """The mail waits for the one who is named, whoever of the party sent it."""
    named = person("coordinator")
    _restrict(named.viewer, "LAO")
    _bring(named.viewer, named.email, "Lao PDR")
    own = signed_in("coordinator")
    assert "Note on Lao PDR" in own.get("/waiting-room").text
    assert own.get(TOLD).get_json()["items"] == []
    officer = person("officer")
    with looking_as(SYSTEM), unit_of_work() as session:
        party = session.get_one(User, named.viewer.user_id).party_id
        session.get_one(User, officer.viewer.user_id).party_id = party
    db.session.remove()
    access.look_as(SYSTEM)
    _bring(named.viewer, officer.email, "the Laos of today")
    assert own.get("/waiting-room").text.count("Note on") == 2
    assert "Note on" not in browser_of(app, officer.email).get("/waiting-room").text
    assert [one["actor"] for one in own.get(TOLD).get_json()["items"]] == ["Officer"]
