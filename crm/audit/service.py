"""Write down what happened, in the transaction in which it happens."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select

from crm.audit import chain, subjects
from crm.audit.changes import Changes
from crm.audit.models import AuditContent, AuditEntry
from crm.audit.vocabulary import AMONG, CHANGED, STATE, VOCABULARY, Event, check_facts
from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import before_commit, db, held
from crm.core.visibility import derived_handling

__all__ = [
    "Event", "File", "erase_values", "lately_read", "note_export", "note_list", "note_read", "note_sheets",
    "note_unseen", "record",
]  # fmt: skip

SENSITIVE = frozenset({Handling.ORIGINATOR, Handling.COORDINATION})
"""Handlings of which it is written down when somebody of another party opens the record."""

ONE_READING = timedelta(hours=1)
"""How long reading the same record again is the same reading."""


def record(
    event: Event,
    *,
    actor: Viewer,
    subject: tuple[str, UUID | str],
    originator_id: UUID | None = None,
    handling: Handling = Handling.ORIGINATOR,
    changes: Changes | None = None,
    values_for: Handling | None = None,
    **facts: Any,
) -> None:
    """Add an entry to the present unit of work. `facts` are those of the vocabulary, never free text of a note.

    What anybody wrote goes into `changes`: the entry names the fields for ever, the values stand apart, are shown
    by originator and handling of the record (or `values_for`, where they are for fewer), and can be erased.

    An entry about a record that concerns a State names it, whoever wrote the entry: asked of the record itself
    unless `state` or `among` is one of the facts. Where the attribution of the record keeps the State from other
    parties, its entries are for its own party alone.
    """
    if changes is not None and CHANGED in VOCABULARY[event].facts:
        facts.setdefault(CHANGED, list(changes))
    elif changes:
        raise ValueError(f"{event.value} carries no changes")
    kind, key = subject
    handling = _of_the_record(event, kind, key, handling, facts)
    check_facts(event, facts)
    entry = AuditEntry(
        id=uuid4(),
        event=event.value,
        actor_id=actor.user_id,
        actor_name=actor.name,
        subject_kind=kind,
        subject_id=str(key),
        originator_id=originator_id or actor.party_id,
        handling=handling.value,
        details=facts,
    )
    db.session.add(entry)
    if changes:
        _keep_values(entry, changes, values_for or handling)
    chain.await_seal(entry)
    before_commit(chain.seal)


def _of_the_record(event: Event, kind: str, key: UUID | str, handling: Handling, facts: dict[str, Any]) -> Handling:
    """Name the State that the record is about in the facts; how far an entry that names it may travel."""
    about = subjects.about(kind, key)
    if STATE in VOCABULARY[event].facts:
        if not facts.keys() & {STATE, AMONG}:
            facts[AMONG if about.gathers else STATE] = about.states
    elif about.states:
        raise ValueError(f"{event.value} does not carry the State that the record is about")
    return derived_handling(handling, about.attribution)


def _keep_values(entry: AuditEntry, changes: Changes, handling: Handling) -> None:
    db.session.flush()
    content = AuditContent(
        entry_id=entry.id,
        originator_id=entry.originator_id,
        handling=handling.value,
        salt=secrets.token_hex(16),
        values={name: [before, after] for name, (before, after) in changes.items()},
    )
    entry.content_commitment = chain.content_commitment(content)
    db.session.add(content)


def note_read(
    *,
    actor: Viewer,
    subject: tuple[str, UUID | str],
    originator_id: UUID | None,
    handling: Handling,
    asked: bool = False,
) -> bool:
    """Write down that somebody opened a sensitive record of another party; whether an entry was added.

    Part of a unit of work. Opening it again within the hour is the same reading, unless it
    is handled otherwise by then or an emergency began. Nothing is written for one's own
    party, nor for what all States may read. `asked`: the caller knows by `lately_read` that it was not.
    """
    if not is_sensitive(actor, originator_id, handling):
        return False
    if not asked and lately_read(actor, [(subject, handling)]):
        return False
    record(
        Event.RECORD_OPENED,
        actor=actor,
        subject=subject,
        originator_id=originator_id,
        handling=handling,
        handling_then=handling.value,
    )
    return True


def lately_read(actor: Viewer, readings: Iterable[tuple[tuple[str, UUID | str], Handling]]) -> set[tuple[str, str]]:
    """Those of these records whose reading by this person, as they are handled now, was written down within the hour.

    What was read before an emergency of theirs began was read by another right, and is written down anew. Looks as the
    system: whoever reads a record may not read the audit.
    """
    wanted = {(kind, str(key)): handling.value for (kind, key), handling in readings}
    begun = select(func.max(AuditEntry.at)).where(
        AuditEntry.actor_id == actor.user_id, AuditEntry.event == Event.EMERGENCY_BEGUN.value
    )
    known = select(AuditEntry.subject_kind, AuditEntry.subject_id, AuditEntry.details).where(
        AuditEntry.subject_id.in_({key for _, key in wanted}),
        AuditEntry.at > clock.now() - ONE_READING,
        AuditEntry.event == Event.RECORD_OPENED.value,
        AuditEntry.actor_id == actor.user_id,
    )
    with looking_as(SYSTEM):
        if actor.opened and (since := db.session.scalar(begun)):
            known = known.where(AuditEntry.at >= since)
        found = db.session.execute(known).all()
    return {(kind, key) for kind, key, facts in found if wanted.get((kind, key)) == facts["handling_then"]}


def is_sensitive(actor: Viewer, originator_id: UUID | None, handling: Handling) -> bool:
    """Whether opening such a record is written down for this person."""
    return handling in SENSITIVE and originator_id != actor.party_id


def note_export(
    *,
    actor: Viewer,
    subject: tuple[str, UUID | str],
    file_format: str,
    sha256: str,
    originator_id: UUID | None = None,
    handling: Handling = Handling.ORIGINATOR,
    states: str = "",
) -> None:
    """Write down that somebody took something out as a file with these bytes; each time by itself.

    `states`: those that it is about, where no record names them.
    """
    about: dict[str, Any] = {STATE: states} if states else {}
    record(
        Event.RECORD_EXPORTED,
        actor=actor,
        subject=subject,
        originator_id=originator_id,
        handling=handling,
        format=file_format,
        sha256=sha256,
        **about,
    )


@dataclass(frozen=True)
class File:
    """A file made of many records: of what kind it is, its format, and the digest of its bytes."""

    kind: str
    format: str
    sha256: str


def note_list(*, actor: Viewer, file: File, filters: str, rows_of: Mapping[UUID, int], states: str = "") -> None:
    """Write down that somebody took a list out as a file, for each party of which it holds rows."""
    for party, rows in _told(actor, rows_of).items():
        _note_file(Event.LIST_EXPORTED, actor, file, party, filters=filters, rows=rows, state=states or None)


def note_sheets(
    *, actor: Viewer, file: File, records_of: Mapping[UUID, int], states_of: Mapping[UUID, str], states: str
) -> None:
    """Write down that somebody took the sheets of some States out, for each party of whose records something stands
    there; to other parties with the States alone that these are about.
    """
    for party, records in _told(actor, records_of).items():
        about = states if party == actor.party_id or party is None else states_of[party]
        _note_file(Event.BRIEF_EXPORTED, actor, file, party, records=records, state=about)


def _told(actor: Viewer, number_of: Mapping[UUID, int]) -> dict[UUID | None, int]:
    """Who is told of how many: their own party of all, each other party of its own, so that it reads that its records
    were taken.
    """
    told: dict[UUID | None, int] = dict(number_of.items())
    told[actor.party_id] = sum(number_of.values())
    return told


def _note_file(event: Event, actor: Viewer, file: File, party: UUID | None, **facts: Any) -> None:
    record(
        event,
        actor=actor,
        subject=(file.kind, file.kind),
        originator_id=party,
        handling=Handling.ORIGINATOR,
        format=file.format,
        sha256=file.sha256,
        **facts,
    )


def note_unseen(*, actor: Viewer, states: Iterable[str]) -> None:
    """Write down that somebody wrote about restricted States for which they are not named, one entry for each.

    What they wrote may be for nobody who is named; that they wrote is for all of these who coordinate. Looks as the
    system: the writer reads no such entry.
    """
    with looking_as(SYSTEM):
        for iso3 in sorted(actor.closed.intersection(states)):
            record(
                Event.WRITTEN_UNSEEN,
                actor=actor,
                subject=("restricted_state", iso3),
                handling=Handling.COORDINATION,
                state=iso3,
            )


def erase_values(*, actor: Viewer, subject: tuple[str, str], reference: str) -> int:
    """Take the values of all entries about a record out of the audit; how many entries had any.

    The entries themselves stay and the chain still holds; that and on which ground (`reference`: the number of a
    request, a decision) it was done is an entry of its own. Raises NotAllowed for all but the operator. Works as
    the system: values are erased whoever may read them.
    """
    actor.require("audit:erase")
    kind, key = subject
    wanted = (
        select(AuditContent)
        .join(AuditEntry, AuditEntry.id == AuditContent.entry_id)
        .where(AuditEntry.subject_kind == kind, AuditEntry.subject_id == key, AuditContent.erased_at.is_(None))
    )
    about = select(AuditEntry.originator_id, AuditEntry.handling, AuditEntry.details).where(
        AuditEntry.subject_kind == kind, AuditEntry.subject_id == key
    )
    with looking_as(SYSTEM):
        found = db.session.scalars(held(wanted, of=AuditContent)).all()
        whose = db.session.execute(about.order_by(AuditEntry.at.desc()).limit(1)).first()
    if not found or whose is None:
        return 0
    for content in found:
        content.values, content.salt, content.erased_at = None, "", clock.now()
    # The record may be gone: what its entries said of the State holds for this one, too.
    named = {name: whose.details[name] for name in (STATE, AMONG) if whose.details.get(name)}
    record(
        Event.VALUES_ERASED,
        actor=actor,
        subject=subject,
        originator_id=whose.originator_id,
        handling=Handling(whose.handling),
        entries=len(found),
        reference=reference,
        **named,
    )
    return len(found)
