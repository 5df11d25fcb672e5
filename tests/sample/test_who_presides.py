"""Who presided is real where a source names somebody; an invented person fills the gaps and nothing else."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from crm.accounts.models import Role
from crm.core import clock
from crm.core.db import db, unit_of_work
from crm.letters import service as letters
from crm.letters.gathering import gather
from crm.letters.models import Letter
from crm.letters.progress import LanguageChoice
from crm.meetings.models import Meeting, Presidency
from crm.meetings.queries import signatories_on
from crm.states.rules import Status
from tests.sample.loading import somebody

pytestmark = pytest.mark.sample


@pytest.mark.parametrize(
    ("day", "state_iso3", "person", "invented"),
    [
        ("2010-10-01", "LAO", "Thongloun Sisoulith", False),
        ("2011-06-01", "LBN", "Sample Minister (Lebanon)", True),
        ("2011-06-12", "LBN", "Sample Minister (Lebanon)", True),
        ("2011-06-13", "LBN", "Adnan Mansour", False),
        ("2011-09-13", "LBN", "Adnan Mansour", False),
        ("2026-11-23", "LBN", "Sample Minister (Lebanon)", True),
    ],
)
def test_who_signs(app: Flask, day: str, state_iso3: str, person: str, invented: bool) -> None:
    found = signatories_on(date.fromisoformat(day))
    assert found.presidency
    assert found.presidency_capacity == ("president" if day == "2011-09-13" else "president_designate")
    assert (found.presidency.state_iso3, found.presidency.person) == (state_iso3, person)
    assert found.presidency.sample == invented
    assert found.coordinator
    assert found.coordinator.state_iso3 == "JPN"


def test_nobody_is_invented_for_a_presidency_that_somebody_is_recorded_for(app: Flask) -> None:
    invented = db.session.execute(select(Meeting.key, Presidency.took_over_on).join(Meeting).where(Presidency.sample))
    assert sorted(invented.all()) == [("14MSP", None), ("2MSP", None)]
    assert clock.today() < db.session.scalars(select(Meeting.from_on).where(Meeting.key == "14MSP")).one()


@pytest.mark.parametrize(
    ("day", "number", "state", "person"),
    [
        (date(2010, 10, 1), None, "Lao People's Democratic Republic", "Thongloun Sisoulith"),
        (date(2011, 6, 1), 87, "Lebanon", "Sample Minister (Lebanon)"),
    ],
)
def test_letters_of_the_day_name_the_state_that_presides(
    app: Flask, day: date, number: int | None, state: str, person: str
) -> None:
    with unit_of_work():
        campaign = letters.plan_campaign(
            actor=somebody(Role.COORDINATOR), name="Of the day", letter_date=day, statuses=[Status.NON_SIGNATORY],
            languages=LanguageChoice.ENGLISH,
        )  # fmt: skip
    written = db.session.scalars(select(Letter).where(Letter.campaign_id == campaign.id)).all()
    assert number in (None, len(written))
    presidency = gather(written[0], campaign).presidency
    assert presidency
    assert (presidency.names.short["en"], presidency.person) == (state, person)
