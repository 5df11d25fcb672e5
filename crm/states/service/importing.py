"""Bring in a list of acts: look at it, commit it, undo it."""

from __future__ import annotations

import hashlib
from datetime import date
from uuid import UUID

from sqlalchemy import select

from crm.audit import service as audit
from crm.audit.service import Event
from crm.core import clock, events
from crm.core.access import Handling, Viewer
from crm.core.db import db
from crm.core.errors import RuleViolation, Stale
from crm.states import queries
from crm.states.acts_csv import ListUnreadable, read_acts
from crm.states.events import InstrumentDeposited
from crm.states.models import IMPORT_PERMISSION, ActImport, ActImportChange
from crm.states.rules import CONSENTS, Act, ChangeKind, contradictions, differences, from_record
from crm.states.service.acts import acts_on_file, apply, locked_reference, mark_changed
from crm.states.service.broken import impossible, takeable
from crm.states.service.previews import keep_preview


def preview_import(
    *, actor: Viewer, csv: bytes, source_name: str, complete: bool = False, today: date | None = None
) -> ActImport:
    """Read a list of acts and keep what it would change. Nothing about any State changes.

    `complete`: the list is the whole register, acts that it lacks are to be removed. Raises RuleViolation
    on the field `csv` when the file is no such list; rows that cannot be taken are kept as problems and change
    nothing.
    """
    actor.require(IMPORT_PERMISSION)
    treaty = queries.treaty_code()
    locked = locked_reference(treaty)
    held = queries.register(treaty)
    try:
        given = read_acts(csv, find_state=held.find, today=today or clock.today())
    except ListUnreadable as error:
        raise RuleViolation("csv", str(error)) from None
    if complete and given.layout == "depositary":
        raise RuleViolation(
            "complete", "The depositary's table shows no withdrawals, so it is never the whole register."
        )
    found = differences(
        [act for acts in held.acts.values() for act in acts],
        given.rows,
        treaty=held.treaty,
        source=source_name,
        complete=complete,
    )
    untrue = impossible(held, found, given)
    return keep_preview(
        actor=actor,
        held=locked,
        found=takeable(found, unread=given.problems, untrue=untrue),
        layout=given.layout,
        source_name=source_name,
        sha256=hashlib.sha256(csv).hexdigest(),
        complete=complete,
        problems=[*given.problems, *untrue],
    )


def commit_import(*, actor: Viewer, import_id: UUID) -> ActImport:
    """Make a previewed list true. Raises RuleViolation when it has problems or nothing to change, and Stale
    when acts or States have changed since the preview.
    """
    actor.require(IMPORT_PERMISSION)
    made = _locked(actor, import_id)
    if made.phase != "preview":
        raise RuleViolation("", f"This import was {made.phase} already.")
    if made.problems:
        raise RuleViolation("", "Rows of this list cannot be taken. Correct the file and bring it in again.")
    if not made.changes:
        raise RuleViolation("", "This list changes nothing.")
    held = locked_reference(made.treaty)
    if made.base_token != held.token:
        raise Stale("acts or States have changed since this preview; bring the list in again")
    apply(made.treaty, [(ChangeKind(one.kind), one.before, one.after) for one in made.changes])
    made.phase, made.committed_at, made.committed_by = "committed", clock.now(), actor.name
    mark_changed(held)
    _write_down(Event.ACTS_IMPORTED, actor, made)
    for one in made.changes:
        act = from_record(one.after)
        if one.kind == ChangeKind.ADDED and act is not None and act.kind in CONSENTS:
            events.emit(InstrumentDeposited(one.state_iso3, one.act_id))
    return made


def undo_import(*, actor: Viewer, import_id: UUID) -> ActImport:
    """Put back exactly what a committed list changed. Raises RuleViolation when an act has changed again
    since, or when what remained would contradict itself.
    """
    actor.require(IMPORT_PERMISSION)
    made = _locked(actor, import_id)
    if made.phase != "committed":
        raise RuleViolation("", "Only a committed import can be undone.")
    current = {act.id: act for act in acts_on_file(made.treaty)}
    for one in made.changes:
        if current.get(one.act_id) != from_record(one.after):
            raise RuleViolation("", f"{_later_import(made, one)} Undo that first.")
    _refuse_contradiction(made, current)
    back = {ChangeKind.ADDED: ChangeKind.REMOVED, ChangeKind.REMOVED: ChangeKind.ADDED}
    kinds = [back.get(ChangeKind(one.kind), ChangeKind.CHANGED) for one in made.changes]
    changes = zip(kinds, made.changes, strict=True)
    apply(made.treaty, [(kind, one.after, one.before) for kind, one in changes])
    made.phase, made.undone_at, made.undone_by = "undone", clock.now(), actor.name
    mark_changed(locked_reference(made.treaty))
    _write_down(Event.ACTS_IMPORT_UNDONE, actor, made)
    return made


def _later_import(made: ActImport, change: ActImportChange) -> str:
    """Which later import touched an act, as a sentence."""
    later = db.session.scalars(
        select(ActImport)
        .join(ActImportChange, ActImportChange.import_id == ActImport.id)
        .where(ActImportChange.act_id == change.act_id, ActImport.phase == "committed", ActImport.id != made.id)
        .order_by(ActImport.committed_at.desc())
    ).first()
    act = from_record(change.after or change.before)
    what = f"the {act.kind} of {act.state_iso3}" if act else "an act"
    if later is None:
        return f"Since this import, {what} was changed again."
    return f"A later import (“{later.source_name}”) changed {what} again."


def _refuse_contradiction(made: ActImport, current: dict[UUID | None, Act]) -> None:
    held = queries.register(made.treaty)
    remaining = {key: act for key, act in current.items() if key not in {one.act_id for one in made.changes}}
    restored = [act for act in (from_record(one.before) for one in made.changes) if act]
    for iso3 in sorted({one.state_iso3 for one in made.changes}):
        counted = held.states[iso3].counted_since
        before = [act for act in current.values() if act.state_iso3 == iso3]
        after = [act for act in (*remaining.values(), *restored) if act.state_iso3 == iso3]
        known = {(one.act, one.message) for one in contradictions(before, held.treaty, counted)}
        for one in contradictions(after, held.treaty, counted):
            if (one.act, one.message) not in known:
                what = f"the {one.act.kind} of {iso3} of {one.act.deposited_on.isoformat()} would no longer fit"
                raise RuleViolation("", f"Without this import {what}: {one.message}")


def _locked(actor: Viewer, import_id: UUID) -> ActImport:
    """An import, read again under the treaty's lock: a second press of the button sees what the first did."""
    made = queries.act_import(actor, import_id)
    locked_reference(made.treaty)
    db.session.refresh(made)
    return made


def _write_down(event: Event, actor: Viewer, made: ActImport) -> None:
    audit.record(
        event,
        actor=actor,
        subject=("act_import", made.id),
        handling=Handling.COORDINATION,
        source_name=made.source_name,
        sha256=made.sha256,
        added=made.added,
        changed=made.changed,
        removed=made.removed,
    )
