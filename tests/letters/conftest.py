"""An installation from which letters can be written: somebody in every office, somebody to sign."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from crm.core import access, clock, jobs
from crm.core.db import db, unit_of_work
from crm.core.jobs import Job, Wanted
from crm.letters import drafting, service
from crm.letters.models import Letter, LetterCampaign
from crm.letters.progress import LanguageChoice
from crm.meetings.models import Coordinator
from crm.people.models import Office, OfficeHolder
from crm.people.rules import Gender, OfficeKind
from crm.states.queries import register
from crm.states.rules import Status
from tests.support.people import Person

JUNE_2011 = date(2011, 6, 1)
SINCE = date(2009, 1, 1)


@pytest.fixture
def offices(app: Flask) -> Flask:
    """A Foreign Minister in every State since 2009, men and women in turn, and Japan as coordinator."""
    with unit_of_work():
        held = [Office(state_iso3=iso3, kind=OfficeKind.FOREIGN_MINISTER.value) for iso3 in sorted(register().states)]
        db.session.add_all(held)
        db.session.flush()
        genders = (Gender.MALE.value, Gender.FEMALE.value)
        db.session.add_all(
            OfficeHolder(office_id=one.id, name=f"Example {one.state_iso3}", gender=genders[place % 2], from_on=SINCE)
            for place, one in enumerate(held)
        )
        db.session.add(
            Coordinator(
                state_iso3="JPN",
                capacity_en="Friend of the President on Universalization",
                capacity_fr="Ami du Président pour l’universalisation",
                from_on=SINCE,
            )
        )
    return app


Plan = Callable[..., LetterCampaign]


@pytest.fixture
def plan(offices: Flask, person: Callable[[str], Person]) -> Plan:
    """Plan a campaign as the coordinator of Japan; by default to the non-signatories of June 2011."""

    def start(**changes: Any) -> LetterCampaign:
        given: dict[str, Any] = {
            "actor": person("coordinator").viewer,
            "name": "Before Beirut",
            "letter_date": JUNE_2011,
            "statuses": [Status.NON_SIGNATORY],
            "languages": LanguageChoice.ENGLISH,
        }
        with unit_of_work():
            return service.plan_campaign(**{**given, **changes})

    return start


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Wanted]:
    """The jobs that were handed to the broker, which takes them all and does nothing."""
    handed: list[Wanted] = []
    monkeypatch.setattr(jobs, "dispatch", handed.extend)
    return handed


@pytest.fixture
def work_off(sent: list[Wanted]) -> Callable[..., int]:
    """Do what a worker would do with the jobs handed over so far, or with those for some States only.

    Returns how many jobs there were; the others are lost.
    """

    def work(*only: str) -> int:
        asked = [UUID(one.ids[0]) for one in sent if one.job is Job.DRAFT_LETTER]
        sent.clear()
        with access.looking_as(access.SYSTEM):
            wanted = select(Letter.id).where(Letter.state_iso3.in_(only))
            chosen = set(db.session.scalars(wanted)) if only else set(asked)
            for one in asked:
                if one in chosen:
                    drafting.draft(one)
        db.session.expire_all()
        return len(asked)

    return work


@pytest.fixture
def later() -> Iterator[Callable[[int], None]]:
    """Let time pass, in seconds."""

    def shift(seconds: int) -> None:
        clock.set_shift(seconds)

    yield shift
    clock.set_shift(0)
