"""What a drafted letter was, held against what is stored: the audit keeps the fingerprint of every file and word."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from crm.audit.models import AuditEntry
from crm.audit.service import Event
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.files.models import StoredFile
from crm.letters.models import Letter, LetterDocument

BATCH = 50


@dataclass(frozen=True)
class Verdict:
    """What a check of the letters found: how many are as drafted, and in words what is wrong with the others.

    `unknown` are drafted letters of which the audit has no fingerprint.
    """

    sound: int
    unknown: int
    faults: tuple[str, ...]


def words_sha256(letter: Letter) -> str:
    """SHA-256 over what a letter says and to whom, in one fixed spelling."""
    said = {
        "id": str(letter.id),
        "reference": letter.reference,
        "state_iso3": letter.state_iso3,
        "status": letter.status,
        "verb": letter.verb,
        "addressee": letter.addressee,
        "languages": list(letter.languages),
        "texts": letter.texts,
    }
    spelled = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelled.encode("utf-8", "surrogatepass")).hexdigest()


def verify() -> Verdict:
    """Hold every letter that the audit saw drafted against its entry, byte by byte; looks as the system."""
    sound, unknown, faults = 0, 0, list[str]()
    with looking_as(SYSTEM):
        removed = select(func.max(AuditEntry.place)).where(AuditEntry.event == Event.SAMPLE_REMOVED.value)
        last_removal = db.session.scalar(removed) or 0
        for entry in _entries():
            if "files" not in entry.details:
                unknown += 1
                continue
            letter = _letter(UUID(entry.subject_id))
            if letter is None and (entry.place or 0) < last_removal:
                continue
            found = list(_faults(letter, entry.details)) if letter else [_gone(entry)]
            sound += not found
            faults += found
            db.session.expunge_all()
        faults += _strangers()
    return Verdict(sound, unknown, tuple(faults))


def _entries() -> Iterator[AuditEntry]:
    """The entries of drafting in the order of the chain. A letter is drafted once and never anew."""
    last = 0
    while True:
        drafted = select(AuditEntry).where(AuditEntry.event == Event.LETTER_DRAFTED.value, AuditEntry.place > last)
        batch = db.session.scalars(drafted.order_by(AuditEntry.place).limit(BATCH)).all()
        if not batch:
            return
        last = batch[-1].place or last
        yield from batch


def _letter(letter_id: UUID) -> Letter | None:
    """The letter as it stands; None when it is not there. Letters go with the sample and in no other way."""
    return db.session.scalar(
        select(Letter)
        .where(Letter.id == letter_id)
        .options(undefer(Letter.texts))
        .execution_options(populate_existing=True)
    )


def _gone(drafted: AuditEntry) -> str:
    return f"Letter {drafted.details['reference']} ({drafted.subject_id}) is gone."


def _faults(letter: Letter, drafted: Mapping[str, Any]) -> Iterator[str]:
    """What is not as it was drafted, in words that name the letter."""
    if drafted["reference"] != letter.reference or words_sha256(letter) != drafted["words_sha256"]:
        yield f"Letter {drafted['reference']} ({letter.id}) does not say what it said when it was drafted."
    documents = db.session.execute(
        select(LetterDocument.language, LetterDocument.format, LetterDocument.sha256, StoredFile.content)
        .outerjoin(StoredFile, StoredFile.id == LetterDocument.file_id)
        .where(LetterDocument.letter_id == letter.id)
    )
    stored = {f"{language}.{kind}": (sha256, content) for language, kind, sha256, content in documents}
    for name, fingerprint in drafted["files"].items():
        sha256, content = stored.pop(name, ("", None))
        if content is None:
            yield f"Letter {letter.reference} ({letter.id}): the file {name} is gone."
        elif not sha256 == fingerprint == hashlib.sha256(content).hexdigest():
            yield f"Letter {letter.reference} ({letter.id}): the file {name} is not the one that was drafted."
    for name in stored:
        yield f"Letter {letter.reference} ({letter.id}): the file {name} was put in later."


def _strangers() -> list[str]:
    """Letters said to be drafted whose drafting the audit does not know."""
    known = select(AuditEntry.subject_id).where(AuditEntry.event == Event.LETTER_DRAFTED.value)
    entered = {UUID(one) for one in db.session.scalars(known)}
    drafted = db.session.execute(select(Letter.id, Letter.reference).where(Letter.state == "drafted"))
    return [
        f"Letter {reference} ({letter_id}) is not known to have been drafted."
        for letter_id, reference in drafted
        if letter_id not in entered
    ]
