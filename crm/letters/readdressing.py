"""Letters that wait for their day follow the office, not the person: who holds it by then is addressed.

A letter is pending until its day is over: nothing of it has been sent by this software, and its files are a draft.
One that was drafted for somebody who will not hold the office on its day is drafted anew, and says so; one that was
blocked for want of a holder is tried again. A letter of a day that has passed is never rewritten.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select

from crm.audit.service import Event, record
from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, held
from crm.core.jobs import Job, enqueue
from crm.files.models import StoredFile
from crm.letters.compose import compose
from crm.letters.gathering import ADDRESSED, gather
from crm.letters.models import Letter, LetterCampaign, LetterDocument
from crm.letters.progress import RETRIABLE, LetterState, worth_retrying
from crm.letters.rules import Blocked, Place
from crm.people.events import HolderChanged, HolderCorrected

_OPENING = ("inside_address", "salutation", "close")
"""Where a letter names whom it is to."""


def readdress(event: HolderChanged | HolderCorrected) -> None:
    """Let every pending letter to the State be drafted anew that would read otherwise now.

    Looks as the system: the actor may not see the letters.
    """
    if event.kind is not ADDRESSED:
        return
    pending = (
        select(Letter, LetterCampaign)
        .join(LetterCampaign, LetterCampaign.id == Letter.campaign_id)
        .where(Letter.state_iso3 == event.state_iso3, LetterCampaign.letter_date >= clock.today())
        .order_by(Letter.id)
    )
    with looking_as(SYSTEM):
        for letter, campaign in db.session.execute(held(pending, of=Letter)).all():
            if letter.state == LetterState.DRAFTED:
                _draft_anew(event.actor, letter, campaign)
            elif letter.state == LetterState.DRAFTING or _may_go_on(letter):
                _ask_again(letter, campaign)


def _may_go_on(letter: Letter) -> bool:
    return LetterState(letter.state) in RETRIABLE and worth_retrying(letter.reasons)


def _draft_anew(actor: Viewer, letter: Letter, campaign: LetterCampaign) -> None:
    """Take the draft back whose opening names somebody else, or the same person otherwise."""
    after = _addressed_now(letter, campaign)
    if after is None:
        return
    before = letter.addressee
    said = {"at": clock.now().isoformat(), "before": before, "after": after}
    letter.readdressed = [*(letter.readdressed or []), said]
    _throw_away(letter.id)
    letter.texts, letter.addressee, letter.settled_at = {}, "", None
    _ask_again(letter, campaign)
    record(
        Event.LETTER_READDRESSED,
        actor=actor,
        subject=("letter", letter.id),
        originator_id=campaign.originator_id,
        handling=Handling(campaign.handling),
        reference=letter.reference,
        state=letter.state_iso3,
        changes={"addressee": (before, after)},
    )


def _addressed_now(letter: Letter, campaign: LetterCampaign) -> str | None:
    """The first line of the address as of now, "" where nobody can be addressed; None where the draft reads as it
    should: its address, its salutation and its close are those of whoever holds the office on its day.
    """
    facts, changed, first = gather(letter, campaign), False, ""
    for language, words in letter.texts.items():
        now = compose(facts, language)
        if isinstance(now, Blocked):
            changed = changed or any(one.place is Place.HOLDER for one in now.reasons)
            continue
        first = first or now.inside_address[0]
        changed = changed or [list(now.inside_address), now.salutation, now.close] != [words[one] for one in _OPENING]
    return first if changed else None


def _throw_away(letter_id: UUID) -> None:
    """The files of a draft; their fingerprints stay in the audit."""
    files = list(db.session.scalars(select(LetterDocument.file_id).where(LetterDocument.letter_id == letter_id)))
    for one in (
        delete(LetterDocument).where(LetterDocument.letter_id == letter_id),
        delete(StoredFile).where(StoredFile.id.in_(files)),
    ):
        db.session.execute(one.execution_options(synchronize_session=False))


def _ask_again(letter: Letter, campaign: LetterCampaign) -> None:
    """Wait for a drafting of its own; while the campaign is stopped it waits until that goes on."""
    letter.tries, letter.reasons, letter.lease_until, letter.asked_at = 0, [], None, clock.now()
    letter.state = (LetterState.STOPPED if campaign.stopped_at else LetterState.WAITING).value
    if not campaign.stopped_at:
        enqueue(Job.DRAFT_LETTER, letter.id)
    db.session.flush()
