"""Letters follow the office: a change of holder before their day has them drafted anew, and they say so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm.audit.models import AuditContent, AuditEntry
from crm.core import access
from crm.core.access import Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.files.models import StoredFile
from crm.letters import service as campaigns
from crm.letters.models import Letter, LetterCampaign
from crm.letters.progress import LetterState
from crm.meetings.models import Meeting, Presidency
from crm.people import queries, service
from crm.people.rules import Gender, OfficeKind
from tests.letters.campaigns import letters, words
from tests.letters.conftest import Plan
from tests.support.pages import check_page
from tests.support.people import Person

MINISTER = OfficeKind.FOREIGN_MINISTER
SOON = date(2026, 12, 1)
Work = Callable[..., int]
People = Callable[[str], Person]


@pytest.fixture
def pending(plan: Plan, work_off: Work) -> LetterCampaign:
    """A campaign of next week, drafted for two States."""
    with unit_of_work() as session:
        meeting = Meeting(
            key="14MSP", number=14, kind="meeting_of_states_parties", name_en="Fourteenth Meeting of States Parties",
            name_fr="Quatorzième Assemblée des États parties", from_on=date(2027, 9, 1), until_on=date(2027, 9, 4),
        )  # fmt: skip
        session.add(meeting)
        session.flush()
        session.add(Presidency(meeting_id=meeting.id, state_iso3="LBN", took_over_on=date(2026, 10, 1)))
    campaign = plan(letter_date=SOON)
    work_off("BTN", "TON")
    assert letters(campaign)["BTN"].state == LetterState.DRAFTED, letters(campaign)["BTN"].reasons
    return campaign


def _successor(actor: Viewer, name: str = "Karma Example", from_on: date = date(2026, 11, 20), **more: Any) -> None:
    given = {"state_iso3": "BTN", "kind": MINISTER, "gender": Gender.FEMALE, **more}
    with looking_as(actor), unit_of_work():
        service.record_holder(actor=actor, name=name, from_on=from_on, **given)
    access.look_as(access.SYSTEM)
    db.session.expire_all()


def test_a_successor_is_addressed_and_the_letter_says_so(
    app: Flask, pending: LetterCampaign, person: People, work_off: Work, signed_in: Any
) -> None:
    before = letters(pending)["BTN"]
    key, addressed, other = before.id, before.addressee, letters(pending)["TON"].settled_at
    assert "Example BTN" in words(before)
    files = db.session.scalar(select(func.count()).select_from(StoredFile))
    _successor(person("officer").viewer)
    again = letters(pending)["BTN"]
    assert again.state == LetterState.WAITING and not again.texts
    work_off()
    after = letters(pending)["BTN"]
    assert "Karma Example" in words(after) and "Example BTN" not in words(after)
    assert db.session.scalar(select(func.count()).select_from(StoredFile)) == files
    assert letters(pending)["TON"].settled_at == other, "other letters stay as they are"
    (said,) = after.readdressed or []
    assert (said["before"], "Karma Example" in said["after"]) == (addressed, True)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "letter_readdressed")).one()
    assert entry.subject_id == str(key) and entry.details["changed"] == ["addressee"]
    kept = db.session.scalars(select(AuditContent).where(AuditContent.entry_id == entry.id)).one()
    assert kept.values["addressee"] == [said["before"], said["after"]]
    page = check_page(signed_in("coordinator").get(f"/letters/{key}"))
    assert "Addressed anew" in page and "Example BTN" in page


def test_who_comes_after_the_day_of_the_letter_changes_nothing(pending: LetterCampaign, person: People) -> None:
    _successor(person("officer").viewer, from_on=date(2027, 1, 1))
    assert letters(pending)["BTN"].state == LetterState.DRAFTED and not letters(pending)["BTN"].readdressed


def test_a_letter_of_a_day_that_has_passed_is_never_rewritten(plan: Plan, work_off: Work, person: People) -> None:
    campaign = plan()
    work_off("BTN")
    _successor(person("officer").viewer, from_on=date(2011, 1, 1))
    assert letters(campaign)["BTN"].state == LetterState.DRAFTED


def test_an_office_that_becomes_vacant_takes_the_draft_back_until_somebody_comes(
    pending: LetterCampaign, person: People, work_off: Work
) -> None:
    officer = person("officer").viewer
    holder = queries.holder_on("BTN", MINISTER, SOON)
    assert holder
    with looking_as(officer), unit_of_work():
        service.end_term(actor=officer, holder_id=holder.id, until_on=date(2026, 11, 20), version=holder.version)
    access.look_as(access.SYSTEM)
    work_off()
    assert letters(pending)["BTN"].state == LetterState.BLOCKED
    _successor(officer)
    work_off()
    assert letters(pending)["BTN"].state == LetterState.DRAFTED


def test_how_somebody_is_addressed_is_set_right_in_the_letter(
    pending: LetterCampaign, person: People, work_off: Work
) -> None:
    officer, holder = person("officer").viewer, queries.holder_on("BTN", MINISTER, SOON)
    assert holder
    right = {"name": holder.name, "gender": Gender.FEMALE, "from_on": holder.from_on, "honorific": "Dr"}
    with looking_as(officer), unit_of_work():
        service.correct_holder(actor=officer, holder_id=holder.id, version=holder.version, **right)
    access.look_as(access.SYSTEM)
    work_off()
    assert "Dr" in words(letters(pending)["BTN"])


def test_while_the_campaign_is_stopped_the_letter_waits(pending: LetterCampaign, person: People) -> None:

    with unit_of_work():
        campaigns.stop_campaign(actor=person("coordinator").viewer, campaign_id=pending.id)
    _successor(person("officer").viewer)
    assert letters(pending)["BTN"].state == LetterState.STOPPED
    assert db.session.scalar(select(Letter.addressee).where(Letter.id == letters(pending)["BTN"].id)) == ""
