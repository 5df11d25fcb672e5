"""S3: what ends a task of silence, or keeps one away, tells nobody of a contact that is closed to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from crm.core.access import Handling, looking_as
from crm.core.db import unit_of_work
from crm.followups.rules import Status
from crm.reach.service import emergency, restricted
from tests.followups.test_cadence import TODAY, _keep, _raise, _tasks, without_the_usual
from tests.support.people import Person
from tests.support.records import anew, logged

People = Callable[[str], Person]
__all__ = ["without_the_usual"]


@pytest.mark.parametrize("raised_before", [True, False])
def test_s03_a_contact_about_a_further_state_that_is_closed_says_nothing(
    app: Flask, person: People, raised_before: bool
) -> None:
    """The owner sees it, the colleague who reads the task does not."""
    coordinator = person("coordinator").viewer
    logged(coordinator, "MNG", held_on=TODAY - timedelta(days=100))
    _keep(coordinator, subject="MNG")
    assert not raised_before or _raise() == 1
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="PER")
    recent = {"held_on": TODAY - timedelta(days=1), "kind": "regional_workshop"}
    logged(anew(coordinator), "MNG", further_states=("PER",), **recent)
    assert _raise() == (0 if raised_before else 1)
    assert _tasks()[0].status == Status.OPEN
    logged(anew(coordinator), "MNG", **recent)
    _raise()
    assert _tasks()[0].status == Status.DONE


def test_s03_a_contact_about_the_restricted_state_itself_counts(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    logged(coordinator, "PER", held_on=TODAY - timedelta(days=100))
    _keep(coordinator, subject="PER")
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="PER")
    assert _raise() == 1
    logged(anew(coordinator), "PER", held_on=TODAY - timedelta(days=1))
    _raise()
    assert _tasks()[0].status == Status.DONE


def test_s03_an_emergency_ends_no_task(app: Flask, person: People) -> None:
    """Nobody reads by night what an emergency opened for somebody by day."""
    coordinator, other = person("coordinator").viewer, person("officer").viewer
    logged(coordinator, "PER", held_on=TODAY - timedelta(days=100))
    _keep(coordinator, subject="PER")
    assert _raise() == 1
    logged(other, "PER", held_on=TODAY - timedelta(days=1), handling=Handling.ORIGINATOR)
    with looking_as(coordinator), unit_of_work():
        emergency.begin(actor=coordinator, state_iso3="PER", reason="The vote is tonight, nobody answers.")
    _raise()
    assert _tasks()[0].status == Status.OPEN
