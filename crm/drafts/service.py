"""Keep what is typed, throw it away, take it back; forget what nobody went on with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select

from crm.activities.models import Activity
from crm.core import ceiling, clock
from crm.core.access import SYSTEM, Handling, Viewer, claim_for_real, looking_as
from crm.core.db import added, db, in_turn, locked
from crm.core.errors import NotFound, RuleViolation, Stale
from crm.core.unfinished import Seen
from crm.core.visibility import narrowest
from crm.drafts import fields, rules
from crm.drafts.left import is_left
from crm.drafts.models import ABOUT, Draft
from crm.drafts.rules import End, Kind

SAVED_ALREADY = "This was saved meanwhile in another window."
OUTRUN = "Another window has kept something else since. Read that first, or keep this under another key."
NO_RECORD = "This form is about no record."
OF_A_REFERENCE = "Of this only a reference is kept, so nothing can be added to it."
TOO_LONG = "This is longer than a draft can be. Save it, or shorten it."
TOO_MANY = "You have {most} drafts, which is as many as there can be. Save or throw away one of them first."


def keep(
    *,
    actor: Viewer,
    draft_id: UUID,
    kind: Kind,
    typed: Mapping[str, list[str]],
    record_id: UUID | None = None,
    seen: Seen | None = None,
) -> Draft:
    """Keep what stands in a form, in place of what stood there before; what the form does not ask is not kept. What
    another window has kept meanwhile, which this one has not `seen`, stays as it is: then this is kept as a draft of
    its own under the key of the window.

    Raises RuleViolation for what is too long, one too many or above the ceiling, Stale for what was saved already or
    came too late from a window without a key, NotFound for what is somebody else's or about a record that is not to
    be seen.
    """
    if actor.user_id is None:
        raise NotFound("drafts are for people with an account")
    draft = locked(Draft, draft_id)
    if draft is not None and draft.kind == kind and is_left(draft):
        record_id = None
    else:
        _check_record(kind, record_id)
    check_ceiling(kind, record_id, typed)
    text = rules.written(fields.of_form(kind, typed))
    if len(text) > rules.LONGEST:
        raise RuleViolation("typed", TOO_LONG)
    if draft is None:
        window = seen.window if seen else None
        return _begin(actor, Draft(id=draft_id, kind=kind.value, record_id=record_id, typed=text, window=window))
    if (draft.kind, draft.record_id) != (kind.value, record_id):
        raise NotFound("a draft of another form")
    if draft.ended == End.SAVED:
        raise Stale(SAVED_ALREADY)
    if draft.typed != text and rules.is_outrun(draft.revision, draft.window, seen):
        return _beside(actor, draft, Draft(kind=kind.value, record_id=record_id, typed=text), seen)
    _go_on(actor, draft, text, seen)
    return draft


def _go_on(actor: Viewer, draft: Draft, text: str, seen: Seen | None) -> None:
    claim_for_real(draft, actor)
    draft.ended = draft.ended_at = None
    if draft.typed != text:
        draft.typed, draft.revision = text, draft.revision + 1
    draft.window = seen.window if seen else None
    draft.kept_at = clock.now()
    db.session.flush()


def _beside(actor: Viewer, quicker: Draft, own: Draft, seen: Seen | None) -> Draft:
    """Keep the words of a window that was outrun beside those of the quicker one; sent again, they are kept once."""
    if seen is None or seen.window is None or seen.window == quicker.id:
        raise Stale(OUTRUN)
    before = locked(Draft, seen.window)
    if before is None:
        own.id = own.window = seen.window
        own.states, own.behind = quicker.states, quicker.behind
        return _begin(actor, own)
    same_form = (before.kind, before.record_id) == (own.kind, own.record_id)
    if not same_form or before.ended == End.SAVED or before.window != seen.window:
        raise Stale(OUTRUN)
    _go_on(actor, before, own.typed, seen)
    return before


def _check_record(kind: Kind, record_id: UUID | None) -> None:
    if kind not in ABOUT:
        if record_id is not None:
            raise RuleViolation("record_id", NO_RECORD)
        return
    asked = [select(model.id).where(model.id == record_id) for model in ABOUT[kind]]
    if record_id is None or not any(db.session.scalar(one) for one in asked):
        raise NotFound("no such record")


def check_ceiling(kind: Kind, record_id: UUID | None, typed: Mapping[str, list[str]]) -> None:
    """Raise RuleViolation where what is typed, or the entry that it is to stand in, may not be kept here.

    Of a reference nothing is kept but that something happened, so it may be marked in any way: its form asks for
    nothing more, and none adds to it. Why an entry goes on is kept with every entry.
    """
    if kind in (Kind.REFERENCE, Kind.STEP):
        return
    handling, marks = rules.said_of_itself(typed)
    said = [handling] if handling else []
    about = db.session.get(Activity, record_id) if record_id and ABOUT.get(kind) == (Activity,) else None
    if about:
        if about.is_reference:
            raise RuleViolation("", OF_A_REFERENCE)
        said.append(Handling(about.handling))
    ceiling.check(narrowest(said), marks)


def drop(*, actor: Viewer, draft_id: UUID, seen: Seen | None = None) -> None:
    """Take a draft away with its words, at once: what it has become may not be kept here. What another window has
    kept is another text; of a window that was outrun its own draft goes.
    """
    draft = locked(Draft, draft_id)
    if draft is not None and seen and seen.window and rules.is_outrun(draft.revision, draft.window, seen):
        draft = locked(Draft, seen.window)
    if draft is not None and draft.user_id == actor.user_id and draft.ended != End.SAVED:
        db.session.delete(draft)
        db.session.flush()


def _begin(actor: Viewer, draft: Draft) -> Draft:
    """The first of it; one account after the other, so that nobody has too many."""
    in_turn(f"drafts of {actor.user_id}")
    mine = select(func.count()).select_from(Draft).where(Draft.user_id == actor.user_id, Draft.ended.is_(None))
    if (db.session.scalar(mine) or 0) >= rules.MOST:
        raise RuleViolation("", TOO_MANY.format(most=rules.MOST))
    assert actor.user_id is not None
    draft.user_id, draft.sample = actor.user_id, actor.sample
    if not added(draft):
        raise NotFound("a draft of somebody else")
    return draft


def throw_away(*, actor: Viewer, draft_id: UUID) -> Draft:
    """Put a draft away; for a day it can be taken back."""
    draft = _own(actor, draft_id)
    if draft.ended is None:
        draft.ended, draft.ended_at = End.THROWN.value, clock.now()
    db.session.flush()
    return draft


def take_back(*, actor: Viewer, draft_id: UUID) -> Draft:
    """Have a draft back that was thrown away."""
    draft = _own(actor, draft_id)
    draft.ended = draft.ended_at = None
    db.session.flush()
    return draft


def _own(actor: Viewer, draft_id: UUID) -> Draft:
    draft = locked(Draft, draft_id)
    if draft is None or draft.user_id != actor.user_id or draft.ended == End.SAVED:
        raise NotFound("no such draft")
    claim_for_real(draft, actor)
    return draft


def saved(*, actor: Viewer, draft_id: UUID, seen: Seen | None = None) -> None:
    """What was in a draft is a record now: nothing of its words stays here, unless they are those of another window,
    which are not in the record. Looks as the system: what was just saved may have taken the record out of its
    writer's sight.
    """
    with looking_as(SYSTEM):
        draft = locked(Draft, draft_id)
        if draft is None or draft.user_id != actor.user_id:
            return
        if not rules.is_outrun(draft.revision, draft.window, seen):
            draft.typed, draft.ended, draft.ended_at = "{}", End.SAVED.value, clock.now()
            db.session.flush()


def tidy(days: int) -> None:
    """Forget what nobody went on with for so many days, and what has ended, as a nightly unit of work."""
    now = clock.now()
    over = or_(
        Draft.kept_at < now - timedelta(days=days),
        and_(Draft.ended.is_not(None), Draft.ended_at < now - rules.TAKEN_BACK_WITHIN),
    )
    db.session.execute(delete(Draft).where(over).execution_options(synchronize_session=False))
