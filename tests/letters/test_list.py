"""The list of campaigns: what it is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from crm.core.db import unit_of_work
from crm.letters import service
from crm.letters.progress import LetterState
from tests.letters.campaigns import letters
from tests.letters.conftest import Plan
from tests.support.pages import check_page

SignedIn = Callable[[str], FlaskClient]


def test_the_list_is_asked_how_far_campaigns_are(plan: Plan, person: Any, signed_in: SignedIn) -> None:
    """One of which every letter is drafted is found by no step, one of several by each that holds for it."""
    wanted = {"Drafted": [LetterState.DRAFTED], "Waiting": [LetterState.WAITING], "Blocked": [LetterState.BLOCKED]}
    wanted |= {"Failed": [LetterState.FAILED, LetterState.DRAFTING], "Stopped": [LetterState.STOPPED]}
    for name, states in wanted.items():
        found = plan(name=name)
        with unit_of_work():
            for place, letter in enumerate(letters(found).values()):
                letter.state = states[place % len(states)].value
            if name == "Stopped":
                service.stop_campaign(actor=person("coordinator").viewer, campaign_id=found.id)
    browser = signed_in("coordinator")
    for step, names in (
        ("", set(wanted)),
        ("under_way", {"Waiting", "Failed"}),
        ("look", {"Blocked", "Failed"}),
        ("stopped", {"Stopped"}),
    ):
        listed = browser.get(f"/api/v1/letters/campaigns?progress={step}").get_json()["items"]
        assert {one["name"] for one in listed} == names, step
        shown = check_page(browser.get(f"/letters?progress={step}" if step else "/letters?view=all"))
        assert set(re.findall(r"data-open[^>]*>([^<]+)<", shown)) == names, step
