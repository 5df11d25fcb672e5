"""From a click to drafts: planning, drafting, blocking, stopping, losing and finding jobs again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from crm.audit.models import AuditEntry
from crm.core import clock
from crm.core.access import SYSTEM, Handling
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, RuleViolation
from crm.core.jobs import Job, Wanted
from crm.letters import drafting, queries, service
from crm.letters.gathering import gather
from crm.letters.models import Letter, LetterCampaign, LetterDocument
from crm.letters.progress import LEASE, LanguageChoice, LetterState
from crm.letters.rules import Blocked
from crm.people.models import Office, OfficeHolder
from crm.states.rules import Status
from tests.letters.campaigns import letters, set_gender, words
from tests.letters.conftest import JUNE_2011, Plan
from tests.support.people import Person

Work = Callable[..., int]


def test_87_letters_of_june_2011_name_lebanon(plan: Plan, work_off: Work) -> None:
    campaign = plan()
    assert work_off() == 87
    found = letters(campaign)
    assert len(found) == 87
    assert {one.state for one in found.values()} == {LetterState.DRAFTED.value}
    assert {one.status for one in found.values()} == {Status.NON_SIGNATORY.value}
    assert {one.verb for one in found.values()} == {"accede"}
    for one in found.values():
        text = words(one)
        assert "On behalf of Lebanon, President Designate of the Second Meeting of States Parties" in text
        assert "57 States have deposited" in text
        assert "51 further States have signed" in text
    assert "Kingdom of Swaziland" in words(found["SWZ"])
    assert "Republic of Turkey" in words(found["TUR"])
    assert "Libyan Arab Jamahiriya" in words(found["LBY"])
    assert len(queries.files_of(campaign.id)) == 2 * 87


def test_one_job_for_each_letter_and_one_letter_for_each_state(plan: Plan, sent: list[Wanted]) -> None:
    campaign = plan()
    asked = [one.ids[0] for one in sent if one.job is Job.DRAFT_LETTER]
    assert sorted(asked) == sorted(str(one.id) for one in letters(campaign).values())


def test_states_not_party_as_of_today(plan: Plan, work_off: Work) -> None:
    campaign = plan(
        letter_date=clock.today(),
        statuses=[Status.SIGNATORY, Status.NON_SIGNATORY, Status.WITHDRAWN],
        languages=LanguageChoice.OWN,
    )
    work_off()
    found = letters(campaign)
    lithuania = found.pop("LTU")
    assert (lithuania.status, lithuania.verb, lithuania.state) == ("withdrawn", "", "blocked")
    assert [one["code"] for one in lithuania.reasons] == ["withdrawn"]
    assert {one.verb for one in found.values() if one.status == "signatory"} == {"ratify"}
    assert {one.verb for one in found.values() if one.status == "non_signatory"} == {"accede"}
    codes = {reason["code"] for one in found.values() for reason in one.reasons}
    assert codes <= {"no_president_designate"}


def test_unknown_gender_blocks_and_says_what_to_fill_in(plan: Plan, work_off: Work, person: Any) -> None:
    set_gender("BTN", "unknown")
    campaign = plan()
    work_off("BTN")
    blocked = letters(campaign)["BTN"]
    assert blocked.state == LetterState.BLOCKED.value
    assert [one["code"] for one in blocked.reasons] == ["gender_unknown"]
    assert "Fill in the gender" in blocked.reasons[0]["sentence"]
    assert not queries.documents_of(blocked.id)
    assert queries.progress_of(campaign).not_done == 1

    set_gender("BTN", "female")
    with unit_of_work():
        service.retry_campaign(actor=person("coordinator").viewer, campaign_id=campaign.id)
    assert work_off() == 1
    drafted = letters(campaign)["BTN"]
    assert drafted.state == LetterState.DRAFTED.value
    assert drafted.addressee == "H.E. Ms. Example BTN"
    assert drafted.reference == blocked.reference
    assert drafted.reasons == []


def test_a_vacant_office_blocks(plan: Plan, work_off: Work) -> None:
    with unit_of_work():
        offices = select(Office.id).where(Office.state_iso3 == "BTN")
        db.session.execute(
            update(OfficeHolder).where(OfficeHolder.office_id.in_(offices)).values(until_on=date(2011, 6, 1))
        )
    campaign = plan()
    work_off("BTN")
    assert [one["code"] for one in letters(campaign)["BTN"].reasons] == ["no_holder"]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (LanguageChoice.OWN, {"BTN": ["en"], "GAB": ["fr"]}),
        (LanguageChoice.FRENCH, {"BTN": ["fr"], "GAB": ["fr"]}),
        (LanguageChoice.BOTH, {"BTN": ["en", "fr"], "GAB": ["fr", "en"]}),
    ],
)
def test_languages(plan: Plan, work_off: Work, choice: LanguageChoice, expected: dict[str, list[str]]) -> None:
    campaign = plan(languages=choice)
    assert {iso3: letters(campaign)[iso3].languages for iso3 in expected} == expected
    for iso3, languages in expected.items():
        letter = letters(campaign)[iso3]
        drafting.draft(letter.id)
        files = {(one.language, one.format) for one in queries.documents_of(letter.id)}
        assert files == {(language, kind) for language in languages for kind in ("pdf", "docx")}
    assert "Au nom du Liban" in words(letters(campaign)["GAB"], "fr")


def test_what_is_drafted_never_changes(plan: Plan, work_off: Work) -> None:
    campaign = plan()
    work_off("BTN")
    before = {one.sha256 for _iso3, one in queries.files_of(campaign.id)}
    with unit_of_work():
        db.session.execute(update(OfficeHolder).values(name="Somebody else"))
    letter = letters(campaign)["BTN"]
    assert drafting.draft(letter.id) is None
    db.session.expire_all()
    assert {one.sha256 for _iso3, one in queries.files_of(campaign.id)} == before
    assert "Example BTN" in words(letters(campaign)["BTN"])


def test_files_are_kept_with_the_fingerprint_of_their_bytes(plan: Plan) -> None:
    campaign = plan()
    letter = letters(campaign)["BTN"]
    drafting.draft(letter.id)
    found = queries.document(letter.id, "en", "pdf")
    assert found.name == "CCM-2011-06-01-BTN-en.pdf"
    assert hashlib.sha256(found.content).hexdigest() == found.sha256
    assert {one.sha256 for one in queries.documents_of(letter.id)} >= {found.sha256}
    work = drafting.lay_out(gather(letter, campaign), ("en",))
    assert not isinstance(work, Blocked)
    assert work[0].files["pdf"] == found.content


def test_references_are_unique_and_never_given_twice(plan: Plan) -> None:
    first, second = plan(), plan(name="Another", statuses=[Status.SIGNATORY])
    one, two = letters(first), letters(second)
    references = sorted([letter.reference for letter in (*one.values(), *two.values())])
    assert references[0] == "CCM/UNIV/2011/L-001"
    assert references[-1] == f"CCM/UNIV/2011/L-{87 + 51:03d}"
    assert len(set(references)) == 87 + 51


def test_a_refused_plan_uses_up_no_reference(plan: Plan) -> None:
    plan()
    with pytest.raises(RuleViolation):
        plan()
    third = plan(name="Third", statuses=[Status.SIGNATORY])
    assert min(one.reference for one in letters(third).values()) == "CCM/UNIV/2011/L-088"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"letter_date": date(2010, 7, 31)}, "letter_date"),
        ({"statuses": [Status.WITHDRAWN]}, "statuses"),
        ({"statuses": []}, "statuses"),
    ],
)
def test_what_cannot_be_planned(plan: Plan, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        plan(**changes)
    assert field in refused.value.errors


def test_one_name_one_campaign(plan: Plan) -> None:
    plan()
    with pytest.raises(RuleViolation) as refused:
        plan()
    assert "name" in refused.value.errors


@pytest.mark.parametrize("who", ["officer", "secretariat", "observer", "administrator"])
def test_only_the_two_offices_draft(plan: Plan, person: Callable[[str], Person], who: str) -> None:
    with pytest.raises(NotAllowed):
        plan(actor=person(who).viewer)


def test_stop_and_resume(plan: Plan, person: Any, work_off: Work, sent: list[Wanted]) -> None:
    campaign = plan()
    actor = person("coordinator").viewer
    first = letters(campaign)["BTN"]
    drafting.draft(first.id)
    with unit_of_work():
        service.stop_campaign(actor=actor, campaign_id=campaign.id)
    assert work_off() == 87
    progress = queries.progress_of(campaign)
    assert (progress.drafted, progress.of("stopped"), progress.finished) == (1, 86, True)
    with pytest.raises(RuleViolation), unit_of_work():
        service.retry_campaign(actor=actor, campaign_id=campaign.id)
    with unit_of_work():
        service.resume_campaign(actor=actor, campaign_id=campaign.id)
    assert len([one for one in sent if one.job is Job.DRAFT_LETTER]) == 86


def test_a_letter_claimed_before_the_stop_is_finished(plan: Plan, person: Any, monkeypatch: Any) -> None:
    campaign = plan()
    letter = letters(campaign)["BTN"]
    slow = drafting.lay_out

    def stopped_meanwhile(facts: Any, languages: Any) -> Any:
        with unit_of_work():
            service.stop_campaign(actor=person("coordinator").viewer, campaign_id=campaign.id)
        return slow(facts, languages)

    monkeypatch.setattr(drafting, "lay_out", stopped_meanwhile)
    assert drafting.draft(letter.id) is LetterState.DRAFTED


def test_a_letter_given_back_after_the_stop_stays_stopped(plan: Plan, person: Any, later: Any) -> None:
    campaign = plan()
    letter = letters(campaign)["BTN"]
    with unit_of_work():
        service.claim_letter(letter.id)
    with unit_of_work():
        service.stop_campaign(actor=person("coordinator").viewer, campaign_id=campaign.id)
    later(int(LEASE.total_seconds()) + 1)
    with unit_of_work():
        service.sweep_waiting_letters()
    assert drafting.draft(letter.id) is None
    assert letters(campaign)["BTN"].state == LetterState.STOPPED.value


def test_only_what_is_drafted_stays_when_the_law_says_no(plan: Plan, person: Any, work_off: Work) -> None:
    campaign = plan(letter_date=clock.today(), statuses=[Status.WITHDRAWN])
    work_off()
    with unit_of_work():
        service.retry_campaign(actor=person("coordinator").viewer, campaign_id=campaign.id)
    assert work_off() == 0


def test_every_step_is_written_down(plan: Plan, person: Any) -> None:
    campaign = plan(handling=Handling.STATES)
    letter = letters(campaign)["BTN"]
    drafting.draft(letter.id)
    actor = person("coordinator").viewer
    with unit_of_work():
        service.stop_campaign(actor=actor, campaign_id=campaign.id)
    with unit_of_work():
        service.resume_campaign(actor=actor, campaign_id=campaign.id)
    rows = db.session.scalars(
        select(AuditEntry).where(AuditEntry.subject_id.in_([str(campaign.id), str(letter.id)]))
    ).all()
    events = {one.event for one in rows}
    assert events == {"campaign_planned", "letter_drafted", "campaign_stopped", "campaign_resumed"}
    assert {one.originator_id for one in rows} == {actor.party_id}
    assert {one.handling for one in rows} == {"states"}


def test_removing_a_campaign_takes_its_letters_along(plan: Plan) -> None:
    campaign = plan()
    drafting.draft(letters(campaign)["BTN"].id)
    with unit_of_work():
        db.session.delete(db.session.get_one(LetterCampaign, campaign.id))
    assert db.session.scalar(select(Letter.id).limit(1)) is None
    assert db.session.scalar(select(LetterDocument.id).limit(1)) is None


def test_letter_dates_follow_each_other(app: Flask) -> None:
    assert queries.targets_on(JUNE_2011, SYSTEM).counts.non_signatory == 87
    signing = queries.targets_on(JUNE_2011, SYSTEM).signing
    assert signing.presidency
    assert signing.presidency.state_iso3 == "LBN"
    assert queries.targets_on(date(2010, 11, 1), SYSTEM).signing.presidency.state_iso3 == "LAO"  # type: ignore[union-attr]


def test_what_the_database_refuses_for_another_reason_is_no_name_that_is_taken(
    app: Flask, person: Callable[[str], Person]
) -> None:
    nobody = replace(person("coordinator").viewer, party_id=uuid4())
    with pytest.raises(IntegrityError), unit_of_work():
        service.plan_campaign(
            actor=nobody, name="Autumn", letter_date=JUNE_2011, statuses=[Status.SIGNATORY],
            languages=LanguageChoice.ENGLISH,
        )  # fmt: skip
