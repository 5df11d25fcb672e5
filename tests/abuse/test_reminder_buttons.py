"""S21: the buttons of a reminder, forged, aimed at something else, or no longer theirs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

import config
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


@pytest.mark.parametrize("spoil", ["other purpose", "forged", "given away", "closed account", "too old"])
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
            address = address[:-1] + ("A" if address[-1] != "A" else "B")
        case "given away":
            officer, coordinator = person("officer").viewer, person("coordinator").viewer
            change(officer, service.reassign, followup_id, owner_id=coordinator.user_id)
        case "closed account":
            close_account(person("officer").viewer)
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
