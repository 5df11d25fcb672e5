"""Verbs of the letters. Each is part of a unit of work that its caller opens; none lays out a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from crm.audit.service import Event, record
from crm.core import ceiling, clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.days import in_words
from crm.core.db import db, held, locked, savepoint, unless_taken
from crm.core.errors import NotFound, RuleViolation
from crm.core.jobs import Job, enqueue
from crm.letters import names
from crm.letters.models import Letter, LetterCampaign, LetterSeries
from crm.letters.progress import (
    LEASE,
    OVERDUE,
    RETRIABLE,
    LanguageChoice,
    LetterState,
    after_failure,
    languages_for,
    worth_retrying,
)
from crm.letters.rules import verb_for
from crm.letters.wording import languages as wordings
from crm.reach.queries import restricted_states
from crm.states.queries import register
from crm.states.register import Register
from crm.states.rules import Status

SWEEP_LIMIT = 500


def plan_campaign(
    *,
    actor: Viewer,
    name: str,
    letter_date: date,
    statuses: Sequence[Status],
    languages: LanguageChoice,
    occasion: dict[str, str] | None = None,
    contact: str = "",
    handling: Handling = Handling.COORDINATION,
    sample: bool = False,
) -> LetterCampaign:
    """One letter to every State with one of these statuses on the letter's date, and a job for each.

    Restricted States are left out, and no refusal tells so: it is computed on the register, as if there were none.
    Raises NotAllowed without `letters:draft`, RuleViolation for a name already in use, a date on which the
    treaty was not in force, statuses that no State had on that day, an occasion that is missing in a language, and
    a handling above the ceiling.
    """
    actor.require("letters:draft")
    if actor.party_id is None:
        raise RuleViolation("", "Only somebody who belongs to a party can start a campaign.")
    ceiling.check(handling)
    known = register()
    meant = _meant(known, letter_date, statuses)
    _check_occasion(known, meant, languages, occasion or {})
    apart = restricted_states()
    targets = [iso3 for iso3 in meant if iso3 not in apart]
    campaign = LetterCampaign(
        id=uuid4(),
        treaty=known.treaty.code,
        name=name,
        letter_date=letter_date,
        statuses=sorted(one.value for one in statuses),
        languages=languages.value,
        occasion={language: text for language, text in (occasion or {}).items() if text},
        contact=contact,
        planned_by_id=actor.user_id,
        planned_by=actor.name,
        originator_id=actor.party_id,
        handling=handling.value,
        sample=sample,
    )
    _add(campaign)
    _address(campaign, known, targets)
    record(
        Event.CAMPAIGN_PLANNED,
        actor=actor,
        subject=("letter_campaign", campaign.id),
        originator_id=campaign.originator_id,
        handling=handling,
        letters=len(targets),
        letter_date=letter_date.isoformat(),
    )
    return campaign


def _meant(known: Register, letter_date: date, statuses: Sequence[Status]) -> Sequence[str]:
    """The States with these statuses, restricted ones among them.

    Raises RuleViolation when no letter can be written or nobody is addressed.
    """
    first = known.treaty.in_force_on
    if letter_date < first:
        raise RuleViolation("letter_date", f"The treaty entered into force on {in_words(first)}. Choose a later day.")
    found = known.states_with_status(statuses, letter_date)
    if not found:
        raise RuleViolation("statuses", "No State had this status on the letter’s date.")
    return found


def _check_occasion(known: Register, meant: Sequence[str], choice: LanguageChoice, occasion: Mapping[str, str]) -> None:
    """An occasion is named in every language in which a letter is written, or in none."""
    if not any(occasion.values()):
        return
    written = Counter(
        language for iso3 in meant for language in languages_for(choice, known.state(iso3).official_un_language)
    )
    missing = {
        f"occasion_{code}": f"{written[code]} of the letters are in {wording.label}: name the occasion in it, too, "
        "or leave it out of all."
        for code, wording in wordings().items()
        if written[code] and not occasion.get(code)
    }
    if missing:
        raise RuleViolation.of(missing)


def _add(campaign: LetterCampaign) -> None:
    """The name is the guard against pressing the button twice."""
    with unless_taken("name", "There is a campaign of this name already. Choose another name."):
        db.session.add(campaign)


def _address(campaign: LetterCampaign, known: Register, targets: Sequence[str]) -> None:
    """Give every State its letter, its reference and its job."""
    abbreviation, year = known.treaty.abbreviation, campaign.letter_date.year
    first = _reserve(names.series(abbreviation, year), len(targets))
    status_of = known.statuses(campaign.letter_date)
    choice, now = LanguageChoice(campaign.languages), clock.now()
    for place, iso3 in enumerate(targets):
        verb = verb_for(status_of[iso3])
        letter = Letter(
            id=uuid4(),
            campaign_id=campaign.id,
            state_iso3=iso3,
            reference=names.reference(abbreviation, year, first + place),
            status=status_of[iso3].value,
            verb=verb.value if verb else "",
            languages=languages_for(choice, known.state(iso3).official_un_language),
            asked_at=now,
        )
        db.session.add(letter)
        enqueue(Job.DRAFT_LETTER, letter.id)
    db.session.flush()


def _reserve(key: str, number: int) -> int:
    """The first of so many references, taken out of the register for good."""
    with looking_as(SYSTEM):
        wanted = held(select(LetterSeries).where(LetterSeries.key == key))
        row = db.session.scalar(wanted)
        if row is None:
            try:
                with savepoint():
                    db.session.add(LetterSeries(key=key, next_number=1))
            except IntegrityError:
                pass
            row = db.session.scalars(wanted).one()
        first = row.next_number
        row.next_number = first + number
        db.session.flush()
    return first


def _campaign(campaign_id: UUID) -> LetterCampaign:
    """The campaign, held against others until the unit of work ends; raises NotFound."""
    found = locked(LetterCampaign, campaign_id)
    if found is None:
        raise NotFound("no such campaign")
    return found


def stop_campaign(*, actor: Viewer, campaign_id: UUID) -> LetterCampaign:
    """Draft no further letter. What is being drafted at this moment is finished and kept."""
    actor.require("letters:draft")
    campaign = _campaign(campaign_id)
    if campaign.stopped_at is None:
        campaign.stopped_at = clock.now()
        held = _move(campaign.id, LetterState.WAITING, LetterState.STOPPED)
        _note(Event.CAMPAIGN_STOPPED, actor, campaign, letters=held)
    return campaign


def resume_campaign(*, actor: Viewer, campaign_id: UUID) -> LetterCampaign:
    """Go on with a campaign that was stopped."""
    actor.require("letters:draft")
    campaign = _campaign(campaign_id)
    if campaign.stopped_at is not None:
        campaign.stopped_at = None
        waiting = _ids(campaign.id, LetterState.STOPPED)
        _ask_again(waiting)
        _note(Event.CAMPAIGN_RESUMED, actor, campaign, letters=len(waiting))
    return campaign


def retry_campaign(*, actor: Viewer, campaign_id: UUID) -> LetterCampaign:
    """Try the blocked and failed letters again, now that what was missing may be filled in."""
    actor.require("letters:draft")
    campaign = _campaign(campaign_id)
    _refuse_while_stopped(campaign)
    rows = db.session.execute(
        select(Letter.id, Letter.reasons).where(
            Letter.campaign_id == campaign.id, Letter.state.in_([one.value for one in RETRIABLE])
        )
    )
    again = [letter_id for letter_id, reasons in rows if worth_retrying(reasons)]
    _ask_again(again)
    _note(Event.LETTER_RETRIED, actor, campaign, letters=len(again))
    return campaign


def retry_letter(*, actor: Viewer, letter_id: UUID) -> Letter:
    """Try one blocked or failed letter again; a letter that is there is never drafted anew."""
    actor.require("letters:draft")
    letter = db.session.get(Letter, letter_id)
    if letter is None:
        raise NotFound("no such letter")
    campaign = _campaign(letter.campaign_id)
    _refuse_while_stopped(campaign)
    locked(Letter, letter_id)
    if LetterState(letter.state) in RETRIABLE:
        _ask_again([letter.id])
        _note(Event.LETTER_RETRIED, actor, campaign, letters=1)
        db.session.refresh(letter)
    return letter


def _refuse_while_stopped(campaign: LetterCampaign) -> None:
    if campaign.stopped_at is not None:
        raise RuleViolation("", "The campaign is stopped. Resume it first.")


def _ids(campaign_id: UUID, state: LetterState) -> list[UUID]:
    wanted = select(Letter.id).where(Letter.campaign_id == campaign_id, Letter.state == state.value)
    return list(db.session.scalars(wanted.order_by(Letter.reference)))


def _move(campaign_id: UUID, before: LetterState, after: LetterState) -> int:
    """All letters of a campaign from one state into another; returns how many."""
    moved = _ids(campaign_id, before)
    db.session.execute(
        update(Letter)
        .where(Letter.id.in_(moved), Letter.state == before.value)
        .values(state=after.value)
        .execution_options(synchronize_session=False)
    )
    return len(moved)


def _ask_again(letter_ids: Sequence[UUID]) -> None:
    """Let letters wait once more, with a fresh count of tries and a job for each."""
    db.session.execute(
        update(Letter)
        .where(Letter.id.in_(letter_ids))
        .values(state=LetterState.WAITING.value, tries=0, reasons=[], lease_until=None, asked_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    for one in letter_ids:
        enqueue(Job.DRAFT_LETTER, one)


def _note(event: Event, actor: Viewer, campaign: LetterCampaign, **details: Any) -> None:
    record(
        event,
        actor=actor,
        subject=("letter_campaign", campaign.id),
        originator_id=campaign.originator_id,
        handling=Handling(campaign.handling),
        **details,
    )


def sweep_waiting_letters() -> int:
    """Ask anew for letters that the queue lost or a dead worker holds; returns how many.

    A letter that brought down too many tries is set aside as failed.
    """
    now = clock.now()
    waiting = (
        select(Letter)
        .where(Letter.state == LetterState.WAITING.value, Letter.asked_at <= now - OVERDUE)
        .order_by(Letter.asked_at)
    )
    leased = select(Letter).where(Letter.state == LetterState.DRAFTING.value, Letter.lease_until < now)
    lost = db.session.scalars(held(waiting.limit(SWEEP_LIMIT), skip_locked=True)).all()
    dropped = db.session.scalars(held(leased.limit(SWEEP_LIMIT), skip_locked=True)).all()
    for letter in dropped:
        give_back(letter, "The drafting of this letter was cut off.")
    for letter in (*lost, *dropped):
        if letter.state == LetterState.WAITING:
            letter.asked_at = now
            enqueue(Job.DRAFT_LETTER, letter.id)
    return len(lost) + len(dropped)


def give_back(letter: Letter, why: str) -> None:
    """A try ended without a result: the letter waits for another, or is set aside after too many."""
    letter.state, letter.lease_until = after_failure(letter.tries).value, None
    if letter.state == LetterState.FAILED:
        letter.settled_at = clock.now()
        letter.reasons = [
            {
                "code": "drafting_failed",
                "sentence": f"{why} It was tried {letter.tries} times. Try again, and tell the operator if "
                "it fails again.",
                "place": "letter",
            }
        ]


def claim_letter(letter_id: UUID) -> Letter | None:
    """Take a waiting letter for drafting; None when it is not waiting (done, stopped, taken by another)."""
    letter = db.session.scalar(held(select(Letter).where(Letter.id == letter_id), of=Letter))
    if letter is None or letter.state != LetterState.WAITING:
        return None
    campaign = db.session.get_one(LetterCampaign, letter.campaign_id)
    if campaign.stopped_at is not None:
        letter.state = LetterState.STOPPED.value
        return None
    letter.state = LetterState.DRAFTING.value
    letter.attempt += 1
    letter.tries += 1
    letter.lease_until = clock.now() + LEASE
    return letter
