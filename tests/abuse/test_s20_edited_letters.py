"""S20: somebody with the database edits a stored letter; the check names it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, update

from crm.audit import chain
from crm.audit.models import AuditEntry
from crm.audit.service import Event
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.files.models import StoredFile
from crm.letters import fingerprints
from crm.letters.models import Letter, LetterDocument
from tests.letters.conftest import Plan, offices, plan, sent, work_off
from tests.support.wall import as_owner

__all__ = ["offices", "plan", "sent", "work_off"]

FILE, DOCUMENT, LETTER = StoredFile.__table__, LetterDocument.__table__, Letter.__table__
FORGED = b"%PDF-1.7 forged"


def raw(statement: Any) -> None:
    """Change a table as somebody with the database would, past everything."""
    with as_owner() as connection:
        connection.execute(statement)
    db.session.remove()


@pytest.fixture
def drafted(plan: Plan, work_off: Callable[..., int]) -> str:
    """Two letters drafted as PDF and DOCX; the key of one of them."""
    plan()
    work_off("BTN", "TON")
    with looking_as(SYSTEM):
        key = db.session.scalars(select(Letter).where(Letter.state_iso3 == "BTN")).one().id
    db.session.remove()
    return str(key)


def pdf_of(key: str) -> tuple[Any, Any]:
    """The keys of the document and of the file of a letter's PDF."""
    with looking_as(SYSTEM):
        wanted = select(LetterDocument.id, LetterDocument.file_id, LetterDocument.letter_id)
        rows = db.session.execute(wanted.where(LetterDocument.format == "pdf")).all()
    db.session.remove()
    (found,) = [one for one in rows if str(one.letter_id) == key]
    return found.id, found.file_id


def test_s20_what_was_drafted_is_sound_and_every_file_is_in_its_entry(drafted: str, app: Flask) -> None:
    found = fingerprints.verify()
    assert (found.sound, found.unknown, found.faults) == (2, 0, ())
    file = pdf_of(drafted)[1]
    with looking_as(SYSTEM):
        wanted = select(AuditEntry).where(AuditEntry.event == Event.LETTER_DRAFTED.value)
        entry = db.session.scalars(wanted.where(AuditEntry.subject_id == drafted)).one()
        content = db.session.scalars(select(StoredFile.content).where(StoredFile.id == file)).one()
    assert entry.details["files"].keys() == {"en.pdf", "en.docx"}
    assert entry.details["files"]["en.pdf"] == hashlib.sha256(content).hexdigest()
    well = app.test_cli_runner().invoke(args=["letters", "verify"])
    assert well.exit_code == 0 and "2 letters are as they were drafted." in well.output


def bytes_alone(key: str) -> None:
    raw(update(FILE).where(FILE.c.id == pdf_of(key)[1]).values(content=FORGED))


def bytes_and_every_fingerprint(key: str) -> None:
    document, file = pdf_of(key)
    sha256 = hashlib.sha256(FORGED).hexdigest()
    raw(update(FILE).where(FILE.c.id == file).values(content=FORGED, sha256=sha256, size=len(FORGED)))
    raw(update(DOCUMENT).where(DOCUMENT.c.id == document).values(sha256=sha256))


def another_file(key: str) -> None:
    document, _file = pdf_of(key)
    with looking_as(SYSTEM):
        others = db.session.execute(select(LetterDocument.letter_id, LetterDocument.file_id)).all()
    db.session.remove()
    other = next(file for letter, file in others if str(letter) != key)
    raw(delete(DOCUMENT).where(DOCUMENT.c.file_id == other))
    raw(update(DOCUMENT).where(DOCUMENT.c.id == document).values(file_id=other))


def file_taken_out(key: str) -> None:
    raw(delete(DOCUMENT).where(DOCUMENT.c.id == pdf_of(key)[0]))


def addressee(_key: str) -> None:
    raw(update(LETTER).where(LETTER.c.state_iso3 == "BTN").values(addressee="H.E. Mr. Somebody Else"))


def words(_key: str) -> None:
    raw(update(LETTER).where(LETTER.c.state_iso3 == "BTN").values(texts={"en": {"subject": "forged"}}))


def reference(_key: str) -> None:
    raw(update(LETTER).where(LETTER.c.state_iso3 == "BTN").values(reference="CCM/UNIV/2011/L-999"))


def letter_taken_out(_key: str) -> None:
    raw(delete(LETTER).where(LETTER.c.state_iso3 == "BTN"))


EDITS = [
    letter_taken_out,
    bytes_alone,
    bytes_and_every_fingerprint,
    another_file,
    file_taken_out,
    addressee,
    words,
    reference,
]


@pytest.mark.parametrize("edit", EDITS, ids=[one.__name__ for one in EDITS])
def test_s20_an_edited_letter_is_named(drafted: str, app: Flask, edit: Callable[[str], None]) -> None:
    edit(drafted)
    found = fingerprints.verify()
    assert found.faults and any(drafted in one for one in found.faults), found
    told = app.test_cli_runner().invoke(args=["letters", "verify"])
    assert told.exit_code == 1 and drafted in told.output


def test_s20_whoever_edits_the_entry_too_breaks_the_chain(drafted: str) -> None:
    bytes_and_every_fingerprint(drafted)
    table = AuditEntry.__table__
    with looking_as(SYSTEM):
        wanted = select(AuditEntry).where(AuditEntry.event == "letter_drafted", AuditEntry.subject_id == drafted)
        entry = db.session.scalars(wanted).one()
        place = entry.place
        forged = {**entry.details, "files": {**entry.details["files"], "en.pdf": hashlib.sha256(FORGED).hexdigest()}}
    db.session.remove()
    raw(update(table).where(table.c.place == place).values(details=forged))  # type: ignore[attr-defined]
    assert fingerprints.verify().faults == ()
    assert f"Entry {place} " in (chain.verify().fault or "")


def test_s20_a_letter_slipped_in_is_named(drafted: str) -> None:
    with looking_as(SYSTEM):
        waiting = db.session.scalars(select(Letter).where(Letter.state == "waiting")).first()
        assert waiting
        key = str(waiting.id)
        reference = waiting.reference
    db.session.remove()
    raw(update(LETTER).where(LETTER.c.reference == reference).values(state="drafted"))
    assert any(key in one for one in fingerprints.verify().faults)


def test_s20_a_file_put_in_later_is_named(drafted: str) -> None:
    document, file = pdf_of(drafted)
    with as_owner() as connection:
        of_pdf = connection.execute(select(FILE).where(FILE.c.id == file)).mappings().one()
        of_document = connection.execute(select(DOCUMENT).where(DOCUMENT.c.id == document)).mappings().one()
        connection.execute(insert(FILE).values({**of_pdf, "id": document}))
        connection.execute(insert(DOCUMENT).values({**of_document, "id": file, "file_id": document, "language": "fr"}))
    db.session.remove()
    assert any("fr.pdf was put in later" in one for one in fingerprints.verify().faults)
