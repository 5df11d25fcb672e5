"""Who may see a record: its originator decides, others ask, and both are on record."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.audit.service import Event, record
from crm.core import ceiling, clock
from crm.core.access import HANDLING_LABELS, SYSTEM, Handling, Viewer, claim_for_real, looking_as
from crm.core.db import db, locked
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.core.visibility import HIDES_STATE, Attribution, derived_handling
from crm.core.widening import widening
from crm.sharing import notices, queries
from crm.sharing.kinds import Kind, kind_of
from crm.sharing.models import HandlingRequest

WITHDRAWN = "Whoever asked has withdrawn this. There is nothing to answer any more."
OVERTAKEN = "Somebody has changed this since you looked. See above what it is now, and choose again."
HIDES_NOTHING = "Of where this comes from nothing is kept back from those who see it."


def change_handling(*, actor: Viewer, kind: str, record_id: UUID, handling: Handling) -> Handling:
    """Let a record of one's own party travel further or less far; to what it is already changes nothing. Answers how
    far it travelled before.

    What was derived from it narrows along. Raises NotFound for what the actor cannot see, NotAllowed for another
    party's record, RuleViolation for a handling wider than that of the record's own sources, and for one above the
    ceiling unless only a reference is kept. Written as the system: what was derived from it may lie where the actor
    does not see it.
    """
    known = kind_of(kind)
    found, source = _own(actor, known, record_id)
    before = Handling(found.handling)
    if handling is before:
        return before
    if handling.rank < source.rank:
        label = HANDLING_LABELS[source].lower()
        raise RuleViolation("handling", f"It travels no further than a record behind it: {label}.")
    if handling.rank > before.rank and not known.is_reference(found):
        ceiling.check(handling)
    with looking_as(SYSTEM), widening():
        found.handling = handling.value
        claim_for_real(found, actor)
        db.session.flush()
    with looking_as(SYSTEM):
        if handling.rank > before.rank and known.narrowed:
            known.narrowed(record_id)
    record(
        Event.HANDLING_CHANGED,
        actor=actor,
        subject=(kind, record_id),
        originator_id=found.originator_id,
        handling=max(before, handling, key=lambda one: one.rank),
        before=before.value,
        after=handling.value,
    )
    return before


def change_attribution(*, actor: Viewer, kind: str, record_id: UUID, attribution: Attribution) -> Attribution:
    """Let other parties learn more or less of where a record of one's own party comes from; to what it is already
    changes nothing. Answers what they learnt before.

    What was derived from it narrows along where they learn less, and stays so where they learn more again. Raises as
    `change_handling` does, and RuleViolation for a record of which nothing is kept back. Written as the system, too.
    """
    known = kind_of(kind)
    found, _source = _own(actor, known, record_id)
    if not known.attribution(found):
        raise RuleViolation("attribution", HIDES_NOTHING)
    before = Attribution(found.attribution)
    if attribution is before:
        return before
    with looking_as(SYSTEM), widening():
        found.attribution = attribution.value
        claim_for_real(found, actor)
        db.session.flush()
    with looking_as(SYSTEM):
        if attribution.rank > before.rank and known.narrowed:
            known.narrowed(record_id)
    record(
        Event.ATTRIBUTION_CHANGED,
        actor=actor,
        subject=(kind, record_id),
        originator_id=found.originator_id,
        handling=derived_handling(Handling(found.handling), max(before, attribution, key=lambda one: one.rank)),
        before=before.value,
        after=attribution.value,
    )
    return before


def change(
    *,
    actor: Viewer,
    kind: str,
    record_id: UUID,
    handling: Handling,
    attribution: Attribution | None = None,
    seen: str = "",
) -> None:
    """Change who may see a record and, unless that is None, what they learn of where it comes from, as one change.

    What hides the State comes first, what shows it last: no entry names it to whom it is hidden before or after.
    `seen`: how the record stood when the actor looked (`Kind.standing`), "" where that does not matter. Raises as the
    two do, and RuleViolation where it stands otherwise by now.
    """
    known = kind_of(kind)
    if seen and known.standing(_own(actor, known, record_id)[0]) != seen:
        raise RuleViolation("", OVERTAKEN)
    told = partial(change_attribution, actor=actor, kind=kind, record_id=record_id)
    if attribution in HIDES_STATE:
        told(attribution=attribution)
    change_handling(actor=actor, kind=kind, record_id=record_id, handling=handling)
    if attribution is not None:
        told(attribution=attribution)


def ask_wider(*, actor: Viewer, kind: str, record_id: UUID, wanted: Handling, reason: str) -> HandlingRequest:
    """Ask the originator to let a record travel further. One question at a time for each party and record.

    Raises NotFound for what the actor cannot see, RuleViolation for one's own record, for what is no wider, and
    while a question of one's own party is still open.
    """
    found = _seen(actor, kind_of(kind), record_id)
    actor.require("own:read")
    if actor.party_id is None or found.originator_id == actor.party_id:
        raise RuleViolation("", "This record is your own party’s. Change who may see it.")
    if wanted.rank >= Handling(found.handling).rank:
        raise RuleViolation("wanted", "It travels that far already.")
    if _open_question(kind, record_id, actor.party_id):
        raise RuleViolation("", "Your party has asked already; the answer is not there yet.")
    asked = HandlingRequest(
        subject_kind=kind,
        subject_id=record_id,
        originator_id=found.originator_id,
        wanted=wanted.value,
        reason=reason,
        asked_by=actor.name,
        asked_by_id=actor.user_id,
        asking_party_id=actor.party_id,
        sample=actor.sample and found.sample,
    )
    db.session.add(asked)
    db.session.flush()
    _record(Event.WIDER_HANDLING_ASKED, actor, asked, found, wanted=wanted.value)
    notices.tell_asked(actor, asked)
    return asked


def answer(*, actor: Viewer, request_id: UUID, granted: bool, answer: str = "", seen: str = "") -> HandlingRequest:
    """Say yes, and the record travels that far from now on, or no. An answer is given once.

    `seen`: as for `change`; no harm comes of a no. Raises NotFound for a request to another party, RuleViolation when
    it was answered already, or withdrawn, and for a yes to a record that stands otherwise by now.
    """
    asked = locked(HandlingRequest, request_id)
    if asked is None or asked.originator_id != actor.party_id:
        raise NotFound("no such request")
    if asked.granted is not None:
        raise RuleViolation("", "This was answered already.")
    if asked.withdrawn_at is not None:
        raise RuleViolation("", WITHDRAWN)
    found, _source = _own(actor, kind_of(asked.subject_kind), asked.subject_id)
    if granted and seen and kind_of(asked.subject_kind).standing(found) != seen:
        raise RuleViolation("", OVERTAKEN)
    asked.granted, asked.answer = granted, answer
    asked.answered_at, asked.answered_by = clock.now(), actor.name
    claim_for_real(asked, actor)
    if granted and Handling(asked.wanted).rank < Handling(found.handling).rank:
        change_handling(
            actor=actor, kind=asked.subject_kind, record_id=asked.subject_id, handling=Handling(asked.wanted)
        )
    _record(Event.WIDER_HANDLING_ANSWERED, actor, asked, found, wanted=asked.wanted, granted=granted)
    db.session.flush()
    notices.tell_answered(asked)
    return asked


def withdraw(*, actor: Viewer, request_id: UUID) -> HandlingRequest:
    """Take back what one has asked for and nobody has answered; twice changes nothing. The party may ask anew.

    Raises NotFound for a request of another party, NotAllowed for that of a colleague who can still take it back,
    RuleViolation when it was answered already.
    """
    asked = locked(HandlingRequest, request_id)
    if asked is None or asked.asking_party_id != actor.party_id:
        raise NotFound("no such request")
    if not queries.may_withdraw(actor, [asked]):
        raise NotAllowed("a request of a colleague")
    if asked.granted is not None:
        raise RuleViolation("", "This was answered already.")
    if asked.withdrawn_at is None:
        found = find(asked.subject_kind, asked.subject_id)
        asked.withdrawn_at = clock.now()
        claim_for_real(asked, actor)
        _record(Event.WIDER_HANDLING_WITHDRAWN, actor, asked, found, wanted=asked.wanted)
        db.session.flush()
    return asked


def find(kind: str, record_id: UUID) -> Any:
    """A record as far as the viewer sees it; raises NotFound."""
    known = kind_of(kind)
    found = db.session.scalar(select(known.model).where(known.model.id == record_id))
    if found is None:
        raise NotFound("no such record")
    return found


def _open_question(kind: str, record_id: UUID, party_id: UUID) -> bool:
    wanted = select(HandlingRequest.id).where(
        HandlingRequest.subject_kind == kind,
        HandlingRequest.subject_id == record_id,
        HandlingRequest.asking_party_id == party_id,
        HandlingRequest.waits(),
    )
    return db.session.scalar(wanted) is not None


def _seen(actor: Viewer, kind: Kind, record_id: UUID) -> Any:
    found = locked(kind.model, record_id)
    if found is None:
        raise NotFound("no such record")
    return found


def _own(actor: Viewer, kind: Kind, record_id: UUID) -> tuple[Any, Handling]:
    """A record of one's own party, held, and how far its sources let it travel.

    They are held before it: so does whoever narrows one and, along with it, what came out of it.
    """
    known = db.session.scalar(select(kind.model).where(kind.model.id == record_id))
    if known is None:
        raise NotFound("no such record")
    if known.originator_id != actor.party_id or not actor.may("own:read"):
        raise NotAllowed("a record of another party")
    source = kind.source(known)
    return _seen(actor, kind, record_id), source


def _record(event: Event, actor: Viewer, asked: HandlingRequest, found: Any, **facts: Any) -> None:
    record(
        event,
        actor=actor,
        subject=(asked.subject_kind, asked.subject_id),
        originator_id=asked.originator_id,
        handling=Handling(found.handling),
        **facts,
    )
