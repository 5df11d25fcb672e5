"""What a list of acts would change, kept until somebody decides."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace

from crm.core.access import Viewer
from crm.core.db import db
from crm.states.acts_csv import RowProblem
from crm.states.models import ActImport, ActImportChange, TreatyReference
from crm.states.rules import Change, ChangeKind, Differences, to_record


def keep_preview(
    *,
    actor: Viewer,
    held: TreatyReference,
    found: Differences,
    layout: str,
    source_name: str,
    sha256: str,
    complete: bool = False,
    problems: Iterable[RowProblem] = (),
) -> ActImport:
    kinds = [one.kind for one in found.changes]
    made = ActImport(
        treaty=held.treaty,
        source_name=source_name,
        sha256=sha256,
        layout=layout,
        complete=complete,
        base_token=held.token,
        previewed_by_id=actor.user_id,
        previewed_by=actor.name,
        added=kinds.count(ChangeKind.ADDED),
        changed=kinds.count(ChangeKind.CHANGED),
        removed=kinds.count(ChangeKind.REMOVED),
        unchanged=found.unchanged,
        missing=len(found.missing),
        problems=[one.as_record() for one in sorted(problems, key=lambda one: one.line)],
        changes=[_change_row(place, one) for place, one in enumerate(found.changes)],
    )
    db.session.add(made)
    db.session.flush()
    return made


def _change_row(position: int, change: Change) -> ActImportChange:
    """A change as a row; an act to be added gets its key now, so that undo and redo speak of the same act."""
    after = change.after
    if after is not None and after.id is None:
        after = replace(after, id=uuid.uuid4())
    act = after or change.act
    return ActImportChange(
        position=position,
        kind=change.kind.value,
        state_iso3=act.state_iso3,
        act_id=act.id,
        line=change.line,
        before=to_record(change.before),
        after=to_record(after),
    )
