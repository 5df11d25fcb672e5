"""Changing the acts on file, under the treaty's lock."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from crm.core.db import db, locked
from crm.core.errors import NotFound, Stale
from crm.states import queries
from crm.states.models import TreatyAct, TreatyReference
from crm.states.rules import Act, ChangeKind, from_record

Record = dict[str, Any] | None


def apply(treaty: str, changes: Iterable[tuple[ChangeKind, Record, Record]]) -> None:
    """Make changes to the acts: removals first, then corrections, then additions, so no key is met twice."""
    todo = list(changes)
    rows = {row.id: row for row in db.session.scalars(select(TreatyAct).where(TreatyAct.treaty == treaty))}
    for wanted in (ChangeKind.REMOVED, ChangeKind.CHANGED, ChangeKind.ADDED):
        for kind, before, after in todo:
            if kind is not wanted:
                continue
            act = from_record(after or before)
            assert act is not None
            if kind is ChangeKind.ADDED:
                db.session.add(row_of(treaty, act))
                continue
            row = rows.get(act.id) if act.id else None
            if row is None:
                raise Stale("an act on file has gone")
            if kind is ChangeKind.REMOVED:
                db.session.delete(row)
            else:
                row.deposited_on, row.effective_on = act.deposited_on, act.effective_on
                row.note, row.confidence, row.source = act.note, act.confidence, act.source
        db.session.flush()


def row_of(treaty: str, act: Act) -> TreatyAct:
    """A new row for an act; one that was on file before keeps its key."""
    return TreatyAct(
        id=act.id or uuid.uuid4(),
        treaty=treaty,
        state_iso3=act.state_iso3,
        kind=act.kind.value,
        deposited_on=act.deposited_on,
        effective_on=act.effective_on,
        note=act.note,
        confidence=act.confidence,
        source=act.source,
    )


def acts_on_file(treaty: str) -> list[Act]:
    """Every act of a treaty as the database has it now."""
    rows = db.session.scalars(select(TreatyAct).where(TreatyAct.treaty == treaty))
    return [row.as_value() for row in rows]


def locked_reference(treaty: str) -> TreatyReference:
    """The treaty's row, locked: imports of one treaty wait for each other."""
    held = locked(TreatyReference, treaty)
    if held is None:
        raise NotFound(f"no reference data of the treaty {treaty}")
    return held


def mark_changed(held: TreatyReference) -> None:
    """States, names or acts are no longer what they were: every kept register is out of date."""
    held.token = uuid.uuid4()
    db.session.flush()
    queries.forget_register()
