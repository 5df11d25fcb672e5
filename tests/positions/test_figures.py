"""Figures over all other parties say how many States, and never which."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from crm.core.access import Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed
from crm.core.visibility import Attribution
from crm.positions.queries import neutral_figures
from crm.positions.rules import Basis, ObstacleType
from crm.positions.service import claim_obstacle
from crm.reach.service import restricted
from crm.states.queries import register
from tests.support.people import Person
from tests.support.records import logged

People = Callable[[str], Person]
TYPE = ObstacleType.HUMAN_RESOURCES


@pytest.fixture
def region(app: Flask) -> tuple[str, list[str]]:
    """A region and five of its States."""
    states = register().states.values()
    name = next(one.region for one in states if one.iso3 == "LAO")
    return name, [one.iso3 for one in states if one.region == name][:5]


def claim(by: Viewer, *states: str, handling: Handling = Handling.COORDINATION) -> None:
    """What a party concluded about some States, committed."""
    with looking_as(by), unit_of_work():
        for iso3 in states:
            claim_obstacle(
                state_iso3=iso3, type=TYPE, subtype="", basis=Basis.STATED, claimed_on=date(2026, 11, 1),
                originator_id=by.party_id, handling=handling,
            )  # fmt: skip


def figure(asker: Viewer, region: str) -> int | None:
    """What somebody reads of this obstacle in a region."""
    with looking_as(asker):
        db.session.rollback()
        return neutral_figures()[TYPE.value, region]


def test_each_state_counts_once_whoever_of_the_others_claims(person: People, region: tuple[str, list[str]]) -> None:
    name, states = region
    claim(person("officer").viewer, *states[:3])
    claim(person("other_officer").viewer, *states[1:4])
    assert figure(person("secretariat").viewer, name) == 4


def test_s03_nobody_finds_a_state_by_adding_to_the_figure(person: People, region: tuple[str, list[str]]) -> None:
    """With own claims counted, two of one's own beside one hidden one would show the third."""
    name, states = region
    secretariat = person("secretariat").viewer
    claim(person("officer").viewer, states[0])
    assert figure(secretariat, name) is None
    for own in states[1:4]:
        claim(secretariat, own)
        assert figure(secretariat, name) is None
    claim(person("officer").viewer, *states[1:3])
    assert figure(secretariat, name) == 3


def test_what_a_party_keeps_and_what_is_restricted_is_not_counted(
    person: People, region: tuple[str, list[str]]
) -> None:
    name, states = region
    claim(person("officer").viewer, *states[:4])
    claim(person("officer").viewer, states[4], handling=Handling.ORIGINATOR)
    assert figure(person("secretariat").viewer, name) == 4
    coordinator = person("coordinator").viewer
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3=states[0])
    assert figure(person("secretariat").viewer, name) == 3


def test_what_came_out_of_a_record_about_a_restricted_state_is_not_counted(
    person: People, region: tuple[str, list[str]]
) -> None:
    """Whichever State the claim names itself."""
    name, states = region
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    claim(officer, *states[:3])
    logged(
        officer, states[3], kind="regional_workshop", further_states=(states[4],), obstacle=TYPE.value,
        handling=Handling.COORDINATION, attribution=Attribution.FULL,
    )  # fmt: skip
    assert figure(person("secretariat").viewer, name) == 5
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3=states[4])
    assert figure(person("secretariat").viewer, name) == 3


def test_they_are_for_those_who_may_read_figures(app: Flask, person: People) -> None:
    observer = person("observer").viewer
    with looking_as(observer), pytest.raises(NotAllowed):
        neutral_figures()
