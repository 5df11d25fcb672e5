"""Drafting one letter: claim it, lay it out, keep it. Two units of work with the layout in between.

The row is the truth: whoever claims a letter marks it first, and whoever was overtaken meanwhile (its lease
ran out, another attempt began) finds another attempt's number and leaves the row alone.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from crm.audit.service import Event, record
from crm.core import clock
from crm.core.access import SYSTEM, Handling
from crm.core.db import db, held, unit_of_work
from crm.files import service as files
from crm.letters import names, service
from crm.letters.compose import compose
from crm.letters.content import LetterContent
from crm.letters.docx import render_docx
from crm.letters.facts import LetterFacts
from crm.letters.fingerprints import words_sha256
from crm.letters.gathering import gather
from crm.letters.models import Letter, LetterCampaign, LetterDocument
from crm.letters.pdf import NotPrinted, render_pdf
from crm.letters.progress import LetterState
from crm.letters.rules import Blocked, Place, Reason

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Claim:
    """One claimed letter; `attempt` proves later that the claim still holds."""

    letter_id: UUID
    attempt: int
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One language of a drafted letter."""

    content: LetterContent
    files: dict[str, bytes]


def draft(letter_id: UUID) -> LetterState | None:
    """Draft a waiting letter; returns where it ended, None when there was nothing to do.

    Opens its own units of work and must be called outside one, looking as the system.
    """
    with unit_of_work():
        claim = _begin(letter_id)
    if claim is None:
        return None
    try:
        facts = _facts(claim)
        outcome = lay_out(facts, claim.languages)
    except SQLAlchemyError:
        # The database is away: the lease runs out and the sweeper asks again.
        raise
    except Exception as problem:
        log.error("letter_not_drafted", letter=str(letter_id), error=type(problem).__name__)
        with unit_of_work():
            return _give_back(claim, type(problem).__name__)
    with unit_of_work():
        return _settle(claim, facts, outcome)


def _facts(claim: Claim) -> LetterFacts:
    """Read what the letter is made from, and let go of the database for the time of the layout."""
    letter = db.session.get_one(Letter, claim.letter_id)
    facts = gather(letter, db.session.get_one(LetterCampaign, letter.campaign_id))
    db.session.rollback()
    return facts


def lay_out(facts: LetterFacts, languages: tuple[str, ...]) -> list[Sheet] | Blocked:
    """The letter in every language as PDF and DOCX, or every reason why there is none. No database."""
    contents: list[LetterContent] = []
    reasons: dict[str, Reason] = {}
    for language in languages:
        composed = compose(facts, language)
        if isinstance(composed, Blocked):
            reasons |= {one.sentence: one for one in composed.reasons}
        else:
            contents.append(composed)
    if reasons:
        return Blocked(tuple(reasons.values()))
    try:
        return [Sheet(one, {"pdf": render_pdf(one), "docx": render_docx(one)}) for one in contents]
    except NotPrinted as refused:
        sentence = f"{refused} Spell the names in this letter with letters that its typeface has."
        return Blocked((Reason("not_printed", sentence, Place.HOLDER),))


def _begin(letter_id: UUID) -> Claim | None:
    letter = service.claim_letter(letter_id)
    return Claim(letter.id, letter.attempt, tuple(letter.languages)) if letter else None


def _held(claim: Claim) -> Letter | None:
    """The letter, if this attempt still holds it."""
    letter = db.session.scalar(held(select(Letter).where(Letter.id == claim.letter_id), of=Letter))
    if letter is None or letter.attempt != claim.attempt or letter.state != LetterState.DRAFTING:
        return None
    return letter


def _give_back(claim: Claim, error: str) -> LetterState | None:
    letter = _held(claim)
    if letter is None:
        return None
    service.give_back(letter, f"Drafting ended with an error ({error}).")
    return LetterState(letter.state)


def _settle(claim: Claim, facts: LetterFacts, outcome: list[Sheet] | Blocked) -> LetterState | None:
    """Keep what was drafted, or why nothing was."""
    letter = _held(claim)
    if letter is None:
        return None
    campaign = db.session.get_one(LetterCampaign, letter.campaign_id)
    letter.lease_until, letter.settled_at = None, clock.now()
    letter.status = facts.state.status.value
    if isinstance(outcome, Blocked):
        letter.state = LetterState.BLOCKED.value
        letter.reasons = [asdict(one) for one in outcome.reasons]
        _note(Event.LETTER_BLOCKED, letter, campaign)
    else:
        letter.state, letter.reasons = LetterState.DRAFTED.value, []
        letter.verb, letter.addressee = outcome[0].content.verb, outcome[0].content.inside_address[0]
        letter.texts = {one.content.language: one.content.as_json() for one in outcome}
        files_kept = _keep(letter, campaign, outcome)
        _note(Event.LETTER_DRAFTED, letter, campaign, words_sha256=words_sha256(letter), files=files_kept)
    return LetterState(letter.state)


def _note(event: Event, letter: Letter, campaign: LetterCampaign, **fingerprints: Any) -> None:
    record(
        event,
        actor=SYSTEM,
        subject=("letter", letter.id),
        originator_id=campaign.originator_id,
        handling=Handling(campaign.handling),
        reference=letter.reference,
        state=letter.state_iso3,
        **fingerprints,
    )


def _keep(letter: Letter, campaign: LetterCampaign, sheets: list[Sheet]) -> dict[str, str]:
    """Store the files; the SHA-256 of each by "language.format"."""
    stored = {}
    for one in sheets:
        for kind, content in one.files.items():
            language = one.content.language
            stored[language, kind] = files.keep(
                content,
                name=names.file_name(campaign.treaty, campaign.letter_date, letter.state_iso3, language, kind),
                media_type=names.FORMATS[kind],
                originator_id=campaign.originator_id,
                sample=campaign.sample,
            )
    db.session.flush()
    for (language, kind), file in stored.items():
        document = LetterDocument(letter_id=letter.id, language=language, format=kind, sha256=file.sha256)
        document.file_id = file.id
        db.session.add(document)
    return {f"{language}.{kind}": file.sha256 for (language, kind), file in stored.items()}
