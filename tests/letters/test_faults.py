"""Jobs lost or doubled, workers that die, letters that break them: nothing is lost, nothing is twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from crm.core.db import db, unit_of_work
from crm.core.jobs import Job, Wanted
from crm.letters import drafting, queries, service
from crm.letters.gathering import gather
from crm.letters.models import Letter, LetterCampaign
from crm.letters.progress import LEASE, MOST_TRIES, OVERDUE, LetterState
from crm.people.models import OfficeHolder
from tests.letters.campaigns import letters
from tests.letters.conftest import Plan

Work = Callable[..., int]


def test_a_silent_broker_loses_nothing(plan: Plan, later: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = plan()
    assert {one.state for one in letters(campaign).values()} == {LetterState.WAITING.value}
    with unit_of_work():
        assert service.sweep_waiting_letters() == 0
    later(int(OVERDUE.total_seconds()) + 1)
    handed: list[Wanted] = []
    monkeypatch.setattr("crm.core.jobs.dispatch", handed.extend)
    with unit_of_work():
        assert service.sweep_waiting_letters() == 87
    assert len({one.ids for one in handed if one.job is Job.DRAFT_LETTER}) == 87
    with unit_of_work():
        assert service.sweep_waiting_letters() == 0


def test_a_doubled_job_drafts_once(plan: Plan) -> None:
    letter = letters(plan())["BTN"]
    assert drafting.draft(letter.id) is LetterState.DRAFTED
    assert drafting.draft(letter.id) is None
    assert len(queries.documents_of(letter.id)) == 2


def test_a_dead_worker_gives_its_letter_back(plan: Plan, sent: list[Wanted], later: Any) -> None:
    letter = letters(plan())["BTN"]
    sent.clear()
    with unit_of_work():
        assert service.claim_letter(letter.id)
    with unit_of_work():
        assert service.claim_letter(letter.id) is None
        assert service.sweep_waiting_letters() == 0
    later(int(LEASE.total_seconds()) + 1)
    with unit_of_work():
        service.sweep_waiting_letters()
    assert str(letter.id) in {one.ids[0] for one in sent}
    assert drafting.draft(letter.id) is LetterState.DRAFTED


def test_a_worker_that_was_overtaken_leaves_the_letter_alone(
    plan: Plan, later: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = letters(plan())["BTN"]
    slow = drafting.lay_out

    def overtaken(facts: Any, languages: Any) -> Any:
        monkeypatch.setattr(drafting, "lay_out", slow)
        later(int(LEASE.total_seconds()) + 1)
        with unit_of_work():
            service.sweep_waiting_letters()
        assert drafting.draft(letter.id) is LetterState.DRAFTED
        return slow(facts, languages)

    monkeypatch.setattr(drafting, "lay_out", overtaken)
    assert drafting.draft(letter.id) is None
    assert len(queries.documents_of(letter.id)) == 2
    assert db.session.get_one(Letter, letter.id, populate_existing=True).attempt == 2


def test_a_letter_that_breaks_the_worker_is_set_aside(
    plan: Plan, person: Any, later: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = plan()
    letter = letters(campaign)["BTN"]

    def breaks(*_given: Any) -> Any:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(drafting, "lay_out", breaks)
        ends = [drafting.draft(letter.id) for _ in range(MOST_TRIES)]
    assert ends == [LetterState.WAITING, LetterState.WAITING, LetterState.FAILED]
    failed = letters(campaign)["BTN"]
    assert failed.reasons[0]["code"] == "drafting_failed"
    assert "ZeroDivisionError" in failed.reasons[0]["sentence"]
    with unit_of_work():
        service.retry_letter(actor=person("coordinator").viewer, letter_id=letter.id)
    assert drafting.draft(letter.id) is LetterState.DRAFTED


def test_facts_that_cannot_be_gathered_do_not_stop_the_others(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    found = letters(plan())

    def fails_for_one(letter: Letter, campaign: LetterCampaign) -> Any:
        if letter.state_iso3 == "BTN":
            raise KeyError("BTN")
        return gather(letter, campaign)

    monkeypatch.setattr(drafting, "gather", fails_for_one)
    assert drafting.draft(found["BTN"].id) is LetterState.WAITING
    assert drafting.draft(found["CHN"].id) is LetterState.DRAFTED


def test_a_name_that_the_typeface_lacks_blocks(plan: Plan) -> None:
    with unit_of_work():
        db.session.execute(update(OfficeHolder).values(name="漢字"))
    campaign = plan()
    letter = letters(campaign)["BTN"]
    assert drafting.draft(letter.id) is LetterState.BLOCKED
    assert letters(campaign)["BTN"].reasons[0]["code"] == "not_printed"
