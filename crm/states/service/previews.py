"""What a list of acts would change, kept until somebody decides."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from crm.core.access import Viewer
from crm.core.db import db
from crm.states.acts_csv import ActList, RowProblem
from crm.states.models import ActImport, ActImportChange, TreatyReference
from crm.states.register import Register
from crm.states.rules import Change, ChangeKind, Differences, contradictions, to_record


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


def impossible(held: Register, found: Differences, given: ActList) -> list[RowProblem]:
    """Changes that cannot be true beside a State's other acts; what was wrong before does not count."""
    broken = {one.line for one in given.problems}
    by_state: dict[str, list[Change]] = defaultdict(list)
    for change in found.changes:
        by_state[change.act.state_iso3].append(change)
    problems = []
    for iso3, changes in by_state.items():
        before = held.acts.get(iso3, ())
        gone = {one.before for one in changes}
        after = [*(act for act in before if act not in gone), *(one.after for one in changes if one.after)]
        counted = held.states[iso3].counted_since
        known = {(one.act, one.message) for one in contradictions(before, held.treaty, counted)}
        lines = {one.after: one.line for one in changes if one.after}
        for one in contradictions(after, held.treaty, counted):
            if (one.act, one.message) in known:
                continue
            line = lines.get(one.act) or next((change.line for change in changes if change.line), 0) or 0
            if line not in broken:
                text = f"{iso3} {one.act.kind} {one.act.deposited_on.isoformat()}"
                problems.append(RowProblem(line, one.column, one.message, text))
    return problems
