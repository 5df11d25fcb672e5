"""S21: the buttons of a reminder, forged, aimed at something else, or no longer theirs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

import config
from crm.accounts.models import User
from crm.accounts.service import end_keys, shut
from crm.audit.models import AuditEntry
from crm.audit.vocabulary import Event
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
from crm.followups import service
from tests.followups.buttons import reminded
from tests.followups.opening import change, close_account, forget_viewer, read
from tests.mail.relays import Relay
from tests.support.databases import settings_for
from tests.support.pages import token_of
from tests.support.people import Person

People = Callable[[str], Person]
Later = Callable[[float], None]
DAY = 86_400.0


@pytest.fixture
def settings(database_url: str, var_dir: Path, relay: Relay) -> config.Settings:
    """Mail goes to the relay of the test."""
    return settings_for(database_url, var_dir, smtp_url=relay.url)


def _with_account(person: Person, verb: Callable[[User], int]) -> None:
    with looking_as(SYSTEM), unit_of_work() as session:
        verb(session.get_one(User, person.viewer.user_id))


def test_s21_a_button_that_was_made_after_the_keys_ended_works(
    app: Flask, relay: Relay, person: People, later: Later
) -> None:
    _with_account(person("officer"), end_keys)
    followup_id, links = reminded(relay, person, later)
    browser = app.test_client()
    token = token_of(browser.get(links["Done"]).text)
    assert browser.post(links["Done"], data={"csrf_token": token}).status_code == 303
    assert read(followup_id).status == "done"


@pytest.mark.parametrize("purpose", ["Done", "Later"])
def test_s21_the_audit_tells_a_button_from_somebody_who_signed_in(
    app: Flask, relay: Relay, person: People, later: Later, purpose: str
) -> None:
    followup_id, links = reminded(relay, person, later)
    browser = app.test_client()
    token = token_of(browser.get(links[purpose]).text)
    typed = {"csrf_token": token, "until": "2026-11-25"}
    assert browser.post(links[purpose], data=typed).status_code == 303
    forget_viewer()
    change(person("officer").viewer, service.reopen if purpose == "Done" else service.finish, followup_id)
    change(person("officer").viewer, service.finish, followup_id)
    events = (Event.FOLLOWUP_DONE, Event.FOLLOWUP_REMINDED_LATER)
    with looking_as(SYSTEM):
        wanted = select(AuditEntry.details).where(AuditEntry.event.in_(events)).order_by(AuditEntry.at)
        assert [one["by_button"] for one in db.session.scalars(wanted)] == [True, False]


@pytest.mark.parametrize(
    "spoil", ["other purpose", "forged", "given away", "closed account", "closed and opened", "keys ended", "too old"]
)
def test_s21_a_button_that_is_not_theirs_any_more_does_nothing(
    app: Flask, relay: Relay, person: People, later: Later, spoil: str
) -> None:
    followup_id, links = reminded(relay, person, later)
    assert [links["Done"].rpartition("/")[0], links["Later"].rpartition("/")[0]] == [
        "/reminders/done",
        "/reminders/later",
    ]
    address, browser = links["Done"], app.test_client()
    token = token_of(browser.get(address).text)
    match spoil:
        case "other purpose":
            address = address.replace("/done/", "/later/")
        case "forged":
            before, _, signature = address.rpartition(".")
            address = f"{before}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
        case "given away":
            officer, coordinator = person("officer").viewer, person("coordinator").viewer
            change(officer, service.reassign, followup_id, owner_id=coordinator.user_id)
        case "closed account":
            close_account(person("officer").viewer)
        case "closed and opened":
            _with_account(person("officer"), shut)
            close_account(person("officer").viewer, closed=False)
        case "keys ended":
            _with_account(person("officer"), end_keys)
        case _:
            real = time.time()
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr("itsdangerous.timed.time.time", lambda: real + 40 * DAY)
                forget_viewer()
                assert browser.post(address, data={"csrf_token": token}).status_code == 404
            assert read(followup_id).status == "open"
            return
    forget_viewer()
    answer = browser.post(address, data={"csrf_token": token, "until": "2026-11-25"})
    assert answer.status_code == 404
    assert read(followup_id).status == "open"
    assert read(followup_id).again_at is None
